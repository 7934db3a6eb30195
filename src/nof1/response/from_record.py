"""A case out of a health record: doses as they were given, levels, covariates, and every assumption said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nof1.errors import RequestError
from nof1.knowledge.care import Care
from nof1.knowledge.dosing import DosingFile
from nof1.knowledge.kinetics import PkModel
from nof1.model.record import Administration, Record
from nof1.response.case import Case, GeneKnown
from nof1.response.clock import Clock, moment_of
from nof1.response.history import Dose
from nof1.response.read_doses import Given, Told, read_doses, routes_of
from nof1.response.read_levels import (
    NEW_COURSE,
    Measured,
    Measures,
    Span,
    asked,
    outputs,
    read_facts,
    read_levels,
    read_person,
    time_of,
)
from nof1.response.read_regimens import Regular, regular_doses, regular_troughs

_NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Beside:
    """What the caller knows beside the record: ``states`` by condition (1 or 0; not named: unknown), drugs and genes.

    ``drugs``: those taken, ``None``: not known; ``classes``: theirs. ``mic`` mg/L. ``are_troughs``: the caller says that
    levels were taken just before a dose, which counts where the record has a regimen and no times of doses.
    """

    states: Mapping[str, float] = field(default_factory=dict)
    drugs: frozenset[str] | None = None
    classes: frozenset[str] = frozenset()
    genes: Mapping[str, GeneKnown] = field(default_factory=dict)
    mic: float | None = None
    are_troughs: bool = False


@dataclass(frozen=True, slots=True)
class FromRecord:
    """The ``case``; ``zero``: the moment of its hour 0 (in UTC where the record's times have zones).

    ``notes``: what was assumed and left out, by name. ``basis``: the places of the doses and levels that are used.
    ``is_regular``: doses follow from an order, not from what was given.
    """

    case: Case
    zero: datetime
    notes: tuple[str, ...]
    basis: tuple[str, ...]
    is_regular: bool = False


def case_of(
    record: Record,
    care: Care,
    drug: str,
    models: Sequence[PkModel],
    now: datetime | None = None,
    *,
    dosing: DosingFile | None = None,
    beside: Beside | None = None,
) -> FromRecord:
    """The case of ``drug`` in ``record``, for ``models`` of that drug.

    ``now``: when the next dose may be given; ``None``: when it is due after the last one recorded. Without any dose in the
    record ``now`` has to be given. What cannot be followed is in ``notes``; what forbids a draft is in ``Case.doubts``.
    Raises ``RequestError`` where there is neither a dose nor ``now``, or no model.
    """
    if not models:
        raise RequestError(f"no model of {drug} is known; bring one as a file, or choose another drug")
    known, told, routes = beside or Beside(), Told(), routes_of(models, care, dosing)
    measured = outputs(models, care)
    mine = [item for item in record.administrations if drug in item.drugs]
    given, lost = read_doses(mine, routes, now, told)
    until = _until(given, now, told)
    if until:
        course = _last_course(until, told)
        found = _followed(record, course, lost, len(course) < len(until), measured, now, told)
    elif now is None:
        raise RequestError(f"the record has no dose of {drug} that can be followed, so now has to be given: a date and time")
    else:
        regular = None if mine else regular_doses(record, drug, routes, now, told)
        found = _ordered(regular, record, measured, now, known.are_troughs, told)
    facts = read_facts(record, asked(models, dosing, care), care, found.clock, found.now, told)
    case = Case(
        drug=drug,
        doses=found.doses,
        levels=tuple(item.level for item in found.levels),
        now=found.now,
        facts=facts | read_person(record, found.clock, care, told),
        drugs=known.drugs,
        classes=known.classes,
        genes=known.genes,
        states=known.states,
        mic=known.mic,
        doubts=tuple(dict.fromkeys(told.doubts)),
    )
    basis = (*found.places, *(item.place for item in found.levels))
    return FromRecord(case, found.clock.zero, tuple(dict.fromkeys(told.notes)), basis, found.is_regular)


@dataclass(frozen=True, slots=True)
class _Found:
    """Doses and levels on a clock, the present hour, and where the doses stand in the record."""

    clock: Clock
    now: float
    doses: tuple[Dose, ...] = ()
    levels: tuple[Measured, ...] = ()
    places: tuple[str, ...] = ()
    is_regular: bool = False


def _until(given: Sequence[Given], now: datetime | None, told: Told) -> list[Given]:
    """Doses until now."""
    if now is None:
        return list(given)
    kept = [item for item in given if Clock(item.start).now(now) >= 0]
    if len(kept) < len(given):
        told.notes.append(f"{len(given) - len(kept)} doses are dated after now; they are left out")
    return kept


def _last_course(given: Sequence[Given], told: Told) -> list[Given]:
    """The doses since the last long pause."""
    begin = 0
    for place in range(1, len(given)):
        if (Clock(given[place - 1].start).hours(given[place].start) or 0.0) > NEW_COURSE:
            begin = place
    if begin:
        days = f"{NEW_COURSE / 24:g} days"
        told.notes.append(f"{begin} doses before a pause of more than {days} are left out, with the levels after them")
    return list(given[begin:])


def _followed(
    record: Record,
    course: Sequence[Given],
    lost: Sequence[Administration],
    has_earlier: bool,
    measured: Mapping[str, Measures],
    now: datetime | None,
    told: Told,
) -> _Found:
    """Doses as they were given, and the levels between the first of them and now."""
    clock = Clock(course[0].start)
    doses = tuple(Dose(clock.hours(item.start) or 0.0, item.amount, item.route, item.duration) for item in course)
    present = _due(doses, record, measured, clock, told) if now is None else clock.now(now)
    hours = [_when(item, clock) for item in lost]
    span = Span(min((hour for hour in hours if hour > -NEW_COURSE), default=_NEVER), has_earlier)
    levels = read_levels(record, measured, clock, present, span, told)
    return _Found(clock, present, doses, tuple(levels), tuple(item.place for item in course))


def _when(item: Administration, clock: Clock) -> float:
    """The hour of a dose that could not be followed; long ago where nothing tells it."""
    moment = moment_of(item.start)
    hours = clock.hours(moment) if moment else None
    if hours is not None:
        return hours
    return clock.begin(item.day) if item.day else -_NEVER


def _due(doses: Sequence[Dose], record: Record, measured: Mapping[str, Measures], clock: Clock, told: Told) -> float:
    """When the next dose is due: as long after the last one as that was after the one before, and after the last level."""
    last = doses[-1]
    interval = last.time - doses[-2].time if len(doses) > 1 else last.duration
    moments = [moment_of(fact.at) for fact in record.facts if fact.term in measured and fact.at and not fact.doubt]
    levels = [hours for moment in moments if moment and (hours := clock.hours(moment)) is not None]
    due = max(last.time + interval, *levels, last.time)
    told.notes.append(f"the next dose is taken as due at {due:.3g} h after the first one, as the doses before were spaced")
    return due


def _ordered(
    regular: Regular | None,
    record: Record,
    measured: Mapping[str, Measures],
    now: datetime,
    are_troughs: bool,
    told: Told,
) -> _Found:
    """Doses as they are ordered, or none. Levels count only as troughs, and only where the caller says that they are.

    Slow effects count at their own times: how long after a dose they were measured matters little.
    """
    if regular is None:
        clock = Clock(now)
        read_levels(record, measured, clock, clock.now(now), Span(-_NEVER), told)
        return _Found(clock, clock.now(now))
    slow = {name: item for name, item in measured.items() if item.is_slow}
    times = [
        hours
        for fact in record.facts
        if fact.term in slow
        if (hours := time_of(fact, slow[fact.term], Clock(now), 0.0)) is not None
    ]
    if recent := [hours for hours in times if -NEW_COURSE <= hours <= 0]:
        regular = regular.reaching(now + timedelta(hours=min(recent)))
    clock = Clock(regular.zero)
    present = clock.now(now)
    quick = {name: item for name, item in measured.items() if not item.is_slow}
    levels = regular_troughs(record, quick, regular, are_troughs, told)
    levels += tuple(read_levels(record, slow, clock, present, Span(_NEVER, True), told))
    return _Found(clock, present, (regular.dose,), levels, (regular.place,), True)
