"""Which relatives a criterion counts: for certain, or perhaps, since something about them is not recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from nof1.knowledge.prevention import Relatives
from nof1.model.pedigree import Illness, Pedigree, Person
from nof1.risk.kinship import MATERNAL, PATERNAL, Kin, kin, relation

_BOTH = frozenset((MATERNAL, PATERNAL))
_ROLES = (("father", "male"), ("mother", "female"))
_UP, _DOWN = "mfp", "c"


@dataclass(frozen=True, slots=True)
class Family:
    """A pedigree with parents and grandparents added whom nobody told of, so that they are asked about.

    ``rows``: generations, the proband's is 0 and the parents' -1. ``is_silent``: nothing is recorded of any relative.
    """

    pedigree: Pedigree
    kin: Mapping[str, Kin]
    rows: Mapping[str, int]
    is_silent: bool

    @property
    def me(self) -> Person:
        """The person whose family it is."""
        return self.pedigree.persons[self.pedigree.proband]

    def called(self, one: str) -> str:
        """The relationship in words."""
        return relation(self.pedigree, one) or self.pedigree.persons[one].name or one


def family(pedigree: Pedigree) -> Family:
    """The family of a pedigree, ready to be counted."""
    told = [one for one in pedigree.persons.values() if one.id != pedigree.proband and one.told != "nothing"]
    persons = dict(pedigree.persons)
    if not pedigree.is_said_empty:
        _add_parents(persons, pedigree.proband, "")
        me = persons[pedigree.proband]
        for role, parent in (("father", me.father), ("mother", me.mother)):
            _add_parents(persons, parent, role)
    whole = replace(pedigree, persons=persons)
    rows = {pedigree.proband: 0}
    waiting = [pedigree.proband]
    while waiting:
        one = waiting.pop()
        near = [(parent, -1) for parent in persons[one].parents] + [(child, 1) for child in whole.children(one)]
        for other, step in near:
            if other in persons and other not in rows:
                rows[other] = rows[one] + step
                waiting.append(other)
    for person in persons.values():
        if person.stated:
            rows[person.id] = sum((step in _DOWN) - (step in _UP) for step in person.stated)
    return Family(whole, kin(whole), rows, not told)


def _add_parents(persons: dict[str, Person], of: str, side: str) -> None:
    words = {"": "", "father": "paternal grand", "mother": "maternal grand"}[side]
    for role, sex in _ROLES:
        if not getattr(persons[of], role):
            name = f"{words}{role}"
            while name in persons:
                name += " "
            persons[name] = Person(name, sex=sex, relation=name.strip(), told="nothing")
            child = persons[of]
            persons[of] = replace(child, father=name) if role == "father" else replace(child, mother=name)


def counts(found: Family, one: Person, group: Relatives) -> bool | None:
    """Whether a relative counts in a group; ``None`` where it depends on what is not recorded."""
    related = found.kin[one.id]
    if not related.degrees:
        return False
    near = [degree in group.degrees for degree in related.degrees]
    parts = [
        True if all(near) else None if any(near) else False,
        ill(found, one, group.conditions, group.maybe, limits(group, one)),
    ]
    if group.sex:
        parts.append(None if not one.sex else one.sex == group.sex)
    if group.younger_than is not None:
        parts.append(None if one.age is None else one.age < group.younger_than)
    return both(parts)


def both(parts: Iterable[bool | None]) -> bool | None:
    """Whether everything holds.

    >>> both([True, None]), both([None, False])
    (None, False)
    """
    held = list(parts)
    return False if False in held else None if None in held else True


def limits(group: Relatives, one: Person) -> tuple[float, ...]:
    """The ages before which it has to have begun: two where they depend on a sex that is not known; none for any age."""
    if group.before_by_sex:
        ages = (group.before_by_sex.get(one.sex),) if one.sex else tuple(group.before_by_sex.values())
        return tuple(age for age in ages if age is not None)
    return () if group.before is None else (group.before,)


def ill(
    found: Family, one: Person, conditions: Iterable[str], maybe: Iterable[str] = (), before: tuple[float, ...] = ()
) -> bool | None:
    """Whether somebody has one of the conditions, begun before the age."""
    asked, perhaps = set(conditions), set(maybe)
    answers = [begun(item, one, before) for item in one.illnesses if asked & set(item.terms)]
    if True in answers:
        return True
    doubts = [begun(item, one, before) is not False for item in one.illnesses if perhaps & set(item.terms)]
    if None in answers or any(doubts):
        return None
    is_open = one.told != "whole" and not found.pedigree.is_said_empty
    return None if is_open and one.id != found.pedigree.proband else False


def begun(item: Illness, one: Person, before: tuple[float, ...]) -> bool | None:
    """Whether an illness began before the age (before every one of them)."""
    if not before:
        return True
    low, high = item.onset or (0.0, one.age if one.age is not None else float("inf"))
    if high < min(before):
        return True
    return False if low >= max(before) else None


def sides(found: Family, one: str, is_sure: bool) -> frozenset[str]:
    """The sides of the family somebody is of; of the unknown none where it has to be sure, else both."""
    if one == found.pedigree.proband:
        return _BOTH
    known = found.kin[one].sides
    return known if known is not None else frozenset() if is_sure else _BOTH
