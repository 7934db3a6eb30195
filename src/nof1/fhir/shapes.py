"""What the objects of a resource must satisfy beyond structure, planned once for each set of keys that an object shows.

Real objects show few different sets of keys. So what depends on the keys alone (two values of a choice, an extension with a
value and extensions, which rules can be concerned) is decided once for a set, and objects are only looked into where
something is left to check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from nof1.fhir.bindings import concept_check
from nof1.fhir.contained import contained_problems
from nof1.fhir.definitions import ABSTRACT, Element, definitions
from nof1.fhir.narrative import narrative_fault
from nof1.fhir.primitives import is_primitive
from nof1.fhir.problem import Problem
from nof1.fhir.references import reference_check
from nof1.fhir.repeated import repeated_codes
from nof1.fhir.rules import Judge, judges
from nof1.fhir.structure import Member, members

Json = dict[str, Any]
_KEPT = 128  # sets of keys remembered for a type; who sends ever new ones waits a little longer


@dataclass(slots=True)
class Scope:
    """Where the walk is. ``resource``: the nearest; ``container``: the one with the contained resources; ``contained``:
    their types by id. ``is_entry``: in an entry of a transaction or batch. ``due``: objects with the rules to be judged when
    all else is right. ``kept``: what rules work out of ``resource``.
    """

    resource: Json
    container: Json
    contained: dict[str, str]
    is_entry: bool
    due: list[tuple[Shape, Json, Scope]]
    kept: dict[object, Any] = field(default_factory=dict)


class Nested(NamedTuple):
    """A key that holds resources."""

    key: str
    is_many: bool
    is_contained: bool


@dataclass(slots=True)
class Shape:
    """What is left to check in objects with the same keys; ``faults`` are those of the keys themselves.

    ``parts`` and ``lists``: keys of objects with their plans. ``pairs``: lists of primitives with what stands beside them.
    ``judges``: rules to ask of each object; ``settled``: to ask of one of them.
    """

    faults: tuple[Problem, ...] = ()
    parts: tuple[tuple[str, Plan], ...] = ()
    lists: tuple[tuple[str, Plan], ...] = ()
    nested: tuple[Nested, ...] = ()
    pairs: tuple[str, ...] = ()
    checks: tuple[Callable[[Json, Scope], list[Problem]], ...] = ()
    judges: tuple[Judge, ...] = ()
    settled: tuple[Judge, ...] = ()
    broken: tuple[Judge, ...] | None = None

    def of_settled(self, item: Json, scope: Scope) -> tuple[Judge, ...]:
        """The broken ones among the rules that all objects with these keys answer alike, asked of the first of them."""
        if self.broken is None:
            self.broken = tuple(one for one in self.settled if one.is_broken(item, scope.resource, scope.kept))
        return self.broken


@dataclass(slots=True)
class Plan:
    """How objects of one type are checked at one place. ``is_instead``: they stand for a primitive that has no value."""

    path: str
    checks: tuple[Callable[[Json, Scope], list[Problem]], ...]
    judges: tuple[Judge, ...]
    is_instead: bool = False
    shapes: dict[tuple[str, ...], Shape] = field(default_factory=dict)

    def shape(self, keys: tuple[str, ...]) -> Shape:
        """The shape of objects with these keys."""
        shape = _shape(self, keys)
        if len(self.shapes) >= _KEPT:
            self.shapes.clear()
        self.shapes[keys] = shape
        return shape


@cache
def plan_of(path: str, place: str = "", is_instead: bool = False) -> Plan:
    """The plan of a type; ``place``: the element it stands at, whose binding, targets and rules are checked too."""
    owner, _, name = place.rpartition(".")
    element = definitions().types[owner].elements[name.removesuffix("[x]")] if place else None
    return Plan(path, tuple(_checks(path, element)), judges(path, place if place != path else ""), is_instead)


def _checks(path: str, element: Element | None) -> Iterator[Callable[[Json, Scope], list[Problem]]]:
    if path == "Reference":
        check = reference_check(element.targets if element else ())
        yield lambda item, scope: check(item, scope.contained, scope.is_entry)
    if path == "CodeableConcept" and element and (judge := concept_check(element.value_set)):
        yield lambda item, _: judge(item)
    if path == "Narrative":
        yield _narrative
    if path == "Observation":
        yield lambda item, _: repeated_codes(item)
    if definitions().types[path].kind == "resource":
        yield lambda item, scope: contained_problems(item, scope.container)


def _narrative(item: Json, _: Scope) -> list[Problem]:
    fault = narrative_fault(item["div"]) if "div" in item else ""
    return [Problem("div", fault, "invariant")] if fault else []


def _shape(plan: Plan, keys: tuple[str, ...]) -> Shape:
    known = members(plan.path)
    present = {key: known[key] for key in keys if key in known}
    names = frozenset(member.element.name for member in present.values())
    shape = Shape(faults=tuple(_faults(plan, present)), checks=plan.checks)
    for key, member in present.items():
        _place(shape, key, member, present)
    shape.judges = tuple(one for one in plan.judges if not one.is_settled(names))
    shape.settled = tuple(one for one in plan.judges if one.is_settled(names))
    return shape


def _place(shape: Shape, key: str, member: Member, present: dict[str, Member]) -> None:
    """Adds what the value of one key needs."""
    if is_primitive(member.kind):
        return
    if member.kind in ABSTRACT:
        shape.nested += (Nested(key, member.element.is_many, key == "contained"),)
        return
    if member.is_beside:
        is_instead = key[1:] not in present
        child = plan_of("Element", "", is_instead)
        if member.element.is_many and not is_instead:
            shape.pairs += (key,)
    else:
        child = plan_of(member.kind, _path(member))
    if member.element.is_many:
        shape.lists += ((key, child),)
    else:
        shape.parts += ((key, child),)


def _path(member: Member) -> str:
    """The element's own path where something depends on it, so that plans are shared where nothing does."""
    element = member.element
    full = element.path + ("[x]" if element.is_choice and not element.path.endswith("[x]") else "")
    depends = element.targets or element.value_set or full in definitions().rules
    return full if depends and element.path != member.kind else ""


def _faults(plan: Plan, present: dict[str, Member]) -> Iterator[Problem]:
    for element in definitions().types[plan.path].elements.values():
        if not element.is_choice:
            continue
        keys = sorted({key.removeprefix("_") for key, one in present.items() if one.element.name == element.name})
        if len(keys) > 1:
            yield Problem(keys[1], f"{' and '.join(keys)} are given; {element.name} is only one of them", "structure")
        elif not keys and element.low:
            said = f"{element.name} is missing; give one of {', '.join(map(element.key, element.types[:6]))}"
            yield Problem(element.name, said, "required")
    yield from _fixed_rules(plan, present)


def _fixed_rules(plan: Plan, present: dict[str, Member]) -> Iterator[Problem]:
    """Rules that the keys alone decide: ele-1 and ext-1."""
    kind = definitions().types[plan.path].kind
    if kind != "resource" and present.keys() <= {"id"} and (plan.path != "Element" or plan.is_instead or not present):
        yield Problem("", "an id alone says nothing; give a value or leave the element out (ele-1)", "invariant")
    if plan.path == "Extension":
        has_value = any(one.element.name == "value" for one in present.values())
        if has_value == ("extension" in present):
            said = "both a value and extensions" if has_value else "neither a value nor extensions"
            yield Problem("", f"the extension has {said}; it must have one of the two (ext-1)", "invariant")
