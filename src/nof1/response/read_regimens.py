"""A regimen as it is ordered or stated, where a record does not say when doses were given; never without saying so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from nof1.errors import UnitError
from nof1.model.record import Course, Fact, Medication, Quantity, Record
from nof1.response.clock import Clock
from nof1.response.history import Dose
from nof1.response.read_doses import Routes, Told
from nof1.response.read_levels import Measured, Measures, level_of
from nof1.units.convert import convert

STEADY_DAYS = 14  # days of an unchanged regimen after which levels are taken to repeat themselves: a choice of ours
_BEFORE = 1 / 60  # hours before a dose at which a trough is taken
_DAY = 24.0


@dataclass(frozen=True, slots=True)
class Regular:
    """A train of doses from ``zero`` on, and where the order stands. ``begin``: of the order, where recorded."""

    zero: datetime
    dose: Dose
    place: str
    begin: datetime | None = None

    def reaching(self, first: datetime) -> Regular:
        """The same steady train, begun before ``first``; no further back than levels repeat themselves."""
        missing = (self.zero - first) / timedelta(hours=1) / self.dose.interval
        if not self.dose.is_steady or missing < 0:
            return self
        count = int(missing) + 1
        if self.begin is not None:
            settled = self.zero - self.begin - timedelta(days=STEADY_DAYS)
            count = min(count, max(int(settled / timedelta(hours=self.dose.interval)), 0))
        earlier = self.zero - timedelta(hours=count * self.dose.interval)
        return replace(self, zero=earlier, dose=replace(self.dose, additional=count))


def regular_doses(record: Record, drug: str, routes: Routes, now: datetime, told: Told) -> Regular | None:
    """The regimen of ``drug`` that is taken now, by what was ordered or stated; ``None`` where there is not one of them."""
    taken = [item for item in record.medications if drug in item.drugs and item.course is Course.ACTIVE]
    if not taken:
        return None
    if len(taken) > 1:
        shown = " and ".join(f"{_said(item)} ({item.place})" for item in taken)
        told.doubt(
            f"{drug} is taken in {len(taken)} ways, {shown}: which doses were given is not recorded; none is followed"
        )
        return None
    item = taken[0]
    read = _amount(item, routes)
    if isinstance(read, str):
        told.doubt(f"{_said(item)} ({item.place}) cannot be followed: {read}")
        return None
    amount, interval, route = read
    return _train(item, amount, interval, route, routes, now, told)


def _said(item: Medication) -> str:
    return f"{item.text} {item.dose_text}".strip()


def _amount(item: Medication, routes: Routes) -> tuple[float, float, str] | str:
    """Amount, interval in hours and route, or what is missing."""
    route = routes.of(item.route)
    if not item.route and len(routes.known) == 1:
        route = routes.known[0]
    if route not in routes.known:
        return f"its route is {item.route or 'not recorded'}; models know {', '.join(routes.known)}"
    if len(item.drugs) > 1:
        return "it holds several drugs, and the dose does not say how much of each"
    if item.dose is None or not item.per_day:
        return "the dose, or how often it is taken, is not one number"
    try:
        amount = convert(item.dose.value, item.dose.unit, routes.unit)
    except UnitError:
        return f"the dose is {item.dose.value:g} {item.dose.unit or 'without a unit'}; give it in {routes.unit}"
    return (amount, _DAY / item.per_day, route) if amount > 0 else f"the dose is {amount:g} {routes.unit}"


def _train(
    item: Medication, amount: float, interval: float, route: str, routes: Routes, now: datetime, told: Told
) -> Regular:
    duration = min(routes.infusion(route, amount), interval)
    said = f"when doses were given is not recorded: {amount:g} {routes.unit} every {interval:g} h is taken from {item.place}"
    begin = datetime.combine(item.start, time(), now.tzinfo) if item.start else None
    since = (now - begin) / timedelta(hours=1) if begin else None
    if since is None or since >= STEADY_DAYS * _DAY:
        how = "since a day that is not recorded" if since is None else f"for {since / _DAY:.0f} days"
        told.notes.append(f"{said}, {how}, without a change, and the last dose one interval ago")
        zero = now - timedelta(hours=interval)
        return Regular(zero, Dose(0.0, amount, route, duration, interval, 0, True), item.place, begin)
    told.notes.append(f"{said}, from the beginning of {item.start} on")
    count = max(int(max(since, 0.0) / interval - _BEFORE), 0)
    assert begin is not None
    return Regular(min(begin, now), Dose(0.0, amount, route, duration, interval, count), item.place)


def regular_troughs(
    record: Record, measured: Mapping[str, Measures], regular: Regular, are_troughs: bool, told: Told
) -> tuple[Measured, ...]:
    """The last level as a trough, where the caller says that it is one; otherwise none, and that is told."""
    facts = [fact for fact in record.facts if fact.term in measured and not fact.doubt and isinstance(fact.value, Quantity)]
    if not facts:
        return ()
    if not are_troughs:
        reason = "how long after a dose they were taken is not recorded; say that they are troughs if they are"
        told.doubt(f"{len(facts)} levels ({facts[0].place} ...) are not used: {reason}")
        return ()
    last = max(facts, key=lambda fact: (fact.at or str(fact.when or ""), fact.place))
    hours = _trough(last, regular)
    level = level_of(last, hours, measured[last.term]) if hours is not None else None
    if level is None:
        told.doubt(f"the level {last.given} ({last.place}) is not used: it has no date, or no dose was taken before it")
        return ()
    told.notes.append(f"the level {last.given}, {last.when} ({last.place}) is taken as one just before a dose, as you say")
    return (Measured(level, last.place),)


def _trough(fact: Fact, regular: Regular) -> float | None:
    """The hour just before a dose of the day of the level."""
    dose = regular.dose
    if dose.is_steady:
        return dose.interval - _BEFORE if fact.when else None
    if fact.when is None:
        return None
    number = int((Clock(regular.zero).begin(fact.when) + _DAY) / dose.interval)
    return number * dose.interval - _BEFORE if 1 <= number <= dose.additional + 1 else None
