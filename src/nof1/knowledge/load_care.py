"""Loads everything beyond genes and guidelines: terms, modulators, interactions, limits and the policy of records."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Places:
    """In which files problems are to be looked for: of each of ``Care.limits``, in their order, and of each interaction."""

    limits: list[str]
    interactions: dict[str, str]


def load_care(found: list[tuple[str, Path]], problem: Problem) -> tuple[Care, Places]:
    """The care part of the knowledge in ``found`` (name inside its folder, path), and where it stands; absent is empty."""
    tables = dict(found)
    terms = [file for _, file in _files(found, "terms/", TermsFile, problem)]
    drugs = [
        row for name, path in _under(found, "terms/drugs", ".tsv") for row in read_tsv(path, DrugTerm, _at(name, problem))
    ]
    conversions = _one(tables, "phenoconversion.yaml", ConversionFile, problem)
    kinetic = _one(tables, _KINETIC, KineticFile, problem)
    limits = _files(found, "limits/", LimitFile, problem)
    interactions = _interactions(found, problem)
    care = Care(
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
        interactions=[rule for _, rule in interactions.values()],
        never_interrupt=_rows(tables, _SILENT, NeverInterrupt, problem),
        kinetic=list(kinetic.enzymes) if kinetic else [],
        kinetic_effects=dict(kinetic.effects) if kinetic else {},
        limits=[file for _, file in limits],
    )
    return care, Places([name for name, _ in limits], {key: name for key, (name, _) in interactions.items()})


def _under(found: list[tuple[str, Path]], start: str, end: str) -> list[tuple[str, Path]]:
    return [(name, path) for name, path in found if name.startswith(start) and name.endswith(end)]


def _files(found: list[tuple[str, Path]], start: str, shape: type[Shape], problem: Problem) -> list[tuple[str, Shape]]:
    read = [(name, read_yaml(path, shape, _at(name, problem))) for name, path in _under(found, start, ".yaml")]
    return [(name, file) for name, file in read if file is not None]


def _interactions(found: list[tuple[str, Path]], problem: Problem) -> dict[str, tuple[str, InteractionRule]]:
    """Rules by id, each with the name of its file."""
    rules: dict[str, tuple[str, InteractionRule]] = {}
    for name, path in _under(found, "interactions/", ".yaml"):
        if name == _KINETIC or not (file := read_yaml(path, InteractionFile, _at(name, problem))):
            continue
        for rule in file.interactions:
            if rule.id in rules:
                first = rules[rule.id][0]
                where = "twice" if first == name else f"in {first} too"
                problem(f"{name}: interaction {rule.id!r} is written {where}; remove one")
            rules[rule.id] = (name, rule)
    return rules


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
