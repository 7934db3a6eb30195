"""Texts without an index read once for several who ask: lines near what any of them wants are kept, and asked again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nof1.genomics.inflate import VcfText
from nof1.genomics.text import Kept, Overlap, TextFile, Window
from nof1.model.allele_arrays import Bytes, Ints


class SharedPass:
    """One reading of each file for all that ``windows`` name."""

    def __init__(self, windows: Sequence[Window]) -> None:
        self._overlap = Overlap(windows)
        self._merged = {name: _merged(low, high) for name, (low, high) in self._overlap.arrays.items()}
        self._kept: dict[Path, Kept] = {}

    def covers(self, windows: Sequence[Window]) -> bool:
        """Whether lines near all of ``windows`` are among those that are kept."""
        return all(self._has(window) for window in windows)

    def _has(self, window: Window) -> bool:
        low, high = self._merged.get(window.chromosome, (np.zeros(0, np.int64), np.zeros(0, np.int64)))
        at = int(np.searchsorted(low, window.start, "right")) - 1
        return at >= 0 and bool(high[at] >= window.end)

    def kept(self, text: TextFile, progress: Callable[[int], None] | None = None) -> Kept:
        """The lines of ``text`` near the windows; the file is read the first time."""
        if text.path not in self._kept:
            self._kept[text.path] = text.read(self._overlap, progress)
        return self._kept[text.path]

    def text(self, path: Path) -> VcfText:
        """The lines of the file at ``path`` near the windows, as a text of its own."""
        whole = VcfText(path)
        return whole if whole.kind == "BCF" else KeptText(whole, self.kept(TextFile(path)))


class KeptText(VcfText):
    """Lines that were kept, with the header of their file and their numbers in it."""

    def __init__(self, whole: VcfText, kept: Kept) -> None:
        self.path, self.kind, self.header = whole.path, whole.kind, whole.header
        self.columns, self.samples = whole.columns, whole.samples
        self._lines, self._numbers = kept.text(), [number for number, _ in kept.lines]

    def pieces(self, pool: Executor, told: Callable[[int], None] | None = None) -> Iterator[Bytes]:
        """All lines at once."""
        if len(self._lines):
            yield self._lines

    def number(self, line: int) -> int:
        """The line in the file of the one at ``line``, counted from 0 here."""
        return self._numbers[line]


def _merged(low: Ints, high: Ints) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Intervals, sorted by begin and with the farthest end so far, joined where they touch."""
    begins = np.flatnonzero(np.append(True, low[1:] > high[:-1] + 1))
    return low[begins], high[np.append(begins[1:], len(low)) - 1]
