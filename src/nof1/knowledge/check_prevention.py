"""What must hold in family rules and prevention beyond their shape; every breach is one line with its remedy."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from nof1.knowledge.care import Care
from nof1.knowledge.check_genes import check_date, check_source
from nof1.knowledge.check_rules import check_id, nearest
from nof1.knowledge.formula import FormulaError, parse
from nof1.knowledge.prevention import Action, Criterion, FamilyRule, Prevention, Relatives, Service
from nof1.knowledge.schema import Source
from nof1.knowledge.tables import Problem

_SYSTEMS = ("snomed", "icd10", "loinc", "cvx")
_SELF = ("age", "female", "male")
_OLDEST = 120


def check(
    known: Prevention, sources: dict[str, Source], care: Care, problem: Problem, equations: Collection[str] = ()
) -> None:
    """Tell every breach in ``known``; ``equations``: ids of the risk equations that an action may name."""
    for rule in known.rules.values():
        _check_rule(rule, sources, care, problem)
    for service in known.services.values():
        _check_service(service, sources, care, problem)
    for action in known.actions.values():
        _check_action(action, known, sources, care, problem)
        for name in action.wanted.risks:
            if equations and name not in equations:
                problem(
                    f"action {action.id}: {name!r} is no equation of risk_equations/; {nearest(name, equations)}add it there"
                )


def _check_rule(rule: FamilyRule, sources: dict[str, Source], care: Care, problem: Problem) -> None:
    place = f"family rule {rule.id}"
    check_id(rule.id, place, problem)
    check_source(rule.source, sources, place, problem)
    check_date(rule.checked, place, problem)
    _check_states(rule.not_with, care, place, problem)
    _check_formula(rule.only_for, care, place, problem)
    _check_codes(rule.hints, place, problem)
    names = [one.id for one in rule.criteria]
    if not names or len(set(names)) != len(names):
        problem(f"{place}: criteria need ids that differ, and there must be one")
    if rule.combine == "points":
        least = [band.least for band in rule.bands]
        if not least or least != sorted(least, reverse=True):
            problem(f"{place}: bands go from the highest points to the lowest")
        if any(one.points <= 0 for one in rule.criteria):
            problem(f"{place}: every criterion of a rule that adds points has points above 0")
    for one in rule.criteria:
        _check_criterion(one, f"{place} criterion {one.id}", sources, care, problem)


def _check_criterion(one: Criterion, place: str, sources: dict[str, Source], care: Care, problem: Problem) -> None:
    check_source(one.source, sources, place, problem)
    _check_states(one.self_has, care, place, problem)
    _check_formula(one.when, care, place, problem)
    if not (one.relatives or one.self_has or one.self_findings or one.when):
        problem(f"{place}: asks for nothing; give relatives, self_has, self_findings or when")
    for group in one.relatives:
        _check_relatives(group, place, care, problem)


def _check_relatives(group: Relatives, place: str, care: Care, problem: Problem) -> None:
    _check_states([*group.conditions, *group.maybe], care, place, problem)
    if not group.conditions:
        problem(f"{place}: a group of relatives needs conditions")
    if group.least < 1 or not group.degrees or any(degree not in (1, 2, 3) for degree in group.degrees):
        problem(f"{place}: at least 1 relative of degree 1, 2 or 3")
    if set(group.before_by_sex) - {"female", "male"}:
        problem(f"{place}: before_by_sex has ages for female and male")


def _check_service(one: Service, sources: dict[str, Source], care: Care, problem: Problem) -> None:
    place = f"service {one.id}"
    check_id(one.id, place, problem)
    check_source(one.source, sources, place, problem)
    check_date(one.checked, place, problem)
    _check_codes(one.codes, place, problem)
    for name in one.classes:
        if name not in care.classes:
            problem(f"{place}: {name!r} is no class of terms/; {nearest(name, care.classes)}add it there")
    if one.measurement and one.measurement not in care.measurements:
        problem(
            f"{place}: {one.measurement!r} is no measurement of terms/; {nearest(one.measurement, care.measurements)}add it"
        )


def _check_action(one: Action, known: Prevention, sources: dict[str, Source], care: Care, problem: Problem) -> None:
    place = f"action {one.id}"
    check_id(one.id, place, problem)
    for source in (one.source, *one.also):
        check_source(source, sources, place, problem)
    check_date(one.checked, place, problem)
    _check_states([*one.not_with, *one.youngest_of], care, place, problem)
    _check_formula(one.wanted.when, care, place, problem)
    for rule in one.wanted.family_rules:
        if rule not in known.rules:
            problem(f"{place}: {rule!r} is no rule of family_rules/; {nearest(rule, known.rules)}add it there")
    if not one.options:
        problem(f"{place}: has no option; say what is done")
    for option in one.options:
        if option.service not in known.services:
            problem(f"{place}: {option.service!r} is no service; {nearest(option.service, known.services)}add it")
        if option.once + option.standing + bool(option.months) != 1 or not _is_span(option.months):
            problem(f"{place} {option.service}: months [soonest, latest], or once, or standing")
    if one.wanted.risks and one.wanted.at_least is None:
        problem(f"{place}: a risk without at_least; say from which risk on")
    ages = [age for age in (one.from_age, one.to_age) if age is not None]
    if ages != sorted(ages) or any(not 0 <= age <= _OLDEST for age in ages):
        problem(f"{place}: ages {ages}; write years, from_age not above to_age")
    if one.years_before_youngest is not None and (one.from_age is None or not one.youngest_of):
        problem(f"{place}: years_before_youngest needs from_age and youngest_of")


def _is_span(months: list[float]) -> bool:
    return not months or (len(months) == 2 and 0 < months[0] <= months[1])


def _check_states(names: Iterable[str], care: Care, place: str, problem: Problem) -> None:
    for name in names:
        if name not in care.conditions:
            problem(f"{place}: {name!r} is no condition of terms/; {nearest(name, care.conditions)}add it there")


def _check_formula(text: str, care: Care, place: str, problem: Problem) -> None:
    if not text:
        return
    try:
        names = parse(text).names
    except FormulaError as error:
        problem(f"{place}: {text!r} {error}")
        return
    computed = {equation.id for equation in care.policy.equations} if care.policy else set()
    for name in names - set(_SELF) - set(care.measurements) - set(care.conditions) - computed:
        problem(f"{place}: {text!r} asks for {name!r}, which is no measurement, condition or equation; add it to terms/")


def _check_codes(codes: Iterable[str], place: str, problem: Problem) -> None:
    for code in codes:
        system, _, rest = code.partition("|")
        if system not in _SYSTEMS or not rest:
            problem(f"{place}: code {code!r}; write system|code with one of {', '.join(_SYSTEMS)}")
