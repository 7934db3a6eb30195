"""Polygenic scores: a scoring file as columns, the variants of a genome, what became of each row, and the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from nof1.model.allele_codes import Codes

Floats = NDArray[np.float64]


class Fate(IntEnum):
    """What became of one row of a scoring file. Up to ``NO_OTHER_ALT`` it is scored; above, it is not, and why.

    The name says which allele of the genome's variant the effect allele is, then which the other one is; ``FLIP``: on the
    other strand.
    """

    REFALT = 1
    ALTREF = 2
    ALTALT = 3
    REFALT_FLIP = 4
    ALTREF_FLIP = 5
    ALTALT_FLIP = 6
    NO_OTHER_REF = 7
    NO_OTHER_ALT = 8
    NOT_THERE = 20
    OTHER_ALLELES = 21
    AMBIGUOUS = 22
    DUPLICATE = 23
    SEVERAL = 24
    REFERENCE_UNKNOWN = 25
    NO_GENOTYPE = 26
    NO_POSITION = 30
    HAPLOTYPE = 31
    DIPLOTYPE = 32
    INTERACTION = 33
    NO_SEQUENCE = 34
    SAME_ALLELE = 35


LAST_SCORED = Fate.NO_OTHER_ALT
FATE_WORDS: Mapping[Fate, str] = {
    Fate.REFALT: "effect allele is the reference",
    Fate.ALTREF: "effect allele is an alternative",
    Fate.ALTALT: "both alleles are alternatives",
    Fate.REFALT_FLIP: "effect allele is the reference, on the other strand",
    Fate.ALTREF_FLIP: "effect allele is an alternative, on the other strand",
    Fate.ALTALT_FLIP: "both alleles are alternatives, on the other strand",
    Fate.NO_OTHER_REF: "no other allele given; effect allele is the reference",
    Fate.NO_OTHER_ALT: "no other allele given; effect allele is an alternative",
    Fate.NOT_THERE: "no record at this position: unknown, not reference",
    Fate.OTHER_ALLELES: "the record there has other alleles",
    Fate.AMBIGUOUS: "A/T or C/G: the strand cannot be told from the letters",
    Fate.DUPLICATE: "another row of the score lands on the same variant: both left out",
    Fate.SEVERAL: "several records fit: left out",
    Fate.REFERENCE_UNKNOWN: "reference there, but which allele that is, is not known without a panel",
    Fate.NO_GENOTYPE: "a record without a usable genotype",
    Fate.NO_POSITION: "the file gives no position on this build",
    Fate.HAPLOTYPE: "a haplotype: cannot be scored from variants",
    Fate.DIPLOTYPE: "a diplotype: cannot be scored from variants",
    Fate.INTERACTION: "an interaction of variants: cannot be scored",
    Fate.NO_SEQUENCE: "an allele is no sequence of A, C, G and T: cannot be scored",
    Fate.SAME_ALLELE: "effect and other allele are the same letter: cannot be scored",
}


@dataclass(frozen=True, slots=True)
class ScoreAbout:
    """What a scoring file says of itself. ``build`` and ``harmonised``: GRCh37, GRCh38, NCBI36 or empty.

    ``weights``: how the weights were taken: ``as given``, or ``natural logarithm of`` what the file declares.
    ``licence``: the file's own words; empty where it has none. ``digest``: SHA-256 of the file as given.
    ``declared_variants``: 0 where not said.
    """

    id: str
    name: str = ""
    trait: str = ""
    build: str = ""
    harmonised: str = ""
    weight_type: str = ""
    weights: str = "as given"
    citation: str = ""
    licence: str = ""
    version: str = ""
    date: str = ""
    declared_variants: int = 0
    digest: str = ""
    file: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoringFile:
    """A scoring file as columns over its rows.

    ``line`` (rows,) int64; ``own`` and ``harmonised`` (rows,) places on ``about.build`` and ``about.harmonised``, 0 = none;
    ``effect`` (rows,) allele codes; ``other`` (rows,), 0 = not given; ``others``: by row, all of several other alleles;
    ``weights`` (rows, 3) what 0, 1 and 2 effect alleles add; ``refused`` (rows,) uint8, 0 or a ``Fate``; ``names`` (rows,)
    rsids or empty; ``frequency`` (rows,) of the effect allele as the file gives it, NaN = not.
    """

    about: ScoreAbout
    line: Codes
    own: Codes
    harmonised: Codes
    effect: Codes
    other: Codes
    others: Mapping[int, tuple[int, ...]]
    weights: Floats
    refused: NDArray[np.uint8]
    names: tuple[str, ...]
    frequency: Floats

    def __len__(self) -> int:
        return len(self.line)

    def places(self, build: str) -> Codes | None:
        """Places on ``build``; ``None`` where the file has none on it."""
        if build == self.about.harmonised and build:
            return self.harmonised
        return self.own if build == self.about.build and build else None


@dataclass(frozen=True, slots=True)
class TargetVariants:
    """Variants: ``place`` (variants,); ``start`` (variants + 1,) where each one's alleles begin in ``allele``.

    The first allele is the reference. ``ANY_OTHER`` stands last where the record speaks about every other allele too.
    """

    place: Codes
    start: Codes
    allele: Codes

    def __len__(self) -> int:
        return len(self.place)


@dataclass(frozen=True, slots=True)
class FrequencyPanel:
    """A reference panel: its variants, and ``frequency`` (alleles,) beside ``variants.allele``."""

    variants: TargetVariants
    frequency: Floats
    name: str
    build: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Matching:
    """``fate`` (rows,) of each row; ``column`` (rows,) its allele among the flat ones of the target, -1 = none."""

    fate: NDArray[np.uint8]
    column: Codes

    @property
    def scored(self) -> NDArray[np.bool_]:
        """Rows that are scored."""
        return self.fate <= LAST_SCORED


@dataclass(frozen=True, slots=True)
class ReferencePeople:
    """People of a reference panel: ``pcs`` (people, components), ``population`` of each, ``scores`` by id (people,)."""

    names: tuple[str, ...]
    population: tuple[str, ...]
    pcs: Floats
    scores: Mapping[str, Floats] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Placement:
    """Which reference population a person is most similar to. ``shares`` sum to 1; ``is_low``: no share reaches the bound.

    Similarity to a reference panel: neither an ethnicity nor an identity.
    """

    population: str
    share: float
    is_low: bool
    shares: Mapping[str, float]
    method: str


@dataclass(frozen=True, slots=True)
class AdjustedScore:
    """A score beside a reference panel scored on the same variants. ``None``: could not be given.

    ``z_population``: against the most similar population. ``z_norm1``: after a linear fit on components. ``z_norm2``: with a
    variance that follows the components too. ``percentile``: 0-100 in that population.
    """

    placement: Placement
    z_population: float | None
    percentile: float | None
    z_norm1: float | None
    z_norm2: float | None


@dataclass(frozen=True, slots=True)
class PolygenicScore:
    """One score of one person, or why there is none.

    ``value``: sum of what effect alleles add, imputed where a panel gives frequencies; ``None`` with ``reason`` where it is
    refused. ``spread``: standard deviation of the part that frequencies expect (linkage ignored), ``None`` where
    they expect nothing.
    ``rows`` of the file, ``seen`` with a genotype, ``imputed`` from frequencies; ``weight_seen``: share of the sum of
    absolute weights. ``fates``: rows by what became of them. ``lowest`` and ``highest``: what the sum could be, whatever the
    rows hold that were not seen.
    """

    id: str
    name: str
    trait: str
    value: float | None
    reason: str
    spread: float | None
    rows: int
    seen: int
    imputed: int
    overlap: float
    weight_seen: float
    licence: str
    citation: str
    digest: str
    build: str
    weights: str
    fates: Mapping[str, int]
    adjusted: AdjustedScore | None = None
    notes: tuple[str, ...] = ()
    lowest: float | None = None
    highest: float | None = None
