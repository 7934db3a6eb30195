"""A trial in one person: two treatments in randomised blocks, and what the outcomes say, with carry-over and interval."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nof1.errors import RequestError
from nof1.response.ar1 import Estimate, Reals, estimate, mean_correlation, profile
from nof1.response.attributable import Interval

_MOST = 1 << 14
_LABELS = ("A", "B")
_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Period:
    """Days ``first`` to ``last`` of the trial (1 is its first day) under ``treatment``; counted from ``counted_from`` on."""

    number: int
    block: int
    treatment: str
    first: int
    last: int
    counted_from: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """A design: ``blocks`` of one A and one B each, of ``days`` days, the first ``washout`` days of which do not count."""

    blocks: int
    days: int
    washout: int
    periods: tuple[Period, ...]

    @property
    def order(self) -> str:
        """The treatments in their order."""
        return "".join(period.treatment for period in self.periods)

    @property
    def smallest_p(self) -> float:
        """The smallest two-sided p-value that the randomisation test of this design can give."""
        return float(min(1.0, 2.0 / 2**self.blocks))


def design(blocks: int, days: int, washout: int, rng: np.random.Generator) -> Schedule:
    """A schedule in which each block is AB or BA with equal chance, drawn by ``rng``.

    Raises ``RequestError`` for fewer than 2 blocks, periods without a day that counts, or more than 1,000 periods.
    """
    if not 2 <= blocks <= 500:
        raise RequestError(f"{blocks} blocks; a trial has 2 to 500, each with one period of either treatment")
    if not 1 <= days <= 366 or not 0 <= washout < days:
        raise RequestError(
            f"periods of {days} days with {washout} of washout; write 1 to 366 days, and a washout that leaves one"
        )
    firsts = rng.integers(0, 2, size=blocks)
    letters = "".join(_LABELS[first] + _LABELS[1 - first] for first in firsts)
    return schedule(letters, days, washout)


def schedule(order: str, days: int, washout: int) -> Schedule:
    """The schedule of an ``order`` such as ``ABBA``; each pair of periods is a block of one A and one B.

    >>> schedule("ABBA", 7, 2).periods[2].counted_from
    17
    """
    pairs = [order[place : place + 2] for place in range(0, len(order), 2)]
    if not pairs or any(sorted(pair) != list(_LABELS) for pair in pairs):
        raise RequestError(f"order {order!r}; write blocks of one A and one B, such as ABBA")
    periods = tuple(
        Period(place + 1, place // 2 + 1, letter, place * days + 1, (place + 1) * days, place * days + 1 + washout)
        for place, letter in enumerate(order)
    )
    return Schedule(len(pairs), days, washout, periods)


@dataclass(frozen=True, slots=True)
class Result:
    """What a trial says. ``difference``: A less B, with its interval; ``carry_over``: how much of a treatment's effect lasts
    into the next period right after the change (as a difference A less B), where it was asked for.

    ``p``: two-sided p-value of the randomisation test, over ``assignments`` orders that the design could have had;
    ``smallest_p`` the smallest there can be. ``shrunk``: the difference drawn towards what is known of other people.
    ``correlation`` of the errors at ``spacing`` days. ``not_counted``: values of washout days. ``notes``: what else to know.
    """

    difference: Interval
    carry_over: Interval | None
    mean_a: float
    mean_b: float
    p: float
    smallest_p: float
    assignments: int
    is_sampled: bool
    correlation: float | None
    spacing: float | None
    counted: int
    not_counted: int
    blocks: int
    level: float
    shrunk: Interval | None = None
    notes: tuple[str, ...] = ()


def analyse(
    plan: Schedule,
    days: NDArray[np.int64],
    outcomes: Reals,
    rng: np.random.Generator,
    carry_days: float = 0.0,
    level: float = 0.95,
) -> Result:
    """The difference between the treatments of ``plan`` in ``outcomes`` (n,) on ``days`` (n,) of the trial.

    ``carry_days``: time constant of an exponential carry-over; 0 for none. Values of washout days do not count; several of
    one day are averaged. ``rng`` is used only where there are too many orders to go through. Raises ``RequestError`` where
    days lie outside the trial, fewer than two blocks have values under both treatments, or nothing varies.
    """
    place = _places(plan, days)
    counts = days >= np.array([period.counted_from for period in plan.periods])[place]
    notes = _incomplete(plan, place[counts])
    t, y, period = days[counts].astype(np.float64), outcomes[counts], place[counts]
    complete = _complete_blocks(plan, period)
    used = np.isin(period // 2, complete)
    t, y, period = t[used], y[used], period[used]
    _enough(y, complete, plan)
    t, y, period = _one_a_day(t, y, period)
    is_a = np.array([item.treatment == "A" for item in plan.periods])
    difference, carried, rho, spacing = _fitted(plan, t, y, period, is_a, carry_days, level)
    p, number, is_sampled = randomisation(period, y, is_a, complete, rng)
    mean_a, mean_b = (
        float(np.mean([y[period == one].mean() for one in np.unique(period) if is_a[one] == side])) for side in (True, False)
    )
    smallest = float(min(1.0, 2.0 / 2 ** len(complete)))
    return Result(
        difference=difference,
        carry_over=carried,
        mean_a=mean_a,
        mean_b=mean_b,
        p=p,
        smallest_p=smallest,
        assignments=number,
        is_sampled=is_sampled,
        correlation=rho,
        spacing=spacing,
        counted=len(y),
        not_counted=int((~counts).sum()),
        blocks=len(complete),
        level=level,
        notes=notes,
    )


def _places(plan: Schedule, days: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place of the period in which each day lies."""
    last = plan.periods[-1].last
    if len(days) == 0:
        raise RequestError("no outcome; write one row for each day that was measured")
    if wrong := [int(day) for day in days if not 1 <= day <= last]:
        raise RequestError(
            f"day {wrong[0]} lies outside the trial, which has days 1 to {last}; correct the day or the design"
        )
    return np.asarray((days - 1) // plan.days, dtype=np.int64)


def _complete_blocks(plan: Schedule, period: NDArray[np.int64]) -> list[int]:
    seen = set(period.tolist())
    return [block for block in range(plan.blocks) if {2 * block, 2 * block + 1} <= seen]


def _incomplete(plan: Schedule, period: NDArray[np.int64]) -> tuple[str, ...]:
    complete = set(_complete_blocks(plan, period))
    missing = [str(block + 1) for block in range(plan.blocks) if block not in complete]
    if not missing:
        return ()
    return (f"block {', '.join(missing)}: without values under both treatments, so not used",)


def _enough(y: Reals, complete: Sequence[int], plan: Schedule) -> None:
    if len(complete) < 2:
        raise RequestError(f"{len(complete)} of {plan.blocks} blocks have values under both treatments; 2 are needed")
    if float(np.ptp(y)) == 0.0:
        raise RequestError(f"all {len(y)} values are {y[0]:g}: nothing varies, so there is nothing to compare")


def _one_a_day(t: Reals, y: Reals, period: NDArray[np.int64]) -> tuple[Reals, Reals, NDArray[np.int64]]:
    """Values of one day averaged."""
    unique, first, inverse = np.unique(t, return_index=True, return_inverse=True)
    return unique, np.bincount(inverse, weights=y) / np.bincount(inverse), period[first]


def _fitted(
    plan: Schedule, t: Reals, y: Reals, period: NDArray[np.int64], is_a: NDArray[np.bool_], carry_days: float, level: float
) -> tuple[Interval, Interval | None, float | None, float | None]:
    """The difference and the carry-over, from levels of blocks, the treatment and what lasts of the one before."""
    blocks = np.unique(period // 2)
    columns = [(period // 2 == block).astype(np.float64) for block in blocks]
    columns.append(np.where(is_a[period], 0.5, -0.5))
    if carry_days > 0:
        columns.append(_carried(plan, t, period, is_a, carry_days))
    matrix = np.stack(columns, axis=1)
    if np.linalg.matrix_rank(matrix) < matrix.shape[1]:
        raise RequestError(
            "the carry-over cannot be told from the treatment in these values; measure more days, or leave it out"
        )
    if len(y) <= matrix.shape[1]:
        raise RequestError(f"{len(y)} values for {matrix.shape[1]} quantities; measure more days")
    single = len(y) == 2 * len(blocks)
    found = profile(t, matrix, y[None, :], np.zeros(1) if single else None)
    if not np.all(np.isfinite(found.loglik)) or float(found.variance.max()) <= _CLOSE * float(np.var(y)):
        raise RequestError("the values do not vary beyond the treatments themselves, so no interval can be given")
    contrast = np.eye(matrix.shape[1])
    main = _of(estimate(found, contrast[len(blocks)], level))
    carried = _of(estimate(found, contrast[len(blocks) + 1], level)) if carry_days > 0 else None
    return main, carried, None if single else float(mean_correlation(found)[0]), None if single else found.spacing


def _of(found: Estimate) -> Interval:
    return Interval(float(found.value[0]), float(found.low[0]), float(found.high[0]))


def _carried(plan: Schedule, t: Reals, period: NDArray[np.int64], is_a: NDArray[np.bool_], carry_days: float) -> Reals:
    """The treatment of the period before, falling exponentially from the change on; 0 in the first period."""
    before = np.where(is_a[np.maximum(period - 1, 0)], 0.5, -0.5)
    since = t - np.array([item.first for item in plan.periods])[period]
    return np.where(period > 0, before * np.exp(-since / carry_days), 0.0)


def randomisation(
    period: NDArray[np.int64], y: Reals, is_a: NDArray[np.bool_], complete: Sequence[int], rng: np.random.Generator
) -> tuple[float, int, bool]:
    """The two-sided p-value of the mean difference within blocks over the orders the design could have had.

    Exact where there are at most 16,384 of them; else over as many drawn by ``rng``, the observed one among them.
    """
    gaps = np.array([_gap(period, y, is_a, block) for block in complete])
    observed = abs(gaps.mean())
    if 2 ** len(gaps) <= _MOST:
        signs = np.array(list(itertools.product((1.0, -1.0), repeat=len(gaps))))
    else:
        signs = np.concatenate([np.ones((1, len(gaps))), rng.choice((1.0, -1.0), size=(_MOST - 1, len(gaps)))])
    as_far = np.abs(signs @ gaps) / len(gaps) >= observed - _CLOSE * max(1.0, observed)
    return float(as_far.mean()), len(signs), 2 ** len(gaps) > _MOST


def _gap(period: NDArray[np.int64], y: Reals, is_a: NDArray[np.bool_], block: int) -> float:
    means = [float(y[period == place].mean()) for place in (2 * block, 2 * block + 1)]
    return means[0] - means[1] if is_a[2 * block] else means[1] - means[0]


def shrunk(result: Result, mean: float, spread: float) -> Result:
    """The result with its difference drawn towards those of other people, of ``mean`` and ``spread`` (standard deviation).

    Both are taken as normal; the standard error is that of the interval. Raises ``RequestError`` for a spread of 0 or less.
    """
    if not (spread > 0 and np.isfinite(spread) and np.isfinite(mean)):
        raise RequestError(f"spread {spread:g} around {mean:g}; write a mean and a standard deviation above 0")
    own = result.difference
    assert own.low is not None and own.high is not None
    quantile = _normal(result.level)
    error = (own.high - own.low) / (2 * quantile)
    weight = spread**2 / (spread**2 + error**2)
    centre, width = weight * own.value + (1 - weight) * mean, float(np.sqrt(weight) * error)
    reach = quantile * width
    return replace(result, shrunk=Interval(centre, centre - reach, centre + reach))


def _normal(level: float) -> float:
    """The two-sided normal quantile of ``level``."""
    from statistics import NormalDist

    return NormalDist().inv_cdf((1 + level) / 2)
