"""Positions counted along a transcript: which coding base, which exon, and the position as HGVS ``c.`` writes it."""

from __future__ import annotations

from itertools import pairwise

from nof1.model.transcripts import Segment, Transcript


def in_order(transcript: Transcript) -> tuple[Segment, ...]:
    """The exons in the order in which they are transcribed; each still first-last on the chromosome."""
    return transcript.exons if transcript.strand > 0 else transcript.exons[::-1]


def coding_offset(transcript: Transcript, position: int) -> int | None:
    """Coding bases before the base at ``position``, in the transcript's direction; ``None`` for a base not translated.

    >>> coding_offset(Transcript("G", "T", "chr1", -1, ((1, 10), (21, 30)), (8, 23)), 10)
    3
    """
    count = 0
    segments = transcript.coding_segments()
    for first, last in segments if transcript.strand > 0 else segments[::-1]:
        if first <= position <= last:
            return count + (position - first if transcript.strand > 0 else last - position)
        count += last - first + 1
    return None


def exon_number(transcript: Transcript, first: int, last: int) -> str:
    """``number/exons`` of the exon that ``first`` to ``last`` touch; empty for none, or where exons are missing."""
    if not transcript.has_untranslated:
        return ""
    exons = in_order(transcript)
    touched = [number for number, (a, b) in enumerate(exons, start=1) if first <= b and a <= last]
    return f"{touched[0]}/{len(exons)}" if touched else ""


def coding_position(transcript: Transcript, position: int) -> str:
    """A position on the chromosome as ``c.`` writes it; empty where untranslated parts are not known.

    Before the first exon and behind the last, counting goes on along the chromosome, as panels write it.

    >>> one = Transcript("G", "T", "chr1", 1, ((101, 110), (121, 130)), (105, 123))
    >>> [coding_position(one, position) for position in (101, 105, 111, 115, 116, 121, 124, 131)]
    ['-4', '1', '6+1', '6+5', '7-5', '7', '*1', '*8']
    """
    low, high = transcript.coding
    if not transcript.has_untranslated and not low <= position <= high:
        return ""
    exons = in_order(transcript)
    begins = _spliced(exons, low if transcript.strand > 0 else high, transcript.strand)
    ends = _spliced(exons, high if transcript.strand > 0 else low, transcript.strand)
    if begins is None or ends is None:
        return ""
    here = _spliced(exons, position, transcript.strand)
    if not transcript.start <= position <= transcript.end:
        is_before = (position < transcript.start) == (transcript.strand > 0)
        away = transcript.start - position if position < transcript.start else position - transcript.end
        here = -away if is_before else sum(last - first + 1 for first, last in exons) - 1 + away
    if here is not None:
        return _counted(here, begins, ends)
    for before, after in pairwise(exons):
        border, next_border = (before[1], after[0]) if transcript.strand > 0 else (before[0], after[1])
        past, ahead = abs(position - border), abs(next_border - position)
        if min(border, next_border) < position < max(border, next_border):
            known = _spliced(exons, border, transcript.strand)
            assert known is not None
            if past <= ahead:
                return f"{_counted(known, begins, ends)}+{past}"
            return f"{_counted(known + 1, begins, ends)}-{ahead}"
    return ""


def _spliced(exons: tuple[Segment, ...], position: int, strand: int) -> int | None:
    """Bases of the transcript before ``position``; ``None`` outside its exons."""
    count = 0
    for first, last in exons:
        if first <= position <= last:
            return count + (position - first if strand > 0 else last - position)
        count += last - first + 1
    return None


def _counted(offset: int, begins: int, ends: int) -> str:
    if offset > ends:
        return f"*{offset - ends}"
    return str(offset - begins + 1 if offset >= begins else offset - begins)
