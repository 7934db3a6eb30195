"""Reads what a polygenic score is compared with: frequencies of a panel, its people's components and scores, loadings."""

from __future__ import annotations

import gzip
import hashlib
import io
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nof1.errors import RequestError
from nof1.knowledge.score_header import build_named
from nof1.knowledge.scores import unpacked
from nof1.model.allele_codes import NO_SEQUENCE, AlleleCodes, chromosome_number, place
from nof1.model.scores import Floats, FrequencyPanel, ReferencePeople, TargetVariants

_CHROM = ("#chrom", "chrom", "chr", "chromosome", "#chr")
_POSITION = ("pos", "position", "bp")
_FREQUENCY = ("alt_freqs", "alt_freq", "freq", "af", "frequency")
_NAME = ("#iid", "iid", "sample", "id")
_POPULATION = ("superpop", "population", "pop")
_MOST = 4 << 30
_LARGEST = 1e100
_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Loadings:
    """``frequency`` (variants,) of the alternative in the reference, ``weights`` (variants, components).

    ``singular`` (components,) singular values of the reference, where the file gives them.
    """

    variants: TargetVariants
    frequency: Floats
    weights: Floats
    digest: str
    singular: Floats | None = None
    build: str = ""


class _Table:
    """A table with tabs, plain or gzip; comment lines ``##key=value`` before the names."""

    def __init__(self, path: Path, what: str) -> None:
        self.path, self.what = path, what
        data = _bytes(path, what)
        self.digest = hashlib.sha256(data).hexdigest()
        try:
            text = unpacked(data, _MOST) if data[:2] == b"\x1f\x8b" else data
            if len(text) > _MOST:
                raise RequestError(f"{path}: more than {_MOST >> 30} GB unpacked; it is no table for this")
            lines = list(io.StringIO(text.decode("utf-8-sig")))
        except (EOFError, zlib.error, gzip.BadGzipFile, UnicodeDecodeError):
            raise RequestError(f"{path}: {what} cannot be read (damaged, or no text); give a plain or gzip table") from None
        self.said = dict(
            line[2:].strip().split("=", 1) for line in lines if line.startswith("##") and "=" in line
        )  # fmt: skip
        self.first = next((at for at, line in enumerate(lines) if line.strip() and not line.startswith("##")), len(lines))
        if self.first == len(lines):
            raise RequestError(f"{path}: {what} has no line of column names")
        self.written = [name.strip() for name in lines[self.first].rstrip("\r\n").split("\t")]
        self.names = [name.lower() for name in self.written]
        self.rows = [
            (at, line.rstrip("\r\n").split("\t"))
            for at, line in enumerate(lines[self.first + 1 :], start=self.first + 2)
            if line.strip()
        ]
        twice = next((name for name in self.names if name and self.names.count(name) > 1), "")
        if twice:
            raise RequestError(f"{path} line {self.first + 1}: {what} has two columns {twice!r}; keep one of them")
        short = next(((at, row) for at, row in self.rows if len(row) != len(self.names)), None)
        if short is not None:
            raise RequestError(f"{path} line {short[0]}: {len(short[1])} columns, expected {len(self.names)}; copy it again")
        if not self.rows:
            raise RequestError(f"{path}: {what} has column names and no rows")

    def column(self, names: Sequence[str], required: bool = True) -> int:
        found = next((self.names.index(name) for name in names if name in self.names), -1)
        if found < 0 and required:
            shown = ", ".join(self.written)[:80]
            raise RequestError(f"{self.path} line {self.first + 1}: {self.what} needs a column {names[0]}; it has {shown}")
        return found

    def numbers(self, column: int, low: float = -_LARGEST, high: float = _LARGEST) -> Floats:
        made = np.zeros(len(self.rows))
        for row, (at, fields) in enumerate(self.rows):
            try:
                made[row] = float(fields[column])
            except ValueError:
                made[row] = math.nan
            if not low <= made[row] <= high or not fields[column].isascii():
                limits = f" from {low:g} to {high:g}" if abs(low) < _LARGEST else ""
                raise RequestError(
                    f"{self.path} line {at}: {self.written[column]} is {fields[column][:30]!r}, expected a number{limits}"
                )
        return made

    def variants(self) -> TargetVariants:
        """Chromosome, position, REF and ALT of each row; without positions those that the id tells (chr:pos:ref:alt)."""
        codes = AlleleCodes()
        chrom, ref, alt = self.column(_CHROM), self.column(("ref",)), self.column(("alt",))
        position, name = self.column(_POSITION, required=False), self.column(("id",), required=False)
        places, alleles = np.zeros(len(self.rows), np.int64), np.zeros(2 * len(self.rows), np.int64)
        for row, (at, fields) in enumerate(self.rows):
            text = fields[position] if position >= 0 else [*fields[name].split(":"), "", ""][1] if name >= 0 else ""
            if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
                raise RequestError(f"{self.path} line {at}: no position (a column POS, or an ID like 1:2345:A:G)")
            places[row] = place(chromosome_number(fields[chrom]), int(text))
            alleles[2 * row], alleles[2 * row + 1] = codes[fields[ref]], codes[fields[alt]]
            if alleles[2 * row] == NO_SEQUENCE or alleles[2 * row + 1] == NO_SEQUENCE:
                places[row] = 0
        return TargetVariants(places, np.arange(0, 2 * len(self.rows) + 1, 2), alleles)

    def unique(self, column: int) -> tuple[str, ...]:
        """The names in a column, each of another person."""
        seen: dict[str, int] = {}
        for at, fields in self.rows:
            if fields[column] in seen:
                before = seen[fields[column]]
                raise RequestError(f"{self.path} line {at}: {fields[column][:40]!r} stands in line {before} too; keep one")
            seen[fields[column]] = at
        return tuple(seen)

    def stated(self, column: int) -> tuple[str, ...]:
        """The texts of a column, none of them empty."""
        empty = next((at for at, fields in self.rows if not fields[column].strip()), 0)
        if empty:
            raise RequestError(f"{self.path} line {empty}: {self.written[column]} is empty; write it, or leave the line out")
        return tuple(fields[column].strip() for _, fields in self.rows)

    def build(self) -> str:
        return build_named(self.said.get("genome_build", ""))


def _bytes(path: Path, what: str) -> bytes:
    try:
        if path.stat().st_size > _MOST:
            raise RequestError(f"{path}: {what} has more than {_MOST >> 30} GB")
        return path.read_bytes()
    except OSError as error:
        raise RequestError(f"{path}: {what} cannot be read ({error.strerror}); check the path") from None


def read_panel(path: Path) -> FrequencyPanel:
    """Frequencies of alternatives in a reference panel: PLINK 2's .afreq, or a table in its columns.

    A line ``##genome_build=GRCh38`` says the build. Raises ``RequestError`` with the line.
    """
    table = _Table(path, "the panel")
    variants = table.variants()
    alternative = table.numbers(table.column(_FREQUENCY), 0, 1)
    frequency = np.stack([1 - alternative, alternative], axis=1).ravel()
    return FrequencyPanel(variants, frequency, path.name, table.build(), table.digest)


def read_people(path: Path) -> ReferencePeople:
    """People of a reference panel: a table with IID, population (or SuperPop), PC1, PC2, ... and a column for each score."""
    table = _Table(path, "the table of reference people")
    name, population = table.column(_NAME), table.column(_POPULATION)
    pcs = _components(table)
    known = {name, population, *pcs}
    scores = {
        table.written[column]: table.numbers(column)
        for column in range(len(table.names))
        if column not in known and table.names[column] not in ("fid", "#fid", "sex")
    }
    return ReferencePeople(
        table.unique(name),
        table.stated(population),
        np.stack([table.numbers(at) for at in pcs], axis=1),
        scores,
    )


def read_components(path: Path) -> tuple[tuple[str, ...], Floats]:
    """Names and components of people: a table with IID, PC1, PC2, ...; (people, components)."""
    table = _Table(path, "the table of components")
    name = table.column(_NAME)
    return (
        table.unique(name),
        np.stack([table.numbers(at) for at in _components(table)], axis=1),
    )


def read_loadings(path: Path) -> Loadings:
    """Loadings of variants: a table with CHROM, POS, REF, ALT, ALT_FREQS and PC1, PC2, ... of the alternative.

    A line ``##singular_values=310.2,150.7,...`` gives the singular values of the reference; without it a projection shrinks.
    """
    table = _Table(path, "the table of loadings")
    pcs = _components(table)
    singular = _singular(table, len(pcs))
    at = table.column(_FREQUENCY)
    frequency = table.numbers(at, 0, 1)
    for row in np.flatnonzero((frequency == 0) | (frequency == 1))[:1].tolist():
        raise RequestError(
            f"{path} line {table.rows[row][0]}: {table.written[at]} is {frequency[row]:g}; a variant that does not vary has "
            "no loading, leave the line out"
        )
    weights = np.stack([table.numbers(at) for at in pcs], axis=1)
    return Loadings(table.variants(), frequency, weights, table.digest, singular, table.build())


def _singular(table: _Table, count: int) -> Floats | None:
    text = table.said.get("singular_values", "")
    if not text:
        return None
    try:
        found = np.array([float(part) for part in text.split(",")])
    except ValueError:
        found = np.zeros(0)
    if len(found) != count or not np.isfinite(found).all() or (found <= 0).any():
        raise RequestError(f"{table.path}: singular_values is {text[:40]!r}, expected {count} numbers above 0")
    return found


def _components(table: _Table) -> list[int]:
    found: list[int] = []
    while f"pc{len(found) + 1}" in table.names:
        found.append(table.names.index(f"pc{len(found) + 1}"))
    if not found:
        table.column(("pc1",))
    return found
