"""Loads the equations and scores of risk, and joins those that rest on an equation of records."""

from __future__ import annotations

from pathlib import Path

import msgspec

from nof1.knowledge.care import Care
from nof1.knowledge.risk_equations import RiskEquation
from nof1.knowledge.tables import Problem, read_yaml

_FOLDER = "risk_equations/"


def load_risks(found: list[tuple[str, Path]], care: Care, problem: Problem) -> dict[str, RiskEquation]:
    """The risk equations in ``found`` (name inside its folder, path) by id; absent is empty."""
    equations: dict[str, RiskEquation] = {}
    for name, path in found:
        if not (name.startswith(_FOLDER) and name.endswith(".yaml")):
            continue
        equation = read_yaml(path, RiskEquation, lambda text: problem(f"{_FOLDER}{text}"))
        if equation is None:
            continue
        if equation.id != path.stem:
            problem(f"{name}: id is {equation.id!r}; the file must carry the same name")
        equations[equation.id] = _joined(equation, care, problem)
    return equations


def _joined(equation: RiskEquation, care: Care, problem: Problem) -> RiskEquation:
    """The equation with the formula of the one it rests on, if any."""
    if not equation.value_of:
        return equation
    known = {item.id: item for item in (care.policy.equations if care.policy else ())}
    if equation.value_of not in known:
        problem(f"{_FOLDER}{equation.id}: value_of {equation.value_of!r} is no equation of record.yaml; correct the id")
        return equation
    return msgspec.structs.replace(equation, value=known[equation.value_of].formula)
