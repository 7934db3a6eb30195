"""How far off an equation is on rows of the IWPC: errors with bootstrap intervals, bands by cross-validation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from iwpc_rows import Rows
from numpy.typing import NDArray

from nof1.knowledge.dose_equations import DoseEquation
from nof1.response.equations import Doses, doses

RESAMPLED, SEED, FOLDS, LEVEL = 2000, 2009, 5, 0.8
RANGES = {"up to 21 mg a week": (0.0, 21.0), "21 to 49 mg a week": (21.0, 49.0), "49 mg a week or more": (49.0, 300.0)}
ANCESTRY = {
    "white": "ancestry_white",
    "Asian": "ancestry_asian",
    "Black or African American": "ancestry_black",
    "ancestry mixed or not known": "ancestry_mixed or ancestry_unknown",
}
Floats, Mask = NDArray[np.float64], NDArray[np.bool_]


@dataclass(frozen=True)
class Errors:
    """Of ``n`` people: mean absolute error, share within 20 %, bias; each with its 95 % interval."""

    n: int
    mae: float
    mae_95: tuple[float, float]
    within_20: float
    within_20_95: tuple[float, float]
    bias: float
    bias_95: tuple[float, float]


def errors(predicted: Floats, needed: Floats) -> Errors:
    off = predicted - needed
    columns = np.stack([np.abs(off), np.abs(off) <= 0.2 * needed, off]).astype(float)
    rng = np.random.default_rng(SEED)
    often = (np.bincount(rng.integers(0, off.size, off.size), minlength=off.size) for _ in range(RESAMPLED))
    drawn = np.stack([columns @ number for number in often]) / off.size
    (m0, w0, b0), (m1, w1, b1) = np.quantile(drawn, [0.025, 0.975], axis=0)
    mae, within, bias = columns.mean(axis=1)
    return Errors(off.size, mae, (m0, m1), within, (w0, w1), bias, (b0, b1))


def applied(equation: DoseEquation, rows: Rows, given: Mapping[str, list[object]] | None = None) -> Doses:
    names = {item.name for group in (equation.inputs, equation.markers) for item in group}
    return doses(equation, {name: column for name, column in (given or rows.given).items() if name in names})


def measured(made: Doses, rows: Rows) -> Mask:
    """On whom errors are measured: complete rows with a dose by the formula, but for whom it has no coefficients."""
    refused = [item.people for item in made.refused if item.id in ("allele-without-coefficient", "no-genotype")]
    none = np.zeros(rows.dose.size, bool)
    return rows.complete() & ~np.isnan(made.formula) & ~np.logical_or.reduce([none, *refused])


def needed_group(dose: Floats, title: str) -> Mask:
    """Who needed a dose of this range; both 21 and 49 belong to the outer groups, as in the consortium's tables."""
    low, high = RANGES[title]
    match title.split(maxsplit=1)[0]:
        case "up":
            return dose <= high
        case "21":
            return (dose > low) & (dose < high)
        case _:
            return dose >= low


def residuals(equation: DoseEquation, predicted: Floats, needed: Floats) -> Floats:
    """Distances on the scale of the equation's bands."""
    scale = np.log if equation.transform == "exp" else np.sqrt
    return np.abs(scale(predicted) - scale(needed))


def half_width(distances: Floats, level: float = LEVEL) -> float:
    """The distance within which the share ``level`` lies, with the correction of split conformal prediction for few people."""
    rank = min(int(np.ceil((distances.size + 1) * level)), distances.size)
    return float(np.sort(distances)[rank - 1])


def cross_validated(distances: Floats, seed: int = SEED) -> tuple[float, list[float]]:
    """The share held by bands that were each derived from the other folds, and their half widths."""
    held, widths = 0, []
    for inside, outside in folds(distances.size, seed):
        widths.append(half_width(distances[outside]))
        held += int((distances[inside] <= widths[-1]).sum())
    return held / distances.size, widths


def folds(size: int, seed: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    order = np.random.default_rng(seed).permutation(size)
    for part in np.array_split(order, FOLDS):
        yield part, np.setdiff1d(order, part)
