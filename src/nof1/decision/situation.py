"""What the record says about this person today, under the names that rules ask for; what it does not say is unknown."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from nof1.decision.measured import Latest, by_term, latest
from nof1.knowledge.care import Care, ConditionTerm, Equation
from nof1.knowledge.formula import FormulaError, parse
from nof1.knowledge.judge import judge
from nof1.model.evidence import Because, FactStatus, SourceRef
from nof1.model.record import Condition, Course, Record

RECORD = "record"


@dataclass(frozen=True, slots=True)
class Known:
    """A fact under the name rules use: its number (1 or 0 for yes or no), how it reads, and where it comes from."""

    value: float
    words: str
    because: Because
    is_stale: bool = False
    when: date | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why a fact is not known, and what would tell."""

    reason: str
    needs: tuple[str, ...]


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

    @property
    def values(self) -> dict[str, float]:
        """The numbers alone."""
        return {name: fact.value for name, fact in self.facts.items()}


def situation(record: Record | None, care: Care, today: date) -> Situation:
    """The situation of a person on ``today``; with ``record`` ``None`` nothing is known."""
    if record is None:
        return Situation(today, False, {}, {})
    facts: dict[str, Known] = {}
    unknown: dict[str, Unknown] = {}
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
        _condition(condition, record, care, today, facts, unknown, answers)
    _equations(care, read, facts, unknown)
    return Situation(today, True, facts, unknown, tuple(notes), answers)


def _person(record: Record, today: date, facts: dict[str, Known], unknown: dict[str, Unknown]) -> None:
    place = SourceRef(RECORD, record.person)
    if record.birth_date is None:
        unknown["age"] = Unknown("no date of birth is recorded", ("date of birth",))
    else:
        age = years(record.birth_date, record.died or today)
        about = (
            f" (only the {record.birth_precision} of birth is recorded)"
            if record.birth_precision in ("year", "month")
            else ""
        )
        facts["age"] = Known(age, f"{age} years{about}", Because("age", f"{age} years, born {record.birth_date}", place))
    for sex in ("female", "male"):
        if record.sex in ("female", "male"):
            facts[sex] = Known(float(record.sex == sex), record.sex, Because("sex", record.sex, place))
        else:
            unknown[sex] = Unknown("no sex is recorded", ("sex",))


def years(birth: date, today: date) -> int:
    """Completed years between two dates.

    >>> years(date(2000, 3, 2), date(2018, 3, 1)), years(date(2000, 3, 2), date(2018, 3, 2))
    (17, 18)
    """
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def _measured(name: str, found: Latest, care: Care, facts: dict[str, Known], unknown: dict[str, Unknown]) -> None:
    term = care.measurements[name]
    if found.value is None:
        if not found.answer:
            unknown[name] = Unknown(found.why or f"no {term.title} is recorded", (term.title,))
        return
    words = f"{term.title} {found.words}"
    because = Because(term.title, found.words, SourceRef(RECORD, found.place))
    facts[name] = Known(found.value, words, because, found.is_stale, found.when)


def _condition(
    term: ConditionTerm,
    record: Record,
    care: Care,
    today: date,
    facts: dict[str, Known],
    unknown: dict[str, Unknown],
    answers: Mapping[str, str],
) -> None:
    """Recorded: it holds. Not recorded: it does not, except where the term says that silence is unknown."""
    wanted = {term.id, *term.includes}
    holding = [item for item in record.conditions if wanted & set(item.terms) and _holds(item, term, today)]
    if holding:
        item = holding[0]
        since = f", {item.start}" if item.start else ""
        facts[term.id] = Known(
            1, f"{item.text}{since}", Because(term.title, item.text, SourceRef(RECORD, item.place)), False, item.start
        )
        return
    asked = {token.partition(":")[0] for token in term.loinc_answers}
    answered = {name: answers[name] for name in asked if name in answers}
    for name, answer in answered.items():
        if f"{name}:{answer}" in term.loinc_answers:
            words = f"{care.measurements[name].title}: {answer}"
            facts[term.id] = Known(1, words, Because(term.title, answer, SourceRef(RECORD, "")))
            return
    silent = judge(term.unknown_for, {name: fact.value for name, fact in facts.items()}) if term.unknown_for else None
    has_list = bool({"conditions", "procedures"} & {*record.lists, *record.said_none})
    is_known = bool(answered) or silent is False or (not term.unknown_for and not asked and has_list)
    if is_known:
        facts[term.id] = Known(0, f"no {term.title} recorded", Because(term.title, "not recorded", SourceRef(RECORD, "")))
    else:
        unknown[term.id] = Unknown(f"{term.title} is not recorded, and that says nothing", (term.title,))


def _holds(item: Condition, term: ConditionTerm, today: date) -> bool:
    if item.course is Course.STOPPED and term.within_days is None:
        return False
    if item.start is not None and item.start > today:
        return False
    if term.lasts_days is not None and item.start is not None and (today - item.start).days > term.lasts_days:
        return False
    if term.within_days is None:
        return item.end is None or item.end >= today
    last = item.end or item.start
    return last is None or today - last <= timedelta(days=term.within_days)


def _equations(care: Care, read: Mapping[str, Latest], facts: dict[str, Known], unknown: dict[str, Unknown]) -> None:
    """Values that published equations give: of those with one name the first whose domain holds."""
    done: set[str] = set()
    for equation in care.policy.equations if care.policy else ():
        if equation.gives in done:
            continue
        values = {name: fact.value for name, fact in facts.items()}
        domain = judge(equation.domain, values) if equation.domain else True
        if domain is False:
            continue
        done.add(equation.gives)
        found = _computed(equation, care, read, values, facts, unknown) if domain else _lacks(equation, facts, unknown)
        if isinstance(found, Known):
            facts[equation.gives] = found
            unknown.pop(equation.gives, None)
        else:
            facts.pop(equation.gives, None)
            unknown[equation.gives] = found


def _lacks(equation: Equation, facts: Mapping[str, Known], unknown: Mapping[str, Unknown]) -> Unknown:
    wanted = [*equation.inputs, *(parse(equation.domain).names if equation.domain else ())]
    missing = [name for name in dict.fromkeys(wanted) if name not in facts]
    needs = tuple(dict.fromkeys(need for name in missing for need in (unknown[name].needs if name in unknown else (name,))))
    return Unknown(f"{equation.title} needs {', '.join(needs)}", needs)


def _computed(
    equation: Equation,
    care: Care,
    read: Mapping[str, Latest],
    values: Mapping[str, float],
    facts: Mapping[str, Known],
    unknown: Mapping[str, Unknown],
) -> Known | Unknown:
    """The value of ``equation``, or why it is refused."""
    if refused := [facts[name].words for name in equation.refused_if if name in facts and facts[name].value]:
        return Unknown(f"{equation.title} does not hold: {refused[0]}", ("a direct measurement",))
    if any(name not in facts for name in equation.inputs):
        return facts.get(equation.fallback) or _lacks(equation, facts, unknown)
    if moving := _moving(read, care, equation.inputs):
        return Unknown(f"{equation.title} does not hold: {moving}", ("a stable value",))
    try:
        value = float(parse(equation.formula).evaluate({name: values[name] for name in equation.inputs}))
    except FormulaError as error:
        return Unknown(f"{equation.title} {error}", tuple(equation.inputs))
    if not math.isfinite(value):
        return Unknown(f"{equation.title} gives no number for the values recorded", tuple(equation.inputs))
    used = [facts[name] for name in equation.inputs]
    weight = f"; weight used: {equation.weight}" if equation.weight else ""
    shown = f"{value:.3g} {equation.unit}"
    inputs = ", ".join(facts[name].words for name in equation.inputs if name not in ("female", "male"))
    because = Because(
        equation.title,
        f"{shown}{weight}",
        SourceRef.parse(equation.source),
        FactStatus(equation.status),
        tuple(fact.because for fact in used),
    )
    when = max((fact.when for fact in used if fact.when), default=None)
    return Known(
        value, f"{shown} ({equation.title} from {inputs}{weight})", because, any(fact.is_stale for fact in used), when
    )


def _moving(read: Mapping[str, Latest], care: Care, inputs: list[str]) -> str:
    """Why an input is not stable, in words; empty where it is."""
    for name, (change, days) in (care.policy.unstable if care.policy else {}).items():
        found = read.get(name, Latest())
        if name not in inputs or found.value is None or found.when is None:
            continue
        for value, when in found.recent:
            near = when is not None and (found.when - when).days <= days
            if near and abs(found.value - value) > change * min(found.value, value):
                title = care.measurements[name].title
                return f"{title} is not stable ({value:.3g} on {when}, {found.value:.3g} on {found.when})"
    return ""
