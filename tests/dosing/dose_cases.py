"""Histories that tests change: a man on vancomycin with two levels, a woman on tacrolimus with a genotype."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

_VANCOMYCIN = {
    "drug": "vancomycin",
    "person": "example",
    "now": "2026-11-22T20:00",
    "doses": [
        {
            "time": "2026-11-20T08:00",
            "amount": 1250,
            "unit": "mg",
            "route": "intravenous",
            "infusion_hours": 1.5,
            "every_hours": 12,
            "count": 5,
        }
    ],
    "levels": [
        {"time": "2026-11-21T19:30", "value": 14.2, "unit": "mg/L"},
        {"time": "2026-11-22T09:45", "value": 31.0, "unit": "ug/mL", "of": "vancomycin"},
    ],
    "patient": {
        "age": {"value": 62, "unit": "a"},
        "sex": "male",
        "weight": {"value": 82, "unit": "kg", "time": "2026-11-20T07:00"},
        "height": {"value": 176, "unit": "cm"},
        "creatinine": {"value": 1.3, "unit": "mg/dL", "time": "2026-11-22T07:00"},
    },
    "states": {"dialysis": False},
}
_TACROLIMUS = {
    "drug": "tacrolimus",
    "now": 96,
    "doses": [{"time": 0, "amount": 4, "unit": "mg", "route": "oral", "every_hours": 12, "count": 8}],
    "levels": [{"time": 47.8, "value": 5.1, "unit": "ng/mL"}, {"time": 83.5, "value": 5.6, "unit": "ug/L"}],
    "patient": {
        "age": {"value": 51, "unit": "a"},
        "sex": "female",
        "weight": {"value": 70, "unit": "kg", "time": 0},
        "height": {"value": 168, "unit": "cm", "time": 0},
        "creatinine": {"value": 1.4, "unit": "mg/dL", "time": 72},
        "haematocrit": {"value": 33, "unit": "%", "time": 72},
    },
    "drugs": ["mycophenolate"],
    "states": {"kidney_transplant": True},
    "genes": {"CYP3A5": {"diplotype": "*1/*3"}},
}
_WARFARIN = {
    "drug": "warfarin",
    "now": "2026-11-13T18:00",
    "doses": [
        {"time": "2026-11-01T18:00", "amount": 5, "unit": "mg", "route": "oral", "every_hours": 24, "count": 12},
    ],
    "levels": [
        {"time": "2026-11-05T08:00", "value": 1.4, "unit": "1", "of": "INR"},
        {"time": "2026-11-10T08:00", "value": 3.1, "unit": "1", "of": "INR"},
        {"time": "2026-11-13T08:00", "value": 3.9, "unit": "1", "of": "INR"},
    ],
    "patient": {
        "age": {"value": 67, "unit": "a"},
        "sex": "female",
        "weight": {"value": 68, "unit": "kg", "time": "2026-11-01T08:00"},
        "height": {"value": 165, "unit": "cm", "time": "2026-11-01T08:00"},
        "inr": {"value": 3.9, "unit": "1", "time": "2026-11-13T08:00"},
    },
    "drugs": [],
    "genes": {
        "CYP2C9": {"diplotype": "*1/*2"},
        "VKORC1": {"diplotype": "rs9923231 reference (C)/rs9923231 variant (T)"},
    },
    "starting": {"ancestry": "white", "target_inr": 2.5},
}
MODEL = "vancomycin-thomson-2009"  # two compartments; one model is enough for most questions, and quicker


def warfarin(**changed: Any) -> dict[str, Any]:
    """The history on warfarin with other fields; ``None`` removes one."""
    return _changed(_WARFARIN, changed)


def vancomycin(**changed: Any) -> dict[str, Any]:
    """The history on vancomycin with other fields; ``None`` removes one."""
    return _changed(_VANCOMYCIN, changed)


def tacrolimus(**changed: Any) -> dict[str, Any]:
    """The history on tacrolimus with other fields."""
    return _changed(_TACROLIMUS, changed)


def _changed(history: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
    found = {**copy.deepcopy(history), **changed}
    return {name: value for name, value in found.items() if value is not None}


def patient(**changed: Any) -> dict[str, Any]:
    """The facts of the man, changed."""
    return {**copy.deepcopy(_VANCOMYCIN["patient"]), **changed}  # type: ignore[dict-item]


def dose(**changed: Any) -> dict[str, Any]:
    """His doses, changed."""
    return {**copy.deepcopy(_VANCOMYCIN["doses"][0]), **changed}  # type: ignore[index]


def level(**changed: Any) -> dict[str, Any]:
    """A level of his, changed."""
    return {"time": "2026-11-21T19:30", "value": 14.2, "unit": "mg/L", **changed}


def written(folder: Path, history: Any) -> Path:
    """The history as a file."""
    path = folder / "history.json"
    path.write_text(history if isinstance(history, str) else json.dumps(history))
    return path
