"""Finds the lines near the panel in a VCF text without an index, leaving their parsing to the VCF library.

Parsing every genotype of a whole genome to use a thousand of them is most of the work; looking at five columns is not.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from nof1.errors import GenomeError
from nof1.genomics import diagnose
from nof1.genomics.contigs import chromosome

BUCKET = 14  # extents are kept for every 16,384 bases
_BIN = 12
_BUFFER = 1 << 20
_STEP = 0x4000
_CONTIG = re.compile(rb"##contig=<(?:[^>]*,)?ID=([^,>]+)")
_END = re.compile(rb"(?:^|[;\t])END=(\d+)")
_LENGTH = re.compile(rb"(?:^|[;\t])SVLEN=-?(\d+)")
_END_LINE = b'##INFO=<ID=END,Number=1,Type=Integer,Description="End">'


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
        self.bins: dict[str, set[int]] = {}
        self._intervals: dict[str, tuple[list[int], list[int]]] = {}
        for window in sorted(windows, key=lambda window: (window.chromosome, window.start)):
            bins = self.bins.setdefault(window.chromosome, set())
            bins.update(range(window.start >> _BIN, (window.end >> _BIN) + 1))
            starts, ends = self._intervals.setdefault(window.chromosome, ([], []))
            starts.append(window.start)
            ends.append(max(window.end, ends[-1] if ends else 0))

    def touches(self, chrom: str, start: int, end: int) -> bool:
        """Whether bases ``start`` through ``end`` meet a window."""
        starts, ends = self._intervals.get(chrom, ((), ()))
        index = bisect_right(starts, end) - 1
        return index >= 0 and ends[index] >= start


class TextFile:
    """The header of a VCF text, and its lines near some windows."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.header: list[bytes] = []
        with self._reading() as lines:
            for line in lines:
                if not line.startswith(b"#"):
                    break
                self.header.append(line.rstrip(b"\r\n"))
        if not self.header or not self.header[-1].startswith(b"#CHROM"):
            raise GenomeError(
                f"{path} line {len(self.header) + 1}: no #CHROM line before the records; the header is incomplete"
            )
        names = self.header[-1].split(b"\t")[9:]
        self.samples = tuple(name.decode("utf-8", "replace") for name in names)

    def scan(
        self, windows: Sequence[Window] | Overlap, progress: Callable[[int], None] | None
    ) -> tuple[list[tuple[int, bytes]], Extents]:
        """(line number, line) of every record that touches ``windows``, and where records lie.

        Raises ``GenomeError`` with the first line that is no record, or for a file cut short.
        """
        overlap = windows if isinstance(windows, Overlap) else Overlap(windows)
        extents = Extents()
        kept: list[tuple[int, bytes]] = []
        columns = self.header[-1].count(b"\t") + 1
        contig, chrom, bins = b"", "", set[int]()
        bucket = low = start = -1
        number = len(self.header)
        line = b"\n"
        with self._reading() as lines:
            for _ in self.header:
                next(lines)
            for line in lines:
                number += 1
                parts = line.split(b"\t", 5)
                if len(parts) < 6 or not parts[1].isdigit():
                    if line.strip():
                        raise self._bad(number, line, columns)
                    continue
                if parts[0] != contig:
                    if bucket >= 0:
                        extents.add(chrom, low, start)
                    contig, chrom, bucket = parts[0], chromosome(parts[0].decode("utf-8", "replace")), -1
                    bins = overlap.bins.get(chrom, set())
                position = int(parts[1])
                if position >> BUCKET != bucket:
                    if bucket >= 0:
                        extents.add(chrom, low, start)
                    bucket, low = position >> BUCKET, position
                start = position
                end = start + max(len(parts[3]), 1) - 1
                if parts[4] == b"." or b"<" in parts[4]:
                    end = max(end, written_end(start, parts[4], parts[5]))
                if (start >> _BIN in bins or end >> _BIN in bins or end - start > 4096) and overlap.touches(
                    chrom, start, end
                ):
                    if line.count(b"\t") + 1 != columns:
                        raise self._bad(number, line, columns)
                    kept.append((number, line.rstrip(b"\r\n")))
                if progress is not None and not number % _STEP:
                    progress(_STEP)
        if bucket >= 0:
            extents.add(chrom, low, start)
        if not line.endswith(b"\n") and line.count(b"\t") + 1 != columns:
            raise self._bad(number, line, columns)
        return kept, extents

    def excerpt(self, kept: Sequence[tuple[int, bytes]]) -> bytes:
        """A VCF of the header and the lines ``kept``."""
        known = any(line.startswith(b"##INFO=<ID=END,") for line in self.header)
        header = self.header if known else [self.header[0], _END_LINE, *self.header[1:]]
        declared = {match[1] for line in self.header if (match := _CONTIG.match(line))}
        contigs = dict.fromkeys(line.split(b"\t", 1)[0] for _, line in kept)
        added = [b"##contig=<ID=" + name + b">" for name in contigs if name not in declared]  # the library needs them
        header = [*header[:-1], *added, header[-1]]
        return b"\n".join([*header, *(line for _, line in kept)]) + b"\n"

    def _bad(self, number: int, line: bytes, columns: int) -> GenomeError:
        problem = diagnose.line_problem(line, columns) or "is no record"
        return GenomeError(f"{self.path} line {number}: {problem}")

    def _reading(self) -> _Lines:
        return _Lines(self.path)


def written_end(start: int, alt: bytes, rest: bytes) -> int:
    """The last base that INFO says a block or a symbolic alternative reaches; 0 for none."""
    end = int(match[1]) if b"END=" in rest and (match := _END.search(rest)) else 0
    if b"SVLEN=" in rest and not alt.startswith(b"<INS") and (match := _LENGTH.search(rest)):
        end = max(end, start + int(match[1]))
    return end


class _Lines:
    """The lines of a plain or compressed file, with compression errors said in words."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Iterator[bytes]:
        with open(self._path, "rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        self._file = io.BufferedReader(gzip.GzipFile(self._path, "rb"), _BUFFER) if packed else open(self._path, "rb")
        return iter(self._file)

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if self._file is not None:
            self._file.close()
        if isinstance(error, EOFError | zlib.error | gzip.BadGzipFile):
            raise GenomeError(
                f"{self._path}: is cut short or damaged (the compressed data ends early); copy the file again"
            ) from error
