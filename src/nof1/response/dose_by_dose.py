"""Levels after many doses: each exponential is carried from dose to dose, and from the last one to the times asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.knowledge.kinetics import Input, Structure
from nof1.response import inputs
from nof1.response.course import Course
from nof1.response.exponentials import central

Values = NDArray[Any]


def has_levels(structure: Structure, course: Course) -> bool:
    """Whether every dose of ``course`` enters at once, or through a depot, with parameters that do not change in time."""
    plain = all(entry.kind in ("bolus", "first_order") and not entry.lag for entry in structure.inputs)
    return plain and course.until.shape[1] == 1 and not (course.interval > 0).any() and not (course.duration > 0).any()


def concentrations(structure: Structure, parameters: Mapping[str, Values], course: Course, times: Values) -> Values:
    """As ``superposition.concentrations``, in time proportional to doses plus ``times``, for what ``has_levels`` allows."""
    terms = central(parameters, structure.compartments)
    total: Any = np.zeros((len(course.time), 1, times.shape[-1]))
    for entry in structure.inputs:
        known = [course.routes.index(route) for route in entry.routes]
        given = np.where(np.isin(course.route, known), course.amount, 0.0)
        if not given.any():
            continue
        time, given = _ordered(course.time, given)
        before = _before(time, times)
        for coefficient, rate in zip(terms.coefficient, terms.rate, strict=True):
            total = total + coefficient[..., None] * _carried(entry, parameters, rate, time, given, before, times)
    return np.asarray(total)


def _ordered(time: Values, given: Values) -> tuple[Values, Values]:
    """Doses in order of time; those that are none come last, at the time of the last one."""
    last = np.max(time, axis=1, keepdims=True, initial=-np.inf, where=given != 0)
    time = np.where(given != 0, time, np.where(np.isfinite(last), last, 0.0))
    order = np.argsort(time, axis=1, kind="stable")
    return np.take_along_axis(time, order, 1), np.take_along_axis(given, order, 1)


def _before(time: Values, times: Values) -> Values:
    """How many doses lie before each of ``times``, (rows, times)."""
    return np.array([np.searchsorted(row, at, side="left") for row, at in zip(time, times, strict=True)])


def _carried(
    entry: Input, parameters: Mapping[str, Values], rate: Values, time: Values, given: Values, before: Values, times: Values
) -> Values:
    """What the doses leave of one exponential at ``times``, (rows, lanes, times)."""
    share: Any = 1.0
    for name in (entry.bioavailability, entry.fraction):
        share = share * (parameters[name] if name else 1.0)
    ka = parameters[entry.ka] if entry.kind == "first_order" else None
    weight, gaps = given[:, None, :] * np.asarray(share)[..., None], np.diff(time, axis=1)
    here, depot = _after_doses(rate, ka, weight, gaps)
    place = before[:, None, :]

    def at(values: Values) -> Values:
        return np.take_along_axis(values, np.broadcast_to(place, (*values.shape[:2], place.shape[2])), 2)

    last = np.take_along_axis(np.concatenate([time[:, :1], time], axis=1), before, 1)
    hours = np.maximum(times - last, 0.0)[:, None, :]
    found = at(here) * np.exp(-rate[..., None] * hours)
    if ka is not None:
        found = found + at(depot) * inputs.first_order(rate[..., None], hours, ka[..., None])
    return np.asarray(found)


def _after_doses(rate: Values, ka: Values | None, weight: Values, gaps: Values) -> tuple[Values, Values]:
    """The exponential and the depot just after each dose, and before the first: (rows, lanes, 1 + doses)."""
    lanes = np.broadcast_shapes(weight.shape[:2], rate.shape, () if ka is None else ka.shape)
    kind = np.result_type(weight, rate, 0.0 if ka is None else ka)
    here, depot = (np.zeros((*lanes, weight.shape[2] + 1), kind) for _ in range(2))
    filled = here if ka is None else depot
    hours = gaps[:, None, :]
    decay = np.exp(-rate[..., None] * hours)
    emptied = None if ka is None else np.exp(-ka[..., None] * hours)
    entered = None if ka is None else inputs.first_order(rate[..., None], hours, ka[..., None])
    filled[..., 1] = weight[..., 0]
    for number in range(gaps.shape[1]):
        here[..., number + 2] = here[..., number + 1] * decay[..., number]
        if entered is not None and emptied is not None:
            here[..., number + 2] += depot[..., number + 1] * entered[..., number]
            depot[..., number + 2] = depot[..., number + 1] * emptied[..., number]
        filled[..., number + 2] += weight[..., number + 1]
    return here, depot
