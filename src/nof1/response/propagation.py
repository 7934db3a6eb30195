"""Concentrations where parameters change in time: amounts carried from event to event by matrix exponentials."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.errors import InputError
from nof1.knowledge.kinetics import Structure
from nof1.response.course import Course
from nof1.response.exponentials import central
from nof1.response.modes import carried, modes
from nof1.response.network import Network, exponential, matrix, network
from nof1.response.superposition import enters

Values = NDArray[Any]
_LEFT = 1e-10  # of a dose, when it no longer counts among the earlier ones of a steady train
_TRAIN, _FACTOR = 2000, 5.0  # earlier doses that are written out, at most
_JUST_AFTER = 1e-9  # hours: a value that holds from a dose on holds for this dose
_MANY = 500  # intervals of lanes, from which taking matrices apart pays
STOP, LOOK, BORDER, GIVE = range(4)  # what comes first among events at the same time


@dataclass(frozen=True, slots=True)
class Events:
    """What happens, in order, for each row and lane: ``time`` (rows, lanes, events) and, alike, ``kind``.

    ``jump`` (…, size): amounts added at once; ``pour`` (…, size): added to the rates of input; ``look``: which of the times
    asked for it is, else -1.
    """

    time: Values
    kind: Values
    jump: Values
    pour: Values
    look: Values

    def until(self, count: int) -> Events:
        """The first ``count`` of them."""
        return Events(*(getattr(self, name)[:, :, :count] for name in self.__slots__))


def concentrations(
    structure: Structure, parameters: Mapping[str, Values], course: Course, times: Values
) -> tuple[Values, Values | None]:
    """As ``superposition.concentrations``, with ``parameters`` (rows or 1, lanes or 1, segments)."""
    net = network(structure)
    course = trains(structure, parameters, course)
    shown = events(net, parameters, course, times, is_spread=False)
    amounts = _carried(net, parameters, course, shown, times)
    volume = at(parameters["V"], segment(course, times[:, None, :]))
    parent = amounts[..., net.central] / volume
    if net.metabolite < 0:
        return parent, None
    return parent, amounts[..., net.metabolite] / at(parameters["Vm"], segment(course, times[:, None, :]))


def trains(structure: Structure, parameters: Mapping[str, Values], course: Course) -> Course:
    """Steady trains written out as doses before the first one; raises ``InputError`` where that takes thousands."""
    if not (course.interval > 0).any():
        return course
    columns = np.flatnonzero((course.interval > 0).any(axis=0))
    count = _doses_before(structure, parameters, course)

    def earlier(values: Values) -> Values:
        return np.repeat(values[:, columns], count, axis=1)

    back = earlier(course.interval) * np.tile(np.arange(1, count + 1), len(columns))
    added = {
        "time": earlier(course.time) - back,
        "amount": np.where(back > 0, earlier(course.amount), 0.0),
        "duration": earlier(course.duration),
        "interval": np.zeros_like(back),
        "route": earlier(course.route),
    }
    kept = {name: getattr(course, name) for name in course.__slots__}
    joined = {name: np.concatenate([kept[name], values], axis=1) for name, values in added.items()}
    return Course(**{**kept, **joined, "interval": np.zeros_like(joined["time"])})


def _doses_before(structure: Structure, parameters: Mapping[str, Values], course: Course) -> int:
    """How many until less than ``_LEFT`` of one is left, for the slowest lane and the shortest interval.

    At most ``_TRAIN``, and at most ``_FACTOR`` times as many as a lane in the middle asks for: a draw so slow that nobody
    reaches its steady state has been given the drug that long.
    """
    rates = [central(parameters, structure.compartments).rate]
    rates += [parameters[name] for entry in structure.inputs for name in (entry.ka, entry.ktr) if name]
    if structure.metabolite:
        rates.append(parameters["CLm"] / parameters["Vm"])
    each = [-np.log(_LEFT) / np.real(rate) / float(course.interval[course.interval > 0].min()) for rate in rates]
    counts = [values[np.isfinite(values) & (values > 0)] for values in each]
    counts = [values for values in counts if values.size]
    slowest = max((float(values.max()) for values in counts), default=1.0)
    usual = max((float(np.median(values, axis=None)) for values in counts), default=1.0)
    if not usual < _TRAIN:
        half = usual * np.log(2) / -np.log(_LEFT) * float(course.interval[course.interval > 0].min())
        raise InputError(
            f"a dose at steady state: with a half-life of {half:.3g} h nothing repeats itself; give the doses one by one"
        )
    return int(np.ceil(min(slowest, _FACTOR * usual, _TRAIN)))


def events(net: Network, parameters: Mapping[str, Values], course: Course, times: Values, is_spread: bool = True) -> Events:
    """Every dose, end of an input, border of a segment and time asked for, sorted for each row and lane.

    With ``is_spread`` false there is one lane where all have the same events.
    """
    lanes = max(np.shape(values)[1] for values in parameters.values() if np.ndim(values) == 3) if is_spread else 1
    rows = len(course.time)
    parts: list[tuple[Values, int, Values, Values, Values]] = []
    blank = np.zeros((1, 1, 1, net.size))
    none = np.full((1, 1, 1), -1)
    for entry in net.entries:
        given = course.amount * enters(course, entry.input)
        columns = np.flatnonzero((given != 0).any(axis=0))
        if not len(columns):
            continue
        held = segment(course, course.time[:, None, columns] + (0.0 if course.is_backward else _JUST_AFTER))
        amount = given[:, None, columns] * _named(parameters, entry.input.bioavailability, held, 1.0)
        amount = amount * _named(parameters, entry.input.fraction, held, 1.0)
        start = course.time[:, None, columns] + _named(parameters, entry.input.lag, held, 0.0)
        here = np.eye(net.size)[entry.place]
        lasting = course.duration[:, None, columns] + _named(parameters, entry.input.duration, held, 0.0) * (
            course.duration[:, None, columns] == 0
        )
        is_slow = np.real(lasting) > 0
        pour = np.where(is_slow, amount / np.where(is_slow, lasting, 1), 0)[..., None] * here
        parts.append((start, GIVE, np.where(is_slow, 0, amount)[..., None] * here, pour, none))
        if is_slow.any():
            parts.append((start + lasting, STOP, blank, -pour, none))
    parts.append((times[:, None, :], LOOK, blank, blank, np.arange(times.shape[-1])[None, None, :]))
    if course.until.shape[1] > 1:
        parts.append((course.until[:, None, :-1], BORDER, blank, blank, none))
    return _sorted(parts, rows, lanes, net.size)


def _sorted(parts: list[tuple[Values, int, Values, Values, Values]], rows: int, lanes: int, size: int) -> Events:
    lanes = max([lanes, *(item.shape[1] for part in parts for item in (part[0], part[2], part[3]))])

    def wide(values: Any, count: int, *more: int) -> Values:
        return np.broadcast_to(values, (rows, lanes, count, *more))

    counts = [part[0].shape[-1] for part in parts]
    time = np.concatenate([wide(part[0], count) for part, count in zip(parts, counts, strict=True)], axis=2)
    kind = np.repeat([part[1] for part in parts], counts)
    order = np.lexsort((np.broadcast_to(kind, time.shape), np.real(time)))
    jump, pour = (
        np.concatenate([wide(part[which], count, size) for part, count in zip(parts, counts, strict=True)], axis=2)
        for which in (2, 3)
    )
    look = np.concatenate([wide(part[4], count) for part, count in zip(parts, counts, strict=True)], axis=2)
    return Events(
        np.take_along_axis(time, order, 2),
        kind[order],
        np.take_along_axis(jump, order[..., None], 2),
        np.take_along_axis(pour, order[..., None], 2),
        np.take_along_axis(look, order, 2),
    )


def _carried(net: Network, parameters: Mapping[str, Values], course: Course, shown: Events, times: Values) -> Values:
    """Amounts (rows, lanes, times, size) at the times asked for."""
    wanted = 1 + int(np.flatnonzero((shown.look >= 0).any(axis=(0, 1))).max(initial=-1))
    shown = shown.until(wanted)
    finite = np.isfinite(np.real(shown.time))
    time = np.where(finite, shown.time, np.max(np.real(shown.time), initial=0.0, where=finite))
    lasting = np.diff(time, axis=2)
    held = segment(course, np.real(time[:, :, :-1] + time[:, :, 1:]) / 2)
    rates = matrix(net, _needed(net, parameters))
    step = _step(net, rates, held, lasting)
    rows, count = len(time), time.shape[2]
    lanes = max(time.shape[1], rates.shape[1])
    amounts = np.zeros((rows, lanes, net.size), np.result_type(rates, lasting, shown.jump))
    poured = np.zeros_like(amounts)
    found = np.zeros((rows, lanes, times.shape[-1] + 1, net.size), amounts.dtype)
    row, lane = np.ix_(np.arange(rows), np.arange(lanes))
    for number in range(count):
        found[row, lane, shown.look[:, :, number]] = amounts
        amounts = amounts + shown.jump[:, :, number]
        poured = poured + shown.pour[:, :, number]
        if number + 1 < count:
            amounts = step(number, amounts, poured)
    return found[:, :, :-1]


def _step(net: Network, rates: Values, held: Values, lasting: Values) -> Callable[[int, Values, Values], Values]:
    """What carries amounts over the interval of a number: by modes where lanes are many and real, else by exponentials."""
    if (
        max(lasting.shape[1], rates.shape[1]) * lasting.size / lasting.shape[1] > _MANY
        and not np.iscomplexobj(lasting)
        and (found := modes(rates)) is not None
    ):
        return lambda number, amounts, poured: carried(found, held[:, :, number], lasting[:, :, number], amounts, poured)
    whole = _steps(net, rates, held, lasting)

    def step(number: int, amounts: Values, poured: Values) -> Values:
        own = whole[:, :, number]
        return np.asarray((own @ np.concatenate([amounts, poured], axis=-1)[..., None])[..., : net.size, 0])

    return step


def _steps(net: Network, rates: Values, held: Values, lasting: Values) -> Values:
    """For each interval ``[[exp(K t), integral of exp(K s) ds], [0, 1]]``, (rows, lanes, intervals, 2 size, 2 size)."""
    lanes = max(held.shape[1], rates.shape[1])
    held = np.broadcast_to(held, (held.shape[0], lanes, held.shape[2]))
    row, lane = np.ogrid[: held.shape[0], :lanes]
    top = [size - 1 for size in rates.shape[:3]]
    own = rates[np.minimum(row, top[0])[..., None], np.minimum(lane, top[1])[..., None], np.minimum(held, top[2])]
    whole = np.zeros((*held.shape, 2 * net.size, 2 * net.size), np.result_type(rates, lasting))
    whole[..., : net.size, : net.size] = own * lasting[..., None, None]
    whole[..., : net.size, net.size :] = np.eye(net.size) * lasting[..., None, None]
    return exponential(whole)


def _needed(net: Network, parameters: Mapping[str, Values]) -> dict[str, Values]:
    names = {"V", "CL", "Q", "V2", "Q3", "V3", "CLm", "Vm", "fm"}
    names |= {name for entry in net.entries for name in (entry.input.ka, entry.input.ktr) if name}
    return {name: np.asarray(parameters[name]) for name in names if name in parameters}


def segment(course: Course, time: Values) -> Values:
    """Which segment holds at ``time`` (rows, lanes, n); a border belongs to the segment that ends there."""
    return np.asarray((time[..., None] > course.until[:, None, None, :-1]).sum(axis=-1))


def at(values: Values, segment: Values) -> Values:
    """``values`` (rows or 1, lanes or 1, segments or 1) in the segments asked for, (rows, lanes, n)."""
    if values.shape[-1] == 1:
        return values
    rows, lanes = np.broadcast_shapes(values.shape[:2], segment.shape[:2])
    return np.take_along_axis(
        np.broadcast_to(values, (rows, lanes, values.shape[-1])),
        np.broadcast_to(segment, (rows, lanes, segment.shape[-1])),
        2,
    )


def _named(parameters: Mapping[str, Values], name: str, segment: Values, otherwise: float) -> Any:
    return at(np.asarray(parameters[name]), segment) if name else otherwise
