"""``nof1 knowledge show``: everything that the files say under one name, as YAML under headings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from nof1.errors import NotInKnowledge

if TYPE_CHECKING:
    from nof1.knowledge.care import Care, DrugTerm
    from nof1.knowledge.schema import DrugFile, Knowledge

_NONE = (
    "is no gene, drug, class, fact, interaction or source of the knowledge; see nof1 knowledge list genes | drugs | "
    "classes | facts, and nof1 knowledge sources"
)
Part = tuple[str, Any]  # a heading, and what stands under it


@click.command("show")
@click.argument("name")
def show(name: str) -> None:
    """Show all that the files say on NAME: a gene, a drug or brand, a class, a fact, an interaction or a source.

    On a drug: its names and codes, guidelines, classes, limits and interactions, those of its classes too.
    """
    import msgspec
    import yaml

    from nof1.knowledge.compiled import knowledge

    parts = list(parts_of(knowledge(), name.strip()))
    if not parts:
        raise NotInKnowledge(f"{name!r} {_NONE}")
    texts = []
    for heading, item in parts:
        text = yaml.safe_dump(msgspec.to_builtins(item), sort_keys=False, allow_unicode=True, width=110)
        texts.append(f"# {heading}\n{text.rstrip()}")
    click.echo("\n---\n".join(texts))


def parts_of(known: Knowledge, name: str) -> Iterator[Part]:
    """Everything under ``name``, whatever its case: heading and content."""
    care = known.care
    yield from _named("gene", known.genes, name)
    yield from _named("source", known.sources, name)
    yield from _named("measurement", care.measurements, name)
    yield from _named("condition", care.conditions, name)
    yield from _named("risk equation", known.risks, name)
    for equation in care.policy.equations if care.policy else ():
        if name.lower() in (equation.gives.lower(), equation.id.lower()):
            yield f"equation {equation.id}", equation
    yield from ((f"interaction {rule.id}", rule) for rule in care.interactions if rule.id == name.lower())
    yield from _of_class(known, name)
    yield from _of_drug(known, _drug(care, name))


def _named(what: str, table: dict[str, Any], name: str) -> Iterator[Part]:
    yield from ((f"{what} {key}", value) for key, value in table.items() if key.lower() == name.lower())


def _of_class(known: Knowledge, name: str) -> Iterator[Part]:
    """A class by id or another name: its members, limits and interactions written for it."""
    from nof1.decision.library import library

    for group in known.care.classes.values():
        if name.lower() not in (group.id.lower(), *(other.lower() for other in group.also_named)):
            continue
        yield f"class {group.id}", group
        yield f"members of {group.id}", list(library(known).members[group.id])
        for file in known.care.limits:
            if group.id in file.classes:
                yield from ((f"limit {limit.id} of {group.id}", limit) for limit in file.limits)
        for rule in known.care.interactions:
            if group.id in (*rule.a.classes, *rule.b.classes):
                yield f"interaction {rule.id}", rule


def _drug(care: Care, name: str) -> str:
    """The name that the files use for a drug or brand; ``name`` itself, in lower case, where no term has it."""
    return next((term.name for term in care.drugs.values() if name.lower() in _names(term)), name.lower())


def _names(term: DrugTerm) -> list[str]:
    return [term.name.lower(), *(other.lower() for other in term.also_named.split("|") if other)]


def _of_drug(known: Knowledge, drug: str) -> Iterator[Part]:
    from nof1.decision.library import library

    care, shelf = known.care, library(known)
    yield from _named("drug", care.drugs, drug)
    for file in _guidelines(known, drug):
        yield f"guideline on {file.drug} by {', '.join(file.genes) or 'no gene'}: {file.body}, {file.guideline}", file
    groups = [group for group in care.classes.values() if drug in shelf.members[group.id]]
    yield from ((f"class {group.id}", group) for group in groups)
    yield from ((f"modulator: {row.enzyme} {row.role}", row) for row in care.modulators if row.drug == drug)
    for enzyme in care.kinetic:
        yield from ((f"substrate of {enzyme.enzyme}", row) for row in enzyme.substrates if row.drug == drug)
    yield from ((f"limit {limit.id}", limit) for limit in shelf.limits.get(drug, ()))
    rules = {rule.id: rule for rule in (*shelf.side_a.get(drug, ()), *shelf.side_b.get(drug, ()))}
    yield from ((f"interaction {rule.id}", rule) for rule in rules.values())


def _guidelines(known: Knowledge, drug: str) -> list[DrugFile]:
    """Files on the drug, superseded ones too; then those on classes or combinations that speak of it."""
    from nof1.decision.library import library

    own = [*([known.drugs[drug]] if drug in known.drugs else []), *known.guidelines.get(drug, [])]
    every = [*known.drugs.values(), *(file for files in known.guidelines.values() for file in files)]
    groups = {group for group, members in library(known).members.items() if drug in members}
    shared = [file for file in every if drug in file.for_drugs or groups.intersection(file.for_classes)]
    return [*own, *(file for file in shared if file.drug != drug)]
