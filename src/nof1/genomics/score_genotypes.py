"""What genome files say at the places of a score: alleles and copies of each, or reference, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nof1.errors import GenomeError
from nof1.genomics.array import ArrayFile
from nof1.genomics.array_text import is_array
from nof1.genomics.builds import set_build
from nof1.genomics.contigs import chromosome
from nof1.genomics.genomes import NEAR, Reading
from nof1.genomics.text import Overlap, Window
from nof1.genomics.vcf import GenomeFile, SiteRecord
from nof1.model.allele_codes import (
    ANY_OTHER,
    AlleleCodes,
    Codes,
    chromosome_name,
    chromosome_number,
    chromosomes,
    place,
    positions,
)
from nof1.model.genome import MISSING, NO_STRAND
from nof1.model.panel import Panel
from nof1.model.scores import TargetVariants

_MOST_CELLS = 400_000_000  # places x people kept in memory
_BY_INDEX = 2_000  # up to so many places are looked up by the index, more by reading the file once
_CATCH_ALL = frozenset({"<NON_REF>", "<*>", "<X>", "."})
_LAST_AUTOSOME = 22
UNSEEN = -1


@dataclass(frozen=True, slots=True)
class ScoreGenotypes:
    """Records at the places asked for.

    ``copies`` (alleles, people) int8 beside ``variants.allele``, -1 = no genotype; ``ploidy`` (variants, people) int8;
    ``reference`` (places, people): no record of its own, and looked at; ``low`` counts genotypes that the thresholds
    refused.
    """

    samples: tuple[str, ...]
    build: str
    places: Codes
    variants: TargetVariants
    copies: NDArray[np.int8]
    ploidy: NDArray[np.int8]
    reference: NDArray[np.bool_]
    low: int
    files: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Said:
    """One record at a place: its reference, its other alleles, their copies (alleles, people) and ploidy (people,)."""

    ref: int
    alleles: list[int]
    copies: NDArray[np.int8]
    ploidy: NDArray[np.int8]


class _Heard:
    """What all records say, gathered as they come."""

    def __init__(self, places: Codes, people: int) -> None:
        self.places = places
        self.at: dict[int, list[_Said]] = {}
        self.covered = np.zeros((len(places), people), bool)
        self.altered = np.zeros((len(places), people), bool)
        self.codes = AlleleCodes()
        self.low = 0

    def take(self, record: SiteRecord, rows: NDArray[np.intp]) -> None:
        number = chromosome_number(record.chromosome)
        low, high = np.searchsorted(self.places, [place(number, record.position), place(number, record.end) + 1])
        if low == high:
            return
        own = self.places[low] == place(number, record.position)
        self.low += int((~record.usable & (record.first >= 0)).sum())
        is_reference = record.usable & (record.first == 0) & ((record.second == 0) | (record.second == NO_STRAND))
        if record.is_block:
            self.covered[low:high, rows] |= is_reference
        else:
            carries = (record.first > 0) | (record.second > 0) | ~record.usable
            self.altered[low + own : high, rows] |= carries
            if record.excludes_others and len(record.ref) > 1:
                self.covered[low + own : high, rows] |= is_reference
        if own and (not record.is_block or len(record.ref) == 1):
            self.at.setdefault(int(low), []).append(self._said(record, number, rows))

    def _said(self, record: SiteRecord, number: int, rows: NDArray[np.intp]) -> _Said:
        people = self.covered.shape[1]
        alleles = [ANY_OTHER if alt in _CATCH_ALL else self.codes[alt] for alt in record.alts]
        if record.is_block and ANY_OTHER not in alleles:
            alleles.append(ANY_OTHER)
        copies = np.full((len(alleles) + 1, people), UNSEEN, np.int8)
        ploidy = np.full(people, 2, np.int8)
        single = record.second == NO_STRAND
        known = record.usable & (record.first >= 0) & (record.second != MISSING)
        known &= ~(single & (1 <= number <= _LAST_AUTOSOME))  # half a genotype
        for allele in range(len(alleles) + 1):
            count = (record.first == allele).astype(np.int8) + (record.second == allele)
            copies[allele, rows] = np.where(known, count, UNSEEN)
        ploidy[rows] = np.where(single, 1, 2)
        return _Said(self.codes[record.ref], alleles, copies, ploidy)


def read_genotypes(
    paths: Sequence[Path],
    places: Codes,
    reading: Reading,
    panels: Sequence[Panel],
    builds: Sequence[str],
    progress: Callable[[int], None] | None = None,
    sample: str = "",
) -> ScoreGenotypes:
    """What ``paths`` (VCF, gVCF, BCF, raw data of arrays) say at ``places``, which are on their build and ascending.

    ``panels``: the same places as loci, a build each, by which an array's build and letters are read. ``builds`` can be
    read. ``sample``: the person, where files hold several. Raises ``GenomeError`` as the readers do, and for people and
    places that do not fit in memory.
    """
    files = [
        ArrayFile(path, panels, reading.build, reading.strand) if is_array(path) else GenomeFile(path) for path in paths
    ]
    build = set_build(files, reading.build, builds)
    if not build:
        raise GenomeError(f"{paths[0]}: its build is unknown (no header line); pass --build GRCh38 or GRCh37 if you know it")
    samples = _samples(files, sample)
    if len(samples) * max(len(places), 1) > _MOST_CELLS:
        raise GenomeError(
            f"{paths[0]}: {len(samples)} people and {len(places)} places are too many for this format; "
            "make a PLINK set, e.g. with plink2 --make-bed, and give its .bed"
        )
    heard = _Heard(places, len(samples))
    looked = np.zeros(heard.covered.shape, bool)
    for file in files:
        rows = np.array([samples.index(name) for name in file.samples], np.intp)
        for record in _records(file, places, reading, progress):
            heard.take(record, rows)
        looked[:, rows] |= _looked_at(file, places, reading)[:, None]
    reference = (heard.covered | looked) & ~heard.altered
    variants, copies, ploidy, own = _gathered(heard, len(samples))
    reference[own] = False
    kinds = tuple((str(file.path), file.kind) for file in files)
    return ScoreGenotypes(samples, build, places, variants, copies, ploidy, reference, heard.low, kinds)


def _samples(files: Sequence[GenomeFile | ArrayFile], sample: str) -> tuple[str, ...]:
    names = list(dict.fromkeys(name for file in files for name in file.samples))
    if len(files) > 1 and all(isinstance(file, ArrayFile) for file in files) and not sample:
        raise GenomeError(f"{files[0].path}: give one array file a person")
    if sample and sample not in names:
        raise GenomeError(f"no sample {sample!r} in {files[0].path}; it has {', '.join(names[:5])}")
    if sample:
        names = [sample]
        for file in files:
            file.narrow(names)
    return tuple(names)


def _records(
    file: GenomeFile | ArrayFile, places: Codes, reading: Reading, progress: Callable[[int], None] | None
) -> Iterator[SiteRecord]:
    windows = [
        Window(chromosome_name(number), position, position)
        for number, position in zip(chromosomes(places).tolist(), positions(places).tolist(), strict=True)
    ]
    if isinstance(file, GenomeFile) and file.indexed and len(places) <= _BY_INDEX and reading.absent != "reference":
        return file.near(windows, Overlap(windows).touches, reading.quality)
    return file.stream(windows, reading.quality, progress)


def _looked_at(file: GenomeFile | ArrayFile, places: Codes, reading: Reading) -> NDArray[np.bool_]:
    """(places,) where absence of a record means reference: declared regions, or everything near a record."""
    looked = np.zeros(len(places), bool)
    if isinstance(file, ArrayFile):
        return looked
    number, position = chromosomes(places), positions(places)
    for one in np.unique(number).tolist():
        rows = np.flatnonzero(number == one)
        name = chromosome(chromosome_name(one))
        if reading.callable_regions is not None and name in reading.callable_regions.intervals:
            starts, ends = (np.array(edge) for edge in reading.callable_regions.intervals[name])
            index = np.searchsorted(starts, position[rows], "right") - 1
            looked[rows] |= (index >= 0) & (ends[np.maximum(index, 0)] >= position[rows])
        if reading.absent == "reference" and (near := np.array(file.extents.starts(name))).size:
            after = np.searchsorted(near, position[rows], "left")
            ahead = near[np.minimum(after, len(near) - 1)]
            behind = near[np.maximum(after - 1, 0)]
            looked[rows] |= (
                (after < len(near)) & (after > 0) & (ahead - position[rows] <= NEAR) & (position[rows] - behind <= NEAR)
            )
    return looked


def _gathered(heard: _Heard, people: int) -> tuple[TargetVariants, NDArray[np.int8], NDArray[np.int8], NDArray[np.intp]]:
    """All records as variants: those of one place and one reference become one, as a record with several alternatives."""
    place_of, start, allele = [], [0], []
    copies, ploidy = [], []
    for at in sorted(heard.at):
        by_reference: dict[int, list[_Said]] = {}
        for said in heard.at[at]:
            by_reference.setdefault(said.ref, []).append(said)
        for ref, parts in by_reference.items():
            merged = parts[0] if len(parts) == 1 else _merged(parts)
            place_of.append(int(heard.places[at]))
            allele.extend([ref, *merged.alleles])
            start.append(len(allele))
            copies.append(merged.copies)
            ploidy.append(merged.ploidy)
    empty = np.zeros((0, people), np.int8)
    variants = TargetVariants(np.array(place_of, np.int64), np.array(start, np.int64), np.array(allele, np.int64))
    own = np.array(sorted(heard.at), np.intp)
    return variants, np.concatenate([empty, *copies]), np.stack(ploidy) if ploidy else empty, own


def _merged(parts: Sequence[_Said]) -> _Said:
    """Several records of one place and reference as one; a person whose records contradict each other has no genotype.

    Each record counts the alternatives of the others as reference, so what all alternatives leave is reference.
    """
    alleles = list(dict.fromkeys(code for part in parts for code in part.alleles if code != ANY_OTHER))
    people = parts[0].copies.shape[1]
    counts = np.zeros((len(alleles), people), np.int64)
    heard = np.zeros(people, bool)
    wrong = np.zeros(people, bool)
    ploidy = np.max([part.ploidy for part in parts], axis=0)
    told: dict[int, NDArray[np.int8]] = {}
    for part in parts:
        known = part.copies[0] >= 0
        heard |= known
        for code, row in zip(part.alleles, part.copies[1:], strict=True):
            if code == ANY_OTHER:
                continue
            before = told.get(code)
            wrong |= known & (before >= 0) & (before != row) if before is not None else False
            told[code] = row if before is None else np.where(known, row, before)
            counts[alleles.index(code)] = np.maximum(counts[alleles.index(code)], np.where(known, row, 0))
    rest = ploidy - counts.sum(axis=0)
    missing = ~heard | wrong | (rest < 0)
    spare = [ANY_OTHER] if any(ANY_OTHER in part.alleles for part in parts) else []
    whole = np.concatenate([rest[None], counts, np.zeros((len(spare), people), np.int64)]).astype(np.int8)
    whole[:, missing] = UNSEEN
    return _Said(parts[0].ref, [*alleles, *spare], whole, ploidy.astype(np.int8))
