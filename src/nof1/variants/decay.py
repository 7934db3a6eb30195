"""Whether a messenger with an early stop is expected to decay (nonsense-mediated decay), and by which rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from nof1.model.transcripts import Transcript
from nof1.variants.coordinates import in_order
from nof1.variants.frame import Edit, Effect
from nof1.variants.reading import Reading
from nof1.variants.terms import Term


class DecayRule(StrEnum):
    """Which rule speaks."""

    BEFORE_LAST_JUNCTION = "far enough before the last junction"
    SINGLE_EXON = "no junction"
    LAST_EXON = "in the last exon"
    NEAR_LAST_JUNCTION = "just before the last junction"


@dataclass(frozen=True, slots=True)
class DecayDistances:
    """``junction``: bases before the last junction within which a stop escapes; ``start``: coding bases from the start."""

    junction: int
    start: int


@dataclass(frozen=True, slots=True)
class Decay:
    """``is_expected`` follows from ``rule`` alone; ``is_near_start``: the stop is so early that translation may begin anew,
    by which such messengers often escape too. It is said and does not change ``is_expected``."""

    is_expected: bool
    rule: DecayRule
    is_near_start: bool


def decay(reading: Reading, edits: Sequence[Edit], done: Effect, distances: DecayDistances) -> Decay | None:
    """The fate of the messenger after ``done``, one group of all ``edits`` of a strand; ``None`` without an early stop.

    Distances are counted on the altered messenger, from the last base of the new stop codon.
    """
    if done.stop < 0 or not {Term.STOP_GAINED, Term.FRAMESHIFT} & done.terms or Term.START_LOST in done.terms:
        return None
    if done.stop >= len(reading.coding) + done.net - 3:
        return None
    near_start = done.stop < distances.start
    junction = last_junction(reading.transcript)
    if junction is None:
        return Decay(False, DecayRule.SINGLE_EXON, near_start)
    begin = 3 * done.first
    moved = sum(edit.net for edit in edits if begin <= edit.begin < junction and edit.begin <= done.stop + 3)
    left = junction + moved - (done.stop + 3)
    if left < 0:
        return Decay(False, DecayRule.LAST_EXON, near_start)
    if left < distances.junction:
        return Decay(False, DecayRule.NEAR_LAST_JUNCTION, near_start)
    return Decay(True, DecayRule.BEFORE_LAST_JUNCTION, near_start)


def last_junction(transcript: Transcript) -> int | None:
    """Bases from the first coding base to the last border between exons; ``None`` for a single exon.

    Where the untranslated parts are not known, the last border between coding parts counts.
    """
    exons = in_order(transcript)
    if len(exons) < 2:
        return None
    low, high = transcript.coding
    if transcript.strand > 0:
        before = sum(max(0, min(b, low - 1) - a + 1) for a, b in exons)
    else:
        before = sum(max(0, b - max(a, high + 1) + 1) for a, b in exons)
    return sum(b - a + 1 for a, b in exons[:-1]) - before
