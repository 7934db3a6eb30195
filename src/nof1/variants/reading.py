"""A transcript with its sequence: what is translated, into which protein, and what follows the stop codon."""

from __future__ import annotations

from dataclasses import dataclass

from nof1.model.sequence import CODON, MITOCHONDRIAL_CODON, STOP, Window, reverse_complement, translate
from nof1.model.transcripts import Segment, Transcript

START_CODON_BASES = 3
_MITOCHONDRION = "chrM"


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read of a transcript, in its own direction. ``window`` covers it and some bases on either side.

    ``coding``: bases, the stop codon included. ``protein``: one letter a codon, the last ``*`` where it ends in a stop.
    ``after``: untranslated bases behind the stop codon.
    """

    transcript: Transcript
    window: Window
    coding: str
    protein: str
    after: str

    def table(self) -> dict[str, str]:
        """The genetic code that is spoken here."""
        return MITOCHONDRIAL_CODON if self.transcript.chromosome == _MITOCHONDRION else CODON

    def trouble(self) -> str:
        """Why this is no reading frame (wrong build, wrong sequence, wrong exons); empty where it is one.

        A frame begins with a start codon, ends with a stop codon and has no other stop.
        """
        if len(self.coding) % 3:
            return f"{len(self.coding)} coding bases are no whole codons"
        if self.protein[:1] != "M":
            return f"the first codon is {self.coding[:3]}, no start codon"
        if self.protein[-1:] != STOP:
            return f"the last codon is {self.coding[-3:]}, no stop codon"
        at = self.protein.find(STOP)
        return "" if at == len(self.protein) - 1 else f"a stop codon stands at codon {at + 1} of {len(self.protein)}"


def read(transcript: Transcript, window: Window) -> Reading | None:
    """``transcript`` as ``window`` spells it; ``None`` where the window lacks a coding base or nothing is translated."""
    segments = transcript.coding_segments()
    if not segments or window.chromosome != transcript.chromosome or not window.holds(*transcript.coding):
        return None
    coding = _spelled(segments, transcript.strand, window)
    table = MITOCHONDRIAL_CODON if transcript.chromosome == _MITOCHONDRION else CODON
    after = _spelled(_behind(transcript), transcript.strand, window)
    return Reading(transcript, window, coding, translate(coding, table), after)


def _behind(transcript: Transcript) -> tuple[Segment, ...]:
    """What of each exon lies behind the coding part."""
    low, high = transcript.coding
    if transcript.strand > 0:
        return tuple((max(first, high + 1), last) for first, last in transcript.exons if last > high)
    return tuple((first, min(last, low - 1)) for first, last in transcript.exons if first < low)


def _spelled(segments: tuple[Segment, ...], strand: int, window: Window) -> str:
    held = [segment for segment in segments if window.holds(*segment)]
    text = "".join(window.of(first, last) for first, last in held)
    return text if strand > 0 else reverse_complement(text)
