"""Effects driven by a level that has a closed form, where the effect's own states are linear: fast for many draws.

Indirect responses and chains of transit states are such: ``d x / dt = A x + b(c(t))`` with ``A`` the same whatever the
level. The level is computed on a grid that is dense after each dose, and the states follow it by classical Runge-Kutta
steps. Against the integrator the outputs differ by less than 1e-4 of their value (a test).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.knowledge.formula import Formula, parse
from nof1.knowledge.kinetics import Structure
from nof1.response import propagation, superposition
from nof1.response.course import Course

Values = NDArray[Any]
_AFTER = np.array([0.125, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0])  # hours after a dose
_EVERY = 2.0  # hours between points at other times
_LEAST = 1e-12  # a level of nothing, for formulas that take a power of it
_KINDS = 64  # lengths of steps that are worked out beforehand
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
    points = np.empty((len(grid), 2 * grid.shape[1] - 1))
    points[:, ::2], points[:, 1::2] = grid, (grid[:, 1:] + grid[:, :-1]) / 2
    own = {name: _three(value) for name, value in parameters.items()}
    level = np.asarray(_levels(structure, own, course, points))
    level = np.where(np.real(level) > _LEAST, level, _LEAST)
    held = propagation.segment(course, points[:, None, :])
    states = _followed(structure, own, held, level, np.diff(grid, axis=1))
    place = look[:, None, :]

    def at(every: Values) -> Values:
        return np.take_along_axis(every, np.broadcast_to(place, (*every.shape[:2], place.shape[2])), 2)

    found = {state.name: at(states[..., number]) for number, state in enumerate(structure.states)}
    return at(level[..., ::2]), found


def _three(value: Any) -> Values:
    array = np.asarray(value)
    return array if array.ndim == 3 else array.reshape(1, 1, 1)


def _levels(structure: Structure, own: Mapping[str, Values], course: Course, points: Values) -> Values:
    if course.until.shape[1] > 1 or course.time.shape[1] > 12:
        return propagation.concentrations(structure, own, course, points)[0]
    return superposition.concentrations(structure, {name: value[..., 0] for name, value in own.items()}, course, points)[0]


def _grid(course: Course, times: Values) -> tuple[Values, Values]:
    """Points in time (rows, points), ascending, and where among them ``times`` are."""
    rows = []
    for row in range(len(course.time)):
        given = np.unique(course.time[row][course.amount[row] != 0])
        start = min(given.min(initial=np.inf), times[row].min())
        end = max(times[row].max(), start)
        close = (given[:, None] + np.concatenate([[0.0], _AFTER, 2 * _EVERY * np.arange(1, 4)])).ravel()
        even = np.arange(start, end + _EVERY, _EVERY)
        every = np.unique(np.concatenate([[start], close, even, course.until[row][:-1], times[row]]))
        rows.append(every[(every >= start) & (every <= end)])
    width = max(len(row) for row in rows)
    grid = np.array([np.concatenate([row, np.full(width - len(row), row[-1])]) for row in rows])
    return grid, np.array([np.searchsorted(row, at) for row, at in zip(rows, times, strict=True)])


def _followed(structure: Structure, own: Mapping[str, Values], held: Values, level: Values, steps: Values) -> Values:
    """States (rows, lanes, grid, states) along the grid; ``level`` and segments ``held`` at its points and between them."""
    rates = [parse(state.rate) for state in structure.states]
    names = [state.name for state in structure.states]
    none = dict.fromkeys(names, 0.0)
    values = {name: propagation.at(value, held) for name, value in own.items()}
    driven = _evaluated(structure, rates, values, level, none)
    one = np.ones((1, 1, 1))
    rest = _evaluated(structure, rates, own, one, none)
    matrix = np.stack([_evaluated(structure, rates, own, one, {**none, name: 1.0}) - rest for name in names], axis=-1)
    start = [np.asarray(parse(state.start).evaluate(_first(own))) for state in structure.states]
    wide = np.broadcast_shapes(level.shape[:2], driven.shape[:2], matrix.shape[:2], *(value.shape[:2] for value in start))
    driven = np.broadcast_to(driven, (*wide, *driven.shape[2:]))
    x = np.stack([np.broadcast_to(value, wide) for value in start], axis=-1).astype(np.result_type(driven, matrix))
    found = np.empty((*wide, steps.shape[1] + 1, len(names)), x.dtype)
    found[:, :, 0] = x
    kinds, kind = np.unique(steps.round(9), return_inverse=True)
    if matrix.shape[2] == 1 and len(kinds) <= _KINDS:
        return _swept(matrix[:, :, 0], driven, kinds, kind.reshape(steps.shape), found)
    for number in range(steps.shape[1]):
        at = slice(2 * number, 2 * number + 3)
        x = _step(x, _of_segment(matrix, held[:, :, 2 * number + 1]), driven[:, :, at], steps[:, number])
        found[:, :, number + 1] = x
    return found


def _swept(matrix: Values, driven: Values, kinds: Values, kind: Values, found: Values) -> Values:
    """``found`` filled by the same steps, with what depends on their length worked out once for each of ``kinds``."""
    rows = np.arange(len(kind))
    carry, added = [], np.empty_like(found[:, :, 1:])
    for number, hours in enumerate(kinds):
        m = matrix * hours
        m2 = m @ m
        one = np.eye(m.shape[-1])
        carry.append(one + m + m2 / 2 + m2 @ m / 6 + m2 @ m2 / 24)
        begin, middle = (np.swapaxes(part, -1, -2) for part in (one + m + m2 / 2 + m2 @ m / 4, 4 * one + 2 * m + m2 / 2))
        for row in rows:
            at, own = np.flatnonzero(kind[row] == number), min(row, len(matrix) - 1)
            here = driven[row]
            poured = here[:, 2 * at] @ begin[own] + here[:, 2 * at + 1] @ middle[own]
            added[row][:, at] = hours / 6 * (poured + here[:, 2 * at + 2])
    every = np.stack(carry)
    own = np.minimum(rows, len(matrix) - 1)
    for number in range(kind.shape[1]):
        x = found[:, :, number, :, None]
        found[:, :, number + 1] = (every[kind[:, number], own] @ x)[..., 0] + added[:, :, number]
    return found


def _of_segment(matrix: Values, held: Values) -> Values:
    """``matrix`` (rows or 1, lanes or 1, segments or 1, n, n) in the segments ``held`` (rows, lanes or 1)."""
    if matrix.shape[2] == 1:
        return matrix[:, :, 0]
    row, lane = np.ogrid[: max(matrix.shape[0], held.shape[0]), : max(matrix.shape[1], held.shape[1])]
    few = held[np.minimum(row, held.shape[0] - 1), np.minimum(lane, held.shape[1] - 1)]
    return np.asarray(matrix[np.minimum(row, matrix.shape[0] - 1), np.minimum(lane, matrix.shape[1] - 1), few])


def _first(values: Mapping[str, Values]) -> dict[str, Values]:
    return {name: value[..., 0] for name, value in values.items()}


def _evaluated(
    structure: Structure, rates: list[Formula], values: Mapping[str, Values], level: Values, states: Mapping[str, float]
) -> Values:
    """Every rate at every point, (rows, lanes, points, states)."""
    known = _known(structure, values, level, states)
    found = [np.asarray(formula.evaluate(known)) for formula in rates]
    shape = np.broadcast_shapes(level.shape, *(value.shape for value in found))
    return np.stack([np.broadcast_to(value, shape) for value in found], axis=-1)


def _step(x: Values, matrix: Values, driven: Values, hours: Values) -> Values:
    """One Runge-Kutta step; ``driven`` at its beginning, middle and end; ``hours`` (rows)."""
    h = hours[:, None, None]

    def slope(y: Values, at: int) -> Values:
        return np.asarray((matrix @ y[..., None])[..., 0] + driven[:, :, at])

    k1 = slope(x, 0)
    k2 = slope(x + h / 2 * k1, 1)
    k3 = slope(x + h / 2 * k2, 1)
    k4 = slope(x + h * k3, 2)
    return np.asarray(x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4))
