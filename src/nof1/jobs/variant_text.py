"""A table of assertions (tab-separated, with a header line) as the VCF it could have been."""

from __future__ import annotations

import gzip
import zlib
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from pathlib import Path

import numpy as np

from nof1.errors import RequestError
from nof1.genomics.inflate import PIECE
from nof1.knowledge.variant_sources import STARS
from nof1.model.allele_arrays import Bytes

_NEEDED = {"chrom": ("chrom", "#chrom", "chromosome"), "pos": ("pos", "position"), "ref": ("ref",), "alt": ("alt",)}
_CLASS = ("classification", "clinical_significance", "truth")
_FIELDS = {"stars": STARS, "review": "CLNREVSTAT", "counts": "CLNSIGCONF", "conditions": "CLNDN"}
_START = 4096


def is_table(path: Path) -> bool:
    """Whether a file begins with a line of column names rather than a VCF's."""
    try:
        with open(path, "rb") as raw:
            start = raw.read(_START)
        if start[:2] == b"\x1f\x8b":
            start = zlib.decompressobj(31).decompress(start, _START)
    except (OSError, zlib.error):
        return False
    first = start.removeprefix(BOM_UTF8).split(b"\n")[0].lower()
    names = first.rstrip(b"\r").split(b"\t")
    return (
        bool({b"pos", b"position"} & set(names)) and b"alt" in names and not first.startswith(b"##") and b"info" not in names
    )


class TableText:
    """The lines of a table as those of a VCF of eight columns. Raises ``RequestError`` for a column that is missing."""

    columns = 8

    def __init__(self, path: Path) -> None:
        self.path = path
        names = [name.strip().lower() for name in next(self._lines(), "").split("\t")]
        if twice := next((name for name in names if names.count(name) > 1), ""):
            raise RequestError(f"{path.name}: two columns are named {twice!r}; give each its own name")
        self.header = [b""]
        self._at = {key: self._column(names, spellings) for key, spellings in _NEEDED.items()}
        self._class = self._column(names, _CLASS)
        self._others = {field: names.index(name) for name, field in {**_FIELDS, "gene": "GENEINFO"}.items() if name in names}
        self._id = names.index("id") if "id" in names else -1
        self._names = len(names)
        self.text = "".join(
            f'##INFO=<ID={name},Number=.,Type=String,Description="as in the table">\n' for name in ("CLNSIG", STARS)
        )

    def _column(self, names: list[str], spellings: tuple[str, ...]) -> int:
        found = next((names.index(name) for name in spellings if name in names), -1)
        if found < 0:
            raise RequestError(
                f"{self.path.name}: has no column {' or '.join(spellings)}; its columns are {', '.join(names)[:80]}"
            )
        return found

    def _lines(self) -> Iterator[str]:
        """The lines; raises ``RequestError`` for a file that is cut short, damaged or no UTF-8."""
        with open(self.path, "rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
        try:
            with gzip.open(self.path, "rb") if packed else open(self.path, "rb") as file:
                for number, line in enumerate(file, start=1):
                    at = number
                    yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise RequestError(f"{self.path.name}: is cut short or damaged; copy the file again") from None
        except UnicodeDecodeError as error:
            raise RequestError(
                f"{self.path.name} line {at}: byte {error.start + 1} is not UTF-8; save the table as UTF-8"
            ) from None

    def pieces(self, pool: Executor, told: Callable[[int], None] | None = None) -> Iterator[Bytes]:
        """The lines after the header, in pieces."""
        held: list[str] = []
        size = 0
        lines = self._lines()
        next(lines)
        for number, line in enumerate(lines, start=2):
            held.append(self._line(line.rstrip("\r\n").split("\t"), number) if line.strip() else "\n")
            size += len(held[-1])
            if size > PIECE:
                yield np.frombuffer("".join(held).encode(), np.uint8)
                held, size = [], 0
        if held:
            yield np.frombuffer("".join(held).encode(), np.uint8)

    def _line(self, cells: list[str], number: int) -> str:
        if len(cells) != self._names:
            raise RequestError(
                f"{self.path.name} line {number}: {len(cells)} columns, expected {self._names}; correct the line"
            )
        info = [f"CLNSIG={_word(cells[self._class])}"]
        info += [f"{field}={_word(cells[at])}" for field, at in self._others.items() if cells[at]]
        identifier = cells[self._id] if self._id >= 0 and cells[self._id] else "."
        place = [cells[self._at[key]] for key in ("chrom", "pos")]
        return (
            "\t".join([*place, identifier, cells[self._at["ref"]], cells[self._at["alt"]], ".", ".", ";".join(info)]) + "\n"
        )


def _word(text: str) -> str:
    return text.replace(" ", "_").replace(";", ",").replace("=", "-")
