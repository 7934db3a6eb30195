"""Resources with any number of one element, and the work that validating and indexing them is, in calls of functions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from nof1.fhir.definitions import definitions
from nof1.fhir.primitives import is_primitive
from nof1.fhir.structure import Member, members

Json = dict[str, Any]
Way = tuple[tuple[str, Member], ...]  # keys from a resource to a list
_PLAIN = frozenset(("Resource", "DomainResource", "Extension", "Reference", "Identifier", "Meta", "Narrative"))
_FIXED = {"boolean": True, "time": "10:00:00", "xhtml": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'}


def calls(work: Callable[[], object]) -> int:
    """How many functions are called: the same on every machine, unlike time."""
    number = 0

    def seen(_: Any, event: str, __: Any) -> None:
        nonlocal number
        number += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(before)
    return number


def lists(kind: str, before: Way = ()) -> Iterator[Way]:
    """The ways to the elements of a type that may stand more than once, down to four levels of its own parts."""
    for key, member in members(kind).items():
        if member.is_beside or key in ("extension", "modifierExtension"):
            continue
        way = (*before, (key, member))
        if member.element.is_many:
            yield way
        is_part = not before or member.kind.startswith(kind) or member.kind == "ElementDefinition"
        is_new = member.kind not in (*_PLAIN, *(one.kind for _, one in before))
        if len(before) < 4 and is_part and is_new and not is_primitive(member.kind):
            yield from lists(member.kind, way)


class Maker:
    """Makes values of every type, no two alike; not all of their codes are right, which no rule minds."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def resource(self, kind: str, ways: list[Way], number: int) -> Json:
        """A resource with what it needs and ``number`` values in each of the lists."""
        made: Json = {"resourceType": kind, "id": "a", **self._needed(kind)}
        for way in ways:
            owner = made
            for key, member in way[:-1]:
                if key not in owner:
                    owner[key] = self._stood(member, 0)
                owner = owner[key][0] if member.element.is_many else owner[key]
            key, member = way[-1]
            owner[key] = [self.value(member.kind, 2) for _ in range(number)]
        return made

    def value(self, kind: str, depth: int) -> Any:
        """A value; of its parts those that it must have, above ``depth`` 0 all of them."""
        number = next(self._numbers)
        if kind in _PLAIN:
            return {
                "Reference": {"reference": f"#c{number}"},
                "Extension": {"url": f"http://example.org/{number}", "valueString": "x"},
                "Identifier": {"value": f"{number}"},
            }.get(kind, {"resourceType": "Basic", "id": f"c{number}", "code": {"text": "x"}})
        if not is_primitive(kind):
            return self._needed(kind, depth) or {"id": "x"}
        if kind in ("integer", "positiveInt", "unsignedInt", "decimal"):
            return number
        if kind in ("date", "dateTime", "instant"):
            return f"{1000 + number % 9000}-0{1 + number % 9}-1{number % 9}" + "T10:00:00Z" * (kind != "date")
        return _FIXED.get(kind, f"http://example.org/{number}" if kind in ("uri", "url", "canonical") else f"v{number}")

    def _needed(self, kind: str, depth: int = 0) -> Json:
        made: Json = {}
        names = set()
        for key, member in members(kind).items():
            element = member.element
            is_asked = element.low or (depth > 0 and (depth > 1 or is_primitive(member.kind)))
            if member.is_beside or key in ("id", "contained", "extension", "modifierExtension") or not is_asked:
                continue
            if element.name not in names and depth > -4:
                names.add(element.name)
                made[key] = self._stood(member, min(depth, 2) - 1)
        return made

    def _stood(self, member: Member, depth: int) -> Any:
        value = self.value(member.kind, depth)
        return [value] if member.element.is_many else value


def all_lists() -> Iterator[tuple[str, str, list[Way]]]:
    """Type, name and ways: each list by itself, then all those that stand in one object together."""
    for kind in sorted(definitions().resources):
        ways = list(lists(kind))
        beside: dict[str, list[Way]] = {}
        for way in ways:
            yield kind, ".".join(key for key, _ in way), [way]
            beside.setdefault(".".join(key for key, _ in way[:-1]), []).append(way)
        for name, several in beside.items():
            yield kind, f"{name}.*", several
