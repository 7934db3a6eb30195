"""When a level will be low enough: against the half-life of one compartment."""

from __future__ import annotations

import numpy as np
import pytest

from nof1.knowledge.compiled import knowledge
from nof1.knowledge.dosing import Target
from nof1.response.case import Case
from nof1.response.covariates import fitting
from nof1.response.fit import fit
from nof1.response.history import Dose
from nof1.response.waiting import LONGEST, waits

KNOWN = knowledge()
MODEL = KNOWN.kinetics.models["vancomycin-buelga-2005"]


def target(high: float) -> Target:
    return Target("t", "t", "trough", "mg/L", "s#p", "provisional", "2026-11-26", low=1.0, high=high)


@pytest.fixture(scope="module")
def case() -> Case:
    facts = {
        "weight": ((0, 70.0),),
        "age": ((0, 50.0),),
        "creatinine": ((0, 1.0),),
        "female": ((0, 0.0),),
        "male": ((0, 1.0),),
    }
    return Case("vancomycin", (Dose(0, 2000, "intravenous", 1.0),), (), 4.0, facts, states={"dialysis": 0.0})


def test_as_the_exponential_says(case: Case) -> None:
    """Without levels the draws are the population's: each falls with its own rate, exactly one exponential."""
    fitted = fit(MODEL, fitting(MODEL, case, KNOWN.care), np.random.default_rng(2), 1000)
    (found,) = waits([(fitted, 1.0)], [target(15.0)], case, "mg/L")
    etas = fitted.posterior.etas[fitted.posterior.picked(400)]
    clearance, volume = 1.08 * (140 - 50) * 70 / 72 * 0.06 * np.exp(etas[:, 0]), 0.98 * 70 * np.exp(etas[:, 1])
    rate = clearance / volume
    now = 2000 / clearance * (1 - np.exp(-rate)) * np.exp(-rate * 3)
    due = np.maximum(np.log(now / 15.0) / rate, 0)
    assert found.hours.middle == pytest.approx(np.median(due), abs=0.5)
    assert found.hours.high == pytest.approx(np.quantile(due, 0.95), abs=1.0)
    assert found.level_now.middle == pytest.approx(np.median(now), rel=0.02)


def test_never_within_sight_is_infinite(case: Case) -> None:
    fitted = fit(MODEL, fitting(MODEL, case, KNOWN.care), np.random.default_rng(2), 400)
    (found,) = waits([(fitted, 1.0)], [target(1e-4)], case, "mg/L")
    assert found.hours.high == float("inf") and LONGEST < 1e3


def test_nothing_before_the_first_dose(case: Case) -> None:
    assert waits([], [target(15.0)], case, "mg/L") == ()
