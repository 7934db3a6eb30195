"""Estimates, doses and times of posologyr (Leven et al., Pharmaceutics 2022;14:442) for the same simulated patients.

Its doses and times come from draws of Monolix (SAEM), of its own chains and of its resampling; ``p`` is 0.89 throughout. They
were made with 0.05 and 5000 as standard deviations, where the estimates take them as variances.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
import pytest
from response_models import cpt2021, history

from nof1.knowledge.kinetics import PkModel, Residual
from nof1.response.course import course
from nof1.response.estimate import estimate, objective
from nof1.response.history import Dose, History
from nof1.response.posterior import posterior
from nof1.response.predict import predict
from nof1.response.prepared import prepare

FILES = {"003": "data_to_fit003_dist.csv", "207": "data_to_fit207_dist.csv", "405": "data_to_fit405_dist.csv"}
FILES |= {"101": "data_to_fit101_dist.csv", "006": "data_to_fit006_dist_mlx.csv", "001": "data_to_fit001_dist.csv"}
SHARE, DRAWS, WAYS = 0.89, 4000, ("mlx", "mcmc", "sir")


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


def narrow(run: str) -> PkModel:
    """The model of a run with the errors that doses and times were made with."""
    found = cpt2021(run)
    additive = "5000" if run == "405" else "0"
    residual = Residual("combined1", additive, "0.05")
    return msgspec.structs.replace(found, outputs=[msgspec.structs.replace(found.outputs[0], residual=residual)])


@cache
def draws(folder: Path, run: str, number: int) -> np.ndarray:
    """Equally likely random effects of a patient, (draws, effects)."""
    prepared = prepare(narrow(run))
    known = course(prepared.model, [histories(folder, run)[number]])
    rng = np.random.default_rng(1)
    drawn = posterior(prepared, known, estimate(prepared, known), rng, DRAWS)
    return drawn.etas[rng.choice(len(drawn.etas), DRAWS, p=drawn.weights)]


def after(folder: Path, run: str, number: int, dose: float, time: float) -> np.ndarray:
    """The patient's concentration (draws) ``time`` hours after a single dose."""
    prepared = prepare(narrow(run))
    given = course(prepared.model, [History((Dose(0, dose, "1"),))])
    etas = draws(folder, run, number)
    return predict(prepared, given, etas[None], np.array([[time]]), np.zeros((1, 1), int)).value[0, :, 0]


def rows_of(folder: Path, name: str, run: str) -> list[dict[str, str]]:
    return [row for row in csv.DictReader((folder / name).read_text().splitlines()) if int(row["run"]) == int(run)]


def contain(shares: list[tuple[float, ...]], most: float = 0.035) -> None:
    """The three answers, with the error of their draws and ours, have 0.89 between them, and are off to no side."""
    table = np.array(shares)
    assert np.median(table) == pytest.approx(SHARE, abs=0.015)
    away = np.maximum(table.min(axis=1) - SHARE, SHARE - table.max(axis=1))
    assert away.max() < most, away


@pytest.mark.parametrize("run", ["001", "003", pytest.param("006", marks=pytest.mark.slow), "101", "405"])
def test_doses_for_a_level(folder: Path, run: str) -> None:
    """With their dose, 89 % of our draws are above 30 mg/L after 3 hours."""
    shares = []
    for number, row in enumerate(rows_of(folder, "all_dose_conc.csv", run)):
        doses = [float(row[f"{way}.dose"]) for way in WAYS]
        shares.append(tuple((after(folder, run, number, dose, 3.0) > 30).mean() for dose in doses))
    contain(shares)


@pytest.mark.parametrize("run", ["001", "003", "101", "405"])
def test_times_to_a_level(folder: Path, run: str) -> None:
    """At their time, the first in steps of 0.1 hours, 89 % of our draws have fallen to 0.5 mg/L after 100 mg."""
    shares = []
    for number, row in enumerate(rows_of(folder, "all_time_cmin.csv", run)):
        times = [float(row[f"{way}.time"]) for way in WAYS]
        shares.append(tuple((after(folder, run, number, 100.0, time - 0.05) < 0.5).mean() for time in times))
    contain(shares, 0.05)
