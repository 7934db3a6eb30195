"""Histories of many patients as arrays: the leading axis is patients, shorter ones are filled up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.errors import InputError
from nof1.knowledge.formula import parse
from nof1.knowledge.kinetics import PkModel
from nof1.response.history import Dose, History, single_doses

Values = NDArray[Any]
NEVER = np.inf
LIMITS = ("", "below", "above")


@dataclass(frozen=True, slots=True)
class Course:
    """Doses (patients, doses), levels (patients, levels) and segments (patients, segments) of constant covariates.

    ``amount`` 0 fills up doses, ``is_level`` False levels. ``route``: index into ``routes``. ``interval`` 0: no steady
    train before. ``limit``: 0 measured, 1 below, 2 above. ``until``: where a segment ends (hours; the last one never does).
    ``covariates`` by name and ``occasion`` for each segment; ``is_backward``: values hold until their time.
    """

    routes: tuple[str, ...]
    time: Values
    amount: Values
    duration: Values
    interval: Values
    route: Values
    level_time: Values
    level: Values
    output: Values
    limit: Values
    is_level: Values
    until: Values
    covariates: Mapping[str, Values]
    occasion: Values
    occasions: int
    is_backward: bool = False

    def of(self, rows: Values) -> Course:
        """The course of patients ``rows`` (an index may occur again)."""
        picked = {name: getattr(self, name)[rows] for name in _ARRAYS}
        covariates = {name: values[rows] for name, values in self.covariates.items()}
        return Course(**{**{name: getattr(self, name) for name in self.__slots__}, **picked, "covariates": covariates})


_ARRAYS = (
    *("time", "amount", "duration", "interval", "route", "level_time", "level", "output", "limit", "is_level"),
    *("until", "occasion"),
)


def course(model: PkModel, histories: Sequence[History]) -> Course:
    """``histories`` as arrays, for ``model``; raises ``InputError`` for a route it does not know, a covariate it lacks."""
    routes = tuple(dict.fromkeys(route for entry in model.structure.inputs for route in entry.routes))
    outputs = [output.name for output in model.outputs]
    doses = [_doses(model, history, routes) for history in histories]
    segments = [_segments(model, history) for history in histories]
    levels = [history.levels for history in histories]
    names = [*(item.name for item in model.covariates), "time"]
    return Course(
        routes,
        _filled([[dose.time for dose in given] for given in doses], 0.0),
        _filled([[dose.amount for dose in given] for given in doses], 0.0),
        _filled([[dose.duration for dose in given] for given in doses], 0.0),
        _filled([[dose.interval if dose.is_steady else 0.0 for dose in given] for given in doses], 0.0),
        _filled([[routes.index(dose.route) for dose in given] for given in doses], 0).astype(int),
        _filled([[level.time for level in given] for given in levels], 0.0),
        _filled([[level.value for level in given] for given in levels], 1.0),
        _filled([[outputs.index(level.output or outputs[0]) for level in given] for given in levels], 0).astype(int),
        _filled([[LIMITS.index(level.limit) for level in given] for given in levels], 0).astype(int),
        _filled([[1 for _ in given] for given in levels], 0).astype(bool),
        _filled([until for until, _, _ in segments], NEVER),
        {name: _filled([values[name] for _, values, _ in segments], None) for name in names},
        _filled([occasion for _, _, occasion in segments], None).astype(int),
        max(1 + max(occasion) for _, _, occasion in segments),
        any(item.carried == "backward" for item in model.covariates),
    )


def _doses(model: PkModel, history: History, routes: tuple[str, ...]) -> list[Dose]:
    given = []
    for dose in single_doses(history.doses):
        route = dose.route or (routes[0] if len(routes) == 1 else "")
        if route not in routes:
            raise InputError(
                f"a dose at {dose.time:g} h on the route {dose.route or 'not given'!r}; "
                f"model {model.id} knows {', '.join(routes)}"
            )
        given.append(Dose(dose.time, dose.amount, route, dose.duration, dose.interval, 0, dose.is_steady))
    return given


def _segments(model: PkModel, history: History) -> tuple[list[float], dict[str, list[float]], list[int]]:
    """Where segments end, each covariate in each of them, and their occasion."""
    cuts = set(history.occasions[1:])
    for item in model.covariates:
        cuts |= {time for time, _ in history.covariates.get(item.name, ())[(1 if item.carried == "forward" else 0) :]}
    if "time" in _asked(model):
        cuts |= {dose.time for dose in single_doses(history.doses)} | {level.time for level in history.levels}
    ends = [*sorted(cuts), NEVER]
    starts = [-np.inf, *ends[:-1]]
    values = {
        item.name: [
            _held(model, history, item.name, item.carried, start, end) for start, end in zip(starts, ends, strict=True)
        ]
        for item in model.covariates
    }
    values["time"] = [max(start, 0.0) for start in starts]
    occasion = [max(sum(begin <= start for begin in history.occasions) - 1, 0) for start in starts]
    return _merged(ends, values, occasion, "time" in _asked(model))


def _merged(
    ends: list[float], values: dict[str, list[float]], occasion: list[int], is_timed: bool
) -> tuple[list[float], dict[str, list[float]], list[int]]:
    """Without borders at which nothing changes; ``is_timed``: the time itself is a covariate, and it does."""
    compared = [series for name, series in values.items() if is_timed or name != "time"]
    rows = list(zip(occasion, *compared, strict=True))
    kept = [place for place in range(len(ends)) if place + 1 == len(ends) or rows[place] != rows[place + 1]]
    return (
        [ends[place] for place in kept],
        {name: [row[place] for place in kept] for name, row in values.items()},
        [occasion[place] for place in kept],
    )


def _held(model: PkModel, history: History, name: str, carried: str, start: float, end: float) -> float:
    """The value that holds from ``start`` to ``end``; before the first one is known, the first."""
    known = history.covariates.get(name, ())
    if not known:
        raise InputError(f"model {model.id} needs {name}, which is not given; give it with the history")
    if carried == "forward":
        before = [value for time, value in known if time <= start]
        return before[-1] if before else known[0][1]
    after = [value for time, value in known if time >= end]
    return after[0] if after else known[-1][1]


def _asked(model: PkModel) -> set[str]:
    texts = [item.formula for item in model.computed] + [item.formula for item in model.parameters]
    return {name for text in texts for name in parse(text).names}


def _filled(rows: list[list[Any]], fill: float | None) -> Values:
    """Rows of unequal length as one array, filled with ``fill``, or with each row's last value."""
    width = max((len(row) for row in rows), default=0)
    return np.array([row + [row[-1] if fill is None else fill] * (width - len(row)) for row in rows], dtype=float).reshape(
        len(rows), width
    )
