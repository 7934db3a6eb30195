"""People drawn inside what an equation was made for, as strategies of hypothesis and as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from nof1.knowledge.risk_equations import RiskEquation, RiskInput

AGES = {"findrisc": (35.0, 64.0), "plcom2012": (55.0, 74.0)}
ODD = {  # ranges of inputs that have no domain or span of their own
    "age": (40.0, 79.0),
    "egfr": (5.0, 59.0),
    "albumin": (1.5, 5.0),
    "phosphate": (2.0, 8.0),
    "bicarbonate": (12.0, 32.0),
    "calcium": (6.5, 11.0),
    "ast": (10.0, 400.0),
    "alt": (10.0, 400.0),
    "platelets": (20.0, 500.0),
    "creatinine": (0.4, 6.0),
    "bilirubin": (0.3, 30.0),
    "sodium": (115.0, 145.0),
    "inr": (0.8, 5.0),
    "cigarettes_per_day": (1.0, 60.0),
    "years_smoked": (1.0, 40.0),
    "years_since_quitting": (0.0, 30.0),
    "age_at_diagnosis": (20.0, 40.0),
    "sdi": (1.0, 10.0),
}


def span(equation: RiskEquation, item: RiskInput) -> tuple[float, float]:
    if item.name == "age" and equation.id in AGES:
        return AGES[equation.id]
    low, high = item.domain or item.span or ODD.get(item.name) or item.plausible
    if equation.id.startswith("kfre") and item.name == "egfr":
        low, high = ODD["egfr"]
    if item.name == "age" and (equation.id.startswith("prevent")):
        high = 59.0  # so that every horizon is given
    return max(low, 18.0) if item.name == "age" else low, min(high, 95.0) if item.name == "age" else high


def fixed(item: RiskInput) -> Any:
    """What excludes nobody."""
    return {"known_cvd": 0, "on_replacement": 0, "acute_injury": 0, "diabetes_type_2": 1, "atrial_fibrillation": 1}.get(
        item.name
    )


def person(equation: RiskEquation) -> st.SearchStrategy[dict[str, Any]]:
    parts: dict[str, st.SearchStrategy[Any]] = {}
    for item in equation.inputs:
        if (value := fixed(item)) is not None:
            parts[item.name] = st.just(value)
        elif item.name == "diabetes" and equation.id in ("score2", "findrisc"):
            parts[item.name] = st.just(0)
        elif item.kind == "flag":
            parts[item.name] = st.sampled_from([0, 1])
        elif item.kind == "choice":
            parts[item.name] = st.sampled_from([choice.code for choice in item.choices])
        else:
            parts[item.name] = st.floats(*span(equation, item))
    return st.fixed_dictionaries(parts)


def crowd(equation: RiskEquation, people: int, seed: int = 7) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    columns: dict[str, Any] = {}
    for item in equation.inputs:
        if (value := fixed(item)) is not None:
            columns[item.name] = np.full(people, float(value))
        elif item.name == "diabetes" and equation.id in ("score2", "findrisc"):
            columns[item.name] = np.zeros(people)
        elif item.kind == "flag":
            columns[item.name] = rng.integers(0, 2, people).astype(float)
        elif item.kind == "choice":
            columns[item.name] = np.array([choice.code for choice in item.choices])[
                rng.integers(0, len(item.choices), people)
            ]
        else:
            columns[item.name] = rng.uniform(*span(equation, item), people)
    return columns
