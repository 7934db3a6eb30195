"""Whatever stands inside the resources, reading gives a record or one clear line."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from small_record import LOINC, PATIENT, RXNORM, SNOMED, TERMS, TODAY, concept, lab, order, resource

from nof1.errors import Nof1Error
from nof1.model.record import Record
from nof1.record.facts import read_record, read_resources

STUDIED = {"code": concept("48018-6", LOINC), "valueCodeableConcept": {"text": "CYP2C19"}}
DOSE = {
    "text": "1 tablet",
    "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "boundsPeriod": {"start": "2026-01-01"}}},
    "route": concept("26643006", SNOMED),
    "doseAndRate": [{"doseQuantity": {"value": 75, "unit": "mg"}}],
}
STATES = {"clinicalStatus": concept("active"), "verificationStatus": concept("confirmed")}
WHOLE: list[dict[str, Any]] = [
    {**PATIENT, "deceasedDateTime": "2026-01-01", "extension": [{"url": "us-core-birthsex", "valueCode": "F"}]},
    lab("2160-0", 1.2, "mg/dL", "1", meta={"versionId": "1"}),
    lab("2160-0", 88, "umol", "1", meta={"versionId": "2"}),
    lab("72166-2", 0, valueCodeableConcept=concept("266919005", SNOMED)),
    resource(
        "Observation", "bp", component=[{"code": concept("8480-6", LOINC), "valueQuantity": {"value": 1, "unit": "kPa"}}]
    ),
    resource(
        "Observation", "g", code=concept("84413-4", LOINC), valueCodeableConcept={"text": "*1/*2"}, component=[STUDIED]
    ),
    resource("Observation", "i", code=concept("therapeutic-implication"), derivedFrom=[{"reference": "Observation/g"}]),
    order(concept("32968", RXNORM, text="Clopidogrel 75 MG Oral Tablet"), "m", dosageInstruction=[DOSE]),
    {**order("", "r"), "medicationReference": {"reference": "Medication/d"}},
    {"resourceType": "Medication", "id": "d", "code": concept(text="Codeine / Aspirin"), "ingredient": [{}]},
    resource(
        "MedicationDispense", "s", medicationCodeableConcept={"text": "asa"}, daysSupply={"value": 30}, status="completed"
    ),
    resource(
        "MedicationStatement", "t", medicationCodeableConcept={"text": "no aspirin"}, effectivePeriod={"start": "2020"}
    ),
    resource("Condition", "c", code=concept("I48.0", "http://hl7.org/fhir/sid/icd-10"), onsetDateTime="2020", **STATES),
    resource("Procedure", "x", code=concept("18027006", SNOMED), performedPeriod={"start": "2020"}, status="completed"),
    resource(
        "AllergyIntolerance", "a", code=concept(text="Penicillin"), reaction=[{"manifestation": [{"text": "x"}]}], **STATES
    ),
    resource("FamilyMemberHistory", "f", status="completed", condition=[{"code": {"text": "x"}, "onsetAge": {"value": 5}}]),
    resource("List", "l", status="current", code=concept("10160-0"), emptyReason=concept("nilknown")),
    resource("Composition", "k", section=[{"code": concept("48765-2"), "emptyReason": concept("nilknown")}]),
    resource("DiagnosticReport", "d", contained=[{"resourceType": "Observation", "code": concept("2160-0", LOINC)}]),
]
ODD = [None, True, 0, -1, 10**400, 1e308, "", " ", "x" * 500, "\x00\ud800", "2026-02-30", "0000", "9999-12-31", [], [[]], {}]
ODD += [
    {"a": {}},
    ["x", 1, None],
    [None],
    [{}],
    {"coding": "x"},
    {"coding": [1, {"code": 7, "system": []}]},
    {"reference": 1},
]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(ODD),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Every (container, key) inside a value."""
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        found.append((value, key))
        places(value[key], found)
    return found


def outcome(read: Callable[[], Record]) -> Record | str:
    """The record, or the one line that says why there is none."""
    try:
        return read()
    except Nof1Error as error:
        return str(error)


def read_or_one_line(resources: list[Any]) -> None:
    found = outcome(lambda: read_resources(resources, TERMS, today=TODAY))
    if isinstance(found, str):
        assert found.startswith("record: ") and "\n" not in found
        return
    assert all(fact.doubt == "" or fact.value is None for fact in found.facts)
    assert all(line.kind and line.reason for line in found.left_out)


def mutated(chance: random.Random) -> list[Any]:
    """The whole record with one to five values replaced, removed or moved."""
    content = copy.deepcopy(WHOLE)
    for _ in range(chance.randint(1, 5)):
        container, key = chance.choice(places(content, []))
        act = chance.random()
        if act < 0.7:
            container[key] = copy.deepcopy(chance.choice(ODD))
        elif act < 0.85:
            del container[key]
        else:
            other, name = chance.choice(places(content, []))
            container[key] = copy.deepcopy(other[name])
    return content


def test_the_whole_record_is_read() -> None:
    record = read_resources(WHOLE, TERMS, today=TODAY)
    assert (len(record.medications), len(record.allergies), len(record.genes), len(record.conditions)) == (4, 1, 1, 2)


def test_random_mutations_never_give_a_traceback() -> None:
    for seed in range(300):
        read_or_one_line(mutated(random.Random(seed)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_value_anywhere(data: st.DataObject) -> None:
    content = copy.deepcopy(WHOLE)
    container, key = data.draw(st.sampled_from(range(len(places(content, []))))), None
    inside, key = places(content, [])[container]
    inside[key] = data.draw(json_values)
    read_or_one_line(content)


@settings(max_examples=60, deadline=None)
@given(st.lists(json_values, max_size=4))
@example([{"resourceType": "Bundle", "entry": [{"fullUrl": 7, "resource": {"resourceType": "Patient", "id": []}}]}])
def test_anything_at_all(resources: list[Any]) -> None:
    read_or_one_line(resources)


def test_cut_anywhere(tmp_path: Path) -> None:
    text = json.dumps({"resourceType": "Bundle", "entry": [{"resource": one} for one in WHOLE]}).encode()
    path = tmp_path / "a.json"
    for end in range(0, len(text), 37):
        path.write_bytes(text[:end])
        found = outcome(lambda: read_record([path], TERMS, today=TODAY))
        assert isinstance(found, str) and found.startswith("record: a.json: ") and "\n" not in found
