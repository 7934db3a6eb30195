"""What a record tells of the inputs of an equation of risk: newest usable facts, drugs taken, ages at which it began."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from nof1.decision.facts import Known
from nof1.decision.library import library
from nof1.decision.situation import Situation, situation, years
from nof1.decision.taking import Taken, holds_now, taken
from nof1.errors import RequestError, UnitError
from nof1.jobs.risk_units import known_unit, molar_mass, to_input
from nof1.knowledge.formula import parse
from nof1.knowledge.risk_equations import Found, RiskEquation, RiskInput
from nof1.knowledge.schema import Knowledge
from nof1.model.evidence import Because
from nof1.model.record import Record
from nof1.model.risks import RiskInputUsed
from nof1.risk.columns import read_columns
from nof1.risk.finding import written

RECORD = "record"


@dataclass(frozen=True, slots=True)
class Chart:
    """A person's record as equations of risk read it; ``drugs`` ``None``: the record has no list of drugs."""

    known: Knowledge
    record: Record
    now: Situation
    drugs: tuple[Taken, ...] | None


def chart(known: Knowledge, record: Record, today: date) -> Chart:
    """The chart of ``record`` on ``today``."""
    policy = known.care.policy
    is_listed = "medications" in record.lists or "medications" in record.said_none or bool(record.medications)
    drugs = holds_now(taken(record, today, policy.medication_recent_days if policy else 0)) if is_listed else None
    return Chart(known, record, situation(record, known.care, today), drugs)


def used(equation: RiskEquation, about: Chart) -> tuple[dict[str, RiskInputUsed], dict[str, str]]:
    """The inputs of ``equation`` that the record tells, by name, and why others are not known."""
    found: dict[str, RiskInputUsed] = {}
    reasons: dict[str, str] = {}
    for item in equation.inputs:
        one = _choice(item, about) if item.kind == "choice" else next(_told(item, about), None)
        cannot = _cannot(equation, one) if one is not None else ""
        if cannot:
            reasons[item.name] = cannot
        elif one is not None:
            found[item.name] = one
        elif reason := _reason(item, about):
            reasons[item.name] = reason
    return found, reasons


def _cannot(equation: RiskEquation, one: RiskInputUsed) -> str:
    """Why the equation cannot take the value of a record; empty where it can. A range is told of by its ends later."""
    if one.low is not None:
        return ""
    try:
        read_columns(equation, {one.name: one.value})
    except RequestError as error:
        return str(error)
    return ""


def _reason(item: RiskInput, about: Chart) -> str:
    names = [name for found in item.found for name in (*found.terms, *([found.age_at] if found.age_at else []))]
    names += [choice.term for choice in item.choices if choice.term]
    told = [about.now.unknown[name].reason for name in names if name in about.now.unknown]
    if not told and any(found.drugs or found.classes for found in item.found):
        return "the record has no list of drugs"
    return told[0] if told else "no record tells it; give it by hand"


def _choice(item: RiskInput, about: Chart) -> RiskInputUsed | None:
    for choice in item.choices:
        fact = about.now.facts.get(choice.term) if choice.term else None
        if fact is not None and fact.value:
            return RiskInputUsed(item.name, item.title, choice.code, "1", choice.title, RECORD, "", _place(fact.because))
    return None


def _told(item: RiskInput, about: Chart) -> Iterator[RiskInputUsed]:
    """What each way gives that knows anything, the first first."""
    for found in item.found:
        if found.drugs or found.classes:
            one = _taken(item, found, about)
        elif found.age_at:
            one = _age_at(item, found, about)
        else:
            one = _fact(item, found, about)
        if one is not None:
            yield one


def _taken(item: RiskInput, found: Found, about: Chart) -> RiskInputUsed | None:
    if about.drugs is None:
        return None
    classes = library(about.known).classes
    wanted = {*found.drugs, *found.classes}
    mine = [one for one in about.drugs if one.is_systemic and wanted & {one.drug, *classes.get(one.drug, ())}]
    if not mine:
        return RiskInputUsed(item.name, item.title, 0.0, "1", "no, none recorded", RECORD)
    start = mine[0].medication.start if mine[0].medication else None
    names = ", ".join(dict.fromkeys(one.drug for one in mine))
    return RiskInputUsed(
        item.name, item.title, 1.0, "1", f"yes, {names}", RECORD, start.isoformat() if start else "", mine[0].place
    )


def _age_at(item: RiskInput, found: Found, about: Chart) -> RiskInputUsed | None:
    fact, birth = about.now.facts.get(found.age_at), about.record.birth_date
    if fact is None or not fact.value or fact.when is None or birth is None or fact.when < birth:
        return None
    age = float(years(birth, fact.when))
    place = _place(fact.because)
    return RiskInputUsed(item.name, item.title, age, item.unit, f"{age:g} years", RECORD, fact.when.isoformat(), place)


def _fact(item: RiskInput, found: Found, about: Chart) -> RiskInputUsed | None:
    facts = [about.now.facts[name] for name in found.terms if name in about.now.facts]
    if len(found.terms) > 1:
        holding = [fact for fact in facts if fact.value]
        if not holding and len(facts) < len(found.terms):
            return None
        facts = holding or facts[:1]
    if not facts:
        return None
    return _used(item, found, found.terms[0], facts[0], about)


def _used(item: RiskInput, found: Found, term: str, fact: Known, about: Chart) -> RiskInputUsed | None:
    ends = (fact.value,) if fact.limits is None else fact.limits
    try:
        values = _closed(item, [_converted(item, found, term, end, about) for end in ends])
    except UnitError:
        return None
    shown = written(item, values[0]) if len(values) == 1 else f"{written(item, values[0])} to {written(item, values[-1])}"
    is_range = len(values) > 1 and values[0] != values[-1]
    return RiskInputUsed(
        name=item.name,
        title=item.title,
        value=values[0],
        unit=item.unit,
        shown=f"{shown}{', old' if fact.is_stale else ''}",
        basis=RECORD,
        when=fact.when.isoformat() if fact.when else "",
        place=_place(fact.because),
        is_old=fact.is_stale,
        low=min(values) if is_range else None,
        high=max(values) if is_range else None,
    )


def _closed(item: RiskInput, values: list[float]) -> list[float]:
    """An end that a test leaves open becomes that of the equation's range, or of what is plausible."""
    low, high = item.domain or item.span or item.plausible or (0.0, 1.0)
    return [min(max(value, low), high) if math.isinf(value) else value for value in values]


def _converted(item: RiskInput, found: Found, term: str, value: float, about: Chart) -> float:
    if found.formula:
        return float(parse(found.formula).evaluate({"value": value}))
    unit = known_unit(about.known, term)
    return value if item.kind == "flag" or not unit else to_input(value, unit, item, molar_mass(about.known, item))


def _place(because: Because) -> str:
    """Where in the record a fact stands; several places for one that was computed."""
    if because.rests_on:
        return ", ".join(dict.fromkeys(place for one in because.rests_on if (place := _place(one))))
    return because.source.place if because.source is not None and because.source.source == RECORD else ""
