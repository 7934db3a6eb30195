"""Facts that published equations give from measured ones, at every time at which an input was measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from nof1.knowledge.care import Equation
from nof1.knowledge.formula import FormulaError, parse
from nof1.response.case import Series


def with_derived(
    facts: Mapping[str, Series], equations: Sequence[Equation], states: Mapping[str, float]
) -> dict[str, Series]:
    """``facts`` and what ``equations`` give of them; of those with one name the first whose domain holds.

    An equation that a present state refuses gives nothing, and neither does one with an input that is not known.
    """
    known = dict(facts)
    for equation in equations:
        if equation.gives in known or any(states.get(name) for name in equation.refused_if):
            continue
        if series := _series(equation, known):
            known[equation.gives] = series
    return known


def _series(equation: Equation, known: Mapping[str, Series]) -> Series:
    names = {*equation.inputs, *(parse(equation.domain).names if equation.domain else ())}
    if not names <= set(known):
        return ()
    times = sorted({time for name in equation.inputs for time, _ in known[name]})
    found = []
    for time in times:
        values = {name: held(known[name], time) for name in names}
        if (value := _value(equation, values)) is not None:
            found.append((time, value))
    return tuple(found)


def _value(equation: Equation, values: Mapping[str, float]) -> float | None:
    try:
        if equation.domain and not parse(equation.domain).evaluate(values):
            return None
        value = float(parse(equation.formula).evaluate(values))
    except FormulaError:
        return None
    return value if math.isfinite(value) else None


def held(series: Series, time: float) -> float:
    """The value that holds at ``time``: the last one before it, or the first of all.

    >>> held(((0, 80.0), (24, 82.0)), 30), held(((0, 80.0),), -5)
    (82.0, 80.0)
    """
    before = [value for when, value in series if when <= time]
    return before[-1] if before else series[0][1]
