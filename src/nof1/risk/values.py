"""The values that an equation of risk gives: inputs to terms, terms times coefficients, and what is made of their sum."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from nof1.knowledge.formula import parse
from nof1.knowledge.risk_equations import CoefficientTable, RiskEquation
from nof1.risk.columns import Columns, Mask, Numbers

Values = Mapping[str, NDArray[np.float64]]


def input_values(equation: RiskEquation, columns: Columns) -> dict[str, Numbers]:
    """Everything that conditions may name, (people,) each: inputs, ``INPUT_CODE`` and ``INPUT_unknown`` as 1.0 or 0.0.

    What is not known is NaN, also in the codes of a choice.
    """
    found: dict[str, Numbers] = {}
    for item in equation.inputs:
        found[f"{item.name}_unknown"] = (~columns.known(item.name)).astype(float)
        if item.kind != "choice":
            found[item.name] = columns.numbers[item.name]
            continue
        codes = columns.codes[item.name]
        for number, choice in enumerate(item.choices):
            found[f"{item.name}_{choice.code}"] = np.where(codes < 0, np.nan, (codes == number).astype(float))
    return found


def add_terms(equation: RiskEquation, values: dict[str, Numbers], people: int) -> dict[str, Numbers]:
    """``values`` with the equation's terms, (people,) each."""
    found = dict(values)
    for term in equation.terms:
        found[term.name] = column_of(term.formula, found, people)
    return found


def values_for(equation: RiskEquation, terms: Values, people: int, outcome: str, years: int) -> Numbers:
    """What ``equation`` gives for ``outcome`` within ``years``, (people,); NaN where something it needs is not known."""
    total = np.zeros(people)
    numbers: dict[str, NDArray[np.float64]] = {}
    names = {term.name for term in equation.terms}
    for table in equation.tables:
        if not (fitting := table.fitting(outcome, years)):
            continue
        column = _columns_of(table, terms, people, fitting)
        for name, row in table.rows.items():
            chosen = _chosen(np.asarray(row), column)
            if name not in names:
                numbers[name] = chosen
            elif np.any(chosen):
                total = total + chosen * terms[name]
    with np.errstate(invalid="ignore"):
        found = column_of(equation.value, {**terms, **numbers, "lp": total}, people)
    return np.where(np.isfinite(found), found, np.nan)


def _columns_of(table: CoefficientTable, values: Values, people: int, fitting: list[int]) -> int | NDArray[np.int64]:
    """Which column of ``table`` counts: one for everybody, or one a person (-1: none holds)."""
    if len(fitting) == 1 and not table.columns[fitting[0]].when:
        return fitting[0]
    found = np.full(people, -1)
    for number in reversed(fitting):
        when = table.columns[number].when
        found[truth(when, values, people) if when else np.ones(people, bool)] = number
    return found


def _chosen(row: Numbers, column: int | NDArray[np.int64]) -> NDArray[np.float64]:
    if isinstance(column, int):
        return row[column : column + 1]
    return np.append(row, np.nan)[column]


def column_of(formula: str, values: Values, people: int) -> Numbers:
    """What ``formula`` gives, (people,)."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # what is no number is told as not known
        found: Numbers = np.broadcast_to(np.asarray(parse(formula).evaluate(values), np.float64), people)
    return found


def truth(condition: str, values: Values, people: int) -> Mask:
    """Whether ``condition`` holds, (people,); it does not where a value it names is not known."""
    formula = parse(condition)
    held = np.broadcast_to(np.asarray(formula.evaluate(values), bool), people)
    known = np.ones(people, bool)
    for name in formula.names:
        known &= ~np.isnan(values[name])
    return held & known
