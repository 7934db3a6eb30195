"""Published estimates and doses of other programs, each model written as data from its description.

The cases of ``mipd_expected.json`` run as they stand there. Of those it only names, what its description leaves out comes from
the same test files of posologyr (levenc/posologyr, tests/testthat) and PKPDmap (InsightRX/PKPDmap, tests/testthat and
tests/nm/sdtab1, patient 1): numbers, as facts.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from response_models import covariate, cpt2021, model

from nof1.knowledge.kinetics import PkModel
from nof1.response import superposition
from nof1.response.course import course
from nof1.response.estimate import Estimate, estimate
from nof1.response.history import Dose, History, Level
from nof1.response.objective import slope
from nof1.response.predict import parameters, predict
from nof1.response.prepared import Prepared, prepare

IV = {"routes": ["iv"], "kind": "bolus"}


@pytest.fixture(scope="module")
def cases(reference_data: Path) -> dict[str, dict[str, Any]]:
    told = json.loads((reference_data / "response" / "mipd_expected.json").read_text())
    return {case["name"]: case for case in told["cases"] + told["not_run"]}


def given(case: dict[str, Any], route: str = "iv", **more: Any) -> History:
    doses = tuple(Dose(row[0], row[1], route, row[2]) for row in case["doses"])
    return History(doses, tuple(Level(*row) for row in case["obs"]), **more)


def fitted(known: PkModel, one: History, occasions: int = 1) -> tuple[Prepared, Estimate, dict[str, np.ndarray]]:
    """The estimate and every parameter there, (segments)."""
    prepared = prepare(known, occasions)
    whole = course(known, [one])
    found = estimate(prepared, whole)
    assert found.is_converged.all()
    values = parameters(prepared, whole, found.eta[:, None])
    return prepared, found, {item.name: np.asarray(values[item.name])[0, 0] for item in known.parameters}


def level(prepared: Prepared, found: Estimate, doses: tuple[Dose, ...], *times: float) -> np.ndarray:
    whole = course(prepared.model, [History(doses)])
    return predict(prepared, whole, found.eta[:, None], np.array([times]), np.zeros((1, len(times)), int)).value[0, 0]


def area(prepared: Prepared, found: Estimate, doses: tuple[Dose, ...], *times: float) -> np.ndarray:
    whole = course(prepared.model, [History(doses)])
    values = parameters(prepared, whole, found.eta[:, None])
    own = {item.name: np.asarray(values[item.name]).reshape(1, 1) for item in prepared.model.parameters}
    return superposition.areas(prepared.model.structure, own, whole, np.array([times]))[0, 0]


def test_every_case_is_asked_for(cases: dict[str, dict[str, Any]]) -> None:
    assert set(cases) == {
        *("tobramycin_p01", "piperacillin_IOV_p06", "ganciclovir_caldes_dose_cmt", "daptomycin_dvorchik_tdm"),
        *(f"mapbayr_nm001_id{number}" for number in (1, 4, 6, 7, 8)),
        "PKPDmap_BLQ_M3",
    }


def test_rate_constants_as_parameters(cases: dict[str, dict[str, Any]]) -> None:
    case = cases["tobramycin_p01"]
    known = model(
        {"compartments": 2, "inputs": [IV]},
        {
            "ke": "exp(log(0.21)+0.89*log(CLCREAT/67.8)-1.09*log(WT/66.4)+e_ke)",
            "V": "exp(log(19.8)+0.80*log(WT/66.4)+e_V)",
            "CL": "ke*V", "Q": "0.041*V", "V2": "Q/0.12",
        },
        {f"e_{name}": size for name, size in case["model"]["omega_var"].items()},
        {"kind": "proportional", "proportional": "0.198"},
        covariates=[covariate("CLCREAT"), covariate("WT")],
    )  # fmt: skip
    fixed = {name: ((0.0, float(value)),) for name, value in case["cov"].items()}
    values = fitted(known, given(case, covariates=fixed))[2]
    for name, expected in case["expected"].items():
        assert values[name][0] == pytest.approx(expected, rel=case["rtol"][name])


def test_occasions(cases: dict[str, dict[str, Any]]) -> None:
    case = cases["piperacillin_IOV_p06"]
    sizes = dict(zip(("e1", "e2", "e3", "e4", "e5"), case["model"]["omega_var"], strict=True))
    sizes |= dict(zip(("kCL@occasion", "kV1@occasion"), case["model"]["iov_var"], strict=True))
    known = model(
        {"compartments": 2, "inputs": [{**IV, "lag": "lag"}]},
        {
            "lag": "0.07*exp(e1)", "CL": "17.1*TBW/70*exp(e2+kCL)", "V": "7.2*exp(e3+kV1)", "V2": "17.8*exp(e4)",
            "Q": "52*exp(e5)",
        },
        sizes,
        {"kind": "combined1", "additive": "3.2", "proportional": "0.253"},
        covariates=[covariate("TBW")],
    )  # fmt: skip
    one = given(case, covariates={"TBW": ((0.0, float(case["cov"]["TBW"])),)}, occasions=tuple(case["occ_start"]))
    _, _, values = fitted(known, one, len(case["occ_start"]))
    expected = case["expected"]
    # Monolix prints three digits: half a unit of the last one beside the tolerance
    assert values["CL"] == pytest.approx(expected["Cl_occ"], rel=case["rtol"], abs=0.05)
    for name, theirs in (("lag", "LAGTIME"), ("V", "V1"), ("Q", "Q"), ("V2", "V2")):
        assert values[name] == pytest.approx(expected[theirs], rel=0.01), name


@pytest.mark.parametrize("number", [1, 4, 6, 7, 8])
def test_nonmem(cases: dict[str, dict[str, Any]], number: int) -> None:
    case = cases[f"mapbayr_nm001_id{number}"]
    one = given(case, "1")
    prepared, found, _ = fitted(cpt2021("001"), one)
    assert found.eta[0] == pytest.approx(list(case["expected"].values()), rel=case["rtol"], abs=1e-6)
    expected = slope(prepared, course(prepared.model, [one]), np.linalg.inv(prepared.variance), found.eta).information[0]
    theirs = pytest.approx(case["posterior_cov_lower_tri_NONMEM_ETC"], rel=1e-4, abs=1e-6)
    assert np.linalg.inv(expected)[np.tril_indices(3)] == theirs, "its curvature is the expected one"
    assert np.diag(np.linalg.inv(found.hessian[0])) == pytest.approx(np.diag(np.linalg.inv(expected)), rel=0.1)


def ganciclovir() -> PkModel:
    oral = {"routes": ["depot"], "kind": "first_order", "ka": "ka", "lag": "lag", "bioavailability": "F"}
    return model(
        {"compartments": 2, "inputs": [oral, {**IV, "routes": ["centr"]}]},
        {
            "CL": "7.49*(ClCr/57)*exp(e_cl)", "V": "31.9*exp(e_v1)", "Q": "10.2", "V2": "32", "ka": "0.895*exp(e_ka)",
            "lag": "0.382", "F": "0.825*exp(e_F)",
        },
        {"e_cl": 0.107, "e_v1": 0.227, "e_ka": 0.464, "e_F": 0.049},
        {"kind": "combined1", "additive": "0.465", "proportional": "0.143"},
        covariates=[{**covariate("ClCr")}],
    )  # fmt: skip


def test_doses_into_a_depot_and_the_central_compartment(cases: dict[str, dict[str, Any]]) -> None:
    case = cases["ganciclovir_caldes_dose_cmt"]
    fixed = {"ClCr": ((0.0, float(case["cov"]["ClCr"])),)}
    known = ganciclovir()
    prepared = prepare(known)
    doses = tuple(Dose(row[0], row[1], "depot") for row in case["doses"])
    found = estimate(prepared, course(known, [History(doses, tuple(Level(*row) for row in case["obs"]), fixed)]))

    def at(doses: tuple[Dose, ...], *times: float) -> np.ndarray:
        whole = course(known, [History(doses, (), fixed)])
        return predict(prepared, whole, found.eta[:, None], np.array([times]), np.zeros((1, len(times)), int)).value[0, 0]

    def auc(doses: tuple[Dose, ...], *times: float) -> np.ndarray:
        whole = course(known, [History(doses, (), fixed)])
        values = parameters(prepared, whole, found.eta[:, None])
        own = {item.name: np.asarray(values[item.name]).reshape(1, 1) for item in known.parameters}
        return superposition.areas(known.structure, own, whole, np.array([times]))[0, 0]

    ours = {}
    left = at(doses, 25)[0]
    for route in ("depot", "centr"):
        ours[f"25h {route}"] = (6 - left) / at((Dose(24.1, 1, route),), 25)[0]
        ours[f"1h {route}"] = 6 / at((Dose(0, 1, route),), 1)[0]
        ours[f"auc {route}"] = 50 / auc((Dose(0, 1, route),), 24)[0]
        before = auc(doses, 24.1, 48.1)
        ours[f"tdm auc {route}"] = (50 - (before[1] - before[0])) / auc((Dose(0, 1, route),), 24)[0]
        low, high = 4.0, 24.0  # its trough is taken 0.1 hours before the last of eleven doses
        for _ in range(50):
            middle = (low + high) / 2
            trough = at((Dose(0, 500, route, interval=middle, additional=10),), 10 * middle - 0.1)[0]
            low, high = (middle, high) if trough > 1 else (low, middle)
        ours[f"interval {route}"] = low
    expected = case["expected"]
    theirs = {
        "25h depot": expected["dose C(25h)=6, dose at 24.1 depot"], "25h centr": expected["same, centr"],
        "1h depot": expected["single depot dose C(1)=6"], "interval centr": expected["centr"],
        "auc depot": expected["AUC24=50 single depot"], "auc centr": expected["centr AUC24=50"],
        "interval depot": expected["interval 500 mg Cmin 1 depot"],
        "1h centr": 393.84, "tdm auc depot": 924.458, "tdm auc centr": 645.857,
    }  # fmt: skip
    assert ours == pytest.approx(theirs, rel=1e-3)


def test_doses_after_levels(cases: dict[str, dict[str, Any]]) -> None:
    """Its variances are the roots of logarithms, as written there; 4.72 is a variance."""
    case = cases["daptomycin_dvorchik_tdm"]["expected"]
    spread = {"CL": 0.306, "V": 0.567, "V2": 0.191, "Q": 0.652}
    known = model(
        {"compartments": 2, "inputs": [IV]},
        {
            "CL": "((0.807+0.00514*(53-91.2))+0.14*(37.2-37.2))*0.8*exp(e_CL)", "V": "4.8*exp(e_V)",
            "V2": "(3.13+0.0458*(100-75.1))*1.93*exp(e_V2)", "Q": "(3.46+0.0593*(100-75.1))*exp(e_Q)",
        },
        {f"e_{name}": float(np.sqrt(np.log(one**2 + 1))) for name, one in spread.items()},
        {"kind": "additive", "additive": "4.72**0.5"},
    )  # fmt: skip
    doses = tuple(Dose(time, 1000, "iv", 1) for time in (0, 24, 49))
    one = History(doses, (Level(23.5, 26.9), Level(48.75, 48.7), Level(97.25, 27.7)))
    prepared, found, _ = fitted(known, one)
    times = np.arange(49.2, 200, 0.1)
    assert times[(level(prepared, found, doses, *times) < 24).argmax()] - 49 == pytest.approx(case["time Cmin 24"], rel=1e-2)
    unit = (Dose(104, 1, "iv", 1),)
    for_level = (60 - level(prepared, found, doses, 105)[0]) / level(prepared, found, unit, 105)[0]
    assert for_level == pytest.approx(case["dose C(105)=60 @104"], rel=1e-3)
    left, more = area(prepared, found, doses, 104, 128), area(prepared, found, unit, 128)
    assert (666 - (left[1] - left[0])) / more[0] == pytest.approx(case["dose AUC24=666 @104"], rel=1e-3)


SAMPLES = {0.25: 1119.1, 0.5: 1257.4, 1: 916.38, 2: 801.13, 4: 668.57, 6: 590.21, 8: 581.08, 12: 419.31, 23.9: 190.41}
SAMPLES |= {36: 607.38, 47.9: 432.71}


def bolus_model(residual: dict[str, str]) -> PkModel:
    return model(
        {"compartments": 1, "inputs": [IV]},
        {"CL": "7.67*exp(e_CL)", "V": "97.7*exp(e_V)"},
        {"e_CL": 0.0406, "e_V": 0.117},
        residual,
        covariances=[{"between": ["e_CL", "e_V"], "covariance": "0.0623"}],
    )


def sampled(low: float, high: float, kept: bool = False) -> tuple[Level, ...]:
    """Levels, those beyond a limit given as that limit; ``kept``: as if it had been measured."""
    made = []
    for time, value in SAMPLES.items():
        limit = "below" if value < low else "above" if value > high else ""
        one = Level(time, float(np.clip(value, low, high)), limit="" if kept else limit)
        made.append(one)
    return tuple(made)


DOSES = (Dose(0, 100000, "iv"), Dose(24, 100000, "iv"))
ADDITIVE = {"kind": "additive", "additive": "17300**0.5"}


def test_levels_below_a_limit(cases: dict[str, dict[str, Any]]) -> None:
    expected = cases["PKPDmap_BLQ_M3"]["expected"]
    known = bolus_model(ADDITIVE)
    one = History(DOSES, sampled(500, np.inf))
    prepared, found, values = fitted(known, one)
    assert values["CL"][0] == pytest.approx(expected["CL"], abs=2e-3)
    assert values["V"][0] == pytest.approx(expected["V"], abs=2e-2)
    at = level(prepared, found, DOSES, *SAMPLES)
    seen = np.array([one.value for one in sampled(0, np.inf)])
    weighted = (seen - at) / 17300**0.5
    is_measured = seen >= 500
    assert weighted[is_measured] == pytest.approx(np.array(expected["iwres"])[is_measured], abs=2e-3)


def test_levels_beyond_either_limit() -> None:
    _, _, values = fitted(bolus_model(ADDITIVE), History(DOSES, sampled(500, 1000)))
    assert values["CL"][0] == pytest.approx(7.54, abs=0.006)
    assert values["V"][0] == pytest.approx(95.6, abs=0.06)


def test_logarithms_of_levels() -> None:
    residual = {"kind": "lognormal", "proportional": "0.15"}
    _, _, values = fitted(bolus_model(residual), History(DOSES, sampled(500, np.inf, kept=True)))
    assert values["CL"][0] == pytest.approx(5.408, abs=2e-3)
    assert values["V"][0] == pytest.approx(98.954, abs=2e-2)


def test_levels_of_nonmem() -> None:
    """IPRED of NONMEM for the same patient, nothing censored."""
    prepared, found, _ = fitted(bolus_model(ADDITIVE), History(DOSES, sampled(0, np.inf)))
    theirs = [1055.8, 1035.7, 996.46, 922.46, 790.54, 677.49, 580.60, 426.42, 170.24, 493.34, 196.95]
    assert level(prepared, found, DOSES, *SAMPLES) == pytest.approx(theirs, rel=2e-3)  # the variances have three digits


def test_a_limit_that_is_not_reached_says_little() -> None:
    """Censoring at a limit far above leaves the estimate as if the level were not there."""
    known = bolus_model(ADDITIVE)
    one = History(DOSES, (Level(1, 950), Level(2, 5000, limit="below")))
    alone = fitted(known, replace(one, levels=one.levels[:1]))[1]
    assert fitted(known, one)[1].eta == pytest.approx(alone.eta, abs=1e-8)
