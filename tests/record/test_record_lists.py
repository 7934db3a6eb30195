"""A list is there where the record keeps an entry of it or says that there is none; an error or silence makes no list."""

from __future__ import annotations

from typing import Any

import pytest
from small_record import PATIENT, concept, kinds, order, read, resource

IPS = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
WRONG = {"verificationStatus": concept("entered-in-error")}


def condition(code: dict[str, Any], **more: Any) -> dict[str, Any]:
    return resource("Condition", **{"code": code, "clinicalStatus": concept("active"), **more})


def allergy(code: dict[str, Any], **more: Any) -> dict[str, Any]:
    return resource("AllergyIntolerance", **{"code": code, "clinicalStatus": concept("active"), **more})


def procedure(code: dict[str, Any], status: str = "completed") -> dict[str, Any]:
    return resource("Procedure", code=code, status=status)


@pytest.mark.parametrize(
    "entry",
    [
        condition(concept("no-problem-info", IPS)),
        condition(concept(text="Atrial fibrillation"), **WRONG),
        condition(concept(text="Atrial fibrillation"), verificationStatus=concept("refuted")),
        condition(concept("no-known-problems", IPS), **WRONG),
        condition(concept(text="Family history of atrial fibrillation")),
        order(concept("no-medication-info", IPS)),
        order("warfarin", status="entered-in-error"),
        order(concept("no-known-medications", IPS), status="entered-in-error"),
        allergy(concept("no-allergy-info", IPS)),
        allergy(concept(text="Penicillin"), **WRONG),
        allergy(concept("no-known-allergies", IPS), **WRONG),
        allergy(concept("no-known-allergies", IPS), verificationStatus=concept("refuted")),
        procedure(concept("no-procedure-info", IPS)),
        procedure(concept(text="Transplantation of liver"), "entered-in-error"),
        procedure(concept(text="Appendectomy"), "not-done"),
        resource("Observation", status="entered-in-error", code=concept("84413-4", "http://loinc.org")),
    ],
)
def test_what_says_nothing_makes_no_list(entry: dict[str, Any]) -> None:
    record = read(PATIENT, entry)
    assert (record.lists, record.said_none) == ((), ())


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        (condition(concept("no-known-problems", IPS)), "conditions"),
        (condition(concept(text="a thing that no rule asks for")), "conditions"),
        (order(concept("no-known-medications", IPS)), "medications"),
        (order("a drug that nobody knows"), "medications"),
        (allergy(concept("no-known-allergies", IPS)), "allergies"),
        (allergy(concept(text="NKDA")), "allergies"),
        (procedure(concept(text="Appendectomy")), "procedures"),
    ],
)
def test_a_statement_makes_a_list(entry: dict[str, Any], name: str) -> None:
    assert read(PATIENT, entry).lists == (name,)


def test_an_error_beside_a_diagnosis_takes_nothing_away() -> None:
    wrong = condition(concept(text="Atrial fibrillation"), id="2", **WRONG)
    record = read(PATIENT, condition(concept(text="a thing that no rule asks for")), wrong)
    assert (record.lists, kinds(record)) == (("conditions",), ["entered_in_error"])
