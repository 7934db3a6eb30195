"""What an assessment says: diplotypes, phenotypes, recommendations, and what remains unknown.

Names, codes and meanings are frozen (docs/reference/assessment.md). Later minor versions add optional fields and codes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from nof1.model.evidence import Because, FactStatus, SourceRef
from nof1.model.exposures import Exposure
from nof1.model.genome import SiteNote, SourceFile
from nof1.model.pedigree import Pedigree
from nof1.model.prevention import PlannedAction
from nof1.model.risks import RiskFinding
from nof1.model.score_report import ScoreReport
from nof1.model.secondary import SecondaryFinding, SecondaryReport

SCHEMA_VERSION = "1.5"


class CallStatus(StrEnum):
    """How sure a call is. ``called``: named-allele logic, nothing weighed. The four graded ones weigh what is unknown."""

    CALLED = "called"
    NO_CALL = "no_call"
    CERTAIN = "certain"
    ASSURED = "assured"
    PROBABLE = "probable"
    UNDETERMINED = "undetermined"


class Action(StrEnum):
    """What a recommendation asks for; declared from the most to the least urgent."""

    CONTRAINDICATED = "contraindicated"
    AVOID = "avoid"
    ALTERNATIVE = "alternative"
    TEST_FIRST = "test_first"
    DOSE = "dose"
    CAUTION = "caution"
    MONITOR = "monitor"
    USE = "use"
    NO_RECOMMENDATION = "no_recommendation"

    @property
    def urgency(self) -> int:
        """0 for the most urgent."""
        return _URGENCY[self]


_URGENCY = {action: place for place, action in enumerate(Action)}


class Kind(StrEnum):
    """What a recommendation rests on."""

    GENE = "gene"
    LOWER_EVIDENCE = "lower_evidence"
    FACT = "fact"
    INTERACTION = "interaction"
    ALLERGY = "allergy"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Indeterminate:
    """Something that could not be said, and what would settle it."""

    about: str
    reason: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Diplotype:
    """One possible pair of alleles (or one allele, or one haplotype of an unphased list).

    ``name`` in definition names, ``label`` as printed. ``haplotypes`` in order; each is a tuple of allele names, more
    than one where several alleles lie on one strand. ``score`` is the number of defining positions matched.
    ``probability`` is the mean over the populations asked, ``lowest`` and ``highest`` the least and most of them.
    """

    gene: str
    name: str
    label: str
    haplotypes: tuple[tuple[str, ...], ...]
    score: float = 0.0
    probability: float | None = None
    lowest: float | None = None
    highest: float | None = None


@dataclass(frozen=True, slots=True)
class Phenotype:
    """What a diplotype means. ``lookup`` is the key recommendations are found by."""

    gene: str
    term: str
    activity_score: str
    lookup: str
    functions: tuple[str, ...]
    recommendation_diplotype: str
    recommendation_haplotypes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chance:
    """How likely a phenotype is: the mean over the populations asked, and the lowest and highest of them.

    An empty ``phenotype``: haplotypes that no allele's name covers.
    """

    phenotype: str
    activity_score: str
    lookup: str
    probability: float
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True)
class Settles:
    """A position not seen, and how likely it is that seeing it would change the phenotype (mean over populations)."""

    position: str
    chance: float
    alleles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PositionSeen:
    """One locus as it was seen in this person: ``state`` is called, reference, no_call or not_covered."""

    id: str
    chromosome: str
    position: int
    state: str
    genotype: str = ""
    is_variant: bool = False
    quality: float | None = None
    depth: int | None = None
    ref: str = ""


@dataclass(frozen=True, slots=True)
class GeneCall:
    """Everything said about one gene of one person.

    ``status`` is that of the phenotype, ``diplotype_status`` that of the first diplotype. With the method ``certain``:
    ``populations`` whose frequencies were asked, ``chances`` of every phenotype, ``remainder``: the probability of all
    diplotypes that are not listed, ``settles``: what was not seen, most consequential first.
    """

    gene: str
    status: CallStatus
    method: str
    call_source: str
    diplotypes: tuple[Diplotype, ...]
    phenotypes: tuple[Phenotype, ...]
    positions: tuple[PositionSeen, ...]
    not_excluded: tuple[str, ...]
    undocumented: tuple[str, ...]
    messages: tuple[str, ...]
    because: Because
    diplotype_status: CallStatus | None = None
    populations: tuple[str, ...] = ()
    chances: tuple[Chance, ...] = ()
    remainder: float | None = None
    settles: tuple[Settles, ...] = ()


@dataclass(frozen=True, slots=True)
class Dose:
    """A change of dose. ``factor`` is (low, high) as a fraction of ``basis``; ``absolute`` holds (low, high, unit, kind)."""

    direction: str
    factor: tuple[float, float] | None = None
    basis: str = ""
    absolute: tuple[tuple[float, float, str, str], ...] = ()
    interval: str = ""
    if_used: bool = False


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What one guideline advises on one drug for this person's genes.

    ``because_of`` maps each gene (or fact of the record, or other drug) to the value the rule matched (``no_result``
    where the gene is unknown). ``is_partial`` is true where the rule was reached although a gene it names is unknown.
    ``notes``: what must be said beside it (dose figures withheld, may be outdated). ``interrupts``: worth interrupting a
    prescriber for. ``is_situational``: holds only in the situation that ``applies_to`` names, and never heads the advice.
    ``chance``: probability of the results that lead to it, lowest and highest over the populations asked.
    """

    id: str
    drug: str
    body: str
    actions: tuple[Action, ...]
    strength: str
    advice: str
    implications: tuple[str, ...]
    setting: dict[str, str]
    applies_to: str
    dose: Dose | None
    alternatives: tuple[str, ...]
    monitor: tuple[str, ...]
    because_of: dict[str, str]
    is_partial: bool
    source: SourceRef
    rows: tuple[str, ...]
    status: FactStatus
    checked: str
    because: Because
    kind: Kind = Kind.GENE
    patient: str = ""
    evidence: str = ""
    notes: tuple[str, ...] = ()
    interrupts: bool = False
    chance: tuple[float, float] | None = None
    is_situational: bool = False

    @property
    def headline(self) -> Action:
        """The most urgent of the actions."""
        return min(self.actions, key=lambda action: action.urgency)


@dataclass(frozen=True, slots=True)
class FirstTest:
    """Advice that waits for a result: why, what would settle it, and what to do if treatment cannot wait.

    ``possible``: results that would change the advice, with their action. ``cautious``: ids of the recommendations that
    are the careful choice until then.
    """

    why: str
    possible: tuple[str, ...]
    needs: tuple[str, ...]
    cautious: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DrugAdvice:
    """All recommendations on one drug, most urgent first, and what kept others from being given.

    ``course``: active, planned or stopped where the record has the drug, otherwise empty. ``disagreement``: what each body
    asks for, where they differ. ``interrupts``: whether any recommendation is worth interrupting for. ``alternatives``:
    drugs named instead, each with what speaks against it for this person (empty where nothing known does), and
    ``alternative_codes`` their RxNorm codes.
    """

    drug: str
    rxnorm: str
    headline: Action
    recommendations: tuple[Recommendation, ...]
    unknown: tuple[Indeterminate, ...]
    course: str = ""
    test_first: FirstTest | None = None
    disagreement: tuple[str, ...] = ()
    interrupts: bool = False
    alternatives: dict[str, str] = field(default_factory=dict)
    alternative_codes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EffectivePhenotype:
    """What a gene's result amounts to under the drugs taken. ``genetic`` and ``effective`` are phenotypes in words.

    ``by``: the drugs, each with role, strength and source; ``not_counted``: those that change nothing, and why.
    ``evidence``: ``guideline`` or ``lower``. ``because`` holds the drugs as the record has them.
    """

    gene: str
    genetic: tuple[str, ...]
    effective: tuple[str, ...]
    by: tuple[str, ...]
    evidence: str
    notes: tuple[str, ...]
    not_counted: tuple[str, ...]
    source: SourceRef
    because: Because
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExposureRatio:
    """How much more of a drug a person is exposed to under an inhibitor, for information only; it never sets a dose."""

    drug: str
    inhibitor: str
    enzyme: str
    ratio: float
    low: float
    high: float
    genetic: str
    source: SourceRef
    note: str = ""


@dataclass(frozen=True, slots=True)
class Interaction:
    """Two drugs that must not, or only with care, be taken together."""

    id: str
    drugs: tuple[str, str]
    severity: str
    interrupts: bool
    actions: tuple[Action, ...]
    effect: str
    advice: str
    source: SourceRef
    status: FactStatus
    checked: str
    because: Because
    mechanism: str = ""
    patient: str = ""
    monitor: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    is_taken: bool = True


@dataclass(frozen=True, slots=True)
class Compared:
    """One drug of a comparison: its bin, why, and what is unknown about it.

    ``exposure``: what models predict for this person, under the regimen it is taken in or at the best dose that exists.
    """

    drug: str
    bin: str
    why: tuple[str, ...]
    recommendations: tuple[str, ...]
    unknown: tuple[str, ...]
    is_taken: bool = False
    exposure: Exposure | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The alternatives of one class for this person; drugs of one bin are tied."""

    name: str
    title: str
    drugs: tuple[Compared, ...]
    source: SourceRef
    note: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact nobody has that would change most: which, what it could change, and how to get it."""

    about: str
    needs: tuple[str, ...]
    changes: tuple[str, ...]
    drugs: tuple[str, ...]
    chance: float | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """One person's answer. The sections that are empty here are filled by later editions, never renamed or removed."""

    person: str
    created: str
    software: str
    knowledge_edition: str
    knowledge_date: str
    disclaimer: str
    files: tuple[SourceFile, ...]
    settings: dict[str, str]
    genes: tuple[GeneCall, ...]
    drugs: tuple[DrugAdvice, ...]
    unknown: tuple[Indeterminate, ...]
    site_notes: tuple[SiteNote, ...]
    sources: dict[str, dict[str, str]]
    schema_version: str = SCHEMA_VERSION
    assay: dict[str, Any] = field(default_factory=dict)
    record: dict[str, Any] = field(default_factory=dict)
    effective_phenotypes: tuple[EffectivePhenotype, ...] = ()
    interactions: tuple[Interaction, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    variants: tuple[SecondaryFinding, ...] = ()
    risks: tuple[RiskFinding, ...] = ()
    exposures: tuple[Exposure, ...] = ()
    plan: tuple[PlannedAction, ...] = ()
    exposure_ratios: tuple[ExposureRatio, ...] = ()
    missing: tuple[Missing, ...] = ()
    secondary: SecondaryReport | None = None
    pedigree: Pedigree | None = None
    family_rules: tuple[dict[str, Any], ...] = ()
    scores: ScoreReport | None = None
