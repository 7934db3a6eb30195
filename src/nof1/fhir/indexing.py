"""What a resource is found by: the rows of all its search parameters, its compartments and its clinical time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple, TypeVar

from nof1.fhir.definitions import definitions
from nof1.fhir.index_plan import ALWAYS, plan
from nof1.fhir.index_rows import Rows
from nof1.fhir.index_values import EVER, interval, normalised
from nof1.fhir.path_nodes import resource_kind

__all__ = ["INDEX_EDITION", "Indexed", "indexed", "interval", "normalised"]

INDEX_EDITION = 2  # raised when the rows of a same resource change
_Row = TypeVar("_Row")
# parameters that tell when what a resource is about took place, the first that has a value wins
_WHEN = (
    "date", "effective", "effective-time", "onset-date", "occurrence", "started", "collected", "whenhandedover",
    "whenprepared", "start-date", "period", "authoredon", "authored", "authored-on", "recorded-date", "sent", "received",
    "issued", "recorded", "created",
)  # fmt: skip
_ABOUT = ("code", "combo-code")


class Indexed(NamedTuple):
    """Rows by kind; each begins with the id of a parameter and ends with ``part``, which groups the rows of one composite.

    A composite's n-th part has the id ``Observation-code-value-quantity#n``, ordinary parameters part 0. An identifier of a
    reference is a token of ``PARAMETER:identifier``, an identifier by its type one of ``PARAMETER:of-type`` with code
    ``system|code|value``. Long texts are cut (``index_values.LONGEST_STRING``, ``LONGEST_TOKEN``, in bytes).
    """

    tokens: list[tuple[str, str, str, int]]  # system ('' none), code
    texts: list[tuple[str, str, int]]  # displays and texts of codes, normalised
    strings: list[tuple[str, str, str, int]]  # normalised, as written
    dates: list[tuple[str, int, int, int]]  # [low, high) microseconds since 1970; +-2**62 for open ends
    quantities: list[tuple[str, str, str, float, float, int]]  # system and code, or '' and the unit as written; low, high
    canonical: list[tuple[str, str, float, float, int]]  # UCUM base unit; low, high in it
    numbers: list[tuple[str, float, float, int]]  # low, high
    references: list[tuple[str, str, str, int]]  # type and id; or '' and an address, '#id' for what is contained
    uris: list[tuple[str, str, int]]
    compartments: list[tuple[str, str]]  # type and id of whose compartment it is in
    at: int  # when what it is about took place, microseconds; 0 none
    code_dates: list[tuple[str, str, str, int]]  # parameter of the code, system, code, at
    # parameter of the code, system, code, base unit, value in it; both ends where the value is a range or has a comparator
    code_quantities: list[tuple[str, str, str, str, float]]


def indexed(resource: dict[str, Any]) -> Indexed:
    """The rows of a resource of a known type; what is malformed gives none.

    >>> found = indexed({"resourceType": "Patient", "id": "1", "active": True, "name": [{"family": "Müller"}]})
    >>> found.tokens, [row for row in found.strings if row[0] == "individual-family"], found.compartments
    ([('Patient-deceased', '', 'false', 0), ('Patient-active', '', 'true', 0)], \
[('individual-family', 'muller', 'Müller', 0)], [('Patient', '1')])
    """
    kind = resource_kind(resource)
    rows = Rows(resource)
    if kind != "Resource":
        units = plan(kind)
        for unit in units[ALWAYS]:
            unit(resource, rows)
        for key in resource:
            for unit in units.get(key, ()):
                unit(resource, rows)
    return _finished(kind, rows)


def _finished(kind: str, rows: Rows) -> Indexed:
    tokens = _once(rows.tokens)
    about = _about(kind)
    at = _at(about.when, rows.dates) if rows.dates else 0
    return Indexed(
        tokens,
        _once(rows.texts),
        _once(rows.strings),
        _once(rows.dates),
        _once(rows.quantities),
        _once(rows.canonical),
        _once(rows.numbers),
        references := _once(rows.references),
        _once(rows.uris),
        _once(_compartments(kind, rows.resource, references)),
        at,
        [(name, system, code, at) for name, system, code, _ in tokens if name in about.codes] if at else [],
        _once(_code_quantities(about.pairs, rows)) if rows.canonical else [],
    )


def _once(rows: Iterable[_Row]) -> list[_Row]:
    return list(dict.fromkeys(rows))


class _About(NamedTuple):
    """Parameters of a type: of its time by preference, of its codes, and code with quantity: composite -> code."""

    when: tuple[str, ...]
    codes: frozenset[str]
    pairs: dict[str, str]


@cache
def _about(kind: str) -> _About:
    own = definitions().parameters.get(kind, {})
    when = tuple(own[code].id for code in _WHEN if code in own and own[code].kind == "date")
    codes = frozenset(own[code].id for code in _ABOUT if code in own)
    quantities = {one.id for one in own.values() if one.kind == "quantity"}
    pairs = {
        one.id: one.components[0][0]
        for one in own.values()
        if len(one.components) == 2 and one.components[0][0] in codes and one.components[1][0] in quantities
    }
    return _About(when, codes, pairs)


def _at(when: tuple[str, ...], dates: list[tuple[str, int, int, int]]) -> int:
    """The earliest known moment of the first parameter that has one; the end of a time without beginning."""
    for name in when:
        if own := [low if low > -EVER else high for one, low, high, _ in dates if one == name]:
            return min(own)
    return 0


def _code_quantities(pairs: dict[str, str], rows: Rows) -> Iterator[tuple[str, str, str, str, float]]:
    for composite, parameter in pairs.items():
        amounts = [row for row in rows.canonical if row[0] == f"{composite}#1"]
        codes: dict[int, list[tuple[str, str]]] = {}
        for name, system, code, part in rows.tokens if amounts else ():
            if name == f"{composite}#0":
                codes.setdefault(part, []).append((system, code))
        for _, base, low, high, part in amounts:
            for system, code in codes.get(part, ()):
                yield parameter, system, code, base, low
                yield parameter, system, code, base, high


@cache
def _owners(kind: str) -> dict[str, frozenset[str]]:
    """Parameter -> types of compartments it puts a resource of this type into."""
    own = definitions().parameters.get(kind, {})
    found: dict[str, set[str]] = {}
    for compartment, types in definitions().compartments.items():
        for code in types.get(kind, ()):
            if code in own:
                found.setdefault(own[code].id, set()).add(compartment)
    return {name: frozenset(kinds) for name, kinds in found.items()}


def _compartments(
    kind: str, resource: dict[str, Any], references: list[tuple[str, str, str, int]]
) -> Iterator[tuple[str, str]]:
    """Those of the resources that its parameters refer to, and its own."""
    own = resource.get("id")
    if kind in definitions().compartments and type(own) is str:
        yield kind, own
    owners = _owners(kind)
    for name, target, other, _ in references:
        if target in owners.get(name, ()):
            yield target, other
