"""The doses that suit one patient best: every regimen that exists and is allowed, priced over everything still possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.response.described import Interval, interval
from nof1.response.exposure import after_loading, exposures
from nof1.response.fit import Fit
from nof1.response.measures import Exposures, is_shape
from nof1.response.regimens import Regimen
from nof1.response.targets import Aim, is_inside, utility

Values = NDArray[Any]
_FIRST_HARM = 0.5  # harm of one day beside harm that lasts, which counts 1; a choice of ours
Weighted = Sequence[tuple[Fit, float]]  # models and their weights, which add up to 1


@dataclass(frozen=True, slots=True)
class Option:
    """A regimen: how likely its exposure at steady state is in, below and above the target, and toxic; and on the first day.

    ``exposure`` and ``first``: the target's measure at steady state and on the first day. ``trough``, ``peak`` and
    ``auc24`` at steady state beside it. ``utility``: by which options are ordered. ``time_in_range``: expected share of the
    weeks ahead within the target, where the course ahead is followed.
    """

    regimen: Regimen
    utility: float
    in_target: float
    below: float
    above: float
    toxic: float
    first_in_target: float
    first_toxic: float
    exposure: Interval
    first: Interval
    trough: Interval
    peak: Interval
    auc24: Interval
    time_in_range: float | None = None


def options(
    fits: Weighted, regimens: Sequence[Regimen], aim: Aim, now: float, most: int = 12, given: Regimen | None = None
) -> list[Option]:
    """The ``most`` best of ``regimens`` with their chances.

    Of two that are as good, the one ``given`` now, then the smaller dose a day, the interval of ``given``, the rarer dose.

    Where the target does not look at the shape of the levels, only the shortest infusion of a dose is priced.
    """
    if not regimens:
        return []
    alike = regimens if is_shape(aim) else shortest(regimens)
    joined = _joined([(exposures(fit, alike, aim, now), weight) for fit, weight in fits])
    worth = _worth(aim, joined.steady, joined.first) @ joined.weights

    def rank(n: int) -> tuple[float, ...]:
        item = alike[n]
        is_other = item.interval != (given.interval if given else 0.0)
        is_changed = given is None or is_other or (item.route, item.amount) != (given.route, given.amount)
        return -round(float(worth[n]), 3), is_changed, round(item.daily, 6), is_other, -item.interval, item.duration

    order = sorted(range(len(alike)), key=rank)
    return [_option(alike[n], joined, n, aim, float(worth[n])) for n in order[:most]]


def _worth(aim: Aim, steady: Values, first: Values) -> Values:
    """What an exposure at steady state is worth, less where the first day already does harm."""
    return np.asarray(utility(aim, steady) - _FIRST_HARM * (first > aim.toxic))


def shortest(regimens: Sequence[Regimen]) -> list[Regimen]:
    """Of regimens that differ in the length of the infusion alone, the shortest."""
    kept: dict[tuple[str, float, float], Regimen] = {}
    for item in sorted(regimens, key=lambda regimen: regimen.duration):
        kept.setdefault((item.route, item.amount, item.interval), item)
    return list(kept.values())


def loading_options(fits: Weighted, loading: Sequence[Regimen], then: Regimen, aim: Aim, now: float) -> list[Option]:
    """First doses of another size before ``then`` goes on, by what the first day is worth; the best first."""
    if not loading:
        return []
    joined = _joined([(after_loading(fit, loading, then, aim, now), weight) for fit, weight in fits])
    worth = utility(aim, joined.first) @ joined.weights
    made = [_option(item, joined, number, aim, float(worth[number])) for number, item in enumerate(loading)]
    return sorted(made, key=lambda option: (-round(option.utility, 3), option.regimen.amount, option.regimen.duration))


def _joined(found: Sequence[tuple[Exposures, float]]) -> Exposures:
    """Draws of all models side by side, each with its share of the model's weight."""
    first = found[0][0]

    def side(name: str) -> Values:
        return np.concatenate([getattr(part, name) for part, _ in found], axis=1)

    return replace(
        first,
        steady=side("steady"),
        first=side("first"),
        trough=side("trough"),
        peak=side("peak"),
        auc24=side("auc24"),
        inside=side("inside"),
        weights=np.concatenate([weight * part.weights for part, weight in found]),
    )


def _option(regimen: Regimen, joined: Exposures, number: int, aim: Aim, worth: float) -> Option:
    weights, steady, first = joined.weights, joined.steady[number], joined.first[number]

    def chance(which: Values) -> float:
        return float(weights @ which)

    return Option(
        regimen,
        worth,
        chance(is_inside(aim, steady)),
        chance(steady < aim.low),
        chance(steady > aim.high),
        chance(steady > aim.toxic),
        chance(is_inside(aim, first)),
        chance(first > aim.toxic),
        interval(steady, weights),
        interval(first, weights),
        interval(joined.trough[number], weights),
        interval(joined.peak[number], weights),
        interval(joined.auc24[number], weights),
        None if np.isnan(joined.inside[number]).any() else chance(joined.inside[number]),
    )
