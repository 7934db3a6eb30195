"""Student's t for whole degrees of freedom, and quantiles of a mixture of shifted ones, on NumPy alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
_STEPS = 80


def t_below(t: Reals, df: int) -> Reals:
    """P(T <= t) for ``df`` degrees of freedom (1 or more), by the finite sums over the angle atan(t / sqrt(df)).

    ``t`` has any shape; plus and minus infinity give 1 and 0.

    >>> round(float(t_below(np.array(2.228139), 10)), 6)
    0.975
    """
    angle = np.arctan(np.asarray(t, dtype=np.float64) / np.sqrt(df))
    cosine, sine = np.cos(angle), np.sin(angle)
    odd = df % 2 == 1
    term = cosine.copy() if odd else np.ones_like(cosine)
    total = term.copy() if df > 1 else np.zeros_like(cosine)
    for step in range(3 if odd else 2, df - 1, 2):
        term = term * cosine**2 * ((step - 1) / step)
        total = total + term
    within = (angle + sine * total) * 2 / np.pi if odd else sine * total
    return np.asarray(np.clip(0.5 + within / 2, 0.0, 1.0))


def mixture_below(at: Reals, weights: Reals, centres: Reals, scales: Reals, df: int) -> Reals:
    """P(X <= at) of a mixture: ``weights``, ``centres`` and ``scales`` are (parts, series), ``at`` is (series,)."""
    return np.asarray((weights * t_below((at - centres) / scales, df)).sum(axis=0))


def mixture_quantile(share: float, weights: Reals, centres: Reals, scales: Reals, df: int) -> Reals:
    """The value below which ``share`` of the mixture lies, (series,), by bisection to the precision of doubles."""
    centre, reach = (weights * centres).sum(axis=0), np.ptp(centres, axis=0) + scales.max(axis=0)
    low, high = centre - reach, centre + reach
    for _ in range(60):
        if np.all(mixture_below(low, weights, centres, scales, df) <= share):
            break
        low = low - (high - low)
    for _ in range(60):
        if np.all(mixture_below(high, weights, centres, scales, df) >= share):
            break
        high = high + (high - low)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        is_below = mixture_below(middle, weights, centres, scales, df) < share
        low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
    return np.asarray((low + high) / 2)
