"""What must hold in terms, modulators, interactions, limits and the policy of records; every breach is one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from nof1.knowledge.care import Care, ConditionTerm, Equation, InteractionRule, Limit, LimitFile, Side
from nof1.knowledge.check_genes import check_date, check_source
from nof1.knowledge.check_rules import check_dose, check_id, check_name, nearest, read_formula
from nof1.knowledge.load_care import Places
from nof1.knowledge.lookup import phenotypes
from nof1.knowledge.schema import Gene, Source
from nof1.knowledge.tables import Problem

BASE_NAMES = frozenset({"age", "female", "male"})


class _Cited(Protocol):
    @property
    def source(self) -> str: ...
    @property
    def checked(self) -> str: ...


def check(care: Care, places: Places, sources: dict[str, Source], genes: dict[str, Gene], problem: Problem) -> None:
    """Tell every breach in ``care``; ``places``: the files in which limits and interactions stand."""
    for place, row in _cited(care, places):
        check_source(row.source, sources, place, problem)
        check_date(row.checked, place, problem)
    names = BASE_NAMES | set(care.measurements) | set(care.conditions)
    if care.policy:
        names |= {equation.gives for equation in care.policy.equations}
        _check_policy(care, sources, names, problem)
    _check_terms(care, problem)
    _check_modulators(care, sources, genes, problem)
    _check_interactions(care, places, names, problem)
    for name, file in zip(places.limits, care.limits, strict=True):
        _check_limits(file, name, care, names, problem)


def _cited(care: Care, places: Places) -> Iterator[tuple[str, _Cited]]:
    yield from ((f"terms/drugs {row.name}", row) for row in care.drugs.values())
    yield from ((f"terms class {row.id}", row) for row in care.classes.values())
    yield from ((f"terms measurement {row.id}", row) for row in care.measurements.values())
    for row in care.measurements.values():
        yield from ((f"terms measurement {row.id} activity", part) for part in row.activity_rows)
    yield from ((f"terms condition {row.id}", row) for row in care.conditions.values())
    yield from ((f"modulators.tsv {row.enzyme} {row.drug}", row) for row in care.modulators)
    yield from ((f"phenoconversion.yaml {row.gene}", row) for row in care.conversions.values())
    if care.exposure:
        yield from ((f"exposure.yaml {row.drug}", row) for row in care.exposure.substrates)
        yield from ((f"exposure.yaml {row.enzyme} {row.strength or row.drug}", row) for row in care.exposure.residual)
    yield from ((f"{places.interactions[row.id]} {row.id}", row) for row in care.interactions)
    yield from ((f"never_interrupt.tsv {row.drug}", row) for row in care.never_interrupt)
    for enzyme in care.kinetic:
        yield from ((f"pharmacokinetic.yaml {enzyme.enzyme} {row.drug}", row) for row in enzyme.substrates)
    for name, file in zip(places.limits, care.limits, strict=True):
        yield from ((f"{name} {row.id}", row) for row in file.limits)
    if care.policy:
        yield from ((f"record.yaml {row.id}", row) for row in care.policy.equations)
        yield from ((f"record.yaml block {row.condition}", row) for row in care.policy.blocks)


def _check_policy(care: Care, sources: dict[str, Source], names: set[str] | frozenset[str], problem: Problem) -> None:
    policy = care.policy
    assert policy is not None
    check_source(policy.source, sources, "record.yaml", problem)
    if policy.body_source:
        check_source(policy.body_source, sources, "record.yaml", problem)
    for equation in policy.equations:
        _check_equation(equation, names, problem)
    for block in policy.blocks:
        if block.condition not in care.conditions:
            problem(f"record.yaml: block {block.condition!r} is no condition of terms/; add it there")
    for name in policy.no_draft:
        if name not in care.conditions:
            problem(f"record.yaml: no_draft {name!r} is no condition of terms/; add it there")
    if policy.draft:
        check_source(policy.draft.source, sources, "record.yaml draft", problem)
        if not 0 <= policy.draft.least_in_target <= 1:
            problem(f"record.yaml: draft least_in_target {policy.draft.least_in_target}; write a probability, 0 to 1")
    for name in policy.unstable:
        if name not in care.measurements:
            problem(f"record.yaml: unstable {name!r} is no measurement of terms/; add it there")


def _check_equation(equation: Equation, names: set[str] | frozenset[str], problem: Problem) -> None:
    place = f"record.yaml equation {equation.id}"
    for name in set(equation.inputs) - names:
        problem(f"{place}: input {name!r} is no known fact; add the term or correct the name")
    _check_formula(equation.formula, set(equation.inputs), place, problem)
    if equation.domain:
        _check_formula(equation.domain, set(names), place, problem)


def _check_formula(text: str, names: Iterable[str], place: str, problem: Problem) -> None:
    formula = read_formula(text, place, problem)
    for name in sorted(formula.names - set(names)) if formula else ():
        meant = nearest(name, names) or "add the term or correct the name: "
        problem(f"{place}: {text!r} names {name!r}, which is no known fact; {meant}nof1 knowledge list facts")


def _check_terms(care: Care, problem: Problem) -> None:
    _check_drug_terms(care, problem)
    for place, item in _named(care):
        check_name(item, place, problem)
    for group in care.classes.values():
        for member in [*group.members, *group.without]:
            if member not in care.drugs:
                problem(f"terms class {group.id}: {member!r} is no drug of terms/drugs; add it there")
    for term in care.measurements.values():
        if term.plausible and not (len(term.plausible) == 2 and term.plausible[0] < term.plausible[1]):
            problem(f"terms measurement {term.id}: plausible is {term.plausible}; write [low, high]")
        for row in term.activity_rows:
            if row.state and row.state not in care.conditions:
                problem(f"terms measurement {term.id}: state {row.state!r} is no condition of terms/; add it there")
    for condition in care.conditions.values():
        _check_condition(condition, care, problem)


def _named(care: Care) -> Iterator[tuple[str, str]]:
    yield from (("terms class", name) for name in care.classes)
    yield from (("terms measurement", name) for name in care.measurements)
    yield from (("terms condition", name) for name in care.conditions)


def _check_drug_terms(care: Care, problem: Problem) -> None:
    owner: dict[str, str] = {}
    coded: dict[str, str] = {}
    for row in care.drugs.values():
        for code in _split(row.rxnorm):
            first = coded.setdefault(code, row.name)
            if first != row.name:
                problem(f"terms/drugs: RxNorm {code} is the code of both {first!r} and {row.name!r}; leave it to one")
        for name in [row.name, *_split(row.also_named)]:
            first = owner.setdefault(name.lower(), row.name)
            if first != row.name:
                problem(f"terms/drugs: {name!r} names both {first!r} and {row.name!r}; leave it to one")
        for part in _split(row.ingredients):
            if part not in care.drugs:
                problem(f"terms/drugs {row.name}: ingredient {part!r} is no row of the table; add it")


def _check_condition(condition: ConditionTerm, care: Care, problem: Problem) -> None:
    place = f"terms condition {condition.id}"
    if condition.unknown_for:
        _check_formula(condition.unknown_for, BASE_NAMES, place, problem)
    if condition.acts_as and condition.acts_as not in care.drugs:
        problem(f"{place}: acts_as {condition.acts_as!r} is no row of terms/drugs; add it")
    for name in condition.measured_by:
        if name not in care.measurements:
            problem(f"{place}: measured_by {name!r} is no measurement of terms/; add it there")
    if condition.shown_by:
        _check_formula(condition.shown_by, condition.measured_by, place, problem)
    for part in condition.includes:
        if part not in care.conditions:
            problem(f"{place}: includes {part!r}, which is no condition; add it")


def _check_modulators(care: Care, sources: dict[str, Source], genes: dict[str, Gene], problem: Problem) -> None:
    for row in care.modulators:
        place = f"modulators.tsv {row.enzyme} {row.drug}"
        if row.drug not in care.drugs:
            problem(f"{place}: the drug is no row of terms/drugs; add it there")
        if row.washout_days and not row.washout_days.isdigit():
            problem(f"{place}: washout_days is {row.washout_days!r}; write a whole number of days or nothing")
        for token in row.disagrees.split():
            check_source(token.partition(":")[2], sources, place, problem)
    for conversion in care.conversions.values():
        place = f"phenoconversion.yaml {conversion.gene}"
        if conversion.gene not in genes:
            problem(f"{place}: no such gene in genes/; add it or correct the symbol")
            continue
        for word in set(conversion.order) - phenotypes(genes[conversion.gene]):
            problem(f"{place}: {word!r} is no phenotype of the gene")


def _check_interactions(care: Care, places: Places, names: Iterable[str], problem: Problem) -> None:
    for rule in care.interactions:
        place = f"{places.interactions[rule.id]} {rule.id}"
        check_id(rule.id, place, problem)
        _check_side(rule.a, care, place, problem)
        _check_side(rule.b, care, place, problem)
        _check_actions(rule, place, problem)
        if rule.when:
            _check_formula(rule.when, names, place, problem)
    for row in care.never_interrupt:
        for name in [row.drug, *_split(row.others)]:
            if not name.strip():
                problem(f"never_interrupt.tsv {row.drug}: an empty name; remove it")


def _check_side(side: Side, care: Care, place: str, problem: Problem) -> None:
    if not side.drugs and not side.classes:
        problem(f"{place}: a side without drugs and classes; name at least one")
    for drug in [*side.drugs, *side.without]:
        if drug not in care.drugs:
            problem(f"{place}: {drug!r} is no drug of terms/drugs; add it there")
    for group in side.classes:
        if group not in care.classes:
            problem(f"{place}: {group!r} is no class of terms/; add it there")


def _check_actions(rule: InteractionRule | Limit, place: str, problem: Problem) -> None:
    if not rule.actions or len(set(rule.actions)) != len(rule.actions):
        problem(f"{place}: actions {rule.actions}; write at least one, each once")


def _check_limits(file: LimitFile, place: str, care: Care, names: Iterable[str], problem: Problem) -> None:
    _check_side(Side(file.drugs, file.classes), care, place, problem)
    found = [limit.id for limit in file.limits]
    for name in {name for name in found if found.count(name) > 1}:
        problem(f"{place}: limit {name!r} is written twice; remove one")
    for limit in file.limits:
        _check_formula(limit.when, names, f"{place} {limit.id}", problem)
        _check_actions(limit, f"{place} {limit.id}", problem)
        check_id(limit.id, f"{place} {limit.id}", problem)
        if limit.dose:
            check_dose(limit.dose, f"{place} {limit.id}", problem)
        if ("dose" in limit.actions) != (limit.dose is not None):
            problem(f"{place} {limit.id}: action 'dose' and section dose go together; add or remove one")


def _split(text: str) -> list[str]:
    return [part for part in text.split("|") if part]
