"""The simulated trial of bench/inr_trial.py: the dose it gives is the one of an answer, and what it measures is right."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "bench"))

import inr_trial  # noqa: E402
import inr_trial_page  # noqa: E402

from nof1.knowledge.compiled import knowledge  # noqa: E402
from nof1.response.answer import Wishes, answer  # noqa: E402
from nof1.response.case import Case  # noqa: E402
from nof1.response.history import Dose, Level  # noqa: E402


def test_the_next_dose_is_that_of_an_answer() -> None:
    one = inr_trial.patient(3)
    doses = tuple(Dose(24.0 * day, 4.0, "oral") for day in range(9))
    levels = (Level(86.0, 1.3), Level(134.0, 1.7), Level(206.0, 1.9))
    case = Case("warfarin", doses, levels, 216.0, facts={"age": ((0.0, one.age),)}, genes=inr_trial.genes(one))
    model, file = knowledge().kinetics.models[inr_trial.MODEL], knowledge().kinetics.dosing["warfarin"]
    made = answer(case, [model], file, knowledge().care, np.random.default_rng(5), Wishes(inr_trial.TARGET, draws=200))
    assert inr_trial.next_dose(case, np.random.default_rng(5), 200) == made.options[0].regimen.amount


def test_a_patient_is_the_same_in_every_run() -> None:
    assert inr_trial.patient(7) == inr_trial.patient(7)
    assert inr_trial.patient(7) != inr_trial.patient(8)


def test_genotypes_are_as_often_as_counted() -> None:
    people = [inr_trial.patient(number) for number in range(600)]
    counted = {row.haplotype: row.counts for row in knowledge().genes["VKORC1"].haplotypes}
    often = {name: float(dict(part.split(":") for part in text.split())["EUR"]) for name, text in counted.items()}
    share = often["rs9923231:T"] / sum(often.values())
    assert np.mean([one.a_alleles for one in people]) / 2 == pytest.approx(share, abs=0.04)


def test_missed_doses_lower_the_inr() -> None:
    one, times = inr_trial.patient(3), np.array([24.0 * 60])
    whole = inr_trial.inrs(one, [5.0] * 60, times)
    assert inr_trial.inrs(one, [5.0] * 60, times, inr_trial.unsteady(3)) < whole


def test_what_is_measured() -> None:
    inr = np.array([[1.0, 1.9, 2.0, 2.5, 3.0, 3.1, 4.0, 4.1]])
    found = inr_trial_page.measured(np.concatenate([inr, np.full((1, 4 * 28), 2.2)], axis=1))
    assert found["first_days"][0] == 0.5  # the third of four a day
    assert found["above_4"][0] == pytest.approx(1 / 120)
    assert found["in_range"][0] == pytest.approx((3 + 112) / 120)
    assert found["in_range_late"][0] == 1
    assert np.isnan(inr_trial_page.measured(np.ones((1, 361)))["first_days"][0])


def test_the_page_states_what_was_found() -> None:
    """Every figure of the written result stands in the document."""
    result = json.loads((ROOT / "docs" / "methods" / "inr_trial.json").read_text())
    page = (ROOT / "docs" / "methods" / "warfarin.md").read_text()
    assert inr_trial_page.tables(result) in page
    assert (ROOT / "docs" / "methods" / "inr_trial.svg").read_text() == inr_trial_page.drawing(result)
