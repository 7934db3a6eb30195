"""Secondary findings of one person: what is reported, what waits for review, and what was not looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from nof1.model.classification import ByPoints
from nof1.model.evidence import SourceRef
from nof1.model.variants import ObservedVariant

FINDINGS, CARRIERS = "secondary-findings", "carrier-states"  # what a person opts in to


class Sex(StrEnum):
    """How many X chromosomes are expected; ``UNKNOWN`` where nobody says."""

    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


class GenomeSource(StrEnum):
    """What the genotypes come from. Only sequences are looked at for secondary findings."""

    SEQUENCE = "sequence"
    ARRAY = "array"
    IMPUTED = "imputed"


@dataclass(frozen=True, slots=True)
class SecondaryPerson:
    """Who is asked about, and what was consented to. ``age_years`` NaN: not known.

    ``opted_in``: secondary findings; ``carriers_opted_in``: carrier states as well. Each needs a record of the consent,
    ``consent``, where it is true.
    """

    sex: Sex = Sex.UNKNOWN
    age_years: float = float("nan")
    opted_in: bool = False
    carriers_opted_in: bool = False
    consent: str = ""


class SecondaryStatus(StrEnum):
    """What becomes of a finding. ``REVIEW``: somebody has to look before it is reported or dropped."""

    REPORTABLE = "reportable"
    POSSIBLE_BIALLELIC = "possible_biallelic"
    REVIEW = "review"
    CARRIER = "carrier"


@dataclass(frozen=True, slots=True)
class SecondaryFinding:
    """One finding in one gene. ``conditions``: those for which it counts. ``reasons``: in words, the decisive one first.

    ``by_points``: each of ``variants`` explained, in their order; empty where the knowledge has no points.
    """

    gene: str
    status: SecondaryStatus
    conditions: tuple[str, ...]
    variants: tuple[ObservedVariant, ...]
    classification: str
    stars: int
    reasons: tuple[str, ...]
    sources: tuple[SourceRef, ...] = ()
    by_points: tuple[ByPoints, ...] = ()


class GeneStatus(StrEnum):
    """What can be said of one gene of the list.

    ``ASSESSED_NEGATIVE``: enough was read, and every place of a known disease-causing allele. ``PARTLY_ASSESSED``: enough
    was read and nothing found there, but something that the reason names was not looked at. ``WITHHELD``: nothing is said,
    whether or not there is anything, so that silence tells nothing either.
    """

    FINDING = "finding"
    ASSESSED_NEGATIVE = "assessed_negative"
    PARTLY_ASSESSED = "partly_assessed"
    NOT_ASSESSED = "not_assessed"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class GeneLooked:
    """One gene of the list: ``share`` of its coding bases the genome speaks about (NaN: not known), and by which file.

    Absence is no clearance: ``copy_number_assessed`` false says that lost or doubled exons were not looked for. ``sites``:
    places of known disease-causing alleles; ``unread_sites`` of them were not read, ``first_unread`` names the first.
    """

    gene: str
    status: GeneStatus
    share: float
    basis: str
    copy_number_assessed: bool
    reason: str
    sites: int = 0
    unread_sites: int = 0
    first_unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SecondaryReport:
    """The whole answer. ``is_analysed`` false: nothing was looked at, and ``notes`` say why."""

    title: str
    edition: str
    is_analysed: bool
    findings: tuple[SecondaryFinding, ...] = ()
    genes: tuple[GeneLooked, ...] = ()
    notes: tuple[str, ...] = field(default_factory=tuple)
    policy: str = ""
