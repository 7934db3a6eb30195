"""What an equation gives if something were different: inputs set anew, or the effect of a trial on the value."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nof1.knowledge.formula import parse
from nof1.knowledge.risk_equations import RiskEquation, Supposition
from nof1.risk.columns import Columns, Mask, Numbers
from nof1.risk.values import column_of, input_values, truth


def concerned(equation: RiskEquation, columns: Columns, item: Supposition) -> Mask:
    """(people,) whom ``item`` concerns; not those of whom it is not known."""
    values = input_values(equation, columns)
    return truth(item.when, values, columns.people) if item.when else np.ones(columns.people, bool)


def supposing(equation: RiskEquation, columns: Columns, sets: Mapping[str, str]) -> Columns:
    """The columns with each input of ``sets`` at what its formula gives from the inputs as they are."""
    values = input_values(equation, columns)
    changed = {name: column_of(formula, values, columns.people) for name, formula in sets.items()}
    return Columns(columns.people, {**columns.numbers, **changed}, columns.codes)


def after_effect(item: Supposition, values: Numbers) -> Numbers:
    """``values`` after the effect that a trial found."""
    found: Numbers = np.asarray(parse(item.effect).evaluate({"value": values}), np.float64)
    return found
