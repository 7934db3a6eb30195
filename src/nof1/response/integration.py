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
TOLERANCE = 1e-8
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
    rows, lanes, count = shown.time.shape
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
                y = _solved(rates, y, hours[..., None], np.real(hours).max())
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
    moments = [(moment.name, parse(moment.formula)) for moment in net.structure.moments]
    middle, size, volume = net.central, net.size, values["V"]

    def rates(y: Values) -> Values:
        change = np.empty(y.shape, np.result_type(y, flows, poured))
        level = y[..., middle] / volume
        change[..., :size] = (flows @ y[..., :size, None])[..., 0] + poured
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


def _solved(rates: Rates, y: Values, hours: Values, longest: float) -> Values:
    """``y`` after ``hours`` (rows, lanes, 1), by an explicit Runge-Kutta method of order 8."""
    try:
        from scipy.integrate import solve_ivp
    except ImportError:
        raise InputError("this model needs SciPy; install it with: pip install 'nof1[dose]'") from None
    scale = np.maximum(np.abs(y).max(axis=(0, 1)), 1e-12)
    result = solve_ivp(
        lambda _, flat: (hours * rates(flat.reshape(y.shape))).ravel(),
        (0.0, 1.0),
        y.ravel(),
        method="DOP853",
        t_eval=[1.0],
        rtol=TOLERANCE,
        atol=np.broadcast_to(scale * TOLERANCE, y.shape).ravel(),
    )
    if not result.success:
        raise InputError(
            f"the model could not be integrated over {longest:g} h ({result.message}); look at doses and covariates"
        )
    return np.asarray(result.y[:, -1]).reshape(y.shape)
