"""Consequences on the two genes whose sequence is at hand: equal to ``bcftools csq``, every difference with its reason."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from nof1.model.alignment import Placed, bare, left_align
from nof1.model.variants import Allele
from nof1.variants.consequence import consequences, find
from nof1.variants.reading import Reading
from variants.two_genes import BCFTOOLS, GENES, csq, opened, reading_of, rules

pytestmark = pytest.mark.skipif(BCFTOOLS is None, reason="bcftools absent: apt-get install bcftools to run this test")
PROTEIN = {"coding_sequence_variant", "frameshift_variant", "inframe_deletion", "inframe_insertion", "missense_variant"}
PROTEIN |= {"stop_gained", "stop_lost", "start_lost", "synonymous_variant", "stop_retained_variant"}


def drawn(reading: Reading, count: int, seed: int, *, inside: bool = False) -> list[Allele]:
    """Alleles in and around exons, nearly half at their borders; ``inside``: only within coding parts."""
    rng = np.random.default_rng(seed)
    transcript = reading.transcript
    borders = [place + by for pair in transcript.exons for place in pair for by in range(-12, 13)]
    borders += [place + by for place in transcript.coding for by in range(-6, 7)]
    spots = [place for first, last in transcript.exons for place in range(first - 12, last + 13)]
    if inside:
        spots = [place for first, last in transcript.coding_segments() for place in range(first + 15, last - 25)]
    found: set[Allele] = set()
    while len(found) < count:
        at = int(rng.choice(spots if inside or rng.random() < 0.6 else borders))
        kind, size = rng.integers(0, 6), int(rng.choice([1, 1, 2, 3, 3, 4, 6, 9]))
        ref = reading.window.of(at, at)
        if kind <= 2:
            alt = str(rng.choice(list("ACGT")))
        elif kind == 3:
            ref, alt = reading.window.of(at, at + size), ref
        elif kind == 4:
            alt = ref + "".join(rng.choice(list("ACGT"), size))
        else:
            ref, alt = reading.window.of(at, at + size - 1), "".join(rng.choice(list("ACGT"), size))
        if ref != alt:
            *normal, placed = left_align(at, ref, alt, reading.window)
            assert placed is Placed.ALIGNED
            found.add(Allele(transcript.chromosome, *normal))
    return sorted(found)


def kind_of(allele: Allele) -> str:
    if len(allele.ref) == len(allele.alt):
        return "single" if len(allele.ref) == 1 else "several"
    return "deletion" if len(allele.ref) > len(allele.alt) else "insertion"


def without_intron(terms: set[str]) -> set[str]:
    return terms - {"intron_variant"} if "splice_region_variant" in terms else terms


def places(reading: Reading, allele: Allele) -> list[tuple[int, int]]:
    """First and last changed base (for an insertion the bases on either side) of every writing of the same haplotype."""
    change, bases, start = bare(allele.position, allele.ref, allele.alt), reading.window.bases, reading.window.start
    if change.deleted and change.inserted:
        return [(change.start, change.end)]
    at = change.start - start
    haplotype = bases[:at] + change.inserted + bases[at + len(change.deleted) :]
    size, net = len(change.deleted or change.inserted), len(haplotype) - len(bases)
    found = []
    for other in range(at - 60, at + 61):
        shifted = haplotype[:other] + (bases[other : other - net] if net < 0 else "") + haplotype[other + max(net, 0) :]
        if shifted == bases:
            found.append((other + start, other + start + size - 1) if net < 0 else (other + start - 1, other + start))
    return found


def reason(reading: Reading, allele: Allele, ours: set[str], theirs: set[str], amino: str) -> str:
    """Why csq says something else; empty for none of the known reasons."""
    more, less, kind = ours - theirs, theirs - ours, kind_of(allele)
    exons, site = reading.transcript.exons, {"splice_donor_variant", "splice_acceptor_variant"}
    change = bare(allele.position, allele.ref, allele.alt)
    crosses = any(change.start <= b < change.end or change.start < a <= change.end for a, b in exons)
    spots = places(reading, allele)
    if kind == "several" and more == {"stop_gained"} and less == {"missense_variant"} and amino.endswith("*"):
        return "csq names the first change of amino acids only"
    if kind == "several" and crosses and less | more <= PROTEIN and site & ours & theirs:
        return "csq tells the protein at one end of an exon only, and there counts bases of the intron as coding"
    border = {(b, b + 1) for _, b in exons} | {(a - 1, a) for a, _ in exons}
    if kind == "insertion" and border & set(spots) and less <= site | {"synonymous_variant"} and not site & ours:
        return "inserted between exon and intron: csq asks which side is written"
    third = {(a + 2, a + 3) for a, _ in exons}
    if kind == "insertion" and less == {"splice_region_variant"} and not more and third & set(spots):
        return "inserted behind the third base of an exon: csq counts it to the region at one end only"
    if kind == "deletion" and any(a <= x and y <= b for x, y in spots for a, b in exons) and crosses_some(spots, exons):
        return "the same deletion can be written within the exon, which leaves the splice site as it is"
    if kind in ("deletion", "insertion") and less <= site | {"synonymous_variant"} and not site & ours and len(spots) > 1:
        return "the same change can be written beside the splice site, which is left as it is"
    if kind == "deletion" and crosses and more <= {"coding_sequence_variant"} and less <= PROTEIN:
        return "deleted across the border of an exon: csq counts the bases of the exon as if the site were used"
    if kind == "deletion" and not more and less == {"synonymous_variant"} and site & ours:
        return "csq says beside the site that the bases there are the same again"
    if kind == "insertion" and less == {"start_lost"} and find(reading, [allele], rules())[0].effect.protein[0] == "M":  # type: ignore[union-attr]
        return "inserted at the start codon, which is read as before"
    if kind == "deletion" and more == {"start_lost"} and less == {"coding_sequence_variant"}:
        return "csq does not say what a deletion across the start codon does"
    if "5_prime_UTR_variant" in ours & theirs and crosses and more <= site:
        return "csq names no splice site beside an untranslated part"
    return ""


def crosses_some(spots: list[tuple[int, int]], exons: tuple[tuple[int, int], ...]) -> bool:
    return any(not (a <= x and y <= b) and x <= b and a <= y for x, y in spots for a, b in exons) or any(
        not any(a <= x and y <= b for a, b in exons) for x, y in spots
    )


@pytest.mark.parametrize("count", [2000, pytest.param(6000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("gene", GENES)
def test_each_allele_alone(gene: str, count: int, reference_data: Path, tmp_path: Path) -> None:
    reading = reading_of(gene, opened(reference_data, tmp_path))
    alleles = drawn(reading, count, 5)
    kinds = Counter(map(kind_of, alleles))
    assert min(kinds[kind] for kind in ("single", "several", "deletion", "insertion")) > count / 9
    differences: Counter[tuple[str, str]] = Counter()
    unexplained = []
    for allele, ((said, amino),) in zip(
        alleles, csq(reading, [[one] for one in alleles], tmp_path, alone=True), strict=True
    ):
        one = consequences(reading, [allele], rules())[0]
        ours, theirs = without_intron(set(one.terms)), without_intron(said)
        if ours != theirs:
            why = reason(reading, allele, ours, theirs, amino)
            differences[kind_of(allele), why] += 1
            if not why:
                unexplained.append(f"{allele} ours {sorted(ours)} csq {sorted(theirs)} {amino[:40]}")
        elif kind_of(allele) == "single" and amino:
            check_name(one.hgvs_p, amino)
    assert unexplained == []
    assert not [key for key in differences if key[0] == "single"]
    assert sum(differences.values()) < 0.025 * len(alleles), differences


def check_name(name: str, amino: str) -> None:
    """``p.(Arg12Cys)`` against ``12R>12C``, where the name says an amino acid."""
    from nof1.model.sequence import THREE_LETTERS

    if name in ("p.?", "p.(Met1?)") or "ext" in name:
        return
    before, _, after = amino.partition(">")
    place = before.rstrip("ACDEFGHIKLMNPQRSTVWY*")
    last = after[len(place) :] if after else ""
    assert name == f"p.({THREE_LETTERS[before[-1]]}{place}{THREE_LETTERS[last] if last else '='})"


@pytest.mark.slow
@pytest.mark.parametrize("gene", GENES)
def test_within_coding_parts_all_agree_and_stop_at_the_same_codon(gene: str, reference_data: Path, tmp_path: Path) -> None:
    reading = reading_of(gene, opened(reference_data, tmp_path))
    alleles = drawn(reading, 3000, 6, inside=True)
    stops = 0
    for allele, ((theirs, amino),) in zip(
        alleles, csq(reading, [[one] for one in alleles], tmp_path, alone=True), strict=True
    ):
        effect = find(reading, [allele], rules())[0].effect
        assert effect is not None
        ours = set(consequences(reading, [allele], rules())[0].terms)
        assert ours == theirs or reason(reading, allele, ours, theirs, amino), (allele, ours, theirs, amino[:60])
        _, _, after = amino.partition(">")
        if "frameshift_variant" in ours and after.endswith("*"):
            digits = "".join(letter for letter in after if letter.isdigit())
            assert len(effect.protein) == int(digits) + len(after) - len(digits) - 1
            stops += 1
    assert stops > 300


@pytest.mark.parametrize("gene", GENES)
def test_two_alleles_of_one_strand_are_taken_together(gene: str, reference_data: Path, tmp_path: Path) -> None:
    reading = reading_of(gene, opened(reference_data, tmp_path))
    rng, people = np.random.default_rng(11), []
    alleles = drawn(reading, 3000, 12, inside=True)
    for one, other in pairwise(alleles):
        apart = bare(other.position, other.ref, other.alt).start - 1 - bare(one.position, one.ref, one.alt).end
        if 0 < apart < 40 and other.position > one.position + len(one.ref) and rng.random() < 0.9:
            people.append([one, other])
    people = people[:250]
    assert len(people) > 150
    together = differences = by_anchor = 0
    for pair, theirs in zip(people, csq(reading, people, tmp_path, alone=False), strict=True):
        ours = consequences(reading, pair, rules())
        linked = any(term.startswith("@") for terms, _ in theirs for term in terms)
        found = find(reading, pair, rules())
        want = set().union(*(terms for terms, _ in theirs))
        have = set().union(*(one.terms for one in ours))
        want = {term for term in want if not term.startswith("@")}
        if linked and found[0].together == 1:
            assert any(len(one.ref) != len(one.alt) for one in pair), (pair, theirs, ours)
            by_anchor += 1  # csq counts the base in front of an insertion or deletion to what it changes
            continue
        if not linked and found[0].together == 2 and any(kind_of(one) == "several" for one in pair):
            continue  # csq looks at the first of several bases only to tell which codon they end in
        assert linked == (found[0].together == 2), (pair, theirs, ours)
        together += linked
        if linked:
            assert ours[0].terms == ours[1].terms
        differences += have != want
        agree = have == want or have - want == {"stop_gained"} or want - have == {"missense_variant"}
        if "stop_gained" in have & want and not any((len(one.ref) - len(one.alt)) % 3 for one in pair):
            agree = agree or want - have == {"frameshift_variant"}  # csq says so of any two alleles that make a stop
        assert agree, (pair, sorted(want), sorted(have), [amino for _, amino in theirs])
    assert together > 40 and differences < 10 and by_anchor < 0.1 * len(people)


def test_rules_come_from_knowledge() -> None:
    assert (rules().splice.site, rules().splice.region_exon, rules().splice.region_intron) == (2, 3, 8)
    assert (rules().decay.junction, rules().decay.start) == (50, 100)
