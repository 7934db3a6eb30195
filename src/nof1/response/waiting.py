"""When the next dose is due: how long, without one, until the level is low enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.knowledge.dosing import Target
from nof1.response.case import Case
from nof1.response.described import Interval
from nof1.response.fit import Fit, followed
from nof1.response.posterior import quantiles
from nof1.response.targets import aim

Values = NDArray[Any]
LONGEST = 96.0  # hours that are looked ahead
_STEP = 0.5
_DRAWS = 400


@dataclass(frozen=True, slots=True)
class Wait:
    """Hours after now until the level is below ``below``, the upper end of target ``target``.

    ``inf`` where it is not within ``LONGEST`` hours. ``level_now``: what is predicted for now.
    """

    target: str
    below: float
    hours: Interval
    level_now: Interval


def waits(fits: Sequence[tuple[Fit, float]], targets: Sequence[Target], case: Case, level_unit: str) -> tuple[Wait, ...]:
    """For every target whose measure is a trough with an upper end; nothing before the first dose."""
    limits = [item for item in targets if item.measure == "trough" and item.high is not None]
    if not case.doses or not fits or not limits:
        return ()
    hours = np.arange(0.0, LONGEST + _STEP, _STEP)
    drawn = [(fit.posterior.picked(_DRAWS), weight, fit) for fit, weight in fits]
    levels = np.concatenate([followed(fit, fit.posterior.etas[rows], case.now + hours).value[0] for rows, _, fit in drawn])
    weights = np.concatenate([np.full(len(rows), weight / len(rows)) for rows, weight, _ in drawn])
    now = _interval(levels[:, 0], weights)
    return tuple(_wait(item, aim(item, case, level_unit).high, hours, levels, weights, now) for item in limits)


def _wait(target: Target, high: float, hours: Values, levels: Values, weights: Values, now: Interval) -> Wait:
    free = levels * (target.free_fraction or 1.0)
    above = free > high
    last = np.where(above.any(axis=1), above.shape[1] - 1 - above[:, ::-1].argmax(axis=1), -1)
    due = np.where(last + 1 < len(hours), hours[np.minimum(last + 1, len(hours) - 1)], np.inf)
    return Wait(target.id, high, _interval(due, weights), now)


def _interval(values: Values, weights: Values) -> Interval:
    finite = np.where(np.isfinite(values), values, 1e9)
    low, middle, high = (float(value) for value in quantiles(finite, weights, np.array([0.05, 0.5, 0.95])))
    return Interval(*(value if value < 1e8 else float("inf") for value in (low, middle, high)))
