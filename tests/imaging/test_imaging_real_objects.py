"""Real objects, some malformed on purpose: what is made of them against what other readers (dcmtk, by hand) say of them."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from imaging_objects import Obj, errors, of

from nof1.imaging.read import Imported, read_dicom

SINGLE, GROUPS = "highdicom_sr_document.dcm", "highdicom_sr_document_with_multiple_groups.dcm"
CT_STUDY = "1.3.6.1.4.1.5962.1.2.1.20040119072730.12322"
# read off dsrdump 3.6.7 and dcmdump: name, value, unit, site, tracking identifier
MEASURED = {
    SINGLE: [("Area of defined region", 1.7, "cm2", "Cervico-thoracic spine, Vertebral foramen", "Planar ROI Measurements")],
    GROUPS: [
        ("Intensity Histogram Mean", -119.07385253906, "[hnsf'U]", "", "Image0001"),
        ("Diameter", 10.0, "mm", "Lung", "LungNodule0001"),
        ("Diameter", 20.0, "mm", "", "Aorta0001"),
        ("Volume", 200.0, "mm3", "", "Vertebra0001"),
    ],
}
EVALUATED = {
    SINGLE: [("Finding", "Spinal cord")],
    GROUPS: [
        ("Anatomical position (finding)", "Level of T4/T5 intervertebral disc"),
        ("Finding category", "Morphologically Abnormal Structure"),
        ("Finding", "Nodule"),
        ("Level of Significance", "Not significant"),
        ("Finding category", "Anatomical structure"),
        ("Finding", "Aorta"),
        ("Finding category", "Anatomical structure"),
        ("Finding", "Vertebra"),
    ],
}
# what dcmdump shows is missing or wrong in them
LEFT_OUT = {
    "highdicom_README.md": "no DICOM file",
    "pydicom_CT_small.dcm": "has the SOP instance UID of highdicom_ct_image.dcm but another content",
    "pydicom_UN_sequence.dcm": "without any element",
    "pydicom_empty_charset_LEI.dcm": "SOPClassUID is absent",
    "pydicom_image_dfl.dcm": "no patient id",
    "pydicom_meta_missing_tsyntax.dcm": "without any element",
    "pydicom_nested_priv_SQ.dcm": "without any element",
    "pydicom_no_meta.dcm": "no DICOM file",  # one stray byte before the data set: dcmdump does not read it either
    "pydicom_reportsi.dcm": "no patient id",
    "pydicom_reportsi_with_empty_number_tags.dcm": "no patient id",
    "pydicom_test-SR.dcm": "no patient id",
}
# dcmdump: study, modality, study date (with its time where the object names its zone), instances
STUDIES = {
    CT_STUDY: ({"CT", "SR"}, "2004-01-19T07:27:30-05:00", 3),
    "1.2.826.0.1.3680043.8.498.54401662452014863547255413372440461885": ({"DX"}, "2020-01-25", 1),
    "1.3.6.1.4.1.5962.1.1.0.0.0.1196530851.28319.0.1": ({"SEG"}, "1995-09-03", 3),
    "1.2.826.0.1.3680043.9.7433.3.82970457260936734119270346325882945": ({"ANN", "SM"}, "2019-06-04", 2),
    "1.3.6.1.4.1.5962.1.2.8.20040826185059.5457": ({"NM"}, "2004-08-26T18:50:59-04:00", 1),
    "1.3.6.1.4.1.5962.1.2.4.20040826185059.5457": ({"MR"}, "2004-08-26T18:50:59-04:00", 1),
    "1.2.392.200103.20080913.113635.0.2009.6.22.21.43.10.22941.1": ({"SEG"}, "2003-04-17", 1),
    "1.2.999.999.99.9.9999.8888": ({"RTDOSE"}, "2003-08-05", 1),
    "1.22.333.4.555555.6.7777777777777777777777777777": ({"RTPLAN"}, "2003-07-16", 1),
    "1.2.826.0.1.3680043.8.498.2010020400001.1": ({"RTSTRUCT"}, "", 1),
    "1.3.76.13.65829.2.20130125082826.1072139.2": ({"ECG"}, "2013-01-25", 1),
}


@pytest.fixture(scope="module")
def folder(reference_data: Path) -> Path:
    found = reference_data / "terms" / "dicom"
    if not found.is_dir():
        pytest.skip(f"reference data without terms/dicom: {reference_data}")
    return found


@pytest.fixture(scope="module")
def everything(folder: Path) -> Imported:
    return read_dicom(folder)


def test_what_is_left_out_and_why(everything: Imported) -> None:
    told = {row.place: row.reason for row in everything.left_out if not row.place.startswith("study")}
    assert {place: reason[: len(LEFT_OUT.get(place, ""))] for place, reason in told.items()}.keys() == LEFT_OUT.keys()
    assert [place for place, words in LEFT_OUT.items() if words not in told[place]] == []
    (mixed,) = [row for row in everything.left_out if row.place.startswith("study")]
    assert "holds objects of CT and SR" in mixed.reason  # sr_document was written into the series of its image


def test_studies_are_those_of_dcmdump(everything: Imported) -> None:
    found = {
        one["identifier"][0]["value"].removeprefix("urn:oid:"): (
            {part["code"] for part in one["modality"]},
            one.get("started", ""),
            one["numberOfInstances"],
        )
        for one in of(everything.resources, "ImagingStudy")
    }
    assert found == STUDIES


@pytest.mark.parametrize("name", [SINGLE, GROUPS])
def test_measurements_are_those_of_dsrdump(folder: Path, name: str) -> None:
    found = of(read_dicom(folder / name).resources, "Observation")
    numbers = [
        (
            one["code"]["text"],
            one["valueQuantity"]["value"],
            one["valueQuantity"]["code"],
            one.get("bodySite", {}).get("text", ""),
            next(part["value"] for part in one["identifier"] if part["type"]["coding"][0]["code"] == "112039"),
        )
        for one in found
        if "valueQuantity" in one
    ]
    values = [(one["code"]["text"], one["valueCodeableConcept"]["text"]) for one in found if "valueCodeableConcept" in one]
    assert numbers == MEASURED[name]
    assert values == EVALUATED[name]
    assert {one["status"] for one in found} == {"preliminary"}  # PARTIAL
    assert {one["effectiveDateTime"] for one in found} == {"2004-01-19"}  # the study measured, not the day of the report


@pytest.mark.skipif(shutil.which("dsrdump") is None, reason="dsrdump (dcmtk) is not installed")
@pytest.mark.parametrize("name", [SINGLE, GROUPS])
def test_dsrdump_prints_the_same_numbers(folder: Path, name: str) -> None:
    command = ["dsrdump", "+Pc", str(folder / name)]
    told = subprocess.run(command, capture_output=True, check=True).stdout.decode("utf-8", "replace")
    rows = re.findall(r'NUM:\([^"]*"([^"]+)"\)="([^"]+)" \(([^,]+),UCUM', told)
    found = [one for one in of(read_dicom(folder / name).resources, "Observation") if "valueQuantity" in one]
    made = [(one["code"]["text"], one["valueQuantity"]["value"], one["valueQuantity"]["code"]) for one in found]
    assert Counter((title, float(value), unit) for title, value, unit in rows) == Counter(made)


def test_a_report_of_another_maker_once_it_has_a_patient_id(folder: Path, tmp_path: Path) -> None:
    """OFFIS' test report has units of its own scheme: both numbers are refused by name; complete and verified, it is final."""
    import pydicom

    dataset = pydicom.dcmread(folder / "pydicom_test-SR.dcm")
    dataset.PatientID = "X1"
    dataset.save_as(tmp_path / "sr.dcm")
    found = read_dicom(tmp_path / "sr.dcm")
    assert of(found.resources, "Observation") == []
    unit = "'Diameter' = 3: the unit 'cm' of the scheme 99_OFFIS_DCMTK is no UCUM unit"
    assert [tuple(row) for row in found.left_out] == [
        ("sr.dcm item 1.2.2", unit),  # the places that dsrdump +Pn gives
        ("sr.dcm item 1.2.4.2", unit),
    ]
    (told,) = of(found.resources, "DiagnosticReport")
    assert told["status"] == "final"
    assert told["resultsInterpreter"][0] == {"type": "Practitioner", "display": "Jörg Riesmeier (OFFIS e.V.)"}
    assert len(found.replaced) == 1


def test_everything_made_is_valid_r4(everything: Imported, tmp_path: Path) -> None:
    hints: list[Obj] = [one.patient for one in everything.people]
    assert Counter(one["resourceType"] for one in everything.resources) == {
        "ImagingStudy": 11,
        "DiagnosticReport": 2,
        "Observation": 14,
    }
    assert errors([*everything.resources, *hints], hints, tmp_path) == []


def test_a_report_written_by_highdicom(folder: Path, tmp_path: Path) -> None:
    """An independent writer of TID 1500 (MIT): an ejection fraction, with method, site and derivation."""
    hd = pytest.importorskip("highdicom", reason="highdicom is not installed: another writer of TID 1500")
    from pydicom import dcmread
    from pydicom.sr.coding import Code

    image = dcmread(folder / "highdicom_ct_image.dcm")
    ejection = hd.sr.Measurement(
        name=Code("10230-1", "LN", "Left Ventricular Ejection Fraction"),
        value=57.5,
        unit=Code("%", "UCUM", "%"),
        method=Code("125207", "DCM", "Biplane"),
        derivation=Code("373098007", "SCT", "Mean"),
        finding_sites=[hd.sr.FindingSite(Code("87878005", "SCT", "Left ventricle"))],
    )
    group = hd.sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=hd.sr.TrackingIdentifier(hd.UID(), "LV"),
        measurements=[ejection],
        source_images=[hd.sr.SourceImageForMeasurementGroup.from_source_image(image)],
    )
    observer = hd.sr.ObserverContext(
        Code("121006", "DCM", "Person"), hd.sr.PersonObserverIdentifyingAttributes("Reader^Rita")
    )
    content = hd.sr.MeasurementReport(
        observation_context=hd.sr.ObservationContext(observer_person_context=observer),
        procedure_reported=Code("25045-6", "LN", "CT unspecified body region"),
        imaging_measurements=[group],
    )
    document = hd.sr.Comprehensive3DSR([image], content, hd.UID(), 9, hd.UID(), 1, is_complete=True, is_final=True)
    document.save_as(tmp_path / "sr.dcm")
    (one,) = of(read_dicom(tmp_path / "sr.dcm").resources, "Observation")
    assert one["code"]["coding"][0] == {
        "system": "http://loinc.org",
        "code": "10230-1",
        "display": "Left Ventricular Ejection Fraction",
    }
    assert (one["valueQuantity"]["value"], one["valueQuantity"]["code"], one["status"]) == (57.5, "%", "final")
    assert (one["bodySite"]["text"], one["method"]["text"]) == ("Left ventricle", "Biplane")
    assert [part["valueCodeableConcept"]["text"] for part in one["component"]] == ["Mean"]
    assert one["performer"][0]["display"] == "Rita Reader"
