"""Structured reports: what was measured comes out with its code, unit, site, method, time and standing, or is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from imaging_objects import (
    CALCIUM,
    DIAMETER,
    EJECTION,
    METHOD,
    MM,
    ONE,
    PERCENT,
    ROOT,
    SITE,
    STUDY,
    Obj,
    code,
    coded,
    ejection_and_calcium,
    errors,
    evidence,
    group,
    image,
    item,
    num,
    of,
    referring,
    report,
    text,
)  # fmt: skip

from nof1.imaging.read import Imported, read_dicom
from nof1.imaging.uids import identifier, resource_id

SCT, DCM, UCUM = "http://snomed.info/sct", "http://dicom.nema.org/resources/ontology/DCM", "http://unitsofmeasure.org"


def read(path: Path) -> Imported:
    return read_dicom(path)


def only(path: Path) -> Obj:
    (found,) = of(read(path).resources, "Observation")
    return found


def coding(system: str, value: str, display: str) -> Obj:
    return {"coding": [{"system": system, "code": value, "display": display}], "text": display}


def component(one: Obj, name: str) -> list[Obj]:
    return [part for part in one.get("component", ()) if part["code"]["text"] == name]


def test_an_ejection_fraction_is_the_whole_observation(tmp_path: Path) -> None:
    made = read(ejection_and_calcium(tmp_path / "sr.dcm")).resources
    (study,), (told,) = of(made, "ImagingStudy"), of(made, "DiagnosticReport")
    ejection, calcium = of(made, "Observation")
    where = {"reference": f"ImagingStudy/{study['id']}", "type": "ImagingStudy", "identifier": identifier(STUDY)}
    assert ejection == {
        "resourceType": "Observation",
        "id": resource_id(f"{ROOT}.5", "1.3.1.4"),
        "identifier": [
            {"type": {"coding": [{"system": DCM, "code": "112039", "display": "Tracking Identifier"}]}, "value": "LV"},
            {
                "type": {"coding": [{"system": DCM, "code": "112040", "display": "Tracking Unique Identifier"}]},
                "system": "urn:dicom:uid",
                "value": f"urn:oid:{ROOT}.70",
            },
        ],
        "partOf": [where],
        "status": "final",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                        "code": "imaging",
                        "display": "Imaging",
                    }
                ]
            }
        ],
        "code": coding("http://loinc.org", "10230-1", "Left Ventricular Ejection Fraction"),
        "subject": study["subject"],
        "effectiveDateTime": "2024-03-05",
        "performer": [{"type": "Practitioner", "display": "Rita Reader"}],
        "valueQuantity": {"value": 57, "unit": "%", "system": UCUM, "code": "%"},
        "bodySite": coding(SCT, "87878005", "Left ventricle"),
        "method": coding(DCM, "125207", "Biplane"),
        "derivedFrom": [where],
        "note": [{"text": f"DICOM structured report {ROOT}.5: COMPLETE, UNVERIFIED"}],
    }
    assert calcium["code"] == coding(DCM, "112058", "Calcium score")
    assert calcium["valueQuantity"] == {"value": 112.5, "unit": "no units", "system": UCUM, "code": "1"}
    assert calcium["method"] == coding(DCM, "112055", "Agatston scoring method")
    assert calcium["bodySite"] == coding(SCT, "41801008", "Coronary artery")
    assert told["result"] == [{"reference": f"Observation/{one['id']}"} for one in (ejection, calcium)]
    assert (told["id"], told["status"], told["imagingStudy"]) == (resource_id(f"{ROOT}.5"), "final", [where])


@pytest.mark.parametrize(
    ("flags", "status", "observed"),
    [
        ({"CompletionFlag": "COMPLETE"}, "final", "final"),
        ({"CompletionFlag": "COMPLETE", "PreliminaryFlag": "FINAL"}, "final", "final"),
        ({"CompletionFlag": "COMPLETE", "PreliminaryFlag": "PRELIMINARY"}, "preliminary", "preliminary"),
        ({"CompletionFlag": "PARTIAL"}, "partial", "preliminary"),
        ({"CompletionFlag": "PARTIAL", "VerificationFlag": "VERIFIED"}, "partial", "preliminary"),
        ({"CompletionFlag": None}, "unknown", "unknown"),
        ({"CompletionFlag": "DONE"}, "unknown", "unknown"),
    ],
)
def test_final_only_when_complete(tmp_path: Path, flags: Obj, status: str, observed: str) -> None:
    made = read(ejection_and_calcium(tmp_path / "sr.dcm", **flags)).resources
    assert {one["status"] for one in of(made, "DiagnosticReport")} == {status}
    assert {one["status"] for one in of(made, "Observation")} == {observed}


def test_who_verified_is_noted(tmp_path: Path) -> None:
    verifier = item("", "", None, VerifyingObserverName="Chief^Carl", VerifyingOrganization="Hospital")
    made = read(
        ejection_and_calcium(tmp_path / "a", VerificationFlag="VERIFIED", VerifyingObserverSequence=[verifier])
    ).resources
    (told,) = of(made, "DiagnosticReport")
    assert told["resultsInterpreter"] == [{"type": "Practitioner", "display": "Carl Chief (Hospital)"}]
    assert of(made, "Observation")[0]["note"][0]["text"].endswith("COMPLETE, VERIFIED by Carl Chief (Hospital)")


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        ("3", code("cm", "99LOCAL", "centimetre"), "the unit 'cm' of the scheme 99LOCAL is no UCUM unit"),
        ("71", code("bpm", "UCUM", "beats per minute"), "unit 'bpm'"),
        ("3", None, "'Diameter' = 3 has no unit"),
        (None, MM, "'Diameter' has no value"),
        ("", MM, "'Diameter' has no value"),
    ],
)
def test_a_number_without_a_ucum_unit_or_value_is_refused_by_name(
    tmp_path: Path, value: str | None, unit: Any, words: str
) -> None:
    found = read(report(tmp_path / "sr.dcm", group(num(DIAMETER, value, unit), num(EJECTION, "60", PERCENT))))
    assert [one["valueQuantity"]["value"] for one in of(found.resources, "Observation")] == [60]
    ((place, reason),) = found.left_out
    assert place == "sr.dcm item 1.3.1.1"
    assert words in reason


def test_why_there_is_no_value_is_told(tmp_path: Path) -> None:
    absent = num(DIAMETER, None, MM)
    absent.NumericValueQualifierCodeSequence = [code("114007", "DCM", "Measurement not attempted")]
    assert read(report(tmp_path / "sr.dcm", group(absent))).left_out[0].reason == (
        "'Diameter' has no value (Measurement not attempted)"
    )


@pytest.mark.parametrize(("before", "after"), [(b"12.345678", b"12,345678"), (b"12.345678", b"<12.34567")])
def test_a_number_that_is_none_is_refused(tmp_path: Path, before: bytes, after: bytes) -> None:
    path = report(tmp_path / "sr.dcm", group(num(DIAMETER, "12.345678", MM)))
    path.write_bytes(path.read_bytes().replace(before, after))
    found = read(path)
    assert of(found.resources, "Observation") == []
    assert found.left_out[0].reason == f"'Diameter' is no single number: {after.decode()!r}"


def test_side_and_derivation_stay_with_the_number(tmp_path: Path) -> None:
    side = coded("HAS CONCEPT MOD", code("272741003", "SCT", "Laterality"), code("7771000", "SCT", "Left"))
    mean = coded("HAS CONCEPT MOD", code("121401", "DCM", "Derivation"), code("373098007", "SCT", "Mean"))
    site = coded("HAS CONCEPT MOD", SITE, code("39607008", "SCT", "Lung"), side)
    one = only(report(tmp_path / "sr.dcm", group(site, num(DIAMETER, "10.0", MM, mean))))
    assert one["bodySite"]["text"] == "Lung, Left"
    assert [part["valueCodeableConcept"]["text"] for part in component(one, "Laterality")] == ["Left"]
    assert [part["valueCodeableConcept"]["text"] for part in component(one, "Derivation")] == ["Mean"]


def test_what_the_number_says_itself_goes_before_its_section(tmp_path: Path) -> None:
    outer = coded("HAS CONCEPT MOD", SITE, code("39607008", "SCT", "Lung"))
    inner = coded("HAS CONCEPT MOD", SITE, code("10200004", "SCT", "Liver"))
    one = only(report(tmp_path / "sr.dcm", group(outer, num(DIAMETER, "10", MM, inner))))
    assert one["bodySite"]["text"] == "Liver"
    assert component(one, "Finding Site") == []


def test_older_snomed_codes_are_known_again(tmp_path: Path) -> None:
    site = coded("HAS CONCEPT MOD", code("G-C0E3", "SRT", "Finding Site"), code("T-28000", "SRT", "Lung"))
    method = coded("HAS CONCEPT MOD", code("G-C036", "SNM3", "Measurement Method"), code("125207", "DCM", "Biplane"))
    one = only(report(tmp_path / "sr.dcm", group(site, num(code("M-02550", "99SDM", "Diameter"), "10", MM, method))))
    srt = "http://snomed.info/srt"
    assert one["bodySite"]["coding"] == [
        {"system": SCT, "code": "39607008"},
        {"system": srt, "code": "T-28000", "display": "Lung"},
    ]
    assert one["code"]["coding"] == [
        {"system": SCT, "code": "81827009"},
        {"system": srt, "code": "M-02550", "display": "Diameter"},
    ]
    assert one["method"]["text"] == "Biplane"


def test_a_private_code_has_the_system_its_object_names_or_none(tmp_path: Path) -> None:
    scheme = item("", "", None, CodingSchemeDesignator="99LOCAL", CodingSchemeUID="1.2.3.99")
    one = group(num(code("A1", "99LOCAL", "Thickness"), "1", MM))
    named = only(report(tmp_path / "a.dcm", one, CodingSchemeIdentificationSequence=[scheme]))
    assert named["code"] == coding("urn:oid:1.2.3.99", "A1", "Thickness")
    assert only(report(tmp_path / "b.dcm", one))["code"] == {"text": "Thickness (99LOCAL A1)"}


def test_a_normal_range_is_no_measurement(tmp_path: Path) -> None:
    low = num(code("385524004", "SCT", "Normal Range Lower Limit"), "52", PERCENT, relation="HAS PROPERTIES")
    high = num(code("R-0038B", "SRT", "Normal Range Upper Limit"), "72", PERCENT, relation="HAS PROPERTIES")
    mean = num(code("373098007", "SCT", "Mean Value of population"), "62", PERCENT, relation="HAS PROPERTIES")
    one = only(report(tmp_path / "sr.dcm", group(num(EJECTION, "57", PERCENT, low, high, mean))))
    (limits,) = one["referenceRange"]
    assert (limits["low"]["value"], limits["high"]["value"]) == (52, 72)
    assert [part["valueQuantity"]["value"] for part in component(one, "Mean Value of population")] == [62]


def test_a_number_from_which_another_is_inferred_stands_for_itself(tmp_path: Path) -> None:
    volume = num(
        code("8821-1", "LN", "Left Ventricular ED Volume"), "110", code("ml", "UCUM", "ml"), relation="INFERRED FROM"
    )
    made = read(report(tmp_path / "sr.dcm", group(num(EJECTION, "57", PERCENT, volume)))).resources
    assert sorted(one["valueQuantity"]["value"] for one in of(made, "Observation")) == [57, 110]


@pytest.mark.parametrize(("subject", "count"), [("121026", 0), ("121192", 0), ("121025", 1), ("121027", 1)])
def test_what_was_measured_of_a_fetus_or_device_is_not_the_patients(tmp_path: Path, subject: str, count: int) -> None:
    context = coded("HAS OBS CONTEXT", code("121024", "DCM", "Subject Class"), code(subject, "DCM", "Subject X"))
    found = read(report(tmp_path / "sr.dcm", group(context, num(DIAMETER, "10", MM))))
    assert len(of(found.resources, "Observation")) == count
    assert [row.reason for row in found.left_out] == ["'Diameter' is of Subject X, not of the patient"] * (1 - count)


def test_an_evaluation_is_an_observation_with_a_coded_value(tmp_path: Path) -> None:
    finding = coded("CONTAINS", code("121071", "DCM", "Finding"), code("27925004", "SCT", "Nodule"))
    made = read(report(tmp_path / "sr.dcm", group(finding, num(DIAMETER, "10", MM)))).resources
    evaluation, size = of(made, "Observation")
    assert evaluation["valueCodeableConcept"] == coding(SCT, "27925004", "Nodule")
    assert "component" not in evaluation
    assert [part["valueCodeableConcept"]["text"] for part in component(size, "Finding")] == ["Nodule"]


def test_a_measurement_of_an_earlier_study_has_its_study_and_time(tmp_path: Path) -> None:
    earlier, its_image = f"{ROOT}.2", f"{ROOT}.2.1"
    sizes = group(num(DIAMETER, "8", MM, referring("INFERRED FROM", its_image)), num(DIAMETER, "10", MM))
    path = report(tmp_path / "sr.dcm", sizes, PertinentOtherEvidenceSequence=[evidence(earlier, its_image)])
    then, now = of(read(path).resources, "Observation")
    assert then["derivedFrom"] == [{"type": "ImagingStudy", "identifier": identifier(earlier)}]
    assert "effectiveDateTime" not in then  # the earlier study was not read: its time is not that of the report
    assert now["effectiveDateTime"] == "2024-03-05"
    image(tmp_path / "ct.dcm", StudyInstanceUID=earlier, SOPInstanceUID=its_image, StudyDate="20230102")
    then, now = of(read(tmp_path).resources, "Observation")
    assert then["derivedFrom"][0]["reference"] == f"ImagingStudy/{resource_id(earlier)}"
    assert (then["effectiveDateTime"], now["effectiveDateTime"]) == ("2023-01-02", "2024-03-05")


@pytest.mark.parametrize(("completion", "values"), [("COMPLETE", [9]), ("PARTIAL", [10, 9])])
def test_a_final_document_takes_over_from_its_predecessor(tmp_path: Path, completion: str, values: list[int]) -> None:
    report(tmp_path / "a.dcm", group(num(DIAMETER, "10", MM)))
    before = evidence(STUDY, f"{ROOT}.5")
    corrected = group(num(DIAMETER, "9", MM))
    report(tmp_path / "b.dcm", corrected, uid=f"{ROOT}.6", CompletionFlag=completion, PredecessorDocumentsSequence=[before])
    found = read(tmp_path)
    assert [one["valueQuantity"]["value"] for one in of(found.resources, "Observation")] == values
    replaced = [f"DiagnosticReport/{resource_id(f'{ROOT}.5')}"] if completion == "COMPLETE" else []
    assert found.replaced == replaced
    assert [row.place for row in found.left_out] == ["a.dcm"] * len(replaced)


def test_conclusions_are_in_the_report(tmp_path: Path) -> None:
    said = text("CONTAINS", code("121077", "DCM", "Conclusion"), "No embolus.\r\nSmall nodule.")
    (told,) = of(read(report(tmp_path / "sr.dcm", said)).resources, "DiagnosticReport")
    assert told["conclusion"] == "No embolus.\nSmall nodule."
    assert "result" not in told


def test_what_is_planned_is_not_measured(tmp_path: Path) -> None:
    path = report(tmp_path / "sr.dcm", group(num(DIAMETER, "10", MM)), SOPClassUID="1.2.840.10008.5.1.4.1.1.88.70")
    found = read(path)
    assert [one["resourceType"] for one in found.resources] == ["ImagingStudy"]
    assert "an implantation plan" in found.left_out[0].reason


def test_resources_are_valid_r4(tmp_path: Path) -> None:
    folder, empty = tmp_path / "dicom", tmp_path / "empty"
    folder.mkdir()
    empty.mkdir()
    side = coded("HAS CONCEPT MOD", code("272741003", "SCT", "Laterality"), code("7771000", "SCT", "Left"))
    low = num(code("385524004", "SCT", "Normal Range Lower Limit"), "52", PERCENT, relation="HAS PROPERTIES")
    comment = text("HAS PROPERTIES", code("121106", "DCM", "Comment"), "poor window")
    ejection_and_calcium(folder / "a.dcm")
    report(
        folder / "b.dcm", group(side, num(EJECTION, "57", PERCENT, low, comment), num(CALCIUM, "0", ONE)), uid=f"{ROOT}.6"
    )
    image(folder / "c.dcm", BodyPartExamined="CHEST", ImageLaterality="R", AccessionNumber="A 1")
    found = read(folder)
    assert len(found.resources) == 7
    assert errors(found.resources, [one.patient for one in found.people], empty) == []
    assert errors([one.patient for one in found.people], [], empty) == []


def test_the_check_of_validity_can_fail(tmp_path: Path) -> None:
    found = read(ejection_and_calcium(tmp_path / "a.dcm"))
    study = dict(of(found.resources, "ImagingStudy")[0], status="there", surprise=1)
    del study["subject"]
    (tmp_path / "empty").mkdir()
    assert len(errors([study], [], tmp_path / "empty")) == 3


def test_method_of_the_section_is_that_of_its_numbers(tmp_path: Path) -> None:
    one = only(
        report(tmp_path / "a", group(coded("HAS CONCEPT MOD", METHOD, code("125207", "DCM", "B")), num(DIAMETER, "1", MM)))
    )
    assert one["method"]["text"] == "B"


def test_images_of_a_study_without_a_uid_lead_to_no_study_and_no_time(tmp_path: Path) -> None:
    one = num(DIAMETER, "8", MM, referring("INFERRED FROM", f"{ROOT}.2.1"))
    path = report(tmp_path / "a", group(one), PertinentOtherEvidenceSequence=[evidence("9.8", f"{ROOT}.2.1")])
    assert not {"derivedFrom", "effectiveDateTime"} & only(path).keys()
