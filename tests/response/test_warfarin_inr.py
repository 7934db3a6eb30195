"""The model of dose and INR: against another implementation's equations and numbers, and in doses that patients need."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from nof1.knowledge.compiled import knowledge
from nof1.knowledge.formula import parse
from nof1.response.course import course
from nof1.response.history import Dose, History
from nof1.response.predict import predict
from nof1.response.prepared import prepare

MODEL = "warfarin-hamberg-2010"
PARAMETERS = "response/models/hamberg_warfarin_inr_model_parameters.csv"


@pytest.fixture(scope="module")
def restated(reference_data: Path) -> dict[str, float]:
    """Parameters of mipd-warfarin's restatement."""
    path = reference_data / PARAMETERS
    if not path.exists():
        pytest.skip(f"{PARAMETERS} absent")
    with path.open(newline="") as file:
        return {row["Parameter"]: float(row["Value"]) for row in csv.DictReader(file)}


def inr(people: list[tuple[Dose, ...]], times: list[float], **covariates: float) -> NDArray[np.float64]:
    """INR of typical patients, (people, times)."""
    given = {"age": 71.0, "s2": 0.0, "s3": 0.0, "a_alleles": 0.0, "baseline_inr": 1.0, **covariates}
    histories = [History(doses, covariates={name: ((0.0, value),) for name, value in given.items()}) for doses in people]
    model = knowledge().kinetics.models[MODEL]
    prepared = prepare(model)
    etas = np.zeros((len(people), 1, prepared.size))
    asked, output = np.tile(times, (len(people), 1)), np.zeros((len(people), len(times)), int)
    return np.asarray(predict(prepared, course(model, histories), etas, asked, output).value[:, 0], float)


def daily(amount: float, days: int) -> tuple[Dose, ...]:
    return (Dose(0.0, amount, route="oral", interval=24.0, additional=days - 1),)


def test_the_inr_is_that_of_the_other_implementation(restated: dict[str, float]) -> None:
    """Its equations in its parameters, written out here: depot, central amount, two chains of three."""
    ka, ke, volume = restated["dose.absorption_rate"], restated["global.elimination_rate"], restated["global.volume"]
    ec50, gamma = restated["global.half_maximal_effect_concentration"], restated["global.gamma"]
    fast, slow = restated["Pooled Transition rate chain 1"], restated["Pooled Transition rate chain 2"]
    top, base = restated["global.maximal_inr_shift"], restated["global.baseline_inr"]

    def change(_: float, y: NDArray[np.float64]) -> list[float]:
        depot, amount, f1, f2, f3, s1, s2, s3 = y
        c = max(amount / volume, 0.0) ** gamma
        left = 1 - c / (ec50**gamma + c)
        chains = [
            fast * (left - f1),
            fast * (f1 - f2),
            fast * (f2 - f3),
            slow * (left - s1),
            slow * (s1 - s2),
            slow * (s2 - s3),
        ]
        return [-ka * depot, ka * depot - ke * amount, *chains]

    state, expected = np.array([0.0, 0.0, *[1.0] * 6]), []
    for _ in range(14):
        state[0] += 2.5  # half of 5 mg is the S-enantiomer
        state = solve_ivp(change, (0.0, 24.0), state, method="LSODA", rtol=1e-9, atol=1e-12).y[:, -1]
        expected.append(base + top * (1 - (state[4] + state[7]) / 2))
    found = inr([daily(5.0, 14)], [24.0 * day for day in range(1, 15)])[0]
    # its rate of elimination is printed with three digits (0.0243 for 2 x 0.174 / 14.3)
    assert found == pytest.approx(np.array(expected), rel=3e-3)


def test_without_a_dose_the_inr_stays_where_it_was() -> None:
    found = inr([(Dose(0.0, 0.0, route="oral"),)], [24.0, 240.0], baseline_inr=1.1)
    assert found[0] == pytest.approx([1.1, 1.1], abs=1e-9)


def test_clearance_by_genotype_is_that_of_the_other_implementation(restated: dict[str, float]) -> None:
    model = knowledge().kinetics.models[MODEL]
    numbers: dict[str, float] = {item.name: item.value for item in model.numbers}

    def clearance(s2: float, s3: float, age: float = 71) -> float:
        return float(parse(model.computed[0].formula).evaluate({**numbers, "s2": s2, "s3": s3, "age": age}))

    normal = clearance(0, 0)
    assert 1 - clearance(2, 0) / normal == pytest.approx(restated["Rel. elimination rate shift *2*2"], abs=0.001)
    assert 1 - clearance(0, 2) / normal == pytest.approx(restated["Rel. elimination rate shift *3*3"], abs=0.001)
    assert 1 - clearance(0, 0, 81) / normal == pytest.approx(10 * restated["Rel. elimination rate shift with age"], abs=1e-9)


@pytest.mark.parametrize(
    ("low", "high", "covariates"),
    # usual maintenance doses by genotype in the label's table (fda-label-warfarin-2022#2.3), mg a day
    [(5, 7, {}), (5, 7, {"a_alleles": 1}), (3, 4, {"a_alleles": 2}), (0.5, 2, {"a_alleles": 2, "s3": 2})],
)
def test_doses_of_the_label_bring_the_inr_near_its_target(low: float, high: float, covariates: dict[str, float]) -> None:
    """A model that called for another order of dose would be wrong; a third beside the label's range is allowed."""
    grid = np.array([0.25, 0.5, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12])
    steady = inr([daily(float(dose), 40) for dose in grid], [24.0 * 40], **covariates)[:, 0]
    needed = float(np.interp(2.5, steady, grid))
    assert low / 1.34 <= needed <= high * 1.34, needed
