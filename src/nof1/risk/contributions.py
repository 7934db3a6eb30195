"""What each input adds to a person's value, against a reference profile of the same age and sex (Shapley values)."""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import NDArray

from nof1.knowledge.risk_equations import RiskEquation, RiskInput
from nof1.risk.columns import Columns, Numbers
from nof1.risk.values import add_terms, input_values, values_for

MOST = 14  # inputs shared out; every subset of them is computed


@dataclass(frozen=True, slots=True)
class Contributions:
    """``adds`` by input, (people,), which sum to the value less ``reference``, the value of the reference profile."""

    adds: dict[str, Numbers]
    reference: Numbers


def contributions(equation: RiskEquation, columns: Columns, outcome: str, years: int) -> Contributions | None:
    """What each input with a reference adds, averaged over every order in which inputs could be set; ``None`` for no input.

    The values of all subsets are computed, so that interactions are shared evenly. Inputs without a reference, age and sex
    among them, stay the person's own. NaN for people of whom an input is not known.
    """
    shared = [item for item in equation.inputs if item.reference is not None][:MOST]
    if not shared:
        return None
    size = len(shared)
    picked = ((np.arange(1 << size)[:, None] >> np.arange(size)) & 1).astype(bool)
    values = _subsets(equation, columns, shared, picked, outcome, years)
    weights = np.array([factorial(n) * factorial(size - n - 1) / factorial(size) for n in range(size)])
    counts = picked.sum(axis=1)
    adds = {}
    for place, item in enumerate(shared):
        without = np.flatnonzero(~picked[:, place])
        gain = values[without | (1 << place)] - values[without]
        adds[item.name] = weights[counts[without]] @ gain
    return Contributions(adds, values[0])


def _subsets(
    equation: RiskEquation,
    columns: Columns,
    shared: list[RiskInput],
    picked: NDArray[np.bool_],
    outcome: str,
    years: int,
) -> NDArray[np.float64]:
    """(subsets, people) values with the inputs of each subset the person's own and the others at their reference."""
    whole = columns.take(np.tile(np.arange(columns.people), len(picked)))
    numbers = dict(whole.numbers)
    for place, item in enumerate(shared):
        own = np.repeat(picked[:, place], columns.people)
        numbers[item.name] = np.where(own, whole.numbers[item.name], np.float64(item.reference or 0.0))
    filled = Columns(whole.people, numbers, whole.codes)
    terms = add_terms(equation, input_values(equation, filled), filled.people)
    return values_for(equation, terms, filled.people, outcome, years).reshape(len(picked), columns.people)
