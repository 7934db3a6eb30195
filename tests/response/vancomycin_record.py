"""Short ways to write the record of a vancomycin course, for tests."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from nof1.knowledge.compiled import knowledge
from nof1.knowledge.kinetics import PkModel
from nof1.knowledge.schema import Knowledge
from nof1.knowledge.terms import terms
from nof1.model.record import Record
from nof1.model.terms import Terms
from nof1.record.facts import read_resources

LOINC, UCUM, RXNORM, SNOMED = (
    "http://loinc.org",
    "http://unitsofmeasure.org",
    "http://www.nlm.nih.gov/research/umls/rxnorm",
    "http://snomed.info/sct",
)
TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
INTRAVENOUS = {"coding": [{"system": SNOMED, "code": "47625008"}]}


def known() -> Knowledge:
    return knowledge()


@cache
def _terms() -> Terms:
    return terms(known().care, known().genes)


def models(drug: str = "vancomycin") -> list[PkModel]:
    return [model for model in known().kinetics.models.values() if model.drug == drug and not model.special]


def read(*resources: Any, born: str = "1964-05-04") -> Record:
    patient = {"resourceType": "Patient", "id": "p", "gender": "male", "birthDate": born}
    return read_resources([patient, *resources], _terms(), today=TODAY)


def ucum(value: float, unit: str) -> dict[str, Any]:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def given(
    start: str, dose: Any = 1250, name: str = "", *, end: str = "", drug: str = "11124", **more: Any
) -> dict[str, Any]:
    """A completed infusion; ``dose`` in mg or as a quantity; ``more`` goes into the dosage (``None`` takes a part out)."""
    quantity = ucum(dose, "mg") if isinstance(dose, int | float) else dose
    dosage = {"route": INTRAVENOUS, "dose": quantity, **more.pop("dosage", {})}
    return {
        "resourceType": "MedicationAdministration",
        "id": name or "a" + "".join(letter for letter in start if letter.isdigit()),
        "status": "completed",
        "subject": {"reference": "Patient/p"},
        "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": drug}]},
        **({"effectivePeriod": {"start": start, "end": end}} if end else {"effectiveDateTime": start}),
        "dosage": {key: value for key, value in dosage.items() if value is not None},
        **more,
    }


def lab(code: str, value: float, unit: str, when: str, name: str = "", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": name or f"o{code}-{''.join(letter for letter in when if letter.isdigit())}",
        "status": "final",
        "subject": {"reference": "Patient/p"},
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "effectiveDateTime": when,
        "valueQuantity": {**ucum(value, unit), **more},
    }


def level(value: float, when: str, unit: str = "mg/L", **more: Any) -> dict[str, Any]:
    return lab("20578-1", value, unit, when, **more)


def course() -> list[dict[str, Any]]:
    """Five infusions of 1250 mg over 1.5 h every 12 h, two levels, creatinine, weight and height."""
    starts = ("2026-11-20T08:00", "2026-11-20T20:00", "2026-11-21T08:00", "2026-11-21T20:00", "2026-11-22T08:00")
    return [
        *(given(f"{start}:00Z", end=f"{start[:-5]}{int(start[-5:-3]) + 1:02}:30:00Z") for start in starts),
        level(14.2, "2026-11-21T19:30:00Z"),
        level(31.0, "2026-11-22T10:30:00Z"),
        lab("2160-0", 1.1, "mg/dL", "2026-11-20T07:00:00Z"),
        lab("2160-0", 1.3, "mg/dL", "2026-11-22T06:00:00Z"),
        lab("29463-7", 82, "kg", "2026-11-20"),
        lab("8302-2", 176, "cm", "2026-11-20"),
    ]
