"""``nof1 response`` and ``nof1 trial``: whole outputs, files, and bad input answered in one line."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from nof1.cli.main import main
from nof1.jobs.individual import respond
from nof1.response.expected import Verdict

RXNORM, LOINC, UCUM = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://loinc.org", "http://unitsofmeasure.org"
BEFORE = [date(2024, 3, 1) + timedelta(days=40 * place) for place in range(4)]
DURING = [date(2024, 9, 15) + timedelta(days=40 * place) for place in range(5)]


def observation(
    number: int, code: str, when: date | str, value: float | None, unit: str = "mg/dL", **more: Any
) -> dict[str, Any]:
    body: dict[str, Any] = {
        "resourceType": "Observation", "id": f"o{number}", "status": "final", "subject": {"reference": "Patient/p"},
        "code": {"coding": [{"system": LOINC, "code": code}]}, "effectiveDateTime": str(when), **more,
    }  # fmt: skip
    if value is not None:
        body["valueQuantity"] = {"value": value, "unit": unit, "code": unit, "system": UCUM}
    return body


def statement(number: int, code: str, start: str, end: str = "", dose: float = 40.0) -> dict[str, Any]:
    period = {"start": start, **({"end": end} if end else {})}
    amount = {"value": dose, "unit": "mg", "code": "mg", "system": UCUM}
    return {
        "resourceType": "MedicationStatement", "id": f"m{number}", "status": "completed" if end else "active",
        "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": code}]}, "subject": {"reference": "Patient/p"},
        "effectivePeriod": period,
        "dosage": [{"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}, "doseAndRate": [{"doseQuantity": amount}]}],
    }  # fmt: skip


def write(folder: Path, *resources: dict[str, Any]) -> Path:
    path = folder / "bundle.json"
    person = {"resourceType": "Patient", "id": "p", "birthDate": "1960-01-01"}
    entries = [{"resource": item} for item in (person, *resources)]
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}))
    return path


def statin(folder: Path, *more: dict[str, Any]) -> Path:
    values = [*zip(BEFORE, [160, 155, 158, 162], strict=True), *zip(DURING, [70, 72, 69, 71, 70], strict=True)]
    rows = [observation(place, "13457-7", when, value) for place, (when, value) in enumerate(values)]
    return write(folder, statement(1, "83367", "2024-08-10"), *rows, *more)


def test_a_statin_as_it_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.json"
    assert main(["response", "--record", str(statin(tmp_path)), "--json", str(out)]) == 0
    told = capsys.readouterr().out
    assert told.startswith("atorvastatin and LDL cholesterol\n")
    assert "taken: 2024-08-10 to now, 40 mg a day" in told
    assert "expected: lower, at least 50 %, judged from day 28 [acc-aha-2018-statin-intensity#table-1]" in told
    assert "verdict: response" in told and told.count("*") >= 4 and "====" in told
    made = json.loads(out.read_text())
    assert made["schema_version"] == "1.0" and made["person"] == "p"
    item = made["followed"][0]
    assert item["judged"]["verdict"] == "response"
    assert [point["part"] for point in item["points"]] == ["without"] * 4 + ["with"] * 5
    assert -0.62 < item["change"]["relative"]["low"] < -0.557 < item["change"]["relative"]["high"] < -0.5
    assert "NaN" not in out.read_text()


def test_every_key_of_the_json_is_documented(tmp_path: Path) -> None:
    import re

    root = Path(__file__).parents[2]
    page = (root / "docs/reference/response.md").read_text()
    named = {word for code in re.findall(r"`([^`\n]+)`", page) for word in re.findall(r"[\w-]+", code)}
    out = tmp_path / "out.json"
    record = statin(tmp_path, statement(2, "29046", "2024-08-10"))
    assert (
        main(
            [
                "response",
                "--record",
                str(record),
                "--drug",
                "atorvastatin",
                "--outcome",
                "ldl_cholesterol",
                "--suspect",
                "2024-09-01",
                "--json",
                str(out),
            ]
        )
        == 0
    )
    schedule, diary, result = tmp_path / "s.json", tmp_path / "d.csv", tmp_path / "r.json"
    assert main(["trial", "design", "--blocks", "3", "--days", "2", "--seed", "1", "--out", str(schedule)]) == 0
    diary.write_text("day,period,outcome\n" + "".join(f"{day},{(day + 1) // 2},{day % 5}\n" for day in range(1, 13)))
    assert main(["trial", "analyse", str(diary), "--design", str(schedule), "--json", str(result)]) == 0
    keys: set[str] = set()

    def walk(item: Any) -> None:
        if isinstance(item, dict):
            keys.update(item)
            for value in item.values():
                walk(value)
        elif isinstance(item, list):
            for value in item:
                walk(value)

    for path in (out, schedule, result):
        walk(json.loads(path.read_text()))
    assert len(keys) > 60
    assert sorted(keys - named) == []


def test_the_api_says_the_same(tmp_path: Path) -> None:
    found = respond(statin(tmp_path), today=date(2026, 11, 26))
    assert [(item.drug, item.outcome) for item in found.followed] == [("atorvastatin", "ldl_cholesterol")]
    assert found.followed[0].judged is not None and found.followed[0].judged.verdict is Verdict.RESPONSE
    later = respond(statin(tmp_path), today=date(2024, 8, 20))
    assert later.followed[0].why.startswith("no value with the drug")


def test_names_of_drugs_and_outcomes_as_they_are_spoken(tmp_path: Path) -> None:
    found = respond(statin(tmp_path), drugs=["Lipitor"], outcomes=["LDL cholesterol"], today=date(2026, 11, 26))
    assert [(item.drug, item.outcome) for item in found.followed] == [("atorvastatin", "ldl_cholesterol")]


BAD = {
    "no drug of that name": (["--drug", "atorvastatine"], "did you mean atorvastatin"),
    "no such outcome": (["--outcome", "ldl_cholesterl"], "did you mean 'ldl_cholesterol'?"),
    "a day that is none": (["--drug", "atorvastatin", "--suspect", "2024-02-30"], "--suspect '2024-02-30' is no day; write it as 2026-01-31"),
    "a reaction of the future": (["--drug", "atorvastatin", "--suspect", "2999-01-01"], "in the future of"),
    "a reaction to no drug": (["--suspect", "2024-09-01"], "needs one drug"),
    "an answer to no reaction": (["--answer", "after=yes"], "answers without a reaction"),
    "an answer that is none": (["--answer", "after=perhaps"], "with one of yes, no, unknown, not_done"),
    "a question that is none": (["--drug", "atorvastatin", "--suspect", "2024-09-01", "--answer", "rash=yes"], "'rash' is no question"),
    "a scale that is none": (["--drug", "atorvastatin", "--suspect", "2024-09-01", "--scale", "x"], "known are naranjo"),
    "a level that is none": (["--level", "95"], "level 95; write a share"),
    "a level that is no number": (["--level", "nan"], "write a share"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_requests(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options, words = BAD[name]
    assert main(["response", "--record", str(statin(tmp_path)), *options]) == 2
    told = capsys.readouterr()
    assert words in told.err and told.err.count("\n") == 1 and "Traceback" not in told.err


def test_odd_records_are_named_and_answered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    odd = (
        observation(20, "13457-7", "2999-01-01", 10),  # the future
        observation(21, "13457-7", "2025-05-01", 80, "mm[Hg]"),  # a unit that does not convert
        observation(22, "13457-7", "2025-05-02", None, dataAbsentReason={"text": "lost"}),
        observation(23, "13457-7", "2025-05-03", 90000),  # not to be believed
        observation(24, "13457-7", DURING[0], 74),  # a second value of one day
        statement(3, "83367", "2024-08-10", "2024-12-01", 10.0),  # another dose at the same time
    )
    assert (
        main(["response", "--record", str(statin(tmp_path, *odd)), "--drug", "atorvastatin", "--outcome", "ldl_cholesterol"])
        == 0
    )
    told = " ".join(capsys.readouterr().out.split())
    assert "nan" not in told.lower().replace("nanomole", "")
    assert "not used: 80 mm[Hg] (2025-05-01" in told and "not used: 90000 mg/dL" in told
    assert "overlap from 2024-08-10 to 2024-12-01" in told


def test_few_values_and_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ask = ["--drug", "atorvastatin", "--outcome", "ldl_cholesterol"]
    drug = statement(1, "83367", "2024-08-10")
    cases = [
        ((drug,), "the record has no usable value"),
        ((drug, observation(1, "13457-7", "2024-07-01", 160)), "change: not known: one value without the drug"),
        ((drug, *(observation(place, "13457-7", day, 160) for place, day in enumerate(BEFORE))), "no value with the drug"),
        (
            (drug, *(observation(place, "13457-7", day, 160) for place, day in enumerate((*BEFORE, *DURING)))),
            "all 9 values are 160",
        ),
        ((observation(1, "13457-7", "2024-07-01", 160),), "the record does not have the drug"),
    ]
    for resources, words in cases:
        assert main(["response", "--record", str(write(tmp_path, *resources)), *ask]) == 0
        assert words in " ".join(capsys.readouterr().out.split())
    assert main(["response", "--record", str(write(tmp_path))]) == 0
    assert "no value of an outcome" in capsys.readouterr().out


def test_a_trial_from_design_to_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made, table, diary, out = (tmp_path / name for name in ("s.json", "s.csv", "d.csv", "r.json"))
    options = ["trial", "design", "--blocks", "4", "--days", "3", "--washout", "1", "--seed", "5", "--start", "2026-12-01"]
    assert main([*options, "--a", "one", "--b", "two", "--out", str(made)]) == 0
    assert main([*options, "--out", str(table)]) == 0
    assert "The smallest p-value that this design can give is 0.125." in capsys.readouterr().out
    plan = json.loads(made.read_text())
    assert (plan["order"], plan["seed"], plan["smallest_p"]) == ("BABAABBA", 5, 0.125)
    assert plan["periods"][1] == {
        "period": 2, "block": 1, "treatment": "A", "name": "one", "first_day": 4, "last_day": 6, "counted_from_day": 5,
        "from": "2026-12-04", "to": "2026-12-06",
    }  # fmt: skip
    rows = [
        f"{day},{one['period']},{day % 3 + (0 if one['treatment'] == 'A' else 2)}"
        for one in plan["periods"]
        for day in range(one["first_day"], one["last_day"] + 1)
    ]
    diary.write_text("day,period,outcome\n" + "\n".join([*rows[:3], rows[3].rsplit(",", 1)[0] + ",", *rows[4:]]) + "\n")
    told = []
    for design in (made, table):
        assert main(["trial", "analyse", str(diary), "--design", str(design), "--json", str(out)]) == 0
        told.append(capsys.readouterr().out)
    assert told[0] == told[1] and "randomisation test: p = 0.125 over 16 possible orders" in told[0]
    result = json.loads(out.read_text())
    assert result["difference"]["value"] == pytest.approx(-2, abs=0.3) and result["not_counted"] == 7


DIARIES = {
    "day,period\n1,1\n": "column outcome is missing; the first line is day,period,outcome",
    "": "column day is missing",
    "day,period,outcome\n1,1,x\n": "row 2: outcome is 'x'; write a number",
    "day,period,outcome\n1,1,nan\n": "row 2: outcome is 'nan'",
    "day,period,outcome\n1,1,inf\n": "row 2: outcome is 'inf'",
    "day,period,outcome\n1.5,1,3\n": "row 2: day is '1.5'; write a whole number",
    "day,period,outcome\n4,1,3\n": "row 2: day 4 lies in period 2, not 1",
    "day,period,outcome\n1\n": "no outcome",
    "day,period,outcome\n99,1,3\n": "day 99 lies outside the trial, which has days 1 to 12",
    "day,period,outcome\n1,1,3\n4,2,3\n": "1 of 2 blocks",
    "day,period,outcome\n\xff1,1,3\n": "cannot be read as CSV in UTF-8",
}


@pytest.mark.parametrize("text", DIARIES)
def test_bad_diaries(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    design, diary = tmp_path / "s.json", tmp_path / "d.csv"
    assert main(["trial", "design", "--blocks", "2", "--days", "3", "--seed", "1", "--out", str(design)]) == 0
    diary.write_bytes(text.encode("latin-1"))
    capsys.readouterr()
    assert main(["trial", "analyse", str(diary), "--design", str(design)]) == 2
    told = capsys.readouterr().err
    assert DIARIES[text] in told and told.count("\n") == 1


def test_bad_designs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, diary = tmp_path / "s.json", tmp_path / "d.csv"
    diary.write_text("day,period,outcome\n1,1,3\n")
    for options, words in (
        (["--blocks", "1", "--days", "3", "--out", str(out)], "2 to 500"),
        (["--blocks", "2", "--days", "3", "--washout", "3", "--out", str(out)], "a washout that leaves one"),
        (["--blocks", "2", "--days", "3", "--out", str(tmp_path / "s.txt")], "ends in .json or .csv"),
        (["--blocks", "2", "--days", "3", "--start", "soon", "--out", str(out)], "--start 'soon' is no day"),
    ):
        assert main(["trial", "design", *options]) == 2
        assert words in capsys.readouterr().err
    for text in ("{}", "[1]", '{"order":"AB","days":0,"washout":0}', '{"order":"AA","days":2,"washout":0}', "\x00"):
        out.write_text(text)
        assert main(["trial", "analyse", str(diary), "--design", str(out)]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert main(["trial", "analyse", str(diary), "--design", str(tmp_path / "none.json")]) == 2
    assert "cannot be read" in capsys.readouterr().err
    assert main(["trial", "analyse", str(diary), "--design", str(out), "--prior-mean", "1"]) == 2
    assert "go together" in capsys.readouterr().err
