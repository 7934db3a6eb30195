"""Draws by many chains of Metropolis steps, side by side, for posteriors that no single hill describes.

A chain of one half steps along the difference of two chains of the other half (differential evolution, ter Braak 2006), so
that steps take the shape of what has been found, and some leap from one hill to another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.response.course import Course
from nof1.response.estimate import Estimate
from nof1.response.objective import phi
from nof1.response.prepared import Prepared

Values = NDArray[Any]
_CHAINS = 128
_WARM, _ROUND = 400, 50  # steps of warming up, and how many until lost chains are looked for
_LOST = 15.0  # of phi above the best chain: nothing there counts
_THIN = 8
_LEAPS = 0.1  # share of the steps that are a whole difference
_WIDEST, _NARROWEST = 2.0, 0.02  # of the others, from this share of it: long for straight hills, short along bends
_MOST = 4  # times the number of steps is doubled, before it is given up and the R-hat tells
_AGREED = 1.02


@dataclass(frozen=True, slots=True)
class Chains:
    """``etas`` (draws, size), worth ``effective`` draws; ``r_hat``: highest split R-hat of a column (1: chains agree)."""

    etas: Values
    r_hat: float
    effective: float


def chains(
    prepared: Prepared, course: Course, precision: Values, found: Estimate, rng: np.random.Generator, draws: int
) -> Chains:
    """``draws`` or a few more, after a warming up that starts from the prior and the estimate."""
    state = rng.standard_normal((_CHAINS, prepared.size)) @ np.linalg.cholesky(prepared.variance).T
    state[: _CHAINS // 4] = found.eta[0] + 0.1 * state[: _CHAINS // 4]
    run = _Run(prepared, course, precision, state, rng)
    wanted = -(-draws // _CHAINS)
    for _ in range(_WARM // _ROUND):
        run.steps(_ROUND)
        run.gather()
    kept = run.steps(wanted * _THIN)
    for _ in range(_MOST):
        if _agreement(kept)[0] < _AGREED:
            break
        kept = run.steps(len(kept) * 2)
    r_hat, count = _agreement(kept)
    picked = kept[np.linspace(0, len(kept) - 1, wanted).astype(int)].reshape(-1, prepared.size)
    return Chains(picked, r_hat, min(count, float(len(picked))))


class _Run:
    """Chains where they stand: ``state`` (chains, size), its ``value``."""

    def __init__(
        self, prepared: Prepared, course: Course, precision: Values, state: Values, rng: np.random.Generator
    ) -> None:
        self.prepared, self.course, self.precision, self.rng = prepared, course, precision, rng
        self.state: Values = state
        self.value = self._phi(state)

    def steps(self, count: int) -> Values:
        """States after each of ``count`` steps, (count, chains, size)."""
        kept = np.empty((count, *self.state.shape))
        half = _CHAINS // 2
        for number in range(count):
            self._step(slice(0, half), self.state[half:])
            self._step(slice(half, None), self.state[:half])
            kept[number] = self.state
        return kept

    def gather(self) -> None:
        """Bring chains that are lost to where others are; only before draws are kept."""
        lost = self.value > self.value.min() + _LOST
        where = self.rng.choice(np.flatnonzero(~lost), int(lost.sum()))
        self.state[lost], self.value[lost] = self.state[where], self.value[where]

    def _step(self, own: slice, others: Values) -> None:
        count, size = others.shape
        one = self.rng.integers(0, count, count)
        two = (one + self.rng.integers(1, count, count)) % count
        width = np.where(
            self.rng.random(count) < _LEAPS, 1.0, _WIDEST / np.sqrt(size) * _NARROWEST ** self.rng.random(count)
        )
        jitter = 1e-5 * self.rng.standard_normal((count, size)) * np.sqrt(np.diag(self.prepared.variance))
        tried = self.state[own] + width[:, None] * (others[one] - others[two]) + jitter
        value = self._phi(tried)
        better = np.log(self.rng.random(count)) < self.value[own] - value
        self.state[own] = np.where(better[:, None], tried, self.state[own])
        self.value[own] = np.where(better, value, self.value[own])

    def _phi(self, state: Values) -> Values:
        value = phi(self.prepared, self.course, self.precision, state[None])[0]
        return np.where(np.isfinite(value), value, np.inf)


def _agreement(kept: Values) -> tuple[float, float]:
    """Highest split R-hat over columns, and effective draws by the variance of the chains' means (lowest column)."""
    half = len(kept) // 2
    split = np.concatenate([kept[:half], kept[half : 2 * half]], axis=1)
    means = split.mean(axis=0)
    within = split.var(axis=0, ddof=1).mean(axis=0)
    between = means.var(axis=0, ddof=1)
    r_hat = np.sqrt((half - 1) / half + between / within)
    effective = split.shape[1] * within / np.maximum(between, within / half)
    return float(r_hat.max()), float(effective.min())
