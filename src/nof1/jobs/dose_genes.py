"""Genes as models ask for them: called alleles, and phenotypes under the drugs taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from nof1.assessment.assess import Genes, Person, chart_of
from nof1.decision.chart import with_drugs
from nof1.decision.convert import converted
from nof1.decision.library import Library
from nof1.decision.standing import Standing
from nof1.decision.taking import Taken
from nof1.errors import InputError
from nof1.genomics.outside_calls import OutsideCall
from nof1.jobs.dose_history import GeneResult
from nof1.knowledge.dose_equations import DoseEquation
from nof1.knowledge.kinetics import PkModel
from nof1.knowledge.schema import Gene
from nof1.model.findings import CallStatus
from nof1.model.genome import MISSING
from nof1.model.record import Course
from nof1.pgx.table import Called
from nof1.response.case import Chance, GeneKnown

_SURE = (CallStatus.CALLED, CallStatus.CERTAIN, CallStatus.ASSURED)


@dataclass(frozen=True, slots=True)
class Asks:
    """Who asks for genes: ``models`` and ``equations`` of ``drug``, for somebody who takes ``drugs`` beside it."""

    models: Sequence[PkModel]
    equations: Sequence[DoseEquation]
    drugs: frozenset[str] | None
    drug: str


def asked_genes(models: Sequence[PkModel], equations: Sequence[DoseEquation] = ()) -> tuple[str, ...]:
    """Genes that a covariate of ``models`` or an input of ``equations`` asks for."""
    named = [item.gene.gene for model in models for item in model.covariates if item.gene]
    return tuple(dict.fromkeys([*named, *(item.gene for equation in equations for item in equation.inputs if item.gene)]))


def written_calls(shelf: Library, genes: Mapping[str, GeneResult]) -> dict[str, list[OutsideCall]]:
    """Results of a history as calls made elsewhere; ``InputError`` for a gene nobody knows or a result that says nothing."""
    found = {}
    for gene, item in genes.items():
        if gene not in shelf.known.genes:
            raise InputError(f"genes {gene!r} is not in the knowledge; see nof1 knowledge list genes")
        call = OutsideCall(gene, item.diplotype, item.phenotype, item.activity_score, "", f"genes {gene}")
        if call.is_empty:
            raise InputError(f"genes {gene} says nothing; write a diplotype, a phenotype or an activity score")
        found[gene] = [call]
    return found


def genes_known(
    shelf: Library,
    person: Person,
    genes: Genes,
    asks: Asks,
    today: date,
) -> tuple[dict[str, GeneKnown], list[str]]:
    """What is known of the genes asked for (empty where nothing is), and what a reader must know of it.

    A phenotype is what it amounts to under the drugs taken (or those of the record); alleles are what they are. A result
    that is not settled is given with its chances, where no drug shifts it.
    """
    counted = {item.gene.gene for model in asks.models for item in model.covariates if item.gene and item.gene.alleles}
    chart = chart_of(shelf, genes, person.record, today, ())
    if person.record is None and asks.drugs:
        chart = with_drugs(chart, tuple(Taken(name, Course.ACTIVE) for name in sorted(asks.drugs)))
    found, notes = {}, []
    for gene in asked_genes(asks.models, asks.equations):
        called, standing = genes.answers[gene], chart.standings[gene]
        how = shelf.known.care.conversions.get(gene)
        moved = converted(standing, how, shelf.known.genes[gene], chart.at_work, asks.drug) if how else standing
        item = GeneKnown(_alleles(called), _phenotype(moved))
        if not item.alleles and (gene in counted or not item.phenotype) and moved.results == standing.results:
            item = GeneKnown(chances=_chances(called)) if _chances(called) else item
        if item.alleles or item.phenotype or item.chances:
            found[gene] = replace(item, looked_for=_looked_for(shelf.known.genes[gene], called, person))
        notes += _told(called, moved, item)
    return found, notes


def _alleles(called: Called) -> tuple[str, ...]:
    """The two alleles of the one diplotype that is sure; empty otherwise."""
    if called.diplotype_status not in _SURE or not called.diplotypes or called.is_list:
        return ()
    if called.weighed is None and len(called.diplotypes) > 1:
        return ()
    pair = called.diplotypes[0].haplotypes
    return tuple(name for side in pair for name in side) if len(pair) == 2 and all(len(side) == 1 for side in pair) else ()


def _looked_for(gene: Gene, called: Called, person: Person) -> frozenset[str] | None:
    """Alleles whose defining positions were all read; ``None`` where the result was not made from the genome here."""
    block = person.blocks.get(called.gene)
    if block is None or called.source != "genome":
        return None
    read = {locus.id for locus, pair in zip(block.loci, block.genotype[person.row], strict=True) if MISSING not in pair}
    return frozenset(
        row.name
        for row in gene.alleles
        if row.used == "yes" and row.variants and {text.rpartition(":")[0] for text in row.variants.split()} <= read
    )


def _chances(called: Called) -> tuple[Chance, ...]:
    """Every diplotype that remains possible, with how likely it is; empty where nothing was weighed."""
    if called.is_list:
        return ()
    found = []
    for pair, meaning in zip(called.diplotypes, called.phenotypes, strict=True):
        sides = [name for side in pair.haplotypes for name in side]
        if pair.probability is None or len(sides) != len(pair.haplotypes) or len(sides) != 2:
            return ()
        found.append(Chance(tuple(sides), meaning.term, pair.probability))
    return tuple(found)


def _phenotype(standing: Standing) -> str:
    """The phenotype, where only one remains possible."""
    words = {result.words.split(", from ")[0].split(" (activity score")[0] for result in standing.results}
    return words.pop() if len(words) == 1 else ""


def _told(called: Called, standing: Standing, item: GeneKnown) -> list[str]:
    if called.status is CallStatus.NO_CALL and not item.phenotype:
        return []
    by = tuple(dict.fromkeys(name for result in standing.results for name in result.by))
    if by and item.phenotype:
        return [f"{called.gene}: {item.phenotype} under {' and '.join(by)}"]
    if item.chances:
        return [f"{called.gene}: the diplotype is not settled; models are averaged over what it may be"]
    if not item.alleles and called.diplotypes:
        return [f"{called.gene}: the diplotype is not settled; models that count its alleles do without it"]
    return []
