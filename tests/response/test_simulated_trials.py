"""Trials simulated by others with known parameters of each person (nlmixr2data): predictions without bias."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from response_models import model

from nof1.response.course import course
from nof1.response.history import Dose, History, Level
from nof1.response.predict import predict
from nof1.response.prepared import prepare

FILES = [f"{way}_{cpt}CPT{kind}" for way in ("Bolus", "Infusion", "Oral") for cpt in (1, 2) for kind in ("", "MM")]
NAMES = {"V1": "V", "VM": "Vmax", "KM": "Km", "KA": "ka"}
NUMBERS = ("V", "CL", "Q", "V2", "ka", "Vmax", "Km")
FIRST_STEADY = 216.0  # hours, from which on the program that made the data begins anew with a steady state
PEOPLE = 40


@pytest.mark.parametrize("name", FILES)
def test_predictions_from_true_parameters(reference_data: Path, name: str) -> None:
    """A single dose and then seven: logarithms of observed over predicted have mean 0, the spread of the error, no trend."""
    people = defaultdict(list)
    text = (reference_data / "response" / "pk" / "nlmixr2data" / f"{name}.csv").read_text()
    for row in csv.DictReader(text.splitlines()):
        if float(row["TIME"]) < FIRST_STEADY:
            people[row["ID"]].append({NAMES.get(key, key): value for key, value in row.items()})
    rows = list(people.values())[:PEOPLE]
    given = [key for key in NUMBERS if key in rows[0][0]]
    entry = {"kind": "first_order", "ka": "ka"} if name.startswith("Oral") else {"kind": "bolus"}
    shape = {
        "compartments": 2 if "2CPT" in name else 1,
        "inputs": [{"routes": ["x"], **entry}],
        "elimination": "michaelis_menten" if name.endswith("MM") else "linear",
    }
    known = model(shape, {key: f"p_{key}" for key in given}, covariates=[
        {"name": f"p_{key}", "title": key, "unit": "1"} for key in given
    ])  # fmt: skip
    histories = []
    for one in rows:
        doses = tuple(
            Dose(float(row["TIME"]), float(row["AMT"]), "x", float(row["AMT"]) / float(row["RATE"]) if row.get("RATE") else 0)
            for row in one if row["EVID"] == "1"
        )  # fmt: skip
        levels = tuple(
            Level(float(row["TIME"]), float(row["DV"])) for row in one if row["EVID"] == "0" and float(row["DV"]) > 0
        )
        histories.append(History(doses, levels, {f"p_{key}": ((0.0, float(one[0][key])),) for key in given}))
    whole = course(known, histories)
    found = predict(prepare(known), whole, np.zeros((len(rows), 1, 0)), whole.level_time, whole.output).value[:, 0]
    away = np.log(whole.level[whole.is_level] / found[whole.is_level])
    late = whole.level_time[whole.is_level] > 72
    assert len(away) > 15 * PEOPLE
    assert abs(away.mean()) < 0.04
    assert abs(away[late].mean() - away[~late].mean()) < 0.05
    assert 0.15 < away.std() < 0.25
