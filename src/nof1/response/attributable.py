"""The change of an outcome that goes with a drug: piecewise regression with AR(1) errors; what else changed with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nof1.model.findings import Indeterminate
from nof1.response.ar1 import Profile, Reals, estimate, mean_correlation, profile, share_below
from nof1.response.episodes import OFF, ON

LEAST = 2
TREND = 6
_SEARCH = 80
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with the ends of its interval; an end that cannot be told is ``None``."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """How an outcome differs while a drug is taken from when it is not.

    ``difference`` in the unit of the outcome (``None`` where changes are ratios); ``relative`` to ``before``, as a fraction.
    ``before`` and ``during``: levels (geometric where changes are ratios). ``at_start`` and ``at_stop``: the same for the
    beginning and the end by themselves, where there are values after the end. ``slope``: per 30 days, how the course bends
    while the drug is taken. ``correlation`` of the errors at ``spacing`` days. ``counts``: values without and with the drug.
    ``has_trend``: a straight trend through the whole time was allowed for.
    """

    difference: Interval | None
    relative: Interval
    before: float
    during: float
    at_start: Interval | None
    at_stop: Interval | None
    slope: Interval | None
    correlation: float
    spacing: float
    counts: tuple[int, int]
    has_trend: bool
    level: float


def change(
    days: NDArray[np.int64], values: Reals, state: NDArray[np.int8], scale: str = "linear", level: float = 0.95
) -> Change | Indeterminate:
    """The change of ``values`` (n,) on ``days`` (n,) between ``state`` (n,) 0 (without) and 1 (with the drug).

    Values whose state is -1 are left out. ``scale`` ``log``: changes are ratios, every value must be above 0. A trend is
    allowed for from 6 values on each side on.
    An ``Indeterminate`` says what is missing: fewer than 2 values on a side, no variation, a value that has no logarithm.
    """
    kept = state >= OFF
    t, y, on = days[kept].astype(np.float64), values[kept], (state[kept] == ON).astype(np.float64)
    if why := _missing(y, on, scale):
        return why
    measured = np.log(y) if scale == "log" else y
    design, has_trend = _design(t, on)
    found = profile(t, design, measured[None, :])
    if not np.all(np.isfinite(found.loglik)) or found.variance.max() <= _SAME * max(1.0, float(np.var(measured))):
        return Indeterminate(
            "change", "the values do not vary beyond the change itself, so no interval can be given", ("more values",)
        )
    return _told(found, t, measured, on, scale, level, has_trend)


def _missing(y: Reals, on: Reals, scale: str) -> Indeterminate | None:
    counts = int((on == 0).sum()), int((on == 1).sum())
    for count, words in zip(counts, ("without the drug", "with the drug"), strict=True):
        if count < LEAST:
            said = {0: "no value", 1: "one value"}.get(count, "")
            return Indeterminate("change", f"{said} {words}; {LEAST} are needed on each side", (f"values {words}",))
    if float(np.ptp(y)) == 0.0:
        return Indeterminate(
            "change", f"all {len(y)} values are {y[0]:g}: nothing varies, so no interval can be given", ("more values",)
        )
    if scale == "log" and float(y.min()) <= 0:
        return Indeterminate("change", f"a value is {y.min():g}, of which no ratio can be taken", ("values above 0",))
    return None


def _design(t: Reals, on: Reals) -> tuple[Reals, bool]:
    """Columns: level without the drug, step with it, and a trend where there is enough of both sides."""
    columns = [np.ones_like(t), on]
    has_trend = min((on == 0).sum(), (on == 1).sum()) >= TREND
    if has_trend:
        columns.append((t - t[on == 1].mean()) / 30)
    return np.stack(columns, axis=1), bool(has_trend)


def _told(found: Profile, t: Reals, y: Reals, on: Reals, scale: str, level: float, has_trend: bool) -> Change:
    columns = found.coefficients.shape[2]
    step, base = np.eye(columns)[1], np.eye(columns)[0]
    shift = _interval(found, step, level)
    before = float((found.weights * (found.coefficients @ base)).sum())
    if scale == "log":
        difference, relative = None, _ratio(shift)
        levels = float(np.exp(before)), float(np.exp(before + shift.value))
    else:
        difference, relative = shift, _relative(found, step, base, before, shift, level)
        levels = before, before + shift.value
    start, stop = _by_itself(t, y, on, scale, level, has_trend)
    counts = int((on == 0).sum()), int((on == 1).sum())
    rho = float(mean_correlation(found)[0])
    bend = _slope(t, y, on, level) if has_trend and scale == "linear" else None
    return Change(difference, relative, *levels, start, stop, bend, rho, found.spacing, counts, has_trend, level)


def _interval(found: Profile, contrast: Reals, level: float) -> Interval:
    ends = estimate(found, contrast, level)
    return Interval(float(ends.value[0]), float(ends.low[0]), float(ends.high[0]))


def _ratio(shift: Interval) -> Interval:
    assert shift.low is not None and shift.high is not None
    low, value, high = (float(np.expm1(min(end, 700.0))) for end in (shift.low, shift.value, shift.high))
    return Interval(value, low, high)


def _relative(found: Profile, step: Reals, base: Reals, before: float, shift: Interval, level: float) -> Interval:
    """The step as a fraction of the level before: all fractions r for which step - r * level may be 0 (Fieller)."""
    if before == 0:
        return Interval(0.0, None, None)
    value = shift.value / before

    def below(fraction: float) -> float:
        share = float(share_below(found, step - fraction * base)[0])
        return share if before > 0 else 1 - share

    ends = [_crossing(below, value, sign, share) for sign, share in ((-1, (1 - level) / 2), (1, (1 + level) / 2))]
    return Interval(value, *ends)


def _crossing(below: Callable[[float], float], value: float, sign: int, share: float) -> float | None:
    """The fraction on one side of ``value`` at which ``below`` passes ``share``; ``None`` where it never does."""
    reach = max(abs(value), 0.01)
    for _ in range(30):
        far = value + sign * reach
        if (below(far) - share) * sign >= 0:
            break
        reach *= 2
        if reach > 1e4:
            return None
    near = value
    for _ in range(_SEARCH):
        middle = (near + far) / 2
        if (below(middle) - share) * sign >= 0:
            far = middle
        else:
            near = middle
    return float((near + far) / 2)


def _by_itself(
    t: Reals, y: Reals, on: Reals, scale: str, level: float, has_trend: bool
) -> tuple[Interval | None, Interval | None]:
    """Steps at the first start and at the last end by themselves; ``None`` where there are too few values after the end."""
    inside = np.flatnonzero(on == 1)
    after = np.zeros_like(t)
    after[inside[-1] + 1 :] = 1
    begun = np.zeros_like(t)
    begun[inside[0] :] = 1
    if after.sum() < LEAST or (begun == 0).sum() < LEAST or np.any(on[inside[0] : inside[-1] + 1] == 0):
        return None, None
    columns = [np.ones_like(t), begun, after]
    if has_trend and len(t) > len(columns) + LEAST and min((begun == 0).sum(), after.sum()) >= TREND:
        columns.append((t - t.mean()) / 30)
    found = profile(t, np.stack(columns, axis=1), y[None, :])
    if not np.all(np.isfinite(found.loglik)):
        return None, None
    steps = [_interval(found, np.eye(len(columns))[place], level) for place in (1, 2)]
    return (_ratio(steps[0]), _ratio(steps[1])) if scale == "log" else (steps[0], steps[1])


def _slope(t: Reals, y: Reals, on: Reals, level: float) -> Interval | None:
    """How the trend changes while the drug is taken, per 30 days: a bend at the first value with it."""
    bend = np.where(on == 1, t - t[on == 1][0], 0.0) / 30
    design = np.stack([np.ones_like(t), on, (t - t.mean()) / 30, bend], axis=1)
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    return _interval(profile(t, design, y[None, :]), np.eye(4)[3], level)


@dataclass(frozen=True, slots=True)
class Confounder:
    """Another drug whose taking changed together with the one asked about.

    ``changes``: what happened when, in words. ``is_separable``: whether the values tell the two apart; ``adjusted``: the
    change that remains when both are in the model (a difference, or a ratio less 1), where they do.
    """

    drug: str
    changes: tuple[str, ...]
    is_separable: bool
    adjusted: Interval | None = None


def adjusted(
    days: NDArray[np.int64], values: Reals, state: NDArray[np.int8], other: NDArray[np.int8], scale: str, level: float = 0.95
) -> tuple[bool, Interval | None]:
    """Whether ``other`` (n,) can be told from ``state`` (n,) in these values, and the change with both in the model.

    They can where the design with both keeps full rank and at least 2 degrees of freedom.
    """
    kept = (state >= OFF) & (other >= OFF)
    t, y = days[kept].astype(np.float64), values[kept]
    on, also = (state[kept] == ON).astype(np.float64), (other[kept] == ON).astype(np.float64)
    if len(t) == 0 or on.sum() < LEAST or (on == 0).sum() < LEAST or _missing(y, on, scale) is not None:
        return False, None
    design, _ = _design(t, on)
    design = np.column_stack([design, also])
    if np.linalg.matrix_rank(design) < design.shape[1] or len(t) - design.shape[1] < LEAST:
        return False, None
    found = profile(t, design, (np.log(y) if scale == "log" else y)[None, :])
    if not np.all(np.isfinite(found.loglik)):
        return False, None
    step = _interval(found, np.eye(design.shape[1])[1], level)
    return True, _ratio(step) if scale == "log" else step


def is_together(state: NDArray[np.int8], other: NDArray[np.int8]) -> bool:
    """Whether another drug was taken with the drug more often, or less often, than without it, at the values that count."""
    shares = [float((other[state == side] == ON).mean()) if (state == side).any() else 0.0 for side in (OFF, ON)]
    return abs(shares[0] - shares[1]) > _SAME
