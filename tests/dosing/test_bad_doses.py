"""What is wrong with a history, a model or a wish is named in one line; what is doubtful is answered and said."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from dosing.dose_cases import MODEL, dose, level, patient, vancomycin, written
from nof1.cli.main import main

MODELS = Path(__file__).parents[2] / "src" / "nof1" / "knowledge" / "data" / "pk_models"


def run(
    capsys: pytest.CaptureFixture[str], history: Any, folder: Path, *more: str, drug: str = "vancomycin"
) -> tuple[int, str, str]:
    code = main(["dose", drug, "--history", str(written(folder, history)), *more])
    said = capsys.readouterr()
    return code, said.out, said.err


def answered(capsys: pytest.CaptureFixture[str], history: Any, folder: Path, *more: str) -> dict[str, Any]:
    """The JSON of an answer; every number in it is one."""
    out = folder / "dose.json"
    code, _, errors = run(capsys, history, folder, "--json", str(out), "--model", MODEL, *more)
    assert (code, errors) == (0, "")
    made = json.loads(out.read_text())
    assert all(math.isfinite(value) for value in numbers(made))
    assert made["draft"] is None or not made["blocked"]
    return dict(made)


def numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        yield from (number for item in value.values() for number in numbers(item))
    elif isinstance(value, list):
        yield from (number for item in value for number in numbers(item))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


REFUSED = {
    "a level before the first dose": (vancomycin(levels=[level(time="2026-11-20T06:00")]), "no dose was given before it"),
    "levels without doses": (vancomycin(doses=[]), "no dose was given before it"),
    "a level after now": (vancomycin(levels=[level(time="2026-11-25T06:00")]), "lies after now"),
    "a fact after now": (
        vancomycin(patient=patient(creatinine={"value": 1, "unit": "mg/dL", "time": "2026-11-25T06:00"})),
        "creatinine at 2026-11-25 06:00 lies after now",
    ),
    "a month that is none": (vancomycin(levels=[level(time="2026-13-20T06:00")]), "is no date and time"),
    "a day without a time": (vancomycin(levels=[level(time="2026-11-21")]), "a day without a time"),
    "hours beside dates": (vancomycin(levels=[level(time=12)]), "write all times as hours, or all as dates"),
    "one time with a zone": (
        vancomycin(levels=[level(time="2026-11-21T19:30Z")]),
        "a time zone with every time, or with none",
    ),
    "a wrong year": (vancomycin(now="2062-11-22T20:00"), "spans 36 years"),
    "a level without a unit": (
        vancomycin(levels=[{"time": "2026-11-21T19:30", "value": 14.2}]),
        "missing required field `unit` - at `$.levels[0]`; a value without a unit says nothing",
    ),
    "an empty unit": (vancomycin(levels=[level(unit="")]), "level 1 is 14.2 without a unit"),
    "a unit of something else": (vancomycin(levels=[level(unit="mg")]), "level 1 is 14.2 mg: unit 'mg' is a mass"),
    "moles without a molar mass": (vancomycin(levels=[level(unit="umol/L")]), "molar mass"),
    "a dose without a unit": (
        vancomycin(doses=[{"time": "2026-11-20T08:00", "amount": 1000}]),
        "missing required field `unit`",
    ),
    "a dose per kg": (vancomycin(doses=[dose(unit="mg/kg")]), "dose 1 is 1250 mg/kg"),
    "a fact without a unit": (vancomycin(patient=patient(weight={"value": 82})), "missing required field `unit`"),
    "a negative level": (vancomycin(levels=[level(value=-3)]), "level 1 is -3 mg/L; a level is 0 or more"),
    "a weight of 0": (
        vancomycin(patient=patient(weight={"value": 0, "unit": "kg"})),
        "weight is 0 kg; believable are 0.3 to 650",
    ),
    "a creatinine of 0": (vancomycin(patient=patient(creatinine={"value": 0, "unit": "mg/dL"})), "creatinine is 0 mg/dL"),
    "an age of 200": (vancomycin(patient=patient(age={"value": 200, "unit": "a"})), "age is 200 a; believable are 0 to 130"),
    "a dose of 0": (vancomycin(doses=[dose(amount=0)]), "dose 1 is 0 mg"),
    "a dose without end": (vancomycin(doses=[dose(amount=1)], now=1), "write all times as hours"),
    "an infusion backwards": (vancomycin(doses=[dose(infusion_hours=-1)]), "runs over -1 h"),
    "no dose at all": (vancomycin(doses=[dose(count=0)]), "given 0 times"),
    "doses at once": (vancomycin(doses=[dose(every_hours=0)]), "hours above 0"),
    "doses every instant": (vancomycin(doses=[dose(every_hours=1e-9)]), "is repeated every 1e-09 h"),
    "too many doses": (vancomycin(doses=[dose(count=30_000, every_hours=0.0101)]), "at most 20000 are followed"),
    "the level of another drug": (
        vancomycin(levels=[level(of="gentamicin")]),
        "level 1 is a level of gentamicin, asked is vancomycin; remove it, or ask about gentamicin",
    ),
    "a level of something": (vancomycin(levels=[level(of="something")]), "level 1 is of 'something'"),
    "the history of another drug": (vancomycin(drug="tacrolimus"), "the history is about tacrolimus, asked is vancomycin"),
    "a field nobody knows": (vancomycin(dosis=1), "unknown field `dosis`"),
    "a fact nobody knows": (vancomycin(patient=patient(wieght={"value": 82, "unit": "kg"})), "did you mean weight"),
    "a fact without a value": (vancomycin(patient=patient(weight="heavy")), "patient weight is 'heavy'"),
    "a sex nobody knows": (vancomycin(patient=patient(sex="m")), "patient sex is 'm'; write female or male"),
    "a state nobody knows": (vancomycin(states={"tired out": True}), "states 'tired out' is no known condition"),
    "a gene nobody knows": (vancomycin(genes={"XYZ": {"diplotype": "*1/*1"}}), "genes 'XYZ' is not in the knowledge"),
    "a gene that says nothing": (vancomycin(genes={"CYP3A5": {}}), "genes CYP3A5 says nothing"),
    "a covariate nobody knows": (vancomycin(covariates={"x": {"value": 1, "unit": "1"}}), "covariates 'x' is of none"),
    "several values without times": (
        vancomycin(patient=patient(weight=[{"value": 82, "unit": "kg"}, {"value": 83, "unit": "kg"}])),
        "weight stands 2 times; write the time of each",
    ),
    "an MIC of 0": (vancomycin(mic={"value": 0, "unit": "mg/L"}), "MIC is 0"),
    "a name written twice": ('{"drug": "vancomycin", "now": 1, "now": 2}', "'now' is written twice"),
    "no number": ('{"drug": "vancomycin", "now": NaN}', "NaN is no number"),
    "a number too large": ('{"drug": "vancomycin", "now": 1e400}', "a time is inf"),
    "no JSON": ("{", "no JSON"),
    "another shape": ("[]", "Expected `object`"),
    "nothing": ("", "no JSON"),
    "a later form": (vancomycin(schema=2), "Invalid enum value 2"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_by_name(name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    history, told = REFUSED[name]
    code, out, errors = run(capsys, history, tmp_path, "--json", str(tmp_path / "dose.json"))
    assert code == 2, errors
    assert out == ""
    assert told in errors
    assert errors.startswith("nof1: ")
    assert errors.count("\n") == 1
    assert not (tmp_path / "dose.json").exists()


WISHES = {
    "a target nobody knows": (["--target", "x"], "target 'x' is not known; known are auc24"),
    "a model nobody knows": (["--model", "vancomycin-thomson"], "did you mean vancomycin-thomson-2009"),
    "a model of another drug": (["--model", "tacrolimus-campagne-2018"], "is of tacrolimus, asked is vancomycin"),
    "a prior of nothing": (["--prior", "0"], "prior is 0"),
    "hardly any draws": (["--draws", "3"], "draws is 3; write 200 to 20000"),
    "an interval of nothing": (["--interval", "0"], "an interval is not above 0"),
    "a folder that is not there": (["--model", MODEL, "--json", "nowhere/dose.json"], "cannot be written"),
    "a folder as a file": (["--model", MODEL, "--html", "."], "is a folder"),
    "a model file that is not there": (["--model", "none.yaml"], "none.yaml: cannot be read"),
}


@pytest.mark.parametrize("name", WISHES)
def test_a_wish_that_cannot_be_is_named(name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    more, told = WISHES[name]
    code, _, errors = run(capsys, vancomycin(), tmp_path, "--quiet", *more)
    assert code == 2
    assert told in errors
    assert errors.count("\n") == 1


@pytest.mark.parametrize(
    ("drug", "told"), [("vancomycine", "did you mean vancomycin"), ("aspirin", "no model of aspirin is known")]
)
def test_a_drug_without_models_is_named(drug: str, told: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, errors = run(capsys, vancomycin(), tmp_path, drug=drug)
    assert code == 2
    assert told in errors


def test_without_a_history_the_way_out_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dose", "vancomycin"]) == 2
    assert "--history" in capsys.readouterr().err


def test_everything_wrong_with_a_model_is_told_at_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    model = yaml.safe_load((MODELS / f"{MODEL}.yaml").read_text())
    model["parameters"][0]["formula"] = "nothing * 2"
    model["dose_unit"] = "spoons"
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(model))
    code, _, errors = run(capsys, vancomycin(), tmp_path, drug=str(path))
    assert code == 2
    assert errors.count("\n") == 1
    assert "names 'nothing', which nothing before it gives" in errors
    assert "unit 'spoons'" in errors


def test_a_model_of_ones_own_answers_as_the_shipped_one(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    shipped = answered(capsys, vancomycin(), tmp_path)
    path = tmp_path / "mine.yaml"
    path.write_text((MODELS / f"{MODEL}.yaml").read_text())
    out = tmp_path / "own.json"
    code = main(["dose", str(path), "--history", str(written(tmp_path, vancomycin())), "--quiet", "--json", str(out)])
    assert code == 0
    own = json.loads(out.read_text())
    assert own["options"] == shipped["options"]
    assert own["models"] == shipped["models"]


def test_a_child_has_no_dose_from_a_model_of_adults(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    child = patient(age={"value": 8, "unit": "a"}, weight={"value": 25, "unit": "kg"}, height={"value": 128, "unit": "cm"})
    made = answered(capsys, vancomycin(patient=child), tmp_path)
    assert made["draft"] is None
    assert made["options"] == []
    assert made["models"] == []
    assert [item["id"] for item in made["refused"]] == [MODEL]
    assert any("holds for 18" in reason["text"] for reason in made["refused"][0]["reasons"])
    assert made["target"]["id"] == "auc24_child"
    assert "no model holds for this patient" in made["blocked"]


def test_an_implausible_level_forbids_a_draft(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    made = answered(capsys, vancomycin(levels=[level(value=142)]), tmp_path)
    assert made["draft"] is None
    assert made["levels"][0]["unlikely"] < 0.001
    assert any("142 at 35.5 h (2026-11-21 19:30) is implausible" in text for text in made["blocked"])
    code, out, _ = run(capsys, vancomycin(levels=[level(value=142)]), tmp_path, "--model", MODEL)
    assert code == 0
    assert "IMPLAUSIBLE FOR A PATIENT LIKE THIS ONE" in " ".join(out.split())


@pytest.mark.slow
def test_four_hundred_doses_are_followed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    made = answered(capsys, vancomycin(doses=[dose(time="2026-05-06T20:00", amount=750, count=400)]), tmp_path)
    assert len(made["doses"]) == 400
    assert made["options"]


def test_what_is_written_twice_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    twice = vancomycin(doses=[dose(), dose(count=1)], levels=[level(), level()])
    made = answered(capsys, twice, tmp_path)
    assert len(made["levels"]) == 1
    assert any("the dose of 1250 at 0 h (2026-11-20 08:00) stands 2 times" in text for text in made["notes"])
    assert any("the level 14.2 at 35.5 h (2026-11-21 19:30) stands 2 times" in text for text in made["notes"])


def test_doses_to_come_are_left_out_and_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    made, plain = (answered(capsys, vancomycin(doses=[dose(count=count)]), tmp_path) for count in (12, 6))
    assert len(made["doses"]) == len(plain["doses"]) == 6
    assert made["options"] == plain["options"]
    assert made["notes"] == [
        "a dose at 60 h (2026-11-22 20:00), which is now, counts as given, and what is proposed comes on top of it: "
        "set now to the next dose",
        "6 doses after now (60 h) are left out: what to give from now on is what is asked",
    ]


def test_a_target_for_others_forbids_a_draft(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    made = answered(capsys, vancomycin(), tmp_path, "--target", "auc24_child")
    assert any("is not meant for this person (age >= 0.084 and age < 18)" in text for text in made["blocked"])


def test_a_provisional_model_forbids_a_draft(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path, out = tmp_path / "mine.yaml", tmp_path / "own.json"
    path.write_text(
        re.sub("^status: .*$", "status: provisional", (MODELS / f"{MODEL}.yaml").read_text(), flags=re.MULTILINE)
    )
    code, shown, _ = run(capsys, vancomycin(), tmp_path, "--json", str(out), drug=str(path))
    assert code == 0
    made = json.loads(out.read_text())
    assert made["draft"] is None
    assert made["options"]
    assert any("was entered once and not read a second time" in text for text in made["blocked"])
    assert "No dose is drafted." in shown


def test_a_fact_without_a_date_forbids_a_draft(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    undated = patient(creatinine={"value": 1.3, "unit": "mg/dL"})
    made = answered(capsys, vancomycin(patient=undated), tmp_path)
    assert "when creatinine was measured is not said; it is needed within 2 days" in made["blocked"]


def test_a_route_that_no_model_knows_has_no_dose(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    made = answered(capsys, vancomycin(doses=[dose(route="oral", infusion_hours=0)]), tmp_path)
    assert made["options"] == []
    assert any("oral" in reason["text"] for reason in made["refused"][0]["reasons"])


def test_nobody_known_has_no_dose(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    made = answered(capsys, vancomycin(patient={}), tmp_path)
    assert made["models"] == made["options"] == []
    assert "weight is not known; it is needed within 7 days" in made["blocked"]


def test_a_model_whose_figures_are_no_numbers_gives_no_dose(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    model = yaml.safe_load((MODELS / f"{MODEL}.yaml").read_text())
    clearance = next(item for item in model["parameters"] if item["name"] == "CL")
    clearance["formula"] = f"sqrt(-1 * ({clearance['formula']}))"
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(model))
    out = tmp_path / "own.json"
    code, _, errors = run(capsys, vancomycin(), tmp_path, "--json", str(out), drug=str(path))
    assert (code, errors) == (0, "")
    made = json.loads(out.read_text())
    assert made["options"] == made["models"] == []
    assert made["curve"] is made["draft"] is None
    assert "gives no usable CL for these facts" in made["refused"][0]["reasons"][0]["text"]


RECORDS = {
    "a record and a history": (["--record", "record.json", "--history", "history.json"], "give one of them"),
    "now with a history": (["--history", "history.json", "--now", "2026-11-22T20:00Z"], "go with --record"),
    "now that is no time": (["--record", "record.json", "--now", "today"], "now is 'today', which is no date and time"),
    "a record without doses": (["--record", "record.json"], "now has to be given"),
    "no record there": (["--record", "none.json"], "none.json"),
}


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_that_cannot_be_asked_is_named(
    name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more, told = RECORDS[name]
    monkeypatch.chdir(tmp_path)
    written(tmp_path, vancomycin())
    (tmp_path / "record.json").write_text(json.dumps({"resourceType": "Patient", "id": "p", "gender": "male"}))
    assert main(["dose", "vancomycin", *more]) == 2
    errors = capsys.readouterr().err
    assert told in errors
    assert errors.count("\n") == 1
