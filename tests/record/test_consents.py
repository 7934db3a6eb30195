"""Opt-ins out of FHIR Consent (R4: a root provision has no type, nested ones permit or deny)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from nof1.model.record import OptIn
from nof1.model.terms import Terms
from nof1.record.facts import read_resources

TODAY = date(2026, 11, 26)
PATIENT = {"resourceType": "Patient", "id": "p"}


def consent(kind: str = "permit", status: str = "active", when: str = "2026-01-02", **more: Any) -> dict[str, Any]:
    code = [{"coding": [{"system": "urn:nof1:opt-in", "code": "secondary-findings"}]}]
    return {
        "resourceType": "Consent",
        "id": more.pop("id", "c"),
        "status": status,
        "patient": {"reference": "Patient/p"},
        "dateTime": when,
        "provision": {"provision": [{"type": kind, "code": code, **more}]},
    }


def read(*resources: dict[str, Any]) -> tuple[OptIn, ...]:
    return read_resources([PATIENT, *resources], Terms(), today=TODAY).opt_ins


def test_a_permit_is_an_opt_in_with_its_date_and_place() -> None:
    (found,) = read(consent())
    assert (found.code, found.is_given, found.when) == ("secondary-findings", True, date(2026, 1, 2))
    assert "Consent" in found.place


@pytest.mark.parametrize(
    "other",
    [
        consent("deny"),
        consent(status="inactive"),
        consent(status="rejected"),
        consent(period={"end": "2026-11-25"}),
        consent(period={"start": "2026-12-01"}),
        consent(period={"end": "soon"}),
        {**consent(), "provision": {"code": consent()["provision"]["provision"][0]["code"]}},
    ],
)
def test_nothing_else_is(other: dict[str, Any]) -> None:
    assert [item.is_given for item in read(other)] == [False]


def test_the_newest_decides_and_a_tie_refuses() -> None:
    yes, no = consent(id="a", when="2025-01-01"), consent("deny", id="b", when="2026-01-01")
    assert [item.is_given for item in read(yes, no)] == [False]
    assert [item.is_given for item in read({**yes, "dateTime": "2026-02-01"}, no)] == [True]
    assert [item.is_given for item in read({**yes, "dateTime": "2026-01-01"}, no)] == [False]


@pytest.mark.parametrize("other", [consent(status="draft"), consent(status="entered-in-error"), consent(when="2027-01-01")])
def test_what_is_not_said_or_not_yet_is_left_out_with_a_reason(other: dict[str, Any]) -> None:
    record = read_resources([PATIENT, other], Terms(), today=TODAY)
    assert record.opt_ins == ()
    assert any("nothing is agreed by it" in item.reason for item in record.left_out)


def test_another_persons_consent_counts_for_nothing() -> None:
    record = read_resources(
        [PATIENT, {**consent(), "patient": {"reference": "Patient/q"}}], Terms(), today=TODAY, patient="p"
    )
    assert record.opt_ins == ()


def test_an_exception_takes_part_of_a_permit_back() -> None:
    whole = consent(provision=[{"type": "deny", "code": consent()["provision"]["provision"][0]["code"]}])
    assert [item.is_given for item in read(whole)] == [False]


def test_an_undated_refusal_counts_as_the_newest_and_an_undated_permit_as_the_oldest() -> None:
    undated = {key: value for key, value in consent("deny", id="u").items() if key != "dateTime"}
    assert [item.is_given for item in read(consent(id="d"), undated)] == [False]
    assert [item.is_given for item in read(undated, consent(id="d"))] == [False]
    permit = {key: value for key, value in consent(id="u").items() if key != "dateTime"}
    assert [item.is_given for item in read(permit, consent("deny", id="d"))] == [False]
    assert [item.is_given for item in read(permit)] == [True]
