"""Columns of a file of rows on alleles: texts (each different one kept once), whole numbers, numbers."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from nof1.model.allele_arrays import Ints
from nof1.model.cells import Cells, rendered

_FEW = 20_000  # texts that are kept as a list
NOT_GIVEN = -1  # a whole number that is not known; all that are known are 0 or more


class ColumnHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column's name, what it holds, what it means, and whether any row has something there."""

    name: str
    kind: Literal["text", "whole", "number"]
    title: str
    filled: bool


@dataclass(slots=True)
class Texts:
    """Texts being gathered, in the order of the rows."""

    title: str
    _known: dict[str, int] = field(default_factory=lambda: {"": 0})
    _codes: array[int] = field(default_factory=lambda: array("I"))

    def extend(self, values: Iterable[str]) -> None:
        """Add the values of further rows."""
        known = self._known
        self._codes.extend([known.setdefault(value, len(known)) for value in values])

    def leave_empty(self, rows: int) -> None:
        """Add ``rows`` rows without a text."""
        self._codes.extend([0] * rows)

    def blocks(self, name: str, order: Ints) -> tuple[ColumnHead, dict[str, NDArray[Any]]]:
        """The head and the arrays of the file, rows in ``order``."""
        texts = [text.encode() for text in self._known]
        ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
        letters = np.frombuffer(b"".join(texts), np.uint8)
        codes = np.array(self._codes)[order].astype(_least(len(texts)))
        places = np.append(0, ends)
        return ColumnHead(name, "text", self.title, len(texts) > 1), {
            f"{name}.codes": codes,
            f"{name}.places": places.astype(np.uint32 if places[-1] < 1 << 32 else np.uint64),
            f"{name}.letters": letters,
        }


@dataclass(slots=True)
class Numbers:
    """Numbers being gathered: whole ones (``NOT_GIVEN`` for none) or others (NaN for none)."""

    title: str
    is_whole: bool
    _values: array[float] = field(default_factory=lambda: array("d"))

    def extend(self, values: Iterable[float]) -> None:
        """Add the values of further rows."""
        self._values.extend(values)

    def blocks(self, name: str, order: Ints) -> tuple[ColumnHead, dict[str, NDArray[Any]]]:
        """The head and the array of the file, rows in ``order``."""
        if not self.is_whole:
            numbers = np.array(self._values)[order].astype(np.float32)
            return ColumnHead(name, "number", self.title, bool((~np.isnan(numbers)).any())), {name: numbers}
        values = np.array(self._values)[order].astype(np.int64)
        small = next(kind for kind in (np.int8, np.int32, np.int64) if int(values.max(initial=0)) <= np.iinfo(kind).max)
        return ColumnHead(name, "whole", self.title, bool((values > 0).any())), {name: values.astype(small)}


def _least(count: int) -> type[np.unsignedinteger[Any]]:
    return np.uint8 if count <= 1 << 8 else np.uint16 if count <= 1 << 16 else np.uint32


class Column:
    """A column of an open file."""

    def __init__(self, head: ColumnHead, blocks: dict[str, NDArray[Any]]) -> None:
        self.head = head
        self._values = blocks[f"{head.name}.codes" if head.kind == "text" else head.name]
        if head.kind == "text":
            self._places, self._blob = blocks[f"{head.name}.places"], blocks[f"{head.name}.letters"]
        self._words: list[bytes] | None = None
        self._letters: bytes | None = None
        self._written: list[bytes] | None = None

    def texts(self, rows: Ints) -> list[bytes]:
        """What stands in ``rows`` as text, empty where nothing does."""
        values = self._values[rows]
        if self.head.kind == "text":
            return self._looked_up(values)
        return list(map(self._number, values.tolist()))

    def cells(self, rows: Ints) -> Cells:
        """What ``texts`` gives, as slices of one text."""
        values = self._values[rows]
        if self.head.kind != "text":
            return rendered(values, self._number)
        at = self._places[values].astype(np.int64)
        return Cells(self._blob, at, self._places[values.astype(np.int64) + 1].astype(np.int64) - at)

    def _number(self, value: float) -> bytes:
        if self.head.kind == "whole":
            return b"" if value == NOT_GIVEN else b"%d" % value
        return b"" if value != value else b"%.6g" % value  # noqa: PLR0124

    def _looked_up(self, codes: NDArray[Any]) -> list[bytes]:
        """Texts by their numbers: from a list of all where there are few, else cut out of the letters."""
        if self._letters is None:
            self._letters = self._blob.tobytes()
        if len(self._places) - 1 > _FEW:
            places = self._places
            return list(
                map(self._letters.__getitem__, map(slice, places[codes].tolist(), places[codes + np.uint32(1)].tolist()))
            )
        if self._words is None:
            places = self._places.tolist()
            self._words = list(map(self._letters.__getitem__, map(slice, places[:-1], places[1:])))
        return list(map(self._words.__getitem__, codes.tolist()))

    def many(self, rows: Ints, written: Callable[[bytes], bytes]) -> list[bytes]:
        """What stands in ``rows``, each through ``written``; where there are few different texts, each of them once."""
        if self.head.kind != "text" or len(self._places) - 1 > _FEW:
            return list(map(written, self.texts(rows)))
        if self._written is None:
            self.texts(np.zeros(0, np.int64))
            self._written = list(map(written, self._words or []))
        return list(map(self._written.__getitem__, self._values[rows].tolist()))

    def text(self, row: int) -> str:
        """What stands in one row, as text."""
        return self.texts(np.array([row]))[0].decode()

    def values(self, rows: Ints) -> Any:
        """What stands in ``rows``: a list of texts, or an array of numbers (NaN or ``NOT_GIVEN`` for none)."""
        return [word.decode() for word in self.texts(rows)] if self.head.kind == "text" else self._values[rows]
