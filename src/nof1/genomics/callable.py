"""Regions a laboratory declares as looked at: a BED file."""

from __future__ import annotations

import gzip
import re
import zlib
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

from nof1.errors import GenomeError
from nof1.genomics.contigs import chromosome

_NUMBER = re.compile(r"-?[0-9]{1,10}")


@dataclass(frozen=True)
class Callable:
    """Callable intervals by chromosome: sorted, merged, 1-based inclusive."""

    intervals: dict[str, tuple[tuple[int, ...], tuple[int, ...]]]

    def covers(self, contig: str, start: int, end: int) -> bool:
        """Whether every base from ``start`` through ``end`` is callable."""
        starts, ends = self.intervals.get(contig, ((), ()))
        index = bisect_right(starts, start) - 1
        return index >= 0 and ends[index] >= end


def read_bed(path: Path) -> Callable:
    """The regions of a BED file (0-based, half-open; plain or gzip); ``GenomeError`` names the first bad line."""
    raw: dict[str, list[tuple[int, int]]] = {}
    try:
        opener = gzip.open if path.read_bytes()[:2] == b"\x1f\x8b" else open
        with opener(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip() and not line.startswith(("#", "track", "browser")):
                    contig, start, end = _interval(path, number, line)
                    raw.setdefault(chromosome(contig), []).append((start + 1, end))
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise GenomeError(f"{path}: cannot be read as BED ({error}); give a plain or gzip BED file") from error
    return Callable({contig: merge_intervals(sorted(intervals)) for contig, intervals in raw.items()})


def _interval(path: Path, number: int, line: str) -> tuple[str, int, int]:
    fields = line.rstrip("\r\n").split("\t")
    if len(fields) == 1:
        fields = line.split()
    try:
        contig, start, end = fields[0], _place(fields[1]), _place(fields[2])
    except (IndexError, ValueError):
        raise GenomeError(
            f"{path} line {number}: {line.strip()[:60]!r} is no BED interval; write contig, start, end"
        ) from None
    if start < 0 or end <= start:
        raise GenomeError(f"{path} line {number}: interval {start}-{end} is empty; end must be above start")
    return contig, start, end


def _place(text: str) -> int:
    """A place of at most ten plain digits; ``int`` alone would also take ``1_000``."""
    if not _NUMBER.fullmatch(text.strip()):
        raise ValueError(text)
    return int(text)


def merge_intervals(intervals: list[tuple[int, int]]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Starts and ends of sorted (start, end) intervals, both inclusive, with those that touch joined."""
    merged: list[tuple[int, int]] = []
    for start, end in intervals:
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(start for start, _ in merged), tuple(end for _, end in merged)
