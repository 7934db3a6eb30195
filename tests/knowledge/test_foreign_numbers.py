"""Converted PKPDsim models against their own C++ code, compiled: every rate, level and bioavailability at random people."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from foreign_values import rates, values
from test_foreign_models import PKPDSIM_FILES, brought

from nof1.knowledge.foreign.pkpdsim_file import decoded
from nof1.knowledge.formula import parse
from nof1.knowledge.kinetics import PkModel
from nof1.response.course import course
from nof1.response.history import Dose, History
from nof1.response.predict import predict
from nof1.response.prepared import prepare

pytestmark = pytest.mark.slow
_READ = [name for name, expected in PKPDSIM_FILES.items() if expected[0].isdigit()]
_STATES = 16
_PEOPLE = 300
_RANGES = {
    "WT": (2, 120), "HT": (50, 195), "AGE": (0.5, 85), "PMA": (26, 100), "CR": (0.3, 3), "CRCL": (1, 9), "GA": (24, 42),
    "T_CL_EFF": (0, 80), "FU": (0.1, 1), "MIC": (0.5, 16), "CL_HEMO": (0, 3),
}  # fmt: skip
Run = Callable[[dict[str, float], np.ndarray, float], tuple[np.ndarray, float, float]]


def library(raw: dict[str, Any], names: list[str], folder: Path) -> Run:
    """The file's code as a function: values of ``names``, amounts and time to rates, level and bioavailability.

    As PKPDsim does it, a line's end ends a statement and every variable is a global ``double`` that begins at 0.
    """
    declared = sorted({*names, *raw["variables"], *raw["covariates"], *re.findall(r"\b(\w+) = ", _code(raw)), "scale"})
    obs, dose = raw["obs"], raw["dose"]
    level = obs["variable"][0] if "variable" in obs else f"A[{obs['cmt'] - 1}] / ({obs['scale']})"
    share = dose["bioav"][0] if isinstance(dose["bioav"], list) else dose["bioav"]
    text = f"""
#include <cmath>
static double min(double a, double b) {{ return a < b ? a : b; }}
static double max(double a, double b) {{ return a > b ? a : b; }}
namespace model {{
double {", ".join(f"{name} = 0" for name in declared)};
extern "C" void run(const double* given, const double* A, double t, double* dAdt, double* out) {{
{"".join(f"{name} = given[{index}];" for index, name in enumerate(names))}
{_ended(raw.get("pk_code", ""))}
{_ended(raw["ode_code"])}
out[0] = {level};
out[1] = {share};
}} }}
"""
    (folder / "model.cpp").write_text(text)
    made = folder / "model.so"
    subprocess.run(
        ["g++", "-w", "-shared", "-fPIC", "-O1", "-ffp-contract=off", "-o", made, folder / "model.cpp"], check=True
    )
    function = ctypes.CDLL(str(made)).run
    kind = ctypes.POINTER(ctypes.c_double)
    function.argtypes = [kind, kind, ctypes.c_double, kind, kind]
    function.restype = None

    def run(given: dict[str, float], amounts: np.ndarray, time: float) -> tuple[np.ndarray, float, float]:
        state = np.zeros(_STATES)
        state[: len(amounts)] = amounts
        arrays = [np.array([given[name] for name in names]), state, np.zeros(_STATES), np.zeros(2)]
        one, two, three, four = (item.ctypes.data_as(kind) for item in arrays)
        function(one, two, time, three, four)
        return arrays[2][: len(amounts)], float(arrays[3][0]), float(arrays[3][1])

    return run


def _code(raw: dict[str, Any]) -> str:
    return f"{raw.get('pk_code', '')}\n{raw['ode_code']}"


def _ended(code: str) -> str:
    """``;`` before each end of a line that is no comment."""
    return "\n".join(line if line.strip().startswith("//") else f"{line};" for line in code.split("\n"))


def person(raw: dict[str, Any], model: PkModel, rng: np.random.Generator) -> tuple[dict[str, float], dict[str, float]]:
    """A random person: what the file's code is given, and what our model is given."""
    theirs, ours = dict(raw["parameters"]), {}
    for item in raw["covariates"]:
        low, high = _RANGES.get(item, (0, 1))
        theirs[item] = float(rng.uniform(low, high) if item in _RANGES else rng.integers(0, 2))
        ours[item] = theirs[item]
    for effect in model.effects:
        kind, name = effect.name.split("_", 1)
        ours[effect.name] = float(rng.normal(0, 0.3))
        if kind == "kappa":
            theirs[effect.name] = ours[effect.name]
        else:
            theirs[name] = theirs[name] * np.exp(ours[effect.name])
    return theirs, ours


def expected_place(model: PkModel) -> int:
    return 1 if model.structure.inputs[0].ka else 0


@pytest.fixture(scope="module")
def compiler() -> None:
    if shutil.which("g++") is None:
        pytest.skip("g++ absent: install a C++ compiler to run this test")


def loaded(name: str, folder: Path, place: Path) -> tuple[dict[str, Any], PkModel, Run]:
    data = (folder / "response" / "models" / "pkpdsim" / f"{name}.json5").read_bytes()
    raw, model = decoded(data.decode(), name), brought(data, name).model
    kappas = [f"kappa_{key}" for key in (raw.get("iov") or {}).get("cv", {})]
    return raw, model, library(raw, [*raw["parameters"], *raw["covariates"], *kappas], place)


@pytest.mark.usefixtures("compiler")
@pytest.mark.parametrize("name", _READ)
def test_rates_and_levels_are_those_of_the_code(name: str, reference_data: Path, tmp_path: Path) -> None:
    raw, model, run = loaded(name, reference_data, tmp_path)
    rng = np.random.default_rng(len(name))
    central = expected_place(model)
    count = central + model.structure.compartments
    compared = 0
    for _ in range(_PEOPLE):
        theirs, ours = person(raw, model, rng)
        amounts, time = rng.uniform(1, 800, count), float(rng.uniform(0, 130))
        rate, level, share = run(theirs, amounts, time)
        found = values(model, ours, time)
        if not np.all(np.isfinite(rate)):  # some covariates lie outside what an equation can take: both give no number
            assert not np.all(np.isfinite(rates(model, found, amounts)))
            continue
        scale = np.abs(rate).max() + abs(found.get("CL", 0.0)) * amounts[central] / abs(found["V"])
        np.testing.assert_allclose(rates(model, found, amounts), rate, rtol=1e-12, atol=1e-12 * scale)
        c = amounts[central] / found["V"]
        np.testing.assert_allclose(parse(model.outputs[0].formula).evaluate({**found, "c": c}), level, rtol=1e-12)
        np.testing.assert_allclose(found.get(model.structure.inputs[0].bioavailability, 1.0), share, rtol=1e-12)
        compared += 1
    assert compared > _PEOPLE // 2


@pytest.mark.usefixtures("compiler")
@pytest.mark.parametrize("name", [name for name in _READ if " linear " in PKPDSIM_FILES[name]])
def test_courses_are_those_of_the_code(name: str, reference_data: Path, tmp_path: Path) -> None:
    """48 hours after a dose: the file's equations integrated, beside the exponential of our matrix (constant parameters)."""
    integrate, linalg = pytest.importorskip("scipy.integrate"), pytest.importorskip("scipy.linalg")
    raw, model, run = loaded(name, reference_data, tmp_path)
    if any("time" in parse(item.formula).names for item in (*model.computed, *model.parameters)):
        pytest.skip("the parameters change in time: one matrix does not describe the course")
    rng = np.random.default_rng(7)
    count = model.structure.compartments
    theirs, ours = person(raw, model, rng)
    while not np.all(np.isfinite(run(theirs, np.ones(count), 1.0)[0])):
        theirs, ours = person(raw, model, rng)
    found = values(model, ours)
    start = np.array([1000.0, *([0.0] * (count - 1))])
    hours = np.array([0.5, 2.0, 8.0, 24.0, 48.0])
    solved = integrate.solve_ivp(
        lambda time, state: run(theirs, state, time)[0], (0, 48), start, t_eval=hours, method="LSODA", rtol=1e-11, atol=1e-9
    )
    matrix = np.stack([rates(model, found, row) for row in np.eye(count)], axis=-1)
    ours_then = np.stack([linalg.expm(matrix * time) @ start for time in hours], axis=-1)
    np.testing.assert_allclose(ours_then, solved.y, rtol=1e-7, atol=1e-6)
    levels = [run(theirs, state, time)[1] for state, time in zip(solved.y.T, hours, strict=True)]
    np.testing.assert_allclose(predicted(model, ours, hours), levels, rtol=1e-6, atol=1e-9)


def predicted(model: PkModel, ours: dict[str, float], hours: np.ndarray) -> np.ndarray:
    """The levels after 1000 mg at once into a vein, as nof1 predicts them for this person."""
    covariates = {item.name: ((0.0, ours[item.name]),) for item in model.covariates}
    prepared = prepare(model)
    etas = np.array([[[ours[name] for name in prepared.effects]]])
    arrays = course(model, [History((Dose(0.0, 1000.0),), covariates=covariates)])
    return predict(prepared, arrays, etas, hours[None, :], np.zeros((1, len(hours)), dtype=int)).value[0, 0]
