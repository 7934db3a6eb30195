"""Secondary findings of one person: alleles of the genome files, what tables say of them, and what was looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nof1.genomics.fasta import Fasta
from nof1.genomics.shared_pass import SharedPass
from nof1.genomics.text import Window
from nof1.genomics.vcf import Quality
from nof1.jobs.by_points import Sources, with_points
from nof1.jobs.carried import Place
from nof1.jobs.consequences import consequences_on
from nof1.jobs.gene_alleles import of_genes, read_alleles
from nof1.jobs.gene_coverage import Covered, Reading, gene_coverage
from nof1.jobs.known_sites import Site, allele_text, genes_coding
from nof1.jobs.other_writings import with_other_writings
from nof1.jobs.secondary_ahead import Ahead, not_sequenced
from nof1.knowledge.schema import Knowledge
from nof1.knowledge.variant_index import VariantIndex
from nof1.model.classification import VariantClass
from nof1.model.secondary import GenomeSource, SecondaryReport
from nof1.model.transcripts import Transcript
from nof1.model.variants import Allele, Assertion, GeneCoverage, ObservedVariant
from nof1.variants.secondary import secondary_findings


@dataclass(frozen=True, slots=True)
class Genome:
    """Files of one person and how they are read. ``shares``: a reading of them that others take from too."""

    paths: Sequence[Path]
    sample: str
    quality: Quality
    callable_bed: Path | None = None
    absent_is_reference: bool = False
    build: str = ""
    shares: SharedPass | None = None


def report_of(ahead: Ahead, genome: Genome) -> SecondaryReport:
    """The report on the genes of the list, where it may be made (``look_ahead``).

    Raises ``InputError`` for a file that cannot be read, on another build than GRCh38 too.
    """
    known, tables, transcripts, fasta = ahead.known, ahead.tables, ahead.transcripts, ahead.fasta
    places = [place for place, _ in ahead.signed.values()]
    read = read_alleles(
        genome.paths, genome.sample, tables, transcripts, fasta, genome.quality, genome.build, places, genome.shares
    )  # fmt: skip
    if read.imputed:
        return not_sequenced(known, ahead.person, ahead.policy, [(GenomeSource.IMPUTED, read.imputed)])
    observed = _told(known, read.observed, transcripts, fasta, {key: item for key, (_, item) in ahead.signed.items()})
    how = Reading(
        genome.sample, genome.quality, genome.callable_bed, genome.absent_is_reference, ahead.person.sex, genome.shares
    )  # fmt: skip
    structural = [(Window(place.chromosome, place.start, place.end), text) for place, text in read.structural]
    covered = gene_coverage(genome.paths, transcripts, ahead.sites, _signed_sites(ahead.signed), how, structural)
    coverage = _with_unassessed(known, covered.genes, observed, transcripts)
    observed = [_against(one, covered, read.files) for one in observed]
    held = with_other_writings(observed, ahead.sites, fasta)
    made = secondary_findings(
        held, coverage, ahead.person, GenomeSource.SEQUENCE, known.secondary, known.criteria, ahead.policy
    )  # fmt: skip
    made = with_points(made, Sources(known, ahead.policy, observed, transcripts, fasta, tables, ahead.curated))
    notes = (*made.notes, *ahead.models.notes, *read.notes, *(f"looked up in {_named(table)}" for table in tables))
    return replace(made, notes=notes)


def _against(one: ObservedVariant, covered: Covered, files: Mapping[Allele, frozenset[int]]) -> ObservedVariant:
    """``one``, in doubt where another file read its bases and does not have it."""
    other = "" if one.doubt else covered.against(one.allele, files.get(one.allele, frozenset()))
    return replace(one, doubt=f"{other} read these bases and does not have it") if other else one


def _signed_sites(signed: Mapping[str, tuple[Place, Assertion]]) -> dict[str, list[Site]]:
    """By gene, the alleles that curators signed as disease-causing."""
    found: dict[str, list[Site]] = {}
    for key, (place, item) in signed.items():
        if item.classification in (VariantClass.PATHOGENIC, VariantClass.LIKELY_PATHOGENIC):
            chromosome, position, ref, alt = key.split(":")
            allele = Allele(chromosome, int(position), ref, alt)
            found.setdefault(place.gene, []).append(Site(allele, item.classification, item.stars, (item,)))
    return found


def _named(table: VariantIndex) -> str:
    return f"{table.header.kind} {table.header.edition} ({table.header.rows:,} alleles)"


def _with_unassessed(
    known: Knowledge, coverage: Mapping[str, GeneCoverage], observed: Sequence[ObservedVariant],
    transcripts: Sequence[Transcript],
) -> dict[str, GeneCoverage]:  # fmt: skip
    """``coverage`` with the alleles in coding bases of which nothing is asserted and no consequence could be told.

    Only of genes in which losing the protein is known to cause disease: there such an allele may be a finding.
    """
    by_gene: dict[str, list[Transcript]] = {}
    for each in transcripts:
        by_gene.setdefault(each.gene, []).append(each)
    found: dict[str, list[str]] = {}
    for one in observed:
        is_open = not any(item.origin == "germline" for item in one.assertions) and not any(
            item.terms for item in one.consequences
        )
        if is_open and one.gene in known.criteria.loss_of_function and genes_coding(by_gene[one.gene], one.allele):
            found.setdefault(one.gene, []).append(allele_text(one.allele))
    return {gene: replace(one, unassessed=tuple(found.get(gene, ()))) for gene, one in coverage.items()}


def _told(
    known: Knowledge, found: Sequence[ObservedVariant], transcripts: Sequence[Transcript], fasta: Fasta | None,
    signed: Mapping[str, Assertion],
) -> list[ObservedVariant]:  # fmt: skip
    """What of ``found`` lies in genes of the list, with what it does and what the curators ``signed``."""
    observed = of_genes(found, known.secondary.genes)
    told = consequences_on(transcripts, observed, fasta, known.gene_models)
    made = [replace(one, consequences=tuple(what)) for one, what in zip(observed, told, strict=True)]
    return [replace(one, assertions=(*one.assertions, signed[key])) if (key := _key(one)) in signed else one for one in made]


def _key(one: ObservedVariant) -> str:
    allele = one.allele
    return f"{allele.chromosome}:{allele.position}:{allele.ref}:{allele.alt}"
