"""Regimens whose exposure no closed form gives: their doses are followed until they have had time to settle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.response.fit import Fit, followed_each, followed_multiples
from nof1.response.history import Dose
from nof1.response.measures import DAY, Exposures, stacked
from nof1.response.regimens import Regimen
from nof1.response.targets import Aim, is_inside

Values = NDArray[Any]
_SETTLED_HOURS = 24 * 14.0  # after which a saturable drug is looked at
_EFFECT_HOURS = 24 * 28.0  # after which an effect is looked at, and over which its time in range is counted
_WEEK = 24 * 7.0
_POINTS = 29  # at which followed levels are looked at, early and late


def followed_many(
    fit: Fit, etas: Values, weights: Values, regimens: Sequence[Regimen], aim: Aim, now: float, output: int
) -> Exposures:
    """As ``exposures``, by following the doses of every regimen until they have had time to settle."""
    rows = [_schedule(item, aim, now) for item in regimens]
    levels = _multiples(fit, etas, rows, output) if fit.prepared.is_driven else _each(fit, etas, rows, output)
    measured = [
        _of_followed(row, level, item.interval, aim) for row, level, item in zip(rows, levels, regimens, strict=True)
    ]
    return stacked(measured, weights)


def _each(fit: Fit, etas: Values, rows: Sequence[_Schedule], output: int) -> Sequence[Values]:
    """Levels (draws, times) of each of ``rows``; those that differ in the amount alone are integrated together."""
    found: dict[int, Values] = {}
    for members in _alike(rows).values():
        some = [rows[number] for number in members]
        levels = followed_each(fit, etas, np.array([row.times for row in some]), [(row.dose,) for row in some], output)
        found.update(zip(members, levels, strict=True))
    return [found[number] for number in range(len(rows))]


def _alike(rows: Sequence[_Schedule]) -> dict[Dose, list[int]]:
    """Places of those that differ in the amount alone, by their dose of one unit."""
    alike: dict[Dose, list[int]] = {}
    for number, row in enumerate(rows):
        alike.setdefault(replace(row.dose, amount=1.0), []).append(number)
    return alike


def _multiples(fit: Fit, etas: Values, rows: Sequence[_Schedule], output: int) -> Sequence[Values]:
    """As ``_each``; those that differ in the amount alone are followed together."""
    found: dict[int, Values] = {}
    for dose, members in _alike(rows).items():
        amounts = np.array([rows[number].dose.amount for number in members])
        levels = followed_multiples(fit, etas, rows[members[0]].times, dose, amounts, output)
        found.update(zip(members, levels, strict=True))
    return [found[number] for number in range(len(rows))]


@dataclass(frozen=True, slots=True)
class _Schedule:
    """The doses of a regimen, when to look (``early``, then ``late`` points), and the length of the last interval."""

    dose: Dose
    times: Values
    early: int


def _schedule(item: Regimen, aim: Aim, now: float) -> _Schedule:
    settled = _EFFECT_HOURS if aim.target.measure == "output" else _SETTLED_HOURS
    count = max(2, int(np.ceil(settled / item.interval)))
    last = now + (count - 1) * item.interval
    early = now + np.linspace(0, settled if aim.target.measure == "output" else max(DAY, item.interval), _POINTS)[1:]
    late = last + np.linspace(0, item.interval, _POINTS)[1:]
    dose = Dose(now, item.amount, item.route, item.duration, item.interval, count - 1)
    return _Schedule(dose, np.concatenate([early, late]), len(early))


def _of_followed(row: _Schedule, levels: Values, interval: float, aim: Aim) -> tuple[Values, ...]:
    """(steady, first, trough, peak, auc24, inside) of levels (draws, times)."""
    early, late = levels[:, : row.early], levels[:, row.early :]
    means = [
        np.trapezoid(np.concatenate([start, part], axis=1), axis=1) / part.shape[1]
        for start, part in ((early[:, :1], early), (late[:, -1:], late))
    ]
    trough, peak, auc24 = late[:, -1], late.max(axis=1), means[1] * DAY
    free = aim.target.free_fraction or 1.0
    inside = is_inside(aim, early * free).mean(axis=1)
    match aim.target.measure:
        case "auc24":
            return auc24 * free, means[0] * DAY * free, trough, peak, auc24, inside
        case "average":
            return means[1] * free, means[0] * free, trough, peak, auc24, inside
        case "peak":
            return peak * free, early.max(axis=1) * free, trough, peak, auc24, inside
        case "time_above":
            above = [(part * free > aim.threshold).mean(axis=1) for part in (late, early)]
            return above[0], above[1], trough, peak, auc24, inside
        case "output":
            week = min(row.early - 1, int(np.ceil(_WEEK / _EFFECT_HOURS * row.early)) - 1)
            return means[1], early[:, week], trough, peak, auc24, inside
    at_end = int(np.argmin(np.abs(row.times[: row.early] - row.dose.time - interval)))
    return trough * free, early[:, at_end] * free, trough, peak, auc24, inside
