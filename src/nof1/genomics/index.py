"""Whether an index (.tbi, .csi) is there and whole: the VCF library trusts the counts in it and can crash on wrong ones."""

from __future__ import annotations

import gzip
import os
import struct
import zlib
from pathlib import Path

from nof1.errors import GenomeError

SUFFIXES = (".csi", ".tbi")
_COUNT = struct.Struct("<i")
_VCF_COLUMNS = (2, 1, 2)  # what tabix writes for a VCF: format, column of the contig, column of the position


def has_index(path: Path) -> bool:
    """Whether a .tbi or .csi lies beside the file and is not older than it; an old one could hide records."""
    indexes = [Path(f"{path}{suffix}") for suffix in SUFFIXES]
    made = os.stat(path).st_mtime
    return any(index.exists() and index.stat().st_mtime >= made for index in indexes)


def check_index(path: Path) -> None:
    """Raise ``GenomeError`` when an index beside the genome file ``path`` is damaged."""
    for index in (Path(f"{path}{suffix}") for suffix in SUFFIXES):
        if index.exists():
            try:
                data = gzip.decompress(index.read_bytes())
                _walk(data)
            except (OSError, EOFError, zlib.error, struct.error, ValueError) as error:
                raise GenomeError(f"{index}: the index is damaged ({error}); make it again or remove it") from error


def _walk(data: bytes) -> None:
    """Go through the whole index by its own counts; ``ValueError`` where they lead out of it."""
    magic = data[:4]
    if magic == b"TBI\1":
        _, kind, contig, begin, *_, names = struct.unpack_from("<8i", data, 4)
        if (kind, contig, begin) != _VCF_COLUMNS:
            raise ValueError("it is not one of a VCF")
        at, has_offsets = _past(data, 36, names, 1), False
        sequences = struct.unpack_from("<i", data, 4)[0]
        if data[36:at].count(b"\0") != sequences:
            raise ValueError(f"{sequences} contigs, {data[36:at].count(0)} names")
    elif magic == b"CSI\1":
        shift, depth, extra = struct.unpack_from("<3i", data, 4)
        if not (0 < shift < 32 and 0 <= depth < 10):
            raise ValueError(f"bins of 2^{shift} bases in {depth} levels")
        at, has_offsets = _past(data, 16, extra, 1), True
        sequences = _COUNT.unpack_from(data, at)[0]
        at += 4
    else:
        raise ValueError("it is neither tabix's nor CSI")
    for _ in range(_counted(data, at, sequences, 4)):
        at = _sequence(data, at, has_offsets)


def _sequence(data: bytes, at: int, has_offsets: bool) -> int:
    """Past the bins (and, in a tabix index, the windows) of one contig."""
    chunks_at = 12 if has_offsets else 4
    bins = _counted(data, at + 4, _COUNT.unpack_from(data, at)[0], chunks_at + 4)
    at += 4
    for _ in range(bins):
        at = _past(data, at + chunks_at + 4, _COUNT.unpack_from(data, at + chunks_at)[0], 16)
    return at if has_offsets else _past(data, at + 4, _COUNT.unpack_from(data, at)[0], 8)


def _counted(data: bytes, at: int, count: int, least: int) -> int:
    """``count``, if that many items of at least ``least`` bytes fit."""
    if count < 0 or at + count * least > len(data):
        raise ValueError(f"{count} items, more than it holds")
    return count


def _past(data: bytes, at: int, count: int, size: int) -> int:
    return at + _counted(data, at, count, size) * size
