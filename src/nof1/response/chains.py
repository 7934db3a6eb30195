"""Draws by many chains of adaptive Metropolis steps, side by side, for posteriors that no single hill describes."""

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
_CHAINS = 64
_WARM = 300
_ROUND = 50  # steps between two looks at the covariance
_WANTED = 0.25  # share of steps accepted
_MOST = 4  # times as many steps, before it is given up and the R-hat tells


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
    size = prepared.size
    spread = np.linalg.cholesky(prepared.variance)
    state = rng.standard_normal((_CHAINS, size)) @ spread.T
    state[: _CHAINS // 4] = found.eta[0] + 0.1 * state[: _CHAINS // 4]
    run = _Run(prepared, course, precision, state, np.linalg.inv(found.hessian[0]), rng)
    for _ in range(_WARM // _ROUND):
        run.learn(run.steps(_ROUND))
    wanted = -(-draws // _CHAINS)
    thin = 4
    kept = run.steps(wanted * thin)
    for _ in range(_MOST):
        r_hat, count = _agreement(kept)
        if r_hat < 1.02:
            break
        run.learn(kept[-_ROUND:])
        kept = run.steps(len(kept) * 2)
    r_hat, count = _agreement(kept)
    picked = kept[:: max(1, len(kept) // wanted)][:wanted]
    return Chains(picked.reshape(-1, size), r_hat, count)


class _Run:
    def __init__(
        self, prepared: Prepared, course: Course, precision: Values, state: Values, scale: Values, rng: np.random.Generator
    ) -> None:
        self.prepared, self.course, self.precision, self.rng = prepared, course, precision, rng
        self.state: Values = state
        self.value = self._phi(state)
        self.root: Values = np.linalg.cholesky(scale)
        self.width = 2.38 / float(np.sqrt(state.shape[1]))
        self.accepted = 0.0

    def steps(self, count: int) -> Values:
        """States after each of ``count`` steps, (count, chains, size)."""
        kept = np.empty((count, *self.state.shape))
        self.accepted = 0.0
        for number in range(count):
            self._step()
            kept[number] = self.state
        self.accepted /= count
        return kept

    def _step(self) -> None:
        jump = self.rng.standard_normal(self.state.shape) @ self.root.T
        tried = self.state + self.width * jump
        value = self._phi(tried)
        better = np.log(self.rng.random(len(value))) < self.value - value
        self.state = np.where(better[:, None], tried, self.state)
        self.value = np.where(better, value, self.value)
        self.accepted += better.mean()

    def learn(self, kept: Values) -> None:
        """Take the shape of the steps from where the chains have been, and their width from how many were accepted."""
        size = kept.shape[-1]
        shape: Values = np.cov(kept.reshape(-1, size).T).reshape(size, size)
        self.root = np.linalg.cholesky(shape + 1e-9 * self.prepared.variance)
        self.width *= float(np.exp(np.clip(self.accepted - _WANTED, -0.5, 0.5)))

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
