"""What alleles of one strand do to a transcript: terms of the Sequence Ontology, names, and whether decay is expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nof1.model.alignment import Bare, bare, is_sequence
from nof1.model.sequence import reverse_complement
from nof1.model.transcripts import Transcript
from nof1.model.variants import Allele, Consequence
from nof1.variants.coordinates import coding_offset, exon_number
from nof1.variants.decay import Decay, DecayDistances, decay
from nof1.variants.frame import Edit, Effect, effect, groups
from nof1.variants.hgvs import coding_name
from nof1.variants.protein_names import NOT_KNOWN, protein_name
from nof1.variants.reading import Reading
from nof1.variants.regions import Distances, Touched, best_placed, touched
from nof1.variants.terms import Term, gravest_first

NOT_ASSESSED = "consequence not assessed"


@dataclass(frozen=True, slots=True)
class Rules:
    """The distances that rules on transcripts use, from ``gene_models/rules.yaml``."""

    splice: Distances
    decay: DecayDistances


@dataclass(frozen=True, slots=True)
class Found:
    """What was worked out for one allele, before it is written as a ``Consequence``.

    ``change``: as placed for the consequence; ``effect``: on the protein, where it could be told; ``together``: how many
    alleles of the strand were taken together for it.
    """

    allele: Allele
    change: Bare
    touched: Touched
    effect: Effect | None = None
    together: int = 1
    decay: Decay | None = None
    reason: str = ""


def consequences(reading: Reading, alleles: Sequence[Allele], rules: Rules) -> list[Consequence]:
    """The consequence of each of ``alleles``, all of one strand of one person, on the transcript of ``reading``.

    Alleles in one codon, or within one shifted frame, are taken together and each gets what they do together. The order of
    ``alleles`` is free and kept. An allele that cannot be assessed has no terms and a ``reason``.
    """
    return [written(reading, one) for one in find(reading, alleles, rules)]


def not_assessed(transcript: Transcript, why: str) -> Consequence:
    """The consequence on a transcript whose sequence is not at hand."""
    return Consequence(transcript.gene, transcript.id, (), reason=f"{NOT_ASSESSED}: {why}")


def find(reading: Reading, alleles: Sequence[Allele], rules: Rules) -> list[Found]:
    """The same as ``consequences``, with everything they were worked out from."""
    found = [_placed(reading, allele, rules) for allele in alleles]
    edits = sorted(
        ((_edit(reading.transcript, one.change), number) for number, one in enumerate(found) if _is_coding(one)),
        key=lambda pair: (pair[0].begin, pair[0].deleted),
    )
    edits = _without_overlaps(edits, found)
    for group in groups([edit for edit, _ in edits]):
        done = effect(reading, [edits[at][0] for at in group])
        fate = decay(reading, [edit for edit, _ in edits], done, rules.decay)
        for at in group:
            one = found[edits[at][1]]
            found[edits[at][1]] = Found(one.allele, one.change, one.touched, done, len(group), fate)
    return found


def _is_coding(one: Found) -> bool:
    """Whether the effect on the protein can be told: all of it is coding, or base stands for base, so part of it can be."""
    return not one.reason and one.touched.coding and (not one.touched.is_split or _keeps_length(one.change))


def _keeps_length(change: Bare) -> bool:
    return len(change.deleted) == len(change.inserted)


def _placed(reading: Reading, allele: Allele, rules: Rules) -> Found:
    transcript, window = reading.transcript, reading.window
    if not (is_sequence(allele.ref) and is_sequence(allele.alt)):
        return Found(allele, Bare(allele.position, "", ""), Touched(), reason=f"{allele.alt} is no plain sequence")
    change = bare(allele.position, allele.ref, allele.alt)
    first, last = allele.position, allele.position + len(allele.ref) - 1
    inner = (change.start, change.end) if change.deleted else (change.start - 1, change.start)
    is_inside = transcript.is_near(*inner) if change.deleted else transcript.start <= inner[0] and inner[1] <= transcript.end
    if allele.chromosome != transcript.chromosome or not is_inside:
        return Found(allele, change, Touched(), reason="it lies outside the transcript as known here")
    if not window.holds(first, last):
        return Found(allele, change, Touched(), reason="the sequence of the place is not at hand")
    if window.of(first, last) != allele.ref:
        return Found(allele, change, Touched(), reason=f"REF is {allele.ref}, the reference has {window.of(first, last)}")
    change = best_placed(change, transcript, window, rules.splice)
    return Found(allele, change, touched(change, transcript, rules.splice))


def _edit(transcript: Transcript, change: Bare) -> Edit:
    """The change in coding bases; an insertion at the border of an exon stands behind, or before, the base inside."""
    if _keeps_length(change):
        change = _coding_part(transcript, change)
    inserted = change.inserted if transcript.strand > 0 else reverse_complement(change.inserted)
    if change.deleted:
        begin = coding_offset(transcript, change.start if transcript.strand > 0 else change.end)
        assert begin is not None
        return Edit(begin, len(change.deleted), inserted)
    before, behind = (change.start - 1, change.start) if transcript.strand > 0 else (change.start, change.start - 1)
    at = coding_offset(transcript, behind)
    if at is None:
        known = coding_offset(transcript, before)
        assert known is not None
        at = known + 1
    return Edit(at, 0, inserted)


def _coding_part(transcript: Transcript, change: Bare) -> Bare:
    """What of a change of as many bases for as many is translated, in the first coding segment that it meets."""
    for first, last in transcript.coding_segments():
        low, high = max(first, change.start), min(last, change.end)
        if low <= high:
            cut = slice(low - change.start, high - change.start + 1)
            return Bare(low, change.deleted[cut], change.inserted[cut])
    return change


def _without_overlaps(edits: list[tuple[Edit, int]], found: list[Found]) -> list[tuple[Edit, int]]:
    """The edits without those that change what another has deleted: two such alleles cannot be on one strand."""
    kept: list[tuple[Edit, int]] = []
    for edit, number in edits:
        if kept and edit.begin < kept[-1][0].begin + kept[-1][0].deleted:
            one, other = found[number], found[kept[-1][1]]
            why = f"overlaps {other.allele.ref}>{other.allele.alt} at {other.allele.position} of the same strand"
            found[number] = Found(one.allele, one.change, one.touched, reason=why)
        else:
            kept.append((edit, number))
    return kept


def written(reading: Reading, one: Found) -> Consequence:
    """``one`` as what travels to the reader: terms gravest first, names, exon, decay."""
    transcript = reading.transcript
    if one.reason:
        return not_assessed(transcript, one.reason)
    terms = _terms(one)
    return Consequence(
        gene=transcript.gene,
        transcript=transcript.id,
        terms=gravest_first(terms),
        hgvs_c=coding_name(one.allele, transcript, reading.window),
        hgvs_p=_protein(reading, one),
        exon=exon_number(transcript, one.change.start, max(one.change.end, one.change.start)),
        decay="" if one.decay is None else ("expected" if one.decay.is_expected else "escaped"),
    )


def _terms(one: Found) -> set[Term]:
    parts = one.touched
    terms = set(one.effect.terms) if one.effect else set()
    if parts.donor:
        terms.add(Term.SPLICE_DONOR)
    if parts.acceptor:
        terms.add(Term.SPLICE_ACCEPTOR)
    if parts.region and not (parts.donor or parts.acceptor):
        terms.add(Term.SPLICE_REGION)
    if parts.coding and one.effect is None:
        terms |= _borders(parts) or {Term.CODING}
    if parts.before:
        terms.add(Term.BEFORE)
    if parts.after:
        terms.add(Term.AFTER)
    if parts.intron and not (parts.donor or parts.acceptor):
        terms.add(Term.INTRON)
    return terms


def _borders(parts: Touched) -> set[Term]:
    """A change across the border of the coding part takes the start or the stop codon with it."""
    lost = set()
    if parts.before:
        lost.add(Term.START_LOST)
    if parts.after:
        lost.add(Term.STOP_LOST)
    return lost


def _protein(reading: Reading, one: Found) -> str:
    if one.effect is not None and not one.touched.donor and not one.touched.acceptor:
        return protein_name(reading.protein, one.effect)
    return NOT_KNOWN if one.touched.donor or one.touched.acceptor or one.touched.coding else ""
