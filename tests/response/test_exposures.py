"""The exposures of an assessment: which drugs have one, what it rests on, and that nothing is loaded where there is none."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from vancomycin_record import course, given, known, lab, level, models, read

import nof1
from nof1.fhir.checked import problems
from nof1.jobs.one_person import generator
from nof1.jobs.questions import comparisons
from nof1.model.findings import Assessment
from nof1.report.compared import comparison_text
from nof1.report.fhir import bundle
from nof1.report.html import page
from nof1.report.text import summary
from nof1.response.answer import answer
from nof1.response.from_record import Beside, case_of

TODAY = date(2026, 11, 22)
PATIENT = {"resourceType": "Patient", "id": "p", "gender": "male", "birthDate": "1964-05-04"}
Obj = dict[str, Any]


def written(folder: Path, *resources: Obj) -> Path:
    path = folder / "record.json"
    entries = [{"resource": one} for one in (PATIENT, *resources)]
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}))
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    return nof1.assess(record=written(tmp_path_factory.mktemp("vancomycin"), *course()), today=TODAY)


def test_the_exposure_is_the_answer_to_the_case(made: Assessment) -> None:
    """The chances of the assessment are those of the same case asked by itself, within what other draws change."""
    (found,) = made.exposures
    k = known()
    dosing = k.kinetics.dosing["vancomycin"]
    asked = case_of(read(*course()), k.care, "vancomycin", models(), dosing=dosing)
    alone = answer(asked.case, models(), dosing, k.care, generator())
    assert alone.present is not None
    assert (found.basis, found.regimen) == ("levels", "1250 mg intravenous over 1.5 h every 12 h")
    assert (found.measure, found.unit, found.low, found.high, found.toxic) == ("auc24", "mg.h/L", 400, 600, 600)
    assert found.interval is not None and found.in_target is not None
    assert found.interval[1] == pytest.approx(alone.present.exposure.middle, rel=0.05)
    assert found.in_target == pytest.approx(alone.present.in_target, abs=0.05)
    assert found.in_target + (found.below or 0) + (found.above or 0) == pytest.approx(1, abs=1e-3)
    assert sum(model.weight for model in found.models) == pytest.approx(1, abs=1e-3)
    assert {model.id for model in found.models} | set(found.refused) == {model.id for model in models()}
    assert [(item.value, item.at) for item in found.levels] == [
        (14.2, "2026-11-21T19:30:00Z"),
        (31.0, "2026-11-22T10:30:00Z"),
    ]
    assert found.levels[0].place == "record.json Observation/o20578-1-20261121193000"
    assert any("ceiling" in note and "600 mg an hour" in note for note in found.notes)  # 1250 mg in 1.5 h
    assert found.blocked and set(found.blocked) <= set(alone.blocked)


def test_sources_of_models_and_target_are_among_the_sources(made: Assessment) -> None:
    (found,) = made.exposures
    assert found.source is not None
    assert {found.source.source, *(model.source.source for model in found.models)} <= set(made.sources)


def test_the_same_record_gives_the_same_numbers_and_survives_json(made: Assessment, tmp_path: Path) -> None:
    again = nof1.assess(record=written(tmp_path, *course()), today=TODAY)
    assert again.exposures == made.exposures
    assert msgspec.json.decode(msgspec.json.encode(made), type=Assessment) == made


def test_page_terminal_and_bundle_say_it(made: Assessment) -> None:
    (found,) = made.exposures
    assert found.interval is not None
    html, text = page(made), summary(made)
    assert 'id="exposed"' in html and f"{found.interval[1]:g} ({found.interval[0]:g} to {found.interval[2]:g})" in html
    assert "nobody measured it" in html
    assert "EXPOSURE TO DRUGS GIVEN (1)" in text and "in the target: probability" in text
    resources = [entry["resource"] for entry in bundle(made)["entry"]]
    assert [one for resource in resources for one in problems(resource) if one.is_error] == []
    assessed = [one for one in resources if one["resourceType"] == "RiskAssessment"]
    (risk,) = [one for one in assessed if one["code"]["text"].startswith("exposure to")]
    assert [item["probabilityDecimal"] for item in risk["prediction"]] == pytest.approx(
        [100 * (value or 0) for value in (found.in_target, found.below, found.above, found.harmful)], abs=0.051
    )
    assert {"reference": "Observation/o20578-1-20261121193000"} in risk["basis"]


def test_without_levels_it_is_the_population_and_says_so(tmp_path: Path) -> None:
    items = [item for item in course() if not item["id"].startswith("o20578")]
    (found,) = nof1.assess(record=written(tmp_path, *items), today=TODAY).exposures
    assert (found.basis, found.levels) == ("population", ())
    assert found.interval is not None


def test_without_weight_no_model_holds_and_each_says_why(tmp_path: Path) -> None:
    items = [item for item in course() if not item["id"].startswith(("o29463", "o8302"))]
    (found,) = nof1.assess(record=written(tmp_path, *items), today=TODAY).exposures
    assert (found.basis, found.interval) == ("none", None)
    assert "no model holds for this patient" in found.blocked
    assert all(
        "weight" in text or "needs" in text or "not for" in text or "holds for" in text for text in found.refused.values()
    )


def test_a_dose_that_cannot_be_followed_leaves_an_exposure_that_says_so(tmp_path: Path) -> None:
    volume = given("2026-11-22T08:00:00Z", {"value": 250, "unit": "mL"})
    (found,) = nof1.assess(record=written(tmp_path, volume, *course()[7:]), today=TODAY).exposures
    assert (found.basis, found.interval) == ("none", None)
    assert any("250 mL, not an amount of the drug" in text for text in found.blocked)


@pytest.mark.parametrize(
    "items",
    [
        course()[5:],  # levels, and no dose
        [given("2026-11-02T08:00:00Z"), *course()[7:]],  # over
        [given("2026-11-22T08:00:00Z", 500, drug="29561", status="not-done")],  # meropenem, not given
        [given("2026-11-22T08:00:00Z", 125, dosage={"route": {"text": "by mouth"}}), *course()[7:]],
        [given("2026-11-22T08:00:00Z", 500, drug="723")],  # amoxicillin: no model
    ],
)
def test_no_exposure_where_none_is_due(items: list[Obj], tmp_path: Path) -> None:
    assert nof1.assess(record=written(tmp_path, *items), today=TODAY).exposures == ()


def test_nothing_is_loaded_where_there_is_nothing_to_work_out(tmp_path: Path) -> None:
    path = written(tmp_path, *course()[7:])
    code = (
        "import sys, nof1, datetime; nof1.assess(record=sys.argv[1], today=datetime.date(2026, 11, 22)); "
        "print([name for name in sys.modules if name.startswith(('scipy', 'nof1.response'))])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_states_and_drugs_of_the_record_reach_the_models(tmp_path: Path) -> None:
    """Under dialysis the models that were not made for it are refused."""
    dialysis = {
        "resourceType": "Condition",
        "id": "d",
        "subject": {"reference": "Patient/p"},
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "265764009"}], "text": "renal dialysis"},
    }
    (found,) = nof1.assess(record=written(tmp_path, *course(), dialysis), today=TODAY).exposures
    told = [text for text in found.refused.values() if "is not for: " in text and "dialysis" in text]
    assert len(told) >= 3, found.refused


def transplanted() -> list[Obj]:
    """A kidney, with mycophenolate: what the target of tacrolimus asks for."""
    who = {"subject": {"reference": "Patient/p"}}
    kidney = {
        "resourceType": "Condition",
        "id": "kidney",
        "clinicalStatus": {"coding": [{"code": "active"}]},
        **who,
        "code": {
            "coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "Z94.0"}],
            "text": "Kidney transplant status",
        },
    }
    beside = {
        "resourceType": "MedicationStatement",
        "id": "beside",
        "status": "active",
        **who,
        "effectivePeriod": {"start": "2026-11-01"},
        "medicationCodeableConcept": {
            "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "7145"}],
            "text": "mycophenolic acid",
        },
    }
    return [kidney, beside]


def test_genes_reach_the_models(tmp_path: Path) -> None:
    """Tacrolimus: two working CYP3A5 alleles clear it faster, so the same dose gives a lower trough."""
    doses = [
        given(f"2026-11-{day}T{hour}:00:00Z", 3, drug="42316", dosage={"route": {"text": "by mouth"}})
        for day in (17, 18, 19, 20, 21)
        for hour in ("08", "20")
    ]
    more = [lab("4544-3", 38, "%", "2026-11-20"), lab("1751-7", 38, "g/L", "2026-11-20")]
    record = written(tmp_path, *doses, *course()[7:], *more, *transplanted())
    middles = []
    for alleles in ("*3/*3", "*1/*3", "*1/*1"):
        calls = tmp_path / "calls.tsv"
        calls.write_text(f"CYP3A5\t{alleles}\nCYP3A4\t*1/*1\n")
        (found,) = nof1.assess(record=record, outside_calls=calls, today=TODAY, drugs=["tacrolimus"]).exposures
        assert found.interval is not None, found.refused
        middles.append(found.interval[1])
    assert middles[0] > middles[1] >= middles[2]
    silent = nof1.assess(record=record, today=TODAY, drugs=["tacrolimus"]).exposures
    assert all("CYP3A5" in text for text in silent[0].refused.values())


def test_a_comparison_has_the_exposure_of_a_drug_with_a_model(tmp_path: Path) -> None:
    calls = tmp_path / "calls.tsv"
    calls.write_text("CYP3A5\t*3/*3\nCYP3A4\t*1/*1\nCYP2C19\t*1/*1\n")
    unknown = written(tmp_path, *course())
    (open_target,) = comparisons([], ["calcineurin_inhibitor"], record=unknown, outside_calls=calls, today=TODAY)
    told = next(item.exposure for item in open_target.drugs if item.drug == "tacrolimus")
    assert told is not None and told.interval is None and "which target holds is not known" in told.blocked[0]
    record = written(tmp_path, *course(), *transplanted())
    names = ["calcineurin_inhibitor", "azole_antifungal"]
    first, second = comparisons([], names, record=record, outside_calls=calls, today=TODAY)
    drugs = {item.drug: item for item in (*first.drugs, *second.drugs)}
    found = drugs["tacrolimus"].exposure
    assert found is not None and found.interval is not None and found.in_target is not None
    assert found.basis == "population" and found.in_target > 0.3
    assert "exposure at the dose that fits best" in comparison_text(first)
    assert drugs["cyclosporine"].exposure is None
    slow = drugs["voriconazole"].exposure
    assert slow is not None and slow.interval is None and "nof1 dose voriconazole" in slow.blocked[0]
    assert comparisons([], names[:1], record=record, outside_calls=calls, today=TODAY)[0] == first


def test_troughs_are_taken_only_on_the_callers_word() -> None:
    record = read(*course()[:2], level(14.2, "2026-11-21"))
    found = case_of(record, known().care, "vancomycin", models(), beside=Beside(are_troughs=True))
    assert found.case.levels == ()  # doses have times, so a level needs one too


def test_the_example_has_something_to_discuss() -> None:
    """Of the shipped synthetic course: far above the target by its own levels, and the dose held back is none."""
    folder = Path(__file__).resolve().parents[2] / "examples" / "example-4-vancomycin-and-warfarin"
    made = nof1.assess(record=folder / "record.json", today=TODAY)
    found = next(item for item in made.exposures if item.drug == "vancomycin")
    assert (found.basis, found.regimen) == ("levels", "1250 mg intravenous over 2.5 h every 12 h")
    assert len(found.levels) == 2 and found.above is not None and found.above > 0.9
    assert [item["kind"] for item in made.record["left_out"]] == ["not_taken"]
    assert len([item for item in made.record["medications"] if item["drugs"] == ["vancomycin"]]) < 5
