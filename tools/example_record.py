"""The health record of a synthetic example person: a FHIR R4 bundle. The person does not exist."""

from __future__ import annotations

from typing import Any

from example_resources import collection, has, measured, state, taken

WHO = {"reference": "Patient/example-3"}


def bundle() -> str:
    """The record of example 3 as JSON text."""
    return collection(_resources())


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
        measured(WHO, "creatinine", "2160-0", 1.9, "mg/dL", "2026-11-12"),
        measured(WHO, "creatinine-before", "2160-0", 1.8, "mg/dL", "2026-05-04"),
        measured(WHO, "weight", "29463-7", 64, "kg", "2026-11-12"),
        measured(WHO, "height", "8302-2", 161, "cm", "2026-11-12"),
        measured(WHO, "potassium", "2823-3", 4.4, "mmol/L", "2026-11-12"),
        measured(WHO, "alt", "1742-6", 24, "U/L", "2026-11-12"),
        has(WHO, "diabetes", "44054006", "Type 2 diabetes mellitus", "2021-06-01"),
        has(WHO, "depression", "370143000", "Major depressive disorder", "2024-12-10"),
        {
            "resourceType": "AllergyIntolerance",
            "id": "penicillin",
            "clinicalStatus": state("allergyintolerance-clinical", "active"),
            "verificationStatus": state("allergyintolerance-verification", "confirmed"),
            "criticality": "high",
            "code": {"text": "Penicillin"},
            "patient": WHO,
            "reaction": [{"manifestation": [{"text": "swelling of the face"}]}],
        },
    ]


def _taken(name: str, text: str, since: str, route: str) -> dict[str, Any]:
    return taken(WHO, name, text, since) | {"dosage": [{"route": {"text": route}}]}


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
