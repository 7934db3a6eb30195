"""What parts of a transcript a change touches: splice sites and their regions, introns, untranslated and coding parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from nof1.model.alignment import Bare, moved, room_left, room_right
from nof1.model.sequence import Window
from nof1.model.transcripts import Segment, Transcript

MOST_MOVED = 2_000  # how far another place of the same change is looked for


@dataclass(frozen=True, slots=True)
class Distances:
    """Bases counted from the border of an exon: ``site`` of the intron; the region in exon and intron."""

    site: int
    region_exon: int
    region_intron: int


@dataclass(frozen=True, slots=True)
class Touched:
    """Parts of a transcript that a change touches."""

    donor: bool = False
    acceptor: bool = False
    region: bool = False
    intron: bool = False
    before: bool = False  # untranslated, before the start codon
    after: bool = False  # untranslated, behind the stop codon
    coding: bool = False

    @property
    def is_split(self) -> bool:
        """Whether a coding part and another part are both changed, so that the protein cannot be told."""
        return self.coding and (self.donor or self.acceptor or self.intron or self.before or self.after)


def best_placed(change: Bare, transcript: Transcript, window: Window, distances: Distances) -> Bare:
    """The nearest writing of the same change that leaves splice sites and the borders of the coding part alone, if any does.

    Deleting one of two equal bases left and right of a border leaves the site as it was: whichever base is named.
    """
    if not _harm(change, transcript, distances):
        return change
    left, right = min(room_left(change, window)[0], MOST_MOVED), min(room_right(change, window)[0], MOST_MOVED)
    others = sorted(range(-left, right + 1), key=abs)
    return min((moved(change, by) for by in others), key=lambda one: _harm(one, transcript, distances))


def _harm(change: Bare, transcript: Transcript, distances: Distances) -> int:
    parts = touched(change, transcript, distances)
    return 2 * (parts.donor or parts.acceptor) + parts.is_split


def touched(change: Bare, transcript: Transcript, distances: Distances) -> Touched:
    """The parts of ``transcript`` that ``change`` touches.

    An insertion touches what holds the base on either side of it. One between exon and intron lengthens the exon.
    """
    reach = distances.region_exon + 1
    near = (gap for gap in _gaps(transcript) if change.start <= gap[1] + reach and gap[0] - reach <= change.end)
    parts = [_of_intron(change, gap, transcript.strand, distances) for gap in near]
    low, high = transcript.coding
    left, right = any(_meets(change, (a, min(b, low - 1))) for a, b in transcript.exons), False
    right = any(_meets(change, (max(a, high + 1), b)) for a, b in transcript.exons)
    coding = any(_meets(change, segment) for segment in transcript.coding_segments())
    if not change.deleted:
        coding = coding and low < change.start <= high
        left, right = left and not coding, right and not coding
    before, after = (left, right) if transcript.strand > 0 else (right, left)
    return Touched(
        donor=any(part.donor for part in parts),
        acceptor=any(part.acceptor for part in parts),
        region=any(part.region for part in parts),
        intron=any(part.intron for part in parts),
        before=before,
        after=after,
        coding=coding,
    )


def _gaps(transcript: Transcript) -> Iterator[Segment]:
    for (_, last), (first, _) in pairwise(transcript.exons):
        yield last + 1, first - 1


def _of_intron(change: Bare, gap: Segment, strand: int, distances: Distances) -> Touched:
    first, last = gap
    low = (first, min(first + distances.site - 1, last))
    high = (max(last - distances.site + 1, first), last)
    on_low, on_high = _within(change, low), _within(change, high)
    reach = 0 if change.deleted else 1  # an insertion between the site and its region is in the region
    near = (
        (first - distances.region_exon, first - 1 + reach),
        (low[1] + 1 - reach, first + distances.region_intron - 1),
        (last - distances.region_intron + 1, high[0] - 1 + reach),
        (last + 1 - reach, last + distances.region_exon),
    )
    return Touched(
        donor=on_low if strand > 0 else on_high,
        acceptor=on_high if strand > 0 else on_low,
        region=any(_within(change, one) for one in near),
        intron=_within(change, gap),
    )


def _within(change: Bare, segment: Segment) -> bool:
    """Whether a changed base lies in ``segment``; an insertion must have bases of it on both sides."""
    first, last = segment
    if change.deleted:
        return change.start <= last and first <= change.end
    return first <= change.start - 1 and change.start <= last


def _meets(change: Bare, segment: Segment) -> bool:
    """The same, but a base of ``segment`` on one side of an insertion is enough."""
    first, last = segment
    if change.deleted:
        return change.start <= last and first <= change.end
    return first <= last and first <= change.start and change.start - 1 <= last
