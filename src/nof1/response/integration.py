"""Concentrations and effects that no closed form gives: saturable elimination, states driven by the level. By SciPy.

All rows and lanes are integrated together, each on its own clock: between two events of its own the time of a lane runs
from 0 to 1. They share the steps, also complex ones, so that an imaginary step in a parameter gives the exact derivative
of what is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.errors import InputError
from nof1.knowledge.formula import parse
from nof1.knowledge.kinetics import Structure
from nof1.response.course import Course
from nof1.response.network import Network, matrix, network
from nof1.response.propagation import at, events, segment, trains

Values = NDArray[Any]
Rates = Callable[[Values], Values]
TOLERANCE = 2e-10
_ROUGH, _MANY = 1e-6, 100  # the tolerance of draws, and how many lanes are draws: their own spread is far larger
_STEPS = 20_000  # at most, between two events
_SHORTEST = 1e-6  # step, as a share of the time between two events, with which a lane is given up
_DISPOSITION = frozenset({"V", "CL", "Q", "V2", "Q3", "V3", "CLm", "Vm", "fm"})


@dataclass(frozen=True, slots=True)
class Found:
    """Each (rows, lanes, times): concentrations of ``parent`` and ``metabolite``, ``area`` under the first, ``states``."""

    parent: Values
    metabolite: Values | None
    area: Values
    states: Mapping[str, Values]


def integrate(structure: Structure, parameters: Mapping[str, Any], course: Course, times: Values) -> Found:
    """``parameters`` by name: (rows or 1, lanes or 1, segments or 1), or numbers. Raises ``InputError`` without SciPy."""
    net = network(structure)
    arrays = {name: np.asarray(value) for name, value in parameters.items()}
    arrays = {name: value if value.ndim == 3 else value.reshape(1, 1, 1) for name, value in arrays.items()}
    course = _spread(structure, arrays, course)
    out = _amounts(net, arrays, course, times)
    held = segment(course, times[:, None, :])
    parent = out[..., net.central] / at(arrays["V"], held)
    other = out[..., net.metabolite] / at(arrays["Vm"], held) if net.metabolite >= 0 else None
    states = {state.name: out[..., net.size + 1 + number] for number, state in enumerate(structure.states)}
    return Found(parent, other, out[..., net.size], states)


def _spread(structure: Structure, arrays: Mapping[str, Values], course: Course) -> Course:
    if not (course.interval > 0).any():
        return course
    if structure.elimination == "linear":
        return trains(structure, arrays, course)
    raise InputError(
        "a dose at steady state with saturable elimination has no closed form; give the earlier doses one by one"
    )


def _amounts(net: Network, arrays: Mapping[str, Values], course: Course, times: Values) -> Values:
    """Amounts, the area under the concentration and states (rows, lanes, times, width) at the times asked for."""
    shown = events(net, arrays, course, times)
    rows, lanes, _ = shown.time.shape
    count = 1 + int(np.flatnonzero((shown.look >= 0).any(axis=(0, 1))).max(initial=-1))
    finite = np.isfinite(np.real(shown.time))
    time = np.where(finite, shown.time, np.max(np.real(shown.time), initial=0.0, where=finite))
    middle = np.real(time[:, :, :-1] + time[:, :, 1:]) / 2
    held = segment(course, np.concatenate([np.real(time[:, :, :1]), middle], axis=2))
    effect = [(state.name, parse(state.start), parse(state.rate)) for state in net.structure.states]
    width = net.size + 1 + len(effect)
    kind = np.result_type(float, time, shown.jump, *arrays.values())
    y, poured = np.zeros((rows, lanes, width), kind), np.zeros((rows, lanes, net.size), kind)
    found = np.zeros((rows, lanes, times.shape[-1] + 1, width), kind)
    row, lane = np.ix_(np.arange(rows), np.arange(lanes))
    tolerance = _ROUGH if lanes >= _MANY and kind == np.float64 else TOLERANCE
    first = _values(arrays, held[:, :, 0])
    for number, (_, start, _) in enumerate(effect):
        y[..., net.size + 1 + number] = start.evaluate(first)
    for number in range(count):
        found[row, lane, shown.look[:, :, number]] = y
        y[..., : net.size] += shown.jump[:, :, number]
        poured = poured + shown.pour[:, :, number]
        if number + 1 < count:
            hours = time[:, :, number + 1] - time[:, :, number]
            if np.any(np.real(hours) > 0):
                rates = _rates(net, _values(arrays, held[:, :, number + 1]), poured, effect)
                y = _solved(rates, y, hours[..., None], tolerance)
    return found[:, :, :-1]


def _values(arrays: Mapping[str, Values], held: Values) -> dict[str, Values]:
    """Every parameter in the segment that holds, (rows or 1, lanes or 1)."""
    return {name: at(value, held[..., None])[..., 0] for name, value in arrays.items()}


def _rates(net: Network, values: Mapping[str, Values], poured: Values, effect: list[Any]) -> Rates:
    """The right-hand side while ``values`` hold and ``poured`` (units an hour) runs in: (rows, lanes, width) to the same."""
    names = _DISPOSITION | {name for entry in net.entries for name in (entry.input.ka, entry.input.ktr) if name}
    linear = {name: values[name] for name in names if name in values}
    if net.structure.elimination == "michaelis_menten":
        linear["CL"] = 0 * values["V"]
    flows = matrix(net, linear)
    paths = [(to, of, flows[..., to, of]) for to, of in np.argwhere((flows != 0).any(axis=(0, 1)))]
    moments = [(moment.name, parse(moment.formula)) for moment in net.structure.moments]
    middle, size, volume = net.central, net.size, values["V"]

    def rates(y: Values) -> Values:
        change = np.empty(y.shape, np.result_type(y, flows, poured))
        level = y[..., middle] / volume
        change[..., :size] = poured
        for to, of, flow in paths:
            change[..., to] += flow * y[..., of]
        if net.structure.elimination != "linear":
            change[..., middle] -= values["Vmax"] * level / (values["Km"] + level)
        change[..., size] = level
        if effect:
            known = {**values, "c": level, **{name: y[..., size + 1 + n] for n, (name, _, _) in enumerate(effect)}}
            for name, formula in moments:
                known[name] = formula.evaluate(known)
            for number, (_, _, formula) in enumerate(effect):
                change[..., size + 1 + number] = formula.evaluate(known)
        return change

    return rates


def _solved(rates: Rates, y: Values, hours: Values, tolerance: float) -> Values:
    """``y`` after ``hours`` (rows, lanes, 1): the Runge-Kutta method of order 8 of SciPy, with steps that suit every lane.

    A lane that no step brings to a finite value is NaN.
    """
    method = _method()
    floor = tolerance * np.maximum(np.abs(y).max(axis=(0, 1), initial=0.0, where=np.isfinite(y)), 1e-12)
    lost = ~np.isfinite(y).all(axis=2)
    done, step = 0.0, 0.1
    slopes = np.empty((method.n_stages + 1, *y.shape), np.result_type(y, hours))
    slopes[0] = hours * rates(y)
    for _ in range(_STEPS):
        step = min(step, 1 - done)
        reached = _step(method, lambda at: hours * rates(at), y, slopes, step)
        error = _error(method, slopes, floor + tolerance * np.maximum(np.abs(y), np.abs(reached)), step)
        lost |= (step < _SHORTEST) & ~np.isfinite(error)
        worst = float(np.where(lost, 0.0, np.where(np.isfinite(error), error, np.inf)).max(initial=0.0))
        if worst <= 1:
            done, y = done + step, reached
            slopes[0] = slopes[-1]
            if done >= 1:
                return np.asarray(np.where(lost[..., None], np.nan, y))
        step *= min(10.0, max(0.2, 0.9 * worst ** (-1 / 8))) if worst > 0 else 10.0
    raise InputError(
        f"the model could not be integrated over {np.real(hours).max():g} h in {_STEPS} steps; look at doses and covariates"
    )


def _method() -> Any:
    try:
        from scipy.integrate import DOP853
    except ImportError:
        raise InputError("this model needs SciPy; install it with: pip install 'nof1[dose]'") from None
    return DOP853


def _step(method: Any, change: Rates, y: Values, slopes: Values, step: float) -> Values:
    """Where one ``step`` leads; fills ``slopes`` of the stages, the last one at the end of the step."""
    for stage in range(1, method.n_stages):
        slopes[stage] = change(y + step * _sum(method.A[stage, :stage], slopes[:stage]))
    reached = y + step * _sum(method.B, slopes[:-1])
    slopes[-1] = change(reached)
    return np.asarray(reached)


def _sum(weights: Values, slopes: Values) -> Values:
    """The weighted sum over stages, (rows, lanes, width)."""
    return np.asarray((weights @ slopes.reshape(len(slopes), -1)).reshape(slopes.shape[1:]))


def _error(method: Any, slopes: Values, scale: Values, step: float) -> Values:
    """The error of the step in units of what is allowed, (rows, lanes)."""
    fifth, third = (np.square(np.abs(_sum(weights, slopes)) / scale).sum(axis=-1) for weights in (method.E5, method.E3))
    length = np.sqrt((fifth + 0.01 * third) * scale.shape[-1])
    return np.asarray(step * fifth / np.where(length > 0, length, 1.0))
