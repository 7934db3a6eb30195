"""Genotype blocks from a genome set: one row a person, or one row a distinct pattern for a whole cohort."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.genomics.site import Cells
from nof1.model.genome import NO_STRAND, CallCode, GenotypeBlock, Locus

FIRM = 40  # from this genotype quality on, and where none is given, a genotype is taken as it stands
STEP = 10  # below it, qualities are told apart in steps


@dataclass(frozen=True, slots=True)
class PatternBlock:
    """Distinct genotype patterns of a cohort in one gene: ``rows`` is (people,) int32 into the rows of ``block``."""

    block: GenotypeBlock
    rows: NDArray[np.int32]


def block(names: tuple[str, ...], cells: Iterable[Cells]) -> GenotypeBlock:
    """Every locus for every person, with quality and depth."""
    columns = list(cells)
    people = len(names)
    return _match_ploidy(
        GenotypeBlock(
            samples=names,
            loci=tuple(cell.locus for cell in columns),
            alleles=tuple(tuple(cell.alleles) for cell in columns),
            genotype=_stack([np.stack([cell.first, cell.second], axis=1) for cell in columns], (people, 0, 2), np.int16),
            phased=_stack([cell.phased for cell in columns], (people, 0), np.bool_),
            phase_set=_stack([cell.phase_set for cell in columns], (people, 0), np.int32),
            quality=_stack([cell.quality for cell in columns], (people, 0), np.float32),
            depth=_stack([cell.depth for cell in columns], (people, 0), np.int32),
            code=_stack([cell.code for cell in columns], (people, 0), np.uint8),
        )
    )


def patterns(people: int, cells: Iterable[Cells]) -> PatternBlock:
    """The distinct patterns of a gene, folded locus by locus so that memory follows patterns, not people.

    Depth has done its work (no-calls) and is not part of a pattern; quality is, in steps of ten below 40.
    """
    rows = np.zeros(people, np.int64)
    packed: list[NDArray[np.int64]] = []  # per locus: (patterns,) what each pattern shows
    phase_sets: list[NDArray[np.int64]] = []
    loci: list[Locus] = []
    alleles: list[tuple[str, ...]] = []
    for cell in cells:
        loci.append(cell.locus)
        alleles.append(tuple(cell.alleles))
        shown = _pack(cell)
        sets = cell.phase_set.astype(np.int64)
        if sets.any():
            _, sets_of = np.unique(sets, return_inverse=True)
            key = (shown << 24) | sets_of
        else:
            key = shown
        kinds, kind = np.unique(key, return_inverse=True)
        if len(kinds) > 1:
            joint = rows * len(kinds) + kind
            _, first, rows = np.unique(joint, return_index=True, return_inverse=True)
            parents = _parents(rows, first, len(first))
            before = joint[parents] // len(kinds)
            packed = [column[before] for column in packed]
            phase_sets = [column[before] for column in phase_sets]
        else:
            parents = _parents(rows, None, int(rows.max()) + 1 if people else 0)
        packed.append(shown[parents])
        phase_sets.append(sets[parents])
    return PatternBlock(_match_ploidy(_unpack(loci, alleles, packed, phase_sets)), rows.astype(np.int32))


def _match_ploidy(found: GenotypeBlock) -> GenotypeBlock:
    """Declared reference takes the ploidy that the row's own records have, as on X."""
    second = found.genotype[:, :, 1]
    haploid = ((second == NO_STRAND) & (found.genotype[:, :, 0] >= 0)).any(axis=1)
    second[haploid[:, None] & (found.code == CallCode.HOM_REF)] = NO_STRAND
    return found


def _parents(rows: NDArray[np.int64], first: NDArray[np.intp] | None, count: int) -> NDArray[np.intp]:
    """For each pattern, one person who has it."""
    if first is not None:
        return first
    found = np.zeros(count, np.intp)
    found[rows[::-1]] = np.arange(len(rows))[::-1]
    return found


def _pack(cell: Cells) -> NDArray[np.int64]:
    one = cell.first.astype(np.int64) + 4
    two = cell.second.astype(np.int64) + 4
    code = cell.code.astype(np.int64)
    step = np.floor(np.nan_to_num(cell.quality, nan=FIRM) / STEP).astype(np.int64)
    doubt = np.where((code >= CallCode.HOM_REF) & (step < FIRM // STEP), np.maximum(step, 0) + 1, 0)
    return one | (two << 12) | (cell.phased.astype(np.int64) << 24) | (code << 25) | (doubt << 27)


def _unpack(
    loci: list[Locus], alleles: list[tuple[str, ...]], packed: list[NDArray[np.int64]], sets: list[NDArray[np.int64]]
) -> GenotypeBlock:
    count = len(packed[0]) if packed else 0
    table = np.stack(packed, axis=1) if packed else np.zeros((count, 0), np.int64)
    phase_set = np.stack(sets, axis=1) if sets else np.zeros((count, 0), np.int64)
    genotype = np.stack([(table & 0xFFF) - 4, ((table >> 12) & 0xFFF) - 4], axis=-1).astype(np.int16)
    return GenotypeBlock(
        samples=tuple(f"pattern-{number}" for number in range(count)),
        loci=tuple(loci),
        alleles=tuple(alleles),
        genotype=genotype,
        phased=((table >> 24) & 1).astype(bool),
        phase_set=phase_set.astype(np.int32),
        quality=np.where(table >> 27, ((table >> 27) - 1) * STEP, np.nan).astype(np.float32),
        depth=np.full(table.shape, -1, np.int32),
        code=((table >> 25) & 3).astype(np.uint8),
    )


def _stack(columns: list[Any], empty: tuple[int, ...], dtype: type) -> NDArray[Any]:
    if not columns:
        return np.zeros(empty, dtype)
    return np.stack(columns, axis=1).astype(dtype, copy=False)
