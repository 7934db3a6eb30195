"""``nof1 risk``: from a record or inputs by hand to values, bounds, what-ifs and refusals, in text, JSON and a page."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

import nof1
from nof1.cli.main import main
from nof1.errors import InputError
from nof1.jobs.risks import risks_of
from nof1.knowledge.compiled import knowledge
from nof1.model.risks import RiskFinding, Risks
from nof1.report.risk_page import risk_page
from nof1.report.risk_text import risk_text

DAY = date(2026, 11, 26)
SYSTEM = {"sct": "http://snomed.info/sct", "loinc": "http://loinc.org"}
INPUTS: dict[str, Any] = {
    "age": 50, "sex": "female", "systolic": "160 mm[Hg]", "treated": True, "cholesterol": {"value": 200, "unit": "mg/dL"},
    "hdl": "45 mg/dL", "statin": "no", "diabetes": 1, "smoker": 1, "egfr": "90 mL/min/1.73m2", "bmi": "35 kg/m2",
}  # fmt: skip


def measured(number: int, code: str, value: float, unit: str, day: str) -> dict[str, Any]:
    quantity = {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}
    coded = {"coding": [{"system": SYSTEM["loinc"], "code": code}]}
    return {
        "resourceType": "Observation", "id": f"o{number}", "status": "final", "code": coded,
        "subject": {"reference": "Patient/p"}, "effectiveDateTime": day, "valueQuantity": quantity,
    }  # fmt: skip


def record(folder: Path, *more: dict[str, Any], without: tuple[str, ...] = (), born: str = "1970-05-01") -> Path:
    """A woman with type 2 diabetes since 2015, a smoker on an ACE inhibitor."""
    smoking = {
        "resourceType": "Observation", "id": "smoking", "status": "final", "subject": {"reference": "Patient/p"},
        "code": {"coding": [{"system": SYSTEM["loinc"], "code": "72166-2"}]}, "effectiveDateTime": "2026-09-01",
        "valueCodeableConcept": {"coding": [{"system": SYSTEM["sct"], "code": "449868002"}]},
    }  # fmt: skip
    active = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    resources = [
        {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": born},
        measured(1, "8480-6", 150, "mm[Hg]", "2026-10-01"),
        measured(2, "2093-3", 220, "mg/dL", "2026-10-02"),
        measured(3, "2085-9", 1.2, "mmol/L", "2026-10-02"),
        measured(4, "2160-0", 0.8, "mg/dL", "2026-10-02"),
        measured(5, "39156-5", 31, "kg/m2", "2022-10-02"),
        measured(6, "8480-6", 190, "mm[Hg]", "2019-10-01"),
        smoking,
        {
            "resourceType": "Condition", "id": "dm", "subject": {"reference": "Patient/p"}, "onsetDateTime": "2015-06-01",
            "clinicalStatus": {"coding": [{"system": active, "code": "active"}]},
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "E11.9"}]},
        },
        {
            "resourceType": "MedicationStatement", "id": "m", "status": "active", "subject": {"reference": "Patient/p"},
            "medicationCodeableConcept": {"text": "lisinopril"}, "effectivePeriod": {"start": "2024-01-01"},
        },
    ]  # fmt: skip
    kept = [one for one in (*resources, *more) if one["id"] not in without]
    path = folder / "record.json"
    path.write_text(
        json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in kept]})
    )
    return path


def of(found: Risks, name: str) -> RiskFinding:
    return next(made for made in found.findings if made.equation == name)


def test_inputs_come_from_the_record_with_day_and_place(tmp_path: Path) -> None:
    found = nof1.risks("prevent-base", record=record(tmp_path), today=DAY)
    used = {item.name: item for item in of(found, "prevent-base").inputs}
    assert (used["systolic"].value, used["systolic"].when) == (150, "2026-10-01")
    assert "Observation/o1" in used["systolic"].place
    assert used["cholesterol"].value == pytest.approx(220 * 10 / 386.7)
    assert used["hdl"].value == 1.2
    assert used["age"].value == 56
    assert (used["treated"].value, used["treated"].shown) == (1.0, "yes, lisinopril")
    assert (used["statin"].value, used["diabetes"].value, used["smoker"].value) == (0.0, 1.0, 1.0)
    assert used["bmi"].is_old
    assert used["bmi"].shown == "31 kg/m2, old"
    assert of(found, "prevent-base").standing == "computed"


def test_the_record_gives_what_the_same_inputs_by_hand_give(tmp_path: Path) -> None:
    read = of(nof1.risks("prevent-base", record=record(tmp_path), today=DAY), "prevent-base")
    hand = {item.name: item.value if item.unit in ("1", "a") else f"{item.value!r} {item.unit}" for item in read.inputs}
    typed = of(nof1.risks("prevent-base", inputs=hand, today=DAY), "prevent-base")
    assert [one.value for one in typed.estimates] == [one.value for one in read.estimates]


def test_hand_wins_over_the_record(tmp_path: Path) -> None:
    found = nof1.risks("prevent-base", record=record(tmp_path), inputs={"systolic": "120 mmHg"}, today=DAY)
    used = {item.name: item for item in of(found, "prevent-base").inputs}
    assert (used["systolic"].value, used["systolic"].basis) == (120, "given")


def test_the_variant_that_uses_most_is_shown(tmp_path: Path) -> None:
    hba1c = measured(9, "4548-4", 8.1, "%", "2026-10-02")
    uacr = measured(10, "9318-7", 60, "mg/g", "2026-10-02")
    for more, name in (
        ((), "prevent-base"),
        ((hba1c,), "prevent-hba1c"),
        ((uacr,), "prevent-uacr"),
        ((hba1c, uacr), "prevent-full"),
    ):
        found = nof1.risks("prevent", record=record(tmp_path, *more), today=DAY)
        assert [made.equation for made in found.findings] == [name]


def test_age_at_diagnosis_and_the_other_unit_of_hba1c(tmp_path: Path) -> None:
    path = record(tmp_path, measured(9, "4548-4", 8.0, "%", "2026-10-02"))
    made = of(nof1.risks("score2-diabetes", record=path, inputs={"region": "Germany"}, today=DAY), "score2-diabetes")
    used = {item.name: item for item in made.inputs}
    assert used["age_at_diagnosis"].value == 45
    assert used["hba1c"].value == pytest.approx((8.0 - 2.152) / 0.09148)
    assert used["region"].value == "moderate"
    assert made.estimates[0].category in ("low", "moderate", "high", "very high")


def test_what_is_missing_gives_bounds_and_what_it_would_settle(tmp_path: Path) -> None:
    whole = of(nof1.risks("prevent-base", record=record(tmp_path), today=DAY), "prevent-base").estimates[0]
    made = of(
        nof1.risks("prevent-base", record=record(tmp_path, without=("o1", "o6", "smoking")), today=DAY), "prevent-base"
    )
    one = made.estimates[0]
    assert made.standing == "bounded"
    assert one.value is None
    assert one.low is not None and one.high is not None and whole.value is not None
    assert one.low < whole.value < one.high
    assert set(one.settles) == {"systolic", "smoker"}
    assert all(left < one.high - one.low for left in one.settles.values())
    assert {"systolic", "smoker"} <= {item.name for item in made.missing}
    assert "would leave an interval of at most" in risk_text(
        nof1.risks("prevent-base", inputs={**INPUTS, "smoker": None, "systolic": None})
    )


def test_a_birth_year_alone_gives_bounds_by_both_ages(tmp_path: Path) -> None:
    """The eGFR is given by hand, since the record's waits for one age."""
    egfr = {"egfr": "90 mL/min/1.73m2"}
    made = of(nof1.risks("prevent-base", record=record(tmp_path, born="1976"), inputs=egfr, today=DAY), "prevent-base")
    values = []
    for year in (1976, 1977):  # 50 and 49 years old
        found = nof1.risks("prevent-base", record=record(tmp_path, born=f"{year}-05-01"), inputs=egfr, today=DAY)
        values.append(of(found, "prevent-base").estimates[0].value)
    assert [made.estimates[0].high, made.estimates[0].low] == values
    assert made.inputs[0].shown == "49 years to 50 years"


def test_known_disease_of_the_record_refuses_the_equation(tmp_path: Path) -> None:
    infarct = {
        "resourceType": "Condition", "id": "cad", "subject": {"reference": "Patient/p"}, "onsetDateTime": "2020-06-01",
        "clinicalStatus": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]
        },
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I25.10"}]},
    }  # fmt: skip
    made = of(nof1.risks("prevent-base", record=record(tmp_path, infarct), today=DAY), "prevent-base")
    assert made.standing == "refused"
    assert "cardiovascular disease is known" in made.estimates[0].refused[0].says


def test_what_if_is_the_equation_at_the_other_value() -> None:
    made = of(nof1.risks("prevent-base", inputs=INPUTS, suppose={"systolic": "120 mmHg"}), "prevent-base").estimates[0]
    there = of(nof1.risks("prevent-base", inputs={**INPUTS, "systolic": "120 mmHg"}), "prevent-base").estimates[0]
    quit_ = of(nof1.risks("prevent-base", inputs={**INPUTS, "smoker": 0}), "prevent-base").estimates[0]
    told = {item.id: item for item in made.supposed}
    assert told["asked"].value == there.value
    assert told["without-smoking"].value == quit_.value
    assert told["asked"].change == pytest.approx((there.value or 0) - (made.value or 0))


def test_a_statin_is_supposed_by_its_trials_and_not_for_heart_failure() -> None:
    made = {(one.outcome, one.years): one for one in of(nof1.risks("prevent-base", inputs=INPUTS), "prevent-base").estimates}
    told = {item.id: item for item in made["ascvd", 10].supposed}
    value = made["ascvd", 10].value
    assert value is not None
    assert told["ldl-1-mmol-lower"].value == pytest.approx(1 - (1 - value) ** 0.78)
    assert "ldl-1-mmol-lower" not in {item.id for item in made["heart_failure", 10].supposed}
    taking = of(nof1.risks("prevent-base", inputs={**INPUTS, "statin": 1}), "prevent-base").estimates
    assert all(item.id != "ldl-1-mmol-lower" for one in taking for item in one.supposed)


def test_all_gives_each_family_once_and_says_why_others_are_not(tmp_path: Path) -> None:
    found = nof1.risks("all", record=record(tmp_path), today=DAY)
    families = [made.family for made in found.findings]
    assert len(families) == len(set(families)) == len({one.family for one in knowledge().risks.values()})
    assert all(one.refused for made in found.findings if made.standing == "refused" for one in made.estimates)
    assert found.notes
    assert set(found.sources) >= {made.source.split("#")[0] for made in found.findings}


def test_nothing_is_foretold_of_the_dead(tmp_path: Path) -> None:
    path = record(tmp_path)
    text = path.read_text().replace(
        '"birthDate": "1970-05-01"', '"birthDate": "1970-05-01", "deceasedDateTime": "2026-01-05"'
    )
    path.write_text(text)
    with pytest.raises(InputError, match="the person died on 2026-01-05"):
        nof1.risks("all", record=path, today=DAY)


def test_risks_of_needs_no_record() -> None:
    found = risks_of(knowledge(), None, DAY, given={"age": 70, "sex": "male"})
    assert {made.standing for made in found} <= {"computed", "bounded", "refused"}


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({"age": 50}, "not known: sex; give sex with --inputs"),
        ({"sex": "female"}, "not known: age; give age with --inputs"),
        ({"age": -3, "sex": "f"}, "age (age) is -3.0; expected 0 to 130 a; is the unit right?"),
        ({"age": 400, "sex": "f"}, "expected 0 to 130"),
        ({"age": 50, "sex": "x"}, "sex (sex) is 'x'; give one of female, male"),
        ({"age": 50, "sex": "f", "systolic": 160}, 'without a unit; write it, as in "160 mm[Hg]"'),
        ({"age": 50, "sex": "f", "systolic": "160 mmol/L"}, "cannot become 'mm[Hg]'"),
        ({"age": 50, "sex": "f", "cholesterol": "200 mmol/L"}, "expected 1 to 30 mmol/L; is the unit right?"),
        ({"age": 50, "sex": "f", "systolic": "high"}, "is 'high'; write it as"),
        ({"age": 50, "sex": "f", "systolic": {"value": "160", "unit": "mm[Hg]"}}, "write value (a number) and unit"),
        ({"age": 50, "sex": "f", "smoker": "maybe"}, "give 1 for yes, 0 for no"),
        ({"age": float("nan"), "sex": "f"}, "NaN is no number; write null for what is not known"),
        ({"agee": 50}, "'agee' is no input; did you mean 'age'?"),
        ([1], "holds no object"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(
    inputs: Any, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "inputs.json"
    path.write_text(json.dumps(inputs))
    assert main(["risk", "prevent-base", "--inputs", str(path)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert says in told.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["risk", "preventt"], "no equation 'preventt'; did you mean 'prevent'?"),
        (["risk", "all"], "nothing is given; give a health record with --record, or inputs with --inputs"),
        (["risk", "all", "--inputs", "absent.json"], "cannot be read"),
        (["risk", "fib-4", "--inputs", "INPUTS", "--if", "ast"], "--if 'ast'; write INPUT=VALUE"),
        (["risk", "fib-4", "--inputs", "INPUTS", "--json", "INPUTS"], "is read or written already"),
        (["risk", "fib-4", "--inputs", "INPUTS", "--today", "soon"], "--today 'soon' is no day"),
    ],
)
def test_bad_requests_are_one_line(words: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "inputs.json"
    path.write_text('{"age": 60, "ast": "80 U/L", "alt": "60 U/L", "platelets": "120 10*9/L"}')
    assert main([str(path) if word == "INPUTS" else word for word in words]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert says in told


def test_files_and_text_say_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inputs = tmp_path / "inputs.json"
    inputs.write_text('{"age": 60, "ast": "80 U/L", "alt": "60 U/L", "platelets": "120 10*9/L"}')
    out, page = tmp_path / "risks.json", tmp_path / "risks.html"
    assert main(["risk", "fib-4", "--inputs", str(inputs), "--json", str(out), "--html", str(page)]) == 0
    text = capsys.readouterr().out
    found = msgspec.json.decode(out.read_bytes(), type=Risks)
    value = found.findings[0].estimates[0].value
    assert value == pytest.approx(60 * 80 / (120 * 60**0.5))
    assert "5.16 (high risk of advanced fibrosis)" in text
    assert "5.16 (high risk of advanced fibrosis)" in page.read_text()
    assert "<script" not in page.read_text()


def test_a_page_escapes_what_a_record_holds(tmp_path: Path) -> None:
    path = record(tmp_path)
    path.write_text(path.read_text().replace('"id": "p"', '"id": "p<b>"').replace("Patient/p", "Patient/p<b>"))
    page = risk_page(nof1.risks("prevent", record=path, today=DAY))
    assert "p<b>" not in page
    assert "&lt;b&gt;" in page


def test_plain_terminals_get_plain_signs() -> None:
    assert risk_text(nof1.risks("prevent", inputs=INPUTS), is_fine=False).isascii()


def test_a_value_below_what_a_test_sees_is_a_range(tmp_path: Path) -> None:
    """Below 5 mg/g: at most what 5 gives, at least what the lowest of the domain gives, and no longer not known."""
    low = measured(10, "9318-7", 5, "mg/g", "2026-10-02")
    low["valueQuantity"]["comparator"] = "<"
    made = of(nof1.risks("prevent-uacr", record=record(tmp_path, low), today=DAY), "prevent-uacr").estimates[0]
    ends = []
    for value in ("0.1 mg/g", "5 mg/g"):
        found = nof1.risks("prevent-uacr", record=record(tmp_path), inputs={"uacr": value}, today=DAY)
        ends.append(of(found, "prevent-uacr").estimates[0].value)
    assert [made.low, made.high] == pytest.approx(ends, abs=1e-12)


def test_an_age_that_may_lie_outside_is_refused(tmp_path: Path) -> None:
    """Born in 1966, on 26 November 2026 she may be 59 or 60: within 10 years it is given, within 30 it is not."""
    egfr = {"egfr": "90 mL/min/1.73m2"}
    made = of(nof1.risks("prevent-base", record=record(tmp_path, born="1966"), inputs=egfr, today=DAY), "prevent-base")
    by_years = {one.years: one for one in made.estimates if one.outcome == "stroke"}
    assert by_years[10].low is not None
    assert [reason.says for reason in by_years[30].refused] == ["risk within 30 years is for 30 to 59 years"]


def test_a_choice_cannot_be_supposed() -> None:
    with pytest.raises(InputError, match="--if region: is a choice"):
        nof1.risks("score2", inputs={"age": 50, "sex": "female"}, suppose={"region": "low"})


@pytest.mark.parametrize(
    "value", [10**400, 1e999, -(10**400), True, [], {}, {"value": None}, {"value": 1, "unit": 3}, "1e5 a", "", "\x00"]
)
def test_odd_ages_are_refused_in_one_line(value: Any) -> None:
    with pytest.raises(InputError) as told:
        nof1.risks("prevent-base", inputs={"age": value, "sex": "female"})
    assert "\n" not in str(told.value)
