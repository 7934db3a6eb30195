"""Which transcripts a question is asked on: those of the knowledge, or of the gene models that a user has added."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nof1.errors import RequestError
from nof1.jobs.reference import MODELS_BUILD, ModelsRecord, gene_models_for
from nof1.knowledge.gene_models import GeneModels
from nof1.model.transcripts import Transcript

KNOWLEDGE, ADDED = "knowledge", "added"
_SELECT = "mane_select"
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class ChosenModels:
    """Transcripts, and in ``notes`` which of them come from gene models that were added, by name and edition."""

    transcripts: tuple[Transcript, ...]
    notes: tuple[str, ...] = ()


def chosen_models(
    known: GeneModels, genes: Iterable[str], build: str = MODELS_BUILD, which: str = KNOWLEDGE, folder: Path | None = None
) -> ChosenModels:
    """The transcripts of ``genes`` that rules ask for: MANE Select, and those that the knowledge names.

    ``which``: ``knowledge`` takes its own, and added ones for genes of which it has none; ``added`` takes the added ones
    first. Raises ``RequestError`` for another word, and where added ones are asked for and there are none on ``build``.
    """
    if which not in (KNOWLEDGE, ADDED):
        raise RequestError(f"gene models {which!r}; write {KNOWLEDGE} or {ADDED}")
    shipped = {gene: known.of_gene(gene) if build == MODELS_BUILD else [] for gene in genes}
    if which == KNOWLEDGE and all(shipped.values()):
        return ChosenModels(tuple(one for rows in shipped.values() for one in rows))
    brought = gene_models_for(build, folder)
    if brought is None:
        if which == ADDED:
            raise RequestError(f"no gene models on {build} were added; bring some with nof1 knowledge add gene-models FILE")
        return ChosenModels(tuple(one for rows in shipped.values() for one in rows))
    return _chosen(known, shipped, brought, which)


def select_models(known: GeneModels, build: str, which: str = KNOWLEDGE, folder: Path | None = None) -> ChosenModels:
    """The same for every gene of the knowledge and of the added gene models."""
    genes = [row.gene for row in known.transcripts]
    brought = gene_models_for(build, folder)
    genes += [one.gene for one in brought.transcripts if one.role == _SELECT] if brought else []
    return chosen_models(known, dict.fromkeys(genes), build, which, folder)


def _chosen(known: GeneModels, shipped: dict[str, list[Transcript]], brought: ModelsRecord, which: str) -> ChosenModels:
    by_gene: dict[str, list[Transcript]] = {}
    for one in brought.transcripts:
        by_gene.setdefault(one.gene, []).append(one)
    found: list[Transcript] = []
    used, lacking = 0, []
    for gene, own in shipped.items():
        rows = _asked(by_gene.get(gene, ()), known.of_gene(gene)) if which == ADDED or not own else []
        used += bool(rows)
        lacking += [gene] if which == ADDED and own and not rows else []
        found += [*rows, *(one for one in own if one.role not in {row.role for row in rows})]
    return ChosenModels(tuple(found), tuple(_notes(brought, used, lacking)))


def _asked(rows: Sequence[Transcript], named: Sequence[Transcript]) -> list[Transcript]:
    """Those of ``rows`` that are asked for, MANE Select first: as the file tags them, else as ``named`` says."""
    roles = {_bare(name): one.role for one in named for name in (one.id, one.ensembl) if name}
    places = {one.chromosome for one in named}
    found: dict[str, Transcript] = {}
    for one in sorted(rows, key=lambda row: row.role != _SELECT):
        role = _SELECT if one.role == _SELECT else roles.get(_bare(one.id)) or roles.get(_bare(one.ensembl)) or ""
        if role and role not in found and (not places or one.chromosome in places):
            found[role] = replace(one, role=role)
    return list(found.values())


def _bare(name: str) -> str:
    """An identifier without its version."""
    return name.partition(".")[0]


def _notes(brought: ModelsRecord, used: int, lacking: Sequence[str]) -> Iterable[str]:
    edition = f", edition {brought.edition}" if brought.edition != brought.name else ""
    name = f"{brought.name}{edition} (SHA-256 {brought.sha256[:12]})"
    if used:
        yield f"gene models added by the user, {name}: transcripts of {used} {'gene' if used == 1 else 'genes'}"
    if lacking:
        shown = ", ".join(lacking[:_SHOWN]) + (f" and {len(lacking) - _SHOWN} more" if len(lacking) > _SHOWN else "")
        yield f"{name} has no MANE Select transcript of {shown}; those of the knowledge are used"
