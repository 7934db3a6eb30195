"""The shapes of what weighs: haplotypes and frequencies of a gene, populations and thresholds."""

from __future__ import annotations

from nof1.knowledge.shape import Spec, Status


class HaplotypeCount(Spec, frozen=True):
    """One row of ``haplotypes.tsv``: a whole haplotype of a reference panel and how often each population shows it.

    ``haplotype``: ``id:allele`` tokens that differ from the genome's reference, or ``reference``; ``counts``:
    ``CODE:number`` tokens.
    """

    haplotype: str
    counts: str
    source: str
    status: Status
    checked: str


class Counted(Spec, frozen=True):
    """The positions at which the reference panel was counted; elsewhere it shows nothing."""

    source: str
    positions: list[str]


class PublishedFrequencies(Spec, frozen=True):
    """Published allele frequencies, a value a group (null = not given, which is not zero)."""

    source: str
    status: Status
    checked: str
    groups: list[str]
    alleles: dict[str, list[float | None]]


class Frequencies(Spec, frozen=True):
    """``frequencies.yaml``: how often haplotypes and alleles of a gene occur."""

    schema: int
    gene: str
    counted: Counted | None = None
    published: PublishedFrequencies | None = None


class Thresholds(Spec, frozen=True):
    """Lowest probability of a call that is ``assured`` or ``probable``, of a phenotype that advice still speaks of
    (``possible``) and of a diplotype that is ``listed``; and the most ``rows`` listed."""

    assured: float
    probable: float
    possible: float
    listed: float
    rows: int


class Population(Spec, frozen=True):
    """A reference population: its code, the codes and names it also goes by, the groups published tables call it."""

    code: str
    name: str
    includes: list[str]
    published_as: list[str]


class ReferencePanel(Spec, frozen=True):
    """Whose haplotypes were counted, and who was left out so that calls can be checked on them."""

    source: str
    left_out: list[str]


class Certainty(Spec, frozen=True):
    """``certainty.yaml``: populations and thresholds of the method that weighs what is unknown; ``unseen_source``: by what
    estimate haplotypes that nobody has get their mass."""

    schema: int
    thresholds: Thresholds
    populations: list[Population]
    panel: ReferencePanel
    unseen_source: str
