"""The family and the plan of prevention of an assessment, as parts of its page and as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from nof1.model.findings import Assessment
from nof1.model.prevention import Plan, PlanState
from nof1.report.lines import filled
from nof1.report.markup import Html, clean
from nof1.report.plan import family_section, patient_section, plan_section
from nof1.report.plan_words import when
from nof1.risk.family_rules import RuleResult, asked_conditions


def plan_of(assessment: Assessment) -> Plan:
    """The plan of the assessment."""
    return Plan(date.fromisoformat(assessment.created), assessment.plan)


def rules_of(assessment: Assessment) -> list[RuleResult]:
    """What criteria say of the family."""
    return [msgspec.convert(one, RuleResult) for one in assessment.family_rules]


def prevention_section(assessment: Assessment) -> Html:
    """The plan; empty where none was made."""
    if assessment.pedigree is None:
        return Html("")
    links = {name: item.get("url", "") for name, item in assessment.sources.items()}
    return plan_section(plan_of(assessment), links)


def family_part(assessment: Assessment) -> Html:
    """The pedigree and the criteria over it; empty where the record tells of no relative."""
    pedigree = assessment.pedigree
    if pedigree is None or len(pedigree.persons) < 2:
        return Html("")
    rules = rules_of(assessment)
    asked = asked_conditions((one.rule for one in rules), {})
    texts = {name: one.text for person in pedigree.persons.values() for one in person.illnesses for name in one.terms}
    return family_section(pedigree, rules, {name: texts.get(name, title) for name, title in asked.items()})


def patient_part(assessment: Assessment) -> Html:
    """The plan in plain words; empty where nothing is planned."""
    if not assessment.plan:
        return Html("")
    return patient_section(plan_of(assessment), rules_of(assessment))


def prevention_lines(assessment: Assessment, width: int) -> Iterator[str]:
    """For a terminal: what is due."""
    due = [one for one in assessment.plan if one.state in (PlanState.OVERDUE, PlanState.DUE)]
    if not due:
        return
    yield from ("", "PREVENTION, A DRAFT")
    for one in due:
        yield from filled(clean(f"{one.title}: {when(one)} ({one.cited})"), width - 2, "  ")
