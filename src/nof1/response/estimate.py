"""The most probable random effects of each patient (maximum a posteriori), from several starts, with curvature there."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.response.course import Course
from nof1.response.objective import phi, slope
from nof1.response.prepared import Prepared

Values = NDArray[Any]
_STEPS = 100
_CONVERGED = 1e-9  # expected gain of phi by one more step
_POLISH = 2  # Newton steps at the end, with second derivatives
_DIFFERENCE = 1e-5  # of the gradient, in standard deviations of the prior
_WIDE = 0.5  # variance from which more starts are made: several optima are then seen
_VERY_WIDE = 1.0  # and from which some of them are twice as far
_SIGNS = 3  # effects whose signs are combined in the starts


@dataclass(frozen=True, slots=True)
class Estimate:
    """``eta`` (patients, size) at the lowest ``phi`` (patients) found, its ``hessian`` (patients, size, size) there.

    ``is_converged`` (patients): the gradient vanishes. ``starts``: how many were tried; ``agreeing`` (patients): how many of
    them ended at the same place.
    """

    eta: Values
    phi: Values
    hessian: Values
    is_converged: Values
    starts: int
    agreeing: Values


def estimate(prepared: Prepared, course: Course, starts: Values | None = None) -> Estimate:
    """The estimate of every patient of ``course``.

    ``starts`` (starts, size): where to begin; by default the typical patient and combinations of one standard deviation.
    """
    precision = np.linalg.inv(prepared.variance) if prepared.size else np.zeros((0, 0))
    begin = default_starts(prepared) if starts is None else starts
    patients, count = len(course.time), len(begin)
    rows = np.repeat(np.arange(patients), count)
    eta = np.tile(begin, (patients, 1))
    eta, value = _descend(prepared, course, precision, eta, rows)
    value = value.reshape(patients, count)
    best = value.argmin(axis=1)
    ended = eta.reshape(patients, count, -1)
    chosen = ended[np.arange(patients), best]
    spread = np.sqrt(np.diag(prepared.variance))
    agreeing = (np.abs(ended - chosen[:, None]) < 0.01 * spread).all(axis=2).sum(axis=1)
    return _polished(prepared, course, precision, chosen, count, agreeing)


def default_starts(prepared: Prepared) -> Values:
    """The typical patient, and more where the prior is wide: (starts, size)."""
    spread = np.sqrt(np.diag(prepared.variance))
    typical = np.zeros((1, prepared.size))
    if not prepared.size:
        return typical
    widest = np.argsort(-spread, kind="stable")[:_SIGNS]
    is_wide = bool((np.diag(prepared.variance) >= _WIDE).any())
    signs = list(product((-1.0, 1.0), repeat=len(widest))) if is_wide else [(1.0,) * len(widest), (-1.0,) * len(widest)]
    moved = np.zeros((len(signs), prepared.size))
    moved[:, widest] = np.array(signs) * spread[widest]
    is_very_wide = bool((np.diag(prepared.variance) >= _VERY_WIDE).any())
    return np.concatenate([typical, moved, 2 * moved] if is_very_wide else [typical, moved])


def _descend(prepared: Prepared, course: Course, precision: Values, eta: Values, rows: Values) -> tuple[Values, Values]:
    """Levenberg-Marquardt with the expected Hessian, every row by itself; ``rows``: whose course it is."""
    eta, damping = eta.copy(), np.full(len(eta), 1e-3)
    at = slope(prepared, course.of(rows), precision, eta)
    value, gradient, information = at.phi.copy(), at.gradient.copy(), at.information.copy()
    active = np.arange(len(eta))
    for _ in range(_STEPS if eta.shape[1] else 0):
        diagonal = np.einsum("rii->ri", information[active])
        damped = information[active] + (damping[active, None] * diagonal)[:, :, None] * np.eye(eta.shape[1])
        step = -np.linalg.solve(damped, gradient[active][..., None])[..., 0]
        gain = -0.5 * np.einsum("ri,ri->r", step, gradient[active])
        tried = slope(prepared, course.of(rows[active]), precision, eta[active] + step)
        better = np.isfinite(tried.phi) & np.asarray(tried.phi <= value[active] + 1e-12 * np.abs(value[active]))
        won = active[better]
        eta[won] += step[better]
        value[won], gradient[won], information[won] = tried.phi[better], tried.gradient[better], tried.information[better]
        damping[active] = np.where(better, np.maximum(damping[active] / 5, 1e-12), damping[active] * 4)
        going = np.where(better, gain > _CONVERGED, damping[active] < 1e12)
        active = active[going]
        if not len(active):
            break
    return eta, value


def _polished(prepared: Prepared, course: Course, precision: Values, eta: Values, starts: int, agreeing: Values) -> Estimate:
    """Newton steps with the full Hessian, taken where they lower ``phi``; the Hessian at the end."""
    at = slope(prepared, course, precision, eta)
    hessian = _hessian(prepared, course, precision, eta, at.information)
    for _ in range(_POLISH if prepared.size else 0):
        step = -np.linalg.solve(hessian, at.gradient[..., None])[..., 0]
        tried = slope(prepared, course, precision, eta + step)
        better = np.isfinite(tried.phi) & np.asarray(tried.phi <= at.phi + 1e-12 * np.abs(at.phi))
        if not better.any() or not np.abs(step[better]).max(initial=0.0) > 1e-12:
            break
        eta = np.where(better[:, None], eta + step, eta)
        at = slope(prepared, course, precision, eta)
        hessian = _hessian(prepared, course, precision, eta, at.information)
    left = (
        np.einsum("ri,ri->r", at.gradient, np.linalg.solve(hessian, at.gradient[..., None])[..., 0])
        if prepared.size
        else 0 * at.phi
    )
    return Estimate(eta, at.phi, hessian, np.isfinite(at.phi) & (left < 1e-6), starts, agreeing)


def _hessian(prepared: Prepared, course: Course, precision: Values, eta: Values, otherwise: Values) -> Values:
    """Second derivatives by differences of exact gradients; where they are no curvature of a minimum, ``otherwise``."""
    size = prepared.size
    if not size:
        return otherwise
    width = _DIFFERENCE * np.sqrt(np.diag(prepared.variance))
    moved = np.concatenate([eta[:, None] + np.diag(width), eta[:, None] - np.diag(width)], axis=1)
    rows = np.repeat(np.arange(len(eta)), 2 * size)
    gradient = slope(prepared, course.of(rows), precision, moved.reshape(-1, size)).gradient.reshape(len(eta), 2, size, size)
    raw = (gradient[:, 0] - gradient[:, 1]) / (2 * width)[:, None]
    raw = (raw + np.swapaxes(raw, 1, 2)) / 2
    usable = np.asarray(np.isfinite(raw).all(axis=(1, 2)))
    raw = np.where(usable[:, None, None], raw, otherwise)
    lowest = np.linalg.eigvalsh(raw)[:, 0]
    return np.where((usable & (lowest > 0))[:, None, None], raw, otherwise)


def objective(prepared: Prepared, course: Course, etas: Values) -> Values:
    """``phi`` of ``etas`` (patients, lanes, size), with the prior of ``prepared``."""
    return phi(prepared, course, np.linalg.inv(prepared.variance), etas)
