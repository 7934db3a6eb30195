"""The rows that one value gives for a search parameter, by the parameter's kind and the value's type."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nof1.fhir.index_values import EVER, LONGEST_STRING, UCUM, cut, in_base_units, interval, normalised
from nof1.fhir.path_nodes import resource_kind
from nof1.fhir.path_resolve import target

CURRENCIES = "urn:iso:std:iso:4217"
_NAME_PARTS = ("family", "given", "prefix", "suffix", "text")
_ADDRESS_PARTS = ("line", "city", "district", "state", "postalCode", "country", "text")


@dataclass(slots=True)
class Rows:
    """The rows of a resource as they grow; columns as in ``indexing.Indexed``."""

    resource: dict[str, Any]
    tokens: list[tuple[str, str, str, int]] = field(default_factory=list)
    texts: list[tuple[str, str, int]] = field(default_factory=list)
    strings: list[tuple[str, str, str, int]] = field(default_factory=list)
    dates: list[tuple[str, int, int, int]] = field(default_factory=list)
    quantities: list[tuple[str, str, str, float, float, int]] = field(default_factory=list)
    canonical: list[tuple[str, str, float, float, int]] = field(default_factory=list)
    numbers: list[tuple[str, float, float, int]] = field(default_factory=list)
    references: list[tuple[str, str, str, int]] = field(default_factory=list)
    uris: list[tuple[str, str, int]] = field(default_factory=list)
    _contained: dict[str, str] | None = None

    @property
    def contained(self) -> dict[str, str]:
        """The types of contained resources by id; of several with one id that of the first."""
        if self._contained is None:
            listed = [one for one in self.resource["contained"] if type(one) is dict and type(one.get("id")) is str]
            self._contained = {one["id"]: resource_kind(one) for one in reversed(listed)}
        return self._contained


Take = Callable[[Any, int, Rows], None]  # value, part, rows
Ids = tuple[str, ...]
Maker = Callable[[Ids], Take]


def number(value: object) -> float | None:
    """A number that can be compared, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def string(ids: Ids) -> Take:
    """A text as it is and without case and accents."""

    def take(value: Any, part: int, rows: Rows) -> None:
        if type(value) is str and (norm := normalised(value)):
            exact = cut(value, LONGEST_STRING)
            for name in ids:
                rows.strings.append((name, norm, exact, part))

    return take


def _parts(keys: tuple[str, ...]) -> Maker:
    """Each text of a name or an address."""

    def made(ids: Ids) -> Take:
        one = string(ids)

        def take(value: Any, part: int, rows: Rows) -> None:
            if type(value) is not dict:
                return
            for key in keys:
                found = value.get(key)
                if type(found) is list:
                    for text in found:
                        one(text, part, rows)
                elif found is not None:
                    one(found, part, rows)

        return take

    return made


def _moment(text: object) -> tuple[int, int] | None:
    if type(text) is not str:
        return None
    try:
        return interval(text)
    except ValueError:
        return None


def date(ids: Ids) -> Take:
    """A date by its precision."""

    def take(value: Any, part: int, rows: Rows) -> None:
        if found := _moment(value):
            for name in ids:
                rows.dates.append((name, *found, part))

    return take


def _period(ids: Ids) -> Take:
    def take(value: Any, part: int, rows: Rows) -> None:
        if type(value) is not dict:
            return
        start, end = _moment(value.get("start")), _moment(value.get("end"))
        if start or end:
            for name in ids:
                rows.dates.append((name, start[0] if start else -EVER, end[1] if end else EVER, part))

    return take


def _timing(ids: Ids) -> Take:
    """From the first to the last of the times that are given."""
    period = _period(ids)

    def take(value: Any, part: int, rows: Rows) -> None:
        events = value.get("event") if type(value) is dict else None
        repeat = value.get("repeat") if type(value) is dict else None
        found = [one for one in map(_moment, events) if one] if type(events) is list else []
        if found:
            for name in ids:
                rows.dates.append((name, min(low for low, _ in found), max(high for _, high in found), part))
        elif type(repeat) is dict:
            period(repeat.get("boundsPeriod"), part, rows)

    return take


def _number(ids: Ids) -> Take:
    def take(value: Any, part: int, rows: Rows) -> None:
        if (found := number(value)) is not None:
            for name in ids:
                rows.numbers.append((name, found, found, part))

    return take


def _number_range(ids: Ids) -> Take:
    def take(value: Any, part: int, rows: Rows) -> None:
        if ends := _ends(value):
            for name in ids:
                rows.numbers.append((name, ends[0], ends[1], part))

    return take


def _ends(value: Any) -> tuple[float, float, dict[str, Any]] | None:
    """Low and high of a Range, and the quantity that has its unit."""
    low = _object(value, "low")
    high = _object(value, "high")
    first, last = number(low.get("value")), number(high.get("value"))
    if first is None and last is None:
        return None
    return -math.inf if first is None else first, math.inf if last is None else last, high if first is None else low


def _object(value: Any, key: str) -> dict[str, Any]:
    found = value.get(key) if type(value) is dict else None
    return found if type(found) is dict else {}


def quantity(ids: Ids) -> Take:
    """An amount; one below or above a limit reaches without end, and holds the limit itself only where it is said to."""

    def take(value: Any, part: int, rows: Rows) -> None:
        found = number(value.get("value")) if type(value) is dict else None
        if found is None:
            return
        comparator = value.get("comparator")
        low = -math.inf if comparator in ("<", "<=") else found
        high = math.inf if comparator in (">", ">=") else found
        _add_amount(ids, value, (low, high), part, rows, is_without_limit=comparator in ("<", ">"))

    return take


def _inner(low: float, high: float) -> tuple[float, float]:
    """Both ends without the limit itself, by the least that numbers can differ."""
    above = low if math.isinf(low) else math.nextafter(low, math.inf)
    return above, high if math.isinf(high) else math.nextafter(high, -math.inf)


def _add_amount(
    ids: Ids, unit: dict[str, Any], ends: tuple[float, float], part: int, rows: Rows, is_without_limit: bool = False
) -> None:
    system, code, written = (_text(unit.get(key)) for key in ("system", "code", "unit"))
    low, high = ends
    named = [(system, code)] if code or not written else []
    if written and written != code:
        named.append(("", written))
    base = in_base_units(low, high, code) if system == UCUM and code else None
    if is_without_limit:
        low, high = _inner(low, high)
        base = (base[0], *_inner(*base[1:])) if base else None
    for name in ids:
        for one in named:
            rows.quantities.append((name, *one, low, high, part))
        if base:
            rows.canonical.append((name, *base, part))


def _text(value: object) -> str:
    return cut(value, LONGEST_STRING) if type(value) is str else ""


def _quantity_range(ids: Ids) -> Take:
    def take(value: Any, part: int, rows: Rows) -> None:
        if ends := _ends(value):
            _add_amount(ids, ends[2], ends[:2], part, rows)

    return take


def _money(ids: Ids) -> Take:
    def take(value: Any, part: int, rows: Rows) -> None:
        found = number(value.get("value")) if type(value) is dict else None
        if found is not None:
            _add_amount(ids, {"system": CURRENCIES, "code": value.get("currency")}, (found, found), part, rows)

    return take


def _sampled(ids: Ids) -> Take:
    """From the least to the greatest of the samples."""

    def take(value: Any, part: int, rows: Rows) -> None:
        origin = value.get("origin") if type(value) is dict else None
        data = value.get("data") if type(value) is dict else None
        if type(origin) is not dict or type(data) is not str or (zero := number(origin.get("value"))) is None:
            return
        factor = number(value.get("factor", 1)) or 1.0
        samples = [zero + factor * float(one) for one in data.split() if one.lstrip("+-").replace(".", "", 1).isdecimal()]
        if samples:
            _add_amount(ids, origin, (min(samples), max(samples)), part, rows)

    return take


def uri(ids: Ids) -> Take:
    """An address as it is; one with a version also without it."""

    def take(value: Any, part: int, rows: Rows) -> None:
        for text in _addresses(value):
            for name in ids:
                rows.uris.append((name, text, part))

    return take


def _addresses(value: object) -> list[str]:
    text = _text(value)
    address = text.partition("|")[0]
    return [text] if address == text and text else [text, address] if address else []


def address(ids: Ids) -> Take:
    """What a canonical or a uri refers to: a resource of elsewhere by its address, or one by type and id."""

    def take(value: Any, part: int, rows: Rows) -> None:
        for text in _addresses(value):
            found = target(text)
            row = (found.kind, found.id) if found and not found.base else ("", text)
            for name in ids:
                rows.references.append((name, *row, part))

    return take


def _attachment(ids: Ids) -> Take:
    one = address(ids)

    def take(value: Any, part: int, rows: Rows) -> None:
        if type(value) is dict:
            one(value.get("url"), part, rows)

    return take


DATES: dict[str, Maker] = {
    **dict.fromkeys(("date", "dateTime", "instant", "string"), date),
    "Period": _period,
    "Timing": _timing,
}
STRINGS: dict[str, Maker] = {
    **dict.fromkeys(("string", "markdown", "code", "uri", "id"), string),
    "HumanName": _parts(_NAME_PARTS),
    "Address": _parts(_ADDRESS_PARTS),
}
QUANTITIES: dict[str, Maker] = {
    **dict.fromkeys(("Quantity", "Age", "Duration", "Count", "Distance"), quantity),
    "Range": _quantity_range,
    "Money": _money,
    "SampledData": _sampled,
}
NUMBERS: dict[str, Maker] = {
    **dict.fromkeys(("decimal", "integer", "positiveInt", "unsignedInt"), _number),
    "Range": _number_range,
}
URIS: dict[str, Maker] = dict.fromkeys(("uri", "url", "canonical", "oid", "uuid"), uri)
ADDRESSES: dict[str, Maker] = {**dict.fromkeys(("uri", "url", "canonical"), address), "Attachment": _attachment}
