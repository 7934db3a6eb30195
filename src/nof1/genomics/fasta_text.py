"""The uncompressed text of a FASTA file, any part of it at a time: mapped from a plain file, or out of bgzip blocks."""

from __future__ import annotations

import mmap
import struct
import zlib
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import numpy as np

from nof1.errors import GenomeError
from nof1.genomics.diagnose import EOF_BLOCK

_KEPT_BLOCKS = 64


@dataclass(frozen=True, slots=True)
class Text:
    """A plain file, mapped."""

    path: Path
    mapped: mmap.mmap

    @property
    def size(self) -> int:
        """Bytes of text."""
        return len(self.mapped)

    def read(self, begin: int, end: int) -> bytes:
        """The bytes from ``begin`` to before ``end``."""
        return self.mapped[begin:end]

    def parts(self) -> Iterator[bytes]:
        """All of it, in order."""
        for begin in range(0, len(self.mapped), 1 << 24):
            yield self.mapped[begin : begin + (1 << 24)]


@dataclass(frozen=True, slots=True)
class Blocks:
    """A bgzip file, mapped: where its blocks begin in the file and in the text, both with one past the last.

    Threads may share it.
    """

    path: Path
    mapped: mmap.mmap
    in_file: list[int]
    in_text: list[int]
    kept: OrderedDict[int, bytes] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    @classmethod
    def of(cls, path: Path, head: bytes) -> Blocks:
        """The file in ``path``, its blocks by ``.gzi`` if there is one that fits. Raises ``GenomeError``."""
        if head[12:14] != b"BC":
            raise GenomeError(f"{path.name} is compressed by gzip, which cannot be read in parts; unpack it, or use bgzip")
        with open(path, "rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if mapped[-len(EOF_BLOCK) :] != EOF_BLOCK:
            raise GenomeError(f"{path.name}: is cut short (no end-of-file block); bring the whole file")
        starts = _from_gzi(path, mapped) or list(_walk(path, mapped))
        in_file, in_text = (list(column) for column in zip(*starts, strict=True))
        return cls(path, mapped, in_file, in_text)

    @property
    def size(self) -> int:
        """Bytes of text."""
        return self.in_text[-1]

    def read(self, begin: int, end: int) -> bytes:
        """The bytes of text from ``begin`` to before ``end``."""
        first, last = bisect_right(self.in_text, begin) - 1, bisect_right(self.in_text, max(end - 1, begin)) - 1
        last = min(last, len(self.in_file) - 2)
        joined = b"".join(self._block(number) for number in range(first, last + 1))
        return joined[begin - self.in_text[first] : end - self.in_text[first]]

    def parts(self) -> Iterator[bytes]:
        """All of it, in order."""
        for number in range(len(self.in_file) - 1):
            yield self._unpacked(number)

    def _block(self, number: int) -> bytes:
        with self.lock:
            if (found := self.kept.get(number)) is not None:
                self.kept.move_to_end(number)
                return found
        found = self._unpacked(number)
        with self.lock:
            self.kept[number] = found
            if len(self.kept) > _KEPT_BLOCKS:
                self.kept.popitem(last=False)
        return found

    def _unpacked(self, number: int) -> bytes:
        at = self.in_file[number]
        try:
            text = zlib.decompress(self.mapped[at : self.in_file[number + 1]], wbits=31)
        except zlib.error:
            raise GenomeError(f"{self.path.name}: the block at byte {at} is damaged; compress it again with bgzip") from None
        if len(text) != self.in_text[number + 1] - self.in_text[number]:
            raise GenomeError(f"{self.path.name}: the block at byte {at} is not as long as it says; compress it again")
        return text


def _walk(path: Path, mapped: mmap.mmap, at: int = 0, text: int = 0) -> Iterator[tuple[int, int]]:
    """Where each block begins in the file and in the text, from the blocks' own headers; one past the last at the end."""
    while at < len(mapped):
        head = mapped[at : at + 18]
        if len(head) < 18 or head[:4] != b"\x1f\x8b\x08\x04" or head[12:14] != b"BC":
            raise GenomeError(f"{path.name}: no bgzip block at byte {at}; the file is damaged or cut short")
        size = struct.unpack_from("<H", head, 16)[0] + 1
        if at + size > len(mapped):
            raise GenomeError(f"{path.name}: the block at byte {at} is cut short; bring the whole file")
        held = struct.unpack("<I", mapped[at + size - 4 : at + size])[0]
        if held:
            yield at, text
        at, text = at + size, text + held
    yield at, text


def _from_gzi(path: Path, mapped: mmap.mmap) -> list[tuple[int, int]]:
    """The same from ``.gzi``, the last block by its own header; empty where there is none, or where it does not fit."""
    index = path.with_name(f"{path.name}.gzi")
    if not index.is_file() or index.stat().st_mtime < path.stat().st_mtime:
        return []
    numbers = np.frombuffer(index.read_bytes()[: index.stat().st_size // 8 * 8], dtype="<u8")
    if len(numbers) < 1 or len(numbers) != 1 + 2 * int(numbers[0]):
        return []
    pairs = [(0, 0), *((int(place), int(text)) for place, text in numbers[1:].reshape(-1, 2))]
    try:
        return pairs[:-1] + list(_walk(path, mapped, *pairs[-1]))
    except GenomeError:
        return []
