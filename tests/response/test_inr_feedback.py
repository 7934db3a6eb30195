"""Doses of warfarin after INRs: which way they go, what forbids a draft, and courses ahead followed together or each alone."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from nof1.knowledge.compiled import knowledge
from nof1.response.ahead import followed_many
from nof1.response.answer import Answer, Wishes, answer
from nof1.response.case import Case, GeneKnown
from nof1.response.covariates import fitting
from nof1.response.fit import fit, followed_each, followed_multiples
from nof1.response.history import Dose, Level
from nof1.response.regimens import Regimen
from nof1.response.targets import aim

MODEL = knowledge().kinetics.models["warfarin-hamberg-2010"]
FILE = knowledge().kinetics.dosing["warfarin"]
NOW = 24.0 * 12
CASE = Case(
    "warfarin",
    tuple(Dose(24.0 * day, 5.0, "oral") for day in range(12)),
    tuple(Level(24.0 * day - 10, value) for day, value in ((4, 1.4), (6, 1.9), (9, 2.3), (12, 2.6))),
    NOW,
    facts={"age": ((0.0, 67.0),), "inr": ((NOW - 10, 2.6),)},
    given={"baseline_inr": ((0.0, 1.0),)},
    genes={"CYP2C9": GeneKnown(("*1", "*2")), "VKORC1": GeneKnown(("rs9923231 reference (C)", "rs9923231 variant (T)"))},
)


def asked(case: Case, status: str = "provisional") -> Answer:
    model = msgspec.structs.replace(MODEL, status=status)
    targets = [msgspec.structs.replace(item, status=status) for item in FILE.targets]
    regimens = [msgspec.structs.replace(item, status=status) for item in FILE.regimens]
    ceilings = [msgspec.structs.replace(item, status=status) for item in FILE.ceilings]
    file = msgspec.structs.replace(FILE, targets=targets, regimens=regimens, ceilings=ceilings)
    return answer(case, [model], file, knowledge().care, np.random.default_rng(1), Wishes(draws=400))


def scaled(share: float) -> Case:
    return replace(CASE, levels=tuple(replace(item, value=1 + (item.value - 1) * share) for item in CASE.levels))


def test_the_higher_the_inr_the_smaller_the_dose() -> None:
    chosen = [asked(scaled(share)).options[0] for share in (0.4, 1.0, 2.0)]
    assert chosen[0].regimen.amount > chosen[1].regimen.amount > chosen[2].regimen.amount
    for item in chosen:
        assert item.time_in_range is not None
        assert 0 < item.time_in_range <= 1


def test_a_dose_that_suits_is_kept() -> None:
    """INRs on the way to 2.6 under 5 mg: the dose of the highest utility is near, and what is given now is worth as much."""
    found = asked(CASE)
    assert abs(found.options[0].regimen.amount - 5.0) <= 1.5
    assert found.present is not None
    assert found.present.in_target > 0.5


def test_nothing_provisional_is_drafted() -> None:
    held_back, settled = asked(CASE), asked(CASE, "machine-read")
    assert held_back.draft is None
    assert any("was entered once" in text for text in held_back.blocked)
    assert settled.blocked == ()
    assert settled.draft == settled.options[0]


@pytest.mark.parametrize("now", [NOW, NOW + 30.0], ids=["at the usual time", "after a gap"])
def test_courses_ahead_are_the_same_together_and_alone(now: float) -> None:
    found = fit(MODEL, fitting(MODEL, CASE, knowledge().care), np.random.default_rng(2), 50)
    times, amounts = now + np.array([6.0, 24.0, 100.0, 336.0, 672.0]), np.array([1.0, 4.5, 10.0])
    dose = Dose(now, 1.0, "oral", 0.0, 24.0, 27)
    together = followed_multiples(found, found.posterior.etas, times, dose, amounts)
    rows = [(replace(dose, amount=float(amount)),) for amount in amounts]
    alone = followed_each(found, found.posterior.etas, np.tile(times, (3, 1)), rows)
    np.testing.assert_allclose(together, alone, rtol=1e-3)


def test_regimens_keep_their_order_among_intervals() -> None:
    """Regimens of two intervals, mixed: each one's exposures are those it has alone."""
    found = fit(MODEL, fitting(MODEL, CASE, knowledge().care), np.random.default_rng(2), 40)
    aimed = aim(FILE.targets[0], CASE, "1")
    regimens = [Regimen("oral", 4.0, 24.0, 0.0), Regimen("oral", 8.0, 48.0, 0.0), Regimen("oral", 6.0, 24.0, 0.0)]
    weights = np.full(40, 1 / 40)
    together = followed_many(found, found.posterior.etas, weights, regimens, aimed, NOW, 0)
    for number, item in enumerate(regimens):
        alone = followed_many(found, found.posterior.etas, weights, [item], aimed, NOW, 0)
        np.testing.assert_allclose(together.steady[number], alone.steady[0], rtol=1e-12)
        np.testing.assert_allclose(together.inside[number], alone.inside[0])
