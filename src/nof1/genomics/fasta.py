"""Reference sequence from a FASTA file of the user: plain, read where it lies, or compressed by bgzip.

A contig may also be a stretch of a chromosome, named as ``samtools faidx`` names it (``chr17:43008077-43128366``): its bases
are then those positions, and the rest of the chromosome is not at hand.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nof1.errors import GenomeError
from nof1.genomics.contigs import build_of_lengths, chromosome
from nof1.genomics.fasta_index import BASES, Contig, index_of
from nof1.genomics.fasta_text import Blocks, Text
from nof1.model.alignment import Aligned, Numbers, Placed, left_align_many
from nof1.model.sequence import Window

_REGION = re.compile(r"(.+):([1-9]\d*)-([1-9]\d*)")
_FLANK = 1_000  # bases fetched on either side of a batch; what could be moved further is asked again with more
_SPAN = 8_000_000  # bases of one batch at most
_FURTHEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where a stretch of a chromosome lies in the file; ``start``: 1-based position of its first base."""

    chromosome: str
    start: int
    contig: Contig

    @property
    def end(self) -> int:
        """1-based position of its last base."""
        return self.start + self.contig.length - 1


@dataclass(frozen=True, slots=True)
class Fasta:
    """An open reference: ``stretches`` by chromosome in ``chr`` style, and the text they are read from."""

    path: Path
    stretches: dict[str, list[Stretch]]
    text: Text | Blocks

    def window(self, contig: str, first: int, last: int) -> Window:
        """The bases from ``first`` to ``last`` (1-based, both included) that are at hand; may be fewer, or none.

        The window begins at the first position asked that is there. Raises ``GenomeError`` for letters that are no bases.
        """
        name = chromosome(contig)
        for stretch in self.stretches.get(name, ()):
            low, high = max(first, stretch.start), min(last, stretch.end)
            if low <= high:
                return Window(name, low, self._bases(stretch, low, high))
        return Window(name, first, "")

    def _bases(self, stretch: Stretch, low: int, high: int) -> str:
        begin = stretch.contig.place(low - stretch.start)
        raw = self.text.read(begin, stretch.contig.place(high - stretch.start) + 1)
        bases = raw.translate(None, b"\r\n").upper()
        where = f"{stretch.contig.name}:{low}-{high}"
        if len(bases) == high - low + 1 and (odd := bases.translate(None, BASES)):
            raise GenomeError(
                f"{self.path.name}: {where} holds {odd[:1].decode('latin-1')!r}, which is no base; bring a sequence of DNA"
            )
        if len(bases) != high - low + 1:
            raise GenomeError(f"{self.path.name}: {where} is no sequence as the index says; remove its .fai and try again")
        return bases.decode("ascii")

    def holds(self, contig: str) -> bool:
        """Whether anything of a contig, named in any style, is at hand."""
        return chromosome(contig) in self.stretches

    def build(self) -> str:
        """The genome build its contig lengths name; empty where none does or they contradict each other."""
        return build_of_lengths(self.whole())

    def whole(self) -> list[tuple[str, int]]:
        """Chromosomes that are no stretches, with their lengths."""
        return [
            (name, stretches[0].contig.length)
            for name, stretches in self.stretches.items()
            if len(stretches) == 1 and stretches[0].start == 1
        ]

    def normal_forms(self, contig: str, positions: Numbers, refs: Sequence[str], alts: Sequence[str]) -> Aligned:
        """Alleles of one contig in their normal form; ``positions`` (alleles,) int64, 1-based, best in order.

        See ``nof1.model.alignment.left_align_many``. Alleles of a contig that is not there are ``NOT_AT_HAND``.
        """
        result = Aligned(positions.copy(), list(refs), list(alts), np.full(len(refs), Placed.NOT_AT_HAND, dtype=np.int8))
        for rows in _batches(positions):
            self._fill(result, contig, rows, positions, refs, alts, _FLANK)
        flank = _FLANK * 32
        while flank <= _FURTHEST and (open_ones := np.flatnonzero(result.placed == Placed.AT_THE_EDGE)).size:
            for row in open_ones:
                self._fill(result, contig, np.array([row]), positions, refs, alts, flank)
            flank *= 32
        return result

    def _fill(
        self,
        result: Aligned,
        contig: str,
        rows: Numbers,
        positions: Numbers,
        refs: Sequence[str],
        alts: Sequence[str],
        flank: int,
    ) -> None:
        listed = rows.tolist()
        own_refs, own_alts = [refs[row] for row in listed], [alts[row] for row in listed]
        sizes = np.fromiter(map(len, own_refs), dtype=np.int64, count=len(listed))
        first = max(int(positions[rows].min()) - flank, 1)
        last = int((positions[rows] + sizes).max()) + 1
        window = self.window(contig, first, last)
        done = left_align_many(positions[rows], own_refs, own_alts, window)
        result.positions[rows], result.placed[rows] = done.positions, done.placed
        for row, ref, alt in zip(listed, done.refs, done.alts, strict=True):
            result.refs[row], result.alts[row] = ref, alt


def _batches(positions: Numbers) -> Iterable[Numbers]:
    """Rows in order of position, cut where a batch would span too much sequence."""
    order = np.argsort(positions, kind="stable")
    ordered = positions[order]
    begin = 0
    while begin < len(order):
        end = int(np.searchsorted(ordered, ordered[begin] + _SPAN, side="right"))
        yield order[begin:end]
        begin = end


def open_fasta(path: Path, index_folder: Path | None = None) -> Fasta:
    """The reference in ``path``, with its ``.fai`` (and ``.gzi``) if there are any that fit, else with new ones.

    New index files are written beside the file where ``index_folder`` is not given, and only kept in memory where that
    cannot be written. Raises ``GenomeError`` for a file that is no FASTA, is compressed by gzip rather than bgzip, is cut
    short, or names one chromosome twice.
    """
    text = _text(path)
    stretches: dict[str, list[Stretch]] = {}
    for contig in index_of(path, text, index_folder):
        stretch = _stretch(contig)
        others = stretches.setdefault(stretch.chromosome, [])
        for other in others:
            if stretch.start <= other.end and other.start <= stretch.end:
                twice = f"{contig.name!r} and {other.contig.name!r}"
                raise GenomeError(f"{path.name}: {twice} are the same part of {stretch.chromosome}; remove one")
        others.append(stretch)
    return Fasta(path, stretches, text)


def _text(path: Path) -> Text | Blocks:
    try:
        with open(path, "rb") as file:
            head = file.read(18)
            if head[:2] == b"\x1f\x8b":
                return Blocks.of(path, head)
            if head[:1] != b">":
                raise GenomeError(f"{path.name} begins with {head[:1]!r}; a FASTA file begins with '>'")
            return Text(path, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except OSError as error:
        raise GenomeError(f"{str(path)!r} cannot be read ({error.strerror}); name a FASTA file") from None


def _stretch(contig: Contig) -> Stretch:
    if (match := _REGION.fullmatch(contig.name)) and int(match[3]) - int(match[2]) + 1 == contig.length:
        return Stretch(chromosome(match[1]), int(match[2]), contig)
    return Stretch(chromosome(contig.name), 1, contig)
