"""Writes what is said of alleles as one file that ``variant_index`` reads: whole or not at all."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Mapping
from glob import escape
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from nof1.errors import RequestError
from nof1.knowledge.variant_columns import Numbers, Texts
from nof1.knowledge.variant_index import ALIGNED, FORMAT, HEAD, MAGIC, Header, Source, used
from nof1.model.allele_arrays import UPPER, AlleleArrays, Ints, Keys, keys, same, seed, spread


def write_index(
    path: Path,
    alleles: AlleleArrays,
    columns: Mapping[str, Texts | Numbers],
    contigs: list[str],
    *,
    kind: str,
    edition: str,
    build: str,
    made: str,
    source: Source,
    left_aligned: bool = False,
    bits: int = 64,
) -> Header:
    """Write rows on ``alleles`` (trimmed, any order) to ``path``; ``columns``: by name, as ``variant_columns`` makes them.

    The file is there whole or not at all. ``bits``: of a key that are used (fewer only to test collisions).
    """  # fmt: skip
    seeds = np.array([seed(build, name) for name in contigs] or [0], np.uint64)
    whole = keys(alleles, seeds)
    order = np.lexsort((whole, alleles.position, alleles.contig))
    alleles, whole = alleles.take(order), whole[order]
    repeats = _repeats(alleles)
    firsts = np.flatnonzero(repeats)
    letters, at = _packed(alleles)
    blocks: dict[str, NDArray[Any]] = {
        "slots": _slots(used(whole[firsts], bits), firsts),
        "contig": alleles.contig.astype(np.uint16),
        "position": alleles.position.astype(np.uint32),
        "ref_length": alleles.ref_length.astype(np.uint32),
        "alt_length": alleles.alt_length.astype(np.uint32),
        "at": at.astype(np.uint32 if len(letters) < 1 << 32 else np.uint64),
        "letters": letters,
        "repeats": np.minimum(repeats, 65535).astype(np.uint16),
    }
    heads = []
    for name, column in columns.items():
        head, more = column.blocks(name, order)
        heads.append(head)
        blocks.update(more)
    header = Header(kind, edition, build, made, source, len(order), bits, left_aligned, contigs, heads, *_laid_out(blocks))
    save_whole(path, _parts(header, blocks))
    return header


def _repeats(alleles: AlleleArrays) -> Ints:
    """For the first row of each allele how many there are of it, 0 for the others."""
    count = len(alleles)
    if not count:
        return np.zeros(0, np.int64)
    before, after = alleles.take(np.arange(count - 1)), alleles.take(np.arange(1, count))
    is_first = np.append(True, ~(same(before, after) & (before.contig == after.contig)))
    firsts = np.flatnonzero(is_first)
    found = np.zeros(count, np.int64)
    found[firsts] = np.diff(np.append(firsts, count))
    return found


def _packed(alleles: AlleleArrays) -> tuple[NDArray[np.uint8], Ints]:
    """REF and ALT of each allele one after the other in capital letters, and where each begins."""
    starts = np.stack([alleles.ref_at, alleles.alt_at], axis=1).ravel()
    lengths = np.stack([alleles.ref_length, alleles.alt_length], axis=1).ravel()
    ends = np.cumsum(lengths)
    return alleles.text[spread(starts, lengths)] & np.uint8(UPPER), (ends - lengths)[::2]


def _slots(wanted: Keys, rows: Ints) -> Keys:
    """The table of keys, at most half full: each row in the first free slot from that of its key on."""
    size = 1 << max(int(2 * len(rows) - 1).bit_length(), 4)
    slots = np.zeros(size, np.uint64)
    entry = (wanted & np.uint64(0xFFFFFFFF00000000)) | (rows.astype(np.uint64) + np.uint64(1))
    slot = (wanted & np.uint64(size - 1)).astype(np.int64)
    waiting = np.arange(len(rows))
    while waiting.size:
        free = slots[slot[waiting]] == 0
        _, winners = np.unique(slot[waiting][free], return_index=True)
        chosen = waiting[free][winners]
        slots[slot[chosen]] = entry[chosen]
        left = np.ones(len(rows), bool) if len(waiting) == len(rows) else np.zeros(len(rows), bool)
        left[waiting] = True
        left[chosen] = False
        waiting = np.flatnonzero(left)
        taken = waiting[slots[slot[waiting]] != 0]
        slot[taken] = (slot[taken] + 1) & (size - 1)
    return slots


def _laid_out(blocks: dict[str, NDArray[Any]]) -> tuple[dict[str, tuple[str, int, int, int]], int]:
    """Type, place, items and checksum of each block, the places from the end of the longest header; and the size."""
    at, laid = 0, {}
    for name, block in blocks.items():
        laid[name] = (block.dtype.str, at, len(block), zlib.crc32(_bytes(block)))
        at += -(-block.nbytes // ALIGNED) * ALIGNED
    return laid, at


def _parts(header: Header, blocks: dict[str, NDArray[Any]]) -> list[Any]:
    """The bytes of the file, one after the other."""
    head = msgspec.msgpack.encode(header)
    start = -(-(HEAD + len(head)) // ALIGNED) * ALIGNED
    front = MAGIC + b"".join(number.to_bytes(4, "little") for number in (FORMAT, len(head), zlib.crc32(head), start))
    parts: list[Any] = [front + head, bytes(start - len(front) - len(head))]
    for block in blocks.values():
        parts += [_bytes(block), bytes(-block.nbytes % ALIGNED)]
    return parts


def save_whole(path: Path, parts: Iterable[Any]) -> None:
    """Write ``parts`` under a hidden name, then rename: whoever is killed meanwhile leaves nothing that is read."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_left(path)
        made = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            with open(made, "wb") as file:
                file.writelines(parts)
                file.flush()
                os.fsync(file.fileno())
            os.replace(made, path)
        finally:
            made.unlink(missing_ok=True)
    except OSError as error:
        raise RequestError(f"{str(path)!r} cannot be written ({error.strerror}); choose another folder") from None


def remove_left(path: Path) -> None:
    """Remove what processes that were killed have left of ``path``: files with a hidden name and their number."""
    for left in path.parent.glob(f".{escape(path.name)}.*.part"):
        if not _is_alive(left.name.rsplit(".", 2)[1]):
            left.unlink(missing_ok=True)


def _is_alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except OSError:
        return True
    return True


def _bytes(block: NDArray[Any]) -> memoryview | bytes:
    return np.ascontiguousarray(block).data.cast("B") if block.nbytes else b""
