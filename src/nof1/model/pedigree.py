"""A family: who descends from whom, and which illnesses each has or had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

MOST_GENERATIONS = 60


@dataclass(frozen=True, slots=True)
class Illness:
    """An illness of a relative. ``terms``: what the knowledge calls it; ``onset``: the lowest and highest age, in years.

    ``at``: the age as it was written. ``is_absent``: the source says that the relative does not have it.
    """

    terms: tuple[str, ...]
    text: str
    onset: tuple[float, float] | None = None
    at: str = ""
    is_absent: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """A relative as a record has it, before anybody is linked to anybody.

    ``code``: of v3 RoleCode, empty where the record has none that is known; ``relation``: in words. ``sex``: ``female``,
    ``male`` or empty. ``age``: in years, now or at death. ``told``: ``whole`` (everything that is known of the relative is
    there), ``partly`` or ``nothing``. ``mother`` and ``father``: keys of other members, where the record links them.
    """

    key: str
    relation: str
    code: str = ""
    name: str = ""
    sex: str = ""
    is_dead: bool | None = None
    age: float | None = None
    illnesses: tuple[Illness, ...] = ()
    told: str = "partly"
    mother: str = ""
    father: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a pedigree. ``father`` and ``mother``: ids, empty where unknown.

    ``relation``: to the proband, in words. ``told``: as in ``Member``; ``nothing`` for who only links others. ``twins``: a
    name that twins share; ``are_identical`` is ``None`` where it is not known. ``stated``: the steps of the relationship
    (``model.relations``) of somebody who could not be linked, since the record does not say on which side.
    """

    id: str
    name: str = ""
    sex: str = ""
    father: str = ""
    mother: str = ""
    is_dead: bool | None = None
    age: float | None = None
    illnesses: tuple[Illness, ...] = ()
    told: str = "whole"
    relation: str = ""
    twins: str = ""
    are_identical: bool | None = None
    stated: str = ""
    place: str = ""

    @property
    def parents(self) -> tuple[str, ...]:
        """The ids of the parents that are known, the father first."""
        return tuple(one for one in (self.father, self.mother) if one)


@dataclass(frozen=True, slots=True)
class Pedigree:
    """A family around one person, the ``proband``. ``partners``: couples without a child in the pedigree.

    ``notes``: what could not be linked or was merged, each in one line. ``is_said_empty``: the record says that no relative
    has anything of note.
    """

    proband: str
    persons: Mapping[str, Person] = field(default_factory=dict)
    partners: tuple[tuple[str, str], ...] = ()
    family: str = ""
    notes: tuple[str, ...] = ()
    is_said_empty: bool = False

    def children(self, *parents: str) -> list[str]:
        """The ids of those whose parents are among them all of ``parents``, in their order."""
        return [one.id for one in self.persons.values() if parents and set(parents) <= set(one.parents)]

    def couples(self) -> list[tuple[str, str]]:
        """Everybody who has a child together or is a partner, the father (or the one named first) first; each once."""
        found = [(one.father, one.mother) for one in self.persons.values() if one.father and one.mother]
        known = {frozenset(pair) for pair in found}
        return [*dict.fromkeys(found), *(pair for pair in self.partners if frozenset(pair) not in known)]

    def ancestors(self, of: str) -> Iterator[str]:
        """The ids of everybody ``of`` descends from, each once."""
        seen, waiting = set[str](), list(self.persons[of].parents)
        while waiting:
            one = waiting.pop()
            if one not in seen and one in self.persons:
                seen.add(one)
                yield one
                waiting += self.persons[one].parents


def faults(persons: Mapping[str, Person]) -> list[str]:
    """What cannot be in a family, each in one line: an own ancestor, a mother who is male, a parent who is both.

    Nor can more generations than ``MOST_GENERATIONS``: no family is known that far.
    """
    found = []
    for one in persons.values():
        if one.father and one.father == one.mother:
            found.append(f"{one.father} is both father and mother of {one.id}; correct one of them")
        for role, other, wrong in (("father", one.father, "female"), ("mother", one.mother, "male")):
            if other and other in persons and persons[other].sex == wrong:
                found.append(f"{other} is the {role} of {one.id} and {wrong}; correct the sex or the {role}")
    pedigree = Pedigree("", persons)
    looped = [one for one in persons if one in set(pedigree.ancestors(one))]
    if looped:
        shown = ", ".join(looped[:3]) + (f" and {len(looped) - 3} more" if len(looped) > 3 else "")
        found.append(f"{shown}: own ancestor, so the parents go round in a circle; correct the parents")
    elif (most := _most_generations(persons)) > MOST_GENERATIONS:
        found.append(f"{most} generations, more than {MOST_GENERATIONS} that are drawn; leave the oldest out")
    return found


def _most_generations(persons: Mapping[str, Person]) -> int:
    """How many generations the longest line of descent has; nobody may be an own ancestor."""
    children: dict[str, list[str]] = {}
    waits = {}
    for one in persons.values():
        parents = [parent for parent in dict.fromkeys(one.parents) if parent in persons]
        waits[one.id] = len(parents)
        for parent in parents:
            children.setdefault(parent, []).append(one.id)
    row = [one for one, count in waits.items() if not count]
    most = 0
    while row:
        most += 1
        below = []
        for child in (child for one in row for child in children.get(one, ())):
            waits[child] -= 1
            if not waits[child]:
                below.append(child)
        row = below
    return most
