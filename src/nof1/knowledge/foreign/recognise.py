"""Which of our structures a system of differential equations is, by its numbers at random states and parameters.

The text of the equations is not compared: however they are written, the same system gives the same numbers. What fits
no structure is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nof1.errors import RequestError

Array = NDArray[np.float64]
Rates = Callable[[Array], Array]  # (draws, states) -> (draws, states), amounts an hour
_CLOSE = 1e-8
_LEVELS = (0.3, 1.7, 9.0, 40.0)


@dataclass(frozen=True, slots=True)
class Found:
    """Compartments by their number, and what each draw gives. Arrays are (draws,).

    ``depot``: -1 for none. ``k10``: linear elimination an hour (0 where there is none); ``inward`` and ``outward``: the rate
    constants from and to the central compartment, one a peripheral compartment. ``vmax``, ``km`` (amounts): empty if linear.
    """

    central: int
    depot: int
    peripheral: tuple[int, ...]
    k10: Array
    outward: tuple[Array, ...]
    inward: tuple[Array, ...]
    absorption: Array
    vmax: Array
    km: Array


def recognise(rates: Rates, count: int, draws: int, ends: tuple[int, int], place: str) -> Found:
    """The structure of ``count`` compartments; ``ends``: the one that is measured, the one that is dosed.

    Raises ``RequestError``: what of it fits no structure.
    """
    central, dosed = ends
    rng = np.random.default_rng(20261126)  # probes only: no result depends on which numbers they are
    matrix = np.stack([rates(_unit(draws, count, index)) for index in range(count)], axis=-1)
    others = [index for index in range(count) if index != central]
    linear = _without(matrix, central)
    state = rng.uniform(0.5, 20.0, (draws, count))
    still = rates(np.zeros_like(state))
    _must(bool(np.all(np.isfinite(still))), place, "the equations give no number while a compartment is empty")
    _must(not np.any(still), place, "drug flows although all is empty")
    alone = np.zeros_like(state)
    alone[:, central] = state[:, central]
    left, right = rates(state), np.einsum("dij,dj->di", linear, state) + rates(alone)
    right[:, others] = np.einsum("dij,dj->di", matrix, state)[:, others]
    _must(_same(left, right), place, "the equations are not linear outside the central compartment")
    depot = -1 if dosed == central else dosed
    peripheral = tuple(index for index in others if index != depot)
    _must(len(peripheral) <= 2, place, f"{len(peripheral)} compartments beside the central one and the depot; 2 at most")
    _check_flows(matrix, central, depot, peripheral, place)
    outward = tuple(matrix[:, index, central] for index in peripheral)
    leaving = np.stack([-rates(alone * 0 + _unit(draws, count, central) * level)[:, central] for level in _LEVELS], axis=-1)
    leaving = leaving / np.array(_LEVELS) - sum(outward, np.zeros(draws))[:, None]
    k10, vmax, km = _elimination(leaving, place)
    inward = tuple(matrix[:, central, index] for index in peripheral)
    absorption = matrix[:, central, depot] if depot >= 0 else np.zeros(0)
    return Found(central, depot, peripheral, k10, outward, inward, absorption, vmax, km)


def _unit(draws: int, count: int, index: int) -> Array:
    made = np.zeros((draws, count))
    made[:, index] = 1.0
    return made


def _without(matrix: Array, central: int) -> Array:
    made = matrix.copy()
    made[:, :, central] = 0.0
    return made


def _same(left: Array, right: Array) -> bool:
    if not (np.all(np.isfinite(left)) and np.all(np.isfinite(right))):
        return False
    scale = np.maximum(np.abs(left), np.abs(right)).max(axis=-1, keepdims=True)
    return bool(np.all(np.abs(left - right) <= _CLOSE * np.maximum(scale, 1e-300)))


def _must(holds: bool, place: str, text: str) -> None:
    if not holds:
        raise RequestError(f"{place}: {text}; known are 1 to 3 compartments with a depot, and Michaelis-Menten elimination")


def _check_flows(matrix: Array, central: int, depot: int, peripheral: Sequence[int], place: str) -> None:
    """What flows between compartments goes from and to the central one, and nothing is lost on the way."""
    expected = np.zeros_like(matrix)
    expected[:, :, central] = matrix[:, :, central]
    if depot >= 0:
        _must(not np.any(matrix[:, depot, central]), place, "drug flows back into the compartment that is dosed")
        expected[:, central, depot] = matrix[:, central, depot]
        expected[:, depot, depot] = -matrix[:, central, depot]
    for index in peripheral:
        expected[:, central, index] = matrix[:, central, index]
        expected[:, index, index] = -matrix[:, central, index]
        both = np.all(matrix[:, index, central] != 0) and np.all(matrix[:, central, index] != 0)
        _must(bool(both), place, f"compartment {index + 1} does not exchange with the central one")
    flat = (len(matrix), -1)
    _must(_same(matrix.reshape(flat), expected.reshape(flat)), place, "the flows between compartments fit none")


def _elimination(leaving: Array, place: str) -> tuple[Array, Array, Array]:
    """Elimination a unit of amount at each of the levels (draws, levels): constant, or k10 + vmax / (km + amount)."""
    empty = np.zeros(0)
    if _same(leaving, np.repeat(leaving[:, :1], leaving.shape[1], axis=1)):
        return leaving[:, 0], empty, empty
    a, b, c = _LEVELS[:3]
    with np.errstate(all="ignore"):
        ratio = (leaving[:, 0] - leaving[:, 1]) * (c - b) / ((leaving[:, 1] - leaving[:, 2]) * (b - a))
        km = (c - ratio * a) / (ratio - 1)
        vmax = (leaving[:, 0] - leaving[:, 1]) * (km + a) * (km + b) / (b - a)
        k10 = leaving[:, 0] - vmax / (km + a)
        expected = k10[:, None] + vmax[:, None] / (km[:, None] + np.array(_LEVELS))
    fits = bool(np.all(np.isfinite(expected))) and bool(np.all(np.abs(expected - leaving) <= 1e-6 * np.abs(leaving)))
    _must(fits, place, "elimination from the central compartment is neither linear nor Michaelis-Menten")
    return np.where(np.abs(k10) <= 1e-6 * np.abs(leaving[:, 0]), 0.0, k10), vmax, km
