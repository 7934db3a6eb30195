"""Searches that a resource must be found by, and some that it must not: from its rows, and from its content by another evaluator.

Dates and composites are taken from the JSON by fhirpathpy and HL7's own SearchParameters, and ``query_ranges`` and ``query_values``
tell what a written value means: nothing of it comes from the index or from the tables of nof1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import Any, NamedTuple

from query_ranges import NotDefinedError, UnanswerableError, date
from query_values import CONTACTS, Reading, by_kind
from query_world import Definitions, Json, World, branches, compiled, filtered

from nof1.fhir.definitions import definitions
from nof1.fhir.indexing import Indexed, indexed

PREFIXES = ("", "ne", "gt", "lt", "ge", "le", "sa", "eb")
ORDERED = ("", "ge", "le")
MOST = 60  # combinations of one composite
READING = Reading()
# what a server sets
OWN = ("_lastUpdated",)
Query = tuple[str, str]


class Expected(NamedTuple):
    """Of one parameter: what finds the resource, each by itself, and what does not."""

    found: tuple[Query, ...]
    not_found: tuple[Query, ...]


def queries(resource: Json) -> Iterator[Query]:
    """For each value by which the resource is indexed a search that must find it."""
    known = {one.id: one for one in definitions().parameters[resource["resourceType"]].values()}
    rows: Indexed = indexed(resource)
    for parameter, system, code, part in rows.tokens:
        if parameter in known and not part and known[parameter].kind != "composite":
            yield known[parameter].code, f"{escaped(system)}|{escaped(code)}" if system else escaped(code)
    for parameter, _, text, part in rows.strings:
        if parameter in known and not part and len(text) < 200:
            yield f"{known[parameter].code}:exact", escaped(text)
    for parameter, kind, name, part in rows.references:
        if parameter in known and not part and known[parameter].kind == "reference" and (kind or ":" in name):
            yield known[parameter].code, escaped(f"{kind}/{name}" if kind else name)
    for parameter, value, part in rows.uris:
        if parameter in known and not part and known[parameter].kind == "uri":
            yield known[parameter].code, escaped(value)
    for parameter, system, code, low, high, part in rows.quantities:
        if parameter in known and not part and low == high and abs(low) < 1e15:
            yield known[parameter].code, f"{low!r}|{escaped(system)}|{escaped(code)}" if code else repr(low)
    for parameter, low, high, part in rows.numbers:
        if parameter in known and not part and low == high and abs(low) < 1e15:
            yield known[parameter].code, repr(low)


def escaped(text: str) -> str:
    for sign in ("\\", ",", "|", "$"):
        text = text.replace(sign, f"\\{sign}")
    return text


def from_content(resource: Json, told: Definitions) -> Iterator[tuple[str, Expected]]:
    """For each date and each composite that the content has a value of: its code, and what is expected of searches by it.

    ``told``: as ``query_world.definitions`` gives it.
    """
    kind = resource["resourceType"]
    world = World({(kind, resource["id"]): resource}, told, READING)
    codes = {code: one for base in ("Resource", "DomainResource", kind) for code, one in told.get(base, {}).items()}
    for code, one in codes.items():
        if code in OWN or not one["expression"]:
            continue
        if one["type"] == "date":
            expected = _of_dates(code, world.values((kind, resource["id"]), code))
        elif one["type"] == "composite":
            expected = _of_composite(code, [*_elements(resource, one)])
        else:
            continue
        if expected.found:
            yield code, expected


# ---------------------------------------------------------------------------------------------------------- dates


def _moments(stored: Any) -> list[str]:
    """The dates as a value has them: its own, or those of its ends and events."""
    if isinstance(stored, str):
        return [stored]
    if not isinstance(stored, dict):
        return []
    bounds = stored.get("repeat", {}).get("boundsPeriod", {})
    return [*stored.get("event", ()), *(one[end] for one in (stored, bounds) for end in ("start", "end") if end in one)]


def _of_dates(code: str, stored: Sequence[Any]) -> Expected:
    found, not_found = [], []
    stored = [one for one in stored if all(text[:4].isdigit() for text in _moments(one))]  # no time of day, no "about ten"
    for text in dict.fromkeys(text for one in stored for text in _moments(one)):
        for written in (f"{prefix}{text}" for prefix in PREFIXES):
            is_met = any(date(one, written, None) for one in stored)
            (found if is_met else not_found).append((code, written))
    return Expected(tuple(found), tuple(not_found))


# ----------------------------------------------------------------------------------------------------- composites

Parts = list[tuple[str, list[Any]]]  # of one element: kind and values of each component


def _elements(resource: Json, told: Any) -> Iterator[Parts]:
    """The elements that a composite is about and that have a value for each of its components."""
    kind = resource["resourceType"]
    for branch, _ in branches(told["expression"], kind):
        for at in range(len(compiled(branch)(resource))):
            element = branch if branch == kind else f"({branch})[{at}]"
            parts = [(one["type"], _values(resource, element, one["expression"])) for one in _components(told)]
            if all(values for _, values in parts):
                yield parts


def _components(told: Any) -> list[Json]:
    """The components; those of DocumentReference's ``relationship`` with the expressions that its parts are meant to have."""
    found: list[Json] = told["component"]
    if told["expression"] == "DocumentReference.relatesTo":  # R4 has them the other way round
        texts = [one["expression"] for one in reversed(found)]
        return [{**one, "expression": text} for one, text in zip(found, texts, strict=True)]
    return found


def _values(resource: Json, element: str, expression: str) -> list[Any]:
    found: list[Any] = []
    for one in filtered(expression).split(" | "):
        whole = one.replace("%resource", resource["resourceType"]) if "%resource" in one else f"{element}.{one}"
        found += compiled(whole)(resource)
    return found


def _of_composite(code: str, elements: Sequence[Parts]) -> Expected:
    """Every part with every other, also of different elements: only those of one element belong together."""
    if not elements:
        return Expected((), ())
    own = [product(*([*_written(*part)] for part in parts)) for parts in elements]
    crossed = product(
        *(dict.fromkeys(text for parts in elements for text in _written(*parts[at])) for at in range(len(elements[0])))
    )
    found, not_found = [], []
    for many in (*own, crossed):
        for texts in islice(many, MOST):
            is_met = _meets(elements, texts)
            if is_met is not None:
                (found if is_met else not_found).append((code, "$".join(texts)))
    return Expected(tuple(dict.fromkeys(found)), tuple(dict.fromkeys(not_found)))


def _meets(elements: Sequence[Parts], texts: Sequence[str]) -> bool | None:
    """Whether one of the elements meets all of the texts; None where that is left open."""
    try:
        return any(
            all(by_kind(kind, values, text, "", READING) for (kind, values), text in zip(parts, texts, strict=True))
            for parts in elements
        )
    except UnanswerableError:
        return None


def _written(kind: str, values: Sequence[Any]) -> Iterator[str]:
    """How values are asked for; what nothing is known of is left out."""
    for value in values:
        for text in _WRITTEN[kind](value):
            try:
                by_kind(kind, values, text, "", READING)
            except (NotDefinedError, UnanswerableError):
                continue
            yield text


def _tokens(value: Any) -> Iterator[str]:
    if isinstance(value, bool):
        yield str(value).lower()
    elif isinstance(value, str):
        yield escaped(value)
    for one in value.get("coding", [value]) if isinstance(value, dict) else ():
        text, system = one.get("code", one.get("value", "")), one.get("system", "")
        if text:
            yield escaped(text)
        if system and system not in CONTACTS:
            yield f"{escaped(system)}|{escaped(text)}"


def _quantities(value: Any) -> Iterator[str]:
    for one in (value, value.get("low", {}), value.get("high", {})):
        if "value" in one:
            units = [f"|{escaped(one['system'])}|{escaped(one['code'])}"] if one.get("system") and one.get("code") else []
            units += [f"||{escaped(one['unit'])}"] if one.get("unit") else []
            yield from (f"{prefix}{one['value']}{unit}" for unit in ("", *units) for prefix in ORDERED)


def _dates(value: Any) -> Iterator[str]:
    yield from (f"{prefix}{text}" for text in _moments(value) for prefix in ORDERED)


def _numbers(value: Any) -> Iterator[str]:
    yield from (f"{prefix}{value}" for prefix in ORDERED)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str) and len(value) < 200:
        yield escaped(value)


def _references(value: Any) -> Iterator[str]:
    text = value.get("reference", "") if isinstance(value, dict) else str(value)
    if text and not text.startswith("#"):
        yield escaped(text)


_WRITTEN = {
    "token": _tokens,
    "quantity": _quantities,
    "date": _dates,
    "number": _numbers,
    "string": _strings,
    "reference": _references,
    "uri": _strings,
}
