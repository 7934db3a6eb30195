"""Finds the lines near the panel in a VCF text without an index, leaving their parsing to the VCF library.

Parsing every genotype of a whole genome to use a thousand of them is most of the work; looking at five columns is not.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nof1.errors import GenomeError
from nof1.genomics.columns import ALT, CHROM, REF, Contigs, Malformed, Records, positions, records
from nof1.genomics.inflate import VcfText, in_order
from nof1.model.allele_arrays import Bytes, Ints

BUCKET = 14  # extents are kept for every 16,384 bases
_THREADS = 2
_END = re.compile(rb"(?:^|[;\t])END=(\d+)")
_LENGTH = re.compile(rb"(?:^|[;\t])SVLEN=([-\d,]+)")
_NUMBER = re.compile(rb"\d+")
_END_LINE = b'##INFO=<ID=END,Number=1,Type=Integer,Description="End">'
_DOT, _LESS, _ZERO, _TAB, _SEMICOLON = b".<0\t;"
_FOUR = 4
_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Window:
    """Bases ``start`` through ``end`` of a chromosome (``chr`` style)."""

    chromosome: str
    start: int
    end: int


@dataclass
class Extents:
    """First and last record of every 16,384 bases that have any, by chromosome."""

    found: dict[str, dict[int, tuple[int, int]]] = field(default_factory=dict)

    def add(self, chrom: str, low: int, high: int) -> None:
        """Take in records from ``low`` through ``high`` of one bucket."""
        buckets = self.found.setdefault(chrom, {})
        before = buckets.get(low >> BUCKET, (low, high))
        buckets[low >> BUCKET] = (min(low, high, before[0]), max(low, high, before[1]))

    def starts(self, chrom: str) -> list[int]:
        """Positions of some records, ascending: at least the first and last of every bucket."""
        return sorted(edge for extent in self.found.get(chrom, {}).values() for edge in extent)


Touches = Callable[[str, int, int], bool]  # chromosome, first base, last base -> is there a window?


class Overlap:
    """Answers quickly whether an interval touches any window."""

    def __init__(self, windows: Sequence[Window]) -> None:
        edges: dict[str, tuple[list[int], list[int]]] = {}
        for window in windows:
            starts, ends = edges.setdefault(window.chromosome, ([], []))
            starts.append(window.start)
            ends.append(window.end)
        self.arrays = {name: _sorted(np.array(low), np.array(high)) for name, (low, high) in edges.items()}
        self._lists: dict[str, tuple[list[int], list[int]]] = {}

    @classmethod
    def of_positions(cls, positions: Mapping[str, Ints]) -> Overlap:
        """Of single bases, by chromosome."""
        made = cls(())
        made.arrays = {name: _sorted(places, places) for name, places in positions.items()}
        return made

    def touches(self, chrom: str, start: int, end: int) -> bool:
        """Whether bases ``start`` through ``end`` meet a window."""
        if chrom not in self._lists:
            arrays = self.arrays.get(chrom)
            self._lists[chrom] = (arrays[0].tolist(), arrays[1].tolist()) if arrays else ([], [])
        starts, ends = self._lists[chrom]
        index = bisect_right(starts, end) - 1
        return index >= 0 and ends[index] >= start

    def touched(self, chrom: str, start: Ints, end: Ints) -> NDArray[np.bool_]:
        """The same of many intervals, (intervals,)."""
        if chrom not in self.arrays:
            return np.zeros(len(start), bool)
        starts, ends = self.arrays[chrom]
        index = np.searchsorted(starts, end, "right") - 1
        return (index >= 0) & (ends[np.maximum(index, 0)] >= start)


def _sorted(starts: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """Intervals by their begin, each with the farthest end so far."""
    order = np.argsort(starts, kind="stable")
    return starts[order], np.maximum.accumulate(ends[order])


@dataclass(frozen=True, slots=True)
class _Near:
    """Of a piece of text: the lines near windows (number in the piece, line), edges of runs of records, lines read."""

    kept: list[tuple[int, bytes]]
    runs: list[tuple[str, int, int]]
    read: int
    sifted: Any = None


@dataclass(frozen=True, slots=True)
class Kept:
    """(Line number, line) of records near some windows, and where the records of the whole file lie.

    ``sifted``: what a sieve made of others that are near them, each with the number of lines before its piece.
    """

    lines: list[tuple[int, bytes]]
    extents: Extents
    sifted: list[tuple[int, Any]] = field(default_factory=list)

    def text(self) -> Bytes:
        """The lines as one text."""
        return np.frombuffer(b"".join(line + b"\n" for _, line in self.lines), np.uint8)


class Shares(Protocol):
    """One reading of a file for several who ask."""

    def covers(self, windows: Sequence[Window]) -> bool:
        """Whether lines near all of ``windows`` are among those that are kept."""

    def kept(self, text: TextFile, progress: Callable[[int], None] | None = None) -> Kept:
        """The lines that are kept of ``text``."""


class Sieve(Protocol):
    """Takes records out of a piece of text that need not be handed on as lines."""

    def sift(
        self, found: Records, chosen: Ints, contig: NDArray[np.int32], start: Ints, contigs: Contigs
    ) -> tuple[NDArray[np.bool_], Any]:
        """Which of the ``chosen`` records are taken, (chosen,), and what is made of them."""


class TextFile:
    """The header of a VCF text, and its lines near some windows. ``shares``: where they are taken from if they are there."""

    def __init__(self, path: Path, shares: Shares | None = None) -> None:
        self.path = path
        self._text = VcfText(path)
        self._shares = shares
        self.header, self.samples = self._text.header, self._text.samples

    def scan(
        self, windows: Sequence[Window] | Overlap, progress: Callable[[int], None] | None
    ) -> tuple[list[tuple[int, bytes]], Extents]:
        """(line number, line) of every record that touches ``windows``, and where records lie.

        Raises ``GenomeError`` with the first line that is no record, or for a file cut short.
        """
        if isinstance(windows, Overlap):
            found = self.read(windows, progress)
        elif self._shares is not None and self._shares.covers(windows):
            found = self._again(self._shares.kept(self, progress), Overlap(windows))
        else:
            found = self.read(Overlap(windows), progress)
        return found.lines, found.extents

    def _again(self, kept: Kept, overlap: Overlap) -> Kept:
        """Of lines that were kept, those near ``overlap``."""
        if not kept.lines:
            return kept
        near = self._near(kept.text(), overlap, Contigs(""))
        return Kept([kept.lines[number] for number, _ in near.kept], kept.extents)

    def read(
        self, overlap: Overlap, progress: Callable[[int], None] | None, sieve: Sieve | None = None
    ) -> Kept:  # fmt: skip
        """What ``scan`` gives, out of the file. ``sieve`` takes records out of them."""
        sifted: list[tuple[int, Any]] = []
        extents, kept, number, contigs = Extents(), list[tuple[int, bytes]](), len(self.header), Contigs("")

        def near(piece: Bytes) -> _Near | Malformed:
            try:
                return self._near(piece, overlap, contigs, sieve)
            except Malformed as problem:
                return problem

        with ThreadPoolExecutor(_THREADS) as pool:
            for found in in_order(pool, near, self._text.pieces(pool)):
                if isinstance(found, Malformed):
                    raise GenomeError(f"{self.path} line {number + found.line + 1}: {found.problem}")
                kept += [(number + line + 1, text) for line, text in found.kept]
                if found.sifted is not None:
                    sifted.append((number, found.sifted))
                for run in found.runs:
                    extents.add(*run)
                number += found.read
                if progress is not None:
                    progress(found.read)
        return Kept(kept, extents, sifted)

    def _near(self, piece: Bytes, overlap: Overlap, contigs: Contigs, sieve: Sieve | None = None) -> _Near:
        found = records(piece, self._text.columns)
        contig, start = contigs.of(found), positions(found, (CHROM,))
        end = last_bases(found, start)
        touched = np.zeros(len(found), bool)
        for number in np.unique(contig).tolist():
            mine = np.flatnonzero(contig == number)
            touched[mine] = overlap.touched(contigs.names[number], start[mine], end[mine])
        whole, sifted = np.flatnonzero(touched), None
        if sieve is not None:
            is_taken, sifted = sieve.sift(found, whole, contig, start, contigs)
            whole = whole[~is_taken]
        lines = [
            found.text[begin:stop].tobytes()
            for begin, stop in zip(found.starts[whole].tolist(), found.ends[whole, -1].tolist(), strict=True)
        ]
        kept = list(zip(found.lines[whole].tolist(), lines, strict=True))
        return _Near(kept, _runs(contig, start, contigs), found.read, sifted)

    def excerpt(self, kept: Sequence[tuple[int, bytes]]) -> bytes:
        """A VCF of the header, as far as it speaks about them, and the lines ``kept``."""
        contigs = dict.fromkeys(line.split(b"\t", 1)[0] for _, line in kept)
        named = [b"##contig=<ID=" + name + b">" for name in contigs]  # the library needs them
        header = [line for line in self.header if not line.startswith(b"##contig=<")]
        if not any(line.startswith(b"##INFO=<ID=END,") for line in header):
            header.insert(1, _END_LINE)
        header = [*header[:-1], *named, header[-1]]
        return b"\n".join([*header, *(line for _, line in kept)]) + b"\n"


def _runs(contig: NDArray[np.int32], start: Ints, contigs: Contigs) -> list[tuple[str, int, int]]:
    """Chromosome, first and last position of each run of records in one bucket."""
    if not len(start):
        return []
    bucket = start >> BUCKET
    begins = np.flatnonzero(np.append(True, (bucket[1:] != bucket[:-1]) | (contig[1:] != contig[:-1])))
    lasts = np.append(begins[1:], len(start)) - 1
    edges = zip(contig[begins].tolist(), start[begins].tolist(), start[lasts].tolist(), strict=True)
    return [(contigs.names[number], low, high) for number, low, high in edges]


def last_bases(found: Records, start: Ints) -> Ints:
    """The last base that each record speaks about, (records,): of REF, or as INFO says (blocks, symbolic alternatives)."""
    end: Ints = start + np.maximum(found.ends[:, REF] - found.begin(REF), 1) - 1
    alt, length = found.begin(ALT), found.ends[:, ALT] - found.begin(ALT)
    named = found.text[alt]
    may = (named == _DOT) & (length == 1)
    if (angles := np.flatnonzero(found.text == _LESS)).size:
        owner = np.searchsorted(alt, angles, "right") - 1
        owner, angles = owner[owner >= 0], angles[owner >= 0]
        may[owner[angles < found.ends[owner, ALT]]] = True
    chosen = np.flatnonzero(may)
    if not chosen.size:
        return end
    stated = _stated_ends(found, chosen)
    end[chosen] = np.maximum(end[chosen], stated)
    for one in chosen[np.isin(chosen, _owners(found, b"SVLEN=")[0])].tolist():
        rest = found.text[int(found.ends[one, ALT]) + 1 : int(found.ends[one, -1])].tobytes()
        end[one] = max(int(end[one]), written_end(int(start[one]), found.field(one, ALT), rest))
    return end


def _stated_ends(found: Records, chosen: Ints) -> Ints:
    """The last base by INFO END of ``chosen`` records, 0 where it is not given."""
    owner, at = _owners(found, b"END=")
    digit = found.text[at] - np.uint8(_ZERO)
    owner, at = owner[digit <= 9], at[digit <= 9]
    owner, firsts = np.unique(owner, return_index=True)
    at = at[firsts]
    value, going = np.zeros(len(at), np.int64), np.arange(len(at))
    for place in range(_MOST_DIGITS):
        digit = found.text[at[going] + place] - np.uint8(_ZERO)
        going, digit = going[digit <= 9], digit[digit <= 9]
        if not going.size:
            break
        value[going] = value[going] * 10 + digit
    ends = np.zeros(len(found), np.int64)
    ends[owner] = value
    return ends[chosen]


def _owners(found: Records, word: bytes) -> tuple[Ints, Ints]:
    """The records that have ``word`` (NAME=, four letters or more) behind ALT, and where its value begins."""
    text = found.text
    if len(text) < len(word):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    fours = np.ndarray((len(text) - _FOUR + 1,), "<u4", np.ascontiguousarray(text), strides=(1,))
    at = np.flatnonzero(fours == int.from_bytes(word[:_FOUR], "little"))
    at = at[(at > 0) & (at + len(word) < len(text))]
    is_it = (text[at - 1] == _TAB) | (text[at - 1] == _SEMICOLON)
    for place in range(_FOUR, len(word)):
        is_it &= text[at + place] == word[place]
    at = at[is_it]
    owner = np.searchsorted(found.starts, at, "right") - 1
    behind = at > found.ends[owner, ALT]
    return owner[behind], at[behind] + len(word)


def written_end(start: int, alt: bytes, rest: bytes) -> int:
    """The last base that INFO says a block or a symbolic alternative reaches; 0 for none."""
    end = int(match[1]) if b"END=" in rest and (match := _END.search(rest)) else 0
    if b"SVLEN=" in rest and not alt.startswith(b"<INS") and (match := _LENGTH.search(rest)):
        end = max(end, *(start + int(size) for size in _NUMBER.findall(match[1])), start)
    return end
