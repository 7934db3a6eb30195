"""Whether a genome is the person's it is said to be, as far as the sex chromosomes and a cohort's genotypes tell.

Pseudoautosomal regions by the Genome Reference Consortium (ncbi.nlm.nih.gov/grc/human): GRCh37 chrX:60001-2699520 and
154931044-155260560, GRCh38 chrX:10001-2781479 and 155701383-156030895.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.genomics.array_text import ArrayTable
from nof1.genomics.text import Window
from nof1.genomics.vcf import Quality
from nof1.model.genome import NO_STRAND, CallCode, GenotypeBlock, SiteNote

X_ONLY = {"GRCh37": (2_699_521, 154_931_043), "GRCh38": (2_781_480, 155_701_382)}  # of chrX, between the two regions
Y_ONLY = {"GRCh37": (2_649_521, 59_034_049), "GRCh38": (2_781_480, 56_887_902)}
_X_ANY = (3_000_000, 154_000_000)  # outside both regions on every build an array may be on
_Y_ANY = (3_000_000, 56_000_000)
PEEK = 2_000  # records looked at on each sex chromosome of an indexed file
DUPLICATE_SITES = 8  # positions with an alternative that equal people must have: docs/methods/reading_genomes.md


@dataclass
class SexCounts:
    """Genotypes on the sex chromosomes outside the pseudoautosomal regions.

    ``x_variant`` counts homozygous alternatives; ``y_asked`` is 0 where the file does not list positions without a call.
    """

    source: str = ""
    x_called: int = 0
    x_heterozygous: int = 0
    x_haploid: int = 0
    x_variant: int = 0
    y_asked: int = 0
    y_called: int = 0

    def add(self, other: SexCounts) -> None:
        """Take in the counts of another place."""
        for name in ("x_called", "x_heterozygous", "x_haploid", "x_variant", "y_asked", "y_called"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def of_array(table: ArrayTable, positions: NDArray[np.int64]) -> SexCounts:
    """Counts over every row of an array: X heterozygosity, and how much of Y was called."""
    text = table.letters
    begin, end = table.field("chromosome")
    skip = np.where((end - begin > 3) & (text[begin] | 32 == ord("c")), 3, 0)
    begin = begin + skip
    one = text[np.minimum(begin, len(text) - 1)] & 0xDF
    two = text[np.minimum(begin + 1, len(text) - 1)]
    width = end - begin
    on_x = ((width == 1) & (one == ord("X"))) | ((width == 2) & (text[begin] == ord("2")) & (two == ord("3")))
    on_y = ((width == 1) & (one == ord("Y"))) | ((width == 2) & (text[begin] == ord("2")) & (two == ord("4")))
    on_x &= (positions >= _X_ANY[0]) & (positions <= _X_ANY[1])
    on_y &= (positions >= _Y_ANY[0]) & (positions <= _Y_ANY[1])
    first, second = _two_letters(table)
    given, paired = _is_base(first), _is_base(first) & _is_base(second)
    different = paired & (first != second)
    return SexCounts(
        "the whole array", int((on_x & given).sum()), int((on_x & different).sum()), int((on_x & given & ~paired).sum()),
        0, int(on_y.sum()), int((on_y & given).sum()),
    )  # fmt: skip


def _two_letters(table: ArrayTable) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The first and the second letter of each row, 0 for none."""
    text = table.letters
    last = len(text) - 1
    if "genotype" in table.column:
        begin, end = table.field("genotype")
        width = end - begin
        first = np.where((width == 1) | (width == 2), text[np.minimum(begin, last)], 0)
        return first, np.where(width == 2, text[np.minimum(begin + 1, last)], 0)
    pair = []
    for name in ("allele1", "allele2"):
        begin, end = table.field(name)
        pair.append(np.where(end - begin == 1, text[np.minimum(begin, last)], 0))
    return pair[0], pair[1]


def _is_base(letters: NDArray[np.uint8]) -> NDArray[np.bool_]:
    table = np.zeros(256, bool)
    table[list(b"ACGTDIacgtdi")] = True
    return np.asarray(table[letters])


def of_blocks(blocks: Iterable[GenotypeBlock], build: str, row: int) -> SexCounts:
    """Counts over the positions of X that the knowledge reads, for person ``row``; ``build`` is that of the loci."""
    low, high = X_ONLY[build]
    counts = SexCounts("positions of the knowledge")
    for block in blocks:
        keep = [
            place for place, locus in enumerate(block.loci) if locus.chromosome == "chrX" and low <= locus.position <= high
        ]
        called = block.code[row, keep] == CallCode.CALLED
        first, second = block.genotype[row, keep, 0], block.genotype[row, keep, 1]
        counts.add(_counted(first[called], second[called]))
    return counts


def _counted(first: NDArray[np.int16], second: NDArray[np.int16]) -> SexCounts:
    lone = (second == NO_STRAND) & (first >= 0)
    both = (first >= 0) & (second >= 0)
    different = both & (first != second)
    return SexCounts(
        "", int((lone | both).sum()), int(different.sum()), int(lone.sum()), int((both & ~different & (first > 0)).sum())
    )


def of_records(x_records: Iterator[tuple[int, int]], y_records: Iterator[tuple[int, int]]) -> SexCounts:
    """Counts over the first records of each sex chromosome, given as one person's (first, second) allele numbers."""
    pairs = np.array(list(islice(x_records, PEEK)), np.int16).reshape(-1, 2)
    counts = _counted(pairs[:, 0], pairs[:, 1])
    counts.y_called = sum(first >= 0 or second >= 0 for first, second in islice(y_records, PEEK))
    return counts


@dataclass
class Alike:
    """Groups people whose genotypes are the same in every gene read so far.

    ``group`` (people,) int64; ``sites`` (people,) positions with an alternative allele so far.
    """

    people: int
    group: NDArray[np.int64] = field(init=False)
    sites: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self.group = np.zeros(self.people, np.int64)
        self.sites = np.zeros(self.people, np.int64)

    def add(self, block: GenotypeBlock, rows: NDArray[np.int32]) -> None:
        """Take in a gene: distinct patterns and which of them each person has."""
        varies = (block.genotype > 0).any(axis=2).sum(axis=1)
        self.sites += varies[rows]
        _, self.group = np.unique(self.group * (int(rows.max(initial=0)) + 1) + rows, return_inverse=True)

    def notes(self, names: Sequence[str]) -> list[SiteNote]:
        """One note for each group of people who are the same everywhere, where enough positions vary to tell."""
        order = np.argsort(self.group, kind="stable")
        _, starts, counts = np.unique(self.group[order], return_index=True, return_counts=True)
        notes = []
        for start, count in zip(starts.tolist(), counts.tolist(), strict=True):
            who = order[start : start + count]
            if count > 1 and self.sites[who[0]] >= DUPLICATE_SITES:
                shown = ", ".join(names[person] for person in who[:5]) + (f" and {count - 5} more" if count > 5 else "")
                text = (
                    f"{shown}: the same genotypes in every gene read, {self.sites[who[0]]} positions with an alternative; "
                    "one person twice, twins, or a mix-up"
                )
                notes.append(SiteNote("duplicate_genomes", "", "", text))
        return notes


def peek(files: Sequence[Any], build: str) -> SexCounts:
    """Counts for the one person of ``files``: all rows of arrays, the first records on X and Y of indexed files."""
    found = [file.sex for file in files if isinstance(getattr(file, "sex", None), SexCounts)]
    if found:
        total = SexCounts(found[0].source)
        for counts in found:
            total.add(counts)
        return total
    total = SexCounts(f"at most {PEEK} records of X and of Y in each indexed file")
    for file in files:
        if file.indexed and build in X_ONLY:
            total.add(of_records(_pairs(file, "chrX", *X_ONLY[build]), _pairs(file, "chrY", *Y_ONLY[build])))
    return total


def _pairs(file: Any, chromosome: str, low: int, high: int) -> Iterator[tuple[int, int]]:
    for record in file.near([Window(chromosome, low, high)], lambda *_: True, Quality()):
        yield int(record.first[0]), int(record.second[0])
