"""Estimates, doses and times of posologyr (Leven et al., Pharmaceutics 2022;14:442) for the same simulated patients.

Its doses and times come from draws of Monolix (SAEM), of its own chains and of its resampling; ``p`` is 0.89 throughout.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from response_models import cpt2021, history

from nof1.response.course import course
from nof1.response.estimate import estimate, objective
from nof1.response.history import Dose, History
from nof1.response.posterior import posterior
from nof1.response.predict import predict
from nof1.response.prepared import prepare

FILES = {"003": "data_to_fit003_dist.csv", "207": "data_to_fit207_dist.csv", "405": "data_to_fit405_dist.csv"}
FILES |= {"101": "data_to_fit101_dist.csv", "006": "data_to_fit006_dist_mlx.csv", "001": "data_to_fit001_dist.csv"}
SHARE, DRAWS = 0.89, 4000


@pytest.fixture(scope="module")
def folder(reference_data: Path) -> Path:
    return reference_data / "response" / "posologyr_pharmaceutics"


@cache
def histories(folder: Path, run: str) -> list[History]:
    rows = defaultdict(list)
    for row in csv.DictReader((folder / FILES[run]).read_text().splitlines()):
        rows[row["ID"]].append(row)
    return [history(rows[str(number + 1)], "both" if run == "006" else "") for number in range(len(rows))]


def table(folder: Path, run: str) -> tuple[np.ndarray, np.ndarray]:
    """Their estimates (patients, effects) and their objective."""
    rows = np.genfromtxt(folder / f"eta_table_{run}.csv", delimiter=",", skip_header=1)
    return rows[:, :-1], rows[:, -1]


def agree(run: str, people: list[History], theirs: np.ndarray, ofv: np.ndarray) -> None:
    prepared = prepare(cpt2021(run))
    whole = course(prepared.model, people)
    found = estimate(prepared, whole)
    away = np.abs(found.eta - theirs).max(axis=1)
    ours_at_theirs = 2 * objective(prepared, whole, theirs[:, None])[:, 0]
    gain = ours_at_theirs - 2 * found.phi
    assert ((away <= 1e-3) | (gain > 0)).mean() >= 0.99, (away, gain)
    assert gain.min() > -1e-5
    assert np.abs(ours_at_theirs - ofv).max() < 1e-4, "the objective itself"
    assert found.is_converged.all()


def test_estimates_of_model_001(folder: Path) -> None:
    people = json.loads((folder.parent / "nonmem_cpt2021.json").read_text())["001"]["patients"]
    theirs, ofv = table(folder, "001")
    place = np.array([person["id"] for person in people]) - 1
    agree("001", [history(person["rows"]) for person in people], theirs[place], ofv[place])


@pytest.mark.parametrize("run", ["001", "003", "207"])
def test_estimates_of_the_first_twenty(folder: Path, run: str) -> None:
    """003: a lag, so that a level may lie before it; 207: saturable beside linear elimination."""
    people = histories(folder, run)
    theirs, ofv = table(folder, run)
    agree(run, people, theirs[: len(people)], ofv[: len(people)])


def after(run: str, one: History, dose: float, times: np.ndarray) -> np.ndarray:
    """Concentrations (draws, times) after a single dose, for equal draws of the posterior."""
    prepared = prepare(cpt2021(run))
    known = course(prepared.model, [one])
    rng = np.random.default_rng(1)
    drawn = posterior(prepared, known, estimate(prepared, known), rng, DRAWS)
    etas = drawn.etas[rng.choice(len(drawn.etas), DRAWS, p=drawn.weights)]
    given = course(prepared.model, [History((Dose(0, dose, "both" if run == "006" else "1"),), (), one.covariates)])
    return predict(prepared, given, etas[None], times[None], np.zeros((1, len(times)), int)).value[0]


@pytest.mark.parametrize("run", ["001", "003", "006", "101", "405"])
def test_doses_for_a_level(folder: Path, run: str) -> None:
    """The dose with which 89 % are above 30 mg/L after 3 hours: as near to Monolix as their two ways are to each other."""
    rows = [row for row in csv.DictReader((folder / "all_dose_conc.csv").open()) if int(row["run"]) == int(run)]
    ours, theirs = [], []
    for row, one in zip(rows, histories(folder, run), strict=True):
        ours.append(30 / np.quantile(after(run, one, 1.0, np.array([3.0]))[:, 0], 1 - SHARE))
        theirs.append([float(row[name]) for name in ("mlx.dose", "mcmc.dose", "sir.dose")])
    logs = np.log(theirs) - np.log(np.array(ours))[:, None]
    between = np.abs(logs - np.median(logs, axis=1, keepdims=True)).max()
    assert np.abs(np.median(logs)) < 0.01, "no bias"
    assert np.abs(np.median(logs, axis=1)).max() < max(0.05, 1.5 * between)


@pytest.mark.parametrize("run", ["001", "003", "101", "405"])
def test_times_to_a_level(folder: Path, run: str) -> None:
    """When 89 % have fallen to 0.5 mg/L after 100 mg, looked for from 3 hours on in steps of 0.1."""
    rows = [row for row in csv.DictReader((folder / "all_time_cmin.csv").open()) if int(row["run"]) == int(run)]
    times = np.arange(3, 120, 0.1)
    away = []
    for row, one in zip(rows, histories(folder, run), strict=True):
        is_low = (after(run, one, 100.0, times) < 0.5).mean(axis=0) >= SHARE
        theirs = sorted(float(row[name]) for name in ("mlx.time", "mcmc.time", "sir.time"))
        away.append(times[is_low.argmax()] / theirs[1] - 1)
    assert np.abs(np.median(away)) < 0.01
    assert np.abs(away).max() < 0.06
