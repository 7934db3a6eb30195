"""Medications: what is recognised and by what, course, dose, route, and the same drug twice."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from small_record import ATC, PATIENT, RXNORM, SNOMED, concept, kinds, left, order, read, resource

from nof1.model.record import Course, Quantity


def drugs(text: str) -> tuple[str, ...]:
    return read(PATIENT, order(text)).medications[0].drugs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Clopidogrel 75 MG Oral Tablet [Plavix]", ("clopidogrel",)),
        ("PLAVIX", ("clopidogrel",)),
        ("clopidogrel (as bisulfate) 75mg tab", ("clopidogrel",)),
        ("Abuse-Deterrent 12 HR Codeine Phosphate 15 MG Extended Release Oral Tablet", ("codeine",)),
        ("NDA020800 0.3 ML Warfarin 1 MG/ML Auto-Injector", ("warfarin",)),
        ("Acetaminophen 300 MG / Codeine phosphate 30 MG Oral Tablet", ("acetaminophen", "codeine")),
        ("paracetamol + codeine", ("acetaminophen", "codeine")),
        ("Tylenol with codeine", ("acetaminophen", "codeine")),
        ("Amoxicillin 250 MG / Clavulanate 125 MG Oral Tablet", ("amoxicillin", "clavulanic acid")),
        ("Augmentin 875/125", ("amoxicillin", "clavulanic acid")),
        ("amoxicillin/clavulanic acid 875 mg", ("amoxicillin", "clavulanic acid")),
        ("Peginterferon alfa-2a 180 ug/0.5 mL injection", ("peginterferon alfa-2a",)),
        ("1 ML Warfarin 20 MG/ML", ("warfarin",)),
        ("codeine-acetaminophen 5-325 mg tab", ("codeine", "acetaminophen")),
        ("200 ACTUAT fluticasone 0.09 MG/ACTUAT Metered Dose Inhaler", ("fluticasone",)),
    ],
)
def test_names_and_brands_are_found_behind_strengths_and_forms(text: str, expected: tuple[str, ...]) -> None:
    assert drugs(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Simvistatin 10 MG",  # a slip of the pen is never guessed
        "Ethinyl Estradiol 0.03 MG Oral Tablet",  # another substance than the name in it
        "clopidogrell",
        "stopped clopidogrel",
        "no aspirin",
        "multivitamin",
        "",
    ],
)
def test_nothing_is_guessed(text: str) -> None:
    record = read(PATIENT, order(text or {"coding": []}))
    assert record.medications[0].drugs == ()
    assert kinds(record) == ["drug_not_recognised"]


def test_a_near_miss_is_listed_with_a_hint() -> None:
    (line,) = left(read(PATIENT, order("Simvistatin 10 MG")), "drug_not_recognised")
    assert "did you mean simvastatin?" in line.reason
    (line,) = left(read(PATIENT, order("Ethinyl Estradiol 0.03 MG")), "drug_not_recognised")
    assert "behind another word" in line.reason


def test_the_unknown_part_of_a_combination_is_listed() -> None:
    record = read(PATIENT, order("Codeine 10 MG / Fantasin 5 MG Oral Tablet"))
    assert record.medications[0].drugs == ("codeine",)
    assert '"fantasin"' in left(record, "drug_part_not_recognised")[0].reason


def test_a_name_behind_a_name_is_told_and_not_taken_for_a_part() -> None:
    for text in ("Clopidogrel-boosted warfarin", "clopidogrel warfarin 5 mg"):
        record = read(PATIENT, order(text))
        assert record.medications[0].drugs == ("clopidogrel",)
        assert '"warfarin" stands behind another name' in left(record, "drug_part_not_recognised")[0].reason


def test_codes_of_each_system_and_the_match_shown() -> None:
    for system, code, label in ((RXNORM, "32968", "RxNorm 32968"), (ATC, "B01AC04", "ATC B01AC04")):
        found = read(PATIENT, order(concept(code, system))).medications[0]
        assert (found.drugs, found.matched) == (("clopidogrel",), label)
    found = read(PATIENT, order(concept("19711", RXNORM))).medications[0]
    assert found.drugs == ("amoxicillin", "clavulanic acid")
    found = read(PATIENT, order("Clopidogrel 75 MG Oral Tablet")).medications[0]
    assert found.matched == 'name "clopidogrel" in "Clopidogrel 75 MG Oral Tablet"'


def test_a_product_code_that_is_not_known_is_matched_by_its_display() -> None:
    found = read(PATIENT, order(concept("309362", RXNORM, display="Clopidogrel 75 MG Oral Tablet"))).medications[0]
    assert found.drugs == ("clopidogrel",)


def test_code_and_text_that_differ_are_told() -> None:
    record = read(PATIENT, order(concept("32968", RXNORM, text="Warfarin 5 mg")))
    assert record.medications[0].drugs == ("clopidogrel",)
    assert "warfarin" in left(record, "drug_contradiction")[0].reason


def test_a_text_completes_the_ingredient_that_is_coded() -> None:
    found = read(PATIENT, order(concept("161", RXNORM, text="Acetaminophen / Codeine"))).medications[0]
    assert found.drugs == ("acetaminophen", "codeine")


@pytest.mark.parametrize(
    ("kind", "status", "course"),
    [
        ("MedicationRequest", "active", Course.ACTIVE),
        ("MedicationRequest", "completed", Course.STOPPED),
        ("MedicationRequest", "stopped", Course.STOPPED),
        ("MedicationRequest", "on-hold", Course.UNKNOWN),
        ("MedicationStatement", "on-hold", Course.UNKNOWN),
        ("MedicationStatement", "unknown", Course.UNKNOWN),
        ("MedicationRequest", "draft", Course.PLANNED),
        ("MedicationRequest", "unknown", Course.UNKNOWN),
        ("MedicationStatement", "active", Course.ACTIVE),
        ("MedicationStatement", "intended", Course.PLANNED),
        ("MedicationAdministration", "in-progress", Course.ACTIVE),
        ("MedicationAdministration", "completed", Course.UNKNOWN),
        ("MedicationDispense", "completed", Course.UNKNOWN),
    ],
)
def test_status_becomes_course(kind: str, status: str, course: Course) -> None:
    drug = {"status": status, "medicationCodeableConcept": {"text": "warfarin"}}
    (found,) = read(PATIENT, resource(kind, **drug)).medications
    assert found.course is course


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"status": "entered-in-error"}, "entered_in_error"),
        ({"status": "cancelled"}, "not_taken"),
        ({"doNotPerform": True}, "not_taken"),
    ],
)
def test_what_was_never_taken_is_no_medication(change: dict[str, Any], kind: str) -> None:
    record = read(PATIENT, order("warfarin", **change))
    assert record.medications == ()
    assert kinds(record) == [kind]
    assert record.lists == ()


def test_a_status_that_does_not_exist_is_unknown() -> None:
    record = read(PATIENT, order("warfarin", status="going on"))
    assert record.medications[0].course is Course.UNKNOWN
    assert kinds(record) == ["code_unknown"]


def test_a_plan_is_planned() -> None:
    assert read(PATIENT, order("warfarin", intent="plan")).medications[0].course is Course.PLANNED
    later = order("warfarin", dosageInstruction=[{"timing": {"repeat": {"boundsPeriod": {"start": "2026-12-24"}}}}])
    found = read(PATIENT, later).medications[0]
    assert (found.course, found.start) == (Course.PLANNED, date(2026, 12, 24))


def test_dates_come_from_the_most_telling_field() -> None:
    bounds = {"timing": {"repeat": {"boundsPeriod": {"start": "2026-09-01", "end": "2026-12"}}}}
    found = read(PATIENT, order("warfarin", dosageInstruction=[bounds])).medications[0]
    assert (found.start, found.end) == (date(2026, 9, 1), date(2026, 12, 31))
    assert read(PATIENT, order("warfarin")).medications[0].start == date(2026, 10, 1)
    period = {"status": "completed", "effectivePeriod": {"start": "2024", "end": "2025"}}
    found = read(PATIENT, resource("MedicationStatement", **period, medicationCodeableConcept={"text": "asa"})).medications[
        0
    ]
    assert (found.start, found.end) == (date(2024, 1, 1), date(2025, 12, 31))


def _ending(last: str, status: str, kind: str) -> dict[str, Any]:
    """Warfarin of 2026-01-01 until ``last``."""
    period = {"start": "2026-01-01", "end": last}
    if kind == "MedicationRequest":
        return order("warfarin", status=status, dosageInstruction=[{"timing": {"repeat": {"boundsPeriod": period}}}])
    return resource(kind, status=status, effectivePeriod=period, medicationCodeableConcept={"text": "warfarin"})


@pytest.mark.parametrize("kind", ["MedicationRequest", "MedicationStatement"])
@pytest.mark.parametrize(
    ("status", "last", "course", "end"),
    [
        ("active", "2026-11-24", Course.UNKNOWN, None),
        ("active", "2026-08", Course.UNKNOWN, None),
        ("active", "2026-11-25", Course.ACTIVE, date(2026, 11, 25)),
        ("active", "2026", Course.ACTIVE, date(2026, 12, 31)),
        ("completed", "2026-08-01", Course.STOPPED, date(2026, 8, 1)),
        ("stopped", "2026-08-01", Course.STOPPED, date(2026, 8, 1)),
        ("unknown", "2026-08-01", Course.UNKNOWN, date(2026, 8, 1)),
    ],
)
def test_what_is_active_and_has_ended_is_unknown(
    kind: str, status: str, last: str, course: Course, end: date | None
) -> None:
    record = read(PATIENT, _ending(last, status, kind))
    (found,) = record.medications
    assert (found.course, found.start, found.end) == (course, date(2026, 1, 1), end)
    assert kinds(record) == (["course_contradiction"] if status == "active" and end is None else [])


def test_what_ends_before_it_begins_is_told_as_that_alone() -> None:
    record = read(PATIENT, _ending("2025-12-01", "active", "MedicationStatement"))
    assert (record.medications[0].start, record.medications[0].end, kinds(record)) == (None, None, ["dates_contradict"])


def test_a_supply_lasts_for_its_days() -> None:
    supply = {"status": "completed", "whenHandedOver": "2026-11-01", "daysSupply": {"value": 30, "unit": "days"}}
    found = read(PATIENT, resource("MedicationDispense", **supply, medicationCodeableConcept={"text": "asa"})).medications[0]
    assert (found.course, found.start, found.end) == (Course.UNKNOWN, date(2026, 11, 1), date(2026, 12, 1))


@pytest.mark.parametrize(
    ("timing", "per_day"),
    [
        ({"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}, 1.0),
        ({"repeat": {"frequency": 1, "period": 4, "periodUnit": "h"}}, 6.0),
        ({"repeat": {"frequency": 1, "period": 1, "periodUnit": "wk"}}, 1 / 7),
        ({"repeat": {"frequency": 1, "frequencyMax": 4, "period": 1, "periodUnit": "d"}}, None),
        ({"code": {"coding": [{"code": "BID"}]}}, 2.0),
        ({"repeat": {"when": ["MORN", "EVE"]}}, 2.0),
        ({}, None),
        ({"repeat": {"frequency": "two", "period": 0, "periodUnit": "d"}}, None),
    ],
)
def test_doses_a_day(timing: dict[str, Any], per_day: float | None) -> None:
    dose = {"timing": timing, "doseAndRate": [{"doseQuantity": {"value": 75, "unit": "mg", "code": "mg"}}]}
    found = read(PATIENT, order("clopidogrel", dosageInstruction=[dose])).medications[0]
    assert found.dose == Quantity(75.0, "mg")
    assert found.per_day == (per_day if per_day is None else pytest.approx(per_day))


def test_as_needed_has_no_rate_and_says_so() -> None:
    dose = {
        "asNeededBoolean": True,
        "text": "1 tablet",
        "timing": {"repeat": {"frequency": 4, "period": 1, "periodUnit": "d"}},
    }
    found = read(PATIENT, order("codeine", dosageInstruction=[dose])).medications[0]
    assert (found.per_day, found.dose_text) == (None, "1 tablet; as needed")


def test_a_titration_is_kept_as_text() -> None:
    doses = [
        {
            "text": f"{dose} mg",
            "doseAndRate": [{"doseQuantity": {"value": dose, "unit": "mg"}}],
            "timing": {"code": {"text": "x"}},
        }
        for dose in (10, 20)
    ]
    found = read(PATIENT, order("codeine", dosageInstruction=doses)).medications[0]
    assert (found.dose, found.per_day, found.dose_text) == (None, None, "10 mg; 20 mg")


@pytest.mark.parametrize(
    ("text", "route", "expected"),
    [
        ("warfarin", {"coding": [{"system": SNOMED, "code": "26643006"}]}, ("oral", True)),
        ("warfarin", {"coding": [{"code": "PO"}]}, ("oral", True)),
        ("hydrocortisone", {"text": "topical"}, ("topical", False)),
        ("Hydrocortisone 10 MG/ML Topical Cream", None, ("topical", False)),
        ("fluticasone metered dose inhaler", None, ("inhaler", False)),
        ("fluticasone for oral inhalation", None, ("oral inhalation", False)),
        ("hydrocortisone oral and topical", None, ("", None)),
        ("hydrocortisone", None, ("", None)),
        ("Hydrocortisone topical cream", {"coding": [{"system": SNOMED, "code": "26643006"}]}, ("oral", True)),
    ],
)
def test_route_is_systemic_local_or_unknown(text: str, route: Any, expected: tuple[str, bool | None]) -> None:
    dosage = [{"route": route}] if route else []
    found = read(PATIENT, order(text, dosageInstruction=dosage)).medications[0]
    assert (found.route, found.is_systemic) == expected


def test_references_inside_and_across_a_bundle() -> None:
    drug = {"resourceType": "Medication", "id": "m", "code": concept("32968", RXNORM), "form": {"text": "oral tablet"}}
    by_id = {**order(""), "medicationReference": {"reference": "Medication/m"}}
    del by_id["medicationCodeableConcept"]
    inside = {**by_id, "medicationReference": {"reference": "#m"}, "contained": [drug]}
    for entries in ([by_id, drug], [inside]):
        found = read(PATIENT, *entries).medications[0]
        assert (found.drugs, found.is_systemic) == (("clopidogrel",), True)
    urn = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"
    bundle = {
        "resourceType": "Bundle",
        "entry": [
            {"resource": {**by_id, "medicationReference": {"reference": urn}}},
            {"fullUrl": urn, "resource": {"resourceType": "Medication", "code": concept("32968", RXNORM)}},
        ],
    }
    assert read(PATIENT, bundle).medications[0].drugs == ("clopidogrel",)


def test_a_reference_that_leads_nowhere_is_listed_and_its_display_read() -> None:
    lost = {**order(""), "medicationReference": {"reference": "Medication/gone", "display": "Warfarin 5 mg"}}
    del lost["medicationCodeableConcept"]
    record = read(PATIENT, lost)
    assert record.medications[0].drugs == ("warfarin",)
    assert kinds(record) == ["reference_missing"]
    del lost["medicationReference"]["display"]
    assert kinds(read(PATIENT, lost)) == ["reference_missing", "drug_not_recognised"]


def test_the_same_order_twice_counts_once_and_another_of_the_drug_is_told() -> None:
    record = read(PATIENT, order("Clopidogrel 75 MG", "1"), order("Clopidogrel 75 MG", "2"))
    assert [one.place for one in record.medications] == ["MedicationRequest/1"]
    assert left(record, "medication_repeated")[0].place == "MedicationRequest/2"
    record = read(PATIENT, order("Clopidogrel 75 MG", "1"), order("Plavix 300 MG", "2"))
    assert len(record.medications) == 2
    assert kinds(record) == ["drug_twice"]


def test_a_supply_of_what_is_ordered_is_the_same_medication() -> None:
    supply = resource("MedicationDispense", status="completed", medicationCodeableConcept={"text": "Plavix"})
    record = read(PATIENT, supply, order("clopidogrel"))
    assert [one.place for one in record.medications] == ["MedicationRequest/1"]


def test_history_is_not_a_duplicate() -> None:
    old = [order("Zocor 20 mg", str(year), status="stopped", authoredOn=f"{year}-01-01") for year in (2019, 2020, 2021)]
    record = read(PATIENT, *old, order("Zocor 20 mg", "now"))
    assert [one.course for one in record.medications] == [Course.STOPPED] * 3 + [Course.ACTIVE]
    assert record.left_out == ()


def test_dates_that_cannot_be() -> None:
    record = read(PATIENT, order("warfarin", authoredOn="2031-01-01"))
    assert (record.medications[0].start, kinds(record)) == (None, ["date_future"])
    record = read(PATIENT, order("warfarin", authoredOn="01.02.2020"))
    assert (record.medications[0].start, kinds(record)) == (None, ["date_unreadable"])
    period = {"effectivePeriod": {"start": "2020-05-01", "end": "2019-05-01"}, "status": "completed"}
    record = read(PATIENT, resource("MedicationStatement", **period, medicationCodeableConcept={"text": "asa"}))
    assert (record.medications[0].start, record.medications[0].end) == (None, None)
    assert kinds(record) == ["dates_contradict"]


def test_no_medications_is_said_and_not_assumed() -> None:
    assert "medications" not in read(PATIENT).lists
    none = order(concept("no-known-medications", "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"))
    assert read(PATIENT, none).said_none == ("medications",)
    nothing = order(concept("no-medication-info", "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"))
    assert read(PATIENT, nothing).said_none == ()
    empty = resource("List", status="current", code=concept("10160-0"), emptyReason=concept("nilknown"))
    assert read(PATIENT, empty).said_none == ("medications",)
    record = read(PATIENT, empty, order("warfarin"))
    assert (record.said_none, kinds(record)) == ((), ["said_none_contradiction"])


def test_doses_as_they_were_given_stand_in_order_and_contradict_nothing() -> None:
    """A ward's record of single doses: each is kept with its time, and none is told as the drug being there twice."""
    dosage = {"route": {"text": "oral"}, "dose": {"value": 75, "unit": "mg"}}
    named = {"medicationCodeableConcept": {"text": "clopidogrel"}, "dosage": dosage}
    acts = [
        resource(
            "MedicationAdministration", "b", status="completed", effectiveDateTime="2026-10-02T08:00:00+02:00", **named
        ),
        resource(
            "MedicationAdministration", "a", status="completed", effectiveDateTime="2026-10-01T08:00:00+02:00", **named
        ),
        resource("MedicationAdministration", "c", status="not-done", effectiveDateTime="2026-10-03T08:00:00+02:00", **named),
        resource(
            "MedicationAdministration",
            "d",
            status="completed",
            effectivePeriod={"start": "2026-10-03T08:00:00Z", "end": "2026-10-03T09:30:00Z"},
            medicationCodeableConcept={"text": "clopidogrel"},
            dosage={
                "dose": {"value": 300, "unit": "mcg"},
                "rateRatio": {"numerator": {"value": 1, "unit": "gram"}, "denominator": {"value": 2, "unit": "hour"}},
            },
        ),
    ]
    record = read(PATIENT, *acts)
    assert kinds(record) == ["not_taken"]
    assert [item.place for item in record.administrations] == [f"MedicationAdministration/{name}" for name in "abd"]
    first, _, last = record.administrations
    assert (first.start, first.dose, first.route, first.drugs) == (
        "2026-10-01T06:00:00Z",
        Quantity(75, "mg"),
        "oral",
        ("clopidogrel",),
    )
    assert (last.end, last.dose, last.rate) == ("2026-10-03T09:30:00Z", Quantity(300, "ug"), Quantity(0.5, "g/h"))


@pytest.mark.parametrize(
    ("more", "doubt"),
    [
        ({}, "when it was given is not recorded"),
        ({"effectiveDateTime": "2027-03-01T08:00:00Z"}, "its date cannot be"),
        ({"effectiveDateTime": "2026-10-01", "dosage": {"dose": {"value": "1", "unit": "mg"}}}, "the dose is no number"),
        (
            {"effectiveDateTime": "2026-10-01", "dosage": {"dose": {"value": 1, "comparator": ">", "unit": "mg"}}},
            "the dose is >1, not one number",
        ),
        (
            {"effectiveDateTime": "2026-10-01", "dosage": {"rateRatio": {"numerator": {"value": 1}}}},
            "the rate is no amount in a time",
        ),
    ],
)
def test_what_makes_a_dose_unusable_is_its_doubt(more: dict[str, Any], doubt: str) -> None:
    named = {"medicationCodeableConcept": {"text": "clopidogrel"}}
    (found,) = read(PATIENT, resource("MedicationAdministration", status="completed", **named, **more)).administrations
    assert found.doubt == doubt
