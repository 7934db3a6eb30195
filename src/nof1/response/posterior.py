"""Everything the levels leave possible for one patient: weighted draws of the random effects.

Importance sampling from a multivariate t around the estimate, with some draws from the population: they bound the weights,
and find another hill where there is one (a defensive mixture, Hesterberg 1995). Where the weights rest on a few draws
(Pareto k above 0.7, or an effective number too small), the next draws come from around those that weigh most; after some
rounds of it many come from the population, and if few of them count, from many chains of Metropolis steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import lgamma
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
K_FIRST, ENOUGH_FIRST = 0.5, 0.5  # of the first proposal, which has seen one straight hill only
ENOUGH = 0.25  # of the draws, that must be effective
_DEFENCE = 0.2  # share of the draws that come from the population
_ROUNDS = 5  # times the proposal is fitted to the weighted draws before chains take over
_BATCHES = 50  # times the draws asked for, at most, from the population
_CENTRES, _WIDTH = 64, 0.5  # draws around which the next ones are made, and how wide beside all of them
_LEAST = 100.0  # draws that a proposal is fitted to, effectively; weights are flattened until there are so many


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

    def picked(self, count: int) -> Values:
        """Places of ``count`` draws that stand for all alike, taken at even steps of the cumulated weight; some twice."""
        at = (np.arange(count) + 0.5) / count
        return np.minimum(np.searchsorted(np.cumsum(self.weights), at), len(self.weights) - 1)

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
    centres, scale = found.eta[:1], np.linalg.inv(found.hessian[0])
    known, known_weights = np.zeros((0, size)), np.zeros(0)
    for number in range(_ROUNDS + 1):
        etas = _mixed(prepared, centres, scale, rng, draws)
        log_density = _log_mixture(prepared, centres, scale, etas)
        log_weights = -_loss(prepared, course, precision, etas) - log_density
        if not np.isfinite(log_weights).any():
            break
        weights, k = smoothed(log_weights)
        count = effective(weights)
        if k <= (K_LIMIT if number else K_FIRST) and count >= (ENOUGH if number else ENOUGH_FIRST) * draws:
            return Posterior(etas, weights, "importance", count, k, 1.0, _evidence(log_weights, prepared))
        if not number:
            known = prior(prepared, rng, draws)
            known_weights = -_loss(prepared, course, precision, known) - _log_prior(prepared, known)
        known, known_weights = np.concatenate([known, etas]), np.concatenate([known_weights, log_weights])
        centres, scale = _refitted(prepared, known, smoothed(known_weights)[0], rng, is_one=number == 0)
    sifted = _sifted(prepared, course, precision, rng, draws)
    if sifted is not None:
        return sifted
    run = chains.chains(prepared, course, precision, found, rng, draws)
    return Posterior(run.etas, np.full(len(run.etas), 1 / len(run.etas)), "chains", run.effective, np.inf, run.r_hat, np.nan)


def _sifted(prepared: Prepared, course: Course, precision: Values, rng: np.random.Generator, draws: int) -> Posterior | None:
    """Draws of the population taken in proportion to how well they explain the levels; None where too few do."""
    etas, log_weights = np.zeros((0, prepared.size)), np.zeros(0)
    for _ in range(_BATCHES):
        more = prior(prepared, rng, draws)
        etas = np.concatenate([etas, more])
        log_weights = np.concatenate([log_weights, -_loss(prepared, course, precision, more) - _log_prior(prepared, more)])
        weights = np.exp(log_weights - log_weights.max()) if np.isfinite(log_weights).any() else np.zeros(1)
        count = weights.sum() ** 2 / max(np.square(weights).sum(), 1e-300)
        if count >= ENOUGH * draws:
            picked = rng.choice(len(etas), draws, p=weights / weights.sum())
            evidence = _evidence(log_weights, prepared)
            return Posterior(etas[picked], np.full(draws, 1 / draws), "importance", count, 0.0, 1.0, evidence)
    return None


def prior(prepared: Prepared, rng: np.random.Generator, draws: int) -> Values:
    """Draws from the population, (draws, size)."""
    return rng.standard_normal((draws, prepared.size)) @ np.linalg.cholesky(prepared.variance).T


def _refitted(
    prepared: Prepared, etas: Values, weights: Values, rng: np.random.Generator, is_one: bool
) -> tuple[Values, Values]:
    """Centres and the scale of the next proposal: one wide t, or many narrow ones around draws that weigh most."""
    while effective(weights) < min(_LEAST, len(weights) / 2):
        weights = weights**0.7 / (weights**0.7).sum()
    spread = np.cov(etas.T, aweights=weights, bias=True).reshape(prepared.size, prepared.size) + 1e-9 * prepared.variance
    if is_one:
        return (weights @ etas)[None], 1.2 * spread
    return etas[rng.choice(len(etas), _CENTRES, p=weights)], _WIDTH**2 * spread


def _mixed(prepared: Prepared, centres: Values, scale: Values, rng: np.random.Generator, draws: int) -> Values:
    """Draws of a multivariate t around each centre, and some of the population."""
    count = draws - round(_DEFENCE * draws)
    normal = rng.standard_normal((count, prepared.size))
    shrink = np.sqrt(rng.chisquare(FREEDOM, count) / FREEDOM)
    away = normal / shrink[:, None] @ np.linalg.cholesky(scale).T
    return np.concatenate([centres[np.arange(count) % len(centres)] + away, prior(prepared, rng, draws - count)])


def _log_mixture(prepared: Prepared, centres: Values, scale: Values, etas: Values) -> Values:
    """Logarithm of the density of ``_mixed``."""
    size = prepared.size
    constant = lgamma((FREEDOM + size) / 2) - lgamma(FREEDOM / 2) - size / 2 * np.log(FREEDOM * np.pi)
    near = np.full(len(etas), -np.inf)
    for centre in centres:
        distance, half = _distance(etas - centre, scale)
        near = np.logaddexp(near, constant - half - (FREEDOM + size) / 2 * np.log1p(distance / FREEDOM))
    close, anywhere = np.log((1 - _DEFENCE) / len(centres)) + near, np.log(_DEFENCE) + _log_prior(prepared, etas)
    return np.asarray(np.logaddexp(close, anywhere))


def _log_prior(prepared: Prepared, etas: Values) -> Values:
    distance, half = _distance(etas, prepared.variance)
    return np.asarray(-half - (prepared.size * np.log(2 * np.pi) + distance) / 2)


def _loss(prepared: Prepared, course: Course, precision: Values, etas: Values) -> Values:
    """``phi`` of ``etas`` (draws, size) for the one patient; infinite where there is none."""
    value = phi(prepared, course, precision, etas[None])[0]
    return np.where(np.isfinite(value), value, np.inf)


def _distance(away: Values, variance: Values) -> tuple[Values, float]:
    """Squared Mahalanobis distances, and half the logarithm of the determinant."""
    root = np.linalg.cholesky(variance)
    return np.square(away @ np.linalg.inv(root).T).sum(axis=1), float(np.log(np.diag(root)).sum())


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
