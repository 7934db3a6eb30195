"""Names of changes by the HGVS nomenclature: ``g.`` and ``m.`` on a chromosome, ``c.`` on a transcript.

The 3' rule decides which of several equal places is named: the last one in the direction of the sequence that is named. A
transcript of the reverse strand is thus named at the other end of a repeat than its chromosome.
"""

from __future__ import annotations

from collections.abc import Callable

from nof1.model.alignment import Bare, bare, moved, room_left, room_right
from nof1.model.sequence import Window, reverse_complement
from nof1.model.transcripts import Transcript
from nof1.model.variants import Allele
from nof1.variants.coordinates import coding_position

_MITOCHONDRION = "chrM"


def genomic_name(allele: Allele, accession: str, window: Window) -> str:
    """``allele`` as ``accession:g.…`` (``m.`` on the mitochondrion); empty where the window ends too early.

    ``accession``: of the chromosome on the allele's build. Raises ``ValueError`` for an allele that is no plain sequence.

    >>> genomic_name(Allele("chr1", 12, "CA", "C"), "NC_000001.11", Window("chr1", 10, "GTCAAAT"))
    'NC_000001.11:g.15del'
    """
    named = _named(_plain(allele), window, 1, str)
    kind = "m" if allele.chromosome == _MITOCHONDRION else "g"
    return f"{accession}:{kind}.{named}" if named else ""


def coding_name(allele: Allele, transcript: Transcript, window: Window) -> str:
    """``allele`` as ``transcript:c.…``; empty outside what is known of the transcript, or where the window ends too early.

    Introns are read from the chromosome, so a change may be named across the border of an exon.
    """
    named = _named(_plain(allele), window, transcript.strand, lambda position: coding_position(transcript, position))
    return f"{transcript.id}:c.{named}" if named else ""


def _plain(allele: Allele) -> Bare:
    if (allele.ref + allele.alt).strip("ACGTN") or not (allele.ref and allele.alt):
        raise ValueError(f"{allele.ref}>{allele.alt} at {allele.chromosome}:{allele.position} is no plain sequence")
    return bare(allele.position, allele.ref, allele.alt)


def _named(change: Bare, window: Window, strand: int, counted: Callable[[int], str]) -> str:
    """The description behind ``g.`` or ``c.``; ``counted`` writes a position."""
    room, is_open = (room_right if strand > 0 else room_left)(change, window)
    if is_open:
        return ""
    change = moved(change, room if strand > 0 else -room)
    deleted, inserted = change.deleted, change.inserted
    if strand < 0:
        deleted, inserted = reverse_complement(deleted), reverse_complement(inserted)
    first, last = (change.start, change.end) if strand > 0 else (change.end, change.start)
    if not deleted and not inserted:
        here = counted(change.start)
        return here and f"{here}="
    if not deleted:
        return _insertion(change, inserted, window, strand, counted)
    span = _span(counted(first), counted(last), len(deleted))
    if not span or not inserted:
        return span and f"{span}del"
    if len(deleted) == len(inserted) == 1:
        return f"{span}{deleted}>{inserted}"
    if inserted == reverse_complement(deleted):
        return f"{span}inv"
    return f"{span}delins{inserted}"


def _insertion(change: Bare, inserted: str, window: Window, strand: int, counted: Callable[[int], str]) -> str:
    """A duplication where the bases before the place are those inserted, else an insertion."""
    size = len(inserted)
    low, high = (change.start - size, change.start - 1) if strand > 0 else (change.start, change.start + size - 1)
    if window.holds(low, high) and window.of(low, high) == change.inserted:
        first, last = (low, high) if strand > 0 else (high, low)
        span = _span(counted(first), counted(last), size)
        return span and f"{span}dup"
    before, behind = (change.start - 1, change.start) if strand > 0 else (change.start, change.start - 1)
    span = _span(counted(before), counted(behind), 2)
    return span and f"{span}ins{inserted}"


def _span(first: str, last: str, size: int) -> str:
    if not first or not last:
        return ""
    return first if size == 1 else f"{first}_{last}"
