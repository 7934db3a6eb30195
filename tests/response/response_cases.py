"""Structures of every sort, parameters drawn for them, and doses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from response_models import model

from nof1.response.course import course
from nof1.response.history import Dose, History
from nof1.response.predict import predict
from nof1.response.prepared import prepare

TIMES = (0.0, 0.3, 1.0, 2.5, 7.0, 11.9, 12.0, 13.0, 24.0, 30.5, 47.0)
CLOSE = 1e-8
SPREAD = {
    "CL": (0.5, 20), "V": (5, 100), "Q": (0.5, 20), "V2": (5, 200), "Q3": (0.1, 5), "V3": (20, 400), "ka": (0.1, 3),
    "ktr": (0.3, 6), "duration": (0.5, 6), "lag": (0.05, 2.5), "F": (0.2, 1), "F1": (0.1, 0.9), "CLm": (0.5, 20),
    "Vm": (2, 50), "fm": (0.1, 1), "Vmax": (5, 60), "Km": (0.2, 8), "ka2": (0.05, 0.8), "lag2": (0.5, 4),
    "start": (40, 120), "kout": (0.02, 0.3), "C50": (0.2, 5),
}  # fmt: skip
KINDS: dict[str, dict[str, Any]] = {
    "bolus": {"kind": "bolus"},
    "bolus with lag": {"kind": "bolus", "lag": "lag", "bioavailability": "F"},
    "zero_order": {"kind": "zero_order", "duration": "duration"},
    "zero_order with lag": {"kind": "zero_order", "duration": "duration", "lag": "lag"},
    "first_order": {"kind": "first_order", "ka": "ka"},
    "first_order with lag": {"kind": "first_order", "ka": "ka", "lag": "lag", "bioavailability": "F"},
    "zero_first": {"kind": "zero_first", "ka": "ka", "duration": "duration"},
    "transit": {"kind": "transit", "ktr": "ktr", "transits": 4},
    "transit into a depot": {"kind": "transit", "ktr": "ktr", "transits": 3, "ka": "ka"},
}
DOSES = (Dose(0, 100, "x"), Dose(12, 200, "x"), Dose(24, 150, "x"))
INFUSED = (Dose(0, 100, "x", 1.5), Dose(12, 200, "x"), Dose(24, 150, "x", 0.5))


def drawn(seed: int) -> dict[str, float]:
    rng = np.random.default_rng(seed)
    return {name: float(np.exp(rng.uniform(np.log(low), np.log(high)))) for name, (low, high) in SPREAD.items()}


def structure(compartments: int, kind: str, **more: Any) -> dict[str, Any]:
    return {"compartments": compartments, "inputs": [{"routes": ["x"], **KINDS[kind]}], **more}


def curve(shape: dict[str, Any], values: Mapping[str, float], doses: tuple[Dose, ...], times: Any = TIMES) -> np.ndarray:
    known = model(shape, {name: repr(value) for name, value in values.items()})
    asked = np.array([times], float)
    return predict(
        prepare(known), course(known, [History(doses)]), np.zeros((1, 1, 0)), asked, np.zeros(asked.shape, int)
    ).value[0, 0]
