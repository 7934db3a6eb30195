"""A synthetic example person on vancomycin and warfarin: doses as given, levels, INRs, creatinine, weight.

As a health record, and the same as histories of ``nof1 dose``. The person does not exist; the levels were made up so that a
pharmacist has something to discuss.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from example_resources import SNOMED, UCUM, collection, measured

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
NOW = "2026-11-22T21:00"
WARFARIN, EVENINGS = 5, [f"2026-11-{day:02d}T18:05" for day in range(10, 22)]
INRS = [("2026-11-10T07:40", 1.0), ("2026-11-14T07:30", 1.5), ("2026-11-16T07:35", 2.1), ("2026-11-19T07:30", 3.0),
        ("2026-11-22T07:40", 3.7)]  # fmt: skip
WHO = {"reference": "Patient/example-4"}
ZONE = "+01:00"
DOSES = [
    ("2026-11-20T09:00", "2026-11-20T12:00", 1750),
    ("2026-11-20T21:00", "2026-11-20T23:30", 1250),
    ("2026-11-21T09:10", "2026-11-21T11:40", 1250),
    ("2026-11-21T21:05", "2026-11-21T23:35", 1250),
    ("2026-11-22T09:05", "2026-11-22T11:35", 1250),
]
LEVELS = [("2026-11-21T20:30", 17.4), ("2026-11-22T13:05", 33.8)]
CREATININE = [("2026-11-20T07:40", 1.0), ("2026-11-21T06:15", 1.1), ("2026-11-22T06:20", 1.3)]


def bundle() -> str:
    """The record of example 4 as JSON text."""
    return collection(_resources())


def _resources() -> list[dict[str, Any]]:
    return [
        {
            "resourceType": "Patient",
            "id": "example-4",
            "name": [{"text": "Example Four (synthetic)"}],
            "gender": "male",
            "birthDate": "1964-02-09",
        },
        *(_given(number, *dose) for number, dose in enumerate(DOSES, 1)),
        _not_given(NOW),
        _tablets(),
        *(_measured(f"inr-{number}", "6301-6", value, "1", at) for number, (at, value) in enumerate(INRS, 1)),
        *(_measured(f"level-{number}", "20578-1", value, "mg/L", at) for number, (at, value) in enumerate(LEVELS, 1)),
        *(
            _measured(f"creatinine-{number}", "2160-0", value, "mg/dL", at)
            for number, (at, value) in enumerate(CREATININE, 1)
        ),
        _measured("weight", "29463-7", 82, "kg", "2026-11-20T07:30"),
        _measured("height", "8302-2", 176, "cm", "2026-11-20T07:30"),
        _measured("albumin", "1751-7", 34, "g/L", "2026-11-20T07:40"),
        {
            "resourceType": "Condition",
            "id": "bacteraemia",
            "clinicalStatus": {
                "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]
            },
            "code": {"text": "Bacteraemia due to methicillin resistant Staphylococcus aureus"},
            "subject": WHO,
            "onsetDateTime": "2026-11-20",
        },
    ]


def _administration(name: str, status: str, dosage: dict[str, Any], **when: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationAdministration",
        "id": name,
        "status": status,
        "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": "11124"}], "text": "Vancomycin"},
        "subject": WHO,
        **when,
        "dosage": {"route": {"coding": [{"system": SNOMED, "code": "47625008"}], "text": "intravenous"}, **dosage},
    }


def _tablets() -> dict[str, Any]:
    """Warfarin as the patient takes it every evening."""
    quantity = {"value": WARFARIN, "unit": "mg", "system": UCUM, "code": "mg"}
    return {
        "resourceType": "MedicationStatement",
        "id": "warfarin",
        "status": "active",
        "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": "11289"}], "text": "Warfarin"},
        "subject": WHO,
        "effectivePeriod": {"start": EVENINGS[0][:10]},
        "dosage": [
            {
                "route": {"coding": [{"system": SNOMED, "code": "26643006"}], "text": "by mouth"},
                "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
                "doseAndRate": [{"doseQuantity": quantity}],
            }
        ],
    }


def _given(number: int, start: str, end: str, dose: int) -> dict[str, Any]:
    quantity = {"value": dose, "unit": "mg", "system": UCUM, "code": "mg"}
    period = {"start": f"{start}:00{ZONE}", "end": f"{end}:00{ZONE}"}
    return _administration(f"vancomycin-{number}", "completed", {"dose": quantity}, effectivePeriod=period)


def _not_given(at: str) -> dict[str, Any]:
    """The dose that was held back until the levels were known."""
    quantity = {"value": 1250, "unit": "mg", "system": UCUM, "code": "mg"}
    reason = [{"text": "held until the level is known"}]
    made = _administration("vancomycin-held", "not-done", {"dose": quantity}, effectiveDateTime=f"{at}:00{ZONE}")
    return {**made, "statusReason": reason}


def _measured(name: str, loinc: str, value: float, unit: str, at: str) -> dict[str, Any]:
    return measured(WHO, name, loinc, value, unit, f"{at}:00{ZONE}")


def histories() -> dict[str, str]:
    """The same by drug, as histories of ``nof1 dose``."""
    patient: dict[str, Any] = {
        "age": {"value": 62, "unit": "a"},
        "sex": "male",
        "weight": {"value": 82, "unit": "kg", "time": "2026-11-20T07:30"},
        "height": {"value": 176, "unit": "cm", "time": "2026-11-20T07:30"},
    }
    drawn = [{"value": value, "unit": "mg/dL", "time": at} for at, value in CREATININE]
    vancomycin = {
        "drug": "vancomycin",
        "person": "Example Four (synthetic)",
        "now": NOW,
        "doses": [_infusion(*dose) for dose in DOSES],
        "levels": [{"time": at, "value": value, "unit": "mg/L"} for at, value in LEVELS],
        "patient": {**patient, "creatinine": drawn},
        "states": {"dialysis": False},
        "covariates": {"blood_cancer": {"value": 0, "unit": "1"}},
        "drugs": ["warfarin"],
    }
    warfarin = {
        "drug": "warfarin",
        "person": "Example Four (synthetic)",
        "now": "2026-11-22T18:00",
        "doses": [{"time": at, "amount": WARFARIN, "unit": "mg", "route": "oral"} for at in EVENINGS],
        "levels": [{"time": at, "value": value, "unit": "1", "of": "INR"} for at, value in INRS[1:]],
        "patient": {**patient, "inr": [{"value": value, "unit": "1", "time": at} for at, value in INRS]},
        "covariates": {"baseline_inr": {"value": INRS[0][1], "unit": "1", "time": INRS[0][0]}},
        "drugs": ["vancomycin"],
        "starting": {"ancestry": "white", "target_inr": 2.5},
    }
    return {item["drug"]: json.dumps(item, indent=1) + "\n" for item in (vancomycin, warfarin)}


def _infusion(start: str, end: str, amount: int) -> dict[str, Any]:
    lasting = (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() / 3600
    return {"time": start, "amount": amount, "unit": "mg", "route": "intravenous", "infusion_hours": lasting}
