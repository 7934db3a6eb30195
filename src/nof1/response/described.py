"""A fit as a reader sees it: levels against predictions, parameters against the typical patient, curves with bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.response.case import Case
from nof1.response.course import LIMITS
from nof1.response.covariates import Concern, Used
from nof1.response.fit import Fit, followed
from nof1.response.history import Dose
from nof1.response.mixing import even, mixed, shares
from nof1.response.posterior import quantiles
from nof1.response.predict import parameters, predict
from nof1.response.regimens import Regimen

Values = NDArray[Any]
SHARES = np.array([0.05, 0.5, 0.95])
_POINTS = 241  # of a curve
_BACK = 24 * 14.0  # hours that a curve looks back
_AHEAD = 48.0
_AHEAD_OF_EFFECT = 24 * 14.0  # where what is measured follows the level slowly


@dataclass(frozen=True, slots=True)
class Interval:
    """The 5th percentile, the median and the 95th percentile."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class LevelFit:
    """A level, and what was predicted of it before and after levels were known, by all models with their weights.

    ``unlikely``: how unlikely it is beforehand by ``model``, the one that explains the levels best.
    """

    time: float
    value: float
    limit: str
    output: str
    beforehand: Interval
    afterwards: Interval
    unlikely: float
    model: str


@dataclass(frozen=True, slots=True)
class Mine:
    """A parameter: the ``typical`` value for these covariates, and this patient's."""

    name: str
    unit: str
    typical: float
    here: Interval


@dataclass(frozen=True, slots=True)
class ModelFit:
    """A model in the answer and its ``weight``. ``used``: its covariates, by title, in words.

    ``method``, ``effective`` draws and ``pareto_k`` (none where chains were needed) tell how its posterior was found and how
    far it can be trusted.
    """

    id: str
    title: str
    population: str
    people: int
    source: str
    status: str
    weight: float
    parameters: tuple[Mine, ...]
    used: Mapping[str, str]
    concerns: tuple[Concern, ...]
    method: str
    effective: float
    pareto_k: float | None


@dataclass(frozen=True, slots=True)
class Curve:
    """Levels at ``times`` (points, hours): 5 %, 50 % and 95 % (3, points) before and after the levels were known.

    From now on doses are those of the best option. ``model``: the one that explains the levels best; ``models``: all that
    are mixed here, by id, with their weights.
    """

    model: str
    models: Mapping[str, float]
    times: Values
    beforehand: Values
    afterwards: Values


def interval(values: Values, weights: Values) -> Interval:
    """The interval of ``values`` (draws)."""
    return Interval(*(float(value) for value in quantiles(values, weights, SHARES)))


def levels(weighted: Sequence[tuple[Fit, float]]) -> tuple[LevelFit, ...]:
    """Every level of the history."""
    best = max(weighted, key=lambda pair: pair[1])[0]
    if not best.course.is_level.any():
        return ()
    parts = mixed(weighted)
    before = np.concatenate([_at_levels(part.fit, part.beforehand) for part in parts])
    after = np.concatenate([_at_levels(part.fit, part.fit.posterior.etas[part.rows]) for part in parts])
    return tuple(
        LevelFit(
            float(best.course.level_time[0, n]),
            float(best.course.level[0, n]),
            LIMITS[int(best.course.limit[0, n])],
            best.model.outputs[int(best.course.output[0, n])].name,
            interval(before[:, n], even(before)),
            interval(after[:, n], even(after)),
            float(best.unlikely[n]),
            best.model.id,
        )
        for n in range(best.course.level.shape[1])
    )


def _at_levels(fit: Fit, etas: Values) -> Values:
    """What is predicted at each level (draws, levels)."""
    return np.asarray(predict(fit.prepared, fit.course, etas[None], fit.course.level_time, fit.course.output).value[0])


def model_fit(fitted: Fit, weight: float) -> ModelFit:
    """The model, its covariates and parameters, as they are last in the history."""
    model, draws = fitted.model, fitted.posterior
    mine = parameters(fitted.prepared, fitted.course, draws.etas[None])
    usual = parameters(fitted.prepared, fitted.course, np.zeros((1, 1, fitted.prepared.size)))
    found = tuple(
        Mine(
            item.name,
            item.unit,
            float(_last(usual[item.name])[0]),
            interval(_over(mine[item.name], draws.etas), draws.weights),
        )
        for item in model.parameters
    )
    used = {item.title or item.name: _value(item) for item in fitted.fitting.used}
    return ModelFit(
        *(model.id, model.title, model.population, model.people, model.source, model.status, weight, found, used),
        *(fitted.fitting.concerns, draws.method, draws.effective, draws.pareto_k if np.isfinite(draws.pareto_k) else None),
    )


def _value(item: Used) -> str:
    """The value that holds last, and where it comes from."""
    unit = "" if item.unit == "1" else f" {item.unit}"
    return f"{item.series[-1][1]:.4g}{unit} ({item.origin})"


def _last(values: Any) -> Values:
    """(lanes) in the last segment."""
    array = np.asarray(values)
    return array.reshape(-1) if array.ndim < 3 else array[0, :, -1]


def _over(values: Any, etas: Values) -> Values:
    return np.broadcast_to(_last(values), (len(etas),))


def curve(case: Case, weighted: Sequence[tuple[Fit, float]], ahead: Regimen | None) -> Curve:
    """From the first dose, at most two weeks back, to two days ahead; of an effect two weeks. Models are mixed by weight."""
    parts, best = mixed(weighted), max(weighted, key=lambda pair: pair[1])[0]
    begin = max(min([dose.time for dose in case.doses], default=case.now), case.now - _BACK)
    usual = _AHEAD_OF_EFFECT if best.model.structure.states else _AHEAD
    end = case.now + (max(usual, 2 * ahead.interval) if ahead else _AHEAD / 2)
    times = np.linspace(begin, end, _POINTS)
    doses: tuple[Dose, ...] = ()
    if ahead:
        count = int(np.ceil((end - case.now) / ahead.interval))
        doses = (Dose(case.now, ahead.amount, ahead.route, ahead.duration, ahead.interval, count),)
    before = [followed(part.fit, part.beforehand, times, doses).value[0] for part in parts]
    after = [followed(part.fit, part.fit.posterior.etas[part.rows], times, doses).value[0] for part in parts]
    return Curve(best.model.id, shares(parts), times, _bands(before), _bands(after))


def _bands(values: Sequence[Values]) -> Values:
    """The shares of all draws (shares, points)."""
    joined = np.concatenate(values)
    return quantiles(joined, even(joined), SHARES)
