"""Whose images they are: by identifier or by all demographics, never by name alone, and never against what is recorded."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import pytest
from imaging_objects import PATIENT, ROOT, SYSTEM, Obj, image, of

from nof1.errors import RequestError
from nof1.imaging.read import Imported, read_dicom

ISSUERS = {"HOSP": SYSTEM}


def read(path: Path, patients: list[Obj], policy: str = "identifier", issuers: Obj = ISSUERS) -> Imported:
    return read_dicom(path, record=patients, policy=policy, issuers=issuers)


def patient(**other: object) -> Obj:
    return deepcopy(PATIENT) | other


def refusal(found: Imported) -> str:
    """Why nothing was taken; every object is told, and nothing else is."""
    assert found.resources == []
    assert {one.reference for one in found.people} == {""}
    (reason,) = {row.reason for row in found.left_out}
    return reason.removeprefix("whom it is about is not settled: ")


def test_the_patient_with_the_identifier_is_the_subject(tmp_path: Path) -> None:
    others = patient(id="p2", identifier=[{"system": SYSTEM, "value": "MRN-8"}])
    found = read(image(tmp_path / "a"), [others, patient()])
    assert [one["subject"] for one in found.resources] == [{"reference": "Patient/p1"}]
    assert found.left_out == []


def test_another_name_does_not_undo_the_identifier(tmp_path: Path) -> None:
    assert read(image(tmp_path / "a"), [patient(name=[{"family": "Married"}])]).resources


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ([], "no Patient of the record has the patient id"),
        ([patient(identifier=[{"system": "http://other.example", "value": "MRN-7"}])], "no Patient of the record has"),
        ([patient(identifier=[{"value": "MRN-7"}])], "no Patient of the record has"),
        ([patient(), patient(id="p2")], "2 Patient of the record"),
        ([patient(birthDate="1950-02-01")], "the birth date is not that of Patient/p1"),
        ([patient(birthDate="1951")], "the birth date is not that of Patient/p1"),
        ([patient(gender="male")], "the sex (female) is not that of Patient/p1 (male)"),
        ([patient(link=[{"type": "replaced-by", "other": {"reference": "Patient/p9"}}])], "was replaced"),
    ],
)
def test_identifier_refuses(tmp_path: Path, people: list[Obj], words: str) -> None:
    assert words in refusal(read(image(tmp_path / "a"), people))


@pytest.mark.parametrize(
    "other", [{"birthDate": "1950"}, {"birthDate": "1950-01"}, {"gender": "unknown"}, {"birthDate": None}]
)
def test_what_is_unknown_or_less_exact_does_not_contradict(tmp_path: Path, other: Obj) -> None:
    assert read(image(tmp_path / "a"), [patient(**other)]).resources


def test_an_identifier_without_a_system_matches_nobody(tmp_path: Path) -> None:
    path = image(tmp_path / "a", IssuerOfPatientID=None)
    assert "give issuers={'': 'system'}" in refusal(read(path, [patient()]))
    assert read(path, [patient()], issuers={"": SYSTEM}).resources


def test_an_issuer_named_by_oid_is_the_system(tmp_path: Path) -> None:
    from pydicom import Dataset

    issuer = Dataset()
    issuer.UniversalEntityID, issuer.UniversalEntityIDType = "1.2.3.4", "ISO"
    path = image(tmp_path / "a", IssuerOfPatientID=None, IssuerOfPatientIDQualifiersSequence=[issuer])
    assert read(path, [patient(identifier=[{"system": "urn:oid:1.2.3.4", "value": "MRN-7"}])], issuers={}).resources


def test_demographics_need_all_three(tmp_path: Path) -> None:
    path = image(tmp_path / "a", PatientID=None, PatientName="DOE^Jane^A")
    assert read(path, [patient()], "demographics").resources
    for other in (
        {"birthDate": "1950"},
        {"birthDate": None},
        {"gender": "male"},
        {"name": [{"family": "Doe", "given": ["J"]}]},
    ):
        assert "no Patient of the record has this name, birth date and sex" in refusal(
            read(path, [patient(**other)], "demographics")
        )
    assert "2 Patient" in refusal(read(path, [patient(), patient(id="p2")], "demographics"))


@pytest.mark.parametrize("missing", ["PatientBirthDate", "PatientSex", "PatientName"])
def test_never_by_name_alone(tmp_path: Path, missing: str) -> None:
    path = image(tmp_path / "a", **{missing: None})
    assert "does not give all of" in refusal(read(path, [patient()], "demographics"))
    path = image(tmp_path / "a", **{missing: None, "PatientID": None})
    found = read(path, [patient()], "demographics")
    assert (found.resources, found.people) == ([], [])
    assert "no patient id" in found.left_out[0].reason


def test_demographics_do_not_overrule_an_identifier(tmp_path: Path) -> None:
    other = patient(identifier=[{"system": SYSTEM, "value": "MRN-8"}])
    assert "another id under the same identifier system" in refusal(read(image(tmp_path / "a"), [other], "demographics"))


def test_objects_that_contradict_each_other_are_all_refused(tmp_path: Path) -> None:
    image(tmp_path / "a", 1)
    image(tmp_path / "b", 2, PatientBirthDate="19600102", StudyInstanceUID=f"{ROOT}.3")
    assert "they give 2 birth dates" in refusal(read(tmp_path, [patient()]))


def test_a_study_about_two_people_is_refused(tmp_path: Path) -> None:
    image(tmp_path / "a", 1)
    image(tmp_path / "b", 2, PatientID="MRN-8")
    found = read_dicom(tmp_path)
    assert found.resources == []
    assert [row.place for row in found.left_out] == ["a", "b"]
    assert "about 2 people" in found.left_out[0].reason


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ({"PatientSpeciesDescription": "Canis lupus familiaris"}, "about an animal"),
        ({"QualityControlSubject": "YES"}, "phantom"),
        ({"PatientID": ""}, "no patient id"),
        ({"PatientID": None}, "no patient id"),
    ],
)
def test_what_is_about_nobody_is_left_out(tmp_path: Path, elements: Obj, words: str) -> None:
    found = read_dicom(image(tmp_path / "a", **elements))
    assert (found.resources, found.people) == ([], [])
    assert words in found.left_out[0].reason


def test_without_a_record_the_hint_is_the_subject(tmp_path: Path) -> None:
    found = read_dicom(image(tmp_path / "a"), issuers=ISSUERS)
    (person,) = found.people
    assert person.patient == patient(id=person.patient["id"], identifier=[
        {"system": SYSTEM, "value": "MRN-7", "assigner": {"display": "HOSP"}}
    ])  # fmt: skip
    assert of(found.resources, "ImagingStudy")[0]["subject"] == {"reference": f"Patient/{person.patient['id']}"}


def test_reasons_tell_no_name_and_no_birth_date(tmp_path: Path) -> None:
    image(tmp_path / "a", 1)
    image(tmp_path / "b", 2, PatientBirthDate="19600102", StudyInstanceUID=f"{ROOT}.3")
    told = str(read(tmp_path, [patient()]).left_out) + str(
        read(image(tmp_path / "c", 3), [patient(birthDate="1951")]).left_out
    )
    assert not any(word in told for word in ("Doe", "Jane", "1950", "1960", "1951", "MRN"))


def test_an_unknown_policy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="'name' is no policy"):
        read(image(tmp_path / "a"), [patient()], "name")
