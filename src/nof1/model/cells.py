"""Cells of a table as slices of a text, and tables of them written as lines without a step for each row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1 import kernel
from nof1.model.allele_arrays import Bytes, Ints, spread

_WORD = 8
_TAB, _NEWLINE, _ZERO = b"\t\n0"


@dataclass(frozen=True, slots=True)
class Cells:
    """A column: ``at`` (rows,) where each cell begins in ``text`` (bytes,), ``length`` (rows,) its bytes, 0 for none."""

    text: Bytes
    at: Ints
    length: Ints

    def __len__(self) -> int:
        return len(self.at)

    def take(self, chosen: Ints) -> Cells:
        """The cells of ``chosen`` rows."""
        return Cells(self.text, self.at[chosen], self.length[chosen])

    def where(self, there: NDArray[np.bool_]) -> Cells:
        """These cells, empty where nothing is ``there``."""
        return Cells(self.text, self.at, np.where(there, self.length, 0))

    def listed(self) -> list[bytes]:
        """Each cell by itself."""
        return [self.text[at : at + size].tobytes() for at, size in zip(self.at.tolist(), self.length.tolist(), strict=True)]

    def copied(self) -> tuple[Bytes, Cells]:
        """The letters of all cells one after the other, to be changed in place, and the cells on them."""
        letters = self.text[spread(self.at, self.length)]
        return letters, Cells(letters, np.cumsum(self.length) - self.length, self.length)


def chosen(words: Sequence[bytes], codes: Ints) -> Cells:
    """Cells that each hold the one of ``words`` that their code names.

    >>> chosen([b"", b"PASS"], np.array([1, 0, 1])).listed()
    [b'PASS', b'', b'PASS']
    """
    length = np.array([len(word) for word in words] or [0], np.int64)
    return Cells(np.frombuffer(b"".join(words), np.uint8), (np.cumsum(length) - length)[codes], length[codes])


def worded(words: Sequence[bytes]) -> Cells:
    """Cells that hold ``words``, one after the other."""
    return chosen(words, np.arange(len(words)))


def whole_numbers(values: Ints) -> Cells:
    """Numbers of 0 or more in digits.

    >>> whole_numbers(np.array([0, 7, 1203])).listed()
    [b'0', b'7', b'1203']
    """
    width = len(str(int(values.max(initial=0))))
    digits, left = np.empty((len(values), width), np.uint8), values
    length = np.ones(len(values), np.int64)
    for place in range(width - 1, -1, -1):
        left, digit = np.divmod(left, 10)
        digits[:, place] = digit + _ZERO
        length += (left > 0) & (place > 0)
    return Cells(digits.ravel(), np.arange(1, len(values) + 1) * width - length, length)


def rendered(values: NDArray[Any], written: Callable[[Any], bytes]) -> Cells:
    """Each of ``values`` as ``written``, which is asked once for each different one."""
    bits = values.view(f"u{values.itemsize}")  # 0 and -0 are written differently
    _, firsts, codes = np.unique(bits, return_index=True, return_inverse=True)
    return chosen([written(value) for value in values[firsts].tolist()], codes)


def _overlapping(text: Bytes) -> Any:
    """``text`` as words that begin at every byte."""
    return np.ndarray((len(text) - _WORD + 1,), "<u8", text, strides=(1,))


def lines(columns: Sequence[Cells]) -> bytes:
    """The rows of a table: cells with tabs between, each row with a line's end.

    >>> lines([whole_numbers(np.array([5, 12])), chosen([b"A", b"a longer cell"], np.array([1, 0]))])
    b'5\\ta longer cell\\n12\\tA\\n'
    """
    by_kernel = kernel.lines(*zip(*((one.text, one.at, one.length) for one in columns), strict=True))
    if by_kernel is not None:
        return by_kernel
    length = np.stack([column.length for column in columns]) + 1  # (columns, rows), with what ends each cell
    row = length.sum(axis=0)
    at = np.cumsum(row) - row
    out = np.empty(int(row.sum()), np.uint8)
    for column, size in zip(columns, length, strict=True):
        _put(column, at, out)
        at = at + size
        out[at - 1] = _TAB
    out[at - 1] = _NEWLINE
    return out.tobytes()


def _put(cells: Cells, to: Ints, out: Bytes) -> None:
    """Copy each cell to its place: short ones by bytes, long ones by words, the last of which ends where the cell ends."""
    size = cells.length
    is_long = size >= _WORD
    if is_long.any():
        long = np.flatnonzero(is_long)
        length = size[long]
        count = (length + _WORD - 1) // _WORD
        begin = np.cumsum(count) - count
        step = (np.arange(int(count.sum())) - np.repeat(begin, count)) * _WORD
        step[begin + count - 1] = length - _WORD
        words = _overlapping(cells.text)[np.repeat(cells.at[long], count) + step]
        _overlapping(out)[np.repeat(to[long], count) + step] = words
    for place in range(_WORD - 1):
        short = np.flatnonzero(~is_long & (size > place))
        if not short.size:
            return
        out[to[short] + place] = cells.text[cells.at[short] + place]
