"""Genotypes as arrays with a leading ``patients`` axis, and what a reader could and could not see."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

MISSING = -1  # an allele that was asked for and not given ("." in GT)
NO_STRAND = -2  # the second strand of a haploid call


class CallCode(IntEnum):
    """What a genome says about one person at one position.

    ``NOT_COVERED`` no record speaks about the position: it is unknown, not reference. ``NO_CALL`` a record speaks about
    it without a usable genotype. ``HOM_REF`` reference by a block, a callable region or a declaration, without a record
    of its own. ``CALLED`` a genotype was given.
    """

    NOT_COVERED = 0
    NO_CALL = 1
    HOM_REF = 2
    CALLED = 3


@dataclass(frozen=True, slots=True)
class Locus:
    """A position the knowledge asks for, on the forward strand of its build.

    ``position`` is 1-based and VCF-style (left-aligned, indels with their anchor base). ``span`` is the reference
    sequence from ``position`` through the right-most equivalent placement of an indel; empty where it is not known.
    """

    id: str
    chromosome: str
    position: int
    ref: str
    alts: tuple[str, ...]
    span: str = ""

    @property
    def is_snv(self) -> bool:
        """Whether every documented allele is a single base."""
        return len(self.ref) == 1 and all(len(alt) == 1 for alt in self.alts)

    @property
    def end(self) -> int:
        """Last reference base the locus depends on (1-based, inclusive)."""
        return self.position + max(len(self.ref), len(self.span)) - 1


@dataclass(frozen=True, slots=True)
class GenotypeBlock:
    """Genotypes of ``patients`` people at ``positions`` loci.

    ``samples``   (patients,) names
    ``loci``      (positions,) Locus
    ``alleles``   (positions,) tuples of allele strings: documented reference first, documented alternatives next, then
                  the undocumented ones that were seen
    ``genotype``  (patients, positions, 2) int16 index into ``alleles``; -1 missing, -2 no second strand
    ``phased``    (patients, positions) bool, the call was written with "|"
    ``phase_set`` (patients, positions) int32, 0 = none
    ``quality``   (patients, positions) float32 GQ, NaN = not given
    ``depth``     (patients, positions) int32 DP, -1 = not given
    ``code``      (patients, positions) uint8 CallCode
    """

    samples: tuple[str, ...]
    loci: tuple[Locus, ...]
    alleles: tuple[tuple[str, ...], ...]
    genotype: NDArray[np.int16]
    phased: NDArray[np.bool_]
    phase_set: NDArray[np.int32]
    quality: NDArray[np.float32]
    depth: NDArray[np.int32]
    code: NDArray[np.uint8]

    @property
    def patients(self) -> int:
        """Number of rows."""
        return int(self.genotype.shape[0])


@dataclass(frozen=True, slots=True)
class SiteNote:
    """Something a reader must tell about one site: a rejected, contradicting or odd record.

    ``kind`` is a stable code (docs/reference/model.md#site-notes); ``sample`` is empty when it concerns everyone.
    """

    kind: str
    place: str
    locus: str
    message: str
    sample: str = ""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One genome file as it was read: what it is, how the build was known, how many records spoke about the panel."""

    path: str
    kind: str
    build: str
    build_from: str
    samples: int
    records: int
    indexed: bool
