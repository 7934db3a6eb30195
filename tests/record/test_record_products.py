"""What a Medication is made of, routes that contradict names, what an order lasts for, and many entries at once."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import pytest
from small_record import PATIENT, RXNORM, SNOMED, concept, kinds, left, order, read, resource

from nof1.model.record import Course, Record


def by_reference(*others: dict[str, Any], contained: tuple[dict[str, Any], ...] = (), link: str = "Medication/m") -> Record:
    """The record of one order of ``Medication/m``."""
    made = {**order("", "o"), "medicationReference": {"reference": link}, "contained": list(contained)}
    del made["medicationCodeableConcept"]
    return read(PATIENT, made, *others)


def medication(*parts: dict[str, Any], name: str = "m", **more: Any) -> dict[str, Any]:
    return {"resourceType": "Medication", "id": name, "ingredient": list(parts), **more}


def text(said: str, **more: Any) -> dict[str, Any]:
    return {"itemCodeableConcept": {"text": said}, **more}


@pytest.mark.parametrize("code", [{}, {"code": {"text": "House mixture 7"}}, {"code": concept("x", "urn:local")}])
def test_ingredients_stand_in_for_a_name_that_is_not_known(code: dict[str, Any]) -> None:
    record = by_reference(medication(text("Codeine"), text("Paracetamol"), **code))
    assert record.medications[0].drugs == ("codeine", "acetaminophen")
    assert kinds(record) == []


def test_ingredients_complete_a_name() -> None:
    record = by_reference(medication(text("Codeine"), text("Paracetamol"), code={"text": "Tylenol forte"}))
    assert (set(record.medications[0].drugs), record.medications[0].text) == ({"codeine", "acetaminophen"}, "Tylenol forte")


def test_ingredients_that_contradict_the_code_or_are_not_known_are_told() -> None:
    record = by_reference(medication(text("Warfarin"), code=concept("32968", RXNORM)))
    assert record.medications[0].drugs == ("clopidogrel",)
    assert "warfarin" in left(record, "drug_contradiction")[0].reason
    record = by_reference(medication(text("Clopidogrel"), text("Fantasin"), code=concept("32968", RXNORM)))
    assert record.medications[0].drugs == ("clopidogrel",)
    assert '"Fantasin"' in left(record, "drug_part_not_recognised")[0].reason


def test_inactive_ingredients_are_not_asked_for() -> None:
    record = by_reference(medication(text("Codeine"), text("Fantasin", isActive=False)))
    assert (record.medications[0].drugs, kinds(record)) == (("codeine",), [])


SUBSTANCE = {"resourceType": "Substance", "id": "s", "code": concept("2670", RXNORM)}


def test_ingredients_by_reference_in_the_record_and_contained() -> None:
    link = {"itemReference": {"reference": "Substance/s"}}
    assert by_reference(medication(link), SUBSTANCE).medications[0].drugs == ("codeine",)
    inner = {"itemReference": {"reference": "#s"}}
    assert by_reference(medication(inner, contained=[SUBSTANCE])).medications[0].drugs == ("codeine",)
    both = (medication(inner), SUBSTANCE)
    assert by_reference(contained=both, link="#m").medications[0].drugs == ("codeine",)
    other = medication(text("Warfarin"), name="w")
    nested = {"itemReference": {"reference": "Medication/w"}}
    assert by_reference(medication(nested), other).medications[0].drugs == ("warfarin",)


def test_a_substance_is_nobodys_and_stays_among_several_people() -> None:
    link = {"itemReference": {"reference": "Substance/s"}}
    made = {**order("", "o"), "medicationReference": {"reference": "Medication/m"}}
    people = (PATIENT, {"resourceType": "Patient", "id": "q"})
    record = read(*people, made, medication(link), SUBSTANCE, patient="p")
    assert (record.medications[0].drugs, kinds(record)) == (("codeine",), ["other_person"])


def test_an_ingredient_that_is_not_there_is_told_and_a_circle_ends() -> None:
    record = by_reference(medication({"itemReference": {"reference": "Substance/gone", "display": "Codeine"}}))
    assert (record.medications[0].drugs, kinds(record)) == (("codeine",), ["reference_missing"])
    circle = by_reference(medication({"itemReference": {"reference": "Medication/m"}}))
    assert (circle.medications[0].drugs, kinds(circle)) == ((), ["drug_not_recognised"])


TOPICAL = concept("6064005", SNOMED)


@pytest.mark.parametrize(
    ("name", "route", "expected"),
    [
        ("Estradiol 0.05 MG/24HR Transdermal System", {"text": "topical"}, True),
        ("Estradiol transdermal cream", TOPICAL, True),
        ("Estradiol 0.05 MG/24HR patch", TOPICAL, None),
        ("Codeine oral", {"text": "Topical"}, True),
    ],
)
def test_a_name_that_contradicts_a_local_route_is_never_local(name: str, route: Any, expected: bool | None) -> None:
    record = read(PATIENT, order(name, dosageInstruction=[{"route": route}]))
    assert record.medications[0].is_systemic is expected
    (line,) = left(record, "route_contradicts")
    assert (line.place, line.value) == ("MedicationRequest/1", name)


def test_a_patch_may_be_told_by_its_dose_or_its_display() -> None:
    dose = {"route": TOPICAL, "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "patch"}}]}
    assert read(PATIENT, order("Estradiol", dosageInstruction=[dose])).medications[0].is_systemic is None
    shown = concept("4083", RXNORM, text="Estradiol", display="Estradiol transdermal system")
    assert read(PATIENT, order(shown, dosageInstruction=[{"route": TOPICAL}])).medications[0].is_systemic is True


@pytest.mark.parametrize("name", ["Hydrocortisone 10 MG/ML Topical Cream", "Hydrocortisone", "fluticasone oral inhalation"])
def test_a_local_route_and_a_name_that_agree_are_local(name: str) -> None:
    record = read(PATIENT, order(name, dosageInstruction=[{"route": TOPICAL}]))
    assert (record.medications[0].is_systemic, kinds(record)) == (False, [])


def test_one_route_into_the_blood_is_enough() -> None:
    for routes in ([TOPICAL, {"text": "oral"}], [{"text": "oral"}, TOPICAL]):
        found = read(PATIENT, order("hydrocortisone", dosageInstruction=[{"route": route} for route in routes]))
        assert (found.medications[0].route, found.medications[0].is_systemic) == ("oral", True)
    both = {**TOPICAL, "text": "Transdermal"}
    assert read(PATIENT, order("hydrocortisone", dosageInstruction=[{"route": both}])).medications[0].is_systemic is True


def test_on_hold_is_unknown_and_listed() -> None:
    record = read(PATIENT, order("warfarin", status="on-hold", authoredOn="2020-01-01"))
    (found,) = record.medications
    assert (found.course, found.status, kinds(record)) == (Course.UNKNOWN, "on-hold", ["on_hold"])


def supplied(days: Any = None, written: str = "2026-11-01", **more: Any) -> tuple[Course, date | None]:
    """Course and end of a request that is completed."""
    lasts = {"expectedSupplyDuration": {"value": days, "unit": "days", "code": "d"}} if days is not None else {}
    request = {"status": "completed", "authoredOn": written, "dispenseRequest": {**lasts, **more}}
    (found,) = read(PATIENT, order("warfarin", **request)).medications
    return found.course, found.end


def test_what_was_supplied_is_taken_until_it_is_used_up() -> None:
    assert supplied() == (Course.STOPPED, None)
    assert supplied(30) == (Course.ACTIVE, date(2026, 12, 1))
    assert supplied(24) == (Course.ACTIVE, date(2026, 11, 25))  # the last day is today
    assert supplied(23) == (Course.STOPPED, date(2026, 11, 24))
    assert supplied(30, "2026-09-01", numberOfRepeatsAllowed=2) == (Course.ACTIVE, date(2026, 11, 30))
    assert supplied(30, "2026-09-01") == (Course.STOPPED, date(2026, 10, 1))
    assert supplied("thirty") == supplied(-3) == supplied(10**9) == (Course.STOPPED, None)


def test_a_prescription_that_is_still_valid_says_little() -> None:
    assert supplied(validityPeriod={"end": "2027-01"}) == (Course.UNKNOWN, date(2027, 1, 31))
    assert supplied(validityPeriod={"end": "2026-11-10"}) == (Course.STOPPED, date(2026, 11, 10))
    assert supplied(5, validityPeriod={"end": "2027-01-31"}) == (Course.STOPPED, date(2026, 11, 6))


def test_an_order_that_was_stopped_is_not_taken_to_the_end_of_its_supply() -> None:
    given = {"dispenseRequest": {"expectedSupplyDuration": {"value": 90, "code": "d"}}}
    (found,) = read(PATIENT, order("warfarin", status="stopped", **given)).medications
    assert (found.course, found.end) == (Course.STOPPED, None)


@pytest.mark.parametrize(
    ("more", "course"),
    [
        ({"intent": "plan"}, Course.PLANNED),
        ({"intent": "proposal", "reportedBoolean": True}, Course.PLANNED),
        ({"intent": "plan", "reportedBoolean": True}, Course.ACTIVE),
        ({"intent": "plan", "reportedReference": {"reference": "Practitioner/1"}}, Course.ACTIVE),
        ({"intent": "plan", "requester": {"reference": "Patient/p"}}, Course.ACTIVE),
        ({"intent": "plan", "requester": {"reference": "Practitioner/1"}}, Course.PLANNED),
        ({"intent": "instance-order"}, Course.ACTIVE),
    ],
)
def test_a_plan_of_the_person_is_taken(more: dict[str, Any], course: Course) -> None:
    assert read(PATIENT, order("warfarin", **more)).medications[0].course is course


def test_what_is_not_to_be_given_says_so() -> None:
    record = read(PATIENT, order("warfarin", doNotPerform=True))
    assert (record.medications, "not to be given" in left(record, "not_taken")[0].reason) == ((), True)
    record = read(PATIENT, order("warfarin", intent="option"))
    assert (record.medications, kinds(record)) == ((), ["not_taken"])


def test_thousands_of_entries_of_one_drug() -> None:
    entries = [order(f"Zocor {at} MG", str(at)) for at in range(5000)]
    began = time.process_time()
    record = read(PATIENT, *entries)
    assert time.process_time() - began < 5.0  # 0.3 s where it was measured; a pairwise comparison took 50 s
    assert len(record.medications) == 5000
    history = resource("MedicationDispense", "d", status="completed", medicationCodeableConcept={"text": "Zocor 7 MG"})
    assert len(read(PATIENT, *entries[:9], history).medications) == 9
