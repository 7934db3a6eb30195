"""Non-ratio scales: what a value on one means in the unit behind it, and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nof1.errors import UnitError
from nof1.units.unit import Unit

ZERO_CELSIUS = 273.15  # in kelvin
ZERO_FAHRENHEIT = 459.67  # in degrees of its own size
ZERO_REAUMUR = 218.52

Function = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Scale:
    """``out``: value on the scale -> number of the unit behind it; ``back``: the inverse."""

    out: Function
    back: Function


SCALES = {
    "cel": Scale(lambda x: x + ZERO_CELSIUS, lambda x: x - ZERO_CELSIUS),
    "degf": Scale(lambda x: x + ZERO_FAHRENHEIT, lambda x: x - ZERO_FAHRENHEIT),
    "degre": Scale(lambda x: x + ZERO_REAUMUR, lambda x: x - ZERO_REAUMUR),
    "minus_lg": Scale(lambda x: 10.0**-x, lambda x: -np.log10(x)),
    "ln": Scale(np.exp, np.log),
    "lg": Scale(lambda x: 10.0**x, np.log10),
    "lg_times_2": Scale(lambda x: 10.0 ** (x / 2), lambda x: 2 * np.log10(x)),
    "ld": Scale(np.exp2, np.log2),
    "tan100": Scale(lambda x: np.arctan(x / 100), lambda x: 100 * np.tan(x)),
    "sqrt": Scale(np.square, np.sqrt),
}


def through(a: Unit, b: Unit, ratio: float) -> Function:
    """The function that takes values in ``a`` to ``b`` where one is on a non-ratio scale.

    ``ratio``: how many of the unit behind ``b`` the unit behind ``a`` is. The function raises ``UnitError`` for a value
    that has no place on the scale (the pH of nothing).
    """
    out = SCALES[a.scale].out if a.scale else None
    back = SCALES[b.scale].back if b.scale else None
    a_steps, b_steps = float(a.steps), float(b.steps)

    def converted(value: Any) -> Any:
        number = np.asarray(value, dtype=np.float64) if isinstance(value, np.ndarray) else np.float64(value)
        with np.errstate(all="ignore"):
            behind = (out(number * a_steps) if out else number) * ratio
            result = back(behind) / b_steps if back else behind
        if np.any(np.isfinite(number) & ~np.isfinite(result)):
            raise UnitError(f"value {value} '{a.text}' has no place on the scale of '{b.text}'; check value and unit")
        return result if isinstance(value, np.ndarray) else float(result)

    return converted
