"""Small DICOM objects written for tests, with pydicom alone."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

pydicom = pytest.importorskip("pydicom", reason="imaging tests need pydicom: install nof1[server]")

from pydicom import Dataset, FileDataset, config  # noqa: E402
from pydicom.dataset import FileMetaDataset  # noqa: E402
from pydicom.uid import ExplicitVRLittleEndian  # noqa: E402

from fhir_validator import base  # noqa: E402
from fhir_validator.check import Validator  # noqa: E402
from fhir_validator.profiles import Guide  # noqa: E402

Obj = dict[str, Any]
ROOT = "1.2.826.0.1.3680043.8.498.77"
STUDY, SERIES = f"{ROOT}.1", f"{ROOT}.1.1"
CT, COMPREHENSIVE = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.88.33"
PERSON: Obj = {
    "PatientID": "MRN-7",
    "IssuerOfPatientID": "HOSP",
    "PatientName": "Doe^Jane^A",
    "PatientBirthDate": "19500102",
    "PatientSex": "F",
}
SYSTEM = "http://hospital.example/mrn"
PATIENT: Obj = {
    "resourceType": "Patient",
    "id": "p1",
    "identifier": [{"system": SYSTEM, "value": "MRN-7"}],
    "name": [{"family": "Doe", "given": ["Jane", "A"]}],
    "birthDate": "1950-01-02",
    "gender": "female",
}


def write(path: Path, uid: str, sop_class: str, **elements: Any) -> Path:
    """A DICOM file; ``elements`` by keyword, None leaves one out."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = sop_class, uid
    meta.TransferSyntaxUID = elements.pop("syntax", ExplicitVRLittleEndian)
    base_elements = {
        "SOPClassUID": sop_class,
        "SOPInstanceUID": uid,
        "StudyInstanceUID": STUDY,
        "SeriesInstanceUID": SERIES,
        "StudyDate": "20240305",
        "StudyTime": "101500",
        "Modality": "CT",
        **PERSON,
    }
    with config.disable_value_validation():
        dataset = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
        for keyword, value in (base_elements | elements).items():
            if value is not None:
                setattr(dataset, keyword, value)
        dataset.save_as(path, enforce_file_format=True)
    return path


def image(path: Path, number: int = 1, **elements: Any) -> Path:
    return write(path, f"{SERIES}.{number}", CT, **{"InstanceNumber": number, "SeriesNumber": 1} | elements)


def code(value: str, scheme: str, meaning: str) -> Dataset:
    found = Dataset()
    found.CodeValue, found.CodingSchemeDesignator, found.CodeMeaning = value, scheme, meaning
    return found


def item(relation: str, kind: str, name: Dataset | None, *children: Dataset, **elements: Any) -> Dataset:
    found = Dataset()
    found.RelationshipType, found.ValueType = relation, kind
    if name is not None:
        found.ConceptNameCodeSequence = [name]
    for keyword, value in elements.items():
        setattr(found, keyword, value)
    if children:
        found.ContentSequence = list(children)
    return found


def num(name: Dataset, value: str | None, unit: Dataset | None, *children: Dataset, relation: str = "CONTAINS") -> Dataset:
    measured = Dataset()
    if value is not None:
        measured.NumericValue = value
    if unit is not None:
        measured.MeasurementUnitsCodeSequence = [unit]
    return item(relation, "NUM", name, *children, MeasuredValueSequence=[] if value is None else [measured])


def coded(relation: str, name: Dataset, value: Dataset, *children: Dataset) -> Dataset:
    return item(relation, "CODE", name, *children, ConceptCodeSequence=[value])


def text(relation: str, name: Dataset, value: str) -> Dataset:
    return item(relation, "TEXT", name, TextValue=value)


def group(*children: Dataset) -> Dataset:
    return item("CONTAINS", "CONTAINER", GROUP, *children, ContinuityOfContent="SEPARATE")


def referring(relation: str, uid: str) -> Dataset:
    one = Dataset()
    one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID = CT, uid
    return item(relation, "IMAGE", None, ReferencedSOPSequence=[one])


def evidence(study: str, *uids: str) -> Dataset:
    found, series = Dataset(), Dataset()
    series.SeriesInstanceUID = f"{study}.9"
    series.ReferencedSOPSequence = []
    for uid in uids:
        one = Dataset()
        one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID = CT, uid
        series.ReferencedSOPSequence.append(one)
    found.StudyInstanceUID, found.ReferencedSeriesSequence = study, [series]
    return found


def report(path: Path, *children: Dataset, uid: str = f"{ROOT}.5", **elements: Any) -> Path:
    """A TID 1500 report with these items below its Imaging Measurements."""
    measurements = item("CONTAINS", "CONTAINER", code("126010", "DCM", "Imaging Measurements"), *children)
    observer = item("HAS OBS CONTEXT", "PNAME", code("121008", "DCM", "Person Observer Name"), PersonName="Reader^Rita")
    language = coded(
        "HAS CONCEPT MOD",
        code("121049", "DCM", "Language of Content Item and Descendants"),
        code("en-US", "RFC5646", "English (United States)"),
    )
    standing = {
        "Modality": "SR",
        "SeriesInstanceUID": f"{STUDY}.8",
        "ValueType": "CONTAINER",
        "ConceptNameCodeSequence": [code("126000", "DCM", "Imaging Measurement Report")],
        "ContentDate": "20240306",
        "ContentTime": "090000",
        "CompletionFlag": "COMPLETE",
        "VerificationFlag": "UNVERIFIED",
        "ContentSequence": [language, observer, measurements],
    }
    return write(path, uid, COMPREHENSIVE, **standing | elements)


GROUP = code("125007", "DCM", "Measurement Group")
PERCENT, MM, ONE = code("%", "UCUM", "%"), code("mm", "UCUM", "mm"), code("1", "UCUM", "no units")
SITE = code("363698007", "SCT", "Finding Site")
METHOD = code("370129005", "SCT", "Measurement Method")
DIAMETER = code("81827009", "SCT", "Diameter")
EJECTION = code("10230-1", "LN", "Left Ventricular Ejection Fraction")
CALCIUM = code("112058", "DCM", "Calcium score")


def ejection_and_calcium(path: Path, **elements: Any) -> Path:
    """A report with an ejection fraction of 57 % (biplane) and a coronary calcium score of 112.5 (Agatston)."""
    heart = group(
        text("HAS OBS CONTEXT", code("112039", "DCM", "Tracking Identifier"), "LV"),
        item("HAS OBS CONTEXT", "UIDREF", code("112040", "DCM", "Tracking Unique Identifier"), UID=f"{ROOT}.70"),
        coded("HAS CONCEPT MOD", SITE, code("87878005", "SCT", "Left ventricle")),
        num(EJECTION, "57", PERCENT, coded("HAS CONCEPT MOD", METHOD, code("125207", "DCM", "Biplane"))),
    )
    vessels = group(
        coded("HAS CONCEPT MOD", SITE, code("41801008", "SCT", "Coronary artery")),
        num(CALCIUM, "112.5", ONE, coded("HAS CONCEPT MOD", METHOD, code("112055", "DCM", "Agatston scoring method"))),
    )
    return report(path, heart, vessels, **elements)


def of(resources: list[Obj], kind: str) -> list[Obj]:
    return [one for one in resources if one["resourceType"] == kind]


def errors(resources: list[Obj], others: list[Obj], empty: Path) -> list[str]:
    """What the project's own validator of R4 finds wrong; ImagingStudy by the table beside this file."""
    _learn_imaging_study()
    validator = Validator(Guide(empty), [*resources, *others])
    return [line for one in resources for line in validator.check(one).errors]


def _learn_imaging_study() -> None:
    """ImagingStudy of R4 4.0.1, made as the validator's own tables are (fhir_validator.make_tables)."""
    if "ImagingStudy" in base.types():
        return
    with (Path(__file__).parent / "r4_imaging_study.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            parent, _, name = row["path"].rpartition(".")
            types = tuple(row["types"].split()) or (("BackboneElement",) if row["same_as"] else ())
            spot = base._by_parent().setdefault(parent, {}) if parent else base._by_parent()[""]
            spot[name] = base.Element(
                row["path"], name, int(row["min"]), row["max"] != "1", types, tuple(row["targets"].split()),
                row["strength"], row["value_set"], row["same_as"],
            )  # fmt: skip
    statuses = frozenset(("registered", "available", "cancelled", "entered-in-error", "unknown"))
    base.codes().setdefault("http://hl7.org/fhir/ValueSet/imagingstudy-status", statuses)
    base.types.cache_clear()
