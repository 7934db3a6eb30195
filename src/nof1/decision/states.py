"""Which states (diagnoses, procedures, habits) hold for a person today; silence of the record is not always absence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from nof1.decision.facts import RECORD, Facts, Known, Unknown, Unknowns, values_of
from nof1.knowledge.care import Care, ConditionTerm
from nof1.knowledge.judge import judge
from nof1.knowledge.kept import kept
from nof1.model.evidence import Because, FactStatus, SourceRef
from nof1.model.record import Condition, Course, Record

_LIST = "conditions"


def state(
    term: ConditionTerm,
    record: Record,
    care: Care,
    today: date,
    facts: Facts,
    unknown: Unknowns,
    answers: Mapping[str, str],
) -> None:
    """Recorded: it holds. Not recorded: it does not, except where the term says that silence is unknown, as it always is for
    a state that a measurement defines."""
    wanted = _wanted(term)
    holding = [item for item in record.conditions if not wanted.isdisjoint(item.terms) and _holds(item, term, today)]
    if holding:
        item = max(holding, key=lambda one: (one.start or date.min, one.place))
        over = ", recorded as over" if item.course is Course.STOPPED and term.permanent else ""
        since = f", {item.start}" if item.start else ""
        because = Because(term.title, f"{item.text}{over}", SourceRef(RECORD, item.place))
        facts[term.id] = Known(1, f"{item.text}{since}{over}", because, False, item.start)
        return
    asked = _asked(term)
    answered = {name: answers[name] for name in asked if name in answers}
    for name, answer in answered.items():
        if f"{name}:{answer}" in term.loinc_answers:
            words = f"{care.measurements[name].title}: {answer}"
            facts[term.id] = Known(1, words, Because(term.title, answer, SourceRef(RECORD, "")))
            return
    if term.shown_by and (holds := judge(term.shown_by, values_of(facts))) is not None:
        shown = [facts[name] for name in term.measured_by if name in facts]
        if not any(fact.is_stale for fact in shown):
            facts[term.id] = _measured(term, holds, shown)
            return
    if term.measured_by:
        known = [facts[name].words for name in term.measured_by if name in facts]
        unknown[term.id] = _to_judge(term, ", ".join(known)) if known else _unsaid(term)
        return
    silent = judge(term.unknown_for, values_of(facts)) if term.unknown_for else None
    has_list = _LIST in record.lists or _LIST in record.said_none
    if answered or silent is False or (not term.unknown_for and not asked and has_list):
        facts[term.id] = _absent(term)
    else:
        unknown[term.id] = _unsaid(term)


def _measured(term: ConditionTerm, holds: bool, shown: list[Known]) -> Known:
    """What measurements say of a state that they define."""
    words = ", ".join(fact.words for fact in shown)
    steps = tuple(fact.because for fact in shown)
    because = Because(term.title, term.shown_by, SourceRef.parse(term.shown_by_source), FactStatus(term.status), steps)
    return Known(float(holds), f"{'' if holds else 'no '}{term.title} ({words})", because, False, shown[0].when)


@kept
def _wanted(term: ConditionTerm) -> frozenset[str]:
    return frozenset((term.id, *term.includes))


@kept
def _asked(term: ConditionTerm) -> tuple[str, ...]:
    return tuple(dict.fromkeys(token.partition(":")[0] for token in term.loinc_answers))


@kept
def _absent(term: ConditionTerm) -> Known:
    return Known(0, f"no {term.title} recorded", Because(term.title, "not recorded", SourceRef(RECORD, "")))


@kept
def _unsaid(term: ConditionTerm) -> Unknown:
    return Unknown(f"{term.title} is not recorded, and that says nothing", tuple(term.measured_by) or (term.title,))


def _to_judge(term: ConditionTerm, measured: str) -> Unknown:
    return Unknown(f"{term.title} is not recorded; measured: {measured}", (f"whether that is {term.title}",))


def _holds(item: Condition, term: ConditionTerm, today: date) -> bool:
    if item.start is not None and item.start > today:
        return False
    if term.permanent:
        return True
    if term.within_days is not None:
        last = item.end or item.start
        return last is None or today - last <= timedelta(days=term.within_days)
    if item.course is Course.STOPPED or (item.end is not None and item.end < today):
        return False
    is_over = term.lasts_days is not None and item.start is not None and (today - item.start).days > term.lasts_days
    return not is_over
