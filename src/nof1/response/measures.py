"""What targets look at in a course of levels, and what of it each regimen reaches in each draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.errors import RequestError
from nof1.response.fit import Fit
from nof1.response.targets import Aim

Values = NDArray[Any]
DAY = 24.0


@dataclass(frozen=True, slots=True)
class Exposures:
    """Of each regimen and draw, (regimens, draws): the target's measure at ``steady`` state and on the ``first`` day.

    At steady state besides ``trough``, ``peak`` (in the output's unit) and ``auc24`` (by hours). ``inside``: share of the
    time followed within the target; NaN where levels are not followed. ``weights`` (draws).
    """

    steady: Values
    first: Values
    trough: Values
    peak: Values
    auc24: Values
    inside: Values
    weights: Values


def stacked(rows: Sequence[tuple[Values, ...]], weights: Values) -> Exposures:
    """(steady, first, trough, peak, auc24, inside) of each regimen, together."""
    steady, first, trough, peak, auc24, inside = (np.stack(column) for column in zip(*rows, strict=True))
    return Exposures(steady, first, trough, peak, auc24, inside, weights)


def is_shape(aim: Aim) -> bool:
    """Whether the target looks at the shape of the levels, and so at the length of an infusion."""
    return aim.target.measure in ("peak", "time_above", "output")


def output_of(fit: Fit, aim: Aim) -> int:
    """The place of the output that the target looks at: the one it names, else the first."""
    names = [item.name for item in fit.model.outputs]
    if aim.target.output and aim.target.output not in names:
        raise RequestError(f"target {aim.target.id} looks at {aim.target.output}; {fit.model.id} gives {', '.join(names)}")
    return names.index(aim.target.output) if aim.target.output else 0
