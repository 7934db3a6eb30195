"""The values that formulas of an equation ask for, a column each: inputs, indicators of choices, numbers, computed ones."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from nof1.knowledge.dose_equations import DoseEquation
from nof1.knowledge.formula import parse
from nof1.response.dose_inputs import Inputs, Mask, Numbers

Values = Mapping[str, NDArray[np.float64]]


def indicators(equation: DoseEquation, inputs: Inputs) -> dict[str, Numbers]:
    """Choices as ``INPUT_CODE`` and every input's ``INPUT_unknown``, 1.0 or 0.0, (people,)."""
    found = {}
    for item in equation.inputs:
        found[f"{item.name}_unknown"] = (~inputs.known(item.name)).astype(float)
        for choice in item.choices:
            found[f"{item.name}_{choice.code}"] = (inputs.codes[item.name] == choice.code).astype(float)
    return found


def assumed(equation: DoseEquation, inputs: Inputs) -> dict[str, Mask]:
    """For each input that the publication assumes where it is not known: of whom it is assumed, (people,)."""
    return {item.name: ~inputs.known(item.name) for item in equation.inputs if item.unknown == "assume"}


def formula_values(equation: DoseEquation, inputs: Inputs) -> dict[str, Numbers]:
    """Everything that the equation's formulas may name, (people,) each; NaN where a number is not known."""
    values = indicators(equation, inputs)
    for item in equation.inputs:
        if item.kind != "choice":
            column = inputs.numbers[item.name]
            values[item.name] = column if item.assumed is None else np.where(np.isnan(column), item.assumed, column)
    values |= {number.name: np.full(inputs.people, number.value) for number in equation.numbers}
    for quantity in equation.computed:
        values[quantity.name] = column_of(quantity.formula, values, inputs.people)
    return values


def column_of(formula: str, values: Values, people: int) -> Numbers:
    """What ``formula`` gives, (people,)."""
    return np.broadcast_to(np.asarray(parse(formula).evaluate(values), np.float64), people).copy()


def truth(condition: str, values: Values, people: int) -> Mask:
    """Whether ``condition`` holds, (people,); a comparison with what is not known does not."""
    return np.broadcast_to(np.asarray(parse(condition).evaluate(values), bool), people).copy()
