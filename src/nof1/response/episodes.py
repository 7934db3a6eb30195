"""When a drug was taken and when not, and an outcome as a series, out of the record; what is not dated stays unknown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from nof1.errors import UnitError
from nof1.model.record import Course, Fact, Medication, Quantity, Record
from nof1.units.convert import convert

ON, OFF, UNKNOWN = 1, 0, -1


@dataclass(frozen=True, slots=True)
class Episode:
    """One stretch of a drug. ``start`` and ``last``: first and last day on which it was taken; ``None`` where not recorded.

    ``is_current``: it is taken on the day asked about. ``per_day`` in ``unit``: the daily dose, where the record says it.
    """

    drug: str
    start: date | None
    last: date | None
    is_current: bool
    per_day: float | None = None
    unit: str = ""
    places: tuple[str, ...] = ()

    @property
    def dose(self) -> str:
        """The daily dose in words."""
        return f"{self.per_day:g} {self.unit} a day" if self.per_day is not None else "dose not recorded"


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """An outcome over time: ``days`` (n,) since 0001-01-01, rising, none twice; ``values`` (n,) in ``unit``.

    ``counts`` (n,): values of one day that were averaged. ``left_out``: what was not used, and why.
    """

    term: str
    unit: str
    days: NDArray[np.int64]
    values: NDArray[np.float64]
    counts: NDArray[np.int64]
    left_out: tuple[str, ...] = ()

    @property
    def dates(self) -> list[date]:
        """The days as dates."""
        return [date.fromordinal(int(day)) for day in self.days]


def episodes(record: Record, drug: str, today: date) -> tuple[Episode, ...]:
    """Every stretch of ``drug`` in ``record`` up to ``today``, the earliest first; those not dated at all come first.

    Of one dose, stretches that overlap or follow each other day by day are one. Plans, what begins later, and what is given
    locally only are left out.
    """
    items = [item for item in record.medications if drug in item.drugs and item.is_systemic is not False]
    found = [one for item in items if (one := _episode(item, drug, today)) is not None]
    found.sort(key=lambda one: (one.start or date.min, one.last or date.max, one.places))
    kept: list[Episode] = []
    for one in found:
        same = next((place for place, other in enumerate(kept) if _continues(other, one)), None)
        if same is None:
            kept.append(one)
        else:
            kept[same] = _joined(kept[same], one)
    return tuple(kept)


def _episode(item: Medication, drug: str, today: date) -> Episode | None:
    if item.course is Course.PLANNED or (item.start is not None and item.start > today):
        return None
    last = item.end if item.end is not None and item.end <= today else None
    is_current = item.course is Course.ACTIVE and (item.end is None or item.end >= today)
    if is_current:
        last = today
    per_day = item.dose.value * item.per_day if item.dose is not None and item.per_day is not None else None
    unit = item.dose.unit if item.dose is not None else ""
    return Episode(drug, item.start, last, is_current, per_day, unit, (item.place,) if item.place else ())


def _continues(one: Episode, later: Episode) -> bool:
    if (one.per_day, one.unit) != (later.per_day, later.unit) or None in (one.start, one.last, later.start):
        return False
    assert one.last is not None and later.start is not None
    return later.start <= one.last + timedelta(days=1)


def _joined(one: Episode, later: Episode) -> Episode:
    assert one.last is not None
    last = max(one.last, later.last) if later.last is not None else None
    is_current = one.is_current or later.is_current
    return Episode(one.drug, one.start, last, is_current, one.per_day, one.unit, (*one.places, *later.places))


def taken_on(found: Sequence[Episode], days: NDArray[np.int64]) -> NDArray[np.int8]:
    """Whether the drug was taken on each of ``days`` (n,): 1 yes, 0 not as far as the record goes, -1 not known.

    A start that is not recorded leaves the time before the end unknown; an end that is not recorded leaves what comes after
    the start unknown, until another stretch begins. No drug at all is 0 everywhere.
    """
    state = np.zeros(len(days), dtype=np.int8)
    starts = [one.start.toordinal() for one in found if one.start is not None]
    for one in found:
        if one.start is None:
            state[days <= (one.last.toordinal() if one.last else np.iinfo(np.int64).max)] = UNKNOWN
        elif one.last is None:
            begun = one.start.toordinal()
            until = min((start for start in starts if start > begun), default=np.iinfo(np.int64).max)
            state[(days > begun) & (days < until)] = UNKNOWN
    for one in found:
        if one.start is not None:
            last = one.last.toordinal() if one.last else one.start.toordinal()
            state[(days >= one.start.toordinal()) & (days <= last)] = ON
        elif one.is_current and one.last is not None:
            state[days == one.last.toordinal()] = ON
    return state


def exposed_on(found: Sequence[Episode], days: NDArray[np.int64]) -> NDArray[np.int8]:
    """As ``taken_on``, but for what is measured: on the day on which a drug is begun a value counts as one before it."""
    state = taken_on(found, days)
    starts = np.array([one.start.toordinal() for one in found if one.start is not None], dtype=np.int64)
    begun = np.isin(days, starts) & (state == ON) & (taken_on(found, days - 1) == OFF)
    return np.where(begun, np.int8(OFF), state)


def doses_on(found: Sequence[Episode], days: NDArray[np.int64], unit: str) -> NDArray[np.float64]:
    """The daily dose on each of ``days`` (n,) in ``unit``, all that was taken added up; -1 where unknown, 0 where none."""
    total = np.zeros(len(days))
    for one in found:
        if one.start is None:
            continue
        last = one.last or one.start
        inside = (days >= one.start.toordinal()) & (days <= last.toordinal())
        dose = daily_dose(one, unit)
        total[inside] = np.where((total[inside] < 0) | (dose is None), -1.0, total[inside] + (dose or 0.0))
    return total


def daily_dose(one: Episode, unit: str) -> float | None:
    """The daily dose of ``one`` in ``unit``; ``None`` where it is not recorded or cannot be converted."""
    if one.per_day is None:
        return None
    try:
        return convert(one.per_day, one.unit, unit)
    except UnitError:
        return None


def overlapping(found: Sequence[Episode]) -> tuple[str, ...]:
    """Stretches of different doses that overlap, in words: the record says two things of one time."""
    told = []
    dated = [one for one in found if one.start is not None and one.last is not None]
    for place, one in enumerate(dated):
        for other in dated[place + 1 :]:
            assert one.last is not None and other.start is not None and one.start is not None and other.last is not None
            if other.start <= one.last and one.start <= other.last:
                told.append(
                    f"{one.drug}: {one.dose} and {other.dose} overlap from {max(one.start, other.start)} to "
                    f"{min(one.last, other.last)}; the doses are added up: check which holds"
                )
    return tuple(told)


def series(record: Record, term: str, unit: str, today: date) -> Series:
    """The values of ``term`` up to ``today``; several of one day are averaged.

    Left out and told: values without a date, of the future, beyond the range of a test, doubtful ones, answers in words.
    """
    usable: dict[int, list[float]] = {}
    left: list[str] = []
    for fact in record.facts:
        if fact.term != term:
            continue
        why = _unusable(fact, today)
        if why:
            left.append(f"{fact.given or _shown(fact)} ({fact.when or 'no date'}, {fact.place}): {why}")
        elif isinstance(fact.value, Quantity) and fact.when is not None:
            usable.setdefault(fact.when.toordinal(), []).append(fact.value.value)
    days = sorted(usable)
    values = np.array([float(np.mean(usable[day])) for day in days])
    counts = np.array([len(usable[day]) for day in days], dtype=np.int64)
    return Series(term, unit, np.array(days, dtype=np.int64), values, counts, tuple(left))


def _unusable(fact: Fact, today: date) -> str:
    if fact.doubt:
        return fact.doubt
    if not isinstance(fact.value, Quantity) or not np.isfinite(fact.value.value):
        return "it is no number"
    if fact.comparator:
        return f"it is beyond the range of the test ({fact.comparator}), so its size is not known"
    if fact.when is None:
        return "it has no date"
    return f"it lies in the future of {today}" if fact.when > today else ""


def _shown(fact: Fact) -> str:
    return f"{fact.value.value:g} {fact.value.unit}" if isinstance(fact.value, Quantity) else str(fact.value)


def drugs_in(record: Record) -> tuple[str, ...]:
    """The recognised drugs of ``record``, in the order of their names."""
    return tuple(sorted({drug for item in record.medications for drug in item.drugs}))


def changed_between(found: Iterable[Episode], first: date, last: date) -> tuple[tuple[date, str], ...]:
    """The days from ``first`` to ``last`` on which a drug began or ended, with what happened."""
    told: list[tuple[date, str]] = []
    for one in found:
        if one.start is not None and first <= one.start <= last:
            told.append((one.start, f"begun ({one.dose})"))
        if one.last is not None and not one.is_current and first <= one.last <= last:
            told.append((one.last, "ended"))
    return tuple(sorted(told))
