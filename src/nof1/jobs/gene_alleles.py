"""The alleles of all of a person's files in genes, each once, and in words what of the files could not be looked up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nof1.genomics.fasta import Fasta
from nof1.genomics.file_alleles import WORDS, Reason
from nof1.genomics.shared_pass import SharedPass
from nof1.genomics.vcf import Quality
from nof1.jobs.aligned import LeftAligner
from nof1.jobs.allele_scan import Tally
from nof1.jobs.carried import Place, carried
from nof1.jobs.known_sites import genes_coding
from nof1.knowledge.variant_index import VariantIndex
from nof1.model.transcripts import Transcript
from nof1.model.variants import Allele, ObservedVariant, Zygosity

_PHASE_BITS = 32  # a phase set of a file is a number below 2**31
_TOLD = (Reason.SYMBOLIC, Reason.BREAKEND, Reason.OTHER_LETTERS, Reason.OTHER_MITOCHONDRION)


@dataclass(frozen=True, slots=True)
class Alleles:
    """What a person carries; ``files``: numbers of the files that tell of each allele. ``notes``: what of the files was left
    out; ``imputed``: why nothing is taken from them; ``structural``: changes of structure carried, with their names."""

    observed: tuple[ObservedVariant, ...]
    files: Mapping[Allele, frozenset[int]]
    notes: tuple[str, ...]
    imputed: str
    structural: tuple[tuple[Place, str], ...]


def read_alleles(
    paths: Sequence[Path], sample: str, tables: Sequence[VariantIndex], transcripts: Sequence[Transcript],
    fasta: Fasta | None, quality: Quality, build: str, also: Sequence[Place] = (), shares: SharedPass | None = None,
) -> Alleles:  # fmt: skip
    """What the person carries that tables know or that touches ``transcripts`` or places of ``also``.

    Raises ``GenomeError`` for a file that cannot be read or is on another build.
    """
    places = [*(Place(one.chromosome, one.start, one.end, one.gene) for one in transcripts), *also]
    found: dict[object, ObservedVariant] = {}
    files: dict[Allele, frozenset[int]] = {}
    notes: list[str] = []
    imputed, structural = "", list[tuple[Place, str]]()
    for number, path in enumerate(paths):
        align = LeftAligner(fasta) if fasta else None
        read = carried(path, sample, tables, places, build=build, align=align, quality=quality, shares=shares)
        for one in (_of_file(one, number, transcripts, also) for one in read.variants):
            before = found.get((one.allele, one.gene))
            found[one.allele, one.gene] = agreed(before, one) if before else one
            files[one.allele] = files.get(one.allele, frozenset()) | {number}
        notes += _left(path.name, read.tally)
        imputed = imputed or read.imputed
        structural += read.structural
    return Alleles(tuple(found.values()), files, tuple(notes), imputed, tuple(structural))


def _of_file(one: ObservedVariant, number: int, transcripts: Sequence[Transcript], also: Sequence[Place]) -> ObservedVariant:
    """``one`` with a phase set that no other file has, and with the genes in whose coding bases or place it is."""
    at, last = one.allele.position, one.allele.position + len(one.allele.ref) - 1
    there = [item.gene for item in also if item.chromosome == one.allele.chromosome and (item.start, item.end) == (at, last)]
    names = dict.fromkeys([*one.gene.split("|"), *genes_coding(transcripts, one.allele), *there])
    apart = one.phase_set + (number << _PHASE_BITS) if one.phase_set > 0 else one.phase_set - number
    return replace(one, gene="|".join(name for name in names if name), phase_set=apart if one.phase_set else 0)


def agreed(one: ObservedVariant, other: ObservedVariant) -> ObservedVariant:
    """Two records of one allele as one: a doubtful genotype yields to another; where two disagree neither holds."""
    if one.doubt or other.doubt:
        return other if one.doubt and not other.doubt else one
    if one.zygosity == other.zygosity:
        return _in_phase(one, other)
    words = f"{one.zygosity} in {one.place}, {other.zygosity} in {other.place}"
    return replace(one, zygosity=Zygosity.UNKNOWN, phase_set=0, strand=-1, doubt=f"records disagree: {words}")


def _in_phase(one: ObservedVariant, other: ObservedVariant) -> ObservedVariant:
    """Of two equal genotypes the phased one; none is phased where they stand on different strands of one phase set."""
    if one.phase_set and one.phase_set == other.phase_set and one.strand != other.strand:
        return replace(one, phase_set=0, strand=-1)
    return one if one.phase_set else other


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
