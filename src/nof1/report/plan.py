"""A plan of prevention and the criteria over the family as parts of a page; and the plan in the patient's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nof1.model.pedigree import Pedigree
from nof1.model.prevention import Plan, PlannedAction, PlanState
from nof1.report.markup import Html, clean, tag, together
from nof1.report.pedigree import section as pedigree_section
from nof1.report.pedigree import shown
from nof1.report.plan_words import DRAFT, GROUPS, criteria, details, for_patient, shown_rules, verdict, when
from nof1.risk.family_rules import RuleResult, Verdict


def plan_section(plan: Plan, sources: Mapping[str, str] | None = None) -> Html:
    """The plan in groups, what is due first. ``sources``: id of a source -> where it stands on the page or on the web."""
    links = sources or {}
    groups = [
        together([tag("h3", title), *(_card(one, links) for one in found)])
        for title, states in GROUPS
        if (found := plan.of(*states))
    ]
    empty = tag("p", "No action of the guidelines that are known applies today.")
    return tag(
        "section",
        tag("h2", "Prevention"),
        tag("p", DRAFT, class_="quiet"),
        *(groups or [empty]),
        id="prevention",
        class_="prevention",
    )


def _card(one: PlannedAction, links: Mapping[str, str]) -> Html:
    rows = [tag("div", tag("dt", name), tag("dd", _linked(one, name, text, links))) for name, text in details(one)]
    return tag(
        "article",
        tag("h4", clean(one.title)),
        tag("p", tag("strong", when(one)), class_="acts"),
        tag("dl", *rows, class_="facts"),
        class_=f"plan-card plan-{one.state.value}",
    )


def _linked(one: PlannedAction, name: str, text: str, links: Mapping[str, str]) -> str:
    address = links.get(one.source.partition("#")[0], "") if name == "Source" else ""
    said = clean(text) + (f" ({one.status})" if name == "Source" and one.status else "")
    return tag("a", said, href=address) if address else said


def family_section(pedigree: Pedigree, results: Sequence[RuleResult], titles: Mapping[str, str]) -> Html:
    """The pedigree and every rule that was made for the person. ``titles``: conditions that may be filled in."""
    rules = [_rule(one) for one in shown_rules(results)]
    return tag(
        "section",
        tag("h2", "Family"),
        pedigree_section(pedigree, shown(pedigree, titles)),
        *rules,
        id="family",
        class_="family",
    )


def _rule(one: RuleResult) -> Html:
    rule = one.rule
    rows = [
        ("Met by", "; ".join(criteria(one))),
        ("Then", rule.means if one.verdict is Verdict.MET else ""),
        ("Confirm", "; ".join(one.confirm)),
        ("Ask", "; ".join(one.needs)),
        ("Source", f"{rule.body} {rule.year}, {rule.place}"),
    ]
    shown_ = [tag("div", tag("dt", name), tag("dd", clean(text))) for name, text in rows if text]
    return tag(
        "article",
        tag("h4", clean(rule.title)),
        tag("p", tag("strong", verdict(one))),
        tag("dl", *shown_, class_="facts"),
        class_="plan-card",
    )


def patient_section(plan: Plan, results: Sequence[RuleResult] = ()) -> Html:
    """The plan in plain words, for the person."""
    now = plan.of(PlanState.OVERDUE, PlanState.DUE, PlanState.PLANNED)
    ask = plan.of(PlanState.UNKNOWN)
    later = plan.of(PlanState.NOT_DUE, PlanState.LATER, PlanState.DECLINED, PlanState.CONTRAINDICATED)
    parts = [
        together([tag("h3", title), tag("ul", *(tag("li", clean(line)) for line in for_patient(found)))])
        for title, found in (("To talk about now", now), ("Still to be found out", ask), ("Later", later))
        if found
    ]
    family = [tag("li", clean(one.rule.patient)) for one in results if one.verdict is Verdict.MET]
    if family:
        parts.append(together([tag("h3", "Your family"), tag("ul", *family)]))
    lead = "These are suggestions of medical guidelines. Decide on them together with your doctor."
    return tag("section", tag("h2", "What you can do to stay well"), tag("p", lead), *parts, class_="stay-well")
