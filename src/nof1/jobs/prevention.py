"""A plan of prevention for one person: record, family, risks and findings brought together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from nof1.decision.library import library
from nof1.decision.situation import situation
from nof1.knowledge.fact_words import plain_input, plain_words, titles_of
from nof1.knowledge.schema import Knowledge
from nof1.model.pedigree import Pedigree
from nof1.model.prevention import Plan, Trigger, TriggerKind
from nof1.model.record import Record
from nof1.model.risks import RiskEstimate, RiskFinding, RiskMissing
from nof1.model.secondary import SecondaryFinding, SecondaryStatus
from nof1.risk.asked import Asked
from nof1.risk.family_rules import RuleResult, judge_rules
from nof1.risk.family_tree import family_tree
from nof1.risk.own import own_codes, own_person
from nof1.risk.plan import plan
from nof1.risk.plan_case import family_triggers, plan_case

_PHASE = "whether both of your copies of a gene are changed"


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
    plain = plain_words(known.care)
    found = [*_of_findings(findings), *_of_risks(known, risks, plain)]
    values = situation(record, known.care, today).values
    titles = plan_titles(known)
    pedigree = family_tree(record.family, own_person(record, today), "relatives" in record.said_none)
    genes = frozenset(one.id for one in found if one.kind is TriggerKind.FINDING)
    rules = judge_rules(known.prevention.rules.values(), pedigree, Asked(values, titles, genes, own_codes(record), plain))
    case = plan_case(record, pedigree, values, titles, today, library(known).classes, plain)
    return Prevented(pedigree, tuple(rules), plan(known.prevention, case, [*found, *family_triggers(rules)]))


def plan_titles(known: Knowledge) -> dict[str, str]:
    """Facts, classes of drugs and equations of risk in words."""
    classes = {one.id: one.title for one in known.care.classes.values()}
    return classes | {one.id: one.title for one in known.risks.values()} | titles_of(known.care)


def _of_findings(findings: Sequence[SecondaryFinding]) -> Iterable[Trigger]:
    """Reportable findings; one whose second copy is of unknown phase cannot be judged yet."""
    for one in findings:
        words = f"{one.classification} variant in {one.gene} ({', '.join(one.conditions)})"
        zygosity = one.variants[0].zygosity.value if one.variants else ""
        if one.status is SecondaryStatus.REPORTABLE:
            yield Trigger(TriggerKind.FINDING, one.gene, words, True, detail=zygosity)
        elif one.status is SecondaryStatus.POSSIBLE_BIALLELIC:
            needs = (f"whether both copies of {one.gene} carry a variant (phase)",)
            yield Trigger(TriggerKind.FINDING, one.gene, words, None, detail=zygosity, needs=needs, asks=(_PHASE,))


def _of_risks(known: Knowledge, risks: Sequence[RiskFinding], plain: Mapping[str, str]) -> Iterable[Trigger]:
    """Each equation's first outcome that is known, by its id and by its family's name; else what is missing for it."""
    for one in risks:
        if one.measure != "risk":
            continue
        estimate = next((item for item in one.estimates if not item.refused), None)
        missing = [item for item in one.missing if item.handled == ("ask" if estimate is None else "bounds")]
        made = Trigger(
            TriggerKind.RISK,
            one.equation,
            one.title,
            None,
            needs=tuple(item.title for item in missing),
            asks=tuple(_plainly(known, one.equation, item, plain) for item in missing),
        )
        if estimate is not None:
            low, high = _limits(estimate)
            words = f"{estimate.title} by {one.title}: {_share(low, high)} in {estimate.years} years"
            made = replace(made, words=words, holds=True, low=low, high=high)
        for name in dict.fromkeys((one.equation, one.family)):
            yield replace(made, id=name)


def _plainly(known: Knowledge, equation: str, missing: RiskMissing, plain: Mapping[str, str]) -> str:
    item = next(one for one in known.risks[equation].inputs if one.name == missing.name)
    return plain_input(item, plain) or missing.title


def _limits(one: RiskEstimate) -> tuple[float, float]:
    if one.value is not None:
        return one.value, one.value
    return one.low if one.low is not None else 0.0, one.high if one.high is not None else 1.0


def _share(low: float, high: float) -> str:
    shown = [f"{100 * end:.1f} %" for end in dict.fromkeys((low, high))]
    return " to ".join(shown)
