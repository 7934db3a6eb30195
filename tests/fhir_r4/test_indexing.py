"""What resources are indexed by: whole outputs by hand; no JSON breaks it."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.fhir.definitions import definitions
from nof1.fhir.index_values import EVER, LONGEST_STRING
from nof1.fhir.indexing import Indexed, indexed

Resource = dict[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
PASCAL = "g.m-1.s-2"  # a pascal is 1,000 of it, a millimetre of mercury 133,322


def above(value: float) -> float:
    """What more than a limit is at least."""
    return math.nextafter(value, math.inf)


def moment(*parts: int) -> int:
    return (datetime(*parts, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)


def quantity(value: float, code: str = "mm[Hg]", unit: str = "mmHg") -> Resource:
    return {"value": value, "unit": unit, "system": UCUM, "code": code}


def coded(code: str, display: str = "") -> Resource:
    return {"coding": [{"system": LOINC, "code": code} | ({"display": display} if display else {})]}


PANEL = {
    "resourceType": "Observation",
    "id": "bp",
    "meta": {"profile": ["http://example.org/vitals|1.0"], "lastUpdated": "2024-01-01T00:00:00Z"},
    "status": "final",
    "code": {**coded("85354-9"), "text": "Blood  PRESSURE"},
    "subject": {"reference": "Patient/p"},
    "performer": [{"reference": "http://example.org/fhir/Practitioner/q"}, {"identifier": {"system": "s", "value": "v"}}],
    "effectiveDateTime": "2012-09-17T10:30:00+02:00",
    "component": [
        {"code": coded("8480-6", "Systolic"), "valueQuantity": quantity(107)},
        {"code": coded("8462-4"), "valueQuantity": quantity(60)},
    ],
}
PANEL_AT = moment(2012, 9, 17, 8, 30)
PART = "Observation-component-code-value-quantity"


def only(found: Indexed, **expected: list[Any] | int) -> None:
    """The rows of each kind, in any order and each once; those not named are none."""
    for name, rows in found._asdict().items():
        wanted = expected.get(name, [])
        if isinstance(rows, list):
            assert len(rows) == len(set(rows))
            assert sorted(rows) == sorted(wanted), name
        else:
            assert rows == (wanted or 0)


def test_a_blood_pressure_panel() -> None:
    codes = [("Observation-component-code", LOINC, code, 0) for code in ("8480-6", "8462-4")]
    codes += [("clinical-code", LOINC, "85354-9", 0)]
    ids = {("Observation-component-value-quantity", 0, 107.0), ("Observation-component-value-quantity", 0, 60.0)}
    ids |= {(f"{PART}#1", 1, 107.0), (f"{PART}#1", 2, 60.0)}
    units = ((UCUM, "mm[Hg]"), ("", "mmHg"))
    pressure = {107.0: 107 * 133322.0, 60.0: 60 * 133322.0}
    only(
        indexed(PANEL),
        tokens=[
            *codes,
            ("Observation-status", "http://hl7.org/fhir/observation-status", "final", 0),
            ("Observation-performer:identifier", "s", "v", 0),
            (f"{PART}#0", LOINC, "8480-6", 1),
            (f"{PART}#0", LOINC, "8462-4", 2),
        ],
        texts=[
            ("clinical-code", "blood pressure", 0),
            ("Observation-component-code", "systolic", 0),
        ],
        dates=[("clinical-date", PANEL_AT, PANEL_AT + 1_000_000, 0)],
        quantities=[(name, *unit, value, value, part) for name, part, value in ids for unit in units],
        canonical=[(name, PASCAL, pressure[value], pressure[value], part) for name, part, value in ids],
        references=[
            ("Observation-subject", "Patient", "p", 0),
            ("clinical-patient", "Patient", "p", 0),
            ("Observation-performer", "", "http://example.org/fhir/Practitioner/q", 0),
        ],
        uris=[("Resource-profile", text, 0) for text in ("http://example.org/vitals|1.0", "http://example.org/vitals")],
        compartments=[("Patient", "p")],
        at=PANEL_AT,
        code_dates=[("clinical-code", LOINC, "85354-9", PANEL_AT)],
        code_quantities=[
            ("Observation-component-code", LOINC, "8480-6", PASCAL, pressure[107.0]),
            ("Observation-component-code", LOINC, "8462-4", PASCAL, pressure[60.0]),
        ],
    )


def test_a_patient() -> None:
    patient = {
        "resourceType": "Patient",
        "id": "p",
        "identifier": [
            {"type": {"coding": [{"system": "t", "code": "MR"}], "text": "Chart"}, "system": "urn:oid:1", "value": "12 3"}
        ],
        "name": [{"family": "Großmann", "given": ["José", "B."], "prefix": ["Dr"], "text": "Dr. José"}],
        "telecom": [{"system": "email", "value": "a@example.org"}, {"system": "phone", "value": "+1"}],
        "gender": "female",
        "birthDate": "1974-12",
        "address": [{"use": "home", "line": ["1 High St", "Flat 2"], "city": "Köln", "postalCode": "50667"}],
        "deceasedDateTime": "2020",
        "generalPractitioner": [{"reference": "Practitioner/q"}],
        "link": [{"other": {"reference": "Patient/r"}, "type": "seealso"}],
    }
    names = [("grossmann", "Großmann"), ("jose", "José"), ("b.", "B."), ("dr", "Dr"), ("dr. jose", "Dr. José")]
    places = [("1 high st", "1 High St"), ("flat 2", "Flat 2"), ("koln", "Köln"), ("50667", "50667")]
    contacts = ("a@example.org", "+1")
    only(
        indexed(patient),
        tokens=[
            ("Patient-identifier", "urn:oid:1", "12 3", 0),
            ("Patient-identifier:of-type", "", "t|MR|12 3", 0),
            *(("individual-telecom", "", value, 0) for value in contacts),
            ("individual-email", "", contacts[0], 0),
            ("individual-phone", "", contacts[1], 0),
            ("individual-gender", "http://hl7.org/fhir/administrative-gender", "female", 0),
            ("individual-address-use", "http://hl7.org/fhir/address-use", "home", 0),
            ("Patient-deceased", "", "true", 0),
        ],
        texts=[("Patient-identifier", "chart", 0)],
        strings=[
            *((name, *one, 0) for name in ("Patient-name", "individual-phonetic") for one in names),
            ("individual-family", *names[0], 0),
            *(("individual-given", *one, 0) for one in names[1:3]),
            *(("individual-address", *one, 0) for one in places),
            ("individual-address-city", *places[2], 0),
            ("individual-address-postalcode", *places[3], 0),
        ],
        dates=[
            ("individual-birthdate", moment(1974, 12, 1), moment(1975, 1, 1), 0),
            ("Patient-death-date", moment(2020, 1, 1), moment(2021, 1, 1), 0),
        ],
        references=[("Patient-general-practitioner", "Practitioner", "q", 0), ("Patient-link", "Patient", "r", 0)],
        compartments=[("Patient", "p"), ("Practitioner", "q"), ("Patient", "r")],
    )


def test_a_prescription() -> None:
    prescription = {
        "resourceType": "MedicationRequest",
        "id": "m",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": coded("1", "Tablet"),
        "subject": {"reference": "Patient/p/_history/2"},
        "encounter": {"reference": "Encounter/e"},
        "authoredOn": "2015-01-15",
        "requester": {"reference": "#q", "display": "Q"},
        "dosageInstruction": [{"timing": {"event": ["2015-01-17", "2015-01-16"]}}],
    }
    at = moment(2015, 1, 15)
    only(
        indexed(prescription),
        tokens=[
            ("clinical-code", LOINC, "1", 0),
            ("medications-status", "http://hl7.org/fhir/CodeSystem/medicationrequest-status", "active", 0),
            ("MedicationRequest-intent", "http://hl7.org/fhir/CodeSystem/medicationrequest-intent", "order", 0),
        ],
        texts=[("clinical-code", "tablet", 0)],
        dates=[
            ("MedicationRequest-authoredon", at, moment(2015, 1, 16), 0),
            ("medications-date", moment(2015, 1, 16), moment(2015, 1, 17), 0),
            ("medications-date", moment(2015, 1, 17), moment(2015, 1, 18), 0),
        ],
        references=[
            ("MedicationRequest-subject", "Patient", "p", 0),
            ("clinical-patient", "Patient", "p", 0),
            ("medications-encounter", "Encounter", "e", 0),
            ("MedicationRequest-requester", "", "#q", 0),
        ],
        compartments=[("Patient", "p"), ("Encounter", "e")],
        at=moment(2015, 1, 16),
        code_dates=[("clinical-code", LOINC, "1", moment(2015, 1, 16))],
    )


def test_an_encounter() -> None:
    encounter = {
        "resourceType": "Encounter",
        "id": "e",
        "status": "in-progress",
        "class": {"system": "c", "code": "AMB", "display": "Ambulatory"},
        "type": [{"text": "Visit"}],
        "subject": {"reference": "Patient/p"},
        "participant": [{"individual": {"reference": "Practitioner/q"}}, {"individual": {"reference": "RelatedPerson/r"}}],
        "period": {"start": "2013-03-11T08:00:00.123Z"},
        "length": {"value": 2, "unit": "hours", "system": UCUM, "code": "h", "comparator": ">"},
    }
    at = moment(2013, 3, 11, 8, 0, 0, 123_000)
    only(
        indexed(encounter),
        tokens=[
            ("Encounter-class", "c", "AMB", 0),
            ("Encounter-status", "http://hl7.org/fhir/encounter-status", "in-progress", 0),
        ],
        texts=[("Encounter-class", "ambulatory", 0), ("clinical-type", "visit", 0)],
        dates=[("clinical-date", at, EVER, 0)],
        quantities=[
            ("Encounter-length", UCUM, "h", above(2.0), math.inf, 0),
            ("Encounter-length", "", "hours", above(2.0), math.inf, 0),
        ],
        canonical=[("Encounter-length", "s", above(7200.0), math.inf, 0)],
        references=[
            ("Encounter-subject", "Patient", "p", 0),
            ("clinical-patient", "Patient", "p", 0),
            ("Encounter-participant", "Practitioner", "q", 0),
            ("Encounter-participant", "RelatedPerson", "r", 0),
            ("Encounter-practitioner", "Practitioner", "q", 0),
        ],
        compartments=[("Encounter", "e"), ("Patient", "p"), ("Practitioner", "q"), ("RelatedPerson", "r")],
        at=at,
    )


@pytest.mark.parametrize(
    ("resource", "kind", "row"),
    [
        (
            {
                "resourceType": "Observation",
                "valueRange": {},
                "valueSampledData": {"origin": {"value": 1}, "data": "E 2 -3"},
            },
            "quantities",
            ("Observation-value-quantity~rest", "", "", -2.0, 3.0, 0),
        ),
        (
            {"resourceType": "Condition", "onsetRange": {"high": {"value": 9, "system": UCUM, "code": "a"}}},
            "quantities",
            ("Condition-onset-age", UCUM, "a", -math.inf, 9.0, 0),
        ),
        (
            {"resourceType": "Invoice", "totalNet": {"value": 7.5, "currency": "EUR"}},
            "quantities",
            ("Invoice-totalnet", "urn:iso:std:iso:4217", "EUR", 7.5, 7.5, 0),
        ),
        (
            {"resourceType": "RiskAssessment", "prediction": [{"probabilityDecimal": 0.5}]},
            "numbers",
            ("RiskAssessment-probability", 0.5, 0.5, 0),
        ),
        (
            {"resourceType": "ServiceRequest", "occurrenceTiming": {"event": ["2020-02", "2019"]}},
            "dates",
            ("ServiceRequest-occurrence", moment(2019, 1, 1), moment(2020, 3, 1), 0),
        ),
        (
            {"resourceType": "ServiceRequest", "occurrenceTiming": {"repeat": {"boundsPeriod": {"end": "2020-02-28"}}}},
            "dates",
            ("ServiceRequest-occurrence", -EVER, moment(2020, 2, 29), 0),
        ),
        (
            {"resourceType": "PlanDefinition", "library": ["http://example.org/l|2"]},
            "references",
            ("PlanDefinition-depends-on", "", "http://example.org/l", 0),
        ),
        (
            {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Composition", "id": "c"}}]},
            "references",
            ("Bundle-composition", "Composition", "c", 0),
        ),
        (
            {
                "resourceType": "Patient",
                "extension": [
                    {
                        "url": "http://hl7.org/fhir/StructureDefinition/patient-extensions-Patient-mothersMaidenName",
                        "valueString": "M",
                    }
                ],
            },
            "strings",
            ("patient-extensions-Patient-mothersMaidenName", "m", "M", 0),
        ),
        (
            {
                "resourceType": "DocumentReference",
                "relatesTo": [{"code": "signs", "target": {"reference": "DocumentReference/d"}}],
            },
            "references",
            ("DocumentReference-relationship#0", "DocumentReference", "d", 1),
        ),
        (
            {
                "resourceType": "Appointment",
                "contained": [{"resourceType": "Patient", "id": "c"}],
                "participant": [{"actor": {"reference": "#c"}}],
            },
            "references",
            ("Appointment-patient", "", "#c", 0),
        ),
    ],
)
def test_rows_of_other_types(resource: Resource, kind: str, row: tuple[Any, ...]) -> None:
    assert row in getattr(indexed(resource), kind)


def test_values_below_a_limit_are_open_and_both_ends_are_kept_with_the_code() -> None:
    value = {"value": 5, "comparator": "<=", "system": UCUM, "code": "mg"}
    found = indexed({"resourceType": "Observation", "code": coded("1"), "valueQuantity": value})
    assert ("Observation-value-quantity", "g", -math.inf, 0.005, 0) in found.canonical
    assert {row[4] for row in found.code_quantities if row[0] == "clinical-code"} == {-math.inf, 0.005}
    found = indexed({"resourceType": "Observation", "code": coded("1"), "valueQuantity": {**value, "comparator": "<"}})
    below = math.nextafter(0.005, -math.inf)  # less than the limit, so that no search for at least the limit finds it
    assert ("Observation-value-quantity", "g", -math.inf, below, 0) in found.canonical
    assert {row[4] for row in found.code_quantities if row[0] == "clinical-code"} == {-math.inf, below}
    not_ucum = indexed({"resourceType": "Observation", "code": coded("1"), "valueQuantity": {"value": 5, "unit": "mg"}})
    assert not not_ucum.canonical and not not_ucum.code_quantities
    assert ("Observation-value-quantity", "", "mg", 5.0, 5.0, 0) in not_ucum.quantities


def test_a_composite_needs_all_of_its_parts() -> None:
    found = indexed({**PANEL, "component": [{"code": coded("1")}, {"valueQuantity": quantity(1)}]})
    assert not [row for row in (*found.tokens, *found.quantities) if "#" in row[0]]


def test_long_texts_fit_an_index_page() -> None:
    for text in ("a" * 5000, "ß" * 5000, "\U0001f600" * 5000):
        found = indexed({"resourceType": "Patient", "name": [{"family": text}], "identifier": [{"value": text}]})
        for _, norm, exact, _ in found.strings:
            assert len(norm.encode()) + len(exact.encode()) <= 2 * LONGEST_STRING
            assert text.startswith(exact)
        assert all(len(row[2].encode()) <= 2000 for row in found.tokens)


# any resource

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4) | st.sampled_from(["2020", "#a", "A/b"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["coding", "system", "code", "value", "reference", "type", "identifier", "start", "end", "unit", "text",
                         "display", "comparator", "low", "high", "repeat", "event", "origin", "data", "factor", "currency", "url",
                         "family", "given", "line", "extension", "valueQuantity", "valueString", "resource", "resourceType", "id"]),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(st.data())
def test_no_json_breaks_it(data: st.DataObject) -> None:
    kind = data.draw(
        st.sampled_from(["Observation", "Patient", "Bundle", "Condition", "Invoice", "ValueSet", "Group", "Claim"])
    )
    keys = sorted(definitions().types[kind].elements)
    choices = {
        "value": "valueQuantity",
        "onset": "onsetRange",
        "effective": "effectiveTiming",
        "deceased": "deceasedBoolean",
    }
    names = st.sampled_from([choices.get(key, key) for key in keys] + ["valueSampledData", "effectivePeriod", "contained"])
    resource = {**data.draw(st.dictionaries(names, json_values, max_size=6)), "resourceType": kind}
    found = indexed(resource)
    assert all(low < high for _, low, high, _ in found.dates)
    assert all(low <= high or math.isinf(low) for *_, low, high, _ in found.quantities if low != high) or resource.get(
        "onsetRange"
    )


def test_what_is_no_known_type_has_no_rows() -> None:
    for kind in ("Nothing", None, 7, ["Patient"], "Resource", "HumanName"):
        assert not any(indexed({"resourceType": kind, "id": "a", "name": [{"family": "M"}]}))
