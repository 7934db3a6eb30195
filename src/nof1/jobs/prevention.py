"""A plan of prevention for one person: record, family, risks and findings brought together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from nof1.decision.library import library
from nof1.decision.situation import situation
from nof1.knowledge.schema import Knowledge
from nof1.model.pedigree import Pedigree
from nof1.model.prevention import Plan, Trigger, TriggerKind
from nof1.model.record import Record
from nof1.model.risks import RiskEstimate, RiskFinding
from nof1.model.secondary import SecondaryFinding, SecondaryStatus
from nof1.risk.asked import Asked
from nof1.risk.family_rules import RuleResult, judge_rules
from nof1.risk.family_tree import family_tree
from nof1.risk.own import own_codes, own_person
from nof1.risk.plan import plan
from nof1.risk.plan_case import family_triggers, plan_case


@dataclass(frozen=True, slots=True)
class Prevented:
    """The family, what published criteria say of it, and the plan."""

    pedigree: Pedigree
    rules: tuple[RuleResult, ...]
    plan: Plan


def prevented(
    known: Knowledge,
    record: Record,
    today: date,
    risks: Sequence[RiskFinding] = (),
    findings: Sequence[SecondaryFinding] = (),
) -> Prevented:
    """The plan for the person of ``record``; of somebody who has died there is none."""
    found = [*_of_findings(findings), *_of_risks(risks)]
    values = situation(record, known.care, today).values
    titles = titles_of(known)
    pedigree = family_tree(record.family, own_person(record, today), "relatives" in record.said_none)
    genes = frozenset(one.id for one in found if one.kind is TriggerKind.FINDING)
    rules = judge_rules(known.prevention.rules.values(), pedigree, Asked(values, titles, genes, own_codes(record)))
    case = plan_case(record, pedigree, values, titles, today, library(known).classes)
    return Prevented(pedigree, tuple(rules), plan(known.prevention, case, [*found, *family_triggers(rules)]))


def titles_of(known: Knowledge) -> dict[str, str]:
    """States and measurements in words."""
    states = {one.id: one.title for one in known.care.conditions.values()}
    return states | {one.id: one.title for one in known.care.measurements.values()}


def _of_findings(findings: Sequence[SecondaryFinding]) -> Iterable[Trigger]:
    """Reportable findings; one whose second copy is of unknown phase cannot be judged yet."""
    for one in findings:
        words = f"{one.classification} variant in {one.gene} ({', '.join(one.conditions)})"
        zygosity = one.variants[0].zygosity.value if one.variants else ""
        if one.status is SecondaryStatus.REPORTABLE:
            yield Trigger(TriggerKind.FINDING, one.gene, words, True, detail=zygosity)
        elif one.status is SecondaryStatus.POSSIBLE_BIALLELIC:
            needs = (f"whether both copies of {one.gene} carry a variant (phase)",)
            yield Trigger(TriggerKind.FINDING, one.gene, words, None, detail=zygosity, needs=needs)


def _of_risks(risks: Sequence[RiskFinding]) -> Iterable[Trigger]:
    """Each equation's first outcome that is known, by its id and by its family's name."""
    for one in risks:
        estimate = next((item for item in one.estimates if not item.refused), None)
        if one.measure != "risk" or estimate is None:
            continue
        low, high = _limits(estimate)
        words = f"{estimate.title} by {one.title}: {_share(low, high)} in {estimate.years} years"
        needs = tuple(item.title for item in one.missing if item.handled == "bounds")
        for name in dict.fromkeys((one.equation, one.family)):
            yield Trigger(TriggerKind.RISK, name, words, True, low, high, needs=needs)


def _limits(one: RiskEstimate) -> tuple[float, float]:
    if one.value is not None:
        return one.value, one.value
    return one.low if one.low is not None else 0.0, one.high if one.high is not None else 1.0


def _share(low: float, high: float) -> str:
    return f"{low:.1%}" if low == high else f"{low:.1%} to {high:.1%}"
