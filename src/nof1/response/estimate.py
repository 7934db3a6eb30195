"""The most probable random effects of each patient (maximum a posteriori), from several starts, with curvature there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.response.course import Course
from nof1.response.objective import Slope, phi, slope
from nof1.response.predict import needs_integration
from nof1.response.prepared import Prepared

Values = NDArray[Any]
_STEPS = 100
_CONVERGED = 1e-9  # expected gain of phi by one more step
_NOISE = 1e-7  # of phi where levels are integrated
_JOINED = 0.1  # standard deviations of the prior: a start this near to its patient's best one goes no further
_LOOKS = 3  # steps between two looks whether starts have met
_LONGEST = 4.0  # of a step, in standard deviations of the prior
_POLISH = 2  # Newton steps at the end, with second derivatives
_SAME_CURVE = 1e-4  # standard deviations of the prior: after so short a step the curvature is what it was
_DIFFERENCE = 1e-5  # of the gradient, in standard deviations of the prior
_WIDE = 0.5  # variance from which more starts are made: several optima are then seen
_VERY_WIDE = 1.0  # and from which some of them are twice as far
_SIGNS = 3  # effects whose signs are combined in the starts
_LIKELIEST = 2  # starts taken from a look around
_FIRST_STRIDE, _LAST_STRIDE = 0.1, 1e-5  # of a search without derivatives, in standard deviations of the prior


@dataclass(frozen=True, slots=True)
class Estimate:
    """``eta`` (patients, size) at the lowest ``phi`` (patients) found, its ``hessian`` (patients, size, size) there.

    ``is_converged`` (patients): the gradient vanishes there, or no way to either side leads lower (a kink). ``starts``: how
    many were tried; ``agreeing`` (patients): how many of them ended at the same place.
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
    patients = len(course.time)
    rough = replace(prepared, is_searching=True)
    begin = default_starts(rough, course) if starts is None else np.broadcast_to(starts, (patients, *starts.shape))
    count = begin.shape[1]
    eta, value = _descend(rough, course, precision, begin.reshape(patients * count, -1), count)
    value = np.where(np.isfinite(value), value, np.inf).reshape(patients, count)
    ended = eta.reshape(patients, count, -1)
    chosen = ended[np.arange(patients), value.argmin(axis=1)]
    spread = np.sqrt(np.diag(prepared.variance))
    agreeing = (np.abs(ended - chosen[:, None]) < 0.01 * spread).all(axis=2).sum(axis=1)
    return _polished(prepared, course, precision, chosen, count, agreeing)


def default_starts(prepared: Prepared, course: Course) -> Values:
    """The typical patient, the likeliest of some looked at, and more where the prior is wide: (patients, starts, size)."""
    patients, size = len(course.time), prepared.size
    typical = np.zeros((patients, 1, size))
    if not size:
        return typical
    looked = _around(prepared)
    values = objective(prepared, course, np.broadcast_to(looked, (patients, *looked.shape)))
    order = np.argsort(np.where(np.isfinite(values), values, np.inf), axis=1, kind="stable")
    begin = [typical, looked[order[:, :_LIKELIEST]]]
    widest = float(np.diag(prepared.variance).max())
    signs = _signs(prepared)
    begin += [np.broadcast_to(signs, (patients, *signs.shape))] if widest >= _WIDE else []
    begin += [np.broadcast_to(2 * signs, (patients, *signs.shape))] if widest >= _VERY_WIDE else []
    return np.concatenate(begin, axis=1)


def _signs(prepared: Prepared) -> Values:
    """All combinations of one standard deviation up or down, of the widest effects."""
    spread = np.sqrt(np.diag(prepared.variance))
    widest = np.argsort(-spread, kind="stable")[:_SIGNS]
    signs = np.array(list(product((-1.0, 1.0), repeat=len(widest))))
    moved = np.zeros((len(signs), prepared.size))
    moved[:, widest] = signs * spread[widest]
    return moved


def _around(prepared: Prepared) -> Values:
    """Points that are looked at: one or two standard deviations along each effect and some combinations."""
    axes = np.diag(np.sqrt(np.diag(prepared.variance)))
    signs = _signs(prepared)
    return np.concatenate([axes, -axes, 2 * axes, -2 * axes, signs, 2 * signs])


def _descend(prepared: Prepared, course: Course, precision: Values, eta: Values, count: int) -> tuple[Values, Values]:
    """Levenberg-Marquardt with the expected Hessian, every row by itself, ``count`` rows a patient; those that meet join."""
    rows, leader = np.arange(len(eta)) // count, np.arange(len(eta))
    eta, damping = eta.copy(), np.full(len(eta), 1e-3)
    at = slope(prepared, course.of(rows), precision, eta)
    value, gradient, information = at.phi.copy(), at.gradient.copy(), at.information.copy()
    active, enough = np.arange(len(eta)), _NOISE if needs_integration(prepared) else _CONVERGED
    for number in range(_STEPS if eta.shape[1] else 0):
        diagonal = np.einsum("rii->ri", information[active])
        damped = information[active] + (damping[active, None] * diagonal)[:, :, None] * np.eye(eta.shape[1])
        step = _shortened(prepared, -np.linalg.solve(damped, gradient[active][..., None])[..., 0])
        gain = -0.5 * np.einsum("ri,ri->r", step, gradient[active])
        tried = slope(prepared, course.of(rows[active]), precision, eta[active] + step)
        better = _is_lower(prepared, tried.phi, value[active])
        won = active[better]
        eta[won] += step[better]
        value[won], gradient[won], information[won] = tried.phi[better], tried.gradient[better], tried.information[better]
        damping[active] = np.where(better, np.maximum(damping[active] / 5, 1e-12), damping[active] * 4)
        active = active[(gain > enough) & (damping[active] < 1e12)]
        if number % _LOOKS == _LOOKS - 1:
            leader, active = _joined(prepared, eta, value, leader, active, count)
        if not len(active):
            break
    while (leader != leader[leader]).any():
        leader = leader[leader]
    return eta[leader], value[leader]


def _joined(
    prepared: Prepared, eta: Values, value: Values, leader: Values, active: Values, count: int
) -> tuple[Values, Values]:
    """Who leads each row, and which are still active, once those beside their patient's best row follow it."""
    value = np.where(np.isfinite(value), value, np.inf).reshape(-1, count)
    best = np.arange(len(value)) * count + value.argmin(axis=1)
    best = np.repeat(best, count)
    near = (np.abs(eta - eta[best]) < _JOINED * np.sqrt(np.diag(prepared.variance))).all(axis=1) & (best != leader)
    following = active[near[active] & (best[active] != active)]
    leader = leader.copy()
    leader[following] = best[following]
    return leader, np.setdiff1d(active, following)


def _shortened(prepared: Prepared, step: Values) -> Values:
    """Steps (rows, size) none of which is longer than ``_LONGEST``; one that is no number is none."""
    length = np.abs(step / np.sqrt(np.diag(prepared.variance))).max(axis=1, initial=0.0)
    usable = np.isfinite(length)
    return (
        np.where(usable[:, None], step, 0.0)
        * np.minimum(1.0, _LONGEST / np.where(usable & (length > 0), length, 1.0))[:, None]
    )


def _is_lower(prepared: Prepared, tried: Values, than: Values) -> Values:
    """Whether ``tried`` is no higher, as far as can be told."""
    slack = _NOISE if needs_integration(prepared) else 1e-12 * np.abs(than)
    return np.isfinite(tried) & np.asarray(tried <= than + slack)


def _polished(prepared: Prepared, course: Course, precision: Values, eta: Values, starts: int, agreeing: Values) -> Estimate:
    """Newton steps with the full Hessian, taken where they lower ``phi``; the Hessian at the end."""
    at = slope(prepared, course, precision, eta)
    hessian = _hessian(prepared, course, precision, eta, at.information)
    for _ in range(_POLISH if prepared.size else 0):
        step = _shortened(prepared, -np.linalg.solve(hessian, at.gradient[..., None])[..., 0])
        tried = slope(prepared, course, precision, eta + step)
        better = _is_lower(prepared, tried.phi, at.phi)
        eta, at = np.where(better[:, None], eta + step, eta), _chosen(better, tried, at)
        if not (np.abs(step[better]) > _SAME_CURVE * np.sqrt(np.diag(prepared.variance))).any():
            break
        hessian = _hessian(prepared, course, precision, eta, at.information)
    left = (
        np.einsum("ri,ri->r", at.gradient, np.linalg.solve(hessian, at.gradient[..., None])[..., 0])
        if prepared.size
        else 0 * at.phi
    )
    lowest, is_converged = at.phi.copy(), np.isfinite(at.phi) & (left < 1e-6)
    rest = np.flatnonzero(~is_converged)
    if len(rest):
        eta[rest], lowest[rest] = _searched(prepared, course.of(rest), precision, eta[rest], at.phi[rest])
        hessian[rest] = slope(prepared, course.of(rest), precision, eta[rest]).information
        is_converged[rest] = np.isfinite(lowest[rest])
    return Estimate(eta, lowest, hessian, is_converged, starts, agreeing)


def _chosen(better: Values, one: Slope, other: Slope) -> Slope:
    """Row by row the ``one`` where it is better, else the ``other``."""
    return Slope(
        np.where(better, one.phi, other.phi),
        np.where(better[:, None], one.gradient, other.gradient),
        np.where(better[:, None, None], one.information, other.information),
    )


def _searched(prepared: Prepared, course: Course, precision: Values, eta: Values, value: Values) -> tuple[Values, Values]:
    """The lowest place reached by looking along each effect with ever shorter strides, for kinks of ``phi``."""
    spread = np.diag(np.sqrt(np.diag(prepared.variance)))
    ways = np.concatenate([spread, -spread])
    eta, value = eta.copy(), np.where(np.isfinite(value), value, np.inf)
    stride, rows = np.full(len(eta), _FIRST_STRIDE), np.arange(len(eta))
    for _ in range(10 * _STEPS):
        looked = eta[:, None] + stride[:, None, None] * ways
        values = phi(prepared, course, precision, looked)
        values = np.where(np.isfinite(values), values, np.inf)
        best = values.argmin(axis=1)
        better = values[rows, best] < value
        eta = np.where(better[:, None], looked[rows, best], eta)
        value = np.where(better, values[rows, best], value)
        stride = np.where(better, stride, stride / 2)
        if not (stride > _LAST_STRIDE).any():
            break
    return eta, value


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
