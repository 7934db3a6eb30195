"""Where tables know alleles that would be a finding: the places that have to be read before a gene is called negative."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nof1.genomics.text import Window
from nof1.knowledge.asserted_rows import assertions_of
from nof1.knowledge.variant_index import VariantIndex
from nof1.model.allele_arrays import UPPER, AlleleArrays, Bytes, Ints, keys, seed, spread
from nof1.model.transcripts import Transcript
from nof1.model.variants import Allele, Assertion
from nof1.variants.spelled import changed

LONGEST = 50  # bases of an allele; a longer change is one of structure, which is not looked for
BOUNDARY = 2  # bases of an intron beside a coding part that belong to the gene whatever the table names
_BESIDE = 200_000  # bases on either side of a transcript whose rows are looked at: a row may name its gene from there
_DISEASE = (b"pathogenic", b"likely pathogenic")
_HARMLESS = (b"benign", b"likely benign")


@dataclass(frozen=True, slots=True)
class Site:
    """An allele that a table calls disease-causing, or about which submitters disagree."""

    allele: Allele
    classification: str
    stars: int
    assertions: tuple[Assertion, ...]

    @property
    def text(self) -> str:
        """The allele and what is said of it, in words."""
        said = f"{self.classification}, {self.stars} star{'' if self.stars == 1 else 's'}"
        return f"{allele_text(self.allele)} ({said})"


@dataclass(frozen=True, slots=True)
class GeneSites:
    """The sites of one gene, ascending; all arrays (sites,). ``first`` to ``last``: the bases that an allele changes, with
    those on both its sides where it changes how many there are.

    ``table``: of which of ``tables``, ``row``: the row there; ``known``: how many alleles the tables have that have any
    germline class.
    """

    gene: str
    chromosome: str
    tables: tuple[VariantIndex, ...]
    table: Ints
    row: Ints
    first: Ints
    last: Ints
    stars: Ints
    known: int

    def __len__(self) -> int:
        return len(self.row)

    def site(self, number: int) -> Site:
        """One of them, whole."""
        table, row = self.tables[int(self.table[number])], int(self.row[number])
        position, ref, alt = table.alleles(np.array([row])).written(0)
        said = table.columns["germline"].text(row)
        allele = Allele(self.chromosome, position, ref, alt)
        return Site(allele, said, int(self.stars[number]), tuple(assertions_of(table, row)))

    def near(self, first: int, last: int, beside: int = 0) -> Ints:
        """The sites that change any base from ``first`` to ``last``, or up to ``beside`` of them."""
        low, high = np.searchsorted(self.first, [first - beside - LONGEST - 2, last + beside + 1])
        there = np.arange(low, high)
        return there[self.last[there] >= first - beside]

    def windows(self) -> Iterator[Window]:
        """The bases of all sites."""
        for first, last in zip(self.first.tolist(), self.last.tolist(), strict=True):
            yield Window(self.chromosome, first, last)

    def letters(self) -> tuple[Ints, Bytes]:
        """Positions and the letters of the reference there, as the tables give them."""
        places, letters = [np.zeros(0, np.int64)], [np.zeros(0, np.uint8)]
        for number, table in enumerate(self.tables):
            mine = table.alleles(self.row[self.table == number])
            places.append(spread(mine.position, mine.ref_length))
            letters.append(mine.text[spread(mine.ref_at, mine.ref_length)] & np.uint8(UPPER))
        return np.concatenate(places), np.concatenate(letters)

    def only(self, chosen: Allele) -> GeneSites:
        """Those on one allele, as if the tables knew no other."""
        kept = [one for one in self.near(chosen.position, chosen.position).tolist() if self.site(one).allele == chosen]
        return replace(self._taken(np.array(kept, np.int64)), known=len(kept))

    def _taken(self, chosen: Ints) -> GeneSites:
        return GeneSites(
            self.gene, self.chromosome, self.tables, self.table[chosen], self.row[chosen], self.first[chosen],
            self.last[chosen], self.stars[chosen], self.known,
        )  # fmt: skip


def allele_text(allele: Allele) -> str:
    """``chr:position REF>ALT``."""
    return f"{allele.chromosome}:{allele.position} {allele.ref}>{allele.alt}"


def known_sites(tables: Sequence[VariantIndex], transcripts: Sequence[Transcript]) -> Mapping[str, GeneSites]:
    """By gene of ``transcripts``, the alleles of which a table says, or may say, that they cause disease."""
    asserted = tuple(table for table in tables if "germline" in table.columns)
    by_gene: dict[str, list[Transcript]] = {}
    for one in transcripts:
        by_gene.setdefault(one.gene, []).append(one)
    return {gene: _of_gene(gene, asserted, mine) for gene, mine in by_gene.items()}


def _of_gene(gene: str, tables: tuple[VariantIndex, ...], transcripts: Sequence[Transcript]) -> GeneSites:
    parts: list[tuple[Ints, ...]] = [(np.zeros(0, np.int64),) * 6]
    known = 0
    for number, table in enumerate(tables):
        rows = _rows(table, transcripts)
        rows = rows[_is_of(table, rows, gene, transcripts)] if rows.size else rows
        known += sum(map(bool, table.columns["germline"].texts(rows)))
        rows = _disease(table, rows) if rows.size else rows
        alleles = table.alleles(rows)
        code = keys(alleles, np.full(len(table.header.contigs) + 1, seed("", ""), np.uint64)).view(np.int64)
        first, last = _changed(table, rows)
        moves = alleles.ref_length != alleles.alt_length  # what changes the length needs the bases on both sides
        first, last = first - (moves & ((first > alleles.position) | _is_unanchored(alleles))), last + moves
        stars = np.maximum(table.columns["germline_stars"].values(rows).astype(np.int64), 0)
        parts.append((np.full(len(rows), number), rows, first, last, stars, code))
    table_of, row, first, last, stars, code = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.lexsort((-stars, code))  # of several tables' rows on one allele the one with most stars
    order = order[np.append(True, code[order][1:] != code[order][:-1])] if len(order) else order
    order = order[np.lexsort((row[order], first[order]))]
    whole = GeneSites(gene, transcripts[0].chromosome, tables, table_of, row, first, last, stars, known)
    return whole._taken(order)


def _rows(table: VariantIndex, transcripts: Sequence[Transcript]) -> Ints:
    """Rows from the first to the last base of the transcripts, and a little beside."""
    number = int(table.numbers([transcripts[0].chromosome])[0])
    begin, end = np.searchsorted(table.contig, [number, number + 1]).tolist() if number >= 0 else (0, 0)
    low = min(one.start for one in transcripts) - _BESIDE
    high = max(one.end for one in transcripts) + _BESIDE
    first, last = np.searchsorted(table.position[begin:end], [low, high + 1]).tolist()
    return np.arange(begin + first, begin + last)


def _is_of(table: VariantIndex, rows: Ints, gene: str, transcripts: Sequence[Transcript]) -> NDArray[np.bool_]:
    """Whether a row speaks of ``gene``: it names it, or it lies in its coding bases or their boundaries."""
    wanted = gene.encode()
    named = table.columns["gene"].many(rows, lambda text: b"1" if wanted in text.split(b"|") else b"")
    found: NDArray[np.bool_] = np.array(named) == b"1"
    first, last = _changed(table, rows)
    for one in transcripts:
        parts = np.array(one.coding_segments()) + np.array([-BOUNDARY, BOUNDARY])
        after = np.searchsorted(parts[:, 1], first)  # the part that holds, or comes after, the first base
        found |= (after < len(parts)) & (parts[np.minimum(after, len(parts) - 1), 0] <= last)
    return found


def _is_unanchored(alleles: AlleleArrays) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = ((alleles.text[alleles.ref_at] ^ alleles.text[alleles.alt_at]) & UPPER) != 0
    return found


def _changed(table: VariantIndex, rows: Ints) -> tuple[Ints, Ints]:
    """As ``changed``, for many."""
    alleles = table.alleles(rows)
    return alleles.position + (
        ~_is_unanchored(alleles) & (alleles.ref_length > alleles.alt_length)
    ), alleles.position + alleles.ref_length - 1


def _disease(table: VariantIndex, rows: Ints) -> Ints:
    """Those of ``rows`` that say, or in part say, pathogenic; without changes of structure."""
    columns = table.columns
    said = columns["germline"].texts(rows)
    counts = columns["germline_counts"].texts(rows)
    is_disease = [
        word in _DISEASE or (b"pathogenic" in count and word not in _HARMLESS)
        for word, count in zip(said, counts, strict=True)
    ]
    rows = rows[np.array(is_disease)]
    alleles = table.alleles(rows)
    return rows[(alleles.ref_length <= LONGEST) & (alleles.alt_length <= LONGEST)]


def genes_coding(transcripts: Iterable[Transcript], allele: Allele) -> list[str]:
    """The genes of which an allele changes coding bases, or those of an intron next to them."""
    first, last = changed(allele)
    return [
        one.gene for one in transcripts
        if one.chromosome == allele.chromosome and one.is_near(first - BOUNDARY, last + BOUNDARY) and any(
            start - BOUNDARY <= last and first <= end + BOUNDARY for start, end in one.coding_segments()
        )
    ]  # fmt: skip
