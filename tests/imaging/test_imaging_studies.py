"""ImagingStudy: what many headers say together, whatever the order of files, and what a record already holds stays."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from pathlib import Path

import pytest
from imaging_objects import CT, PATIENT, SERIES, STUDY, SYSTEM, Obj, code, ejection_and_calcium, image, of

from nof1.imaging.read import read_dicom

DCM = "http://dicom.nema.org/resources/ontology/DCM"


def study(path: Path, **options: object) -> Obj:
    (found,) = of(read_dicom(path, **options).resources, "ImagingStudy")  # type: ignore[arg-type]
    return found


def filled(folder: Path, names: str = "abc") -> Path:
    image(
        folder / names[0],
        1,
        StudyDescription="CT heart",
        SeriesDescription="axial",
        AccessionNumber="A 1",
        BodyPartExamined="HEART",
    )
    image(folder / names[1], 2, StudyDescription="CT heart", ProcedureCodeSequence=[code("24627-2", "LN", "Chest CT")])
    image(folder / names[2], 3, SeriesInstanceUID=f"{STUDY}.2", Modality="SEG", StudyDescription="", ImageLaterality="L")
    return folder


def test_a_study_of_two_series(tmp_path: Path) -> None:
    found = study(filled(tmp_path))
    assert found["identifier"] == [
        {"system": "urn:dicom:uid", "value": f"urn:oid:{STUDY}"},
        {"type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "ACSN"}]}, "value": "A 1"},
    ]
    assert (found["status"], found["started"], found["description"]) == ("available", "2024-03-05", "CT heart")
    assert found["modality"] == [{"system": DCM, "code": "CT"}, {"system": DCM, "code": "SEG"}]
    assert (found["numberOfSeries"], found["numberOfInstances"]) == (2, 3)
    assert found["procedureCode"][0]["coding"][0]["code"] == "24627-2"
    first, second = found["series"]
    assert first == {
        "uid": SERIES,
        "number": 1,
        "modality": {"system": DCM, "code": "CT"},
        "description": "axial",
        "numberOfInstances": 2,
        "bodySite": {"display": "HEART"},
        "instance": [
            {"uid": f"{SERIES}.{at}", "sopClass": {"system": "urn:ietf:rfc:3986", "code": f"urn:oid:{CT}"}, "number": at}
            for at in (1, 2)
        ],
    }
    assert second["laterality"] == {"system": "http://snomed.info/sct", "code": "7771000", "display": "Left"}


def test_names_and_order_of_files_do_not_matter(tmp_path: Path) -> None:
    made = []
    for names in ("abc", "cab", "bca"):
        (tmp_path / names).mkdir()
        made.append(study(filled(tmp_path / names, names)))
    assert made[0] == made[1] == made[2]


def test_a_second_import_gives_the_same_resources(tmp_path: Path) -> None:
    ejection_and_calcium(filled(tmp_path) / "d")
    assert read_dicom(tmp_path) == read_dicom(tmp_path)


def test_a_later_report_keeps_the_series_of_the_record(tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    before = study(filled(tmp_path / "first"), record=[PATIENT], issuers={"HOSP": SYSTEM})
    before |= {"basedOn": [{"reference": "ServiceRequest/s"}]}
    after = study(ejection_and_calcium(tmp_path / "sr"), record=[PATIENT, before], issuers={"HOSP": SYSTEM})
    assert after["basedOn"] == before["basedOn"]
    assert (after["id"], after["numberOfSeries"], after["numberOfInstances"]) == (before["id"], 3, 4)
    assert [one for one in after["series"] if one["modality"]["code"] != "SR"] == before["series"]
    assert len(after["identifier"]) == 2


def test_a_study_that_the_record_has_for_another_is_refused(tmp_path: Path) -> None:
    before = study(image(tmp_path / "a")) | {"subject": {"reference": "Patient/other"}}
    found = read_dicom(image(tmp_path / "a"), record=[PATIENT, before], issuers={"HOSP": SYSTEM})
    assert found.resources == []
    assert "the record has study" in found.left_out[0].reason


@pytest.mark.parametrize(
    ("elements", "zone", "started"),
    [
        ({}, None, "2024-03-05"),
        ({}, UTC, "2024-03-05T10:15:00+00:00"),
        ({}, timezone(timedelta(hours=1)), "2024-03-05T10:15:00+01:00"),
        ({"TimezoneOffsetFromUTC": "-0500"}, UTC, "2024-03-05T10:15:00-05:00"),
        ({"StudyTime": None}, UTC, "2024-03-05"),
        ({"StudyTime": "101500.123"}, UTC, "2024-03-05T10:15:00+00:00"),
    ],
)
def test_a_time_of_day_needs_a_zone(tmp_path: Path, elements: Obj, zone: object, started: str) -> None:
    assert study(image(tmp_path / "a", **elements), zone=zone)["started"] == started


@pytest.mark.parametrize(
    ("element", "value", "words"),
    [
        ("StudyDate", "20241301", "StudyDate is no date: '20241301'"),
        ("StudyDate", "yesterday", "StudyDate is no date: 'yesterday'"),
        ("StudyTime", "10:15", "StudyTime is no time"),
        ("PatientBirthDate", "19500", "PatientBirthDate is no date"),
        ("PatientSex", "W", "PatientSex is none of M, F, O"),
    ],
)
def test_what_is_malformed_is_told_and_left_out_alone(tmp_path: Path, element: str, value: str, words: str) -> None:
    found = read_dicom(image(tmp_path / "a", **{element: value}))
    if words.startswith("StudyTime is no time"):
        assert found.left_out == []  # older objects part the time with colons
    else:
        assert [row.reason.startswith(words) for row in found.left_out] == [True]
    assert ("started" in of(found.resources, "ImagingStudy")[0]) == (element != "StudyDate")


def test_a_series_of_two_modalities_is_told(tmp_path: Path) -> None:
    image(tmp_path / "a", 1)
    image(tmp_path / "b", 2)
    image(tmp_path / "c", 3, Modality="MR")
    found = read_dicom(tmp_path)
    assert of(found.resources, "ImagingStudy")[0]["series"][0]["modality"]["code"] == "CT"
    assert found.left_out[0].reason.startswith(f"series {SERIES} holds objects of CT and MR")


def test_objects_of_one_study_on_two_days_are_told(tmp_path: Path) -> None:
    image(tmp_path / "a", 1, StudyDate="20240306")
    image(tmp_path / "b", 2, StudyTime=None)
    image(tmp_path / "c", 3)
    found = read_dicom(tmp_path, zone=UTC)
    assert of(found.resources, "ImagingStudy")[0]["started"] == "2024-03-05T10:15:00+00:00"
    assert [tuple(row) for row in found.left_out] == [
        (f"study {STUDY}", "its objects give 2 study dates; the first is used")
    ]
