"""Resources with one fault each, written from the specification: the path and the kind of the fault are told."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from nof1.fhir.checked import problems
from nof1.fhir.definitions import definitions
from nof1.fhir.rules import BY_HAND, unchecked
from nof1.fhir.shapes import plan_of
from nof1.fhir.structure import members

Resource = dict[str, Any]
XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'
PATIENT: Resource = {
    "resourceType": "Patient",
    "id": "p1",
    "active": True,
    "identifier": [{"system": "urn:oid:1.2.3", "value": "17"}],
    "name": [{"family": "Example", "given": ["A", "B"]}],
    "gender": "female",
    "birthDate": "1970-05-28",
    "telecom": [{"system": "phone", "value": "555", "rank": 1}],
    "contact": [{"name": {"text": "C"}}],
    "managingOrganization": {"reference": "Organization/o1"},
}
OBSERVATION: Resource = {
    "resourceType": "Observation",
    "id": "o1",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "2160-0"}]},
    "subject": {"reference": "Patient/p1"},
    "effectiveDateTime": "2020-02-29T10:00:00+01:00",
    "valueQuantity": {"value": 0.9, "unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL"},
    "component": [
        {"code": {"text": "first"}, "valueString": "x"},
        {"code": {"text": "second"}, "valueQuantity": {"value": 1}},
    ],
    "note": [{"text": "a *note*", "time": "2020-03-01"}],
}
CONDITION: Resource = {
    "resourceType": "Condition",
    "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]},
    "code": {"text": "x"},
    "subject": {"reference": "Patient/p1"},
}
REQUEST: Resource = {
    "resourceType": "MedicationRequest",
    "status": "active",
    "intent": "order",
    "medicationReference": {"reference": "#m"},
    "subject": {"reference": "Patient/p1"},
    "contained": [{"resourceType": "Medication", "id": "m", "code": {"text": "x"}}],
    "dosageInstruction": [{"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}],
}
USE: Resource = {
    "resourceType": "MedicationStatement",
    "status": "active",
    "medicationReference": {"reference": "Medication/m"},
    "subject": {"reference": "Patient/p1"},
}
APPOINTMENT: Resource = {
    "resourceType": "Appointment",
    "status": "cancelled",
    "cancelationReason": {"text": "x"},
    "start": "2020-01-01T10:00:00Z",
    "end": "2020-01-01T11:00:00Z",
    "participant": [{"actor": {"reference": "Patient/p1"}, "status": "accepted"}],
}
QUESTIONNAIRE: Resource = {
    "resourceType": "Questionnaire",
    "status": "active",
    "item": [{"linkId": "1", "type": "group", "item": [{"linkId": "2", "type": "string"}]}],
}
BUNDLE: Resource = {
    "resourceType": "Bundle",
    "type": "transaction",
    "entry": [
        {
            "fullUrl": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
            "resource": OBSERVATION,
            "request": {"method": "POST", "url": "Observation"},
        }
    ],
}
ATTACHED: Resource = {"resourceType": "Binary", "contentType": "text/plain", "data": "aGVsbG8="}
SOUND = [PATIENT, OBSERVATION, CONDITION, REQUEST, USE, QUESTIONNAIRE, BUNDLE, ATTACHED]
DROP = object()

# resource, where (keys), what is put there, path of the problem, its code
Fault = tuple[Resource, list[str | int], object, str, str]
FAULTS: dict[str, Fault] = {
    # members
    "an element of no type": (PATIENT, ["nam"], "x", "Patient.nam", "structure"),
    "an element of another type": (PATIENT, ["status"], "x", "Patient.status", "structure"),
    "an unknown member of a part": (PATIENT, ["contact", 0, "phone"], "x", "Patient.contact[0].phone", "structure"),
    "an unknown member of a data type": (PATIENT, ["name", 0, "first"], "x", "Patient.name[0].first", "structure"),
    "a choice without its type": (OBSERVATION, ["value"], 1, "Observation.value", "structure"),
    "a choice of a type it has not": (OBSERVATION, ["valueDate"], "2020", "Observation.valueDate", "structure"),
    "two of a choice": (OBSERVATION, ["valueString"], "x", "Observation.valueString", "structure"),
    "two of a choice, one by extension": (
        OBSERVATION,
        ["_valueString"],
        {"extension": [{"url": "http://a", "valueCode": "b"}]},
        "Observation.valueString",
        "structure",
    ),
    "extensions beside an object": (OBSERVATION, ["_code"], {"id": "a"}, "Observation._code", "structure"),
    "resourceType within": (PATIENT, ["name", 0, "resourceType"], "HumanName", "Patient.name[0].resourceType", "structure"),
    "a member's name that is no element's": (PATIENT, ["a b"], 1, "Patient.'a b'", "structure"),
    # required
    "status missing": (OBSERVATION, ["status"], DROP, "Observation.status", "required"),
    "code missing": (OBSERVATION, ["code"], DROP, "Observation.code", "required"),
    "code missing in a part": (OBSERVATION, ["component", 1, "code"], DROP, "Observation.component[1].code", "required"),
    "a choice missing": (USE, ["medicationReference"], DROP, "MedicationStatement.medication", "required"),
    "text of a note missing": (OBSERVATION, ["note", 0, "text"], DROP, "Observation.note[0].text", "required"),
    "subject missing": (CONDITION, ["subject"], DROP, "Condition.subject", "required"),
    "url of an extension missing": (PATIENT, ["extension"], [{"valueCode": "a"}], "Patient.extension[0].url", "required"),
    "linkId missing": (QUESTIONNAIRE, ["item", 0, "item", 0, "linkId"], DROP, "Questionnaire.item[0].item[0].linkId", "required"),
    # how many
    "an object where a list is": (PATIENT, ["name"], {"family": "x"}, "Patient.name", "structure"),
    "a list where a value is": (PATIENT, ["gender"], ["female"], "Patient.gender", "structure"),
    "a list where an object is": (OBSERVATION, ["code"], [{"text": "x"}], "Observation.code", "structure"),
    "a text where a list of texts is": (PATIENT, ["name", 0, "given"], "A", "Patient.name[0].given", "structure"),
    "an empty list": (PATIENT, ["name"], [], "Patient.name", "structure"),
    "an empty list of texts": (PATIENT, ["name", 0, "given"], [], "Patient.name[0].given", "structure"),
    "an empty object": (OBSERVATION, ["code"], {}, "Observation.code", "structure"),
    "an empty object in a list": (PATIENT, ["name", 0], {}, "Patient.name[0]", "structure"),
    "a text where an object is": (OBSERVATION, ["code"], "2160-0", "Observation.code", "structure"),
    "an object where a text is": (PATIENT, ["birthDate"], {"value": "1970"}, "Patient.birthDate", "structure"),
    # null
    "null": (PATIENT, ["birthDate"], None, "Patient.birthDate", "structure"),
    "null for an object": (OBSERVATION, ["code"], None, "Observation.code", "structure"),
    "null for a list": (PATIENT, ["name"], None, "Patient.name", "structure"),
    "null in a list of objects": (PATIENT, ["name"], [{"text": "x"}, None], "Patient.name[1]", "structure"),
    "null in a list of texts": (PATIENT, ["name", 0, "given"], ["A", None], "Patient.name[0].given[1]", "structure"),
    "null in both lists": (
        PATIENT,
        ["name", 0],
        {"given": ["A", None], "_given": [{"id": "a"}, None]},
        "Patient.name[0].given[1]",
        "structure",
    ),
    "a shorter list beside": (PATIENT, ["name", 0, "_given"], [{"id": "a"}], "Patient.name[0]._given", "structure"),
    "an object beside a list": (PATIENT, ["name", 0, "_given"], {"id": "a"}, "Patient.name[0]._given", "structure"),
    # how written
    "a boolean in quotes": (PATIENT, ["active"], "true", "Patient.active", "value"),
    "a number as boolean": (PATIENT, ["active"], 1, "Patient.active", "value"),
    "a number in quotes": (OBSERVATION, ["valueQuantity", "value"], "0.9", "Observation.valueQuantity.value", "value"),
    "a boolean as number": (OBSERVATION, ["valueQuantity", "value"], True, "Observation.valueQuantity.value", "value"),
    "a number as text": (PATIENT, ["name", 0, "family"], 7, "Patient.name[0].family", "value"),
    "an integer with a fraction": (OBSERVATION, ["component", 0], {"code": {"text": "x"}, "valueInteger": 1.5},
        "Observation.component[0].valueInteger", "value"),
    "an integer written with .0": (PATIENT, ["multipleBirthInteger"], 2.0, "Patient.multipleBirthInteger", "value"),
    "an integer past 32 bits": (PATIENT, ["multipleBirthInteger"], 2**31, "Patient.multipleBirthInteger", "value"),
    "a positiveInt of 0": (PATIENT, ["telecom", 0, "rank"], 0, "Patient.telecom[0].rank", "value"),
    "an unsignedInt below 0": (BUNDLE, ["total"], -1, "Bundle.total", "value"),
    "a day that is not": (PATIENT, ["birthDate"], "2019-02-29", "Patient.birthDate", "value"),
    "a month that is not": (PATIENT, ["birthDate"], "1970-13", "Patient.birthDate", "value"),
    "a date with time": (PATIENT, ["birthDate"], "1970-05-28T10:00:00Z", "Patient.birthDate", "value"),
    "a date as people write it": (PATIENT, ["birthDate"], "28.05.1970", "Patient.birthDate", "value"),
    "a year of zeros": (PATIENT, ["birthDate"], "0000", "Patient.birthDate", "value"),
    "a line end after a date": (PATIENT, ["birthDate"], "1970-05-28\n", "Patient.birthDate", "value"),
    "digits of another script": (PATIENT, ["birthDate"], "١٩٧٠", "Patient.birthDate", "value"),
    "a time without zone": (OBSERVATION, ["effectiveDateTime"], "2020-02-29T10:00:00", "Observation.effectiveDateTime", "value"),
    "a time without seconds": (OBSERVATION, ["effectiveDateTime"], "2020-02-29T10:00Z", "Observation.effectiveDateTime", "value"),
    "an hour of 24": (OBSERVATION, ["effectiveDateTime"], "2020-02-29T24:00:00Z", "Observation.effectiveDateTime", "value"),
    "an instant without time": (OBSERVATION, ["issued"], "2020-02-29", "Observation.issued", "value"),
    "a time of day with zone": (OBSERVATION, ["component", 0], {"code": {"text": "x"}, "valueTime": "10:00:00Z"},
        "Observation.component[0].valueTime", "value"),
    "an id with a slash": (PATIENT, ["id"], "a/b", "Patient.id", "value"),
    "an id of 65": (PATIENT, ["id"], "a" * 65, "Patient.id", "value"),
    "an empty text": (PATIENT, ["name", 0, "family"], "", "Patient.name[0].family", "value"),
    "a control character": (PATIENT, ["name", 0, "family"], "a\x07b", "Patient.name[0].family", "value"),
    "more than 1 MB of text": (PATIENT, ["name", 0, "family"], "a" * (1024 * 1024 + 1), "Patient.name[0].family", "value"),
    "an address with a space": (PATIENT, ["identifier", 0, "system"], "http://a b", "Patient.identifier[0].system", "value"),
    "a code with a space at its end": (OBSERVATION, ["code", "coding", 0, "code"], "2160-0 ", "Observation.code.coding[0].code", "value"),
    "a space in an element's id": (PATIENT, ["name", 0, "id"], "a b", "Patient.name[0].id", "value"),
    "base64 cut short": (ATTACHED, ["data"], "aGVsbG8", "Binary.data", "value"),
    "base64 with other signs": (ATTACHED, ["data"], "aGVs*G8=", "Binary.data", "value"),
    "half a surrogate pair": (PATIENT, ["name", 0, "family"], "\ud800", "Patient.name[0].family", "structure"),
    "a number past every decimal": (OBSERVATION, ["valueQuantity", "value"], 10**400, "Observation.valueQuantity.value", "value"),
    "no number": (OBSERVATION, ["valueQuantity", "value"], float("nan"), "Observation.valueQuantity.value", "value"),
    # bindings
    "a status of no list": (OBSERVATION, ["status"], "done", "Observation.status", "code-invalid"),
    "a gender in capitals": (PATIENT, ["gender"], "Female", "Patient.gender", "code-invalid"),
    "a comparator of no list": (OBSERVATION, ["valueQuantity", "comparator"], "=", "Observation.valueQuantity.comparator", "code-invalid"),
    "a unit of time of no list": (REQUEST, ["dosageInstruction", 0, "timing", "repeat", "periodUnit"], "day",
        "MedicationRequest.dosageInstruction[0].timing.repeat.periodUnit", "code-invalid"),
    "a clinical status of no list": (CONDITION, ["clinicalStatus", "coding", 0, "code"], "done",
        "Condition.clinicalStatus.coding[0].code", "code-invalid"),
    "a clinical status of another system": (CONDITION, ["clinicalStatus", "coding", 0, "system"], "http://a",
        "Condition.clinicalStatus.coding", "code-invalid"),
    "a clinical status in words": (CONDITION, ["clinicalStatus"], {"text": "active"}, "Condition.clinicalStatus.coding", "code-invalid"),
    # references
    "a reference without id": (OBSERVATION, ["subject", "reference"], "Patient/", "Observation.subject.reference", "value"),
    "a reference without type": (OBSERVATION, ["subject", "reference"], "p1", "Observation.subject.reference", "value"),
    "a reference to no type": (OBSERVATION, ["subject", "reference"], "Patients/p1", "Observation.subject.reference", "value"),
    "a reference to another type": (OBSERVATION, ["subject", "reference"], "Practitioner/p1", "Observation.subject.reference", "value"),
    "a reference with an illegal id": (OBSERVATION, ["subject", "reference"], "Patient/a_b", "Observation.subject.reference", "value"),
    "a search as reference": (OBSERVATION, ["subject", "reference"], "Patient?identifier=1", "Observation.subject.reference", "value"),
    "a UUID in capitals": (OBSERVATION, ["subject", "reference"], "urn:uuid:C757873D-EC9A-4326-A141-556F43239520",
        "Observation.subject.reference", "value"),
    "a reference to nothing contained": (OBSERVATION, ["subject", "reference"], "#x", "Observation.subject.reference", "invariant"),
    "a contained resource of another type": (REQUEST, ["contained", 0], {"resourceType": "Organization", "id": "m", "name": "x"},
        "MedicationRequest.medicationReference.reference", "value"),
    "a type that the reference has not": (OBSERVATION, ["subject", "type"], "Group", "Observation.subject.type", "value"),
    "a stated type that is none": (OBSERVATION, ["subject"], {"type": "Human", "display": "x"}, "Observation.subject.type", "value"),
    # extensions and narrative
    "an extension with both": (PATIENT, ["extension"], [{"url": "http://a", "valueCode": "b", "extension": [
        {"url": "c", "valueCode": "d"}]}], "Patient.extension[0]", "invariant"),
    "an extension with nothing": (PATIENT, ["extension"], [{"url": "http://a"}], "Patient.extension[0]", "invariant"),
    "an extension with two values": (PATIENT, ["extension"], [{"url": "http://a", "valueCode": "b", "valueString": "c"}],
        "Patient.extension[0].valueString", "structure"),
    "an extension within with nothing": (PATIENT, ["_birthDate"], {"extension": [{"url": "http://a"}]},
        "Patient._birthDate.extension[0]", "invariant"),
    "an id and nothing else": (PATIENT, ["contact", 0], {"id": "a"}, "Patient.contact[0]", "invariant"),
    "an id instead of a value": (PATIENT, ["_deceasedBoolean"], {"id": "a"}, "Patient._deceasedBoolean", "invariant"),
    "a narrative that is no div": (PATIENT, ["text"], {"status": "generated", "div": f"<p {XHTML}>x</p>"}, "Patient.text.div", "invariant"),
    "a narrative of no namespace": (PATIENT, ["text"], {"status": "generated", "div": "<div>x</div>"}, "Patient.text.div", "invariant"),
    "a narrative with a script": (PATIENT, ["text"], {"status": "generated", "div": f"<div {XHTML}>x<script>1</script></div>"},
        "Patient.text.div", "invariant"),
    "a narrative that acts": (PATIENT, ["text"], {"status": "generated", "div": f"<div {XHTML}><b onclick='x'>x</b></div>"},
        "Patient.text.div", "invariant"),
    "a narrative with a link that acts": (PATIENT, ["text"], {"status": "generated",
        "div": f"<div {XHTML}><a href='java&#10;script:x'>x</a></div>"}, "Patient.text.div", "invariant"),
    "a narrative that is not closed": (PATIENT, ["text"], {"status": "generated", "div": f"<div {XHTML}><b>x</div>"},
        "Patient.text.div", "invariant"),
    "a narrative with a character of HTML": (PATIENT, ["text"], {"status": "generated", "div": f"<div {XHTML}>a&nbsp;b</div>"},
        "Patient.text.div", "invariant"),
    "a narrative of nothing": (PATIENT, ["text"], {"status": "generated", "div": f"<div {XHTML}> </div>"}, "Patient.text.div", "invariant"),
    "a narrative without div": (PATIENT, ["text"], {"status": "generated"}, "Patient.text.div", "required"),
    # contained and nested resources
    "a contained resource without type": (REQUEST, ["contained", 0, "resourceType"], DROP,
        "MedicationRequest.contained[0].resourceType", "required"),
    "a contained resource of no type": (REQUEST, ["contained", 0, "resourceType"], "Drug",
        "MedicationRequest.contained[0].resourceType", "structure"),
    "a fault within a contained resource": (REQUEST, ["contained", 0, "status"], "on", "MedicationRequest.contained[0].status", "code-invalid"),
    "contained in contained": (REQUEST, ["contained", 0, "contained"], [{"resourceType": "Patient", "id": "x", "active": True}],
        "MedicationRequest.contained[0].contained", "invariant"),
    "a contained resource with a version": (REQUEST, ["contained", 0, "meta"], {"versionId": "1"},
        "MedicationRequest.contained[0].meta.versionId", "invariant"),
    "a contained resource with a label": (REQUEST, ["contained", 0, "meta"], {"security": [{"code": "R"}]},
        "MedicationRequest.contained[0].meta.security", "invariant"),
    "a contained resource that nothing names": (REQUEST, ["medicationReference", "reference"], "Medication/m",
        "MedicationRequest.contained[0]", "invariant"),
    "a text in place of a contained resource": (REQUEST, ["contained", 0], "x", "MedicationRequest.contained[0]", "structure"),
    "a fault within an entry": (BUNDLE, ["entry", 0, "resource", "status"], "done", "Bundle.entry[0].resource.status", "code-invalid"),
    "a fault within a parameter": ({"resourceType": "Parameters", "parameter": [{"name": "a", "resource": PATIENT}]},
        ["parameter", 0, "resource", "gender"], "x", "Parameters.parameter[0].resource.gender", "code-invalid"),
    # rules
    "a value and why there is none (obs-6)": (OBSERVATION, ["dataAbsentReason"], {"text": "x"}, "Observation", "invariant"),
    "a component of the same code (obs-7)": (OBSERVATION, ["component", 0, "code"], OBSERVATION["code"], "Observation", "invariant"),
    "a range of nothing (obs-3)": (OBSERVATION, ["referenceRange"], [{"age": {"low": {"value": 1}}}],
        "Observation.referenceRange[0]", "invariant"),
    "a code of units without system (qty-3)": (OBSERVATION, ["valueQuantity", "system"], DROP, "Observation.valueQuantity", "invariant"),
    "a phone of no kind (cpt-2)": (PATIENT, ["telecom", 0, "system"], DROP, "Patient.telecom[0]", "invariant"),
    "a contact of nothing (pat-1)": (PATIENT, ["contact", 0], {"gender": "female"}, "Patient.contact[0]", "invariant"),
    "a period that ends before it starts (per-1)": (PATIENT, ["name", 0, "period"], {"start": "2020", "end": "2019"},
        "Patient.name[0].period", "invariant"),
    "a duration of no unit (tim-1)": (REQUEST, ["dosageInstruction", 0, "timing", "repeat", "duration"], 2,
        "MedicationRequest.dosageInstruction[0].timing.repeat", "invariant"),
    "an end though active (con-4)": (CONDITION, ["abatementDateTime"], "2020", "Condition", "invariant"),
    "a stage of nothing (con-1)": (CONDITION, ["stage"], [{"type": {"text": "x"}}], "Condition.stage[0]", "invariant"),
    "one linkId twice (que-2)": (QUESTIONNAIRE, ["item", 0, "item", 0, "linkId"], "1", "Questionnaire", "invariant"),
    "a group of nothing (que-1)": (QUESTIONNAIRE, ["item", 0, "item"], DROP, "Questionnaire.item[0]", "invariant"),
    "an address of home of an organization (org-2)": ({"resourceType": "Organization", "name": "x", "address": [{"city": "y"}]},
        ["address", 0, "use"], "home", "Organization.address[0]", "invariant"),
    "a transaction without request (bdl-3)": (BUNDLE, ["entry", 0, "request"], DROP, "Bundle", "invariant"),
    "a total of a transaction (bdl-1)": (BUNDLE, ["total"], 1, "Bundle", "invariant"),
    "a reason to cancel what is booked (app-4)": (APPOINTMENT, ["status"], "booked", "Appointment", "invariant"),
    "an age of no unit (age-1)": ({"resourceType": "Condition", "subject": {"display": "x"}, "onsetAge": {"value": 1, "code": "a",
        "system": "http://unitsofmeasure.org"}}, ["onsetAge", "code"], DROP, "Condition.onsetAge", "invariant"),
    "an organization of nothing (org-1)": ({"resourceType": "Organization", "name": "x"}, ["name"], DROP, "Organization", "invariant"),
}  # fmt: skip


def put(resource: Resource, keys: list[str | int], value: object) -> Resource:
    """A copy with ``value`` at ``keys``."""
    copy = deepcopy(resource)
    spot: Any = copy
    for key in keys[:-1]:
        spot = spot[key]
    if value is DROP:
        del spot[keys[-1]]
    else:
        spot[keys[-1]] = value
    return copy


def told(resource: object) -> list[tuple[str, str]]:
    return [(one.path, one.code) for one in problems(resource) if one.is_error]


@pytest.mark.parametrize("resource", SOUND, ids=lambda one: str(one["resourceType"]))
def test_the_resources_to_be_broken_are_sound(resource: Resource) -> None:
    assert told(resource) == []


@pytest.mark.parametrize("name", FAULTS)
def test_one_fault_is_one_problem_at_its_place(name: str) -> None:
    resource, keys, value, path, code = FAULTS[name]
    assert told(resource) == []
    assert told(put(resource, keys, value)) == [(path, code)]


WELL = {
    "extensions beside a text": (PATIENT, ["_birthDate"], {"extension": [{"url": "http://a", "valueString": "b"}]}),
    "an id beside a text": (PATIENT, ["_birthDate"], {"id": "a"}),
    "extensions instead of a required value": (
        {"resourceType": "Observation", "code": {"text": "x"}},
        ["_status"],
        {"extension": [{"url": "http://a", "valueCode": "b"}]},
    ),
    "null where an extension stands": (
        PATIENT,
        ["name", 0],
        {"given": ["A", None], "_given": [None, {"extension": [{"url": "http://a", "valueCode": "b"}]}]},
    ),
    "an extension instead of a code": (
        CONDITION,
        ["clinicalStatus"],
        {"extension": [{"url": "http://a", "valueCode": "b"}]},
    ),
    "a second coding of another system": (
        CONDITION,
        ["clinicalStatus", "coding"],
        [{"system": "http://a", "code": "b"}, *CONDITION["clinicalStatus"]["coding"]],
    ),
    "a leap second": (OBSERVATION, ["effectiveDateTime"], "2016-12-31T23:59:60Z"),
    "a fraction of a second": (OBSERVATION, ["issued"], "2016-12-31T23:59:59.123456-05:00"),
    "a month": (PATIENT, ["birthDate"], "1970-05"),
    "lines and tabs": (PATIENT, ["name", 0, "family"], "a\tb\r\nc"),
    "1 MB of text": (PATIENT, ["name", 0, "family"], "ä" * 1024 * 1024),
    "signs beyond 16 bits": (PATIENT, ["name", 0, "family"], "\U0001f600"),
    "an address of elsewhere": (OBSERVATION, ["subject", "reference"], "https://a.example/fhir/Patient/1"),
    "a version": (OBSERVATION, ["subject", "reference"], "Patient/p1/_history/2"),
    "a UUID": (OBSERVATION, ["subject", "reference"], "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"),
    "an OID": (OBSERVATION, ["subject", "reference"], "urn:oid:1.2.840"),
    "a reference by identifier": (OBSERVATION, ["subject"], {"type": "Patient", "identifier": {"value": "1"}}),
    "any type where any is meant": (OBSERVATION, ["focus"], [{"reference": "Slot/1"}]),
    "a search within a transaction": (
        BUNDLE,
        ["entry", 0, "resource", "subject", "reference"],
        "Patient?identifier=http://a|1",
    ),
    "contained that names what contains it": (
        {**REQUEST, "medicationReference": {"reference": "Medication/1"}},
        ["contained"],
        [{"resourceType": "Provenance", "id": "x", "target": [{"reference": "#"}], "recorded": "2020-01-01T00:00:00Z",
          "agent": [{"who": {"display": "x"}}]}],
    ),
    "base64 in lines": (ATTACHED, ["data"], "aGVs\n bG8="),
    "a very small number": (OBSERVATION, ["valueQuantity", "value"], 1e-12),
    "codes of a list that is not listed": (ATTACHED, ["contentType"], "application/x.own+json"),
    "a period of two precisions": (PATIENT, ["name", 0, "period"], {"start": "2020", "end": "2020-05"}),
}  # fmt: skip


@pytest.mark.parametrize("name", WELL)
def test_what_the_specification_allows_is_accepted(name: str) -> None:
    resource, keys, value = WELL[name]
    assert told(put(resource, keys, value)) == []


def test_every_fault_is_told() -> None:
    broken = put(put(put(OBSERVATION, ["status"], "done"), ["subject"], DROP), ["code"], {"texts": "x"})
    broken["component"][1]["valueQuantity"]["value"] = "1"
    assert sorted(told(broken)) == [
        ("Observation.code.texts", "structure"),
        ("Observation.component[1].valueQuantity.value", "value"),
        ("Observation.status", "code-invalid"),
    ]


MESSAGES = [
    (put(PATIENT, ["nam"], 1), "Patient has no element 'nam'; did you mean name?"),
    (put(PATIENT, ["contact", 0, "x"], 1), "Patient.contact has no element 'x'; take it out"),
    (
        put(PATIENT, ["birthDate"], "2019-02-29"),
        "'2019-02-29' is not a date of the calendar such as 1970, 1970-05 or 1970-05-28",
    ),
    (put(PATIENT, ["name"], {"text": "x"}), "expected a list, found an object; put [ ] around it"),
    (
        put(PATIENT, ["gender"], "femal"),
        "'femal' is not a code of http://hl7.org/fhir/ValueSet/administrative-gender: female, male",
    ),
    (
        put(OBSERVATION, ["subject"], {"reference": "Slot/1"}),
        "'Slot/1' points to a Slot; here only Device, Group, Location, ",
    ),
    (put(PATIENT, ["active"], "true"), "'true' is not true or false, not in quotes"),
]


@pytest.mark.parametrize(("broken", "start"), MESSAGES, ids=range(len(MESSAGES)))
def test_messages_name_the_value_and_the_way_out(broken: Resource, start: str) -> None:
    (problem,) = [one for one in problems(broken) if one.is_error]
    assert problem.message.startswith(start)


def test_advice_is_no_error() -> None:
    assert [(one.path, one.code, one.is_error) for one in problems(PATIENT)] == [("Patient.text", "invariant", False)]
    named = {"resourceType": "ValueSet", "status": "draft", "name": "not for machines"}
    assert ("ValueSet", False) in [(one.path, one.is_error) for one in problems(named)]


@pytest.mark.parametrize(
    ("what", "kind", "path"),
    [
        (None, "", "Resource"),
        ([PATIENT], "Patient", "Patient"),
        ({}, "", "Resource.resourceType"),
        ({"resourceType": None}, "Patient", "Patient.resourceType"),
        ({"resourceType": "Human"}, "", "Resource.resourceType"),
        ({"resourceType": "HumanName"}, "", "Resource.resourceType"),
        ({"resourceType": "DomainResource"}, "", "Resource.resourceType"),
        ({"resourceType": ["Patient"]}, "", "Resource.resourceType"),
        (PATIENT, "Observation", "Observation.resourceType"),
    ],
)
def test_what_is_no_resource_of_the_type_is_refused(what: object, kind: str, path: str) -> None:
    assert [one.path for one in problems(what, kind=kind) if one.is_error] == [path]


def test_the_calendar_is_the_real_one() -> None:
    for year in (1600, 1900, 1904, 1999, 2000, 2019, 2020, 2100):
        for month in range(14):
            for day in range(33):
                assert (told({"resourceType": "Patient", "birthDate": f"{year}-{month:02}-{day:02}"}) == []) == is_date(
                    year, month, day
                )


def is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def test_every_rule_of_the_base_specification_is_judged() -> None:
    """None that cannot be compiled; those by hand are broken one by one above."""
    assert unchecked() == {}
    assert len(BY_HAND) == 11


def test_choices_hold_where_threads_read_the_definitions_at_once_and_each_got_its_own():
    dose = {"resourceType": "Immunization", "status": "completed", "patient": {"reference": "Patient/p1"}}
    dose |= {"vaccineCode": {"text": "v"}, "occurrenceDateTime": "2020-03-01"}
    members("Immunization")
    for cached in (definitions, plan_of):
        cached.cache_clear()
    assert [one.path for one in problems(dose) if one.is_error] == []
    twice = problems({**dose, "occurrenceString": "in March"})
    assert [one.path for one in twice if one.is_error] == ["Immunization.occurrenceString"]
