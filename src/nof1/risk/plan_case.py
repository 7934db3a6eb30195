"""From a record, a family and what was judged to the case and the reasons that a plan is made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from nof1.knowledge.judge import Limits
from nof1.model.pedigree import Pedigree
from nof1.model.prevention import PlanCase, Trigger, TriggerKind
from nof1.model.record import Course, Record
from nof1.risk.family_rules import RuleResult, Verdict
from nof1.risk.kinship import kin, relation

_HOLDS = {Verdict.MET: True, Verdict.UNKNOWN: None, Verdict.NOT_MET: False, Verdict.NOT_FOR: False}


def plan_case(
    record: Record,
    pedigree: Pedigree,
    values: Mapping[str, float | Limits],
    titles: Mapping[str, str],
    today: date,
    classes: Mapping[str, Iterable[str]] | None = None,
    plain: Mapping[str, str] | None = None,
) -> PlanCase:
    """The case of a person.

    ``values`` and ``titles``: facts by name, and their names in words (``plain``: in those of the person); ``classes``: of
    each drug, by the name it has in the knowledge.
    """
    known = classes or {}
    by_degree: dict[int, tuple[str, ...]] = {}
    onsets: list[tuple[int, str, float]] = []
    for name, related in kin(pedigree).items():
        person = pedigree.persons[name]
        if not related.degrees:
            continue
        degree = related.degrees[0]
        if person.is_dead is not True and person.told != "nothing":
            by_degree[degree] = (*by_degree.get(degree, ()), relation(pedigree, name) or person.name or name)
        onsets += [(degree, term, item.onset[0]) for item in person.illnesses if item.onset for term in item.terms]
    taken = {name for one in record.medications if one.course is Course.ACTIVE for name in one.drugs}
    allergies = [one for one in record.allergies if not one.is_refuted]
    return PlanCase(
        today=today,
        born=record.birth_date,
        sex=record.sex if record.sex in ("female", "male") else "",
        values=values,
        titles=titles,
        done=record.done,
        measured=_measured(record),
        taking=frozenset(taken | _classes(taken, known)),
        allergic_to=frozenset(
            {name for one in allergies for name in one.classes}
            | _classes((name for one in allergies for name in one.drugs), known)
        ),
        relatives=by_degree,
        onsets=tuple(onsets),
        plain=plain or {},
    )


def _classes(drugs: Iterable[str], known: Mapping[str, Iterable[str]]) -> set[str]:
    return {name for drug in drugs for name in known.get(drug, ())}


def _measured(record: Record) -> dict[str, date]:
    """The last day of each measurement that is believed."""
    last: dict[str, date] = {}
    for fact in record.facts:
        if fact.term and fact.when is not None and not fact.doubt:
            last[fact.term] = max(fact.when, last.get(fact.term, fact.when))
    return last


def family_triggers(results: Iterable[RuleResult]) -> list[Trigger]:
    """The family rules as reasons."""
    return [
        Trigger(
            TriggerKind.FAMILY_RULE,
            one.rule.id,
            _words(one),
            _HOLDS[one.verdict],
            detail=one.bands[0] if len(one.bands) == 1 else "",
            needs=one.needs,
            asks=one.asks,
        )
        for one in results
    ]


def _words(one: RuleResult) -> str:
    met = [
        f"{judged.criterion.words}{f' ({people})' if (people := ', '.join(judged.people)) else ''}"
        for judged in one.criteria
        if judged.verdict is Verdict.MET
    ]
    points = f", {one.points[0]:g} points ({one.bands[0]})" if one.points and one.verdict is Verdict.MET else ""
    return f"{one.rule.title}{points}: {'; '.join(met)}" if met else one.rule.title
