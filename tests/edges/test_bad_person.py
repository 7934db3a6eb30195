"""One person's request that contradicts itself: one line, exit code 2, nothing written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import nof1
from nof1.cli.main import main
from nof1.errors import RecordError, RequestError

EXAMPLE = Path(__file__).parents[2] / "examples" / "example-3-genome-and-record"


def refused(capsys: pytest.CaptureFixture[str], out: Path, *arguments: str) -> str:
    assert main(["assess", *arguments, "--out", str(out)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert not out.exists()
    assert told.err.startswith("nof1: ")
    assert told.err.count("\n") == 1
    return told.err


def test_the_sex_declared_against_the_record(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    told = refused(capsys, tmp_path / "o", "--record", str(EXAMPLE / "record.json"), "--sex", "male")
    assert "--sex says male, the record says female" in told


def test_a_genome_of_another_sex_than_the_record_says_stands_first(tmp_path: Path) -> None:
    made = nof1.assess([EXAMPLE.parent / "example-1-all-positions" / "genome.vcf"], record=EXAMPLE / "record.json")
    assert made.unknown[0].about == "identity of the sample"
    assert made.assay["identity"]["verdict"] == "disagree"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"resourceType": "bundle", "entry": []}, "holds nothing that is read here"),
        ({"resourceType": "Bundle", "type": "collection", "entry": []}, "holds no resource"),
        ([1, 2], "record"),
    ],
)
def test_a_record_without_anything_of_a_person(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: object, words: str
) -> None:
    path = tmp_path / "record.json"
    path.write_text(json.dumps(content))
    assert words in refused(capsys, tmp_path / "o", "--record", str(path))


def test_two_patients_in_one_bundle(tmp_path: Path) -> None:
    bundle = json.loads((EXAMPLE / "record.json").read_text())
    bundle["entry"].append({"resource": {"resourceType": "Patient", "id": "other"}})
    path = tmp_path / "record.json"
    path.write_text(json.dumps(bundle))
    with pytest.raises(RecordError, match="2 patients"):
        nof1.assess(record=path)
    assert nof1.assess(record=path, patient="example-3").record["person"] == "example-3"


def test_truncated_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_bytes((EXAMPLE / "record.json").read_bytes()[:-400])
    assert "record.json" in refused(capsys, tmp_path / "o", "--record", str(path))


def test_nothing_to_assess(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "nothing to assess" in refused(capsys, tmp_path / "o")


def test_keywords_that_do_not_exist() -> None:
    with pytest.raises(RequestError, match="'recrod' is no option"):
        nof1.assess(recrod="x")
    with pytest.raises(RequestError, match="record takes paths"):
        nof1.assess(record={"resourceType": "Patient"})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["compare", "--class", "nonsense"], "class 'nonsense'"),
        (["what-if"], "nothing to change"),
        (["what-if", "--swap", "a"], "names no pair"),
        (["what-if", "--stop", "warfarin"], "is not taken"),
        (["what-if", "--set", "shoe size=44"], "is no fact"),
        (["what-if", "--set", "egfr"], "sets nothing"),
        (["what-if", "--set", "creatinine=900"], "cannot be"),
    ],
)
def test_questions_that_cannot_be_answered(capsys: pytest.CaptureFixture[str], arguments: list[str], words: str) -> None:
    assert main([*arguments, "--record", str(EXAMPLE / "record.json")]) == 2
    told = capsys.readouterr()
    assert words in told.err
    assert told.err.count("\n") == 1
