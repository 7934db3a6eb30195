"""What the record says on the questions of a scale of suspected reactions: time, stopping, giving again, dose, level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from nof1.knowledge.outcomes import Outcome, ReactionScale
from nof1.model.record import Record
from nof1.response.episodes import ON, Episode, Series, doses_on, taken_on
from nof1.response.reaction import Answer


@dataclass(frozen=True, slots=True)
class Event:
    """A suspected reaction: the day it was noticed, and the outcome that shows it with the way in which it is worse.

    ``worse``: 1 where higher values are the reaction, -1 where lower ones are.
    """

    onset: date
    series: Series | None = None
    worse: int = 1


def derived(
    scale: ReactionScale,
    event: Event,
    drug: str,
    found: Sequence[Episode],
    record: Record,
    others: Mapping[str, Sequence[Episode]],
    outcomes: Mapping[str, Outcome],
) -> dict[str, tuple[Answer, str]]:
    """Answers that the record gives on a reaction to ``drug``, by what they are derived from, each with its reason.

    ``found``: the episodes of the drug; ``others``: those of other drugs. Nothing is answered that the record does not show.
    """
    return {
        "temporal": _temporal(event, found),
        "dechallenge": _dechallenge(scale, event, found),
        "rechallenge": _rechallenge(scale, event, found),
        "alternatives": _alternatives(event, found, record, others),
        "placebo": (Answer.NOT_DONE, "the record tells of no placebo"),
        "level": _level(scale, event, drug, record, outcomes),
        "dose_response": _dose_response(event, found),
        "earlier": _earlier(drug, found, record),
        "objective": _objective(event, found),
    }


def _temporal(event: Event, found: Sequence[Episode]) -> tuple[Answer, str]:
    starts = sorted(one.start for one in found if one.start is not None)
    if not found:
        return Answer.UNKNOWN, "the drug is not in the record"
    before = [start for start in starts if start <= event.onset]
    if before:
        days = (event.onset - before[-1]).days
        return Answer.YES, f"noticed {days} days after the drug was begun ({before[-1]})"
    if any(one.start is None for one in found):
        return Answer.UNKNOWN, "when the drug was begun is not recorded"
    return Answer.NO, f"noticed before the drug was begun ({starts[0]})"


def _stop(event: Event, found: Sequence[Episode]) -> date | None:
    """The day on which the drug was stopped after the onset, before it was given again."""
    ends = [one.last for one in found if one.last is not None and not one.is_current and one.last >= event.onset]
    return min(ends, default=None)


def _again(found: Sequence[Episode], stop: date) -> Episode | None:
    later = [one for one in found if one.start is not None and one.start > stop]
    return min(later, key=lambda one: one.start or date.max, default=None)


def _between(event: Event, first: int, last: int) -> NDArray[np.float64]:
    assert event.series is not None
    inside = (event.series.days >= first) & (event.series.days <= last)
    return event.series.values[inside] * event.worse


def _rise(event: Event, found: Sequence[Episode], until: int) -> tuple[float, float] | None:
    """The last value before, without the drug, and the worst from the onset to ``until``, turned so that worse is higher."""
    if event.series is None:
        return None
    state = taken_on(found, event.series.days)
    before = (event.series.days < event.onset.toordinal()) & (state != ON)
    worst = _between(event, event.onset.toordinal(), until)
    if not before.any() or not len(worst):
        return None
    base = float(event.series.values[before][-1]) * event.worse
    return (base, float(worst.max())) if worst.max() > base else None


def _dechallenge(scale: ReactionScale, event: Event, found: Sequence[Episode]) -> tuple[Answer, str]:
    stop = _stop(event, found)
    if stop is None:
        return Answer.UNKNOWN, "the drug was not stopped after that day, as far as the record goes"
    rise = _rise(event, found, stop.toordinal())
    if rise is None:
        return Answer.UNKNOWN, f"the drug was stopped ({stop}), but no values before and at the reaction show how it went on"
    again = _again(found, stop)
    until = again.start.toordinal() - 1 if again is not None and again.start is not None else date.max.toordinal()
    later = _between(event, stop.toordinal() + 1, until)
    if not len(later):
        return Answer.UNKNOWN, f"the drug was stopped ({stop}); there is no value after it yet"
    lost = (rise[1] - float(later.min())) / (rise[1] - rise[0])
    told = f"{lost:.0%} of the change was gone after the stop ({stop}); {scale.recovered:.0%} counts as improved"
    return (Answer.YES if lost >= scale.recovered else Answer.NO), told


def _rechallenge(scale: ReactionScale, event: Event, found: Sequence[Episode]) -> tuple[Answer, str]:
    stop = _stop(event, found)
    again = _again(found, stop) if stop is not None else None
    if stop is None or again is None or again.start is None:
        return Answer.NOT_DONE, "the drug was not given again after a stop, as far as the record goes"
    rise = _rise(event, found, stop.toordinal())
    between = _between(event, stop.toordinal() + 1, again.start.toordinal()) if event.series is not None else np.array([])
    later = _between(event, again.start.toordinal() + 1, date.max.toordinal()) if event.series is not None else np.array([])
    if rise is None or not len(between) or not len(later):
        return Answer.UNKNOWN, f"given again ({again.start}), but values before, between and after are not all there"
    back = (float(later.max()) - float(between.min())) / (rise[1] - rise[0])
    told = f"{back:.0%} of the first change came back when given again ({again.start}); {scale.recovered:.0%} counts"
    return (Answer.YES if back >= scale.recovered else Answer.NO), told


def _alternatives(
    event: Event, found: Sequence[Episode], record: Record, others: Mapping[str, Sequence[Episode]]
) -> tuple[Answer, str]:
    """Never answered: which causes there could be is told, whether they suffice is for a reader."""
    starts = [one.start for one in found if one.start is not None and one.start <= event.onset]
    since = min(starts, default=None)
    if since is None:
        return Answer.UNKNOWN, "for a reader to judge"
    new = [
        f"{name} begun {one.start}"
        for name, items in sorted(others.items())
        for one in items
        if _within(one.start, since, event.onset)
    ]
    new += [f"{item.text} ({item.start})" for item in record.conditions if _within(item.start, since, event.onset)]
    told = (
        f"for a reader to judge; new since {since}: {', '.join(new)}"
        if new
        else f"for a reader to judge; nothing else new since {since}"
    )
    return Answer.UNKNOWN, told


def _within(day: date | None, first: date, last: date) -> bool:
    return day is not None and first <= day <= last


def _level(
    scale: ReactionScale, event: Event, drug: str, record: Record, outcomes: Mapping[str, Outcome]
) -> tuple[Answer, str]:
    terms = {row.id for row in outcomes.values() if drug in row.level_of}
    near = [
        fact
        for fact in record.facts
        if fact.term in terms and fact.when is not None and abs((fact.when - event.onset).days) <= scale.level_days
    ]
    if not near:
        return Answer.NOT_DONE, "no level of the drug within that time"
    fact = max(near, key=lambda fact: fact.place)
    if fact.interpretation in ("N", "L", "LL"):
        return Answer.NO, f"level {fact.given} on {fact.when}, marked {fact.interpretation} by the laboratory"
    return Answer.UNKNOWN, f"level {fact.given} on {fact.when}; whether it is toxic is for a reader to judge"


def _dose_response(event: Event, found: Sequence[Episode]) -> tuple[Answer, str]:
    unit = next((one.unit for one in found if one.per_day is not None), "")
    if event.series is None or not unit:
        return Answer.UNKNOWN, "doses or values are not recorded"
    doses = doses_on(found, event.series.days, unit)
    levels = sorted({float(dose) for dose in doses if dose > 0})
    if len(levels) < 2:
        return Answer.NOT_DONE, "no values at two different doses"
    means = [float(event.series.values[doses == dose].mean()) * event.worse for dose in (levels[0], levels[-1])]
    told = f"mean {abs(means[0]):.4g} at {levels[0]:g} and {abs(means[1]):.4g} at {levels[-1]:g} {unit} a day"
    return (Answer.YES if means[1] > means[0] else Answer.NO), told


def _earlier(drug: str, found: Sequence[Episode], record: Record) -> tuple[Answer, str]:
    own = [item for item in record.allergies if drug in item.drugs and not item.is_refuted]
    starts = [one.start for one in found if one.start is not None]
    first = min(starts, default=None)
    dated = [item for item in own if item.when is not None and first is not None and item.when < first]
    if dated:
        return Answer.YES, f"{dated[0].text} is recorded since {dated[0].when}, before the drug was begun"
    if own:
        return Answer.UNKNOWN, f"{own[0].text} is recorded; whether that was an earlier exposure is not"
    return Answer.UNKNOWN, "the record tells of no earlier reaction; that it would is not sure"


def _objective(event: Event, found: Sequence[Episode]) -> tuple[Answer, str]:
    rise = _rise(event, found, _until(event, found))
    if rise is None:
        return Answer.UNKNOWN, "no measurement before and at the reaction shows it"
    return Answer.YES, f"measured: from {abs(rise[0]):.4g} before to {abs(rise[1]):.4g}"


def _until(event: Event, found: Sequence[Episode]) -> int:
    stop = _stop(event, found)
    return stop.toordinal() if stop is not None else date.max.toordinal()
