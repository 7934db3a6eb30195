"""How much an inhibitor raises exposure to a drug, given the gene's own activity: a static mechanistic estimate.

AUCR = (fm a + 1 - fm) / (fm a r + 1 - fm): fm the fraction cleared by the enzyme, a the genetic activity relative to
normal, r the activity that the inhibitor leaves. The sources stand with the figures in the knowledge.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nof1.decision.library import Library
from nof1.decision.standing import Standing
from nof1.decision.taking import Active
from nof1.knowledge.enzymes import ExposureFile, Residual, Substrate
from nof1.model.evidence import SourceRef
from nof1.model.findings import ExposureRatio

_NOTE = "for information only: it sets no dose"
_STEPS = 24
_NINETY = 1.6449  # standard deviations that 90 % of a normal distribution lie within
_LOW, _HIGH = 0.05, 0.95


def aucr(fm: float, activity: float, residual: float) -> float:
    """The ratio of exposures with and without the inhibitor.

    >>> round(aucr(0.95, 1.0, 0.05), 2), round(aucr(0.95, 0.5, 0.05), 2), aucr(0.95, 0.0, 0.05)
    (10.26, 7.12, 1.0)
    """
    return (fm * activity + 1 - fm) / (fm * activity * residual + 1 - fm)


def interval(fm: list[float], residual: list[float], activity: float, spread: float) -> tuple[float, float, float]:
    """The ratio at the middle figures, and the 5th and 95th percentile of it.

    ``fm`` and ``residual``, [low, mid, high], are taken as triangular; ``spread`` is the factor within which 90 % of
    repeated studies lie. The percentiles are taken over a grid of equal steps of probability: no chance is involved.
    """
    fractions, left = _triangular(tuple(fm)), _triangular(tuple(residual))
    noise = np.exp(math.log(spread) / _NINETY * _normal()) if spread > 1 else np.ones(1)
    grid = aucr_grid(fractions, activity, left)[:, None] * noise[None, :]
    low, high = np.quantile(grid, [_LOW, _HIGH])
    return aucr(fm[1], activity, residual[1]), float(low), float(high)


def aucr_grid(fm: NDArray[np.float64], activity: float, residual: NDArray[np.float64]) -> NDArray[np.float64]:
    """The ratio for every pair of ``fm`` and ``residual``, flat."""
    cleared = fm[:, None] * activity
    return np.ravel((cleared + 1 - fm[:, None]) / (cleared * residual[None, :] + 1 - fm[:, None]))


def _probabilities() -> NDArray[np.float64]:
    return (np.arange(_STEPS) + 0.5) / _STEPS


def _triangular(figures: tuple[float, ...]) -> NDArray[np.float64]:
    """Quantiles of a triangular distribution."""
    low, mid, high = figures
    if high <= low:
        return np.full(1, mid)
    steps, peak = _probabilities(), (mid - low) / (high - low)
    rising = low + np.sqrt(steps * (high - low) * (mid - low))
    falling = high - np.sqrt((1 - steps) * (high - low) * (high - mid))
    return np.where(steps < peak, rising, falling)


@lru_cache(maxsize=1)
def _normal() -> NDArray[np.float64]:
    """Quantiles of the standard normal distribution."""
    from statistics import NormalDist

    return np.array([NormalDist().inv_cdf(float(step)) for step in _probabilities()])


def residual_of(file: ExposureFile, enzyme: str, drug: str, strength: str) -> Residual | None:
    """What ``drug`` leaves of the enzyme: its own figure, or that of its strength."""
    mine = [row for row in file.residual if row.enzyme == enzyme]
    own = [row for row in mine if row.drug == drug] or [row for row in mine if not row.drug and row.strength == strength]
    return own[0] if own else None


def ratio(shelf: Library, row: Substrate, item: Active, standing: Standing) -> ExposureRatio | None:
    """The ratio for one person; ``None`` where it is withheld, or the activity or the residual is not known."""
    file = shelf.known.care.exposure
    left = residual_of(file, row.enzyme, item.row.drug, item.row.strength) if file else None
    reference = file.reference_score.get(row.enzyme) if file else None
    if file is None or left is None or row.withheld or not reference or len(standing.results) != 1:
        return None
    result = standing.results[0]
    try:
        score = float(result.lookup.split("; ")[0].removeprefix("≥"))
    except ValueError:
        return None
    mid, low, high = interval(row.fm, left.residual, score / reference, file.spread)
    mid, low, high = (round(value, 2) for value in (mid, low, high))
    source = SourceRef.parse(row.source)
    return ExposureRatio(row.drug, item.row.drug, row.enzyme, mid, low, high, result.words, source, _NOTE)
