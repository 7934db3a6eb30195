"""What must hold in equations of risk, beyond their shape; every breach is one line with its remedy."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from nof1.errors import UnitError
from nof1.knowledge.care import Care
from nof1.knowledge.check_genes import check_date, check_source
from nof1.knowledge.check_rules import check_id, check_name, check_names_of, nearest
from nof1.knowledge.risk_equations import CoefficientTable, Found, RiskEquation, RiskInput, Supposition, asked
from nof1.knowledge.schema import Source
from nof1.knowledge.tables import Problem
from nof1.units.convert import convert

_PERSON = frozenset({"age", "female", "male"})


def check(equations: Mapping[str, RiskEquation], sources: dict[str, Source], care: Care, problem: Problem) -> None:
    """Tell every breach in ``equations``."""
    computed = {item.gives for item in care.policy.equations} if care.policy else set()
    facts = _PERSON | set(care.measurements) | set(care.conditions) | computed
    for equation in equations.values():
        place = f"risk_equations/{equation.id}"
        check_equation(equation, problem)
        check_date(equation.checked, place, problem)
        for text in _references(equation):
            check_source(text, sources, place, problem)
        for item in equation.inputs:
            _check_facts(item, facts, care, f"{place} input {item.name}", problem)


def check_equation(equation: RiskEquation, problem: Problem) -> None:
    """Tell what makes ``equation`` unusable by itself: names, formulas, units, ranges, tables with holes."""
    place = f"risk_equations/{equation.id}"
    check_id(equation.id, place, problem)
    names = [item.name for group in (equation.inputs, equation.terms) for item in group]
    for name in sorted({name for name in names if names.count(name) > 1}):
        problem(f"{place}: name {name!r} is given twice; formulas could not tell which is meant")
    for item in equation.inputs:
        _check_input(item, f"{place} input {item.name}", problem)
    for table in equation.tables:
        _check_table(equation, table, f"{place} table {table.title}", problem)
    _check_formulas(equation, place, problem)
    for name, way in equation.one_way.items():
        if name not in {item.name for item in equation.inputs} or way not in (1, -1):
            problem(f"{place}: one_way {name}: {way}; name an input, with 1 or -1")
    if not equation.outcomes or not all(outcome.years for outcome in equation.outcomes):
        problem(f"{place}: an outcome without years; write [0] where there is no horizon")


def _check_formulas(equation: RiskEquation, place: str, problem: Problem) -> None:
    known = {name for item in equation.inputs for name in asked(item)}
    inputs = set(known)
    used: set[str] = set()
    for term in equation.terms:
        used |= check_names_of(term.formula, known, f"{place} term {term.name}", problem)
        known.add(term.name)
    rows = {name for table in equation.tables for name in table.rows}
    numbers = rows - {term.name for term in equation.terms}
    asks = check_names_of(equation.value, known | numbers | {"lp"}, place, problem)
    _check_covered(equation, numbers & asks, place, problem)
    for name in sorted(numbers - asks):
        problem(f"{place}: row {name!r} is neither a term nor in value; write it into one or remove it")
    for name in sorted({term.name for term in equation.terms} - rows - used - asks):
        problem(f"{place}: term {name!r} has no coefficient and is in no formula; add it or remove it")
    for text in _conditions(equation):
        check_names_of(text, inputs, place, problem)
    for item in equation.suppositions:
        _check_supposition(equation, item, inputs, f"{place} supposition {item.id}", problem)


def _conditions(equation: RiskEquation) -> Iterator[str]:
    yield from (limit.holds for limit in equation.limits)
    optional = [item.when for item in equation.categories] + [item.when for item in equation.suppositions]
    optional += [column.when for table in equation.tables for column in table.columns]
    yield from (text for text in optional if text)


def _check_supposition(equation: RiskEquation, item: Supposition, inputs: set[str], place: str, problem: Problem) -> None:
    names = {one.name for one in equation.inputs if one.kind != "choice"}
    for name, formula in item.sets.items():
        if name not in names:
            problem(f"{place}: sets {name!r}, which is no number or flag of inputs; {nearest(name, names)}correct it")
        check_names_of(formula, inputs, place, problem)
    if item.effect:
        check_names_of(item.effect, {"value"}, place, problem)
    if bool(item.sets) == bool(item.effect):
        problem(f"{place}: write either sets or effect")


def _check_table(equation: RiskEquation, table: CoefficientTable, place: str, problem: Problem) -> None:
    outcomes = {outcome.id: outcome.years for outcome in equation.outcomes}
    for name, values in table.rows.items():
        if len(values) != len(table.columns) or not all(math.isfinite(value) for value in values):
            problem(f"{place}: row {name} has {len(values)} numbers for {len(table.columns)} columns; write one for each")
    for column in table.columns:
        if column.outcome and column.outcome not in outcomes:
            problem(f"{place}: outcome {column.outcome!r} is none of outcomes; {nearest(column.outcome, outcomes)}add it")


def _check_covered(equation: RiskEquation, numbers: set[str], place: str, problem: Problem) -> None:
    """Every outcome and horizon has its columns, and each number that ``value`` asks for."""
    for outcome in equation.outcomes:
        for years in outcome.years:
            fitting = [table for table in equation.tables if table.fitting(outcome.id, years)]
            lacks = sorted(numbers - {name for table in fitting for name in table.rows})
            if lacks or bool(equation.tables) != bool(fitting):
                problem(f"{place}: no column for {outcome.id} within {years} years {', '.join(lacks)}".rstrip() + "; add it")


def _check_input(item: RiskInput, place: str, problem: Problem) -> None:
    check_name(item.name, place, problem)
    try:
        convert(1.0, item.unit, item.unit)
    except UnitError as error:
        problem(f"{place}: unit {item.unit!r} ({error}); write a UCUM unit, 1 for none")
    if (item.kind == "choice") != bool(item.choices):
        problem(f"{place}: kind {item.kind} with {len(item.choices)} choices; a choice has some, others none")
    codes = [choice.code for choice in item.choices]
    if len(set(codes)) < len(codes) or "unknown" in codes:
        problem(f"{place}: codes {codes}; write each once, and not unknown")
    for pair in (item.plausible, item.domain, item.studied, item.span):
        if pair and not (len(pair) == 2 and pair[0] < pair[1]):
            problem(f"{place}: range {pair}; write [low, high]")
    if item.kind == "number" and not item.plausible:
        problem(f"{place}: a number needs plausible [low, high]; without it a slip of the unit would give a risk")
    if item.kind == "number" and item.unknown == "bounds" and not (item.domain or item.span):
        problem(f"{place}: bounds need a domain or a span [low, high]; else write unknown: ask")
    for name in ("domain", "studied", "span", "reference"):
        if (getattr(item, name) not in (None, [])) != bool(getattr(item, f"{name}_source")):
            problem(f"{place}: {name} and {name}_source go together; write both")


def _check_facts(item: RiskInput, facts: frozenset[str], care: Care, place: str, problem: Problem) -> None:
    for found in item.found:
        for name in (*found.terms, *([found.age_at] if found.age_at else [])):
            if name not in facts:
                problem(f"{place}: term {name!r} is no known fact; {nearest(name, facts)}nof1 knowledge list facts")
        for name in found.drugs:
            if name not in care.drugs:
                problem(f"{place}: {name!r} is no drug of terms/drugs; {nearest(name, care.drugs)}add it there")
        for name in found.classes:
            if name not in care.classes:
                problem(f"{place}: {name!r} is no class of terms/; {nearest(name, care.classes)}add it there")
        _check_found(found, place, problem)
    for choice in item.choices:
        if choice.term and choice.term not in facts:
            problem(
                f"{place}: term {choice.term!r} is no known fact; {nearest(choice.term, facts)}nof1 knowledge list facts"
            )


def _check_found(found: Found, place: str, problem: Problem) -> None:
    if found.formula:
        check_names_of(found.formula, {"value"}, place, problem)
        if not found.source:
            problem(f"{place}: formula {found.formula!r} without a source; say who gives it")
    if not (found.terms or found.drugs or found.classes or found.age_at):
        problem(f"{place}: found says nothing; name terms, drugs, classes or age_at")


def _references(equation: RiskEquation) -> Iterator[str]:
    """Every reference within an equation; a term stands in the equation's source."""
    yield equation.source
    groups = (equation.tables, equation.limits, equation.categories, equation.suppositions)
    yield from (item.source for group in groups for item in group)
    optional = [text for item in equation.inputs for text in _places(item)]
    optional += [found.source for item in equation.inputs for found in item.found]
    yield from (text for text in optional if text)


def _places(item: RiskInput) -> tuple[str, ...]:
    return item.domain_source, item.studied_source, item.span_source, item.reference_source
