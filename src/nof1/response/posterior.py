"""Everything the levels leave possible for one patient: weighted draws of the random effects.

Importance sampling from a multivariate t around the estimate. Where its weights rest on a few draws (Pareto k above 0.7,
or an effective number too small), draws come from many chains of adaptive Metropolis steps instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nof1.response import chains
from nof1.response.course import Course
from nof1.response.estimate import Estimate
from nof1.response.objective import phi
from nof1.response.pareto import effective, smoothed
from nof1.response.prepared import Prepared

Values = NDArray[Any]
FREEDOM = 6.0  # degrees of freedom of the t
K_LIMIT = 0.7  # Vehtari et al. 2024
ENOUGH = 0.1  # of the draws, that must be effective
_ROUNDS = 2  # times the proposal is fitted to the weighted draws before chains take over


@dataclass(frozen=True, slots=True)
class Posterior:
    """``etas`` (draws, size) with ``weights`` (draws) that add up to 1. ``method``: how they were drawn.

    ``pareto_k`` and ``effective``: how far the weights can be trusted (of chains: split R-hat in ``pareto_k``'s place is
    ``r_hat``). ``log_evidence``: logarithm of the density of the levels under the model, without the constants of the normal
    density; comparable between models of the same levels only. NaN where chains were needed.
    """

    etas: Values
    weights: Values
    method: Literal["importance", "chains", "prior"]
    effective: float
    pareto_k: float
    r_hat: float
    log_evidence: float

    def mean(self, values: Values) -> Values:
        """The posterior mean of ``values`` (draws, ...)."""
        return np.tensordot(self.weights, values, axes=1)

    def quantiles(self, values: Values, shares: Values) -> Values:
        """Quantiles of ``values`` (draws, ...), (shares, ...)."""
        return quantiles(values, self.weights, shares)


def posterior(prepared: Prepared, course: Course, found: Estimate, rng: np.random.Generator, draws: int = 4000) -> Posterior:
    """The posterior of the one patient of ``course``."""
    size = prepared.size
    if not size:
        return Posterior(np.zeros((1, 0)), np.ones(1), "prior", 1.0, 0.0, 1.0, -float(found.phi[0]))
    precision = np.linalg.inv(prepared.variance)
    if not course.is_level.any():
        etas = prior(prepared, rng, draws)
        return Posterior(etas, np.full(draws, 1 / draws), "prior", float(draws), 0.0, 1.0, 0.0)
    centre, scale = found.eta[0], np.linalg.inv(found.hessian[0])
    for _ in range(_ROUNDS + 1):
        etas, log_density = _t_draws(centre, scale, rng, draws)
        log_weights = -phi(prepared, course, precision, etas[None])[0] - log_density
        log_weights = np.where(np.isfinite(log_weights), log_weights, -np.inf)
        if not np.isfinite(log_weights).any():
            break
        weights, k = smoothed(log_weights)
        count = effective(weights)
        if k <= K_LIMIT and count >= ENOUGH * draws:
            return Posterior(etas, weights, "importance", count, k, 1.0, _evidence(log_weights, prepared))
        centre = weights @ etas
        scale = np.cov(etas.T, aweights=weights, bias=True).reshape(size, size) * 1.2 + 1e-9 * prepared.variance
    run = chains.chains(prepared, course, precision, found, rng, draws)
    return Posterior(run.etas, np.full(len(run.etas), 1 / len(run.etas)), "chains", run.effective, np.inf, run.r_hat, np.nan)


def prior(prepared: Prepared, rng: np.random.Generator, draws: int) -> Values:
    """Draws from the population, (draws, size)."""
    return rng.standard_normal((draws, prepared.size)) @ np.linalg.cholesky(prepared.variance).T


def _t_draws(centre: Values, scale: Values, rng: np.random.Generator, draws: int) -> tuple[Values, Values]:
    """Draws of a multivariate t and the logarithm of their density, normalised."""
    size = len(centre)
    root = np.linalg.cholesky(scale)
    normal = rng.standard_normal((draws, size))
    shrink = np.sqrt(rng.chisquare(FREEDOM, draws) / FREEDOM)
    standard = normal / shrink[:, None]
    distance = np.square(standard).sum(axis=1)
    constant = _log_gamma((FREEDOM + size) / 2) - _log_gamma(FREEDOM / 2) - size / 2 * np.log(FREEDOM * np.pi)
    log_density = constant - np.log(np.diag(root)).sum() - (FREEDOM + size) / 2 * np.log1p(distance / FREEDOM)
    return centre + standard @ root.T, log_density


def _log_gamma(value: float) -> float:
    from math import lgamma

    return lgamma(value)


def _evidence(log_weights: Values, prepared: Prepared) -> float:
    """Mean weight as a logarithm, with the constant of the prior."""
    highest = log_weights.max()
    constant = 0.5 * (np.linalg.slogdet(prepared.variance)[1] + prepared.size * np.log(2 * np.pi))
    return float(highest + np.log(np.exp(log_weights - highest).mean()) - constant)


def quantiles(values: Values, weights: Values, shares: Values) -> Values:
    """Weighted quantiles of ``values`` (draws, ...): (shares, ...).

    >>> quantiles(np.array([1.0, 2.0, 3.0]), np.full(3, 1 / 3), np.array([0.5]))
    array([2.])
    """
    shares = np.asarray(shares, dtype=float)
    flat = values.reshape(len(values), -1)
    order = np.argsort(flat, axis=0)
    ordered = np.take_along_axis(flat, order, 0)
    middle = np.cumsum(weights[order], axis=0) - 0.5 * weights[order]
    found = [np.interp(shares, middle[:, column], ordered[:, column]) for column in range(flat.shape[1])]
    return np.asarray(found).T.reshape(len(shares), *values.shape[1:])
