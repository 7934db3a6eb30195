"""The lines of a VCF text as arrays: where columns end, positions, contigs. Nothing is looked at that is not asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from nof1 import kernel
from nof1.genomics import diagnose
from nof1.genomics.contigs import chromosome
from nof1.model.allele_arrays import Bytes, Ints, Keys, seed
from nof1.model.cells import Cells

CHROM, POS, ID, REF, ALT, QUAL, FILTER, INFO, FORMAT = range(9)
_TAB, _NEWLINE, _RETURN, _HASH, _ZERO = 9, 10, 13, 35, 48
_MOST_DIGITS = 10
_WORD = 8
_LONG = 0x9E3779B97F4A7C15


class Malformed(ValueError):
    """A line that is no record: ``line`` counted from 0 in its text, and what is wrong with it."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(problem)
        self.line = line
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Records:
    """Records of a text. ``starts`` (records,): where each begins; ``ends`` (records, columns): where each column ends.

    ``lines`` (records,): the line of each, counted from 0 in the text as read; ``read``: lines of it, empty ones too.
    """

    text: Bytes
    starts: Ints
    ends: Ints
    lines: Ints
    read: int

    def __len__(self) -> int:
        return len(self.starts)

    def begin(self, column: int) -> Ints:
        """Where a column begins, (records,)."""
        return self.starts if column == CHROM else self.ends[:, column - 1] + 1

    def field(self, record: int, column: int) -> bytes:
        """What stands in a column of one record."""
        begin = int(self.starts[record] if column == CHROM else self.ends[record, column - 1] + 1)
        return self.text[begin : int(self.ends[record, column])].tobytes()

    def cells(self, chosen: Ints, column: int) -> Cells:
        """What ``fields`` gives, as slices of the text."""
        at = self.begin(column)[chosen]
        return Cells(self.text, at, self.ends[chosen, column] - at)

    def fields(self, chosen: Ints, column: int) -> list[bytes]:
        """What stands in a column of each of the ``chosen`` records."""
        if not len(chosen):
            return []
        begins = self.starts[chosen] if column == CHROM else self.ends[chosen, column - 1] + 1
        ends = self.ends[chosen, column].tolist()
        return list(map(self.text.tobytes().__getitem__, map(slice, begins.tolist(), ends)))


def records(text: Bytes, columns: int) -> Records:
    """The records of a text that ends with a line's end, in a file of ``columns`` columns.

    Raises ``Malformed`` for the first line that has another number of columns.
    """
    found = _regular(text, columns)
    if found is None:
        text, lines, read = _without_empty_lines(text, columns)
        found = _regular(text, columns)
        assert found is not None
        return Records(text, found[0], found[1], lines, read)
    count = len(found[0])
    return Records(text, *found, np.arange(count), count)


def _regular(text: Bytes, columns: int) -> tuple[Ints, Ints] | None:
    """Starts and ends where every line has ``columns`` columns; ``None`` where one has not."""
    return kernel.records(text, columns) or _edges(text, columns)


def _edges(text: Bytes, columns: int) -> tuple[Ints, Ints] | None:
    edges = np.flatnonzero((text - np.uint8(_TAB)) <= 1)
    count, rest = divmod(len(edges), columns)
    if rest:
        return None
    ends = edges.reshape(count, columns)
    is_line_end = text[edges].reshape(count, columns) == _NEWLINE
    if not is_line_end[:, -1].all() or np.count_nonzero(is_line_end) != count:
        return None
    starts = np.zeros(count, np.int64)
    starts[1:] = ends[:-1, -1] + 1
    if count and (returns := text[ends[:, -1] - 1] == _RETURN).any():
        ends[:, -1] -= returns
    return starts, ends


def _without_empty_lines(text: Bytes, columns: int) -> tuple[Bytes, Ints, int]:
    """The text without lines that hold nothing, the number of each line that is left, and how many there were."""
    lines = text.tobytes().split(b"\n")[:-1]
    kept = [(number, line) for number, line in enumerate(lines) if line.strip()]
    for number, line in kept:
        if line.count(b"\t") + 1 != columns:
            raise Malformed(number, diagnose.line_problem(line, columns))
    joined = b"".join(line + b"\n" for _, line in kept)
    return np.frombuffer(joined, np.uint8), np.array([number for number, _ in kept], np.int64), len(lines)


def positions(found: Records, needed: Sequence[int] = (CHROM, REF, ALT)) -> Ints:
    """POS of each record; ``Malformed`` where it is no number, a ``needed`` column is empty, or the line begins with #."""
    at, end = found.begin(POS), found.ends[:, POS]
    length = end - at
    value = np.zeros(len(found), np.int64)
    is_wrong = (length < 1) | (length > _MOST_DIGITS) | (found.text[found.starts] == _HASH)
    for column in needed:
        is_wrong |= found.ends[:, column] <= found.begin(column)
    longest = int(length.max(initial=0))
    shortest = int(length.min(initial=longest))
    for place in range(min(shortest, _MOST_DIGITS)):
        digit = found.text[at + place] - np.uint8(_ZERO)
        is_wrong |= digit > 9
        value = value * 10 + digit
    for place in range(max(shortest, 0), min(longest, _MOST_DIGITS)):
        has = length > place
        digit = found.text[np.where(has, at + place, at)] - np.uint8(_ZERO)
        is_wrong |= has & (digit > 9)
        value = np.where(has, value * 10 + digit, value)
    if is_wrong.any():
        _refuse(found, int(np.flatnonzero(is_wrong)[0]))
    return value


def _refuse(found: Records, record: int) -> None:
    columns = found.ends.shape[1]
    begin, end = int(found.starts[record]), int(found.ends[record, -1])
    line = found.text[begin:end].tobytes()
    problem = "" if line.startswith(b"#") else diagnose.line_problem(line, columns)
    raise Malformed(int(found.lines[record]), problem or diagnose.unreadable(line))


@dataclass(slots=True)
class Contigs:
    """The contigs of a file, numbered as they come: ``names`` in ``chr`` style. Threads may share it."""

    build: str
    names: list[str] = field(default_factory=list)
    _numbers: dict[bytes, int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def number(self, written: bytes) -> int:
        """The number of a contig as a file writes it; the same for all its spellings."""
        if written not in self._numbers:
            name = chromosome(written.decode("utf-8", "replace"))
            with self._lock:
                if name not in self.names:
                    self.names.append(name)
                self._numbers[written] = self.names.index(name)
        return self._numbers[written]

    def seeds(self) -> Keys:
        """What keys start from, (contigs,)."""
        return np.array([seed(self.build, name) for name in list(self.names)] or [0], np.uint64)

    def of(self, found: Records) -> NDArray[np.int32]:
        """The number of the contig of each record, (records,)."""
        if not len(found):
            return np.zeros(0, np.int32)
        words = _names(found)
        begins = np.flatnonzero(np.concatenate([[True], words[1:] != words[:-1]]))
        numbers = np.array([self.number(found.field(int(one), CHROM)) for one in begins], np.int32)
        return np.repeat(numbers, np.diff(np.append(begins, len(found))))


def _names(found: Records) -> Keys:
    """A word for the contig of each record: the same for the same name."""
    text, length = found.text, found.ends[:, CHROM] - found.starts
    if len(text) < _WORD:
        return np.arange(len(found), dtype=np.uint64)
    eight = np.ndarray((len(text) - _WORD + 1,), "<u8", np.ascontiguousarray(text), strides=(1,))
    word: Keys = eight[np.minimum(found.starts, len(eight) - 1)]
    short = np.minimum(length, _WORD)
    word = word & (np.uint64(0xFFFFFFFFFFFFFFFF) >> ((np.uint64(_WORD) - short.astype(np.uint64)) << np.uint64(3)))
    for one in np.flatnonzero(length > _WORD):
        word[one] = hash(found.field(int(one), CHROM)) & 0xFFFFFFFFFFFFFFFF
    return word
