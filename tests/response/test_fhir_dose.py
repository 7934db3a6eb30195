"""An answer on doses as FHIR: valid R4, the answer's own numbers, references to what it rests on, a draft only where one is."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from vancomycin_record import NOW, course, known, models, read

from fhir_validator.check import Validator
from fhir_validator.profiles import Guide
from nof1.fhir.checked import problems
from nof1.model.record import Course
from nof1.report.fhir_dose import bundle
from nof1.report.fhir_dose_parts import About
from nof1.response.answer import Answer, answer
from nof1.response.from_record import FromRecord, case_of

DRUG = "vancomycin"
Obj = dict[str, Any]


@pytest.fixture(scope="module")
def found() -> FromRecord:
    return case_of(read(*course()), known().care, DRUG, models(), NOW, dosing=known().kinetics.dosing[DRUG])


@pytest.fixture(scope="module")
def answered(found: FromRecord) -> Answer:
    return answer(found.case, models(), known().kinetics.dosing[DRUG], known().care, np.random.default_rng(1))


def about(found: FromRecord) -> About:
    policy = known().care.policy
    assert policy is not None
    return About(
        person="p",
        created="2026-11-22",
        software="nof1 0.1",
        edition="abc",
        zero=found.zero,
        basis=found.basis,
        rxnorm="11124",
        routes=policy.route_codes,
    )


def drafted(made: Answer) -> Answer:
    return replace(made, draft=made.options[0], blocked=())


def of(made: Obj, kind: str) -> list[Obj]:
    return [entry["resource"] for entry in made["entry"] if entry["resource"]["resourceType"] == kind]


def test_every_resource_is_valid_r4(answered: Answer, found: FromRecord) -> None:
    """With and without a draft, a date of hour 0, a name of the person."""
    first = case_of(read(*course()[7:]), known().care, DRUG, models(), NOW, dosing=known().kinetics.dosing[DRUG])
    begun = answer(first.case, models(), known().kinetics.dosing[DRUG], known().care, np.random.default_rng(1))
    assert begun.loading
    bundles = [
        bundle(answered, about(found)),
        bundle(drafted(answered), about(found)),
        bundle(drafted(answered)),
        bundle(answered, replace(about(found), person="Ann O'Hara <b>", zero=found.zero.replace(tzinfo=None))),
        bundle(begun, about(first)),
        bundle(replace(answered, target=None, options=(), present=None)),
    ]
    for made in bundles:
        for resource in [made, *(entry["resource"] for entry in made["entry"])]:
            assert [one for one in problems(resource) if one.is_error] == []
        ids = [entry["fullUrl"] for entry in made["entry"]]
        assert len(ids) == len(set(ids))
        assert "NaN" not in json.dumps(made, allow_nan=False)


def test_no_error_by_a_validator_of_its_own(answered: Answer, found: FromRecord, reference_data: Path) -> None:
    folder = reference_data / "fhir" / "genomics" / "ig_conformance"
    if not folder.is_dir():
        pytest.skip(f"reference data without fhir/genomics: {reference_data}")
    made = bundle(drafted(answered), about(found))
    there = [*course(), {"resourceType": "Patient", "id": "p"}]
    assert Validator(Guide(folder), there).check(made).errors == []
    for kind, change in (("RiskAssessment", {"status": "done"}), ("MedicationRequest", {"intent": None})):
        broken = json.loads(json.dumps(made))
        of(broken, kind)[0].update(change)
        assert Validator(Guide(folder), there).check(broken).errors


def test_chances_are_those_of_the_answer_in_percent(answered: Answer, found: FromRecord) -> None:
    made = of(bundle(answered, about(found)), "RiskAssessment")
    assert len(made) == 1 + len(answered.options)
    for option, resource in zip((answered.present, *answered.options), made, strict=True):
        assert option is not None
        shown = [item["probabilityDecimal"] for item in resource["prediction"]]
        expected = [option.in_target, option.below, option.above, option.toxic]
        assert shown == pytest.approx([100 * chance for chance in expected], abs=0.051)
        assert sum(shown[:3]) == pytest.approx(100, abs=0.2)
        assert f"{option.regimen.amount:g} mg intravenous" in resource["code"]["text"]
        assert resource["prediction"][0]["outcome"]["text"] == "exposure in the target range, 400 to 600 mg.h/L"
    assert made[0]["occurrenceDateTime"] == "2026-11-22T20:00:00+00:00"


def test_what_it_rests_on_is_the_records_own(answered: Answer, found: FromRecord) -> None:
    made = bundle(answered, about(found))
    rests = {one["reference"] for one in of(made, "RiskAssessment")[0]["basis"]}
    assert rests == {f"{item['resourceType']}/{item['id']}" for item in course()[:7]}
    (exposure,) = [one for one in of(made, "Observation") if "predicted at steady state" in one["code"]["text"]]
    assert [one["reference"] for one in exposure["derivedFrom"]] == [f"Observation/{item['id']}" for item in course()[5:7]]
    assert len(exposure["partOf"]) == 5
    assert answered.present is not None
    assert exposure["valueQuantity"]["value"] == pytest.approx(answered.present.exposure.middle, rel=1e-3)
    assert exposure["valueQuantity"]["code"] == "mg.h/L"
    levels = [one for one in of(made, "Observation") if "beside the measured one" in one["code"]["text"]]
    assert [one["effectiveDateTime"] for one in levels] == ["2026-11-21T19:30:00+00:00", "2026-11-22T10:30:00+00:00"]


def test_no_draft_without_one_and_the_reasons_stand_there(answered: Answer, found: FromRecord) -> None:
    assert answered.blocked  # provisional models
    made = bundle(answered, about(found))
    assert of(made, "MedicationRequest") == []
    told = " ".join(note["text"] for note in of(made, "RiskAssessment")[1]["note"])
    assert "no dose is drafted" in told and answered.blocked[0] in told


def test_a_draft_is_a_proposal_and_reads_back_as_planned(answered: Answer, found: FromRecord) -> None:
    chosen = drafted(answered)
    made = bundle(chosen, about(found))
    (draft,) = of(made, "MedicationRequest")
    assert (draft["status"], draft["intent"]) == ("draft", "proposal")
    regimen = chosen.options[0].regimen
    (item,) = draft["dosageInstruction"]
    assert item["doseAndRate"][0]["doseQuantity"]["value"] == regimen.amount
    assert item["doseAndRate"][0]["rateRatio"]["denominator"]["value"] == regimen.duration
    assert (item["timing"]["repeat"]["period"], item["timing"]["repeat"]["periodUnit"]) == (regimen.interval, "h")
    assert item["timing"]["repeat"]["boundsPeriod"] == {"start": "2026-11-22T20:00:00+00:00"}
    assert item["route"]["coding"] == [{"system": "http://snomed.info/sct", "code": "47625008"}]
    back = read(draft).medications[0]
    assert back.course is Course.PLANNED
    assert back.drugs == (DRUG,)
    assert back.dose is not None and back.dose.value == regimen.amount
    assert back.per_day == pytest.approx(24 / regimen.interval)
    assert back.route == "intravenous"


def test_the_same_answer_gives_the_same_bundle_and_another_one_other_ids(answered: Answer, found: FromRecord) -> None:
    one, two = bundle(answered, about(found)), bundle(answered, about(found))
    assert json.dumps(one) == json.dumps(two)
    later = replace(about(found), zero=datetime(2026, 11, 20, 9, tzinfo=UTC))
    assert bundle(answered, later)["id"] != one["id"]
