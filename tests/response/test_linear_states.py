"""Linear states along a grid against the closed form of a chain, and levels carried from dose to dose against their sum."""

from __future__ import annotations

import numpy as np
import pytest

from nof1.knowledge.compiled import knowledge
from nof1.response import dose_by_dose, superposition
from nof1.response.course import course
from nof1.response.history import Dose, History
from nof1.response.linear_states import carried
from nof1.response.prepared import prepare

GRID = np.cumsum([0.0, 0.5, 1.0, 2.5, 4.0, 8.0, 8.0, 3.0])


def chain(rates: list[float]) -> np.ndarray:
    """``A`` (1, lanes, 1, 2, 2) of two states in a row."""
    return np.array([[[[-k, 0.0], [k, -k]]] for k in rates])[None]


@pytest.mark.parametrize("rates", [[0.1, 0.1, 0.1], [0.05, 0.1, 0.3]], ids=["one matrix", "a matrix a lane"])
def test_a_parabola_that_drives_a_chain_is_followed_exactly(rates: list[float]) -> None:
    """``b = k (1 + t/50)`` in the first state: x1 = 1 + (t - 1/k)/50 + (1/k)/50 exp(-k t) from 1, by hand."""
    k = np.array(rates)
    points = np.sort(np.concatenate([GRID, (GRID[1:] + GRID[:-1]) / 2]))
    driven = (k[:, None] * (1 + points / 50))[None, :, :, None]
    look, steps = np.arange(len(GRID))[None], np.diff(GRID)[None]
    found = carried(chain(rates), driven, np.array([0]), np.ones((1, 3, 2)), steps, np.zeros(steps.shape, int), look)
    late = 1 + (GRID - 1 / k[:, None]) / 50 + np.exp(-k[:, None] * GRID) / (50 * k[:, None])
    np.testing.assert_allclose(found[0, :, :, 0], late, rtol=1e-12)
    # the second state integrates the first: d x2/dt = k (x1 - x2)
    ramp = 1 + (GRID - 2 / k[:, None]) / 50 + np.exp(-k[:, None] * GRID) * (2 / k[:, None] + GRID) / 50
    np.testing.assert_allclose(found[0, :, :, 1], ramp, rtol=1e-12)


def test_imaginary_steps_go_through() -> None:
    k = 0.1
    driven = np.full((1, 1, 2 * len(GRID) - 1, 1), 0.2 + 0j)
    look, steps = np.arange(len(GRID))[None], np.diff(GRID)[None]
    start, held = np.ones((1, 1, 2)), np.zeros(steps.shape, int)

    def ended(rate: complex) -> complex:
        a = np.array([[[[[-rate, 0.0], [rate, -rate]]]]])
        return complex(carried(a, driven, np.array([0]), start, steps, held, look)[0, 0, -1, 1])

    slope = ended(k + 1e-30j).imag / 1e-30
    assert slope == pytest.approx((ended(k + 1e-6).real - ended(k - 1e-6).real) / 2e-6, rel=1e-6)


def test_a_grid_of_one_point_is_where_it_begins() -> None:
    start = np.full((1, 3, 2), 0.7)
    nothing = np.zeros((1, 0))
    found = carried(
        chain([0.1] * 3), np.ones((1, 3, 1, 1)), np.array([0]), start, nothing, nothing.astype(int), np.array([[0]])
    )
    np.testing.assert_array_equal(found[:, :, 0], start)


def test_levels_from_dose_to_dose_are_the_sum_over_doses() -> None:
    model = knowledge().kinetics.models["warfarin-hamberg-2010"]
    known = {"age": 71.0, "s2": 0.0, "s3": 0.0, "a_alleles": 0.0, "baseline_inr": 1.0}
    covariates = {name: ((0.0, value),) for name, value in known.items()}
    doses = [(0.0, 5.0), (24.0, 5.0), (24.0, 2.5), (49.5, 7.5), (96.0, 1.0)]
    histories = [
        History(tuple(Dose(time, amount, "oral") for time, amount in given), covariates=covariates)
        for given in (doses, doses[:2])
    ]
    arrays, prepared = course(model, histories), prepare(model)
    times = np.array([[-3.0, 0.0, 1.0, 24.0, 25.0, 60.0, 200.0]] * 2)
    ka = np.array([[2.0, 0.02 + 1e-9, 0.5]])
    parameters = {"CL": np.array([[0.3, 0.3, 0.2]]), "V": np.array([[15.0]]), "ka": ka, "S": np.array([[0.5]])}
    assert dose_by_dose.has_levels(model.structure, arrays)
    assert prepared.is_driven
    expected = superposition.concentrations(model.structure, parameters, arrays, times)[0]
    np.testing.assert_allclose(dose_by_dose.concentrations(model.structure, parameters, arrays, times), expected, rtol=1e-10)
