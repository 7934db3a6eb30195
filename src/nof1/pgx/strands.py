"""One row of genotypes at a gene's positions, and what is known about which strand carries what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nof1.model.genome import MISSING, NO_STRAND, CallCode, GenotypeBlock
from nof1.pgx.definition import Definition

PHASE_SET = 1 << 39  # units from here on are phase sets, below single positions


@dataclass(frozen=True)
class Strands:
    """The positions of one row that have a genotype.

    ``places``  (seen,) int, index among the definition's positions
    ``one`` ``two`` (seen,) int16 allele numbers; ``two`` is -2 everywhere for a haploid row
    ``unit``    (seen,) int: 0 = strand known, otherwise positions of one unit turn together
    ``is_half`` some position has one strand missing
    ``undocumented`` places where an alternative is shown that the definition does not document
    """

    places: NDArray[np.intp]
    one: NDArray[np.int16]
    two: NDArray[np.int16]
    unit: NDArray[np.int64]
    is_haploid: bool
    is_half: bool
    undocumented: tuple[int, ...]
    has_phase_sets: bool

    @property
    def heterozygous(self) -> NDArray[np.bool_]:
        """(seen,) bool."""
        differ: NDArray[np.bool_] = (self.one != self.two) & (self.two != NO_STRAND)
        return differ

    @property
    def units(self) -> list[int]:
        """The units whose orientation is open, ascending."""
        return sorted({int(unit) for unit in self.unit[self.heterozygous] if unit})

    @property
    def is_effectively_phased(self) -> bool:
        """At most two different pairs of strands are possible, which is one pair."""
        fixed = bool((self.heterozygous & (self.unit == 0)).any())
        return len(self.units) + fixed <= 1

    def take(self, keep: NDArray[np.bool_]) -> Strands:
        """The same row at some of its positions."""
        return Strands(
            self.places[keep], self.one[keep], self.two[keep], self.unit[keep], self.is_haploid, self.is_half,
            self.undocumented, self.has_phase_sets,
        )  # fmt: skip


def read(definition: Definition, block: GenotypeBlock, row: int) -> Strands:
    """The row's usable genotypes at the definition's positions; undocumented ones handled as the gene says."""
    columns = definition.columns
    code = block.code[row, columns]
    seen = np.flatnonzero(code >= CallCode.HOM_REF)
    one = block.genotype[row, columns[seen], 0].copy()
    two = block.genotype[row, columns[seen], 1].copy()
    is_haploid = bool(len(seen)) and bool((two == NO_STRAND).all())
    mixed = (two == NO_STRAND) & (not is_haploid)
    two[mixed] = one[mixed]  # an occasional lone allele among pairs, as on X: both strands show it
    documented = definition.documented[seen]
    odd = (one >= documented) | (two >= documented)
    undocumented = tuple(int(place) for place in seen[odd])
    if definition.call.undocumented == "reference":
        one = np.where(one >= documented, 0, one).astype(np.int16)
        two = np.where(two >= documented, 0, two).astype(np.int16)
    phased = block.phased[row, columns[seen]]
    sets = block.phase_set[row, columns[seen]]
    heterozygous = (one != two) & (two != NO_STRAND)
    unit = np.zeros(len(seen), np.int64)
    in_set = heterozygous & phased & (sets != 0)
    unit[in_set] = sets[in_set].astype(np.int64) + 2 * PHASE_SET
    free = np.flatnonzero(heterozygous & ~phased)
    unit[free] = free + 1
    half = bool(((one == MISSING) | (two == MISSING)).any())
    return Strands(seen, one, two, unit, is_haploid, half, undocumented, bool((unit >= PHASE_SET).any()))
