"""Effects driven by a level that has a closed form, where the effect's own states are linear: fast for many draws.

Indirect responses and chains of transit states are such: ``d x / dt = A x + b(c(t))`` with ``A`` the same whatever the
level. The level is computed on a grid that is dense after each dose, and the states are carried along it. Against the
integrator the outputs differ by less than 1e-4 of their value (a test).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.knowledge.formula import Formula, parse
from nof1.knowledge.kinetics import Structure
from nof1.response import dose_by_dose, linear_states, propagation, superposition
from nof1.response.course import Course

Values = NDArray[Any]
_AFTER = np.array([0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.5, 6.0, 9.0, 12.0])  # hours after a dose
_EVERY = 4.0  # hours between points at other times
_AFTER_AHEAD, _EVERY_AHEAD = np.array([0.5, 1.5, 4.0, 9.0]), 8.0  # the same where many doses are compared
_LEAST = 1e-12  # a level of nothing, for formulas that take a power of it
_PROBES = (0.37, 1.83)  # levels at which a structure is looked at


def is_driven(structure: Structure) -> bool:
    """Whether the states of ``structure`` are linear in each other and the level has a closed form."""
    if not structure.states or structure.elimination != "linear":
        return False
    rates = [parse(state.rate) for state in structure.states]
    names = {name for formula in rates for name in formula.names}
    names |= {name for moment in structure.moments for name in parse(moment.formula).names}
    parameters = {name: 0.5 + 0.618 * ((7 * number) % 11) / 11 for number, name in enumerate(sorted(names))}
    own = [state.name for state in structure.states]
    seen = [_linear(structure, rates, own, parameters, level) for level in _PROBES]
    point = np.linspace(0.3, 1.7, len(own))
    expected = seen[0][0] @ point + seen[0][1]
    values = dict(zip(own, point, strict=True))
    found = np.array([float(formula.evaluate(_known(structure, parameters, _PROBES[0], values))) for formula in rates])
    return bool(np.allclose(seen[0][0], seen[1][0], rtol=1e-9) and np.allclose(expected, found, rtol=1e-9))


def _known(structure: Structure, parameters: Mapping[str, Any], level: Any, states: Mapping[str, Any]) -> dict[str, Any]:
    """Everything rates may ask at a moment."""
    known: dict[str, Any] = {**parameters, "c": level, **states}
    for moment in structure.moments:
        known[moment.name] = parse(moment.formula).evaluate(known)
    return known


def _linear(
    structure: Structure, rates: list[Formula], own: list[str], parameters: Mapping[str, Any], level: Any
) -> tuple[Values, Values]:
    """``A`` (states, states) and ``b`` (states) at one level."""
    rest = np.array([float(f.evaluate(_known(structure, parameters, level, dict.fromkeys(own, 0.0)))) for f in rates])
    columns = []
    for name in own:
        one = _known(structure, parameters, level, {**dict.fromkeys(own, 0.0), name: 1.0})
        columns.append(np.array([float(formula.evaluate(one)) for formula in rates]) - rest)
    return np.stack(columns, axis=1), rest


def follow(
    structure: Structure, parameters: Mapping[str, Any], course: Course, times: Values
) -> tuple[Values, dict[str, Values]]:
    """The level at ``times`` (rows, times) and every state there, each (rows, lanes, times).

    ``parameters``: each (rows or 1, lanes or 1, segments or 1), or a number.
    """
    grid, look = _grid(course, times)
    own = {name: _three(value) for name, value in parameters.items()}
    level = _levels(structure, own, course, _with_middles(grid))
    return _followed(structure, own, course, grid, look, level, None)


def follow_multiples(
    structure: Structure, parameters: Mapping[str, Any], pair: Course, amounts: Values, times: Values, now: float
) -> tuple[Values, dict[str, Values]]:
    """As ``follow`` from ``now`` on, for doses ahead of each of ``amounts``: (amounts, lanes, times).

    ``pair``: two rows that differ in the doses from ``now`` on alone, 0 in the first and 1 in the second.
    """
    none, both = np.array([0]), np.array([0, 1])
    _, begun = follow(structure, parameters, pair.of(none), np.array([[now]]))
    grid, look = _grid(pair.of(both[1:]), times[None], now, _AFTER_AHEAD, _EVERY_AHEAD)
    points = _with_middles(grid)
    own = {name: _three(value) for name, value in parameters.items()}
    left, more = _levels(structure, own, pair, np.broadcast_to(points, (2, points.shape[1])))
    level = left + amounts[:, None, None] * (more - left)
    start = np.stack([begun[state.name][0, :, 0] for state in structure.states], axis=-1)
    every = np.zeros(len(amounts), int)
    return _followed(structure, own, pair.of(every), grid[every], look[every], level, start)


def _three(value: Any) -> Values:
    array = np.asarray(value)
    return array if array.ndim == 3 else array.reshape(1, 1, 1)


def _levels(structure: Structure, own: Mapping[str, Values], course: Course, points: Values) -> Values:
    constant = {name: value[..., 0] for name, value in own.items()}
    if dose_by_dose.has_levels(structure, course):
        return dose_by_dose.concentrations(structure, constant, course, points)
    if course.until.shape[1] > 1 or course.time.shape[1] > 12:
        return propagation.concentrations(structure, own, course, points)[0]
    return superposition.concentrations(structure, constant, course, points)[0]


def _grid(
    course: Course, times: Values, start: float | None = None, after: Values = _AFTER, every: float = _EVERY
) -> tuple[Values, Values]:
    """Points in time (rows, points), ascending, and where among them ``times`` are."""
    rows = []
    for row in range(len(course.time)):
        given = np.unique(course.time[row][course.amount[row] != 0])
        first = min(given.min(initial=np.inf), times[row].min()) if start is None else start
        end = max(times[row].max(), first)
        close = (given[:, None] + np.concatenate([[0.0], after])).ravel()
        known = np.concatenate([[first, end], close, course.until[row][:-1], times[row]])
        rows.append(_filled_in(np.unique(known[(known >= first) & (known <= end)]), every))
    width = max(len(row) for row in rows)
    grid = np.array([np.concatenate([row, np.full(width - len(row), row[-1])]) for row in rows])
    return grid, np.array([np.searchsorted(row, at) for row, at in zip(rows, times, strict=True)])


def _filled_in(points: Values, every: float) -> Values:
    """``points`` and even steps between those farther apart than ``every`` hours."""
    gaps = np.diff(points)
    parts = np.maximum(1, np.ceil(gaps / every - 1e-9)).astype(int)
    place = np.repeat(np.arange(len(gaps)), parts)
    within = np.arange(len(place)) - np.repeat(np.cumsum(parts) - parts, parts)
    return np.append(points[place] + within * (gaps / parts)[place], points[-1:])


def _with_middles(grid: Values) -> Values:
    points = np.empty((len(grid), 2 * grid.shape[1] - 1))
    points[:, ::2], points[:, 1::2] = grid, (grid[:, 1:] + grid[:, :-1]) / 2
    return points


def _followed(
    structure: Structure,
    own: Mapping[str, Values],
    course: Course,
    grid: Values,
    look: Values,
    level: Values,
    start: Values | None,
) -> tuple[Values, dict[str, Values]]:
    """Level and states at the points ``look`` of ``grid``; ``level`` at its points and between them.

    ``start`` (lanes, states): where the states begin; by default where they are without the drug.
    """
    level = np.where(np.real(level) > _LEAST, level, _LEAST)
    held = propagation.segment(course, _with_middles(grid)[:, None, :])
    rates, names = [parse(state.rate) for state in structure.states], [state.name for state in structure.states]
    none, one = dict.fromkeys(names, 0.0), np.ones((1, 1, 1))
    rest = _evaluated(structure, rates, own, one, none)
    matrix = np.stack([_evaluated(structure, rates, own, one, {**none, name: 1.0}) - rest for name in names], axis=-1)
    columns = _poured(rest, _evaluated(structure, rates, own, one * _PROBES[0], none))
    values = {name: propagation.at(value, held) for name, value in own.items()}
    driven = _evaluated(structure, [rates[place] for place in columns], values, level, none)
    x = _begin(structure, own) if start is None else start[None]
    lanes = max(driven.shape[1], matrix.shape[1], x.shape[1])
    driven = np.broadcast_to(driven, (driven.shape[0], lanes, *driven.shape[2:]))
    x = np.broadcast_to(x, (len(grid), lanes, len(names))).astype(np.result_type(driven, matrix, x))
    steps = np.diff(grid, axis=1)
    states = linear_states.carried(matrix, driven, columns, x, steps, held[:, 0, 1::2], look)
    place = 2 * look[:, None, :]
    seen = np.take_along_axis(level, np.broadcast_to(place, (*level.shape[:2], look.shape[1])), 2)
    return seen, {name: states[..., number] for number, name in enumerate(names)}


def _poured(*rests: Values) -> Values:
    """Places of the states that something is poured into, whatever the level."""
    size = rests[0].shape[-1]
    return np.flatnonzero([any(np.any(rest[..., place]) for rest in rests) for place in range(size)])


def _begin(structure: Structure, own: Mapping[str, Values]) -> Values:
    first = {name: value[..., 0] for name, value in own.items()}
    start = [np.asarray(parse(state.start).evaluate(first)) for state in structure.states]
    shape = np.broadcast_shapes((1, 1), *(value.shape for value in start))
    return np.stack([np.broadcast_to(value, shape) for value in start], axis=-1)


def _evaluated(
    structure: Structure, rates: list[Formula], values: Mapping[str, Values], level: Values, states: Mapping[str, float]
) -> Values:
    """Every rate at every point, (rows, lanes, points, rates)."""
    known = _known(structure, values, level, states)
    found = [np.asarray(formula.evaluate(known)) for formula in rates]
    shape = np.broadcast_shapes(level.shape, *(value.shape for value in found))
    return np.stack([np.broadcast_to(value, shape) for value in found], axis=-1)
