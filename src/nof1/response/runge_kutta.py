"""The Runge-Kutta method of order 8 of SciPy (Dormand and Prince), for many systems in steps that suit them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.errors import InputError

Values = NDArray[Any]
Change = Callable[[Values, Values, Any], None]  # of a state (width, rows, lanes) into the second, with what arrives then
Arriving = Callable[[Values], list[Any]]  # at shares of the time: for each of them
_STEPS = 20_000  # at most, between two events
_SHORTEST = 1e-6  # step, as a share of the time between two events, with which a lane is given up
FIRST = 0.1  # step, where nothing is known


@dataclass(frozen=True, slots=True)
class Solved:
    """``y`` (width, rows, lanes) at the end; the ``first`` step that was good enough, and the one to come ``next``."""

    y: Values
    first: float
    next: float


def solved(
    change: Change, arriving: Arriving, y: Values, floor: Values, tolerance: float, step: float = FIRST
) -> Solved | None:
    """``y`` after its time from 0 to 1; ``None`` where too many steps do not get there. A lane that is lost is NaN.

    Each step errs by at most ``floor`` (width, 1, 1) and ``tolerance`` of the value, in every lane; ``step`` is tried first.
    """
    method, lost = _method(), ~np.isfinite(y).all(axis=0)
    done, first, stages = 0.0, 0.0, method.n_stages
    slopes = np.empty((stages + 1, *y.shape), y.dtype)
    change(y, slopes[0], arriving(np.zeros(1))[0])
    for _ in range(_STEPS):
        step = min(step, 1 - done)
        reached = _step(method, change, arriving(done + step * method.C[1:stages]), y, slopes, step)
        error = _error(method, slopes, floor + tolerance * np.maximum(np.abs(y.real), np.abs(reached.real)), step)
        lost |= (step < _SHORTEST) & ~np.isfinite(error)
        worst = float(np.where(lost, 0.0, np.where(np.isfinite(error), error, np.inf)).max(initial=0.0))
        factor = min(10.0, max(0.2, 0.9 * worst ** (-1 / 8))) if worst > 0 else 10.0
        if worst <= 1:
            done, y, first = done + step, reached, first or step
            slopes[0] = slopes[-1]
            if done >= 1:
                return Solved(np.where(lost, np.nan, y), first, step * factor)
        step *= factor
    return None


def _method() -> Any:
    try:
        from scipy.integrate import DOP853
    except ImportError:
        raise InputError("this model needs SciPy; install it with: pip install 'nof1[dose]'") from None
    return DOP853


def _step(method: Any, change: Change, arrived: list[Any], y: Values, slopes: Values, step: float) -> Values:
    """Where one ``step`` leads; fills ``slopes`` of the stages, the last one at the end of the step."""
    weights, flat = step * method.A, _flat(slopes)
    for stage in range(1, method.n_stages):
        change(_moved(y, weights[stage, :stage], flat[:stage]), slopes[stage], arrived[stage - 1])
    reached = _moved(y, step * method.B, flat[:-1])
    change(reached, slopes[-1], arrived[-1])
    return reached


def _flat(slopes: Values) -> Values:
    """(stages, numbers), real and imaginary parts beside each other."""
    return slopes.reshape(len(slopes), -1).view(np.float64)


def _moved(y: Values, weights: Values, flat: Values) -> Values:
    point = (weights @ flat).view(y.dtype).reshape(y.shape)
    point += y
    return np.asarray(point)


def _error(method: Any, slopes: Values, scale: Values, step: float) -> Values:
    """The error of the step in units of what is allowed, (rows, lanes)."""
    both = (np.stack([method.E5, method.E3]) @ _flat(slopes)).view(slopes.dtype).real.reshape(2, *scale.shape)
    fifth, third = np.square(both / scale).sum(axis=1)
    length = np.sqrt((fifth + 0.01 * third) * len(scale))
    return np.asarray(step * fifth / np.where(length > 0, length, 1.0))
