"""Which models are asked: those of the drug, those named, and those that a user brings as files."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from nof1.assessment.assess import known_drug
from nof1.decision.library import library
from nof1.errors import InputError, NotInKnowledge, RequestError, UnitError
from nof1.knowledge.check_kinetics import check_model
from nof1.knowledge.kinetics import PkModel
from nof1.knowledge.schema import Knowledge
from nof1.knowledge.tables import read_yaml
from nof1.units.convert import convert

ENDINGS = (".yaml", ".yml")


def is_file(name: str) -> bool:
    """Whether ``name`` means a model file and not a drug or a shipped model."""
    return name.lower().endswith(ENDINGS)


def read_model(path: Path) -> PkModel:
    """The model in a file of the user's own; raises ``InputError`` with every problem at once."""
    problems: list[str] = []
    model = read_yaml(path, PkModel, problems.append)
    if model is not None:
        check_model(model, problems.append)
    if problems or model is None:
        raise InputError(f"model {path.name}: {len(problems)} problems: {'; '.join(problems)}")
    return model


def chosen_models(known: Knowledge, asked: str, also: Sequence[str]) -> tuple[str, list[PkModel], list[PkModel]]:
    """The drug that ``asked`` (a drug or a model file) is about, models to use, and special ones that wait to be named.

    ``also``: shipped models by id, or files; with them no others are used. Raises ``NotInKnowledge`` for a name nobody
    knows, ``RequestError`` where models are of different drugs.
    """
    named = [_named(known, name) for name in also]
    if is_file(asked):
        own = read_model(Path(asked))
        return own.drug, _of_one_drug(own.drug, [own, *named]), []
    drug = known_drug(library(known), asked)
    if named:
        return drug, _of_one_drug(drug, named), []
    mine = [model for model in known.kinetics.models.values() if model.drug == drug]
    usual = [model for model in mine if not model.special]
    if not usual:
        raise RequestError(
            f"no model of {drug} is known{_special(mine)}; known are models of {_drugs(known)}; or bring a file"
        )
    return drug, usual, [model for model in mine if model.special]


def _named(known: Knowledge, name: str) -> PkModel:
    if is_file(name):
        return read_model(Path(name))
    if name in known.kinetics.models:
        return known.kinetics.models[name]
    close = get_close_matches(name, known.kinetics.models, 3, 0.5)
    hint = f"; did you mean {', '.join(close)}?" if close else "; a file's name ends in .yaml"
    raise NotInKnowledge(f"model {name!r} is not in the knowledge{hint}")


def _of_one_drug(drug: str, models: list[PkModel]) -> list[PkModel]:
    for model in models:
        if model.drug != drug:
            raise RequestError(f"model {model.id} is of {model.drug}, asked is {drug}; ask for one drug at a time")
    return list({model.id: model for model in models}.values())


def _special(models: Sequence[PkModel]) -> str:
    return f" for everybody; by name: {', '.join(model.id for model in models)}" if models else ""


def _drugs(known: Knowledge) -> str:
    return ", ".join(sorted({model.drug for model in known.kinetics.models.values()})) or "none"


def check_units(models: Sequence[PkModel]) -> None:
    """Raises ``RequestError`` where models count doses or levels in different units: one history cannot serve both."""
    first = models[0]
    for model in models[1:]:
        pairs = [(first.dose_unit, model.dose_unit)]
        outputs = {output.name: output.unit for output in model.outputs}
        pairs += [(item.unit, outputs[item.name]) for item in first.outputs if item.name in outputs]
        pairs += [(first.outputs[0].unit, model.outputs[0].unit)]
        for one, other in pairs:
            if not _are_same(one, other):
                raise RequestError(
                    f"model {first.id} counts in {one}, {model.id} in {other}; ask them one at a time with --model"
                )


def _are_same(one: str, other: str) -> bool:
    try:
        return abs(convert(1.0, one, other) - 1) < 1e-9
    except UnitError:
        return False
