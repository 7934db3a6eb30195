"""Whether weights of importance sampling can be trusted: the tail of the largest ones, fitted and smoothed.

Pareto smoothed importance sampling (Vehtari et al. 2024, JMLR 25:72); the fit is that of Zhang and Stephens (2009).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[Any]


def smoothed(log_weights: Values) -> tuple[Values, float]:
    """Normalised weights (draws) whose tail follows the fitted Pareto distribution, and its shape k.

    k below 0.7: the weights' mean behaves; above, they rest on a few draws.
    """
    shifted = log_weights - log_weights.max()
    count = len(shifted)
    tail = int(min(0.2 * count, 3 * np.sqrt(count)))
    order = np.argsort(shifted)
    cut = shifted[order[-tail - 1]]
    excess = np.exp(shifted[order[-tail:]]) - np.exp(cut)
    if tail < 5 or excess[-1] <= 0 or excess[0] <= 0:
        weights = np.exp(shifted)
        return weights / weights.sum(), 0.0 if np.isfinite(shifted).all() else np.inf
    k, sigma = _fit(excess)
    if np.isfinite(k):
        ranks = (np.arange(1, tail + 1) - 0.5) / tail
        quantile = -sigma * np.log1p(-ranks) if abs(k) < 1e-9 else sigma * np.expm1(-k * np.log1p(-ranks)) / k
        shifted = shifted.copy()
        shifted[order[-tail:]] = np.minimum(np.log(quantile + np.exp(cut)), 0.0)
    weights = np.exp(shifted)
    return weights / weights.sum(), float(k)


def _fit(excess: Values) -> tuple[float, float]:
    """Shape and scale of a generalised Pareto distribution for ascending ``excess``."""
    count = len(excess)
    grid = np.arange(1, 31 + int(np.sqrt(count)))
    quartile = excess[int(count / 4 + 0.5) - 1]
    theta = 1 / excess[-1] + (1 - np.sqrt(len(grid) / (grid - 0.5))) / (3 * quartile)
    k = np.log1p(-theta[:, None] * excess).mean(axis=1)
    profile = count * (np.log(-theta / k) - k - 1)
    weight = 1 / np.exp(profile - profile[:, None]).sum(axis=1)
    mean = float((theta * weight).sum())
    shape = float(np.log1p(-mean * excess).mean())
    scale = -shape / mean
    return (shape * count + 10 * 0.5) / (count + 10), scale


def effective(weights: Values) -> float:
    """How many independent draws normalised ``weights`` are worth."""
    return float(1 / np.square(weights).sum())
