"""Bases of a genome that are asked about, as one row of flags: those of each chromosome, one stretch after another."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nof1.genomics.text import Window
from nof1.model.allele_arrays import Ints

Flags = NDArray[np.bool_]


class Bases:
    """The bases of ``windows``, each once. ``windows``: joined where they overlap or touch; ``position``: (bases,)."""

    def __init__(self, windows: Sequence[Window]) -> None:
        self.windows = joined(windows)
        self._stretches: dict[str, tuple[Ints, Ints, Ints]] = {}  # first and last position of each, and where it begins here
        size = 0
        for chrom in dict.fromkeys(one.chromosome for one in self.windows):
            mine = [one for one in self.windows if one.chromosome == chrom]
            first, last = np.array([one.start for one in mine]), np.array([one.end for one in mine])
            at = size + np.cumsum(last - first + 1) - (last - first + 1)
            self._stretches[chrom] = (first, last, at)
            size += int((last - first + 1).sum())
        self._listed = {chrom: tuple(each.tolist() for each in arrays) for chrom, arrays in self._stretches.items()}
        parts = [np.arange(one.start, one.end + 1) for one in self.windows]
        self.position: Ints = np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, np.int64)

    def __len__(self) -> int:
        return len(self.position)

    def none(self) -> Flags:
        """A flag for each base, none of them set."""
        return np.zeros(len(self), np.bool_)

    def of(self, chrom: str, first: int, last: int) -> slice:
        """The bases from ``first`` to ``last`` of a chromosome that are among these."""
        if chrom not in self._listed:
            return slice(0, 0)
        starts, ends, at = self._listed[chrom]  # one stretch at a time: plain lists are faster than arrays
        after, before = bisect_left(ends, first), bisect_right(starts, last) - 1
        if after > before:
            return slice(0, 0)
        return slice(at[after] + max(first - starts[after], 0), at[before] + min(last, ends[before]) - starts[before] + 1)

    def inside(self, chrom: str, first: Ints, last: Ints) -> Flags:
        """The bases in any of many stretches of a chromosome."""
        begin, end = self.ranges(chrom, first, last)
        steps = np.bincount(begin, minlength=len(self) + 1) - np.bincount(end, minlength=len(self) + 1)
        found: Flags = np.cumsum(steps[: len(self)]) > 0
        return found

    def ranges(self, chrom: str, first: Ints, last: Ints) -> tuple[Ints, Ints]:
        """Where the bases of many stretches begin here and end, (stretches,) each; equal where none of them is here."""
        if chrom not in self._stretches:
            nothing = np.zeros(len(first), np.int64)
            return nothing, nothing
        starts, ends, at = self._stretches[chrom]
        after = np.searchsorted(ends, first)  # the stretch that holds, or comes after, the first base
        inside = np.minimum(after, len(starts) - 1)
        whole = at[-1] + ends[-1] - starts[-1] + 1
        begin = np.where(after < len(starts), at[inside] + np.maximum(first - starts[inside], 0), whole)
        before = np.searchsorted(starts, last, side="right") - 1
        held = np.maximum(before, 0)
        end = np.where(before >= 0, at[held] + np.minimum(last, ends[held]) - starts[held] + 1, at[0])
        return begin, np.maximum(end, begin)


def joined(windows: Sequence[Window]) -> list[Window]:
    """The bases of ``windows`` as few windows, each base once, in order of chromosome and place."""
    found: list[Window] = []
    for window in sorted(set(windows), key=lambda one: (one.chromosome, one.start, one.end)):
        last = found[-1] if found else None
        if last and last.chromosome == window.chromosome and window.start <= last.end + 1:
            found[-1] = Window(last.chromosome, last.start, max(last.end, window.end))
        else:
            found.append(window)
    return found
