"""Evidence codes, sums of points, and the facts of a variant that codes are found from: nouns without a verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from nof1.model.evidence import SourceRef
from nof1.model.variants import Consequence


class Strength(StrEnum):
    """How much one piece of evidence counts, in rising order."""

    SUPPORTING = "supporting"
    MODERATE = "moderate"
    STRONG = "strong"
    VERY_STRONG = "very_strong"
    STAND_ALONE = "stand_alone"


class VariantClass(StrEnum):
    """The five classes of germline variants, in the words of ``Assertion.classification``."""

    PATHOGENIC = "pathogenic"
    LIKELY_PATHOGENIC = "likely pathogenic"
    UNCERTAIN = "uncertain significance"
    LIKELY_BENIGN = "likely benign"
    BENIGN = "benign"


class Origin(StrEnum):
    """Who says that an evidence code is met."""

    AUTOMATED = "automated"
    CURATOR = "curator"
    PANEL = "panel"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One evidence code that is met, with its strength, and why.

    ``code`` is bare (``PM2``). ``evidence``: the facts in words. ``by`` and ``on``: who decided, and the date (ISO 8601).
    """

    code: str
    strength: Strength
    is_benign: bool = False
    origin: Origin = Origin.PANEL
    evidence: str = ""
    source: SourceRef | None = None
    by: str = ""
    on: str = ""


@dataclass(frozen=True, slots=True)
class Classification:
    """The class that a sum of points gives. ``stand_alone``: benign by one code, whatever the sum.

    ``stricter``: the class under the stricter limit of likely benign. ``set_aside``: what a curator replaced or withdrew.
    """

    variant_class: VariantClass
    stricter: VariantClass
    points: int
    stand_alone: bool
    criteria: tuple[Criterion, ...]
    set_aside: tuple[Criterion, ...] = ()


class Agreement(StrEnum):
    """How the class by points stands to the class that is asserted, which decides.

    ``NONE``: nothing is asserted, or assertions conflict. ``LESS``: points reach less, in the same direction or in none.
    """

    SAME = "same"
    LESS = "less"
    MORE = "more"
    OPPOSED = "opposed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Counted:
    """An evidence code as panels write it (``PM2_Supporting``) and what it counts; 0 where it stands alone."""

    written: str
    points: int
    criterion: Criterion


@dataclass(frozen=True, slots=True)
class ByPoints:
    """One allele explained by points. It explains what is asserted and never makes a finding.

    ``allele``: ``chr:position:ref:alt``. ``asserted``: the class that decides, empty for none. ``classification``,
    ``stricter``, ``points``, ``stand_alone``: as in ``Classification``; ``words``: how that stands to what is asserted.
    ``set_aside``: what a curator replaced or withdrew, with what it would count. ``not_told``: what was not looked at or is
    not known, and why.
    """

    allele: str
    asserted: str
    classification: VariantClass
    stricter: VariantClass
    points: int
    stand_alone: bool
    counted: tuple[Counted, ...]
    set_aside: tuple[Counted, ...]
    agreement: Agreement
    words: str
    not_told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownChange:
    """A change that is known and classified: of which gene, to which protein, by which allele, with how many stars."""

    gene: str
    hgvs_p: str
    allele: str
    classification: str
    stars: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class VariantFacts:
    """What is known of one allele of one gene before any evidence code is found. NaN and ``None``: not known.

    ``share_lost``: of the protein behind the change (a stop, a frame shift) or in the exon that would be skipped, 0-1.
    ``skips_in_frame``: whether losing the exon beside a splice site keeps the reading frame. ``frequency``: the highest of
    the populations looked up, ``alleles`` counted there (-1: not known); 0.0 with ``alleles`` known means looked up and
    absent. ``splice_score``: predicted effect on splicing, 0-1. ``is_conserved``: the base is conserved in evolution.
    """

    gene: str
    allele: str
    consequence: Consequence | None = None
    share_lost: float = float("nan")
    skips_in_frame: bool | None = None
    frequency: float = float("nan")
    population: str = ""
    alleles: int = -1
    known_changes: tuple[KnownChange, ...] = field(default_factory=tuple)
    splice_score: float = float("nan")
    is_conserved: bool | None = None
