"""The value of a measurement that counts today: the latest usable one, with what speaks against it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from nof1.knowledge.care import MeasurementTerm
from nof1.model.record import Fact, Quantity, Record

_DIFFERS = 0.1  # relative difference between values of one time that is told
_RECENT = 12


@dataclass(frozen=True, slots=True)
class Latest:
    """The latest usable value in the term's unit (or the latest answer in words), when and where, and earlier ones.

    ``limits``: the lowest and highest value it can be, where the test or the record tells no more. ``why``: why there is
    none. ``recent``: earlier values with their dates, newest first.
    """

    value: float | None = None
    answer: str = ""
    words: str = ""
    when: date | None = None
    place: str = ""
    is_stale: bool = False
    why: str = ""
    notes: tuple[str, ...] = ()
    recent: tuple[tuple[float, date | None], ...] = field(default_factory=tuple)
    limits: tuple[float, float] | None = None


def by_term(record: Record) -> dict[str, list[Fact]]:
    """The facts of ``record`` by the term they are recognised as."""
    found: dict[str, list[Fact]] = {}
    for fact in record.facts:
        if fact.term:
            found.setdefault(fact.term, []).append(fact)
    return found


def latest(facts: Sequence[Fact], term: MeasurementTerm, today: date) -> Latest:
    """The latest usable value of ``term`` among its ``facts``; nothing where a newer one could not be used."""
    usable = [fact for fact in facts if not fact.doubt and fact.value is not None]
    refused = [fact for fact in facts if fact.doubt and fact.when is not None and fact.when <= today]
    if not usable:
        doubtful = max((fact for fact in facts if fact.doubt), key=_time, default=None)
        return Latest(why=f"{term.title}: {doubtful.doubt}" if doubtful else "")
    ordered = sorted(usable, key=_time, reverse=True)
    newest = ordered[0]
    if newer := [fact for fact in refused if _time(fact) > _time(newest)]:
        older = f"the one before is of {newest.when}" if newest.when else "the one before has no date"
        return Latest(why=f"the newest {term.title} ({newer[0].when}) could not be used: {newer[0].doubt}; {older}")
    stale = _stale(newest, term, today)
    together = [fact for fact in ordered if _time(fact)[0] == _time(newest)[0] and _is_one_time(fact, newest)]
    if isinstance(newest.value, Quantity):
        return _number(together, ordered, term, stale)
    return _worded(together, term, stale)


def _time(fact: Fact) -> tuple[date, str, str]:
    """Newest last; what has no date comes first. The place only makes the order one of its own."""
    return fact.when or date.min, fact.at, fact.place


def _is_one_time(fact: Fact, newest: Fact) -> bool:
    """Whether two values of one day may be of one time: they are, or one of them has no time."""
    return fact.at == newest.at or not fact.at or not newest.at


def _worded(together: Sequence[Fact], term: MeasurementTerm, stale: str) -> Latest:
    newest = together[0]
    words = sorted({str(fact.value).lower() for fact in together})
    if len(words) > 1:
        return Latest(why=f"{term.title} is answered in two ways on one day ({newest.when}): {' and '.join(words)}")
    notes = (stale,) if stale else ()
    return Latest(None, words[0], words[0], newest.when, newest.place, bool(stale), "", notes)


def _number(together: Sequence[Fact], ordered: Sequence[Fact], term: MeasurementTerm, stale: str) -> Latest:
    newest = together[0]
    assert isinstance(newest.value, Quantity)
    numbers = [fact for fact in together if isinstance(fact.value, Quantity)]
    ranges = {_range(fact) for fact in numbers}
    limits, notes = _beyond(newest), [stale] if stale else []
    told = f"{newest.comparator}{newest.value.value:.4g}"
    if len(ranges) > 1 and _differ(numbers):
        shown = " and ".join(dict.fromkeys(_shown(fact) for fact in sorted(numbers, key=_range)))
        notes.append(f"{term.title}: {shown} {newest.value.unit} on one day ({newest.when}); which holds is not known")
        limits = (min(low for low, _ in ranges), max(high for _, high in ranges))
        told = " to ".join(dict.fromkeys((_shown(min(numbers, key=_range)), _shown(max(numbers, key=_range)))))
    dated = f", {newest.when}" if newest.when else ", date not recorded"
    words = f"{told} {newest.value.unit}{dated}{', old' if stale else ''}"
    later = [fact for fact in ordered if fact not in together][:_RECENT]
    recent = tuple((fact.value.value, fact.when) for fact in later if isinstance(fact.value, Quantity))
    return Latest(newest.value.value, "", words, newest.when, newest.place, bool(stale), "", tuple(notes), recent, limits)


def _range(fact: Fact) -> tuple[float, float]:
    assert isinstance(fact.value, Quantity)
    return _beyond(fact) or (fact.value.value, fact.value.value)


def _shown(fact: Fact) -> str:
    assert isinstance(fact.value, Quantity)
    return f"{fact.comparator}{fact.value.value:.4g}"


def _differ(numbers: Sequence[Fact]) -> bool:
    """Whether values of one day differ by more than measuring does, or one of them is beyond the range of its test."""
    values = [fact.value.value for fact in numbers if isinstance(fact.value, Quantity)]
    is_open = any(fact.comparator for fact in numbers)
    return is_open or max(values) - min(values) > _DIFFERS * max(abs(value) for value in values)


def _beyond(fact: Fact) -> tuple[float, float] | None:
    """What a value beyond the range of its test can be."""
    assert isinstance(fact.value, Quantity)
    value = fact.value.value
    match fact.comparator:
        case "<":
            return -math.inf, math.nextafter(value, -math.inf)
        case "<=":
            return -math.inf, value
        case ">":
            return math.nextafter(value, math.inf), math.inf
        case ">=":
            return value, math.inf
        case _:
            return None


def _stale(fact: Fact, term: MeasurementTerm, today: date) -> str:
    if fact.when is None or term.stale_after_days is None:
        return ""
    days = (today - fact.when).days
    return f"{term.title} is {days} days old ({fact.when})" if days > term.stale_after_days else ""
