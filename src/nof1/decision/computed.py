"""Values that published equations give; refused where they would mislead, and what states say instead."""

from __future__ import annotations

import math
from collections.abc import Mapping

from nof1.decision.facts import RECORD, Facts, Known, Unknown, Unknowns, values_of
from nof1.decision.measured import Latest
from nof1.knowledge.care import Care, Equation
from nof1.knowledge.fact_words import title_of
from nof1.knowledge.formula import FormulaError, parse
from nof1.knowledge.judge import judge
from nof1.model.evidence import Because, FactStatus, SourceRef

_DIFFERS = 0.3  # relative difference between a computed and a reported value that is told


def compute(care: Care, read: Mapping[str, Latest], facts: Facts, unknown: Unknowns) -> list[str]:
    """Adds to ``facts`` what equations give, of those with one name the first whose domain holds; returns notes."""
    notes: list[str] = []
    done: set[str] = set()
    for equation in care.policy.equations if care.policy else ():
        domain = judge(equation.domain, values_of(facts)) if equation.domain else True
        if equation.gives in done or domain is False:
            continue
        done.add(equation.gives)
        found = _computed(equation, care, read, facts, unknown) if domain else _lacks(equation, care, facts, unknown)
        found, note = _or_reported(equation, found, facts.get(equation.fallback))
        notes += [note] if note else []
        if isinstance(found, Known):
            facts[equation.gives] = found
            unknown.pop(equation.gives, None)
        else:
            facts.pop(equation.gives, None)
            unknown[equation.gives] = found
    for equation in care.policy.equations if care.policy else ():
        if equation.gives not in done:
            done.add(equation.gives)
            _only_reported(equation, care, facts, unknown)
    _implied(care, facts, unknown)
    return notes


def _only_reported(equation: Equation, care: Care, facts: Facts, unknown: Unknowns) -> None:
    """A name for which no equation is meant for this person: what a laboratory reported, or unknown."""
    if reported := facts.get(equation.fallback):
        facts[equation.gives] = reported
    else:
        title = title_of(care, equation.gives)
        unknown[equation.gives] = Unknown(f"no equation for {title} holds for this person", (title,))


def _or_reported(equation: Equation, found: Known | Unknown, reported: Known | None) -> tuple[Known | Unknown, str]:
    """The newer of a computed and a reported value, the lower of two of one day; a reported one where none is computed.

    Where the equation is refused because it does not hold, neither does a reported value that rests on it.
    """
    if reported is None or (isinstance(found, Unknown) and found.reason.startswith(_refusal(equation))):
        return found, ""
    if isinstance(found, Unknown):
        return reported, ""
    ends = (reported.limits or (reported.value, reported.value), found.limits or (found.value, found.value))
    differs = min(abs(a - b) for a in ends[0] for b in ends[1]) > _DIFFERS * max(abs(found.value), abs(reported.value))
    note = f"{equation.called or equation.title}: {found.words}, but reported is {reported.words}" if differs else ""
    if reported.when is not None and found.when is not None and reported.when != found.when:
        return (reported if reported.when > found.when else found), note
    return (reported if reported.value < found.value else found), note


def _refusal(equation: Equation) -> str:
    return f"{equation.title} does not hold"


def _lacks(equation: Equation, care: Care, facts: Facts, unknown: Unknowns) -> Unknown:
    wanted = [*equation.inputs, *(parse(equation.domain).names if equation.domain else ())]
    missing = [name for name in dict.fromkeys(wanted) if name not in facts]
    needs = dict.fromkeys(need for name in missing for need in _needs(name, care, unknown))
    reasons = dict.fromkeys(unknown[name].reason for name in missing if name in unknown)
    told = f" ({'; '.join(reasons)})" if reasons else ""
    return Unknown(f"{equation.title} needs {', '.join(needs)}{told}", tuple(needs))


def _needs(name: str, care: Care, unknown: Unknowns) -> tuple[str, ...]:
    return unknown[name].needs if name in unknown else (title_of(care, name),)


def _computed(
    equation: Equation, care: Care, read: Mapping[str, Latest], facts: Facts, unknown: Unknowns
) -> Known | Unknown:
    """The value of ``equation``, or why it is refused."""
    if refused := [facts[name].words for name in equation.refused_if if name in facts and facts[name].value]:
        return Unknown(f"{_refusal(equation)}: {refused[0]}", ("a direct measurement",))
    if any(name not in facts for name in equation.inputs):
        return _lacks(equation, care, facts, unknown)
    if moving := _moving(read, care, equation.inputs):
        return Unknown(f"{_refusal(equation)}: {moving}", ("a stable value",))
    used = [facts[name] for name in equation.inputs]
    named = tuple(title_of(care, name) for name in equation.inputs)
    if open_ := [fact.words for fact in used if fact.limits is not None]:
        return Unknown(f"{equation.title} needs one value: {'; '.join(open_)}", named)
    try:
        value = float(parse(equation.formula).evaluate({name: facts[name].value for name in equation.inputs}))
    except FormulaError as error:
        return Unknown(f"{equation.title} {error}", named)
    if not math.isfinite(value):
        return Unknown(f"{equation.title} gives no number for the values recorded", named)
    return _known(equation, value, used)


def _known(equation: Equation, value: float, used: list[Known]) -> Known:
    weight = f"; weight used: {equation.weight}" if equation.weight else ""
    shown = f"{value:.3g} {equation.unit}"
    inputs = ", ".join(
        fact.words for name, fact in zip(equation.inputs, used, strict=True) if name not in ("female", "male")
    )
    because = Because(
        equation.title,
        f"{shown}{weight}",
        SourceRef.parse(equation.source),
        FactStatus(equation.status),
        tuple(fact.because for fact in used),
    )
    when = min((fact.when for fact in used if fact.when), default=None)
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


def _implied(care: Care, facts: Facts, unknown: Unknowns) -> None:
    """What a state says about a value that is not known: the narrowest limits of all states that hold."""
    for term in care.conditions.values():
        state = facts.get(term.id)
        if state is None or not state.value:
            continue
        for name, (low, high) in term.implies.items():
            known = facts.get(name)
            if known is not None and (known.limits is None or known.limits[1] - known.limits[0] <= high - low):
                continue
            title = title_of(care, name)
            words = f"{title} {low:g} to {high:g}, by {state.words}"
            because = Because(title, f"{low:g} to {high:g}", SourceRef(RECORD, ""), None, (state.because,))
            facts[name] = Known(high, words, because, state.is_stale, state.when, (low, high))
            unknown.pop(name, None)
