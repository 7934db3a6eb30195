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
from nof1.genomics.one_sample import records_of
from nof1.genomics.plain_records import PlainReader
from nof1.genomics.score_records import Heard
from nof1.genomics.text import Overlap, TextFile, Window
from nof1.genomics.vcf import GenomeFile, SiteRecord
from nof1.model.allele_codes import (
    MITOCHONDRION,
    Codes,
    chromosome_name,
    chromosomes,
    positions,
)
from nof1.model.panel import Panel
from nof1.model.scores import TargetVariants

_MOST_CELLS = 400_000_000  # places x people kept in memory
_BY_INDEX = 2_000  # up to so many places are looked up by the index, more by reading the file once


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
    for file in files:
        if isinstance(file, ArrayFile) and reading.array_name:
            file.rename(reading.array_name)
    build = set_build(files, reading.build, builds)
    if not build:
        raise GenomeError(f"{paths[0]}: its build is unknown (no header line); pass --build GRCh38 or GRCh37 if you know it")
    samples = _samples(files, sample)
    if len(samples) * max(len(places), 1) > _MOST_CELLS:
        raise GenomeError(
            f"{paths[0]}: {len(samples)} people and {len(places)} places are too many for this format; "
            "make a PLINK set, e.g. with plink2 --make-bed, and give its .bed"
        )
    heard = Heard(places, len(samples))
    looked = np.zeros(heard.covered.shape, bool)
    near: Overlap | None = None  # made once for all files
    for file in files:
        rows = np.array([samples.index(name) for name in file.samples], np.intp)
        heard.begin()
        if len(samples) == 1 and isinstance(file, GenomeFile) and not _is_by_index(file, places, reading):
            near = near or _near(places)
            _take_one(file, samples[0], near, reading, heard, progress)
        else:
            for record in _records(file, places, reading, progress):
                heard.take(record, rows)
        looked[:, rows] |= _looked_at(file, places, reading)[:, None]
    reference = (heard.covered | looked) & ~heard.altered
    variants, copies, ploidy, own = heard.gathered()
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
    windows = _windows(places)
    if isinstance(file, GenomeFile) and file.indexed and _is_by_index(file, places, reading) and len(places) <= _BY_INDEX:
        return file.near(windows, Overlap(windows).touches, reading.quality)
    return file.stream(windows, reading.quality, progress)


def _near(places: Codes) -> Overlap:
    number, at = chromosomes(places), positions(places)
    return Overlap.of_positions({chromosome_name(one): at[number == one] for one in np.unique(number).tolist()})


def _windows(places: Codes) -> list[Window]:
    names = {number: chromosome_name(number) for number in range(1, MITOCHONDRION + 1)}
    numbers, at = chromosomes(places).tolist(), positions(places).tolist()
    return [Window(names[number], position, position) for number, position in zip(numbers, at, strict=True)]


def _is_by_index(file: GenomeFile, places: Codes, reading: Reading) -> bool:
    """Whether records are looked up by the index; a BCF, which is no text, is read by the library in any case."""
    few = file.indexed and len(places) <= _BY_INDEX and reading.absent != "reference"
    return few or file.kind == "BCF"


def _take_one(
    file: GenomeFile, sample: str, near: Overlap, reading: Reading, heard: Heard, progress: Callable[[int], None] | None
) -> None:
    """What the lines of a text near the places say of one person."""
    text = TextFile(file.path)
    column = text.samples.index(sample) + 9
    kept = text.read(near, progress, PlainReader(column, reading.quality))
    file.extents = kept.extents
    for before, found in kept.sifted:
        heard.take_plain(found, before)
    try:
        records = records_of(kept.lines, column, len(text.samples) + 9, reading.quality)
        for (line, _), record in zip(kept.lines, records, strict=True):
            heard.take_one(record, line)
    except ValueError as error:
        raise GenomeError(f"{file.path} {error}") from None


def _looked_at(file: GenomeFile | ArrayFile, places: Codes, reading: Reading) -> NDArray[np.bool_]:
    """(places,) where absence of a record means reference: declared regions, or everything near a record."""
    looked = np.zeros(len(places), bool)
    if isinstance(file, ArrayFile):
        return looked
    number, position = chromosomes(places), positions(places)
    for one in np.flatnonzero(np.bincount(number, minlength=1)).tolist():
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
