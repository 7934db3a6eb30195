"""What is said of alleles, in one memory-mapped file: a 64-bit key leads to a row, position and alleles are then compared.

The file: magic and format version, a header (msgpack, with its own checksum), then blocks, each with its checksum. Rows are
sorted by contig and position. A slot of the table of keys holds the upper half of a key and a row.
"""

from __future__ import annotations

import mmap
import zlib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from nof1 import kernel
from nof1.errors import RequestError
from nof1.knowledge.variant_columns import Column, ColumnHead
from nof1.model.allele_arrays import UPPER, AlleleArrays, Ints, Keys, same

MAGIC = b"NOF1VAR\n"
FORMAT = 1
SUFFIX = ".nof1variants"
ALIGNED = 64
HEAD = 24  # magic, format version, length and checksum of the header
__MOST_HEADER = 1 << 26
_ANY_BASE = 0x4E  # the letter N: a reference that does not say which base contradicts none


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file that was brought: its name, SHA-256, bytes and records, and how many were left out, by reason."""

    name: str
    digest: str
    bytes: int
    records: int
    left_out: dict[str, int]


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file says of itself. ``blocks``: type, place, items and checksum of each; ``bits``: of a key that are used."""

    kind: str
    edition: str
    build: str
    made: str
    source: Source
    rows: int
    bits: int
    left_aligned: bool
    contigs: list[str]
    columns: list[ColumnHead]
    blocks: dict[str, tuple[str, int, int, int]]
    size: int


class VariantIndex:
    """An open file of rows on alleles. ``columns`` by name; arrays have one item a row, rows sorted by position.

    Raises ``RequestError`` with one line for a file that is none, of another format version, cut short or damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.header, self._map = _opened(path)
        blocks = {name: self._block(name) for name in self.header.blocks}
        self._slots: Keys = blocks["slots"]
        self.contig = blocks["contig"]
        self.position = blocks["position"]
        self._ref_length, self._alt_length, self._at = blocks["ref_length"], blocks["alt_length"], blocks["at"]
        self._letters = blocks["letters"]
        self._repeats = blocks["repeats"]
        self.columns = {head.name: Column(head, blocks) for head in self.header.columns}
        self._starts = np.searchsorted(self.contig, np.arange(len(self.header.contigs) + 1))
        self.name = f"{self.header.kind} {self.header.edition} ({self.header.build})"

    def __len__(self) -> int:
        return self.header.rows

    def _block(self, name: str) -> NDArray[Any]:
        kind, at, count, _ = self.header.blocks[name]
        return np.frombuffer(self._map, np.dtype(kind), count, at)

    def check(self) -> None:
        """Read every block and compare its checksum; ``RequestError`` where one differs."""
        sum_of = _checksum()
        for name, (kind, at, count, wanted) in self.header.blocks.items():
            with memoryview(self._map) as whole, whole[at : at + count * np.dtype(kind).itemsize] as part:
                found = sum_of(part)
            if found != wanted:
                raise _damaged(self.path, f"its block {name!r} has another checksum than when it was written")

    def alleles(self, rows: Ints) -> AlleleArrays:
        """The alleles of ``rows``."""
        at, ref_length = self._at[rows].astype(np.int64), self._ref_length[rows].astype(np.int64)
        return AlleleArrays(
            self._letters, self.contig[rows].astype(np.int32), self.position[rows].astype(np.int64), at, ref_length,
            at + ref_length, self._alt_length[rows].astype(np.int64),
        )  # fmt: skip

    def numbers(self, names: list[str]) -> NDArray[np.int32]:
        """The number here of contigs that another table names, -1 for none; (names,)."""
        known = {name: number for number, name in enumerate(self.header.contigs)}
        return np.array([known.get(name, -1) for name in names] or [-1], np.int32)

    def find(self, alleles: AlleleArrays, found_keys: Keys, numbers: NDArray[np.int32]) -> Ints:
        """The first row on each allele, -1 for none; ``found_keys`` by ``keys`` with seeds of this build's contigs."""
        wanted = used(found_keys, self.header.bits)
        table = (self.contig, self.position, self._ref_length, self._alt_length, self._at, self._letters)
        by_kernel = kernel.find(alleles.text, alleles.arrays(), wanted, numbers, self._slots, table)
        if by_kernel is not None:
            return by_kernel
        rows = np.full(len(wanted), -1, np.int64)
        mask = np.uint64(len(self._slots) - 1)
        tags, slot = wanted >> np.uint64(32), wanted & mask
        active = np.arange(len(wanted))
        while active.size:
            inside = self._slots[slot]
            alike = np.flatnonzero(((inside >> np.uint64(32)) == tags) & (inside != 0))
            if alike.size:
                row = (inside[alike] & np.uint64(0xFFFFFFFF)).astype(np.int64) - 1
                if int(row.max()) >= self.header.rows:
                    raise _damaged(self.path, "its table of keys names rows that it does not have")
                ours = alleles.take(active[alike])
                is_it = same(ours, self.alleles(row)) & (numbers[ours.contig] == self.contig[row])
                rows[active[alike[is_it]]] = row[is_it]
            go_on = np.flatnonzero((inside != 0) & (rows[active] < 0))
            active, tags, slot = active[go_on], tags[go_on], (slot[go_on] + np.uint64(1)) & mask
        return rows

    def repeats(self, rows: Ints) -> Ints:
        """How many rows, one after the other, speak about the allele of each first row."""
        return self._repeats[rows].astype(np.int64)

    def contradicted(self, contig: NDArray[np.int32], place: Ints, first: NDArray[np.uint8]) -> NDArray[np.int8]:
        """Whether a record's first letter of REF is that of rows at its place: 1 agrees, -1 does not, 0 no row is there.

        ``contig`` in this file's numbers (-1: not here), ``place`` POS, ``first`` letters; N agrees and disagrees with none.
        """
        answer = self._compared(contig, place, first)
        answer[(first & np.uint8(UPPER)) == _ANY_BASE] = 0
        return answer

    def _compared(self, contig: NDArray[np.int32], place: Ints, first: NDArray[np.uint8]) -> NDArray[np.int8]:
        by_kernel = kernel.contradicted(contig, place, first, self._starts, (self.position, self._at, self._letters))
        if by_kernel is not None:
            return by_kernel
        answer = np.zeros(len(place), np.int8)
        for number in np.unique(contig):
            if number < 0:
                continue
            mine = np.flatnonzero(contig == number)
            begin, end = int(self._starts[number]), int(self._starts[number + 1])
            here, wanted = self.position[begin:end], place[mine].astype(self.position.dtype)
            row = np.minimum(np.searchsorted(here, wanted), max(end - begin - 1, 0))
            there = np.flatnonzero(here[row] == wanted) if end > begin else np.zeros(0, np.int64)
            letters = self._letters[self._at[begin + row[there]]]
            agrees = ((first[mine[there]] ^ letters) & 0xDF) == 0
            answer[mine[there]] = np.where(agrees, 1, -1)
        return answer


def used(whole: Keys, bits: int) -> Keys:
    """The lowest ``bits`` of keys."""
    return whole if bits >= 64 else whole & np.uint64((1 << bits) - 1)


def _opened(path: Path) -> tuple[Header, mmap.mmap]:
    try:
        with open(path, "rb") as file:
            front = file.read(HEAD)
            if front[:8] != MAGIC or len(front) < HEAD:
                raise _damaged(path, "it does not begin as a compiled file does")
            version, length, checksum, start = (int.from_bytes(front[at : at + 4], "little") for at in (8, 12, 16, 20))
            if version != FORMAT:
                raise RequestError(f"{path}: is of format {version}, this edition reads {FORMAT}; {_AGAIN}")
            head = file.read(min(length, __MOST_HEADER))
            if len(head) != length or zlib.crc32(head) != checksum:
                raise _damaged(path, "its header is damaged")
            header = msgspec.msgpack.decode(head, type=Header)
            if file.seek(0, 2) != start + header.size:
                raise _damaged(path, f"it has {file.tell()} bytes and should have {start + header.size}")
            shifted = {name: (kind, at + start, count, crc) for name, (kind, at, count, crc) in header.blocks.items()}
            whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise RequestError(f"{path}: cannot be read ({error.strerror}); {_AGAIN}") from None
    except (msgspec.DecodeError, ValueError) as error:
        raise _damaged(path, f"its header cannot be read: {error}") from None
    return msgspec.structs.replace(header, blocks=shifted), whole


def _checksum() -> Callable[[memoryview], int]:
    """CRC-32: by libdeflate where installed, ten times as fast; else by zlib."""
    try:
        deflate: Any = import_module("deflate")
    except ImportError:
        return zlib.crc32
    return cast(Callable[[memoryview], int], deflate.crc32)


_AGAIN = "make it again with nof1 knowledge add"


def _damaged(path: Path, how: str) -> RequestError:
    return RequestError(f"{path}: is no compiled file, cut short or damaged ({how}); {_AGAIN}")
