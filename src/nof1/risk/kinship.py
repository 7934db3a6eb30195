"""How relatives are related: degree and side of the family, and the relationship in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from nof1.model.pedigree import Pedigree, Person

MATERNAL, PATERNAL = "maternal", "paternal"
_BOTH = frozenset((MATERNAL, PATERNAL))
_SIDES = {"m": frozenset((MATERNAL,)), "f": frozenset((PATERNAL,)), "s": _BOTH, "c": _BOTH}
_LENGTH = {"s": 1, "h": 2}


@dataclass(frozen=True, slots=True)
class Kin:
    """How somebody is related to the proband by blood.

    ``degrees``: every degree that is possible, the nearest first (1: parents, children, brothers and sisters; 2:
    grandparents, half-siblings, aunts, nephews, grandchildren; 3: cousins); empty: not by blood. ``sides``: through which
    parents; ``None`` where that is not known.
    """

    degrees: tuple[int, ...] = ()
    sides: frozenset[str] | None = frozenset()

    @property
    def is_by_blood(self) -> bool:
        """Whether they share ancestors, as far as is known."""
        return bool(self.degrees)


def kin(pedigree: Pedigree) -> dict[str, Kin]:
    """How everybody in the pedigree is related to the proband; the proband is not in it.

    The degree is that of the coefficient of relationship r = 2 x kinship: -log2 r, rounded. Who shares one known parent and
    of both of whom the other is unknown may share it too: then both degrees are possible.
    """
    known, filled = _Kinship(pedigree.persons), _Kinship(_with_unknown_parents(pedigree.persons))
    me = filled.persons[pedigree.proband]
    found = {}
    for one in pedigree.persons.values():
        if one.id == pedigree.proband:
            continue
        if one.stated:
            found[one.id] = stated(one.stated)
            continue
        degrees = {_degree(count.of(one.id, me.id)) for count in (known, filled)} - {0}
        reached = (
            side
            for side, parent in ((MATERNAL, me.mother), (PATERNAL, me.father))
            if parent and filled.of(one.id, parent) > 0
        )
        descends = me.id in set(pedigree.ancestors(one.id))
        found[one.id] = Kin(tuple(sorted(degrees)), _BOTH if descends else frozenset(reached) if degrees else frozenset())
    return found


def stated(steps: str) -> Kin:
    """The kin of somebody of whom only the relationship is known (``model.relations``).

    >>> stated("pm")
    Kin(degrees=(2,), sides=None)
    """
    if not steps or "x" in steps:
        return Kin()
    return Kin((sum(_LENGTH.get(step, 1) for step in steps),), _SIDES.get(steps[0]))


def are_first_degree(pedigree: Pedigree, one: str, other: str) -> bool:
    """Whether two people are certainly parent and child, or full brothers or sisters."""
    a, b = pedigree.persons[one], pedigree.persons[other]
    if one in b.parents or other in a.parents:
        return True
    return bool(a.father and a.mother) and a.parents == b.parents


def _degree(kinship: float) -> int:
    """Nearest degree; 1 for identical twins; 0 where nothing is shared."""
    return max(1, round(-math.log2(2 * kinship))) if kinship > 0 else 0


def _with_unknown_parents(persons: Mapping[str, Person]) -> dict[str, Person]:
    """The same people, where children of one known parent share the other one."""
    filled = dict(persons)
    for one in persons.values():
        if one.father and not one.mother:
            filled[one.id] = replace(one, mother=f"\0{one.father}")
        elif one.mother and not one.father:
            filled[one.id] = replace(one, father=f"\0{one.mother}")
    ghosts = {parent for one in filled.values() for parent in one.parents if parent not in filled}
    return {**filled, **{ghost: Person(ghost) for ghost in ghosts}}


class _Kinship:
    """Kinship coefficients by the recursion over parents; identical twins count as one."""

    def __init__(self, persons: Mapping[str, Person]) -> None:
        self.persons = persons
        self._found: dict[tuple[str, str], float] = {}
        self._depth: dict[str, int] = {}
        first: dict[str, str] = {}
        self._same = {
            one.id: first.setdefault(one.twins, one.id) if one.twins and one.are_identical else one.id
            for one in persons.values()
        }

    def of(self, one: str, other: str) -> float:
        """The chance that one copy of each, drawn at random, descends from the same copy."""
        a, b = self._same.get(one, one), self._same.get(other, other)
        if a not in self.persons or b not in self.persons:
            return 0.0
        if self._generation(a) < self._generation(b):
            a, b = b, a
        if (a, b) not in self._found:
            person = self.persons[a]
            if a == b:
                value = 0.5 * (1 + (self.of(person.father, person.mother) if len(person.parents) == 2 else 0.0))
            else:
                value = 0.5 * sum(self.of(parent, b) for parent in person.parents)
            self._found[a, b] = value
        return self._found[a, b]

    def _generation(self, one: str) -> int:
        if one not in self._depth:
            parents = [parent for parent in self.persons[one].parents if parent in self.persons]
            self._depth[one] = 1 + max((self._generation(parent) for parent in parents), default=0)
        return self._depth[one]


_UP = ("", "parent", "grandparent", "great-grandparent")
_DOWN = ("", "child", "grandchild", "great-grandchild")
_SEXED = {
    "parent": ("mother", "father"),
    "grandparent": ("grandmother", "grandfather"),
    "great-grandparent": ("great-grandmother", "great-grandfather"),
    "child": ("daughter", "son"),
    "grandchild": ("granddaughter", "grandson"),
    "great-grandchild": ("great-granddaughter", "great-grandson"),
    "brother or sister": ("sister", "brother"),
    "half-sibling": ("half-sister", "half-brother"),
    "aunt or uncle": ("aunt", "uncle"),
    "niece or nephew": ("niece", "nephew"),
}


def relation(pedigree: Pedigree, one: str) -> str:
    """The relationship to the proband in words: ``maternal aunt``; empty where there is no word for it."""
    me = pedigree.proband
    if one == me:
        return ""
    if pedigree.persons[one].relation:
        return pedigree.persons[one].relation
    ours, theirs = _heights(pedigree, me), _heights(pedigree, one)
    shared = [(ours[top] + theirs[top], ours[top], theirs[top], top) for top in ours.keys() & theirs.keys()]
    if not shared:
        return "partner" if any(set(pair) == {me, one} for pair in pedigree.couples()) else ""
    nearest = min(shared)
    _, up, down, top = nearest
    both = sum(entry[:3] == nearest[:3] for entry in shared) > 1
    name = _name(up, down, both)
    sex = {"female": 0, "male": 1}.get(pedigree.persons[one].sex)
    word = _SEXED[name][sex] if name in _SEXED and sex is not None else name
    side = _line(pedigree, top) if up > 1 and name else ""
    return f"{side} {word}".strip()


def _name(up: int, down: int, both: bool) -> str:
    if down == 0:
        return _UP[up] if up < len(_UP) else ""
    if up == 0:
        return _DOWN[down] if down < len(_DOWN) else ""
    if (up, down) == (1, 1):
        return "brother or sister" if both else "half-sibling"
    return {(2, 1): "aunt or uncle", (1, 2): "niece or nephew", (2, 2): "cousin"}.get((up, down), "")


def _heights(pedigree: Pedigree, one: str) -> dict[str, int]:
    """How many steps up each ancestor is, the shortest way; 0 for the person."""
    found, row = {one: 0}, [one]
    while row:
        row = [
            parent
            for child in row
            for parent in pedigree.persons[child].parents
            if parent in pedigree.persons and found.setdefault(parent, found[child] + 1) == found[child] + 1
        ]
        row = list(dict.fromkeys(row))
    return found


def _line(pedigree: Pedigree, top: str) -> str:
    """Through which parent of the proband the ancestor is reached; empty where through both."""
    me = pedigree.persons[pedigree.proband]
    sides = [
        word
        for word, parent in ((MATERNAL, me.mother), (PATERNAL, me.father))
        if parent in pedigree.persons and top in _heights(pedigree, parent)
    ]
    return sides[0] if len(sides) == 1 else ""
