"""A pedigree from relatives as a record has them: each under a relationship to the person, not to each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from nof1.model.pedigree import Illness, Member, Pedigree, Person, faults
from nof1.model.relations import RELATIONSHIPS, Relationship

_ONLY_ONE = ("m", "f", "mm", "mf", "fm", "ff")
_ROLES = {"m": ("mother", "female"), "f": ("father", "male")}
_TOLD = ("nothing", "partly", "whole")


def family_tree(members: Iterable[Member], proband: Person, is_said_empty: bool = False) -> Pedigree:
    """The pedigree of ``proband`` with ``members``. Who links two people and is not recorded is added, and nothing is told.

    Several entries of one relative (by relationship where there can be only one, else by relationship and name) are brought
    together. Of whom the record does not say through whom they are related stands unlinked (``Person.stated``).
    """
    merged, notes = _merged(list(members))
    tree = _Tree({proband.id: proband}, proband.id, notes=notes)
    for member in sorted(merged, key=lambda one: len(_steps(one))):
        tree.add(member)
    tree.link(merged)
    tree.notes += _impossible_ages(tree.persons)
    empty = is_said_empty and not merged
    return Pedigree(proband.id, tree.persons, tuple(tree.partners), notes=tuple(tree.notes), is_said_empty=empty)


def _impossible_ages(persons: Mapping[str, Person]) -> Iterator[str]:
    """Living parents who are not older than a living child: one of the ages is wrong."""
    for child in persons.values():
        for parent in (persons[one] for one in child.parents if one in persons):
            if parent.age is None or child.age is None or parent.is_dead or child.is_dead or parent.age > child.age:
                continue
            names = [one.relation or one.name or "the person" for one in (parent, child)]
            ages = f"{parent.age:g} years and {child.age:g} years"
            yield f"{names[0]} and {names[1]}, parent and child, are {ages} old; correct one of the ages"


def _steps(member: Member) -> str:
    return RELATIONSHIPS[member.code].steps if member.code else ""


def _merged(members: list[Member]) -> tuple[list[Member], list[str]]:
    found: dict[object, Member] = {}
    notes = []
    for member in members:
        steps = _steps(member)
        is_single = steps in _ONLY_ONE
        key = steps if is_single else (steps, member.relation, member.name.casefold()) if member.name else member.key
        first = found.get(key)
        if first is None:
            found[key] = member
            continue
        if first.name and member.name and first.name.casefold() != member.name.casefold():
            notes.append(f"{member.relation}: recorded as {first.name} and as {member.name}; taken as one person")
        found[key] = _joined(first, member)
    return list(found.values()), notes


def _joined(one: Member, other: Member) -> Member:
    illnesses = {(item.terms, item.text.casefold(), item.onset): item for item in (*one.illnesses, *other.illnesses)}
    return replace(
        one,
        name=one.name or other.name,
        sex=one.sex or other.sex,
        is_dead=one.is_dead if one.is_dead is not None else other.is_dead,
        age=one.age if one.age is not None else other.age,
        illnesses=tuple(illnesses.values()),
        told=max(one.told, other.told, key=_TOLD.index),
        mother=one.mother or other.mother,
        father=one.father or other.father,
    )


@dataclass(slots=True)
class _Tree:
    """A pedigree being built. ``ids``: of members, by their key. ``between``: who was added between two people."""

    persons: dict[str, Person]
    me: str
    partners: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    between: set[str] = field(default_factory=set)

    def add(self, member: Member) -> None:
        """Puts a member where the relationship says."""
        relationship = RELATIONSHIPS.get(member.code)
        steps = relationship.steps if relationship else ""
        if steps == "p" and member.sex:
            steps = "m" if member.sex == "female" else "f"
        if not relationship or not steps:
            if not (member.mother or member.father):
                self.notes.append(f"{member.relation or 'a relative'}: the relationship is not known; not counted")
            self._put(member, stated="")
        elif "p" in steps or "h" in steps:
            self._put(member, stated=steps)
        elif steps == "x":
            self.partners.append((self.me, self._put(member)))
        else:
            self._reach(member, steps, relationship)

    def _reach(self, member: Member, steps: str, relationship: Relationship) -> None:
        """Walks the steps but the last, adding who is not there, and puts the member at the end."""
        at = self.me
        for step in steps[:-1]:
            if step in _ROLES:
                at = self._parent(at, step)
            elif step == "s":
                at = self._new(f"a brother or sister of {self._called(at)}", *self._both(at))
            else:
                at = self._new(f"a child of {self._called(at)}", *self._as_parents(at))
            if step not in _ROLES and not (member.mother or member.father):
                self.notes.append(f"{member.relation}: which {self._called(at)[2:]} is the parent is not recorded")
        last = steps[-1]
        if last in _ROLES:
            self._fill(member, self._parent(at, last))
            return
        father, mother = self._both(at) if last == "s" else self._as_parents(at)
        self._put(member, father=father, mother=mother, relationship=relationship)

    def _called(self, one: str) -> str:
        return "the person" if one == self.me else self.persons[one].relation or self.persons[one].name or one

    def _new(self, words: str, father: str, mother: str) -> str:
        name = self._free(words)
        self.persons[name] = Person(name, relation=words, father=father, mother=mother, told="nothing")
        self.between.add(name)
        return name

    def _free(self, name: str) -> str:
        number = 1
        while (found := name if number == 1 else f"{name} ({number})") in self.persons:
            number += 1
        return found

    def _parent(self, of: str, step: str) -> str:
        role, sex = _ROLES[step]
        child = self.persons[of]
        if there := getattr(child, role):
            return str(there)
        words = {"mother": "mother", "father": "father"}[role] if of == self.me else f"{_side(child.relation)} grand{role}"
        name = self._free(words if of == self.me or child.relation in ("mother", "father") else f"{role} of {of}")
        self.persons[name] = Person(name, sex=sex, relation=name, told="nothing")
        self.persons[of] = replace(child, father=name) if role == "father" else replace(child, mother=name)
        return name

    def _both(self, of: str) -> tuple[str, str]:
        return self._parent(of, "f"), self._parent(of, "m")

    def _as_parents(self, of: str) -> tuple[str, str]:
        sex = self.persons[of].sex
        return ("", of) if sex == "female" else (of, "")

    def _fill(self, member: Member, name: str) -> None:
        old = self.persons[name]
        self.ids[member.key] = name
        self.persons[name] = replace(_person(member, name), father=old.father, mother=old.mother, relation=member.relation)

    def _put(
        self, member: Member, stated: str = "", father: str = "", mother: str = "", relationship: Relationship | None = None
    ) -> str:
        name = self._free(member.relation or "relative")
        self.ids[member.key] = name
        twins, identical = "", None
        if relationship and relationship.twins:
            twins, identical = "twins of the person", {"identical": True, "fraternal": False}.get(relationship.twins)
            self.persons[self.me] = replace(self.persons[self.me], twins=twins, are_identical=identical)
        self.persons[name] = replace(
            _person(member, name), father=father, mother=mother, stated=stated, twins=twins, are_identical=identical
        )
        return name

    def link(self, members: list[Member]) -> None:
        """Sets parents that the record names by reference; one that makes the family impossible is told and not set."""
        for member in members:
            name = self.ids[member.key]
            for role, key in (("father", member.father), ("mother", member.mother)):
                there = self.ids.get(key, "")
                if not there or there == getattr(self.persons[name], role):
                    continue
                before = self.persons[name]
                father, mother = ("" if one in self.between else one for one in (before.father, before.mother))
                father, mother = (there, mother) if role == "father" else (father, there)
                self.persons[name] = replace(before, stated="", father=father, mother=mother)
                if wrong := faults(self.persons):
                    self.persons[name] = before
                    self.notes.append(f"{member.relation}: {wrong[0]}; the link is not used")
        self._drop_unused()

    def _drop_unused(self) -> None:
        """Takes away those who were added to link somebody that a reference has linked otherwise."""
        used = {parent for one in self.persons.values() for parent in one.parents} | {self.me, *self.ids.values()}
        for name in [name for name, one in self.persons.items() if one.told == "nothing" and name not in used]:
            del self.persons[name]
            self.notes[:] = [note for note in self.notes if f" {name[2:]} is the parent" not in note]


def _side(relation: str) -> str:
    return {"mother": "maternal", "father": "paternal"}.get(relation, "")


def _person(member: Member, name: str) -> Person:
    illnesses: tuple[Illness, ...] = tuple(item for item in member.illnesses if not item.is_absent)
    return Person(
        id=name,
        name=member.name,
        sex=member.sex,
        is_dead=member.is_dead,
        age=member.age,
        illnesses=illnesses,
        told=member.told,
        relation=member.relation,
        place=member.place,
    )
