"""FHIR R4 resources that the synthetic example people share."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

LOINC, SNOMED, UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"
Resource = dict[str, Any]


def collection(resources: Iterable[Resource]) -> str:
    """The record of a person as JSON text."""
    entries = [{"resource": made} for made in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}, indent=1) + "\n"


def measured(who: Resource, name: str, loinc: str, value: float, unit: str, when: str) -> Resource:
    """A measurement."""
    quantity = {"value": value, "unit": unit, "system": UCUM, "code": unit}
    return _observation(who, name, loinc, when) | {"valueQuantity": quantity}


def found(who: Resource, name: str, loinc: str, snomed: str, text: str, when: str) -> Resource:
    """An observation whose value is a code."""
    value = {"coding": [{"system": SNOMED, "code": snomed, "display": text}]}
    return _observation(who, name, loinc, when) | {"valueCodeableConcept": value}


def _observation(who: Resource, name: str, loinc: str, when: str) -> Resource:
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": loinc}]},
        "subject": who,
        "effectiveDateTime": when,
    }


def has(who: Resource, name: str, snomed: str, text: str, since: str) -> Resource:
    """A condition."""
    return {
        "resourceType": "Condition",
        "id": name,
        "clinicalStatus": state("condition-clinical", "active"),
        "code": {"coding": [{"system": SNOMED, "code": snomed}], "text": text},
        "subject": who,
        "onsetDateTime": since,
    }


def taken(who: Resource, name: str, text: str, since: str) -> Resource:
    """A drug that is taken."""
    return {
        "resourceType": "MedicationStatement",
        "id": name.replace(" ", "-"),
        "status": "active",
        "medicationCodeableConcept": {"text": text},
        "subject": who,
        "effectivePeriod": {"start": since},
    }


def state(system: str, code: str) -> Resource:
    """A code of an HL7 system."""
    return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{system}", "code": code}]}
