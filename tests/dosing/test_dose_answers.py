"""Answers from histories: units, clocks, genes and drugs reach the models, and the same question has the same answer."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

import nof1
from dosing.dose_cases import MODEL, dose, level, patient, tacrolimus, vancomycin
from nof1.errors import RequestError
from nof1.jobs.dosing import DoseWishes
from nof1.report.dose_page import dose_page
from nof1.report.dose_text import dose_text
from nof1.response.document import Dosing

sys.path.insert(0, str(Path(__file__).parents[1] / "response"))
from vancomycin_record import course

PATIENT = {"resourceType": "Patient", "id": "p", "gender": "male", "birthDate": "1964-05-04"}
TODAY = date(2026, 11, 26)


def asked(history: dict[str, Any], **more: Any) -> Dosing:
    return nof1.dose(history["drug"], history=history, today=TODAY, **more)


@pytest.fixture(scope="module")
def plain() -> Dosing:
    return asked(vancomycin(), models=[MODEL])


def test_the_same_question_has_the_same_answer(plain: Dosing) -> None:
    assert msgspec.json.encode(asked(vancomycin(), models=[MODEL])) == msgspec.json.encode(plain)


def test_units_change_nothing(plain: Dosing) -> None:
    other = vancomycin(
        doses=[dose(amount=1.25, unit="g")],
        levels=[level(value=14200, unit="ug/L"), level(time="2026-11-22T09:45", value=3.1, unit="mg/dL")],
        patient=patient(
            weight={"value": 82000, "unit": "g", "time": "2026-11-20T07:00"},
            creatinine={"value": 1.3 * 88.4, "unit": "umol/L", "time": "2026-11-22T07:00"},
            age={"value": 62 * 12, "unit": "mo"},
        ),
    )
    found = asked(other, models=[MODEL])
    assert [item.regimen for item in found.options] == [item.regimen for item in plain.options]
    assert found.options[0].in_target == pytest.approx(plain.options[0].in_target, abs=0.02)
    assert found.models[0].used == plain.models[0].used


def test_hours_and_dates_say_the_same(plain: Dosing) -> None:
    hours = vancomycin(
        now=60,
        doses=[dose(time=0)],
        levels=[level(time=35.5), level(time=49.75, value=31.0, unit="ug/mL")],
        patient=patient(
            weight={"value": 82, "unit": "kg", "time": -1}, creatinine={"value": 1.3, "unit": "mg/dL", "time": 47}
        ),
    )
    found = asked(hours, models=[MODEL])
    assert found.options == plain.options
    assert (found.start, plain.start) == ("", "2026-11-20T08:00:00")


def test_zones_are_brought_to_one_clock(plain: Dosing) -> None:
    zoned = vancomycin(
        now="2026-11-22T20:00+01:00",
        doses=[dose(time="2026-11-20T07:00Z")],
        levels=[level(time="2026-11-21T13:30-05:00"), level(time="2026-11-22T09:45+01:00", value=31.0)],
        patient=patient(
            weight={"value": 82, "unit": "kg", "time": "2026-11-20T06:00Z"},
            creatinine={"value": 1.3, "unit": "mg/dL", "time": "2026-11-22T06:00Z"},
        ),
    )
    assert asked(zoned, models=[MODEL]).options == plain.options


def test_every_model_that_holds_is_asked_and_special_ones_only_by_name(plain: Dosing) -> None:
    found = asked(vancomycin(), wishes=DoseWishes(draws=500))
    assert len(found.models) > 1
    assert sum(item.weight for item in found.models) == pytest.approx(1)
    assert "vancomycin-buelga-2005" in found.special
    assert "vancomycin-buelga-2005" not in {item.id for item in found.models} | {item.id for item in found.refused}
    named = asked(vancomycin(), models=["vancomycin-buelga-2005"], wishes=DoseWishes(draws=500))
    assert [item.id for item in named.models] == ["vancomycin-buelga-2005"]


def test_the_curve_names_the_models_it_mixes() -> None:
    found = asked(vancomycin(), wishes=DoseWishes(draws=400))
    assert found.curve is not None and len(found.curve.models) > 1
    weights = {item.id: item.weight for item in found.models}
    assert sum(found.curve.models.values()) == pytest.approx(1)
    assert all(share == pytest.approx(weights[name], abs=0.005) for name, share in found.curve.models.items())
    titles = {item.id: item.title for item in found.models}
    for shown in (" ".join(dose_text(found).split()), dose_page(found)):
        assert "models mixed by their weights" in shown
        assert titles[max(weights, key=lambda name: weights[name])] in shown


def test_chances_of_a_dose_add_up(plain: Dosing) -> None:
    assert plain.options
    for item in plain.options:
        assert item.in_target + item.below + item.above == pytest.approx(1)
    assert plain.options[0].utility == max(item.utility for item in plain.options)
    assert plain.present is not None
    assert plain.present.regimen.amount == 1250
    assert plain.present.in_target < 0.3  # 2500 mg a day for a clearance near 3.3 L/h: an area near 760


def test_a_draft_is_the_best_option_and_nothing_stands_in_its_way(plain: Dosing) -> None:
    assert plain.draft in (None, plain.options[0])
    assert (plain.draft is None) == bool(plain.blocked)


def test_working_alleles_ask_for_more() -> None:
    low, high = (
        asked(
            tacrolimus(genes={"CYP3A5": {"diplotype": diplotype}}, levels=[]),
            models=["tacrolimus-campagne-2018"],
            wishes=DoseWishes(draws=500),
        )
        for diplotype in ("*3/*3", "*1/*1")
    )
    clearances = [next(item.typical for item in found.models[0].parameters if item.name == "CL") for found in (low, high)]
    assert clearances == pytest.approx([19.7, 44.3], rel=0.01)  # [campagne-2018#abstract]
    assert high.options[0].regimen.amount > low.options[0].regimen.amount


def test_a_gene_that_is_not_known_refuses_the_model() -> None:
    found = asked(tacrolimus(genes={}), models=["tacrolimus-campagne-2018"])
    assert found.models == ()
    assert any("CYP3A5" in reason.text for reason in found.refused[0].reasons)


def test_an_inhibitor_shifts_the_phenotype_a_model_asks_for() -> None:
    history = {
        "drug": "voriconazole",
        "now": 0,
        "patient": {"age": {"value": 40, "unit": "a"}, "weight": {"value": 70, "unit": "kg"}},
        "genes": {"CYP2C19": {"diplotype": "*1/*1"}},
        "drugs": [],
    }
    quick = DoseWishes(draws=200)
    plain = asked(history, wishes=quick)
    shifted = asked({**history, "drugs": ["fluvoxamine"]}, wishes=quick)
    assert plain.genes["CYP2C19"] == "*1/*1, Normal Metabolizer"
    assert shifted.genes["CYP2C19"] == "*1/*1, Poor Metabolizer"
    assert any("under fluvoxamine" in text for text in shifted.notes)


def test_somebody_without_doses_is_offered_a_first_one() -> None:
    found = asked(vancomycin(doses=[], levels=[]), models=[MODEL], wishes=DoseWishes(draws=500))
    assert found.loading
    assert found.present is None
    assert found.levels == ()


def test_intervals_are_kept_to() -> None:
    found = asked(vancomycin(), models=[MODEL], wishes=DoseWishes(intervals=(12.0,), draws=500))
    assert {item.regimen.interval for item in found.options} == {12.0}


def test_a_weaker_prior_follows_the_levels_more() -> None:
    history = vancomycin(levels=[level(value=24)])
    strong, weak = (
        asked(history, models=[MODEL], wishes=DoseWishes(prior=prior, draws=1000)).levels[0].afterwards.middle
        for prior in (1.0, 0.2)
    )
    assert abs(weak - 24) < abs(strong - 24)


def test_a_record_and_a_history_of_the_same_say_the_same(tmp_path: Path) -> None:
    """Five infusions, two levels and facts, as FHIR resources and as a history."""
    record = tmp_path / "record.json"
    entries = [{"resource": item} for item in (PATIENT, *course())]
    record.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}))
    wishes = DoseWishes(now="2026-11-22T20:00Z")
    read = nof1.dose("vancomycin", record=[record], models=[MODEL], wishes=wishes, today=date(2026, 11, 22))
    told = asked(
        vancomycin(
            now="2026-11-22T20:00Z",
            doses=[dose(time="2026-11-20T08:00Z")],
            levels=[level(time="2026-11-21T19:30Z"), level(time="2026-11-22T10:30Z", value=31.0)],
            patient={
                "age": {"value": 62.55, "unit": "a"},
                "sex": "male",
                "weight": {"value": 82, "unit": "kg", "time": "2026-11-20T00:00Z"},
                "height": {"value": 176, "unit": "cm", "time": "2026-11-20T00:00Z"},
                "creatinine": [
                    {"value": 1.1, "unit": "mg/dL", "time": "2026-11-20T07:00Z"},
                    {"value": 1.3, "unit": "mg/dL", "time": "2026-11-22T06:00Z"},
                ],
            },
        ),
        models=[MODEL],
    )
    assert (read.start, read.now) == (told.start, told.now)
    assert read.doses == told.doses
    assert [item.value for item in read.levels] == [item.value for item in told.levels]
    assert read.options[0].regimen == told.options[0].regimen
    assert read.options[0].exposure.middle == pytest.approx(
        told.options[0].exposure.middle, rel=0.02
    )  # age and day of height differ by hours


def test_without_a_history_nothing_is_answered() -> None:
    with pytest.raises(RequestError, match="--history"):
        nof1.dose("vancomycin")


def test_an_interval_that_no_dose_has_is_named_with_those_there_are() -> None:
    with pytest.raises(
        RequestError, match=r"no dose of vancomycin is given every 7 h; known here is every 6, 8, 12, 24, 36, 48 h"
    ):
        asked(vancomycin(), models=[MODEL], wishes=DoseWishes(intervals=(12.0, 7.0), draws=200))
