"""Risks by published equations, for one person or many: the value of each outcome, and why it is not given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nof1.errors import RequestError
from nof1.knowledge.risk_equations import Limit, RiskEquation
from nof1.risk.columns import Columns, Given, Mask, Numbers, read_columns
from nof1.risk.values import add_terms, input_values, truth, values_for


@dataclass(frozen=True, slots=True)
class Reason:
    """Why nothing is computed for ``people`` (a mask): ``needs`` would lift it."""

    says: str
    people: Mask
    source: str = ""
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Estimate:
    """``values`` of ``outcome`` within ``years`` (0: no horizon), (people,), NaN where refused or an input is not known.

    ``formula``: the same as the bare formula gives it, refused or not; for measuring an equation, never for a person.
    ``offered``: whom nothing stands against; those with an input unknown have bounds at most. ``refused``: why not, by mask.
    """

    outcome: str
    years: int
    values: Numbers
    formula: Numbers
    offered: Mask
    refused: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Estimates:
    """What ``equation`` gives for the people of ``columns``."""

    equation: RiskEquation
    columns: Columns
    found: tuple[Estimate, ...]

    def estimate(self, outcome: str, years: int = 0) -> Estimate:
        """That of ``outcome`` within ``years``; ``RequestError`` where the equation has none."""
        for one in self.found:
            if (one.outcome, one.years) == (outcome, years):
                return one
        known = ", ".join(f"{one.outcome} within {one.years} years" if one.years else one.outcome for one in self.found)
        raise RequestError(f"risk: {self.equation.id} gives no {outcome} within {years} years; it gives {known}")


def estimates(equation: RiskEquation, given: Given) -> Estimates:
    """Every outcome of ``equation`` for everybody in ``given``: names of inputs to one value, or one a person.

    Numbers are in the units of the equation, a risk is 0 to 1. Not known is ``None`` or NaN. Raises ``RequestError`` where a
    name or value cannot be right; whoever lies outside what the equation was made for is no error but ``refused``.
    """
    return of_columns(equation, read_columns(equation, given))


def of_columns(equation: RiskEquation, columns: Columns) -> Estimates:
    """As ``estimates``, from columns that were read."""
    inputs = input_values(equation, columns)
    terms = add_terms(equation, inputs, columns.people)
    lacking = _lacking(equation, columns)
    common = [*_asked(equation, columns), *_outside(equation, columns)]
    found = []
    for outcome in equation.outcomes:
        for years in outcome.years:
            limits = [
                _limited(limit, inputs, columns) for limit in equation.limits if not limit.years or years in limit.years
            ]
            refused = tuple(reason for reason in (*common, *limits) if reason.people.any())
            offered = ~np.logical_or.reduce([np.zeros(columns.people, bool), *(reason.people for reason in refused)])
            formula = np.where(lacking, np.nan, values_for(equation, terms, columns.people, outcome.id, years))
            found.append(Estimate(outcome.id, years, np.where(offered, formula, np.nan), formula, offered, refused))
    return Estimates(equation, columns, tuple(found))


def _lacking(equation: RiskEquation, columns: Columns) -> Mask:
    """Who lacks an input for which the equation has no coefficient of its own."""
    needed = [~columns.known(item.name) for item in equation.inputs if item.unknown in ("ask", "bounds")]
    found: Mask = np.logical_or.reduce([np.zeros(columns.people, bool), *needed])
    return found


def _asked(equation: RiskEquation, columns: Columns) -> list[Reason]:
    return [
        Reason(f"not known: {item.title}", ~columns.known(item.name), equation.source, (item.name,))
        for item in equation.inputs
        if item.unknown == "ask"
    ]


def _outside(equation: RiskEquation, columns: Columns) -> list[Reason]:
    found = []
    for item in equation.inputs:
        if item.domain and item.kind == "number":
            low, high = item.domain
            values = columns.numbers[item.name]
            unit = {"1": "", "a": " years"}.get(item.unit, f" {item.unit}")
            says = f"{item.title} lies outside {low:g} to {high:g}{unit}, for which the equation was made"
            found.append(Reason(says, (values < low) | (values > high), item.domain_source))
    return found


def _limited(limit: Limit, inputs: dict[str, Numbers], columns: Columns) -> Reason:
    """Refused are those of whom it is known that ``limit`` does not hold."""
    people = columns.people
    return Reason(limit.says, truth(f"not ({limit.holds})", inputs, people), limit.source)
