"""What the record says about this person today, under the names that rules ask for; what it does not say is unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType

from nof1.decision.computed import compute
from nof1.decision.facts import RECORD, Facts, Known, Unknown, Unknowns, values_of
from nof1.decision.measured import Latest, by_term, latest
from nof1.decision.states import state
from nof1.knowledge.care import Care
from nof1.model.evidence import Because, SourceRef
from nof1.model.record import Record

_MONTH, _YEAR = 30, 364  # days by which a date of which only the month or year is known may be later
_LATER = {"month": _MONTH, "year": _YEAR}
_SEXES = ("female", "male")


@dataclass(frozen=True, slots=True)
class Situation:
    """Facts by name, reasons of what is unknown by name, and what must be told about the facts (stale, contradictory).

    ``has_record`` is false where no record was given: then nothing is asked of it.
    """

    today: date
    has_record: bool
    facts: Mapping[str, Known]
    unknown: Mapping[str, Unknown]
    notes: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, float | tuple[float, float]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """``values``: the numbers alone, or their limits."""
        object.__setattr__(self, "values", values_of(dict(self.facts)))


def situation(
    record: Record | None, care: Care, today: date, supposing: Mapping[str, Known] = MappingProxyType({})
) -> Situation:
    """The situation of a person on ``today``; with ``record`` ``None`` nothing is known.

    ``supposing``: states as they are supposed to be; what follows from them is computed from these.
    """
    if record is None:
        return Situation(today, False, {}, {})
    facts: Facts = {}
    unknown: Unknowns = {}
    notes: list[str] = []
    _person(record, today, facts, unknown)
    answers: dict[str, str] = {}
    measured = by_term(record)
    read = {name: latest(measured.get(name, ()), term, today) for name, term in care.measurements.items()}
    for name, found in read.items():
        notes += found.notes
        if found.answer and not found.is_stale:
            answers[name] = found.answer
        _measured(name, found, care, facts, unknown)
    for condition in care.conditions.values():
        state(condition, record, care, today, facts, unknown, answers)
    for name, fact in supposing.items():
        facts[name] = fact
        unknown.pop(name, None)
    notes += compute(care, read, facts, unknown)
    return Situation(today, True, facts, unknown, tuple(notes), answers)


def _person(record: Record, today: date, facts: Facts, unknown: Unknowns) -> None:
    place = SourceRef(RECORD, record.person)
    if record.birth_date is None:
        unknown["age"] = Unknown("date of birth: not recorded", ("date of birth",))
    else:
        facts["age"] = _age(record.birth_date, record.birth_precision, record.died or today, place)
    for sex in _SEXES:
        if record.sex in _SEXES:
            is_so = record.sex == sex
            facts[sex] = Known(float(is_so), sex if is_so else f"no {sex}", Because("sex", record.sex, place))
        else:
            unknown[sex] = Unknown("sex: not recorded", ("sex",))


def _age(birth: date, precision: str, today: date, place: SourceRef) -> Known:
    """The age, or the two it can be where only the month or year of birth is recorded."""
    oldest = years(birth, today)
    youngest = max(years(birth + timedelta(days=_LATER.get(precision, 0)), today), 0)
    if youngest == oldest:
        return Known(oldest, f"{oldest} years", Because("age", f"{oldest} years, born {birth}", place))
    words = f"{youngest} or {oldest} years (only the {precision} of birth is recorded)"
    return Known(youngest, words, Because("age", words, place), False, None, (youngest, oldest))


def years(birth: date, today: date) -> int:
    """Completed years between two dates.

    >>> years(date(2000, 3, 2), date(2018, 3, 1)), years(date(2000, 3, 2), date(2018, 3, 2))
    (17, 18)
    """
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def _measured(name: str, found: Latest, care: Care, facts: Facts, unknown: Unknowns) -> None:
    term = care.measurements[name]
    if found.value is None:
        if not found.answer:
            unknown[name] = Unknown(found.why or f"{term.title}: not recorded", (term.title,))
        return
    words = f"{term.title} {found.words}"
    because = Because(term.title, found.words, SourceRef(RECORD, found.place))
    facts[name] = Known(found.value, words, because, found.is_stale, found.when, found.limits)
