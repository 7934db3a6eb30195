"""The text of a VCF or BCF in pieces of whole lines, whatever it is packed in; bgzip is unpacked by several threads."""

from __future__ import annotations

import gzip
import os
import struct
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from functools import lru_cache
from importlib import import_module
from itertools import takewhile
from pathlib import Path
from typing import IO, Any, TypeVar, cast

import numpy as np

from nof1.errors import GenomeError
from nof1.genomics import diagnose
from nof1.model.allele_arrays import Bytes

PIECE = 1 << 22  # bytes of text worked on at once: it and what is made of it stay in the processor's cache
AHEAD = 4  # pieces in work before the oldest is waited for
_READ = 1 << 20
_FIXED = 12  # of a gzip member's head, before its extra field
_XLEN = struct.Struct("<H")
_RECORDS = 4096

Given = TypeVar("Given")
Made = TypeVar("Made")


def _member_reader() -> Callable[[bytes], bytes]:
    """Unpacks one gzip member and checks its sum: libdeflate where installed (twice as fast), else zlib.

    What it makes raises ``zlib.error`` for a damaged member.
    """
    try:
        deflate: Any = import_module("deflate")
    except ImportError:
        return lambda member: zlib.decompress(member, 31)

    def unpacked(member: bytes) -> bytes:
        try:
            return cast(bytes, deflate.gzip_decompress(member))
        except deflate.DeflateError as error:
            raise zlib.error(str(error)) from error

    return unpacked


def in_order(pool: Executor, work: Callable[[Given], Made], given: Iterable[Given], ahead: int = AHEAD) -> Iterator[Made]:
    """What ``work`` makes of each of ``given``, in their order, ``ahead`` of them at work at any time."""
    waiting: deque[Future[Made]] = deque()
    try:
        for one in given:
            waiting.append(pool.submit(work, one))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


@lru_cache(maxsize=32)
def _header(path: Path, kind: str, changed: int, size: int) -> tuple[bytes, ...]:
    """The header lines of a file, remembered as long as it stays as it is: one person's files are opened several times."""
    del changed, size
    text = _bcf(path).raw_header.encode() if kind == "BCF" else diagnose.header(path)
    diagnose.refuse_two_heads(path, text)
    lines = text.removesuffix(b"\n").split(b"\n")
    return tuple(line.rstrip(b"\r") for line in takewhile(lambda line: line.startswith(b"#"), lines))


class VcfText:
    """A VCF or BCF as text: its header lines, samples, number of columns, and its records in pieces of whole lines.

    Raises ``GenomeError`` for a file that is none, or is cut short or damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.kind = diagnose.kind(path)
        try:
            there = os.stat(path)
            self.header = _header(path, self.kind, there.st_mtime_ns, there.st_size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise self._cut() from error
        if not self.header or not self.header[-1].startswith(b"#CHROM"):
            raise GenomeError(
                f"{path} line {len(self.header) + 1}: no #CHROM line before the records; the header is incomplete"
            )
        columns = self.header[-1].split(b"\t")
        if columns[:8] != diagnose.COLUMNS:
            raise GenomeError(
                f"{path} line {len(self.header)}: the #CHROM line does not name the eight columns of VCF, separated by tabs"
            )
        self.columns = len(columns)
        self.samples = tuple(name.decode("utf-8", "replace") for name in columns[9:])

    @property
    def text(self) -> str:
        """The header as one text."""
        return b"\n".join(self.header).decode("utf-8", "replace")

    def number(self, line: int) -> int:
        """What a user calls the record's line at ``line``, counted from 0: its line in the file, or its number in a BCF."""
        return line + 1 + (0 if self.kind == "BCF" else len(self.header))

    def pieces(self, pool: Executor, told: Callable[[int], None] | None = None) -> Iterator[Bytes]:
        """The lines after the header, as arrays that end with a line's end; ``told`` gets the packed bytes read so far."""
        try:
            yield from _whole_lines(self._texts(pool, told), 0 if self.kind == "BCF" else len(self.header))
        except (EOFError, zlib.error, gzip.BadGzipFile, struct.error, ValueError) as error:
            if isinstance(error, UnicodeError):
                raise
            raise self._cut() from error

    def _cut(self) -> GenomeError:
        return GenomeError(diagnose.cut_short(self.path))

    def _texts(self, pool: Executor, told: Callable[[int], None] | None) -> Iterator[bytes]:
        if self.kind == "BCF":
            yield from _bcf_lines(self.path)
            return
        with open(self.path, "rb") as raw:
            if self.kind == "VCF (bgzip)":
                read = _member_reader()
                yield from in_order(pool, lambda members: b"".join(map(read, members)), _groups(raw, told))
                return
            file: Any = gzip.GzipFile(fileobj=raw) if self.kind == "VCF (gzip)" else raw
            while piece := file.read(PIECE):
                yield piece
                if told is not None:
                    told(raw.tell())


def _whole_lines(texts: Iterable[bytes], header: int) -> Iterator[Bytes]:
    """``texts`` cut anew at line ends, without the first ``header`` lines."""
    left = b""
    for text in texts:
        joined = left + text if left else text
        begin = 0
        while header and (end := joined.find(b"\n", begin)) >= 0:
            begin, header = end + 1, header - 1
        end = begin if header else joined.rfind(b"\n") + 1
        left = joined[end:]
        if end > begin:
            yield np.frombuffer(joined, np.uint8, end - begin, begin)
    if left and not header:
        yield np.frombuffer(left + b"\n", np.uint8)


def _groups(raw: IO[bytes], told: Callable[[int], None] | None) -> Iterator[list[bytes]]:
    """Members of a bgzip file in groups whose text is about ``PIECE`` long."""
    left, group, size = b"", list[bytes](), 0
    while data := raw.read(_READ):
        left += data
        at = 0
        while (length := _member_length(left, at)) and at + length <= len(left):
            group.append(left[at : at + length])
            size += struct.unpack_from("<I", left, at + length - 4)[0]
            at += length
            if size >= PIECE:
                yield group
                group, size = [], 0
        left = left[at:]
        if told is not None:
            told(raw.tell())
    if left:
        raise EOFError
    if group:
        yield group


def _member_length(data: bytes, at: int) -> int:
    """How long the bgzip member at ``at`` is; 0 where its head is not whole. Raises ``BadGzipFile`` for another one."""
    if len(data) < at + _FIXED:
        return 0
    if data[at : at + 2] != b"\x1f\x8b" or not data[at + 3] & 4:
        raise gzip.BadGzipFile("no bgzip member")
    place, end = at + _FIXED, at + _FIXED + _XLEN.unpack_from(data, at + 10)[0]
    if end > len(data):
        return 0
    while place + 4 <= end:
        if data[place : place + 2] == b"BC":
            return int(_XLEN.unpack_from(data, place + 4)[0]) + 1
        place += 4 + _XLEN.unpack_from(data, place + 2)[0]
    raise gzip.BadGzipFile("no bgzip member")


def _bcf(path: Path) -> Any:
    from cyvcf2 import VCF
    from cyvcf2.cyvcf2 import set_htslib_log_level

    set_htslib_log_level(0)
    try:
        return VCF(str(path))
    except Exception as error:  # the library raises what it likes for a file it cannot open
        raise diagnose.explain(path, error) from error


def _bcf_lines(path: Path) -> Iterator[bytes]:
    """Records of a BCF as the library writes them, some thousands at once."""
    written: list[str] = []
    try:
        for variant in _bcf(path):
            written.append(str(variant))
            if len(written) == _RECORDS:
                yield "".join(written).encode()
                written = []
    except Exception as error:  # the library raises plain Exception for a record it cannot parse
        raise diagnose.explain(path, error) from error
    yield "".join(written).encode()
