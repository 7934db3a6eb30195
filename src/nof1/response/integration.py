"""Concentrations and effects that no closed form gives: saturable elimination, states driven by the level. By SciPy.

All rows and lanes are integrated together, each on its own clock: between two events of its own the time of a lane runs
from 0 to 1. They share the steps, also complex ones, so that an imaginary step in a parameter gives the exact derivative
of what is computed. Depots are not among what is integrated; what leaves them is known (``depots``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.errors import InputError
from nof1.knowledge.formula import parse
from nof1.knowledge.kinetics import Structure
from nof1.response.course import Course
from nof1.response.depots import Emptying, closed
from nof1.response.network import Network, network
from nof1.response.propagation import Events, at, events, segment, trains
from nof1.response.rates import Rates, rates_of
from nof1.response.runge_kutta import FIRST, solved

Values = NDArray[Any]
TOLERANCE = 2e-10
_COUNTS = 0.01  # of all amounts: so little of one compartment is followed no closer than that
_SEARCHING = 1e-7  # the tolerance on the way to an estimate, which ends with steps at the full one
_ROUGH, _MANY = 1e-6, 100  # the tolerance of draws, and how many lanes are draws: their own spread is far larger


@dataclass(frozen=True, slots=True)
class Found:
    """Each (rows, lanes, times): concentrations of ``parent`` and ``metabolite``, ``states``, ``area`` under the first."""

    parent: Values
    metabolite: Values | None
    states: Mapping[str, Values]
    area: Values | None = None


def integrate(
    structure: Structure,
    parameters: Mapping[str, Any],
    course: Course,
    times: Values,
    has_area: bool = False,
    is_searching: bool = False,
) -> Found:
    """``parameters`` by name: (rows or 1, lanes or 1, segments or 1), or numbers. Raises ``InputError`` without SciPy."""
    net = network(structure)
    arrays = {name: np.asarray(value) for name, value in parameters.items()}
    arrays = {name: value if value.ndim == 3 else value.reshape(1, 1, 1) for name, value in arrays.items()}
    course = _spread(structure, arrays, course)
    tolerance = _SEARCHING if is_searching else TOLERANCE
    out = _amounts(net, arrays, course, times, has_area, tolerance)
    held = segment(course, times[:, None, :])
    parent = out[..., net.central] / at(arrays["V"], held)
    other = out[..., net.metabolite] / at(arrays["Vm"], held) if net.metabolite >= 0 else None
    states = {state.name: out[..., net.size + number] for number, state in enumerate(structure.states)}
    return Found(parent, other, states, out[..., -1] if has_area else None)


def _spread(structure: Structure, arrays: Mapping[str, Values], course: Course) -> Course:
    if not (course.interval > 0).any():
        return course
    if structure.elimination == "linear":
        return trains(structure, arrays, course)
    raise InputError(
        "a dose at steady state with saturable elimination has no closed form; give the earlier doses one by one"
    )


def _amounts(
    net: Network, arrays: Mapping[str, Values], course: Course, times: Values, has_area: bool, tolerance: float
) -> Values:
    """Amounts, states and, if asked for, the area under the level: (rows, lanes, times, width) at the times asked for."""
    shown = events(net, arrays, course, times)
    shown = shown.until(1 + int(np.flatnonzero((shown.look >= 0).any(axis=(0, 1))).max(initial=-1)))
    finite = np.isfinite(np.real(shown.time))
    time = np.where(finite, shown.time, np.max(np.real(shown.time), initial=0.0, where=finite))
    middle = np.real(time[:, :, :-1] + time[:, :, 1:]) / 2
    held = segment(course, np.concatenate([np.real(time[:, :, :1]), middle], axis=2))
    kind = np.result_type(float, time, shown.jump, *arrays.values())
    rows, lanes, count = time.shape
    way = _Way(net, arrays, held, has_area, _ROUGH if lanes >= _MANY and kind == np.float64 else tolerance)
    alike = _alike(arrays, shown, time, held)
    y = way.begin((1 if alike > 1 else rows, lanes), kind)
    poured = np.zeros_like(y[: net.size])
    found = np.zeros((rows, lanes, times.shape[-1] + 1, len(y)), kind)
    row, lane = np.ix_(np.arange(rows), np.arange(lanes))
    for number in range(count):
        if number + 1 >= alike and y.shape[1] < rows:
            y, poured = np.repeat(y, rows, axis=1), np.repeat(poured, rows, axis=1)
        some = slice(0, y.shape[1])
        found[row, lane, shown.look[:, :, number]] = np.moveaxis(y, 0, -1)
        jump, pour = (np.moveaxis(part[some, :, number], -1, 0) for part in (shown.jump, shown.pour))
        y[: net.size] += jump
        poured += pour
        if number + 1 < count:
            hours = time[:, :, number + 1] - time[:, :, number]
            y = way.carried(number + 1, y, poured, hours[some], is_new=bool(jump.any() or pour.any()))
    return found[:, :, :-1]


def _alike(arrays: Mapping[str, Values], shown: Events, time: Values, held: Values) -> int:
    """How many events, from the first on, all rows have in common; 0 where they differ in parameters, or for one row."""
    if len(time) == 1 or any((value != value[:1]).any() for value in arrays.values()):
        return 0
    parts = (time, shown.look, held, shown.jump, shown.pour)
    same = [(part == part[:1]).reshape(*part.shape[:3], -1).all(axis=(0, 1, 3)) for part in parts]
    return int(np.append(np.all(same, axis=0), False).argmin())


class _Way:
    """Carries amounts, states and area (width, rows, lanes) from event to event; remembers which steps were good enough."""

    def __init__(self, net: Network, arrays: Mapping[str, Values], held: Values, has_area: bool, tolerance: float) -> None:
        self._net, self._arrays, self._held, self._tolerance = net, arrays, held, tolerance
        self._chains = closed(net)
        known = {place for chain in self._chains for place in chain.places}
        self._width = net.size + len(net.structure.states) + has_area
        self._own = [place for place in range(self._width) if place not in known]
        self._fresh = self._next = np.nan  # hours of the first good step after a dose, and of the one to come
        self._rates: tuple[int, int, Rates] | None = None

    def begin(self, shape: tuple[int, int], kind: Any) -> Values:
        """Nothing in any compartment, and states at their start."""
        first, y = self._values(0, shape[0]), np.zeros((self._width, *shape), kind)
        for number, state in enumerate(self._net.structure.states, start=self._net.size):
            y[number] = parse(state.start).evaluate(first)
        return y

    def carried(self, number: int, y: Values, poured: Values, hours: Values, is_new: bool) -> Values:
        """``y`` at event ``number``, ``hours`` (rows, lanes) after the one before; ``is_new``: that one was a dose."""
        longest = float(np.real(hours).max())
        if not longest > 0:
            return y
        rates = self._held_rates(number, y.shape[1])
        hours = hours[:, :1] if (hours == hours[:, :1]).all() else hours
        parts = [
            Emptying(y[list(chain.places)], poured[chain.places[0]] * hours, rates.values[chain.rate] * hours)
            for chain in self._chains
        ]
        flowing = [
            (self._own.index(chain.into), part) for chain, part in zip(self._chains, parts, strict=True) if not part.is_empty
        ]

        def arriving(shares: Values) -> list[list[tuple[int, Values]]]:
            flows = [(into, part.leaving(shares)) for into, part in flowing if not part.is_over(shares[0])]
            return [[(into, flow[stage]) for into, flow in flows] for stage in range(len(shares))]

        floor = self._tolerance * self._sizes(y, poured * hours, hours / rates.values["V"])
        tried = (self._fresh if is_new else self._next) / longest
        change = rates.during(hours, poured[self._own[: rates.size]])
        found = solved(change, arriving, y[self._own], floor, self._tolerance, tried if tried > 0 else FIRST)
        if found is None:
            raise InputError(
                f"the model could not be integrated over {longest:g} h in so many steps; look at doses and covariates"
            )
        if is_new:
            self._fresh = found.first * longest
        self._next = found.next * longest
        y = y.copy()
        y[self._own] = found.y
        for chain, part in zip(self._chains, parts, strict=True):
            y[list(chain.places)] = part.left()
        return y

    def _sizes(self, y: Values, coming: Values, per_volume: Values) -> Values:
        """What counts as much of each that is integrated, (width, 1, 1): what is there, or a share of all there is."""

        def most(values: Values, axis: tuple[int, ...] | None) -> Any:
            return np.abs(values.real).max(axis=axis, initial=0.0, where=np.isfinite(values.real))

        sizes, amounts = most(y, (1, 2)), self._net.size
        least = _COUNTS * max(most(y[:amounts], None), most(coming, None))
        sizes[:amounts] = np.maximum(sizes[:amounts], least)
        if self._width > amounts + len(self._net.structure.states):
            sizes[-1] = max(sizes[-1], least * most(per_volume, None))
        return np.asarray(np.maximum(sizes[self._own], 1e-12)[:, None, None])

    def _held_rates(self, number: int, rows: int) -> Rates:
        """The rates that hold up to event ``number``; made anew where a parameter may change."""
        known = self._rates
        if known is not None and known[1] == rows and np.array_equal(self._held[:, :, known[0]], self._held[:, :, number]):
            return known[2]
        made = rates_of(self._net, self._own, self._values(number, rows))
        self._rates = number, rows, made
        return made

    def _values(self, number: int, rows: int) -> dict[str, Values]:
        """Every parameter up to event ``number``, (rows or 1, lanes or 1)."""
        held = self._held[:rows, :, number : number + 1]
        return {name: at(value[:rows], held)[..., 0] for name, value in self._arrays.items()}
