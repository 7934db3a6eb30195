"""The estimate is the highest hill, found from any side, and says so when it is not sure."""

from __future__ import annotations

import numpy as np
import pytest
from response_models import cpt2021, model

from nof1.errors import InputError
from nof1.response.course import course
from nof1.response.estimate import estimate
from nof1.response.history import Dose, History, Level
from nof1.response.posterior import prior
from nof1.response.predict import predict
from nof1.response.prepared import Prepared, prepare


def simulated(prepared: Prepared, people: int, times: np.ndarray, seed: int) -> list[History]:
    """Histories with levels drawn from the model itself."""
    rng = np.random.default_rng(seed)
    doses = (Dose(0, 10_000, "1"), Dose(72, 10_000, "1", interval=24, additional=6))
    whole = course(prepared.model, [History(doses)] * people)
    asked = np.sort(rng.choice(times, (people, 3)), axis=1)
    found = predict(prepared, whole, prior(prepared, rng, people)[:, None], asked, np.zeros(asked.shape, int))
    seen = found.value[:, 0] + found.sd[:, 0] * rng.standard_normal(asked.shape)
    return [
        History(doses, tuple(Level(t, y) for t, y in zip(asked[row], seen[row], strict=True) if y > 1e-3))
        for row in range(people)
    ]


@pytest.mark.parametrize("run", ["001", "003", "504", "513"])
def test_no_start_leads_lower(run: str) -> None:
    """Against 150 starts from the population; 513 has variances of 2, where NONMEM and others stop at lower hills."""
    prepared = prepare(cpt2021(run))
    times = np.concatenate([np.arange(0.5, 26, 0.7), np.arange(216.4, 240, 0.9)])
    whole = course(prepared.model, simulated(prepared, 40, times, 7))
    ours = estimate(prepared, whole)
    best = estimate(prepared, whole, prior(prepared, np.random.default_rng(1), 150))
    lower = ours.phi - best.phi
    assert (lower < 1e-4).mean() >= 0.97, lower[lower >= 1e-4]
    assert ours.is_converged.all()


def test_a_kink_is_found_and_said_to_be_converged() -> None:
    """The level lies where the infusion ends: its duration is then at the level's time."""
    known = model(
        {"compartments": 1, "inputs": [{"routes": ["x"], "kind": "zero_order", "duration": "duration"}]},
        {"CL": "5", "V": "50", "duration": "4*exp(e)"},
        {"e": 0.2},
    )
    found = estimate(prepare(known), course(known, [History((Dose(0, 500, "x"),), (Level(4.4, 12.0),))]))
    assert 4 * np.exp(found.eta[0, 0]) == pytest.approx(4.4, abs=1e-3)
    assert found.is_converged[0]


def test_a_level_before_a_late_absorption() -> None:
    """With the typical lag nothing has come by then: a shorter lag has to be found though no slope leads there."""
    known = cpt2021("003")
    one = History((Dose(0, 10_000, "1"),), (Level(0.6, 30.0), Level(8, 80.0)))
    prepared = prepare(known)
    found = estimate(prepared, course(known, [one]))
    assert np.exp(found.eta[0, 3]) < 0.6
    assert found.phi[0] < 50


def test_no_level_is_the_typical_patient() -> None:
    prepared = prepare(cpt2021("101"))
    found = estimate(prepared, course(prepared.model, [History((Dose(0, 100, "1"),))]))
    assert np.abs(found.eta).max() < 1e-12
    assert np.linalg.inv(found.hessian[0]) == pytest.approx(prepared.variance, abs=1e-9)


def test_no_random_effect_leaves_nothing_to_estimate() -> None:
    known = model({"compartments": 1, "inputs": [{"routes": ["x"], "kind": "bolus"}]}, {"CL": "5", "V": "50"})
    found = estimate(prepare(known), course(known, [History((Dose(0, 500, "x"),), (Level(2, 9.0),))]))
    assert found.eta.shape == (1, 0)
    assert found.is_converged[0]


def test_variances_that_make_no_matrix_are_refused() -> None:
    known = model(
        {"compartments": 1, "inputs": [{"routes": ["x"], "kind": "bolus"}]},
        {"CL": "5*exp(a)", "V": "50*exp(b)"},
        {"a": 0.1, "b": 0.1},
        covariances=[{"between": ["a", "b"], "covariance": "0.2"}],
    )
    with pytest.raises(InputError, match="beyond 1"):
        prepare(known)
