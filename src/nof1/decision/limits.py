"""What facts of the record ask of a drug: kidney, liver, pregnancy, age and other conditions."""

from __future__ import annotations

import re

from nof1.decision.ages import NOT_STATED
from nof1.decision.chart import Chart
from nof1.decision.match import dose_of
from nof1.knowledge.care import Limit
from nof1.knowledge.fact_words import condition_words, title_of
from nof1.knowledge.formula import parse
from nof1.knowledge.judge import judge
from nof1.model.evidence import Because, FactStatus, SourceRef
from nof1.model.findings import Action, Indeterminate, Kind, Recommendation

_CHILD = re.compile(r"\bage\s*<")  # the rule itself is for the young
GRAVE = (Action.CONTRAINDICATED, Action.AVOID)


def waits(chart: Chart, limit: Limit) -> bool:
    """Whether what is unknown about ``limit`` is worth waiting for: a grave limit on a state or a computed value, not on a
    measurement that nobody takes of everybody, nor on a state that only such a measurement tells."""
    care = chart.shelf.known.care
    missing = [name for name in _names(limit) if name not in chart.situation.facts]
    asked = [name for name in missing if name not in care.conditions or not care.conditions[name].measured_by]
    is_routine = bool(asked) == bool(missing) and not any(name in care.measurements for name in asked)
    return is_routine and not limit.applies_to and any(Action(action) in GRAVE for action in limit.actions)


def limits(chart: Chart, drug: str) -> tuple[list[Recommendation], list[tuple[Limit, Indeterminate]]]:
    """Limits of ``drug`` that hold for this person, and those that cannot be judged, with what would tell."""
    held: list[Recommendation] = []
    open_: list[tuple[Limit, Indeterminate]] = []
    if not chart.situation.has_record:
        return held, open_
    values = chart.situation.values
    for limit in chart.shelf.limits.get(drug, ()):
        verdict = judge(limit.when, values)
        if verdict:
            held.append(_recommendation(chart, drug, limit))
        elif verdict is None:
            open_.append((limit, _open(chart, drug, limit)))
    return held, open_


def _names(limit: Limit) -> list[str]:
    return sorted(parse(limit.when).names)


def _open(chart: Chart, drug: str, limit: Limit) -> Indeterminate:
    care = chart.shelf.known.care
    missing = [name for name in _names(limit) if name not in chart.situation.facts]
    told = [chart.situation.unknown[name] for name in missing if name in chart.situation.unknown]
    untold = f"not known: {', '.join(title_of(care, name) for name in missing)}"
    why = "; ".join(dict.fromkeys(item.reason for item in told)) or untold
    needs = tuple(dict.fromkeys(need for item in told for need in item.needs))
    words = limit.actions[0].replace("_", " ")
    when = condition_words(limit.when, {name: title_of(care, name) for name in _names(limit)})
    return Indeterminate(drug, f"{limit.basis}: {why}; if {when}: {words}", needs)


def _recommendation(chart: Chart, drug: str, limit: Limit) -> Recommendation:
    facts = {name: chart.situation.facts[name] for name in _names(limit) if name in chart.situation.facts}
    shown = {name: fact.words for name, fact in facts.items()}
    source, status = SourceRef.parse(limit.source), FactStatus(limit.status)
    claim = f"{drug}: {limit.advice}"
    because = Because(claim, "; ".join(shown.values()), source, status, tuple(fact.because for fact in facts.values()))
    named = chart.shelf.known.sources.get(source.source)
    old = tuple(f"{fact.words} is old" for fact in facts.values() if fact.is_stale)
    return Recommendation(
        id=f"{drug.replace(' ', '-')}/limit/{limit.id}",
        drug=drug,
        body=named.body if named else source.source,
        actions=tuple(sorted((Action(action) for action in limit.actions), key=lambda action: action.urgency)),
        strength="not_applicable",
        advice=limit.advice,
        implications=(),
        setting={"basis": limit.basis, **({} if _CHILD.search(limit.when) else {"age": NOT_STATED})},
        applies_to=limit.applies_to,
        dose=dose_of(limit.dose) if limit.dose else None,
        alternatives=tuple(limit.alternatives),
        monitor=tuple(limit.monitor),
        because_of=shown,
        is_partial=False,
        source=source,
        rows=tuple(limit.rows),
        status=status,
        checked=limit.checked,
        because=because,
        kind=Kind.FACT,
        patient=limit.patient,
        notes=old,
        interrupts=limit.interrupts,
    )
