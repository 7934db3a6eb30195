"""Whether a covariate that nobody gave, and that the source of a model assumes, could change this person's parameters."""

from __future__ import annotations

import math
from collections.abc import Mapping

from nof1.knowledge.formula import FormulaError, parse
from nof1.knowledge.kinetics import Covariate, PkModel

LITTLE = 0.05  # relative change of a parameter that is not worth stopping for


def matters(model: PkModel, item: Covariate, values: Mapping[str, float]) -> bool:
    """Whether some value that ``item`` may have moves a parameter by more than ``LITTLE``; ``values``: all covariates now.

    It may have any value of its range, 0 or 1 where it is a yes or no; without a range it is taken to matter.
    """
    span = item.soft or item.hard or ([0.0, 1.0] if item.unit == "1" and item.assumed in (0.0, 1.0) else [])
    if not span:
        return True
    usual = _parameters(model, values)
    return any(_differ(usual, _parameters(model, {**values, item.name: value})) for value in (span[0], span[1]))


def _parameters(model: PkModel, values: Mapping[str, float]) -> list[float]:
    """Typical parameters; NaN where one has none."""
    known: dict[str, float] = {number.name: number.value for number in model.numbers} | {"time": 0.0} | dict(values)
    known |= {effect.name: 0.0 for effect in model.effects}
    formulas = [(item.name, item.formula) for item in model.computed] + [
        (item.name, item.formula) for item in model.parameters
    ]
    for name, formula in formulas:
        try:
            known[name] = float(parse(formula).evaluate(known))
        except FormulaError:
            known[name] = math.nan
    return [known[item.name] for item in model.parameters]


def _differ(usual: list[float], other: list[float]) -> bool:
    return any(not abs(b - a) <= LITTLE * abs(a) for a, b in zip(usual, other, strict=True))
