"""One drug against one outcome of one person: which values count, what changed, what was expected, what else changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from nof1.knowledge.outcomes import Expected, Outcome
from nof1.model.findings import Indeterminate
from nof1.model.record import Record
from nof1.response.attributable import LEAST, Change, Confounder, adjusted, change, is_together
from nof1.response.episodes import (
    OFF,
    ON,
    UNKNOWN,
    Episode,
    Series,
    changed_between,
    doses_on,
    episodes,
    exposed_on,
    overlapping,
    series,
)
from nof1.response.expected import Judged, judge, row_for

States = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Point:
    """One value. ``part``: without, with, building (soon after a start), fading (soon after an end), other dose, unknown."""

    when: date
    value: float
    part: str


@dataclass(frozen=True, slots=True)
class Followed:
    """What is known of ``drug`` and ``outcome`` in one person.

    ``change`` or, where there is none, ``why`` not and what ``needs`` to be known. ``row``: the expected course that holds,
    or ``no_row``, why none does. ``from_days``: how long a start or an end was waited for. ``last_pair``: the last value
    without and with the drug. ``confounders``: other drugs that changed with it; ``left_out``: values that were not used.
    """

    drug: str
    outcome: str
    title: str
    unit: str
    better: str
    level: float
    episodes: tuple[Episode, ...]
    points: tuple[Point, ...]
    change: Change | None
    why: str
    needs: tuple[str, ...]
    row: Expected | None
    no_row: str
    judged: Judged | None
    important: float | None
    important_source: str
    from_days: int
    last_pair: tuple[Point, Point] | None
    confounders: tuple[Confounder, ...]
    left_out: tuple[str, ...]
    notes: tuple[str, ...]


def follow(
    record: Record,
    drug: str,
    outcome: Outcome,
    title: str,
    unit: str,
    rows: Sequence[Expected],
    members: Mapping[str, Sequence[str]],
    others: Mapping[str, Sequence[Episode]],
    today: date,
    level: float = 0.95,
) -> Followed:
    """``drug`` against ``outcome`` in ``record`` up to ``today``.

    ``title`` and ``unit`` of the outcome; ``rows``: expected courses; ``members``: drugs by class; ``others``: episodes of
    the other drugs. Whatever cannot be said is said to be so.
    """
    found, values = episodes(record, drug, today), series(record, outcome.id, unit, today)
    now = {name: _dose_now(found, name) for name in sorted({row.dose_unit for row in rows if row.dose_unit})}
    row, no_row = row_for(rows, drug, outcome.id, members, now)
    days = row.from_days if row else 0
    taken = exposed_on(found, values.days)
    parts, notes = _parts(found, values, taken, days)
    state = np.array([{"without": OFF, "with": ON}.get(part, UNKNOWN) for part in parts], dtype=np.int8)
    said = _change(found, values, state, outcome, level)
    why, needs = (said.reason, said.needs) if isinstance(said, Indeterminate) else ("", ())
    points = tuple(
        Point(when, float(value), part) for when, value, part in zip(values.dates, values.values, parts, strict=True)
    )
    return Followed(
        drug=drug,
        outcome=outcome.id,
        title=title,
        unit=unit,
        better=outcome.better,
        level=level,
        episodes=found,
        points=points,
        change=said if isinstance(said, Change) else None,
        why=why,
        needs=needs,
        row=row,
        no_row=no_row,
        judged=_judged(row, outcome, said, points, _days_taken(found, values, taken)),
        important=outcome.important,
        important_source=outcome.important_source,
        from_days=days,
        last_pair=_last_pair(points),
        confounders=_confounders(values, state, others, outcome.scale, level),
        left_out=values.left_out,
        notes=(*notes, *overlapping(found)),
    )


def _judged(
    row: Expected | None, outcome: Outcome, said: Change | Indeterminate, points: Sequence[Point], since: int | None
) -> Judged | None:
    if row is None:
        return None
    done, why = (said, "") if isinstance(said, Change) else (None, said.reason)
    last = _last_pair(points)
    pair = (last[0].value, last[1].value) if last else None
    return judge(row, outcome, done, why, since, points[-1].value if points else None, pair)


def _dose_now(found: Sequence[Episode], unit: str) -> float | None:
    """The daily dose on the last day on which the drug was taken, in ``unit``."""
    last = [one.last or one.start for one in found if one.start is not None]
    days = np.array([max(day for day in last if day is not None).toordinal()] if last else [], dtype=np.int64)
    doses = doses_on(found, days, unit)
    return float(doses[0]) if len(doses) and doses[0] > 0 else None


def _change(
    found: Sequence[Episode], values: Series, state: States, outcome: Outcome, level: float
) -> Change | Indeterminate:
    if not found:
        return Indeterminate("change", "the record does not have the drug", ("the drug with its dates",))
    if not len(values.days):
        return Indeterminate("change", "the record has no usable value", ("values with dates",))
    if all(one.start is None for one in found):
        return Indeterminate("change", "when the drug was begun is not recorded", ("the day on which it was begun",))
    return change(values.days, values.values, state, outcome.scale, level)


def _parts(found: Sequence[Episode], values: Series, taken: States, days: int) -> tuple[list[str], tuple[str, ...]]:
    """What each value stands for, and what a reader must know of that."""
    words = {ON: "with", OFF: "without", UNKNOWN: "unknown"}
    parts = [words[int(one)] for one in taken]
    notes: list[str] = []
    starts = [one.start.toordinal() for one in found if one.start is not None]
    ends = [one.last.toordinal() for one in found if one.last is not None and not one.is_current]
    for place, day in enumerate(values.days.tolist()):
        if parts[place] == "without" and day in starts:
            notes.append("a value of the day on which the drug was begun counts as one before it")
        elif parts[place] == "with" and any(start <= day < start + days for start in starts):
            parts[place] = "building"
        elif parts[place] == "without" and any(end < day <= end + days for end in ends):
            parts[place] = "fading"
    _other_doses(found, values, parts, notes)
    if "unknown" in parts:
        notes.append("whether the drug was taken is not known for some values; they are not used")
    return parts, tuple(dict.fromkeys(notes))


def _other_doses(found: Sequence[Episode], values: Series, parts: list[str], notes: list[str]) -> None:
    """Sets values of other doses apart, where enough of the latest dose remain; else all count as one, which is told."""
    unit = next((one.unit for one in reversed(found) if one.per_day is not None), "")
    inside = [place for place, part in enumerate(parts) if part == "with"]
    if not unit or not inside:
        return
    doses = doses_on(found, values.days, unit)
    latest = doses[inside[-1]]
    same = [place for place in inside if doses[place] == latest]
    if len(same) == len(inside):
        return
    if len(same) < LEAST:
        notes.append("values under different doses count together: of the latest dose there are too few")
        return
    notes.append(f"only values under the latest dose ({latest:g} {unit} a day) count as with the drug")
    for place in inside:
        if place not in same:
            parts[place] = "other dose"


def _days_taken(found: Sequence[Episode], values: Series, taken: States) -> int | None:
    """From the start of the dose to the last value under it; ``None`` where there is none, or no start."""
    inside = np.flatnonzero(taken == ON)
    if not len(inside):
        return None
    day = int(values.days[inside[-1]])
    starts = [one.start.toordinal() for one in found if one.start is not None and one.start.toordinal() <= day]
    return day - max(starts) if starts else None


def _last_pair(points: Sequence[Point]) -> tuple[Point, Point] | None:
    before = [point for point in points if point.part == "without"]
    during = [point for point in points if point.part == "with"]
    earlier = [point for point in before if during and point.when < during[-1].when]
    return (earlier[-1], during[-1]) if earlier and during else None


def _confounders(
    values: Series, state: States, others: Mapping[str, Sequence[Episode]], scale: str, level: float
) -> tuple[Confounder, ...]:
    """Other drugs that were taken more, or less, often with the drug than without it, at the values that count."""
    used = np.flatnonzero(state >= OFF)
    if not len(used) or not (state == ON).any() or not (state == OFF).any():
        return ()
    first, last = (date.fromordinal(int(values.days[place])) for place in (used[0], used[-1]))
    found = []
    for name, items in sorted(others.items()):
        also = exposed_on(items, values.days)
        undated = bool((also[used] == UNKNOWN).any())
        if not undated and not is_together(state, also):
            continue
        told = tuple(f"{what} {day}" for day, what in changed_between(items, first, last))
        if undated:
            told = (*told, "when it was taken is not fully recorded")
        separable, rest = adjusted(values.days, values.values, state, also, scale, level)
        found.append(Confounder(name, told, separable and not undated, rest if not undated else None))
    return tuple(found)
