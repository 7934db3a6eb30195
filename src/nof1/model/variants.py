"""Variants of one person, what is asserted of them, and what was looked at: the nouns of disease variants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Zygosity(StrEnum):
    """How many of a person's copies carry an allele. ``HEMIZYGOUS``: the only copy there is does."""

    HETEROZYGOUS = "heterozygous"
    HOMOZYGOUS = "homozygous"
    HEMIZYGOUS = "hemizygous"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, order=True)
class Allele:
    """A change of the forward strand in VCF's manner: 1-based, trimmed, an insertion or deletion with its anchor base.

    It is left-aligned where the sequence of the reference was at hand; the reader of the file says whether it was.
    """

    chromosome: str
    position: int
    ref: str
    alt: str


@dataclass(frozen=True, slots=True)
class Assertion:
    """What somebody else says of an allele, word for word where a word is a code.

    ``origin``: ``germline``, ``somatic`` (clinical impact) or ``oncogenicity``. ``classification``: ``pathogenic``,
    ``likely pathogenic``, ``uncertain significance``, ``likely benign``, ``benign``, ``conflicting``, or the source's own
    word where it is none of them. ``stars`` 0-4; ``counts``: submissions by classification, where the source gives them.
    ``is_low_penetrance``: the source says so (risk alleles too).
    """

    source: str
    edition: str
    id: str
    classification: str
    stars: int
    origin: str = "germline"
    counts: Mapping[str, int] = field(default_factory=dict)
    is_low_penetrance: bool = False
    conditions: tuple[str, ...] = ()
    gene: str = ""
    evaluated: str = ""


@dataclass(frozen=True, slots=True)
class Consequence:
    """What an allele does to one transcript. ``terms``: Sequence Ontology, gravest first; where empty, ``reason``.

    ``decay``: ``expected``, ``escaped`` or ``""`` (does not apply) for nonsense-mediated decay.
    """

    gene: str
    transcript: str
    terms: tuple[str, ...]
    hgvs_c: str = ""
    hgvs_p: str = ""
    exon: str = ""
    decay: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ObservedVariant:
    """An allele that a person carries. ``phase_set`` 0: no phase known; ``strand``: 0 or 1 within it, else -1.

    ``frequency``: the highest of the populations looked up, with ``population``; NaN where none was.
    ``doubt``: why it cannot be taken as it stands, in words; empty where it can. ``includes``: known changes that it holds,
    or may be, though it is written in another way; what is asserted is then said of those.
    """

    allele: Allele
    gene: str
    zygosity: Zygosity
    phase_set: int = 0
    strand: int = -1
    quality: float = float("nan")
    depth: int = -1
    assertions: tuple[Assertion, ...] = ()
    consequences: tuple[Consequence, ...] = ()
    frequency: float = float("nan")
    population: str = ""
    place: str = ""
    doubt: str = ""
    includes: tuple[Allele, ...] = ()


@dataclass(frozen=True, slots=True)
class GeneCoverage:
    """How much of a gene's coding bases the genome speaks about: ``share`` 0-1, NaN where no file says.

    ``known``: alleles of the gene that the tables looked up have, of any class; -1 where that was not counted. ``sites``:
    those that would be a finding; ``unread_sites`` of them were not read, and ``first_unread`` names some. ``nameless``:
    alleles carried there whose sequence no file tells. ``unassessed``: those that no table knows, with unknown effect.
    """

    gene: str
    share: float
    basis: str = ""
    copy_number_assessed: bool = False
    known: int = -1
    sites: int = 0
    unread_sites: int = 0
    first_unread: tuple[str, ...] = ()
    nameless: tuple[str, ...] = ()
    unassessed: tuple[str, ...] = ()
