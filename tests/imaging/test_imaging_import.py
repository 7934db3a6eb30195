"""DICOM into the record store: a measurement of a report becomes a fact of the record, of the right patient or of nobody."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from imaging_objects import PATIENT, SYSTEM, ejection_and_calcium, image

from nof1.jobs.imaging_import import import_dicom
from nof1.jobs.records import terms_of
from nof1.knowledge.compiled import knowledge
from nof1.record.facts import read_resources
from nof1.rest.perform import perform
from nof1.rest.requests import Request, encoded
from nof1.rest.service import Service
from nof1.store import streams
from nof1.store.audit import Audit
from nof1.store.check import check
from nof1.store.database import opened

TODAY = date(2026, 11, 25)
ISSUERS = {"HOSP": SYSTEM}


@pytest.fixture
def service(tmp_path: Path):
    found = Service(store := opened(str(tmp_path / "r.sqlite")), Audit(store), "")
    perform(found, Request("PUT", ("Patient", "p1"), body=encoded(PATIENT)))
    yield found
    found.close()


def stored(service: Service, kind: str) -> list[dict]:
    with service.database.read() as r:
        return [json.loads(body) for body in streams.bodies(r, kind)]


def test_an_ejection_fraction_and_a_calcium_score_are_facts_of_the_record(service: Service, tmp_path: Path):
    folder = tmp_path / "in"
    folder.mkdir()
    image(folder / "image.dcm")
    ejection_and_calcium(folder / "report.dcm")
    found = import_dicom(service, [folder], issuers=ISSUERS, zone="Europe/Berlin")
    assert (found.people, found.left_out) == (1, [])
    kinds = ("Patient", "Observation", "ImagingStudy", "DiagnosticReport")
    every = [one for kind in kinds for one in stored(service, kind)]
    assert {one["subject"]["reference"] for one in every if "subject" in one} == {"Patient/p1"}
    record = read_resources(every, terms_of(knowledge()), today=TODAY)
    values = {fact.code: (fact.value.value, fact.value.unit) for fact in record.facts if hasattr(fact.value, "unit")}
    assert values["10230-1"] == (57.0, "%")
    assert check(service.database) == []


def test_a_second_import_doubles_nothing(service: Service, tmp_path: Path):
    ejection_and_calcium(tmp_path / "report.dcm")
    counts = []
    for _ in range(2):
        import_dicom(service, [tmp_path / "report.dcm"], issuers=ISSUERS)
        counts.append([len(stored(service, kind)) for kind in ("Observation", "ImagingStudy", "DiagnosticReport")])
    assert counts[0] == counts[1] and all(counts[0])


@pytest.mark.parametrize(
    "person", [{"PatientID": "MRN-8"}, {"PatientBirthDate": "19500103"}, {"PatientSex": "M"}, {"IssuerOfPatientID": "ELSE"}]
)
def test_what_is_not_surely_about_a_patient_of_the_record_is_told_and_not_stored(
    service: Service, tmp_path: Path, person: dict[str, str]
):
    ejection_and_calcium(tmp_path / "report.dcm", **person)
    found = import_dicom(service, [tmp_path / "report.dcm"], issuers=ISSUERS)
    assert (found.stored, found.people) == (0, 0) and found.left_out
    assert stored(service, "Observation") == []
