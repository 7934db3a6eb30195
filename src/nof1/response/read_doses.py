"""What was given, in the words of models: amounts in their unit, lengths of infusions, routes; and what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from nof1.errors import UnitError
from nof1.knowledge.care import Care
from nof1.knowledge.dosing import DosingFile
from nof1.knowledge.kinetics import PkModel
from nof1.model.record import Administration, Quantity
from nof1.model.terms import phrase
from nof1.response.clock import is_zoned, moment_of
from nof1.response.regimens import Regimen, breaks
from nof1.units.convert import convert

_GIVEN = ("completed", "in-progress")
_CUT = ("stopped", "on-hold")
_MOST_KG = 1.0  # of a substance at once; more is a wrong unit
_APART = 0.1  # relative difference between a dose and its rate times its length that is told


@dataclass(frozen=True, slots=True)
class Given:
    """A dose that can be followed: ``start``, ``amount`` in the models' unit, ``duration`` in hours."""

    start: datetime
    amount: float
    duration: float
    route: str
    place: str


@dataclass(slots=True)
class Told:
    """What the reader must know: ``notes`` of all that was assumed or left out, ``doubts`` that forbid a draft."""

    notes: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def doubt(self, text: str) -> None:
        """Notes something that forbids a draft as well."""
        self.notes.append(text)
        self.doubts.append(text)


@dataclass(frozen=True, slots=True)
class Routes:
    """The routes of the models, how records name them, and lengths of infusions where a record has none."""

    known: tuple[str, ...]
    names: tuple[tuple[str, str], ...]
    dosing: DosingFile | None
    unit: str

    def of(self, said: str) -> str:
        """The models' name for a route as a record has it; the record's own words where it has none.

        >>> Routes(("oral",), (("by mouth", "oral"),), None, "mg").of("Tablet by mouth")
        'oral'
        """
        words = f" {phrase(said)} "
        for name, route in (*((route, route) for route in self.known), *self.names):
            if f" {name} " in words:
                return route
        return said

    def infusion(self, route: str, amount: float) -> float:
        """The shortest infusion of ``amount`` that the dosing knowledge has on ``route`` and no rate forbids; 0: at once."""
        rows = [row for row in (self.dosing.regimens if self.dosing else []) if row.route == route]
        ceilings = [
            item for item in (self.dosing.ceilings if self.dosing else []) if item.kind == "rate" and not item.per_kg
        ]
        lengths = sorted({length for row in rows for length in row.infusions})
        slow = [length for length in lengths if not breaks(Regimen(route, amount, 24.0, length), ceilings, self.unit, {})]
        return next(iter(slow), lengths[-1] if lengths else 0.0)


def routes_of(models: Sequence[PkModel], care: Care, dosing: DosingFile | None) -> Routes:
    """The routes of ``models``."""
    known = dict.fromkeys(route for model in models for entry in model.structure.inputs for route in entry.routes)
    names = care.policy.route_names.items() if care.policy else ()
    return Routes(tuple(known), tuple(names), dosing, models[0].dose_unit)


def read_doses(
    given: Sequence[Administration], routes: Routes, now: datetime | None, told: Told
) -> tuple[list[Given], list[Administration]]:
    """The doses that can be followed, in order of time, and those of which amount or time is not known."""
    found: list[Given] = []
    lost: list[Administration] = []
    for item in given:
        route = routes.of(item.route)
        if item.route and route not in routes.known:
            told.notes.append(f"{_shown(item)} was given by the route {item.route}; no model follows it, it is left out")
            continue
        read = _read(item, route, routes, now, told)
        if isinstance(read, str):
            told.doubt(f"{_shown(item)} cannot be followed: {read}")
            lost.append(item)
        else:
            found.append(read)
    return _one_clock(_once(found, told), lost, given, told)


def _shown(item: Administration) -> str:
    dose = f" {item.dose.value:g} {item.dose.unit}".rstrip() if item.dose else ""
    when = item.start or (item.day.isoformat() if item.day else "no date")
    return f"{item.text}{dose}, {when} ({item.place})"


def _read(item: Administration, route: str, routes: Routes, now: datetime | None, told: Told) -> Given | str:
    """The dose, or why it cannot be followed."""
    start, end = moment_of(item.start), moment_of(item.end)
    if problem := _unusable(item, start, end):
        return problem
    assert start is not None
    if not item.route:
        if len(routes.known) != 1:
            return f"its route is not recorded ({' or '.join(routes.known)})"
        route = routes.known[0]
        told.doubt(f"{_shown(item)}: the route is not recorded; {route} is assumed")
    if item.status in _CUT:
        told.doubt(f"{_shown(item)}: its status is {item.status}; the amount recorded is taken as what was given")
    if end is None and item.status == "in-progress" and item.dose is None and now and is_zoned(now) == is_zoned(start):
        end = now
    span = (end - start).total_seconds() / 3600 if end is not None and item.end != item.start else None
    amounts = _amount(item, span, routes.unit, told)
    if isinstance(amounts, str):
        return amounts
    amount, duration = amounts
    if duration is None:
        duration = routes.infusion(route, amount)
        if duration:
            told.notes.append(f"{_shown(item)}: how long it ran is not recorded; {duration:g} h are assumed")
    return Given(start, amount, duration, route, item.place)


def _unusable(item: Administration, start: datetime | None, end: datetime | None) -> str:
    if item.doubt:
        return item.doubt
    if item.status not in (*_GIVEN, *_CUT):
        return f"its status is {item.status or 'not recorded'}"
    if len(item.drugs) > 1:
        return f"it holds {' and '.join(item.drugs)}, and the dose does not say how much of each"
    if start is None:
        return "it has a date and no time of day"
    if end is not None and (is_zoned(start) != is_zoned(end) or end < start):
        return (
            "it ends before it begins" if is_zoned(start) == is_zoned(end) else "only one of start and end has a time zone"
        )
    return ""


def _amount(item: Administration, span: float | None, unit: str, told: Told) -> tuple[float, float | None] | str:
    """Amount and length; the length is ``None`` where nothing tells it. A text: why the amount is not known."""
    rate = _in(item.rate, f"{unit}/h")
    if item.dose is None:
        if item.rate is None:
            return "the dose is not recorded"
        if isinstance(rate, str):
            shown = f"{item.rate.value:g} {item.rate.unit}"
            return f"the rate is {shown} without a concentration or dose, so the amount is not known"
        if span is None:
            return "there is a rate, and neither a dose nor an end"
        return _checked(rate * span, span, unit)
    amount = _in(item.dose, unit)
    if isinstance(amount, str):
        return f"the dose is {item.dose.value:g} {item.dose.unit or 'without a unit'}, not an amount of the drug; {amount}"
    if item.rate is not None and isinstance(rate, str):
        told.notes.append(
            f"{_shown(item)}: its rate, {item.rate.value:g} {item.rate.unit}, is not used: the concentration is not recorded"
        )
    if not isinstance(rate, str) and rate > 0:
        if span is None:
            return _checked(amount, amount / rate, unit)
        if abs(rate * span - amount) > _APART * amount:
            told.doubt(f"{_shown(item)}: its rate over its length makes {rate * span:.4g} {unit}; the dose is used")
    return _checked(amount, span, unit)


def _in(quantity: Quantity | None, unit: str) -> float | str:
    """The value in ``unit``, or why there is none."""
    if quantity is None or not quantity.unit:
        return f"give it in {unit}"
    try:
        return convert(quantity.value, quantity.unit, unit)
    except UnitError:
        return f"give it in {unit}"


def _checked(amount: float, duration: float | None, unit: str) -> tuple[float, float | None] | str:
    if not amount > 0:
        return f"the dose is {amount:g} {unit}"
    try:
        most = convert(_MOST_KG, "kg", unit)
    except UnitError:
        return amount, duration
    return (amount, duration) if amount <= most else f"the dose is {amount:g} {unit}, which cannot be; look at its unit"


def _once(found: Sequence[Given], told: Told) -> list[Given]:
    """Doses in order of time; what is written twice, word for word, counts once and is told."""
    kept: dict[tuple[datetime, float, float, str], Given] = {}
    for item in found:
        key = (item.start, item.amount, item.duration, item.route)
        if first := kept.get(key):
            same = f"{item.amount:g} at {item.start.isoformat()} stands twice ({first.place}, {item.place})"
            told.doubt(f"{same}; it is counted once: confirm that it was one dose")
        kept.setdefault(key, item)
    return list(kept.values())


def _one_clock(
    found: list[Given], lost: list[Administration], given: Sequence[Administration], told: Told
) -> tuple[list[Given], list[Administration]]:
    """Without the doses that have no time zone, where others have one."""
    if not any(is_zoned(item.start) for item in found):
        return sorted(found, key=lambda item: item.start), lost
    strange = {item.place for item in found if not is_zoned(item.start)}
    for item in (one for one in given if one.place in strange):
        told.doubt(f"{_shown(item)} cannot be followed: its time has no zone, and those of other doses have one")
        lost.append(item)
    return sorted((item for item in found if item.place not in strange), key=lambda item: item.start), lost
