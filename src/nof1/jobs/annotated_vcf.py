"""A genome file written again with fields in INFO for the alleles that tables know; everything else stays as it was."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import IO, Any

import numpy as np

from nof1.errors import RequestError
from nof1.genomics.columns import ALT, INFO
from nof1.jobs.allele_scan import Piece, Scan
from nof1.jobs.annotated_table import Fields
from nof1.model.allele_arrays import Ints

_BLOCK = 65280
_HEAD = bytes.fromhex("1f8b08040000000000ff0600424302 00".replace(" ", ""))
_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_TAIL = struct.Struct("<II")
_LEVEL = 1
_DOT = 46
_ESCAPED = {**{ord(sign): f"%{ord(sign):02X}" for sign in ";=,%"}, ord(" "): "_"}


def _deflater() -> tuple[Callable[[bytes], bytes], Callable[[bytes], int]]:
    """What packs bytes raw and what sums them up: libdeflate where installed, else zlib."""
    try:
        deflate: Any = import_module("deflate")
    except ImportError:
        return _by_zlib, zlib.crc32
    return lambda data: bytes(deflate.deflate_compress(data, _LEVEL)), deflate.crc32


def _by_zlib(data: bytes) -> bytes:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def blocks(data: bytes) -> bytes:
    """``data`` as blocks of a bgzip file."""
    (pack, sum_of), made = _deflater(), []
    for at in range(0, len(data), _BLOCK):
        part = data[at : at + _BLOCK]
        body = pack(part)
        size = len(_HEAD) + 2 + len(body) + _TAIL.size
        made += [_HEAD, struct.pack("<H", size - 1), body, _TAIL.pack(sum_of(part), len(part))]
    return b"".join(made)


class Packed:
    """Writes text to a file: bgzip where the name ends in .gz or .bgz. A ``with`` ends it."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self._file = file
        self._is_packed = path.suffix in (".gz", ".bgz")

    def __enter__(self) -> Packed:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if self._is_packed and error is None:
            self._file.write(_END)

    def ready(self, data: bytes) -> bytes:
        """``data`` as it stands in the file."""
        return blocks(data) if self._is_packed else data

    def write(self, ready: bytes) -> None:
        """Write what ``ready`` made."""
        self._file.write(ready)


class VcfSink:
    """Lines with fields in INFO. The header is written at once."""

    def __init__(self, scan: Scan, fields: Sequence[Fields], packed: Packed) -> None:
        self._packed, self._tables = packed, scan.tables
        self._fields = [[(name.replace(".", "_").upper().encode(), column) for name, column in each] for each in fields]
        packed.write(packed.ready(self._header(scan)))

    def _header(self, scan: Scan) -> bytes:
        lines = list(scan.text.header)
        added = []
        for table, fields in zip(scan.tables, self._fields, strict=True):
            for key, column in fields:
                name = key.decode()
                if any(line.startswith(f"##INFO=<ID={name},".encode()) for line in lines):
                    raise RequestError(
                        f"{scan.text.path}: has INFO {name} already; remove it: bcftools annotate -x INFO/{name}"
                    )
                words = f"{column.head.title}; {table.name}"
                added.append(f'##INFO=<ID={name},Number=A,Type=String,Description="{words}">'.encode())
        return b"\n".join([*lines[:-1], *added, lines[-1]]) + b"\n"

    def put(self, made: bytes) -> None:
        """Write what ``render`` made."""
        self._packed.write(made)

    def render(self, piece: Piece, hits: Ints) -> bytes:
        """The lines of a piece, packed where that is asked."""
        records = piece.records
        raw = records.text.tobytes()
        owners = piece.found.record[hits]
        firsts = np.flatnonzero(np.append(True, owners[1:] != owners[:-1])) if len(owners) else np.zeros(0, np.int64)
        at, words = owners[firsts], self._words(piece, hits)
        alone = list(map(b";".join, map(partial(filter, None), zip(*words, strict=True)))) if words else [b""] * len(hits)
        columns = zip(
            firsts.tolist(), np.append(firsts[1:], len(owners)).tolist(), records.begin(INFO)[at].tolist(),
            records.ends[at, INFO].tolist(), records.begin(ALT)[at].tolist(), records.ends[at, ALT].tolist(), strict=True,
        )  # fmt: skip
        parts, last = [], 0
        for first, stop, begin, end, alt, alt_end in columns:
            count = 1 if alt_end - alt == 1 else raw.count(b",", alt, alt_end) + 1
            text = (
                alone[first]
                if count == 1
                else self._several(words, piece.found.number[hits[first:stop]].tolist(), first, count)
            )
            if not text:
                continue
            is_empty = end - begin == 1 and raw[begin] == _DOT
            parts += [raw[last:begin], text] if is_empty else [raw[last:end], b";", text]
            last = end
        parts.append(raw[last:])
        return self._packed.ready(b"".join(parts))

    def _words(self, piece: Piece, hits: Ints) -> list[list[bytes]]:
        """NAME=value of each hit for every field, empty for none; several rows on an allele with bars between."""
        found = []
        for table, rows, fields in zip(self._tables, piece.rows, self._fields, strict=True):
            chosen = rows[hits]
            missing = np.flatnonzero(chosen < 0).tolist()
            times = np.where(chosen >= 0, table.repeats(np.maximum(chosen, 0)), 1)
            for name, column in fields:
                words = column.many(np.maximum(chosen, 0), partial(_word, name + b"="))
                for one in missing:
                    words[one] = b""
                for one in np.flatnonzero(times > 1).tolist():
                    texts = column.texts(np.arange(chosen[one], chosen[one] + times[one]))
                    words[one] = name + b"=" + b"|".join(_word(b"", text) or b"." for text in texts)
                found.append(words)
        return found

    def _several(self, words: list[list[bytes]], numbers: list[int], first: int, count: int) -> bytes:
        """The fields of a record with several alternatives: a value for each, a point for none."""
        parts = []
        for column in words:
            each, name = [b"."] * count, b""
            for at, number in enumerate(numbers):
                if column[first + at]:
                    name, _, each[number - 1] = column[first + at].partition(b"=")
            if name:
                parts.append(name + b"=" + b",".join(each))
        return b";".join(parts)


def _word(name: bytes, text: bytes) -> bytes:
    """``text`` as INFO takes it, after ``name``; empty where it is."""
    return name + text.decode("utf-8", "replace").translate(_ESCAPED).encode() if text else b""
