"""Levels and covariates of a record on the clock of its doses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from nof1.errors import UnitError
from nof1.knowledge.care import Care, MeasurementTerm
from nof1.knowledge.dosing import Ceiling, DosingFile, Regimens, Target
from nof1.knowledge.formula import parse
from nof1.knowledge.kinetics import PkModel
from nof1.model.record import Fact, Quantity, Record
from nof1.response.case import Series
from nof1.response.clock import Clock, moment_of
from nof1.response.history import Level
from nof1.response.read_doses import Told
from nof1.units.convert import convert

NEW_COURSE = 28 * 24.0  # hours without a dose after which a new course begins: a choice of ours
_YEAR = 8766.0  # hours
_MIDDAY = 12.0  # hours; of a day it is never further than half a day away
_LIMITS: dict[str, Literal["below", "above"]] = {"<": "below", "<=": "below", ">": "above", ">=": "above"}


@dataclass(frozen=True, slots=True)
class Measured:
    """A level with the place where the record has it."""

    level: Level
    place: str


@dataclass(frozen=True, slots=True)
class Span:
    """From the first dose (hour 0) on, levels are followed. ``lost``: the hour of the first dose that could not be followed.

    ``has_earlier``: there were doses long before; levels before hour 0 are theirs.
    """

    lost: float
    has_earlier: bool = False


@dataclass(frozen=True, slots=True)
class Measures:
    """What values of a ``term`` are for the models: the ``name`` of the output (empty: the first of each), its ``unit``.

    ``is_slow``: an effect that follows the level over days, so that the hour of the day matters little.
    """

    name: str
    unit: str
    term: MeasurementTerm
    is_slow: bool = False


def outputs(models: Sequence[PkModel], care: Care) -> dict[str, Measures]:
    """What the models measure, by term."""
    found: dict[str, Measures] = {}
    for model in models:
        for place, output in enumerate(model.outputs):
            if output.term in care.measurements:
                name, term = output.name if place else "", care.measurements[output.term]
                found.setdefault(output.term, Measures(name, output.unit, term, bool(model.structure.states)))
    return found


def read_levels(
    record: Record, measured: Mapping[str, Measures], clock: Clock, now: float, span: Span, told: Told
) -> list[Measured]:
    """Levels with a time between the first dose and now; of a slow effect a date is enough, and midday is taken."""
    found = []
    for fact in _of(record.facts, measured):
        output = measured[fact.term]
        shown = f"{output.term.title} {fact.given or 'without a value'}, {fact.at or fact.when or 'no date'} ({fact.place})"
        hours = time_of(fact, output, clock, now)
        if reason := _unusable(fact, output, hours, now):
            told.notes.append(f"{shown} is not used: {reason}")
            continue
        if not fact.at:
            told.notes.append(
                f"{shown} has a date and no time of day; midday is taken, since it follows the doses over days"
            )
        assert hours is not None and isinstance(fact.value, Quantity)
        if hours <= 0:
            _early(f"{shown} was taken before the first dose that is followed; it is not used", fact, hours, span, told)
        elif hours >= span.lost:
            told.doubt(f"{shown} is not used: a dose before it could not be followed")
        elif (level := level_of(fact, hours, output)) is None:
            told.notes.append(f"{shown} is not used: {output.term.unit} does not become {output.unit}")
        else:
            if "preliminary" in fact.given:
                told.doubt(f"{shown}: it is preliminary")
            found.append(Measured(level, fact.place))
    return sorted(found, key=lambda item: (item.level.time, item.place))


def _of(facts: Iterable[Fact], terms: Iterable[str]) -> list[Fact]:
    wanted = set(terms)
    return [fact for fact in facts if fact.term in wanted]


def time_of(fact: Fact, output: Measures, clock: Clock, now: float) -> float | None:
    """The hour of a level: of a slow effect with a date only midday of that day, or now where that is earlier."""
    if moment := moment_of(fact.at):
        return clock.hours(moment)
    if not (output.is_slow and fact.when):
        return None
    begin = clock.begin(fact.when)
    return min(begin + _MIDDAY, max(begin, now))


def _unusable(fact: Fact, output: Measures, hours: float | None, now: float) -> str:
    if fact.doubt or not isinstance(fact.value, Quantity):
        return fact.doubt or "it is no number"
    if not (fact.at or (output.is_slow and fact.when)):
        return "it has a date and no time of day, and a level means nothing without the time since the dose"
    if hours is None:
        return "only one of its time and those of the doses has a time zone"
    return "it lies after now" if hours > now else ""


def _early(text: str, fact: Fact, hours: float, span: Span, told: Told) -> None:
    """A level above nothing shortly before the first dose says that doses are missing."""
    assert isinstance(fact.value, Quantity)
    is_close = hours > -NEW_COURSE and not span.has_earlier
    if is_close and fact.value.value > 0 and not fact.comparator.startswith("<"):
        told.doubt(f"{text}: doses before it may be missing")
    else:
        told.notes.append(text)


def level_of(fact: Fact, hours: float, output: Measures) -> Level | None:
    """The level in the unit of the models; ``None`` where the units do not fit."""
    assert isinstance(fact.value, Quantity)
    try:
        value = convert(fact.value.value, fact.value.unit, output.unit, output.term.molar_mass, output.term.charge)
    except UnitError:
        return None
    return Level(hours, value, output.name, _LIMITS.get(fact.comparator, ""))


def asked(models: Sequence[PkModel], dosing: DosingFile | None, care: Care) -> set[str]:
    """The names of facts that the models, the doses and the equations behind them ask for."""
    names = {item.term for model in models for item in model.covariates if item.term}
    if dosing:
        rows: list[Regimens | Ceiling | Target] = [*dosing.regimens, *dosing.ceilings, *dosing.targets]
        names |= {name for row in rows if row.when for name in parse(row.when).names} | {item.fact for item in dosing.fresh}
        names |= {"weight"}
    equations = care.policy.equations if care.policy else ()
    for _ in equations:
        names |= {name for item in equations if item.gives in names for name in _inputs(item.inputs, item.domain)}
    return names


def _inputs(inputs: Iterable[str], domain: str) -> set[str]:
    return {*inputs, *(parse(domain).names if domain else ())}


def read_facts(record: Record, names: Iterable[str], care: Care, clock: Clock, now: float, told: Told) -> dict[str, Series]:
    """What was measured until now, by term: the last value before the first dose, and every later one.

    A value with a date only counts from the beginning of its day. One beyond the range of its test is no number.
    """
    found: dict[str, dict[float, float]] = {}
    dated: dict[str, None] = {}
    for fact in sorted(_of(record.facts, set(names) & set(care.measurements)), key=lambda item: item.place):
        title = care.measurements[fact.term].title
        if (hours := _hours(fact, clock)) is None or hours > now:
            continue
        if fact.doubt or not isinstance(fact.value, Quantity) or fact.comparator:
            told.notes.append(f"{title} {fact.given} ({fact.place}) is not used: {fact.doubt or 'it is not one number'}")
            continue
        if not fact.at:
            dated[title] = None
        values = found.setdefault(fact.term, {})
        if hours in values and values[hours] != fact.value.value:
            told.doubt(f"{title} has two values at one time, {values[hours]:g} and {fact.value.value:g} {fact.value.unit}")
        values[hours] = fact.value.value
    if dated:
        told.notes.append(f"{', '.join(dated)}: some values have a date only; they count from the beginning of that day")
    return {term: tuple(_since(values)) for term, values in found.items()}


def _hours(fact: Fact, clock: Clock) -> float | None:
    moment = moment_of(fact.at)
    hours = clock.hours(moment) if moment else None
    return clock.begin(fact.when) if hours is None and fact.when else hours


def _since(values: Mapping[float, float]) -> Iterator[tuple[float, float]]:
    """In order of time, without what was measured before the last value that precedes hour 0."""
    before = max((time for time in values if time <= 0), default=None)
    return iter(sorted((time, value) for time, value in values.items() if before is None or time >= before))


def read_person(record: Record, clock: Clock, care: Care, told: Told) -> dict[str, Series]:
    """``age`` in years at hour 0 (completed ones for adults) and ``female``, ``male``; empty for what is not recorded."""
    found: dict[str, Series] = {}
    if record.sex in ("female", "male"):
        found |= {sex: ((0.0, float(record.sex == sex)),) for sex in ("female", "male")}
    if record.birth_date is not None:
        found["age"] = ((0.0, _age(record.birth_date, clock, care.policy.adult_age if care.policy else 0)),)
        if record.birth_precision in ("month", "year"):
            told.notes.append(f"only the {record.birth_precision} of birth is recorded; its first day is taken")
    return found


def _age(birth: date, clock: Clock, adult: int) -> float:
    """Years at hour 0: completed ones of an adult, with the part of the year that has begun of a child."""
    day = clock.zero.date()
    whole = day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
    return float(whole) if whole >= adult else max(-clock.begin(birth), 0.0) / _YEAR
