"""The alleles of one person that tables know, or that lie at places asked for, as the assessment takes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nof1.genomics.columns import ALT, FILTER, INFO, Malformed
from nof1.genomics.fields import is_accepted
from nof1.genomics.file_alleles import Aligner
from nof1.genomics.genotypes import Genotype, has_reference_alone
from nof1.genomics.provenance import is_imputed
from nof1.genomics.shared_pass import SharedPass
from nof1.genomics.structural import carried_symbols
from nof1.genomics.vcf import PASSING, Quality
from nof1.jobs.allele_scan import Piece, Scan, Tally, opened, threads
from nof1.jobs.annotate import sample_column
from nof1.jobs.annotated_table import genotypes
from nof1.jobs.checked_tables import checked
from nof1.knowledge.asserted_rows import assertions_of, frequency_of
from nof1.knowledge.variant_index import VariantIndex
from nof1.model.allele_arrays import Ints
from nof1.model.variants import Allele, Assertion, ObservedVariant


@dataclass(frozen=True, slots=True)
class Place:
    """Bases ``start`` through ``end`` of a chromosome (``chr`` style) whose alleles are all wanted, and their gene."""

    chromosome: str
    start: int
    end: int
    gene: str = ""


@dataclass(frozen=True, slots=True)
class Carried:
    """What a person carries of what was asked, in the order of the file; ``not_called``: alleles without a genotype.

    ``imputed``: a record among them that says of itself that it is imputed, in words; empty where none does.
    ``structural``: changes of structure that the person carries, or may carry, and what they are called.
    """

    variants: tuple[ObservedVariant, ...]
    not_called: int
    tally: Tally
    imputed: str = ""
    structural: tuple[tuple[Place, str], ...] = ()


def carried(
    path: Path,
    sample: str,
    tables: Sequence[VariantIndex],
    places: Sequence[Place] = (),
    *,
    build: str = "",
    align: Aligner | None = None,
    quality: Quality | None = None,
    shares: SharedPass | None = None,
) -> Carried:
    """The alleles that ``sample`` carries and a table of ``tables`` knows, or that touch one of ``places``.

    ``quality``: below it a genotype is doubtful. ``shares``: a reading of the file that others take from too; then only
    what lies near its windows is looked up. Assertions and the highest frequency come from the tables. Alleles whose
    genotype is missing are listed with unknown zygosity: they are not negative. Raises ``GenomeError`` for a file that
    cannot be read or is on another build.
    """  # fmt: skip
    scan = opened(shares.text(path) if shares is not None else path, tables, build, align)
    column = sample_column(scan.text, sample)
    found: list[ObservedVariant] = []
    missing, guessed = 0, ""
    structural: list[tuple[Place, str]] = []
    with threads() as pool, checked(pool, tables):
        for piece in scan.pieces(pool):
            wanted = np.union1d(piece.hits(), _inside(piece, scan, places))
            wanted = wanted[~has_reference_alone(piece.records, piece.found.record[wanted], column)]
            try:
                for variant, is_missing in _observed(piece, wanted, column, scan, places, quality):
                    found.append(variant)
                    missing += is_missing
                guessed = guessed or _imputed(piece, wanted, scan)
                structural += _structural(piece, column, scan, quality or Quality())
            except Malformed as problem:
                raise scan.refused(problem, scan.tally.lines - piece.tally.lines) from None
    return Carried(tuple(found), missing, scan.tally, guessed, tuple(structural))


def _structural(piece: Piece, column: int, scan: Scan, quality: Quality) -> list[tuple[Place, str]]:
    """The changes of structure among the records of a piece."""
    if column < 0:
        return []
    found = []
    accepted = PASSING | quality.filters
    for record, first, last, alt in carried_symbols(piece.records, piece.found.places, column, accepted):
        chromosome = scan.contigs.names[piece.found.contigs[record]]
        text = f"{chromosome}:{first} {alt[:40]} ({scan.text.path.name})"
        found.append((Place(chromosome, first, last), text))
    return found


def _imputed(piece: Piece, wanted: NDArray[np.int64], scan: Scan) -> str:
    """The first of the records of ``wanted`` that has the flag of an imputed one, in words."""
    for record in np.unique(piece.found.record[wanted]).tolist():
        if flag := is_imputed(piece.records.field(record, INFO).decode("utf-8", "replace")):
            return f"{scan.text.path.name}: its genotypes are imputed (line {scan.line(piece, record)} has {flag})"
    return ""


def _inside(piece: Piece, scan: Scan, places: Sequence[Place]) -> NDArray[np.int64]:
    """The alleles whose reference bases touch a place."""
    mine = piece.found.alleles
    last = mine.position + mine.ref_length - 1
    touched = np.zeros(len(mine), bool)
    for place in places:
        if place.chromosome in scan.contigs.names:
            number = scan.contigs.names.index(place.chromosome)
            touched |= (mine.contig == number) & (mine.position <= place.end) & (last >= place.start)
    return np.flatnonzero(touched)


def _observed(
    piece: Piece, wanted: Ints, column: int, scan: Scan, places: Sequence[Place], quality: Quality | None
) -> Iterator[tuple[ObservedVariant, bool]]:
    for one, (genotype, zygosity) in zip(wanted.tolist(), genotypes(piece, wanted, column, scan), strict=True):
        if zygosity is None:
            continue
        number = int(piece.found.number[one])
        position, ref, alt = piece.found.alleles.written(one)
        allele = Allele(scan.contigs.names[piece.found.alleles.contig[one]], position, ref, alt)
        assertions, frequency, population = _said(piece, one, scan)
        gene = next((item.gene for item in assertions if item.gene), "") or _gene(allele, places)
        line = scan.line(piece, int(piece.found.record[one]))
        yield ObservedVariant(
            allele, gene, zygosity, genotype.phase_set, genotype.strand(number), genotype.quality, genotype.depth,
            tuple(assertions), (), frequency, population, f"{scan.text.path.name} line {line}",
            _doubt(genotype, number, piece, one, quality or Quality()),
        ), genotype.is_missing  # fmt: skip


def _doubt(genotype: Genotype, number: int, piece: Piece, one: int, quality: Quality) -> str:
    """Why a genotype cannot be taken as it stands."""
    record = int(piece.found.record[one])
    written = piece.records.field(record, FILTER).decode("utf-8", "replace")
    if genotype.is_missing:
        return "the file gives no genotype there"
    if genotype.is_half(number):
        return "the file gives only one of two alleles there"
    for name, filters in (("FILTER", written), ("FT", genotype.filters)):
        if not is_accepted(filters, PASSING | quality.filters):
            return f"{name} is {filters[:60]}"
    if quality.allele_depths and genotype.is_one_sided(piece.records.field(record, ALT).count(b",") + 1):
        return "heterozygous with reads on one allele only (AD)"
    if genotype.quality < quality.min_gq:
        return f"GQ is {genotype.quality:g}, below {quality.min_gq:g}"
    return f"DP is {genotype.depth}, below {quality.min_dp}" if 0 <= genotype.depth < quality.min_dp else ""


def _said(piece: Piece, one: int, scan: Scan) -> tuple[list[Assertion], float, str]:
    """What every table says of an allele."""
    assertions: list[Assertion] = []
    frequency, population = float("nan"), ""
    for table, rows in zip(scan.tables, piece.rows, strict=True):
        first = int(rows[one])
        if first < 0:
            continue
        for row in range(first, first + int(table.repeats(np.array([first]))[0])):
            assertions += assertions_of(table, row)
        value, group = frequency_of(table, first)
        if value == value and not value <= frequency:  # noqa: PLR0124
            frequency, population = value, group
    return assertions, frequency, population


def _gene(allele: Allele, places: Sequence[Place]) -> str:
    last = allele.position + len(allele.ref) - 1
    fits = (
        place.gene for place in places
        if place.chromosome == allele.chromosome and allele.position <= place.end and last >= place.start
    )  # fmt: skip
    return next(fits, "")
