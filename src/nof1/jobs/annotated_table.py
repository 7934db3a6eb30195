"""Rows of the joined table: the place of an allele, what a person has there, what tables say of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from nof1.errors import RequestError
from nof1.genomics.columns import ALT, FILTER, FORMAT, Malformed
from nof1.genomics.genotypes import Genotype, genotype
from nof1.jobs.allele_scan import Piece, Scan
from nof1.knowledge.variant_columns import Column
from nof1.knowledge.variant_index import VariantIndex
from nof1.model.allele_arrays import UPPER, Ints
from nof1.model.cells import Cells, chosen, lines, whole_numbers, worded
from nof1.model.variants import Zygosity

_NOT_IN_NAMES = re.compile(r"[^0-9A-Za-z]")
Fields = list[tuple[str, Column]]  # names KIND.COLUMN of one table
PLACE = ("chromosome", "position", "ref", "alt", "filter")
PERSON = ("genotype", "zygosity", "phase_set", "strand", "quality", "depth")
NOT_CARRIED = "known to a table, not carried by the sample"
NOT_CALLED = "known to a table, the sample has no genotype there (listed, zygosity unknown)"


def fields_of(known: Sequence[VariantIndex], wanted: Sequence[str] = ()) -> list[Fields]:
    """The columns to write of each table: those ``wanted`` (KIND.COLUMN, or COLUMN), else all that hold anything.

    Columns of several editions of a kind are KIND_EDITION.COLUMN. Raises ``RequestError`` for a name that no table has, and
    for an edition that comes twice.
    """
    every = [
        [(f"{prefix}.{name}", column) for name, column in table.columns.items()]
        for prefix, table in zip(_prefixes(known), known, strict=True)
    ]
    names = {name for fields in every for name, _ in fields}
    if odd := next(
        (name for name in wanted if name not in names and not any(end.endswith(f".{name}") for end in names)), ""
    ):
        raise RequestError(f"--columns names {odd!r}; there are {', '.join(sorted(names))}")
    if not wanted:
        return [[(name, column) for name, column in fields if column.head.filled] for fields in every]
    chosen = set(wanted)
    return [
        [(name, column) for name, column in fields if name in chosen or name.partition(".")[2] in chosen] for fields in every
    ]


def _prefixes(known: Sequence[VariantIndex]) -> list[str]:
    """What the names of each table's columns begin with: the kind, with the edition where there are several of a kind."""
    kinds = [table.header.kind for table in known]
    found = [
        kind if kinds.count(kind) == 1 else f"{kind}_{_NOT_IN_NAMES.sub('_', table.header.edition)}"
        for kind, table in zip(kinds, known, strict=True)
    ]
    for at, table in enumerate(known):
        if found[at] in found[:at]:
            raise RequestError(f"{table.name} is named twice; name each edition once")
    return found


def heads(fields: Sequence[Fields], *, has_person: bool) -> list[str]:
    """The names of the columns of the joined table."""
    return [*PLACE, *(PERSON if has_person else ()), *(name for each in fields for name, _ in each)]


class TableSink:
    """Rows of the joined table. Where several rows of tables speak about an allele, each is a row.

    ``column``: that of the sample, -1 for none; ``as_values``: columns are written, not lines.
    """

    def __init__(
        self, scan: Scan, fields: Sequence[Fields], column: int, write: Callable[[Any], Any], *, as_values: bool = False
    ) -> None:
        self._scan, self._fields, self._column, self._write, self._as_values = scan, fields, column, write, as_values

    def put(self, made: Any) -> None:
        """Write what ``render`` made."""
        if made:
            self._write(made)

    def render(self, piece: Piece, hits: Ints) -> Any:
        """The rows of a piece: bytes, or a list of columns; ``None`` for none."""
        people: list[tuple[bytes, ...]] = []
        if self._column >= 0:
            hits, people = _carried(piece, hits, self._column, self._scan)
        if not hits.size:
            return None
        hits, rows, people = self._repeated(piece, hits, people)
        columns = [*self._places(piece, hits), *(worded(each) for each in zip(*people, strict=True))]
        for fields, chosen_rows in zip(self._fields, rows, strict=True):
            there = chosen_rows >= 0
            columns += [column.cells(np.maximum(chosen_rows, 0)).where(there) for _, column in fields]
        return [column.listed() for column in columns] if self._as_values else lines(columns)

    def _repeated(self, piece: Piece, hits: Ints, people: list[Any]) -> tuple[Ints, list[Ints], list[Any]]:
        """Hits once for each row that a table has on them."""
        rows = [each[hits] for each in piece.rows]
        for number, table in enumerate(self._scan.tables):
            times = np.where(rows[number] >= 0, table.repeats(np.maximum(rows[number], 0)), 1)
            if (times > 1).any():
                nth = np.arange(int(times.sum())) - np.repeat(np.cumsum(times) - times, times)
                which = np.repeat(np.arange(len(hits)), times)
                hits, rows = hits[which], [each[which] for each in rows]
                people = [people[one] for one in which.tolist()] if people else []
                rows[number] = rows[number] + np.where(rows[number] >= 0, nth, 0)
        return hits, rows, people

    def _places(self, piece: Piece, hits: Ints) -> list[Cells]:
        mine = piece.found.alleles.take(hits)
        return [
            chosen([name.encode() for name in self._scan.contigs.names], mine.contig.astype(np.int64)),
            whole_numbers(mine.position),
            _capitals(Cells(mine.text, mine.ref_at, mine.ref_length)),
            _capitals(Cells(mine.text, mine.alt_at, mine.alt_length)),
            piece.records.cells(piece.found.record[hits], FILTER),
        ]


def _capitals(alleles: Cells) -> Cells:
    """Alleles, written in letters alone, in capitals."""
    letters, cells = alleles.copied()
    letters &= np.uint8(UPPER)
    return cells


def _carried(piece: Piece, hits: Ints, column: int, scan: Scan) -> tuple[Ints, list[tuple[bytes, ...]]]:
    """Those of ``hits`` that the sample in ``column`` carries or may carry, each with what its column says."""
    kept: list[int] = []
    written: list[tuple[bytes, ...]] = []
    unknown = absent = 0
    numbers = piece.found.number[hits].tolist()
    for one, number, (found, zygosity) in zip(hits.tolist(), numbers, genotypes(piece, hits, column, scan), strict=True):
        if zygosity is None:
            absent += 1
            continue
        unknown += found.is_missing
        kept.append(one)
        strand = found.strand(number)
        written.append((
            found.written.encode(), zygosity.encode(), b"%d" % found.phase_set if found.phase_set else b"",
            b"%d" % strand if strand >= 0 else b"", b"" if found.quality != found.quality else b"%g" % found.quality,
            b"%d" % found.depth if found.depth >= 0 else b"",
        ))  # fmt: skip
    for count, reason in ((absent, NOT_CARRIED), (unknown, NOT_CALLED)):
        if count:
            piece.tally.excluded[reason] = piece.tally.excluded.get(reason, 0) + count
    return np.array(kept, np.int64), written


def genotypes(piece: Piece, hits: Ints, column: int, scan: Scan) -> Iterator[tuple[Genotype, Zygosity | None]]:
    """The genotype of the sample in ``column`` at each of ``hits``, and how it carries the allele.

    Raises ``Malformed`` where GT is no genotype, or names an allele that the record does not have.
    """
    records = piece.records
    at = piece.found.record[hits]
    keys, values = records.fields(at, FORMAT), records.fields(at, column)
    contigs, numbers = piece.found.alleles.contig[hits].tolist(), piece.found.number[hits].tolist()
    alts = [alt.count(b",") + 1 for alt in records.fields(at, ALT)]
    for record, contig, number, key, value, count in zip(at.tolist(), contigs, numbers, keys, values, alts, strict=True):
        try:
            found = genotype(key, value)
            found.must_fit(count)
        except ValueError as error:
            raise Malformed(int(records.lines[record]), str(error)) from None
        yield found, found.zygosity(number, scan.contigs.names[contig])
