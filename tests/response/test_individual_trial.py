"""Trials in one person: the design, the test over its own orders, the interval, the carry-over."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from nof1.errors import RequestError
from nof1.response.attributable import Interval
from nof1.response.n_of_1 import Result, Schedule, analyse, design, schedule, shrunk

RNG = np.random.default_rng


@given(st.integers(2, 40), st.integers(1, 30), st.integers(0, 29), st.integers(0, 2**32))
def test_a_design_is_blocks_of_one_each_day_after_day(blocks: int, days: int, washout: int, seed: int) -> None:
    if washout >= days:
        with pytest.raises(RequestError):
            design(blocks, days, washout, RNG(seed))
        return
    plan = design(blocks, days, washout, RNG(seed))
    assert plan == design(blocks, days, washout, RNG(seed)) == schedule(plan.order, days, washout)
    assert [one.first for one in plan.periods[1:]] == [one.last + 1 for one in plan.periods[:-1]]
    assert all(one.last - one.first + 1 == days and one.counted_from == one.first + washout for one in plan.periods)
    assert all(
        {plan.periods[place].treatment, plan.periods[place + 1].treatment} == {"A", "B"} for place in range(0, 2 * blocks, 2)
    )


def test_both_orders_are_equally_likely() -> None:
    rng = RNG(1)
    first = [design(10, 1, 0, rng).order[::2].count("A") for _ in range(2000)]
    assert stats.binomtest(sum(first), 20_000).pvalue > 0.001


def measured(plan: Schedule, rng: np.random.Generator, effect: float = 0.0, rho: float = 0.0, carry: float = 0.0) -> Result:
    days = np.arange(1, plan.periods[-1].last + 1)
    return analyse(plan, days, course(plan, rng, effect, rho, carry), rng, carry)


def course(plan: Schedule, rng: np.random.Generator, effect: float, rho: float, carry: float) -> np.ndarray:  # type: ignore[type-arg]
    days = np.arange(1, plan.periods[-1].last + 1)
    noise = rng.normal(size=len(days))
    for place in range(1, len(days)):
        noise[place] = rho * noise[place - 1] + np.sqrt(1 - rho**2) * noise[place]
    period = (days - 1) // plan.days
    sign = np.array([0.5 if one.treatment == "A" else -0.5 for one in plan.periods])
    direct = effect * sign[period]
    if carry:
        since = days - np.array([one.first for one in plan.periods])[period]
        direct = direct + np.where(period > 0, 0.5 * effect * sign[np.maximum(period - 1, 0)] * np.exp(-since / carry), 0)
    return noise + direct


def test_one_value_a_period_is_the_paired_t_test() -> None:
    """Senn, Trials 2024;25:128: with one value a period the analysis is the matched-pairs t-test."""
    rng = RNG(2)
    plan = schedule("ABBAABBAAB", 1, 0)
    y = rng.normal(size=10)
    found = analyse(plan, np.arange(1, 11), y, rng)
    a = np.array([y[place] for place, letter in enumerate(plan.order) if letter == "A"])
    b = np.array([y[place] for place, letter in enumerate(plan.order) if letter == "B"])
    expected = stats.ttest_rel(a, b)
    low, high = expected.confidence_interval(0.95)
    assert (found.difference.value, found.difference.low, found.difference.high) == pytest.approx(
        ((a - b).mean(), low, high)
    )
    assert found.correlation is None


def test_the_p_value_is_that_of_scipys_permutation_test() -> None:
    rng = RNG(3)
    plan = schedule("ABBAABBAABBABA", 3, 1)
    found = measured(plan, rng, effect=0.8)
    days = np.arange(1, plan.periods[-1].last + 1)
    y = course(plan, RNG(3), 0.8, 0, 0)
    means = np.array([y[(days >= one.counted_from) & (days <= one.last)].mean() for one in plan.periods])
    a = np.array([means[place] for place, one in enumerate(plan.periods) if one.treatment == "A"])
    b = np.array([means[place] for place, one in enumerate(plan.periods) if one.treatment == "B"])
    test = stats.permutation_test(
        (a, b),
        lambda x, z, axis: np.abs((x - z).mean(axis=axis)),
        permutation_type="samples",
        alternative="greater",
        n_resamples=np.inf,
        vectorized=True,
    )
    assert found.p == pytest.approx(test.pvalue, abs=1e-12)
    assert (found.assignments, found.smallest_p) == (128, 2 / 128)


def test_the_error_of_the_first_kind_is_kept_whatever_the_correlation() -> None:
    """Over 2,000 trials without an effect: p <= 0.05 in no more than 5 % of them (6 blocks: p is a multiple of 1/32)."""
    rng = RNG(4)
    for rho in (0.0, 0.7):
        p = []
        for _ in range(1000):
            plan = design(6, 4, 1, rng)
            y = course(plan, rng, 0, rho, 0)
            days = np.arange(1, plan.periods[-1].last + 1)
            from nof1.response.n_of_1 import randomisation

            place = (days - 1) // plan.days
            counts = days >= np.array([one.counted_from for one in plan.periods])[place]
            is_a = np.array([one.treatment == "A" for one in plan.periods])
            p.append(randomisation(place[counts], y[counts], is_a, range(6), rng)[0])
        share = float(np.mean(np.array(p) <= 0.05))
        assert stats.binomtest(int(share * 1000), 1000, 1 / 32).pvalue > 0.001, (rho, share)
        assert share <= 0.05


@pytest.mark.slow
@pytest.mark.parametrize(("rho", "carry"), [(0.0, 0.0), (0.5, 0.0), (0.8, 0.0), (0.3, 1.5)])
def test_intervals_of_trials_hold_what_they_say(rho: float, carry: float) -> None:
    rng = RNG(5)
    held = []
    for _ in range(2000):
        found = measured(design(4, 7, 0 if carry else 2, rng), rng, 1.0, rho, carry)
        low, high = found.difference.low, found.difference.high
        assert low is not None and high is not None
        held.append(low <= 1 <= high)
    print(f"rho={rho} carry-over={carry}: {np.mean(held):.4f}")
    assert 0.935 <= np.mean(held) <= 0.992


@pytest.mark.slow
def test_a_carry_over_that_is_left_out_biases_and_one_that_is_modelled_does_not() -> None:
    rng = RNG(6)
    plain, modelled = [], []
    for _ in range(150):
        plan = design(4, 7, 0, rng)
        y = course(plan, rng, 2.0, 0.2, 3.0)
        days = np.arange(1, 57)
        plain.append(analyse(plan, days, y, rng).difference.value)
        modelled.append(analyse(plan, days, y, rng, carry_days=3.0).difference.value)
    assert np.mean(modelled) == pytest.approx(2.0, abs=0.1)
    assert np.mean(plain) < 1.85


def test_swapping_the_names_turns_the_sign() -> None:
    rng = RNG(7)
    plan, other = schedule("ABBAAB", 5, 1), schedule("BAABBA", 5, 1)
    y, days = rng.normal(size=30), np.arange(1, 31)
    one, two = analyse(plan, days, y, rng), analyse(other, days, y, rng)
    assert one.difference.value == pytest.approx(-two.difference.value)
    assert one.p == two.p and one.difference.low == pytest.approx(-(two.difference.high or 0))


@settings(max_examples=20)
@given(st.permutations(list(range(30))))
def test_the_order_of_the_rows_does_not_matter(order: list[int]) -> None:
    plan = schedule("ABBAAB", 5, 1)
    y, days = RNG(8).normal(size=30), np.arange(1, 31)
    assert analyse(plan, days[order], y[order], RNG(0)) == analyse(plan, days, y, RNG(0))


def test_many_blocks_are_sampled_with_the_observed_order_among_them() -> None:
    plan = design(20, 2, 0, RNG(9))
    found = measured(plan, RNG(10), effect=5.0)
    assert found.is_sampled and found.assignments == 1 << 14
    assert found.p >= 1 / found.assignments


def test_missing_days_and_blocks_are_said() -> None:
    plan = schedule("ABBAAB", 4, 1)
    days = np.array([day for day in range(1, 25) if not 5 <= day <= 8])  # no period 2
    found = analyse(plan, days, RNG(11).normal(size=len(days)), RNG(0))
    assert found.blocks == 2 and found.smallest_p == 0.5 and "block 1" in found.notes[0]
    with pytest.raises(RequestError, match="1 of 3 blocks have values under both"):
        analyse(plan, np.arange(1, 13), RNG(1).normal(size=12), RNG(0))


def test_bad_trials() -> None:
    plan = schedule("ABBA", 3, 1)
    with pytest.raises(RequestError, match="no outcome"):
        analyse(plan, np.array([], dtype=np.int64), np.array([]), RNG(0))
    with pytest.raises(RequestError, match="day 13 lies outside the trial, which has days 1 to 12"):
        analyse(plan, np.arange(1, 14), np.ones(13), RNG(0))
    with pytest.raises(RequestError, match="all 8 values are 1: nothing varies"):
        analyse(plan, np.arange(1, 13), np.ones(12), RNG(0))
    flat = np.where(np.isin((np.arange(12)) // 3, [0, 3]), 2.0, 1.0)
    with pytest.raises(RequestError, match="do not vary beyond the treatments"):
        analyse(plan, np.arange(1, 13), flat, RNG(0))
    for order in ("", "AB A", "AABB", "ABC", "A"):
        with pytest.raises(RequestError, match="blocks of one A and one B"):
            schedule(order, 3, 1)
    for blocks in (1, 0, -3, 501):
        with pytest.raises(RequestError, match="2 to 500"):
            design(blocks, 3, 1, RNG(0))


def test_shrinking_draws_towards_the_others_as_far_as_it_should() -> None:
    """Normal with known error: weights are the inverse variances (error 1, spread 2: 0.8 of the own value)."""
    z = stats.norm.ppf(0.975)
    result = Result(Interval(3, 3 - z, 3 + z), None, 0, 0, 1, 1, 2, False, None, None, 4, 0, 2, 0.95)
    found = shrunk(result, 0.0, 2.0).shrunk
    assert found is not None
    assert (found.value, found.high) == pytest.approx((2.4, 2.4 + z * np.sqrt(0.8)))
    with pytest.raises(RequestError, match="standard deviation above 0"):
        shrunk(result, 0.0, 0.0)
