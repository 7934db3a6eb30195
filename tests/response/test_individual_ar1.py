"""AR(1) least squares: against nlme's published results, a multivariate normal likelihood, and what its intervals hold."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from nof1.response.ar1 import Profile, estimate, profile, restricted, share_below, whitened
from nof1.response.student import mixture_quantile, t_below

Reals = NDArray[np.float64]
FAR = 10_000.0  # days between two animals: far enough that nothing is left of a correlation


def ovary(left_out: tuple[int, ...] = ()) -> tuple[Reals, Reals, Reals]:
    place = importlib.util.spec_from_file_location("ovary", Path(__file__).parent / "ovary.py")
    assert place is not None and place.loader is not None
    data = importlib.util.module_from_spec(place)
    place.loader.exec_module(data)
    times, cycle, counts, row = [], [], [], 0
    for number, (days, values) in enumerate(data.MARES):
        at = number * FAR
        for step, value in enumerate(values):
            row += 1
            if row in left_out:
                continue
            times.append(at)
            at += 1
            cycle.append((step - 3) / days)
            counts.append(float(value))
    angle = 2 * np.pi * np.array(cycle)
    design = np.stack([np.ones_like(angle), np.sin(angle), np.cos(angle)], axis=1)
    return np.array(times), design, np.array(counts)


def test_ovary_has_the_308_rows_of_the_data_set() -> None:
    times, _, counts = ovary()
    assert len(times) == 308
    assert (counts[0], counts[271], counts[307]) == (20, 23, 5)


def test_correlation_is_that_of_nlme() -> None:
    """gls(follicles ~ sin(2*pi*Time) + cos(2*pi*Time), Ovary, corAR1(form = ~ 1 | Mare)): Phi 0.7532079 by REML, as
    intervals() printed it (stats.stackexchange.com, question 13859)."""
    times, design, counts = ovary()
    found = restricted(times, design, counts, spacing=1.0)
    assert found.rho[0] == pytest.approx(0.7532079, abs=1e-5)


def test_likelihood_is_that_of_nlme() -> None:
    """The same by maximum likelihood: logLik -782.1934 (the same page, anova of fm1.ml), 5 parameters."""
    times, design, counts = ovary()
    grid = np.linspace(0.70, 0.80, 2001)
    found = profile(times, design, counts[None, :], grid, 1.0)
    n = len(counts)
    _, logdet = whitened(times, grid, design)
    full = -0.5 * (n * np.log(found.variance[:, 0] * found.df / n) + logdet + n * (np.log(2 * np.pi) + 1))
    assert full.max() == pytest.approx(-782.1934, abs=5e-5)


def test_coefficients_are_those_of_nlmes_own_regression_test() -> None:
    """nlme, tests/missing.Rout.save: rows 1 and 272 left out; printed with 3 digits."""
    times, design, counts = ovary(left_out=(1, 272))
    found = restricted(times, design, counts, spacing=1.0)
    assert [round(float(value), 2) for value in found.coefficients[0, 0]] == [12.13, -2.68, -0.86]
    errors = np.sqrt(np.diag(found.unscaled[0]) * found.variance[0, 0])
    assert [round(float(value), 3) for value in errors] == [0.657, 0.644, 0.690]
    assert round(float(found.rho[0]), 2) == 0.75
    assert round(float(np.sqrt(found.variance[0, 0])), 2) == 4.58
    assert round(float(found.loglik[0, 0])) == -775


@pytest.mark.parametrize("rho", [0.0, 0.2, 0.7, 0.95])
def test_whitening_is_the_multivariate_normal(rho: float) -> None:
    rng = np.random.default_rng(4)
    times = np.sort(rng.uniform(0, 400, size=13))
    gap = float(np.median(np.diff(times)))
    design = np.stack([np.ones(13), (times > 200).astype(float), times / 100], axis=1)
    outcome = rng.normal(size=13)
    found = profile(times, design, outcome[None, :], np.array([rho]), gap)
    apart = np.abs(times[:, None] - times[None, :])
    correlation = np.where(apart == 0, 1.0, rho ** (apart / gap))
    inverse = np.linalg.inv(correlation)
    expected = np.linalg.solve(design.T @ inverse @ design, design.T @ inverse @ outcome)
    assert found.coefficients[0, 0] == pytest.approx(expected, rel=1e-9)
    density = stats.multivariate_normal(design @ expected, correlation * found.variance[0, 0]).logpdf(outcome)
    gram = np.linalg.slogdet(design.T @ inverse @ design)[1]
    p = design.shape[1]
    restricted_density = density + 0.5 * p * np.log(2 * np.pi * found.variance[0, 0]) - 0.5 * gram
    assert found.loglik[0, 0] == pytest.approx(restricted_density, rel=1e-9)


def test_student_is_that_of_scipy() -> None:
    at = np.linspace(-30, 30, 401)
    for df in (1, 2, 3, 4, 7, 10, 41, 306, 1001):
        assert t_below(at, df) == pytest.approx(stats.t.cdf(at, df), abs=1e-12)
    one = np.ones((1, 1))
    quantile = mixture_quantile(0.975, one, 3 * one, 2 * one, 5)
    assert quantile[0] == pytest.approx(3 + 2 * stats.t.ppf(0.975, 5), rel=1e-9)


def test_independent_errors_give_the_two_sample_t_interval() -> None:
    first, second = np.array([5.1, 4.7, 6.2, 5.5]), np.array([3.9, 4.4, 3.1])
    on = np.r_[np.zeros(4), np.ones(3)]
    found = profile(np.arange(7.0), np.stack([np.ones(7), on], axis=1), np.r_[first, second][None, :], np.zeros(1))
    ends = estimate(found, np.array([0.0, 1.0]))
    low, high = stats.ttest_ind(second, first).confidence_interval(0.95)
    assert (ends.low[0], ends.high[0]) == pytest.approx((low, high), rel=1e-9)


def test_many_series_are_the_same_as_one_by_one() -> None:
    rng = np.random.default_rng(5)
    times, design = np.arange(12.0), np.stack([np.ones(12), np.arange(12) > 5], axis=1).astype(float)
    series = rng.normal(size=(6, 12))
    together = estimate(profile(times, design, series), np.array([0.0, 1.0]))
    for place, one in enumerate(series):
        alone = estimate(profile(times, design, one[None, :]), np.array([0.0, 1.0]))
        assert together.low[place] == pytest.approx(alone.low[0], rel=1e-6)


def test_moving_and_scaling_the_outcome_moves_and_scales_the_interval() -> None:
    rng = np.random.default_rng(6)
    times, design = np.cumsum(rng.uniform(1, 9, 14)), np.stack([np.ones(14), np.arange(14) > 6], axis=1).astype(float)
    y = rng.normal(size=(1, 14))
    plain = estimate(profile(times, design, y), np.array([0.0, 1.0]))
    other = estimate(profile(times * 24, design, 3 * y + 100), np.array([0.0, 1.0]))
    assert other.low[0] == pytest.approx(3 * plain.low[0], rel=1e-5)


def simulated(rng: np.random.Generator, times: Reals, rho: float, gap: float, number: int) -> Reals:
    errors = rng.normal(size=(number, len(times)))
    for place in range(1, len(times)):
        kept = rho ** ((times[place] - times[place - 1]) / gap) if rho else 0.0
        errors[:, place] = kept * errors[:, place - 1] + np.sqrt(1 - kept**2) * errors[:, place]
    return errors


def covered(
    rng: np.random.Generator, before: int, during: int, rho: float, has_trend: bool, number: int
) -> tuple[float, float]:
    """The share of 95 % intervals that hold the true step, and of ordinary least squares, over ten sets of random times."""
    held, naive = [], []
    for _ in range(10):
        n = before + during
        times = np.cumsum(rng.uniform(10, 50, size=n))
        gap = float(np.median(np.diff(times)))
        columns = [np.ones(n), np.r_[np.zeros(before), np.ones(during)]]
        design = np.stack(columns + ([(times - times.mean()) / 30] if has_trend else []), axis=1)
        outcomes = simulated(rng, times, rho, gap, number // 10) + 2.0 * columns[1]
        contrast = np.eye(design.shape[1])[1]
        ends = estimate(profile(times, design, outcomes), contrast)
        held.append(np.mean((ends.low <= 2) & (ends.high >= 2)))
        plain: Profile = profile(times, design, outcomes, np.zeros(1))
        share = share_below(plain, contrast, 2.0)
        naive.append(np.mean((share > 0.025) & (share < 0.975)))
    return float(np.mean(held)), float(np.mean(naive))


COVERAGE = [
    (2, 2, False, 0.0), (2, 2, False, 0.6), (3, 3, False, 0.3), (3, 3, False, 0.9), (5, 5, False, 0.0), (5, 5, False, 0.6),
    (5, 5, False, 0.9), (10, 10, False, 0.3), (10, 10, True, 0.0), (10, 10, True, 0.6), (10, 10, True, 0.9), (20, 20, True, 0.6),
    (3, 12, False, 0.6),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("before", "during", "has_trend", "rho"), COVERAGE)
def test_intervals_hold_what_they_say(before: int, during: int, has_trend: bool, rho: float) -> None:
    """Nominal 95 %: from 92 % (strong correlation, see the method page) to 99.5 % over 2,000 series; never less."""
    held, naive = covered(np.random.default_rng(7), before, during, rho, has_trend, 2000)
    print(f"{before}+{during} trend={has_trend} rho={rho}: {held:.3f}, ordinary least squares {naive:.3f}")
    assert 0.92 <= held <= 0.996
    if rho <= 0.6:
        assert held >= 0.935


def test_intervals_hold_where_ordinary_least_squares_does_not() -> None:
    held, naive = covered(np.random.default_rng(8), 10, 10, 0.6, False, 600)
    assert held > 0.92 and naive < 0.8
