"""Loads everything beyond genes and guidelines: terms, modulators, interactions, limits and the policy of records."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from nof1.knowledge.care import (
    Care,
    ConditionTerm,
    DrugClass,
    DrugTerm,
    InteractionFile,
    InteractionRule,
    KineticFile,
    LimitFile,
    MeasurementTerm,
    NeverInterrupt,
    RecordPolicy,
    TermsFile,
)
from nof1.knowledge.enzymes import Conversion, ConversionFile, ExposureFile, Modulator
from nof1.knowledge.shape import Spec
from nof1.knowledge.tables import Problem, read_tsv, read_yaml

_KINETIC = "interactions/pharmacokinetic.yaml"
_SILENT = "interactions/never_interrupt.tsv"
Named = TypeVar("Named", DrugTerm, DrugClass, MeasurementTerm, ConditionTerm, Conversion)
Shape = TypeVar("Shape", bound=Spec)


def load_care(found: list[tuple[str, Path]], problem: Problem) -> Care:
    """The care part of the knowledge in ``found`` (name inside its folder, path); what is absent is empty."""
    tables = dict(found)
    terms = _files(found, "terms/", TermsFile, problem)
    drugs = [
        row for name, path in _under(found, "terms/drugs", ".tsv") for row in read_tsv(path, DrugTerm, _at(name, problem))
    ]
    conversions = _one(tables, "phenoconversion.yaml", ConversionFile, problem)
    kinetic = _one(tables, _KINETIC, KineticFile, problem)
    return Care(
        drugs=_by(drugs, lambda row: row.name, "drug", problem),
        classes=_by((item for file in terms for item in file.classes), lambda item: item.id, "class", problem),
        measurements=_by(
            (item for file in terms for item in file.measurements), lambda item: item.id, "measurement", problem
        ),
        conditions=_by((item for file in terms for item in file.conditions), lambda item: item.id, "condition", problem),
        policy=_one(tables, "record.yaml", RecordPolicy, problem),
        modulators=_rows(tables, "modulators.tsv", Modulator, problem),
        conversions=_by(conversions.genes if conversions else (), lambda item: item.gene, "phenoconversion of", problem),
        exposure=_one(tables, "exposure.yaml", ExposureFile, problem),
        interactions=_interactions(found, problem),
        never_interrupt=_rows(tables, _SILENT, NeverInterrupt, problem),
        kinetic=list(kinetic.enzymes) if kinetic else [],
        kinetic_effects=dict(kinetic.effects) if kinetic else {},
        limits=_files(found, "limits/", LimitFile, problem),
    )


def _under(found: list[tuple[str, Path]], start: str, end: str) -> list[tuple[str, Path]]:
    return [(name, path) for name, path in found if name.startswith(start) and name.endswith(end)]


def _files(found: list[tuple[str, Path]], start: str, shape: type[Shape], problem: Problem) -> list[Shape]:
    read = [read_yaml(path, shape, _at(name, problem)) for name, path in _under(found, start, ".yaml")]
    return [file for file in read if file is not None]


def _interactions(found: list[tuple[str, Path]], problem: Problem) -> list[InteractionRule]:
    rules: dict[str, InteractionRule] = {}
    for name, path in _under(found, "interactions/", ".yaml"):
        if name == _KINETIC or not (file := read_yaml(path, InteractionFile, _at(name, problem))):
            continue
        for rule in file.interactions:
            if rule.id in rules:
                problem(f"{name}: interaction {rule.id!r} is written twice; remove one")
            rules[rule.id] = rule
    return list(rules.values())


def _by(items: Iterable[Named], key: Callable[[Named], str], what: str, problem: Problem) -> dict[str, Named]:
    found: dict[str, Named] = {}
    for item in items:
        name = key(item)
        if name in found:
            problem(f"{what} {name!r} is written twice; remove one")
        found[name] = item
    return found


def _one(tables: dict[str, Path], name: str, shape: type[Shape], problem: Problem) -> Shape | None:
    return read_yaml(tables[name], shape, _at(name, problem)) if name in tables else None


def _rows(tables: dict[str, Path], name: str, shape: type[Shape], problem: Problem) -> list[Shape]:
    return read_tsv(tables[name], shape, _at(name, problem)) if name in tables else []


def _at(name: str, problem: Problem) -> Problem:
    folder = name.rsplit("/", 1)[0] + "/" if "/" in name else ""

    def tell(text: str) -> None:
        problem(f"{folder}{text}")

    return tell
