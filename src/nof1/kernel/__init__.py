"""Loops in C over the text of genome files and tables of alleles, where they were compiled; else NumPy does the same.

``kernel.c`` is compiled when nof1 is installed, if there is a C compiler. Each function here gives ``None`` where there is
no kernel or it meets what it does not know, and the caller goes the way of NumPy. NOF1_KERNEL=0 turns the kernel off.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).with_name("kernel.so")
_VERSION = 2
_INT, _POINTER = ctypes.c_int64, ctypes.c_void_p
_TYPES = {
    "nof1_version": "",
    "nof1_records": "pnnppn",
    "nof1_alleles": "pppnnbb" + 9 * "p" + "n",
    "nof1_keys": "pnpppppppp",
    "nof1_find": "pn" + 9 * "p" + "un" + 6 * "p" + "np",
    "nof1_contradicted": "n" + 7 * "p" + "np",
    "nof1_lines": "nnpppp",
}
"""The arguments of each function: p an array, n a number, u one without a sign, b a byte."""

Array = NDArray[Any]


def _loaded() -> Any:
    """The library, ``None`` where it is not there, is of another edition, or is turned off."""
    if os.environ.get("NOF1_KERNEL") == "0" or not FILE.exists():
        return None
    try:
        library = ctypes.CDLL(str(FILE))
        kinds = {"p": _POINTER, "n": _INT, "u": ctypes.c_uint64, "b": ctypes.c_uint8}
        for name, letters in _TYPES.items():
            function = getattr(library, name)
            function.argtypes, function.restype = [kinds[letter] for letter in letters], _INT
        return library if library.nof1_version() == _VERSION else None
    except (OSError, AttributeError):
        return None


library: Any = _loaded()


def _held(arrays: Sequence[Array], kinds: str) -> list[Array]:
    """``arrays`` as C takes them; b, i, q, Q: bytes, int32, int64, uint64. To be kept until the call is over."""
    types = {"b": np.uint8, "i": np.int32, "q": np.int64, "Q": np.uint64}
    return [np.ascontiguousarray(one, types[kind]) for one, kind in zip(arrays, kinds, strict=True)]


def _at(arrays: Sequence[Array]) -> list[int]:
    return [int(one.ctypes.data) for one in arrays]


def records(text: Array, columns: int) -> tuple[Array, Array] | None:
    """Where each line of ``text`` (bytes,) begins, (records,), and where its columns end, (records, columns)."""
    if library is None:
        return None
    room = len(text) // columns + 1  # a line has a byte a column, empty ones too
    held = [*_held([text], "b"), np.empty(room, np.int64), np.empty((room, columns), np.int64)]
    place, *out = _at(held)
    count = library.nof1_records(place, len(text), columns, *out, room)
    return None if count < 0 else (held[1][:count], held[2][:count])


def alleles(text: Array, starts: Array, ends: Array, same: int, odd: int) -> tuple[Array, ...] | None:
    """POS of each record; of each alternative, trimmed where it is written in letters, its record, number, position, place
    and length of REF, place and length of ALT, and reason (0, ``same``, ``odd``).
    """
    if library is None:
        return None
    count, columns = ends.shape
    room = 2 * count + 64
    given = _held([text, starts, ends], "bqq")
    made = [np.empty(count, np.int64), *(np.empty(room, np.int64) for _ in range(7)), np.empty(room, np.uint8)]
    found = library.nof1_alleles(*_at(given), count, columns, same, odd, *_at(made), room)
    return None if found < 0 else (made[0], *(each[:found] for each in made[1:]))


def keys(text: Array, alleles: Sequence[Array], seeds: Array) -> Array | None:
    """A key of each allele: ``alleles`` are contig, position, place and length of REF and of ALT."""
    if library is None:
        return None
    given = _held([text, *alleles, seeds], "biqqqqqQ")
    made = np.empty(len(alleles[0]), np.uint64)
    place, *others = _at([*given, made])
    library.nof1_keys(place, len(made), *others)
    return made


def find(
    text: Array, alleles: Sequence[Array], wanted: Array, numbers: Array, slots: Array, table: Sequence[Array]
) -> Array | None:
    """The first row on each allele, -1 for none. ``table``: contig, position, length of REF and ALT, place, letters."""
    if library is None or [each.dtype.str for each in (slots, *table)] != ["<u8", "<u2", "<u4", "<u4", "<u4", "<u4", "|u1"]:
        return None
    given = _held([text, *alleles, wanted, numbers], "biqqqqqQi")
    made = np.empty(len(wanted), np.int64)
    place, *others = _at([*given, slots])
    done = library.nof1_find(
        place, len(made), *others, len(slots) - 1, len(table[0]), *_at(table), len(table[-1]), *_at([made])
    )
    return None if done < 0 else made


def contradicted(contig: Array, place: Array, first: Array, begins: Array, table: Sequence[Array]) -> Array | None:
    """1 where a first letter is that of a row at its place, -1 where not, 0 for no row.

    ``begins`` (contigs + 1,): first row of each contig; ``table``: position, place, letters of rows.
    """
    if library is None or [each.dtype.str for each in table] != ["<u4", "<u4", "|u1"]:
        return None
    given = _held([contig, place, first, begins], "iqbq")
    made = np.empty(len(place), np.int8)
    done = library.nof1_contradicted(len(made), *_at([*given, *table]), len(table[-1]), *_at([made]))
    return None if done < 0 else made


def lines(texts: Sequence[Array], at: Sequence[Array], length: Sequence[Array]) -> bytes | None:
    """Rows of a table with tabs between cells; each cell a slice of the text of its column."""
    if library is None:
        return None
    columns, rows = len(length), len(length[0])
    held = [_held(each, kind * columns) for each, kind in ((texts, "b"), (at, "q"), (length, "q"))]
    out = np.empty(sum(int(one.sum()) for one in held[2]) + columns * rows, np.uint8)
    places = [np.array(_at(each), np.uint64) for each in held]
    library.nof1_lines(rows, columns, *_at([*places, out]))
    return out.tobytes()
