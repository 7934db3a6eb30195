"""A transcript on the chromosome: its exons, what of them is translated, and positions counted along it."""

from __future__ import annotations

from dataclasses import dataclass

Segment = tuple[int, int]  # first and last position on the chromosome, 1-based, both included


@dataclass(frozen=True, slots=True)
class Transcript:
    """One transcript of a gene on one build.

    ``exons``: ascending on the chromosome, whatever the strand. ``coding``: first and last translated position, the stop
    codon included; ``(0, 0)`` where nothing is translated. ``strand``: 1 or -1. ``has_untranslated``: ``exons`` show the
    untranslated parts too; where they do not, nothing is known outside ``coding``. ``role``: why it counts (``mane_select``,
    ``mane_plus_clinical``, ``named``).
    """

    gene: str
    id: str
    chromosome: str
    strand: int
    exons: tuple[Segment, ...]
    coding: Segment
    protein: str = ""
    ensembl: str = ""
    role: str = ""
    has_untranslated: bool = True

    @property
    def start(self) -> int:
        """The lowest position known of it."""
        return self.exons[0][0]

    @property
    def end(self) -> int:
        """The highest position known of it."""
        return self.exons[-1][1]

    def coding_segments(self) -> tuple[Segment, ...]:
        """What of each exon is translated, ascending.

        >>> Transcript("G", "T", "chr1", 1, ((1, 10), (21, 30)), (8, 23)).coding_segments()
        ((8, 10), (21, 23))
        """
        low, high = self.coding
        return tuple((max(a, low), min(b, high)) for a, b in self.exons if max(a, low) <= min(b, high))

    def coding_length(self) -> int:
        """Translated bases, the stop codon included."""
        return sum(b - a + 1 for a, b in self.coding_segments())

    def is_near(self, first: int, last: int) -> bool:
        """Whether any position from ``first`` to ``last`` lies in the transcript, introns included."""
        return first <= self.end and self.start <= last
