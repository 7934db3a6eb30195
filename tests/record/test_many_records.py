"""Many people's records in one process: each gets what ``nof1.assess`` says of that person, and nobody stops the others."""

from __future__ import annotations

import gc
import json
import tracemalloc
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

import nof1
from nof1.errors import RequestError
from nof1.genomics.outside.call import OutsideCall
from nof1.jobs.record_people import Patient, advise_people
from nof1.model.findings import Action

TODAY = date(2026, 11, 25)
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


def bundle(name: str, *drugs: tuple[str, str]) -> dict[str, object]:
    subject = {"reference": f"Patient/{name}"}
    person = {"resourceType": "Patient", "id": name, "gender": "female", "birthDate": "1960-05-04"}
    orders = [
        {"resourceType": "MedicationRequest", "id": f"{name}-{code}", "status": "active", "intent": "order",
         "subject": subject, "authoredOn": "2026-10-01",
         "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": code}], "text": text}}
        for code, text in drugs
    ]  # fmt: skip
    claim = {"resourceType": "Claim", "id": f"{name}-claim", "patient": subject, "item": [{"sequence": 1}]}
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in (person, *orders, claim)]}


CLOPIDOGREL, OMEPRAZOLE, PAROXETINE, CODEINE = (
    ("32968", "clopidogrel"), ("7646", "omeprazole"), ("32937", "paroxetine"), ("2670", "codeine"),
)  # fmt: skip
CALLS = {
    "CYP2C19": [OutsideCall("CYP2C19", "*2/*2", "", "", "", "calls.tsv line 1")],
    "CYP2D6": [OutsideCall("CYP2D6", "*1/*1", "", "", "", "calls.tsv line 2")],
}
RECORDS = {
    "a": bundle("a", CLOPIDOGREL, OMEPRAZOLE),
    "b": bundle("b", PAROXETINE, CODEINE),
    "c": bundle("c"),
}


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    found = {}
    for name, content in RECORDS.items():
        found[name] = tmp_path / f"{name}.json"
        found[name].write_text(json.dumps(content))
    (tmp_path / "calls.tsv").write_text("gene\tdiplotype\nCYP2C19\t*2/*2\nCYP2D6\t*1/*1\n")
    return found


def test_everybody_gets_what_one_person_alone_gets(files: dict[str, Path]) -> None:
    calls = files["a"].parent / "calls.tsv"
    told = list(advise_people([Patient(name, path, CALLS) for name, path in files.items()], today=TODAY))
    assert [one.name for one in told] == ["a", "b", "c"]
    for one in told:
        alone = nof1.assess([], record=files[one.name], outside_calls=calls, today=TODAY)
        taken = {drug.drug: drug for drug in alone.drugs if drug.course in ("active", "planned", "unknown")}
        assert {drug.drug: drug.headline for drug in one.drugs} == {name: drug.headline for name, drug in taken.items()}
        for drug in one.drugs:
            assert [item.id for item in drug.recommendations] == [item.id for item in taken[drug.drug].recommendations]
            assert [item.advice for item in drug.recommendations] == [
                item.advice for item in taken[drug.drug].recommendations
            ]
        assert [item.id for item in one.interactions] == [item.id for item in alone.interactions]
    assert told[0].drugs[0].drug == "clopidogrel" and told[0].drugs[0].headline is Action.AVOID
    assert told[2].drugs == () and told[2].read == {"Patient": 1, "Claim": 1}


def test_files_and_decoded_resources_say_the_same(files: dict[str, Path]) -> None:
    by_file = advise_people([Patient(name, path, CALLS) for name, path in files.items()], today=TODAY)
    decoded = advise_people([Patient(name, [content], CALLS) for name, content in RECORDS.items()], today=TODAY)
    for one, other in zip(by_file, decoded, strict=True):
        assert [(drug.drug, drug.headline) for drug in one.drugs] == [(drug.drug, drug.headline) for drug in other.drugs]
        assert one.read == other.read


def test_a_record_that_cannot_be_read_is_told_and_the_next_is_read(tmp_path: Path) -> None:
    torn = tmp_path / "torn.json"
    torn.write_text(json.dumps(RECORDS["a"])[:200])
    people = [
        Patient("torn", torn),
        Patient("two", [RECORDS["a"], RECORDS["b"]]),
        Patient("odd", [RECORDS["a"]], {"CYP2C19": [OutsideCall("CYP2C19", "*9999/*1", "", "", "", "line 7")]}),
        Patient("fine", [RECORDS["a"]]),
    ]
    torn_, two, odd, fine = advise_people(people, today=TODAY)
    assert "cut off" in torn_.problem and "2 patients" in two.problem and "*9999" in odd.problem
    assert not fine.problem and {drug.drug for drug in fine.drugs} == {"clopidogrel", "omeprazole"}


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(RequestError, match="method"):
        next(advise_people([], today=TODAY, method="guess"))


def test_people_are_not_kept() -> None:
    def people(count: int) -> Iterator[Patient]:
        return (Patient(f"p{number}", [bundle(f"p{number}", CLOPIDOGREL, OMEPRAZOLE)], CALLS) for number in range(count))

    for _ in advise_people(people(20), today=TODAY):  # everything that is kept for all is made here
        pass
    tracemalloc.start()
    try:
        for _ in advise_people(people(10), today=TODAY):
            pass
        gc.collect()
        first = tracemalloc.get_traced_memory()[0]
        for _ in advise_people(people(60), today=TODAY):
            pass
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] - first < 75_000  # bytes; 60 records alone are more than 300,000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b'"sequence": 1', b'"sequence": "\xff"', "utf-8"),  # in a resource that is not read
        (b'"resourceType": "Bundle", ', b"", "no resourceType"),
        (b'"sequence": 1', b'"sequence": ', "no JSON"),
    ],
)
def test_a_bundle_is_refused_for_what_stands_in_resources_that_are_not_read(
    tmp_path: Path, old: bytes, new: bytes, told: str
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(json.dumps(RECORDS["a"]).encode().replace(old, new))
    (one,) = advise_people([Patient("a", path)], today=TODAY)
    assert told in one.problem
