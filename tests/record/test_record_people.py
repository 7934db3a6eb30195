"""Who the record is about: birth, sex, death, several people, versions, references, shapes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from small_record import PATIENT, TERMS, TODAY, kinds, lab, left, order, read, resource

from nof1.errors import RecordError
from nof1.record.facts import read_resources

OTHER = {"resourceType": "Patient", "id": "q", "gender": "male", "birthDate": "1970"}
BIRTH_SEX = {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex", "valueCode": "M"}


@pytest.mark.parametrize(
    ("said", "born", "precision"),
    [("1960-05-04", date(1960, 5, 4), "day"), ("1960-05", date(1960, 5, 1), "month"), ("1960", date(1960, 1, 1), "year")],
)
def test_birth_has_a_precision(said: str, born: date, precision: str) -> None:
    record = read({**PATIENT, "birthDate": said})
    assert (record.person, record.birth_date, record.birth_precision, record.sex) == ("p", born, precision, "female")


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("1860-01-01", "value_impossible"),
        ("2030-01-01", "date_future"),
        ("4/5/1960", "date_unreadable"),
        (1960, "wrong_type"),
    ],
)
def test_birth_that_cannot_be_is_unknown(said: object, kind: str) -> None:
    record = read({**PATIENT, "birthDate": said})
    assert (record.birth_date, record.birth_precision, kinds(record)) == (None, "", [kind])


def test_nothing_stated_is_unknown() -> None:
    record = read({"resourceType": "Patient", "id": "p"})
    assert (record.sex, record.birth_date, record.died, record.details) == ("", None, None, {})
    assert read({**PATIENT, "gender": "unknown"}).sex == ""
    assert kinds(read({**PATIENT, "gender": "f"})) == []
    assert kinds(read({**PATIENT, "gender": "weiblich"})) == ["code_unknown"]


def test_death_with_and_without_date() -> None:
    assert read({**PATIENT, "deceasedDateTime": "2020-02-03"}).died == date(2020, 2, 3)
    record = read({**PATIENT, "deceasedBoolean": True})
    assert (record.died, record.details) == (None, {"is_dead": True})
    record = read({**PATIENT, "deceasedDateTime": "1950-01-01"})
    assert (record.died, kinds(record)) == (None, ["date_before_birth"])


def test_sex_that_contradicts_itself_is_unknown() -> None:
    record = read({**PATIENT, "extension": [BIRTH_SEX]})
    assert (record.sex, kinds(record)) == ("", ["sex_contradiction"])
    record = read(PATIENT, {**PATIENT, "gender": "male"})
    assert record.sex == ""
    assert set(kinds(record)) == {"resource_twice", "sex_contradiction"}


def test_two_patients_need_a_name() -> None:
    with pytest.raises(
        RecordError, match=r"about 2 patients \(p, q\); name the one that is meant with --patient ID"
    ) as caught:
        read(PATIENT, OTHER)
    assert "\n" not in str(caught.value)
    record = read(PATIENT, OTHER, order("warfarin"), patient="q")
    assert (record.person, record.sex, record.medications) == ("q", "male", ())
    assert left(record, "other_person")[0].place == "resource 1 and 1 more"
    assert read(PATIENT, OTHER, order("warfarin"), patient="Patient/p").medications[0].drugs == ("warfarin",)


def _nameless(**more: Any) -> dict[str, Any]:
    return {key: value for key, value in {**OTHER, **more}.items() if key != "id"}


@pytest.mark.parametrize(
    "pair",
    [
        (PATIENT, _nameless()),
        (_nameless(), PATIENT),
        (_nameless(), _nameless(gender="female")),
        (PATIENT, _nameless(id="")),
        (PATIENT, {**OTHER, "id": ""}),
        (PATIENT, {key: value for key, value in PATIENT.items() if key != "id"}),
    ],
)
def test_a_patient_without_an_id_beside_another_may_be_somebody_else(pair: tuple[dict[str, Any], ...]) -> None:
    with pytest.raises(RecordError, match=r"has no id, and another is at .*; give each its id") as caught:
        read(*pair)
    assert "\n" not in str(caught.value)


def test_a_patient_without_an_id_is_left_out_where_another_is_named() -> None:
    nobodys = lab("2160-0", 88, "umol/L")
    del nobodys["subject"]
    record = read(_nameless(), PATIENT, nobodys, order("warfarin"), patient="p")
    assert (record.person, record.sex, record.birth_date, record.facts) == ("p", "female", date(1960, 5, 4), ())
    assert [one.drugs for one in record.medications] == [("warfarin",)]
    assert {(one.kind, one.place) for one in record.left_out} == {("whose_unknown", "resource 1 and 1 more")}
    record = read(_nameless(), PATIENT, {**PATIENT, "id": "r"}, patient="p")
    assert (record.sex, sorted(kinds(record))) == ("female", ["other_person", "whose_unknown"])


def test_one_patient_without_an_id_is_enough() -> None:
    for same in (1, 2):
        record = read(*[_nameless()] * same, order("warfarin"))
        assert (record.person, record.sex, len(record.medications)) == ("p", "male", 1)


def test_a_url_stands_for_an_id() -> None:
    url = "https://example.org/fhir/Patient/p"
    entries = [{"fullUrl": url, "resource": _nameless(gender="female", birthDate="1960-05-04")}, {"resource": PATIENT}]
    assert read({"resourceType": "Bundle", "entry": entries}).sex == "female"


def test_a_resource_about_somebody_else_makes_two_patients() -> None:
    with pytest.raises(RecordError, match="2 patients"):
        read(PATIENT, {**lab("2160-0", 88, "umol/L"), "subject": {"reference": "Patient/other"}})


def test_what_does_not_say_whose_it_is() -> None:
    nameless = lab("2160-0", 88, "umol/L")
    del nameless["subject"]
    assert len(read(PATIENT, nameless).facts) == 1
    record = read(PATIENT, nameless, OTHER, patient="p")
    assert (record.facts, sorted(kinds(record))) == ((), ["other_person", "whose_unknown"])


def test_a_patient_that_is_not_there() -> None:
    with pytest.raises(RecordError, match="there is no patient 'z' in it; it holds p"):
        read(PATIENT, patient="z")


def test_many_patients_are_not_all_listed() -> None:
    with pytest.raises(RecordError, match=r"about 40 patients \(0, 1, .* and 30 more\)"):
        read(*({"resourceType": "Patient", "id": str(at)} for at in range(40)))


def test_urls_of_a_bundle_lead_to_the_person() -> None:
    urn = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"
    result = {**lab("2160-0", 88, "umol/L"), "subject": {"reference": urn}}
    bundle = {"resourceType": "Bundle", "entry": [{"resource": result}, {"fullUrl": urn, "resource": PATIENT}]}
    record = read(bundle)
    assert (record.person, len(record.facts)) == ("p", 1)
    absolute = {**result, "subject": {"reference": "https://example.org/fhir/Patient/p/_history/3"}}
    assert len(read(PATIENT, absolute).facts) == 1


def test_another_kind_of_subject_is_left_out() -> None:
    record = read(PATIENT, {**lab("2160-0", 88, "umol/L"), "subject": {"reference": "Location/1"}})
    assert (record.facts, kinds(record)) == ((), ["other_subject"])


def test_the_newer_version_counts() -> None:
    old = {**lab("2160-0", 88, "umol/L"), "meta": {"versionId": "1", "lastUpdated": "2026-10-01T00:00:00Z"}}
    new = {**lab("2160-0", 99, "umol/L"), "meta": {"versionId": "2", "lastUpdated": "2026-10-02T00:00:00Z"}}
    for pair in ((old, new), (new, old)):
        record = read(PATIENT, *pair)
        assert [fact.given for fact in record.facts] == ["99 umol/L"]
        assert kinds(record) == ["resource_twice"]
    record = read(PATIENT, old, old)
    assert len(record.facts) == 1
    assert "word for word" in record.left_out[0].reason


def test_fields_of_a_wrong_type_are_listed_and_dropped() -> None:
    record = read(PATIENT, {**lab("2160-0", 88, "umol/L"), "effectiveDateTime": 2026, "component": "none"})
    assert [line.place for line in record.left_out] == [
        "Observation/1 Observation.effectiveDateTime",
        "Observation/1 Observation.component",
    ]
    assert record.facts[0].when is None


def test_types_are_counted_even_when_nothing_is_read_from_them() -> None:
    record = read(PATIENT, resource("Encounter"), resource("Spaceship"))
    assert record.read == {"Patient": 1, "Encounter": 1, "Spaceship": 1}


@pytest.mark.parametrize("thing", [None, 7, "x", {}, {"resourceType": 3}, {"resourceType": ""}])
def test_what_is_no_resource_is_listed(thing: object) -> None:
    assert kinds(read(PATIENT, thing)) == ["not_a_resource"]


def test_nothing_at_all_is_an_error() -> None:
    with pytest.raises(RecordError, match="holds no resource"):
        read_resources([], TERMS, today=TODAY)
    with pytest.raises(RecordError, match="it has no resourceType"):
        read_resources([{"hello": 1}], TERMS, today=TODAY)
