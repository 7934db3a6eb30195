"""Decay, loss of function and alleles of one strand on a small gene whose every base is known, on both strands."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from nof1.model.classification import VariantFacts
from nof1.model.sequence import Window, reverse_complement
from nof1.model.transcripts import Transcript
from nof1.model.variants import Allele, ObservedVariant, Zygosity
from nof1.variants.consequence import consequences
from nof1.variants.nonsense import Loss, loss_of_function, with_loss
from nof1.variants.reading import Reading, read
from nof1.variants.together import in_cis, observed_consequences
from variants.two_genes import rules

INTRON = "GTAAGT" + "C" * 30 + "TTTTTCAG"
FIRST = "CCTGC" + "ATG" + "GCA" * 40  # 5 untranslated bases, 41 codons
SECOND = "CTG" * 10 + "CT"  # 32 bases: skipping it shifts the frame
THIRD = "G" + "AAA" * 60  # ends codon 52
FOURTH = "TGG" * 5 + "TAA" + "GCC" * 20
GENE = INTRON[:0] + FIRST + INTRON + SECOND + INTRON + THIRD + INTRON + FOURTH
FLANK = "ACGTTGCA" * 5


def small_gene(strand: int) -> Reading:
    at, exons = len(FLANK) + 1, []
    for exon in (FIRST, SECOND, THIRD, FOURTH):
        exons.append((at, at + len(exon) - 1))
        at += len(exon) + len(INTRON)
    coding = (exons[0][0] + 5, exons[3][0] + 17)
    bases = FLANK + GENE + FLANK
    if strand < 0:
        total = len(bases) + 1
        exons = [(total - last, total - first) for first, last in exons[::-1]]
        coding = (total - coding[1], total - coding[0])
        bases = reverse_complement(bases)
    made = read(Transcript("G", "T.1", "chr1", strand, tuple(exons), coding), Window("chr1", 1, bases))
    assert made is not None and made.trouble() == ""
    return made


def allele(reading: Reading, offset: int, ref: str, alt: str) -> Allele:
    """A change given on the strand of the gene, ``offset`` bases into it; with an anchor where one is needed."""
    place, total = len(FLANK) + 1 + offset, len(reading.window.bases) + 1
    if reading.transcript.strand < 0:
        place, ref, alt = total - place - len(ref) + 1, reverse_complement(ref), reverse_complement(alt)
    if not ref or not alt:
        before = reading.window.of(place - 1, place - 1)
        place, ref, alt = place - 1, before + ref, before + alt
    assert reading.window.of(place, place + len(ref) - 1) == ref
    return Allele("chr1", place, ref, alt)


STARTS = {1: 0, 2: len(FIRST + INTRON), 3: len(FIRST + INTRON + SECOND + INTRON)}
STARTS[4] = STARTS[3] + len(THIRD + INTRON)
CODONS = 1 + 40 + 11 + 60 + 5


@pytest.mark.parametrize("strand", [1, -1])
@pytest.mark.parametrize(
    ("offset", "ref", "alt", "loss", "expected", "rule", "near_start", "first"),
    [
        (5 + 3 * 20, "GCA", "TAA", Loss.NONSENSE, True, "far enough before the last junction", True, 21),
        (STARTS[3] + 1 + 3 * 30, "A", "T", Loss.NONSENSE, True, "far enough before the last junction", False, 83),
        (STARTS[3] + 1 + 3 * 50, "A", "T", Loss.NONSENSE, False, "just before the last junction", False, 103),
        (STARTS[4], "TGG", "TGA", Loss.NONSENSE, False, "in the last exon", False, 113),
        (5 + 3 + 5, "A", "", Loss.FRAMESHIFT, None, "", False, 3),
        (5, "A", "G", Loss.START, None, "", False, 1),
        (5 + 3 + 4, "C", "T", Loss.NONE, None, "", False, 0),
    ],
)
def test_how_a_protein_ends(
    strand: int, offset: int, ref: str, alt: str, loss: Loss, expected: bool | None, rule: str, near_start: bool, first: int
) -> None:
    reading = small_gene(strand)
    found = loss_of_function(reading, allele(reading, offset, ref, alt), rules())
    assert (found.loss, found.is_near_start) == (loss, near_start)
    if loss is not Loss.FRAMESHIFT:
        assert (found.decay_expected, found.decay_rule) == (expected, rule)
    if loss is Loss.NONSENSE:
        assert found.share_lost == pytest.approx((CODONS - first + 1) / CODONS)
        assert found.stop_codon == first
    assert bool(found.unknown) == (loss is not Loss.NONE)


@pytest.mark.parametrize("strand", [1, -1])
def test_splice_sites(strand: int) -> None:
    reading = small_gene(strand)
    donor = loss_of_function(reading, allele(reading, STARTS[2] + len(SECOND), "G", "A"), rules())
    acceptor = loss_of_function(reading, allele(reading, STARTS[2] - 1, "G", "A"), rules())
    assert donor == acceptor
    assert (donor.loss, donor.exon, donor.exons, donor.keeps_frame) == (Loss.SPLICE_SITE, 2, 4, False)
    assert donor.share_lost == pytest.approx(32 / (3 * CODONS))
    one = consequences(reading, [allele(reading, STARTS[2] - 1, "G", "A")], rules())[0]
    facts = with_loss(VariantFacts("G", "a", one), donor)
    assert facts.skips_in_frame is False and facts.share_lost == donor.share_lost and facts.consequence is not None
    assert (one.decay, facts.consequence.decay, donor.decay_expected) == ("", "", None), "no stop follows in this frame"
    facts = with_loss(VariantFacts("G", "a", one), replace(donor, decay_expected=True))
    assert facts.consequence is not None and facts.consequence.decay == "expected"
    last = loss_of_function(reading, allele(reading, STARTS[4] - 2, "A", "T"), rules())
    assert last.exon == 4 and last.keeps_frame is None and math.isnan(last.share_lost) and last.decay_expected is None


def test_a_gene_of_one_exon_has_no_decay() -> None:
    bases = FLANK + "ATG" + "GCA" * 100 + "TAA" + FLANK
    one = Transcript("G", "T.1", "chr1", 1, ((41, 41 + 305),), (41, 41 + 305))
    reading = read(one, Window("chr1", 1, bases))
    assert reading is not None and reading.trouble() == ""
    found = loss_of_function(reading, Allele("chr1", 41 + 3 * 50, "G", "T"), rules())
    assert found.loss is Loss.NONE
    found = loss_of_function(reading, Allele("chr1", 41 + 3 * 50, "GCA", "TAG"), rules())
    assert (found.decay_expected, found.decay_rule) == (False, "no junction")


def observed(one: Allele, zygosity: Zygosity, phase_set: int = 0, strand: int = -1) -> ObservedVariant:
    return ObservedVariant(one, "G", zygosity, phase_set, strand)


@pytest.mark.parametrize("strand", [1, -1])
def test_only_a_known_phase_joins_two_alleles_of_a_codon(strand: int) -> None:
    reading = small_gene(strand)
    offset = 5 + 3 * 10
    one, other = allele(reading, offset, "G", "T"), allele(reading, offset + 1, "C", "A")  # TCA Ser, GAA Glu; together TAA
    het, hom = Zygosity.HETEROZYGOUS, Zygosity.HOMOZYGOUS

    def terms(first: ObservedVariant, second: ObservedVariant) -> list[str]:
        return [one.terms[0] for one in observed_consequences(reading, [first, second], rules())]

    alone, joined = "missense_variant", "stop_gained"
    assert terms(observed(one, het, 7, 0), observed(other, het, 7, 0)) == [joined, joined]
    assert terms(observed(one, het, 7, 0), observed(other, het, 7, 1)) == [alone, alone]
    assert terms(observed(one, het, 7, 0), observed(other, het, 8, 0)) == [alone, alone]
    assert terms(observed(one, het), observed(other, het)) == [alone, alone]
    assert terms(observed(one, hom), observed(other, hom)) == [joined, joined]
    assert terms(observed(one, het), observed(other, hom)) == [joined, alone]
    assert in_cis(observed(one, hom), [observed(other, het)]) == []


def test_what_cannot_be_assessed_says_why() -> None:
    reading = small_gene(1)
    first = len(FLANK) + 1
    for one, why in (
        (Allele("chr1", first, "G", "T"), "REF is G, the reference has C"),
        (Allele("chr1", first, "C", "<DEL>"), "no plain sequence"),
        (Allele("chr2", first, "C", "T"), "outside the transcript"),
        (Allele("chr1", first - 2, "C", "T"), "outside the transcript"),
    ):
        found = consequences(reading, [one], rules())[0]
        assert found.terms == () and "consequence not assessed" in found.reason and why in found.reason
    overlapping = [Allele("chr1", first + 9, "CAGC", "C"), Allele("chr1", first + 11, "G", "T")]
    kept, refused = consequences(reading, overlapping, rules())
    assert kept.terms == ("inframe_deletion",) and "overlaps" in refused.reason
