"""How badly random effects explain one patient's levels: minus the logarithm of the posterior density, and its derivatives.

``phi(eta) = 1/2 sum ((y - f)/s)^2 + sum ln s + 1/2 eta' Omega^-1 eta``; twice that is NONMEM's objective function value
without constants. A level beyond a limit counts by the probability of lying there (M3 of Beal 2001).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.response.course import Course
from nof1.response.predict import Predicted, needs_integration, predict
from nof1.response.prepared import Prepared

Values = NDArray[Any]
STEP = 1e-30  # of an imaginary step: derivatives by it lose no digits
INTEGRATED_STEP = 1e-12  # the same, where an integrator weighs real and imaginary parts together
FLOOR = 1e-10  # of a standard deviation and of a level whose logarithm is taken
_erfc = np.vectorize(math.erfc, otypes=[float])


@dataclass(frozen=True, slots=True)
class Slope:
    """``phi`` (rows), its ``gradient`` (rows, size) and its expected Hessian ``information`` (rows, size, size)."""

    phi: Values
    gradient: Values
    information: Values


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # what no number holds is no candidate
def phi(prepared: Prepared, course: Course, precision: Values, etas: Values) -> Values:
    """``phi`` of every lane of ``etas`` (rows, lanes, size): (rows, lanes). ``precision``: inverse of the variance."""
    prior = 0.5 * np.einsum("rli,ij,rlj->rl", etas, precision, etas)
    if not course.level.shape[1]:
        return np.asarray(prior)
    found = predict(prepared, course, etas, course.level_time, course.output)
    value, sd, observed = _scale(prepared, course, found)
    loss = _loss(course, observed, value, sd)[0]
    return np.asarray(prior + np.where(course.is_level[:, None, :], loss, 0.0).sum(axis=-1))


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def slope(prepared: Prepared, course: Course, precision: Values, eta: Values) -> Slope:
    """``phi`` and derivatives at ``eta`` (rows, size), by an imaginary step in each random effect."""
    prior = 0.5 * np.einsum("ri,ij,rj->r", eta, precision, eta)
    gradient, information = eta @ precision, np.broadcast_to(precision, (len(eta), *precision.shape)).copy()
    if not course.level.shape[1] or not eta.shape[1]:
        return Slope(phi(prepared, course, precision, eta[:, None, :])[:, 0], gradient, information)
    step = INTEGRATED_STEP if needs_integration(prepared) else STEP
    lanes = eta[:, None, :] + 1j * step * np.eye(eta.shape[1])
    found = predict(prepared, course, lanes, course.level_time, course.output)
    value, sd, observed = _scale(prepared, course, found)
    by_value, by_sd = value.imag / step, sd.imag / step
    loss, d_value, d_sd, ways = _loss(course, observed[:, :1], value[:, :1].real, sd[:, :1].real)
    used = course.is_level[:, None, :]
    gradient = gradient + np.where(used, d_value * by_value + d_sd * by_sd, 0.0).sum(axis=-1)
    for weight, a, b in ways:
        part = np.where(used, a * by_value + b * by_sd, 0.0)
        information = information + (part * weight) @ np.swapaxes(part, 1, 2)
    return Slope(prior + np.where(used, loss, 0.0).sum(axis=(1, 2)), gradient, information)


def _scale(prepared: Prepared, course: Course, found: Predicted) -> tuple[Values, Values, Values]:
    """Values, standard deviations and what was observed, on the scale on which errors are normal."""
    observed = np.broadcast_to(course.level[:, None, :], (course.level.shape[0], 1, course.level.shape[1]))
    value, sd = found.value, np.where(np.real(found.sd) > FLOOR, found.sd, FLOOR)
    for place, output in enumerate(prepared.model.outputs):
        if output.residual.kind == "lognormal":
            here = (course.output == place)[:, None, :]
            value = np.where(here, np.log(np.where(np.real(value) > FLOOR, value, FLOOR)), value)
            observed = np.where(here, np.log(np.maximum(observed, FLOOR)), observed)
    return value, sd, observed


def _loss(course: Course, observed: Values, value: Values, sd: Values) -> tuple[Values, Values, Values, Any]:
    """Loss of each level, its derivatives by value and sd, and (weight, by value, by sd) that make the information."""
    residual = (observed - value) / sd
    loss = 0.5 * residual**2 + np.log(sd)
    d_value, d_sd = -residual / sd, (1 - residual**2) / sd
    one = np.ones_like(sd)
    ways = [(one, 1 / sd, 0 * sd), (2 * one, 0 * sd, 1 / sd)]
    if not course.limit.any():
        return loss, d_value, d_sd, ways
    sign = np.where(course.limit == 1, 1.0, -1.0)[:, None, :]
    beyond = (course.limit > 0)[:, None, :]
    z = sign * residual
    lost, ratio = -log_normal_below(z), _mills(z)
    by_value, by_sd = sign / sd, z / sd
    weight = np.maximum(ratio * (z + ratio), 0.0)
    ways = [
        *((np.where(beyond, 0.0, w), a, b) for w, a, b in ways),
        (np.where(beyond, weight, 0.0), by_value, by_sd),
    ]
    return (
        np.where(beyond, lost, loss),
        np.where(beyond, ratio * by_value, d_value),
        np.where(beyond, ratio * by_sd, d_sd),
        ways,
    )


def log_normal_below(z: Values) -> Values:
    """Logarithm of the probability that a standard normal lies below ``z``.

    >>> float(log_normal_below(np.array(0.0)).round(6))
    -0.693147
    """
    far = z < -30
    near = np.log(0.5 * _erfc(-np.where(far, 0.0, z) / math.sqrt(2)))
    low = np.where(far, z, -30.0)
    return np.where(far, -0.5 * low**2 - np.log(-low * math.sqrt(2 * math.pi)) + np.log1p(-1 / low**2), near)


def _mills(z: Values) -> Values:
    """Density over probability of a standard normal below ``z``."""
    return np.asarray(np.exp(-0.5 * z**2 - 0.5 * math.log(2 * math.pi) - log_normal_below(z)))
