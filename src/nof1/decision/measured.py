"""The value of a measurement that counts today: the latest usable one, with what speaks against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from nof1.knowledge.care import MeasurementTerm
from nof1.model.record import Fact, Quantity, Record

_DIFFERS = 0.1  # relative difference between values of one day that is told
_RECENT = 12


@dataclass(frozen=True, slots=True)
class Latest:
    """The latest usable value in the term's unit (or the latest answer in words), when and where, and earlier ones.

    ``why``: why there is none. ``recent``: earlier values with their dates, newest first.
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


def by_term(record: Record) -> dict[str, list[Fact]]:
    """The facts of ``record`` by the term they are recognised as."""
    found: dict[str, list[Fact]] = {}
    for fact in record.facts:
        if fact.term:
            found.setdefault(fact.term, []).append(fact)
    return found


def latest(facts: Sequence[Fact], term: MeasurementTerm, today: date) -> Latest:
    """The latest usable value of ``term`` among its ``facts``."""
    usable = [fact for fact in facts if not fact.doubt and fact.value is not None]
    if not usable:
        return Latest(why=f"{term.title}: {facts[-1].doubt}" if facts and facts[-1].doubt else "")
    ordered = sorted(usable, key=lambda fact: fact.when or date.min, reverse=True)
    newest = ordered[0]
    stale = _stale(newest, term, today)
    notes = [stale] if stale else []
    if isinstance(newest.value, Quantity):
        return _number(newest, ordered, term, notes, bool(stale))
    answer = str(newest.value).lower()
    return Latest(
        answer=answer, words=answer, when=newest.when, place=newest.place, is_stale=bool(stale), notes=tuple(notes)
    )


def _number(newest: Fact, ordered: list[Fact], term: MeasurementTerm, notes: list[str], is_stale: bool) -> Latest:
    assert isinstance(newest.value, Quantity)
    same_day = [fact.value.value for fact in ordered if fact.when == newest.when and isinstance(fact.value, Quantity)]
    if max(same_day) - min(same_day) > _DIFFERS * abs(max(same_day)):
        shown = " and ".join(f"{value:.3g}" for value in sorted(set(same_day)))
        notes.append(f"{term.title}: {shown} {newest.value.unit} on one day ({newest.when}); the first listed is used")
    dated = f", {newest.when}" if newest.when else ", date not recorded"
    old = ", old" if is_stale else ""
    words = f"{newest.comparator}{newest.value.value:.4g} {newest.value.unit}{dated}{old}"
    recent = tuple((fact.value.value, fact.when) for fact in ordered[1:_RECENT] if isinstance(fact.value, Quantity))
    return Latest(newest.value.value, "", words, newest.when, newest.place, is_stale, "", tuple(notes), recent)


def _stale(fact: Fact, term: MeasurementTerm, today: date) -> str:
    if fact.when is None or term.stale_after_days is None:
        return ""
    days = (today - fact.when).days
    return f"{term.title} is {days} days old ({fact.when})" if days > term.stale_after_days else ""
