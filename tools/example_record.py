"""The health record of a synthetic example person: a FHIR R4 bundle. The person does not exist."""

from __future__ import annotations

import json
from typing import Any

LOINC, SNOMED, UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"
WHO = {"reference": "Patient/example-3"}


def bundle() -> str:
    """The record of example 3 as JSON text."""
    entries = [{"resource": made} for made in _resources()]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}, indent=1) + "\n"


def _resources() -> list[dict[str, Any]]:
    return [
        {
            "resourceType": "Patient",
            "id": "example-3",
            "name": [{"text": "Example Three (synthetic)"}],
            "gender": "female",
            "birthDate": "1952-03-14",
        },
        _taken("codeine", "Codeine 30 MG Oral Tablet", "2026-11-16", "by mouth"),
        _taken("paroxetine", "Paroxetine 20 MG Oral Tablet", "2025-02-03", "by mouth"),
        _taken("metformin", "Metformin 1000 MG Oral Tablet", "2021-06-20", "by mouth"),
        _taken("simvastatin", "Simvastatin 40 MG Oral Tablet", "2019-01-15", "by mouth"),
        _taken("clarithromycin", "Clarithromycin 500 MG Oral Tablet", "2026-11-20", "by mouth"),
        _taken("terbinafine", "Terbinafine 10 MG/ML Topical Cream", "2026-10-30", "on the skin"),
        _taken("rose hip", "Rose hip powder", "2026-01-01", "by mouth"),
        _planned("capecitabine", "Capecitabine 500 MG Oral Tablet"),
        _measured("creatinine", "2160-0", 1.9, "mg/dL", "2026-11-12"),
        _measured("creatinine-before", "2160-0", 1.8, "mg/dL", "2026-05-04"),
        _measured("weight", "29463-7", 64, "kg", "2026-11-12"),
        _measured("height", "8302-2", 161, "cm", "2026-11-12"),
        _measured("potassium", "2823-3", 4.4, "mmol/L", "2026-11-12"),
        _measured("alt", "1742-6", 24, "U/L", "2026-11-12"),
        _has("diabetes", "44054006", "Type 2 diabetes mellitus", "2021-06-01"),
        _has("depression", "370143000", "Major depressive disorder", "2024-12-10"),
        {
            "resourceType": "AllergyIntolerance",
            "id": "penicillin",
            "clinicalStatus": _state("allergyintolerance-clinical", "active"),
            "verificationStatus": _state("allergyintolerance-verification", "confirmed"),
            "criticality": "high",
            "code": {"text": "Penicillin"},
            "patient": WHO,
            "reaction": [{"manifestation": [{"text": "swelling of the face"}]}],
        },
    ]


def _taken(name: str, text: str, since: str, route: str) -> dict[str, Any]:
    return {
        "resourceType": "MedicationStatement",
        "id": name.replace(" ", "-"),
        "status": "active",
        "medicationCodeableConcept": {"text": text},
        "subject": WHO,
        "effectivePeriod": {"start": since},
        "dosage": [{"route": {"text": route}}],
    }


def _planned(name: str, text: str) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": name,
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": {"text": text},
        "subject": WHO,
        "authoredOn": "2026-11-24",
    }


def _measured(name: str, loinc: str, value: float, unit: str, day: str) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": loinc}]},
        "subject": WHO,
        "effectiveDateTime": day,
        "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit},
    }


def _has(name: str, snomed: str, text: str, since: str) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": name,
        "clinicalStatus": _state("condition-clinical", "active"),
        "code": {"coding": [{"system": SNOMED, "code": snomed}], "text": text},
        "subject": WHO,
        "onsetDateTime": since,
    }


def _state(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{system}", "code": code}]}
