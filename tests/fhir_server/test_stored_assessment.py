"""A genome beside the record: attached, assessed, written back; then the record answers whose phenotype speaks against a drug."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from serving import served

from nof1.jobs.one_person import assess

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/example-3-genome-and-record"
NOF1 = [sys.executable, "-c", "from nof1.cli.main import run; run()"]
PERSON = "example-3"
SEARCH = "/Task?_tag=urn:nof1:because-of|phenotype&code=http://loinc.org|LA26421-0&focus:missing=false&_include=Task:patient"


def nof1(folder: Path, *command: str, is_refused: bool = False) -> str:
    found = subprocess.run([*NOF1, *command], cwd=folder, capture_output=True, text=True, check=False)
    assert found.returncode == (2 if is_refused else 0), found.stderr
    return found.stderr if is_refused else found.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("stored")
    other = {"resourceType": "Patient", "id": "other", "name": [{"family": "Other"}]}
    (place / "other.json").write_text(json.dumps(other))
    told = nof1(place, "record", "import", str(EXAMPLE / "record.json"), "other.json")
    assert "left out" not in told
    calls = ("--calls", str(EXAMPLE / "outside_calls.tsv"))
    assert nof1(place, "record", "attach", "--patient", PERSON, str(EXAMPLE / "genome.vcf"), *calls).count("Document") == 2
    return place


def test_the_assessment_from_the_store_is_that_from_the_files(folder: Path):
    nof1(folder, "assess", "--patient", PERSON, "--out", "report")
    stored = json.loads((folder / "report/assessment.json").read_text())
    files = assess([EXAMPLE / "genome.vcf"], record=EXAMPLE / "record.json", outside_calls=EXAMPLE / "outside_calls.tsv")
    told = json.loads(msgspec.json.encode(files))
    assert [called(gene) for gene in stored["genes"]] == [called(gene) for gene in told["genes"]]
    assert {one["drug"]: one["headline"] for one in stored["drugs"]} == {
        one["drug"]: one["headline"] for one in told["drugs"]
    }


def called(gene: dict[str, Any]) -> tuple[Any, ...]:
    pairs = [(one["name"], one["score"]) for one in gene["diplotypes"]]
    return gene["gene"], gene["status"], pairs, [(one["term"], one["lookup"]) for one in gene["phenotypes"]]


def test_written_back_it_answers_and_a_second_one_replaces_it(folder: Path):
    with served(folder, database=str(folder / "record.sqlite")) as server:
        counts = []
        for _ in range(2):
            status, _, body = server.request("POST", f"/Patient/{PERSON}/$nof1-assess", {}, b"")
            assert status == 200 and json.loads(body)["resourceType"] == "Bundle"
            _, _, found = server.request("GET", "/Task?_summary=count", {}, b"")
            counts.append(json.loads(found)["total"])
        assert counts[0] == counts[1] > 0
        _, _, body = server.request("GET", SEARCH, {}, b"")
        found = json.loads(body)["entry"]
        people = {entry["resource"]["id"] for entry in found if entry["search"]["mode"] == "include"}
        drugs = {
            one["valueCodeableConcept"]["text"]
            for entry in found
            if entry["search"]["mode"] == "match"
            for one in entry["resource"]["input"]
        }
        assert people == {PERSON}
        assert drugs >= {"codeine", "simvastatin"}  # as docs/reference/fhir.md and the report say of the example
        _, _, validated = server.request("GET", f"/Patient/{PERSON}/$nof1-assess", {}, b"")
        assert json.loads(validated)["issue"][0]["code"] == "not-supported"  # it writes: POST
        assert server.request("POST", "/Patient/none/$nof1-assess", {}, b"")[0] == 404  # fmt: skip


def test_what_cannot_be_attached_or_was_changed_is_refused(folder: Path):
    (folder / "no.vcf").write_text("no genome")
    assert "no.vcf" in nof1(folder, "record", "attach", "--patient", PERSON, "no.vcf", is_refused=True)
    assert "no Patient/none" in nof1(
        folder, "record", "attach", "--patient", "none", str(EXAMPLE / "genome.vcf"), is_refused=True
    )
    (kept,) = (folder / "record.sqlite.genomes").rglob("genome.vcf")
    text = kept.read_text()
    kept.write_text(text + "\n")
    try:
        assert "no longer those that were attached" in nof1(folder, "assess", "--patient", PERSON, is_refused=True)
    finally:
        kept.write_text(text)
