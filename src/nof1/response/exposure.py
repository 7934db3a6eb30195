"""What a regimen leads to in one patient: exposure at steady state and over the first day, for every draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.response import superposition
from nof1.response.ahead import followed_many
from nof1.response.course import course
from nof1.response.fit import Fit, ahead_history, followed, typical
from nof1.response.history import Dose
from nof1.response.measures import DAY, Exposures, is_shape, output_of, stacked
from nof1.response.predict import is_linear, parameters, predict
from nof1.response.prepared import prepare
from nof1.response.regimens import Regimen
from nof1.response.targets import Aim

Values = NDArray[Any]
_GRID = 49  # points within an interval, where a share of time or an area has no closed form
_FEW_POINTS = 25  # over what the history leaves, where only its area and few levels are looked at
_DRAWS = 1000  # draws that regimens are priced over, picked evenly from the posterior
_FEW = 400  # and where every regimen has to be integrated


def exposures(fit: Fit, regimens: Sequence[Regimen], aim: Aim, now: float) -> Exposures:
    """Exposures to each of ``regimens``, begun at ``now`` after the history of ``fit``."""
    output = output_of(fit, aim)
    chosen = fit.posterior.picked(_DRAWS if is_linear(fit.prepared) else min(_FEW, len(fit.posterior.etas)))
    etas, weights = fit.posterior.etas[chosen], np.full(len(chosen), 1 / len(chosen))
    if not is_linear(fit.prepared):
        return followed_many(fit, etas, weights, regimens, aim, now, output)
    shapes = list(dict.fromkeys((item.route, item.interval, item.duration) for item in regimens))
    settled = {shape: _settled(fit, etas, shape, aim, output) for shape in shapes}
    left = _left(fit, etas, regimens, aim, now, output)
    begun = {shape: _begun(fit, etas, shape, left.hours, aim, output) for shape in shapes}
    rows = [_priced(settled[key], left, begun[key], item.amount, aim) for item in regimens for key in [_shape(item)]]
    return stacked(rows, weights)


def after_loading(fit: Fit, loading: Sequence[Regimen], then: Regimen, aim: Aim, now: float) -> Exposures:
    """As ``exposures`` of ``then``, where each of ``loading`` is given first and ``then`` follows after its interval."""
    chosen = fit.posterior.picked(_FEW)
    usual = exposures(fit, [then], aim, now)
    few = (np.arange(len(chosen)) * len(usual.weights)) // len(chosen)
    settled = [values[0, few] for values in _values(usual)]
    etas = fit.posterior.etas[chosen]
    rows = [(settled[0], _first_day(fit, etas, item, then, aim, now), *settled[2:]) for item in loading]
    return stacked(rows, np.full(len(chosen), 1 / len(chosen)))


def _values(found: Exposures) -> tuple[Values, ...]:
    return found.steady, found.first, found.trough, found.peak, found.auc24, found.inside


def _first_day(fit: Fit, etas: Values, first: Regimen, then: Regimen, aim: Aim, now: float) -> Values:
    """The target's measure over the first day of ``first`` and then ``then``, (draws)."""
    count = max(0, int(np.ceil(DAY / then.interval)) - 1)
    follows = Dose(now + then.interval, then.amount, then.route, then.duration, then.interval, count - 1)
    doses = (Dose(now, first.amount, first.route, first.duration), *([follows] if count else []))
    free = aim.target.free_fraction or 1.0
    if aim.target.measure in ("auc24", "average"):
        area = area_between(fit, etas, now, now + DAY, doses)
        return area * free / (DAY if aim.target.measure == "average" else 1.0)
    times = now + np.unique(np.append(np.linspace(0, DAY, _GRID)[1:], then.interval))
    levels = followed(fit, etas, times, doses).value[0] * free
    if aim.target.measure == "peak":
        return np.asarray(levels.max(axis=1))
    if aim.target.measure == "time_above":
        return np.asarray((levels > aim.threshold).mean(axis=1))
    return np.asarray(levels[:, int(np.argmin(np.abs(times - now - then.interval)))])


def _shape(item: Regimen) -> tuple[str, float, float]:
    return item.route, item.interval, item.duration


@dataclass(frozen=True, slots=True)
class _Unit:
    """Of one unit every interval: levels over the interval (draws, grid) at steady state, and what the target looks at."""

    interval: float
    levels: Values
    trough: Values
    peak: Values
    area: Values
    aimed: Values


def _settled(fit: Fit, etas: Values, shape: tuple[str, float, float], aim: Aim, output: int) -> _Unit:
    route, interval, duration = shape
    arrays = course(fit.model, [ahead_history(fit, (Dose(0.0, 1.0, route, duration, interval, 0, True),))])
    plain = fit.model.outputs[output].formula == "c"
    is_timed = duration > 0 and aim.target.measure != "time_above" and plain
    grid = np.array([interval]) if is_timed else np.linspace(0, interval, _GRID)[1:]
    at_peak = min(duration + aim.target.peak_after, interval) if duration or aim.target.peak_after else np.nan
    times = np.append(grid, [at_peak] if np.isfinite(at_peak) else [])
    full = typical(fit, etas)
    single = prepare(fit.model)
    levels = predict(single, arrays, full[None], times[None], np.full((1, len(times)), output)).value[0]
    within = levels[:, : len(grid)]
    peak = levels[:, -1] if np.isfinite(at_peak) else within.max(axis=1)
    peak = np.maximum(peak, within.max(axis=1)) if not aim.target.peak_after else peak
    area = _mean_level(fit, single, full, arrays, shape, within, plain)
    return _Unit(interval, within, within[:, -1], peak, area * DAY, peak)


def _mean_level(
    fit: Fit, single: Any, full: Values, arrays: Any, shape: tuple[str, float, float], within: Values, plain: bool
) -> Values:
    """The mean level of a repeated unit: what one dose leaves under its curve, for ever, over the interval."""
    route, interval, _ = shape
    names = parameters(single, arrays, full[None])
    entries = [entry for entry in fit.model.structure.inputs if route in entry.routes]
    share: Any = 0.0
    for entry in entries:
        part: Any = 1.0
        for name in (entry.bioavailability, entry.fraction):
            part = part * (np.asarray(names[name]).reshape(-1) if name else 1.0)
        share = share + part
    if plain:
        return np.broadcast_to(share / np.asarray(names["CL"]).reshape(-1), (len(full),)) / interval
    closed = np.concatenate([within[:, -1:], within], axis=1)
    return np.asarray(np.trapezoid(closed, dx=interval / (_GRID - 1), axis=1) / interval)


@dataclass(frozen=True, slots=True)
class _Left:
    """What the history leaves after now: levels (draws, times) at ``hours`` after it, and the area of the first day."""

    hours: Values
    levels: Values
    area: Values


def _left(fit: Fit, etas: Values, regimens: Sequence[Regimen], aim: Aim, now: float, output: int) -> _Left:
    intervals = sorted({item.interval for item in regimens})
    longest = max(DAY, *intervals)
    hours = np.unique(np.concatenate([np.linspace(0, longest, 2 * _GRID - 1 if is_shape(aim) else _FEW_POINTS), intervals]))
    nothing = (Dose(now, 1e-12, regimens[0].route),)
    levels = followed(fit, etas, now + hours, nothing, output).value[0]
    day = hours <= DAY
    return _Left(hours, levels, np.asarray(np.trapezoid(levels[:, day], hours[day], axis=1)))


@dataclass(frozen=True, slots=True)
class _Begun:
    """What one unit of each dose of the first day adds: levels (draws, hours of ``_Left``) and the area."""

    levels: Values
    area: Values


def _begun(fit: Fit, etas: Values, shape: tuple[str, float, float], hours: Values, aim: Aim, output: int) -> _Begun:
    route, interval, duration = shape
    count = max(1, int(np.ceil(DAY / interval)))
    alone = ahead_history(fit, (Dose(0.0, 1.0, route, duration, interval, count - 1),))
    arrays, single, full = course(fit.model, [alone]), prepare(fit.model), typical(fit, etas)
    plain = fit.model.outputs[output].formula == "c" and superposition.has_area(fit.model.structure, arrays)
    seen = np.ones(len(hours), bool) if is_shape(aim) or not plain else hours == interval
    levels = np.zeros((len(full), len(hours)))
    levels[:, seen] = predict(single, arrays, full[None], hours[None, seen], np.full((1, int(seen.sum())), output)).value[0]
    if not plain:
        day = hours <= DAY
        return _Begun(levels, np.asarray(np.trapezoid(levels[:, day], hours[day], axis=1)))
    names = parameters(single, arrays, full[None])
    own = {item.name: np.asarray(names[item.name]).reshape(1, -1) for item in fit.model.parameters}
    area = superposition.areas(fit.model.structure, own, arrays, np.array([[DAY]]))[0, :, 0]
    return _Begun(levels, np.broadcast_to(area, (len(etas),)))


def area_between(fit: Fit, etas: Values, start: float, end: float, doses: tuple[Dose, ...], output: int = 0) -> Values:
    """Area under the level from ``start`` to ``end`` when ``doses`` follow the history, (draws)."""
    history = fit.fitting.history
    assert history is not None
    arrays = course(fit.model, [replace(history, doses=(*history.doses, *doses), levels=())])
    plain = fit.model.outputs[output].formula == "c" and arrays.until.shape[1] == 1
    if plain and superposition.has_area(fit.model.structure, arrays):
        names = parameters(fit.prepared, arrays, etas[None])
        own = {item.name: np.asarray(names[item.name]).reshape(1, -1) for item in fit.model.parameters}
        both = superposition.areas(fit.model.structure, own, arrays, np.array([[start, end]]))
        return np.broadcast_to(both[0, :, 1] - both[0, :, 0], (len(etas),))
    times = np.linspace(start, end, 4 * _GRID)
    levels = followed(fit, etas, times, doses, output).value[0]
    return np.asarray(np.trapezoid(levels, times, axis=1))


def _priced(unit: _Unit, left: _Left, begun: _Begun, amount: float, aim: Aim) -> tuple[Values, ...]:
    """(steady, first, trough, peak, auc24, inside) of ``amount``; everything is linear in it."""
    trough, peak, auc24 = amount * unit.trough, amount * unit.peak, amount * unit.area
    first = left.levels + amount * begun.levels
    measure, unknown = aim.target.measure, np.full(len(trough), np.nan)
    free = aim.target.free_fraction or 1.0
    at_end = int(np.argmin(np.abs(left.hours - unit.interval)))
    match measure:
        case "auc24":
            return auc24 * free, (left.area + amount * begun.area) * free, trough, peak, auc24, unknown
        case "average":
            return auc24 / DAY * free, (left.area + amount * begun.area) / DAY * free, trough, peak, auc24, unknown
        case "trough":
            return trough * free, first[:, at_end] * free, trough, peak, auc24, unknown
        case "peak":
            return peak * free, first.max(axis=1) * free, trough, peak, auc24, unknown
        case "time_above":
            steady = (amount * unit.levels * free > aim.threshold).mean(axis=1)
            return steady, (first * free > aim.threshold).mean(axis=1), trough, peak, auc24, unknown
    return trough, first[:, at_end], trough, peak, auc24, unknown
