"""The alleles of all of a person's files in genes, each once, and in words what of the files could not be looked up."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from nof1.genomics.fasta import Fasta
from nof1.genomics.file_alleles import WORDS, Reason
from nof1.genomics.vcf import Quality
from nof1.jobs.aligned import aligner
from nof1.jobs.allele_scan import Tally
from nof1.jobs.carried import Place, carried
from nof1.knowledge.variant_index import VariantIndex
from nof1.model.transcripts import Transcript
from nof1.model.variants import ObservedVariant, Zygosity

_TOLD = (Reason.SYMBOLIC, Reason.BREAKEND, Reason.OTHER_LETTERS, Reason.OTHER_MITOCHONDRION)


def read_alleles(
    paths: Sequence[Path], sample: str, tables: Sequence[VariantIndex], transcripts: Sequence[Transcript],
    fasta: Fasta | None, quality: Quality, build: str,
) -> tuple[list[ObservedVariant], tuple[str, ...]]:  # fmt: skip
    """What the person carries that tables know or that touches ``transcripts``, and notes on what was left out.

    Raises ``GenomeError`` for a file that cannot be read or is on another build.
    """
    places = [Place(one.chromosome, one.start, one.end, one.gene) for one in transcripts]
    found: dict[object, ObservedVariant] = {}
    notes: list[str] = []
    for path in paths:
        align = aligner(fasta) if fasta else None
        read = carried(path, sample, tables, places, build=build, align=align, quality=quality)
        for one in read.variants:
            before = found.get((one.allele, one.gene))
            found[one.allele, one.gene] = agreed(before, one) if before else one
        notes += _left(path.name, read.tally)
    return list(found.values()), tuple(notes)


def agreed(one: ObservedVariant, other: ObservedVariant) -> ObservedVariant:
    """Two records of one allele as one: a doubtful genotype yields to another; where two disagree neither holds."""
    if one.doubt or other.doubt:
        return other if one.doubt and not other.doubt else one
    if one.zygosity == other.zygosity:
        return one
    words = f"{one.zygosity} in {one.place}, {other.zygosity} in {other.place}"
    return replace(one, zygosity=Zygosity.UNKNOWN, phase_set=0, strand=-1, doubt=f"records disagree: {words}")


def of_genes(found: Sequence[ObservedVariant], genes: Collection[str]) -> list[ObservedVariant]:
    """Those in ``genes``, once for each: a table may name several genes at one place, with bars between them."""
    return [
        replace(one, gene=gene) for one in found for gene in dict.fromkeys(one.gene.split("|")) if gene in genes
    ]  # fmt: skip


def _left(name: str, tally: Tally) -> list[str]:
    """In words, what of a file was not looked up and may matter."""
    counts = {words: tally.excluded[words] for reason in _TOLD if (words := WORDS[reason]) in tally.excluded}
    left = [f"{name}: {count:,} alternatives were not looked up: {words}" for words, count in counts.items()]
    if tally.disagreeing:
        places = f"{tally.disagreeing:,} of {tally.agreeing + tally.disagreeing:,} places compared (first {tally.example})"
        left.append(f"{name}: REF differs from the table at {places}; those alleles were not found in it")
    return left
