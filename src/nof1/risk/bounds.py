"""The lowest and highest value an equation can give where inputs are not known, and what knowing each would settle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from nof1.knowledge.risk_equations import RiskEquation, RiskInput
from nof1.risk.columns import Columns, Numbers
from nof1.risk.values import add_terms, input_values, values_for

MOST = 1 << 16  # corners of a person
_AT_ONCE = 1 << 20
Ranges = Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Bounds:
    """``low`` and ``high``, (people,), over everything that the unknown inputs could be within their domain or span.

    Both are the value itself where nothing is unknown, NaN where an input without a range is unknown or too many are.
    ``left``: by input, the widest interval that could remain if that one were known, NaN for people of whom it is.
    """

    low: Numbers
    high: Numbers
    left: dict[str, Numbers]


def bounds(equation: RiskEquation, columns: Columns, outcome: str, years: int, ranges: Ranges | None = None) -> Bounds:
    """Bounds by the corners of what is not known, cut where a formula bends.

    They are exact where between two such points every input moves the value one way, whichever way that is with the others
    fixed; this holds for sums of products of one function of each input under a rising function, as shipped equations are
    (tests draw the inside). ``ranges``: narrower ranges of numbers, by input.
    """
    low, high = np.full(columns.people, np.nan), np.full(columns.people, np.nan)
    ranged = set(ranges or ())
    left = {item.name: np.full(columns.people, np.nan) for item in _open(equation, ranged)}
    for names, rows in _patterns(equation, columns, ranged):
        axes = [_points(_item(equation, name), (ranges or {}).get(name)) for name in names]
        corners = int(np.prod([len(axis) for axis in axes]))
        if corners > MOST:
            continue
        step = max(1, _AT_ONCE // corners)
        for start in range(0, rows.size, step):
            part = rows[start : start + step]
            grid = _grid(equation, columns.take(part), names, axes, outcome, years)
            flat = grid.reshape(part.size, -1)
            low[part], high[part] = flat.min(axis=1), flat.max(axis=1)
            for axis, name in enumerate(names):
                left[name][part] = _left(grid, axis + 1)
    return Bounds(low, high, {name: column for name, column in left.items() if not np.isnan(column).all()})


def _open(equation: RiskEquation, ranged: set[str]) -> list[RiskInput]:
    """Inputs over which bounds may have to run: those without a coefficient for not known, and those with a range."""
    return [item for item in equation.inputs if item.unknown in ("bounds", "ask") or item.name in ranged]


def _item(equation: RiskEquation, name: str) -> RiskInput:
    return next(item for item in equation.inputs if item.name == name)


def _patterns(equation: RiskEquation, columns: Columns, ranged: set[str]) -> Iterator[tuple[list[str], NDArray[np.int64]]]:
    """People by which inputs they lack; those who lack one without a range are left out."""
    items = _open(equation, ranged)
    lacks = np.array([~columns.known(item.name) for item in items], bool).reshape(len(items), columns.people)
    keys, inverse = np.unique(lacks, axis=1, return_inverse=True)
    for number in range(keys.shape[1]):
        missing = [item for item, is_missing in zip(items, keys[:, number], strict=True) if is_missing]
        if all(item.unknown == "bounds" or item.name in ranged for item in missing):
            yield [item.name for item in missing], np.flatnonzero(inverse.ravel() == number)


def _points(item: RiskInput, narrower: tuple[float, float] | None) -> list[float]:
    """The values of one input at which an extreme can lie."""
    if item.kind == "flag":
        return [0.0, 1.0]
    if item.kind == "choice":
        return [float(number) for number in range(len(item.choices))]
    low, high = item.domain or item.span or item.plausible
    if narrower is not None:
        low, high = max(low, narrower[0]), min(high, narrower[1])
    return sorted({low, high, *(bend for bend in item.bends if low < bend < high)})


def _grid(
    equation: RiskEquation, people: Columns, names: list[str], axes: list[list[float]], outcome: str, years: int
) -> NDArray[np.float64]:
    """(people, points of each name ...) values."""
    corners = list(product(*axes))
    points = np.array(corners).reshape(len(corners), len(names))
    whole = people.take(np.repeat(np.arange(people.people), len(points)))
    numbers, codes = dict(whole.numbers), dict(whole.codes)
    for place, name in enumerate(names):
        column = np.tile(points[:, place], people.people)
        if name in codes:
            codes[name] = column.astype(np.int64)
        else:
            numbers[name] = column
    filled = Columns(whole.people, numbers, codes)
    terms = add_terms(equation, input_values(equation, filled), filled.people)
    found = values_for(equation, terms, filled.people, outcome, years)
    return found.reshape(people.people, *(len(axis) for axis in axes))


def _left(grid: NDArray[np.float64], axis: int) -> Numbers:
    """The widest interval over the other unknowns, at the worst value of this one."""
    moved = np.moveaxis(grid, axis, 1).reshape(grid.shape[0], grid.shape[axis], -1)
    found: Numbers = (moved.max(axis=2) - moved.min(axis=2)).max(axis=1)
    return found
