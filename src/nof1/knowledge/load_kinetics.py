"""Loads the population models, what is known about dosing by levels, and the equations that give a dose."""

from __future__ import annotations

from pathlib import Path

from nof1.knowledge.dose_equations import DoseEquation
from nof1.knowledge.dosing import DosingFile
from nof1.knowledge.kinetics import PkModel
from nof1.knowledge.schema import Kinetics
from nof1.knowledge.tables import Problem, read_yaml


def load_kinetics(found: list[tuple[str, Path]], problem: Problem) -> Kinetics:
    """The models, dosing files and equations in ``found`` (name inside its folder, path); absent is empty."""
    models: dict[str, PkModel] = {}
    dosing: dict[str, DosingFile] = {}
    equations: dict[str, DoseEquation] = {}
    for name, path in found:
        if not name.endswith(".yaml"):
            continue
        if name.startswith("pk_models/") and (model := read_yaml(path, PkModel, _in("pk_models/", problem))):
            if model.id != path.stem:
                problem(f"{name}: id is {model.id!r}; the file must carry the same name")
            models[model.id] = model
        if name.startswith("dosing/") and (file := read_yaml(path, DosingFile, _in("dosing/", problem))):
            if file.drug.replace(" ", "_") != path.stem:
                problem(f"{name}: drug is {file.drug!r}; the file must carry the same name")
            dosing[file.drug] = file
        if name.startswith("dose_equations/") and (
            equation := read_yaml(path, DoseEquation, _in("dose_equations/", problem))
        ):
            if equation.id != path.stem:
                problem(f"{name}: id is {equation.id!r}; the file must carry the same name")
            equations[equation.id] = equation
    return Kinetics(models, dosing, equations)


def _in(folder: str, problem: Problem) -> Problem:
    def tell(text: str) -> None:
        problem(f"{folder}{text}")

    return tell
