"""Random covariates, effects and numbers, at which two quantities that agree everywhere are the same quantity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nof1.errors import RequestError
from nof1.knowledge.foreign.expression import Expression, text_of
from nof1.knowledge.foreign.translate import Definition
from nof1.knowledge.formula import FormulaError, parse

Array = NDArray[np.float64]
_DRAWS = 400
_FEWEST = 12
_AGREE = 1e-9


@dataclass(frozen=True, slots=True)
class Probe:
    """``values``: by name, (draws,). Only draws at which every definition is finite are kept."""

    values: Mapping[str, Array]
    draws: int
    place: str

    def evaluate(self, value: Expression, states: Mapping[str, Array] | None = None) -> Array:
        """``value`` at every draw, (draws,); not finite where it cannot be computed."""
        return _evaluated(text_of(value, self.place), {**self.values, **(states or {})}, self.draws, self.place)

    def same(self, candidates: Sequence[str], wanted: Array) -> str:
        """The first of ``candidates`` that equals ``wanted`` at every draw; empty where none does."""
        return next((name for name in candidates if self.ratio(name, wanted) == 1.0), "")

    def ratio(self, name: str, wanted: Array) -> float:
        """How many times ``wanted`` the quantity ``name`` is, the same at every draw; 0 where it is not the same."""
        with np.errstate(all="ignore"):
            ratios = self.values[name] / wanted
        middle = float(np.median(ratios))
        if not np.isfinite(middle) or not np.all(np.abs(ratios - middle) <= _AGREE * abs(middle)):
            return 0.0
        return 1.0 if abs(middle - 1.0) <= _AGREE else middle


def probe(
    numbers: Mapping[str, float], free: Sequence[str], effects: Sequence[str], definitions: Sequence[Definition], place: str
) -> Probe:
    """Draws of ``numbers`` (around their value), ``free`` (above 0), ``effects`` (around 0) and what is defined by them.

    Raises ``RequestError`` where hardly any draw gives finite values.
    """
    rng = np.random.default_rng(20261126)  # probes only: no result depends on which numbers they are
    values = {name: value * np.exp(rng.normal(0.0, 0.1, _DRAWS)) for name, value in numbers.items()}
    values |= {name: np.exp(rng.normal(1.0, 1.5, _DRAWS)) for name in free}
    values |= {name: rng.normal(0.0, 0.2, _DRAWS) for name in effects}
    usable = np.ones(_DRAWS, dtype=bool)
    for item in definitions:
        try:
            values[item.name] = _evaluated(text_of(item.value, place), values, _DRAWS, place)
        except RequestError:
            continue  # what nothing needs may have no value; what is needed is refused where it is written
        usable &= np.isfinite(values[item.name])
    if int(usable.sum()) < _FEWEST:
        raise RequestError(f"{place}: the equations give no number at most values of covariates; correct them")
    return Probe({name: value[usable] for name, value in values.items()}, int(usable.sum()), place)


def _evaluated(text: str, values: Mapping[str, Array], draws: int, place: str) -> Array:
    try:
        with np.errstate(all="ignore"):
            found = parse(text).evaluate(values)
    except (FormulaError, TypeError) as error:
        raise RequestError(f"{place}: {text!r} {error}") from None
    return np.broadcast_to(np.asarray(found, dtype=np.float64), (draws,))
