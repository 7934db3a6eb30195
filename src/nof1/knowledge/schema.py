"""The shapes of knowledge files. Unknown keys are refused; meanings are frozen (docs/reference/knowledge.md)."""

from __future__ import annotations

from typing import Literal

import msgspec

SCHEMA = 1

Ploidy = Literal["diploid", "sex_linked", "haploid"]
Method = Literal["named_allele", "lowest_function", "outside"]
ActionCode = Literal[
    "contraindicated", "avoid", "alternative", "test_first", "dose", "caution", "monitor", "use", "no_recommendation"
]
Status = Literal["provisional", "machine-read", "clinically-reviewed"]
Strength = Literal["strong", "moderate", "optional", "no_recommendation", "not_applicable"]


class Spec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of every shape in a knowledge file."""


class Source(Spec, frozen=True):
    """A cited source. ``because``: what it is cited for."""

    id: str
    title: str
    body: str
    year: int
    url: str
    licence: str
    because: str
    pmid: str = ""
    doi: str = ""
    version: str = ""


class Position(Spec, frozen=True):
    """One row of ``positions.tsv``. ``used``: yes | no (kept for completeness) | extra (read, not part of an allele).

    ``position_37`` and ``ref_37``: the same place and its reference bases on GRCh37, ``from_37`` the source of both;
    0 and empty for a position that is known on GRCh38 only.
    """

    id: str
    position: int
    ref: str
    alts: list[str]
    span: str
    hgvs: str
    used: Literal["yes", "no", "extra"]
    source: str
    status: Status
    checked: str
    position_37: int = 0
    ref_37: str = ""
    from_37: str = ""


class Allele(Spec, frozen=True):
    """One row of ``alleles.tsv``.

    ``variants``: ``id:allele`` tokens; ``reference`` marks the reference allele, ``all`` one defined at every position,
    ``outside`` one that no position defines (structural, copy number). ``shown_as``: name printed for a suballele.
    """

    name: str
    shown_as: str
    variants: str
    used: Literal["yes", "no"]
    function: str
    activity: str
    source: str
    function_source: str
    status: Status
    checked: str


class RecommendedPositions(Spec, frozen=True):
    """Positions a professional body wants tested; missing ones are warned about."""

    positions: list[str]
    source: str


class PriorityList(Spec, frozen=True):
    """Diplotypes that unphased data cannot tell apart, and the one reported."""

    among: list[str]
    pick: str


class UnphasedPriorities(Spec, frozen=True):
    """What to report where phase decides and is unknown."""

    source: str
    lists: list[PriorityList]


class PairedMarker(Spec, frozen=True):
    """Two markers of one haplotype: ``deciding`` makes the call, ``supporting`` only stands in when it is missing.

    ``both``: the allele carrying both; ``deciding_only``: the allele carrying the deciding one alone.
    """

    deciding: str
    supporting: str
    both: str
    deciding_only: str
    source: str


class LowestFunction(Spec, frozen=True):
    """Alleles are listed rather than named as haplotypes; the two of lowest function decide.

    ``rank_by`` ``activity``: ascending activity value; ``function``: the functions of ``first`` before all others.
    """

    rank_by: Literal["activity", "function"]
    source: str
    first: list[str] = []


class SingleMarker(Spec, frozen=True):
    """A position that stands in for the whole gene, for recommendations only, when nothing else can be called."""

    position: str
    alleles: dict[str, str]
    source: str


class Calling(Spec, frozen=True):
    """How diplotypes of the gene are found. ``undocumented``: what an undocumented alternative does to the call."""

    methods: list[Method]
    ploidy: Ploidy
    undocumented: Literal["kept", "reference"]
    source: str
    required: list[str] = []
    recommended_positions: RecommendedPositions | None = None
    unphased_priorities: UnphasedPriorities | None = None
    lowest_function: LowestFunction | None = None
    paired_marker: PairedMarker | None = None
    single_marker: SingleMarker | None = None
    heterozygous_label: list[str] = []
    reference_label: str = ""
    why_outside: str = ""


class PairRow(Spec, frozen=True):
    """Functions of the one or two alleles (any order) -> phenotype."""

    functions: list[str]
    phenotype: str


class SufficientRow(Spec, frozen=True):
    """One allele of this function is enough, whatever the other strand carries."""

    function: str
    phenotype: str


class ScoreRow(Spec, frozen=True):
    """A condition on ``score`` -> phenotype."""

    when: str
    phenotype: str


class PresenceRow(Spec, frozen=True):
    """An allele (two fields) whose presence is the result."""

    allele: str
    positive: str
    negative: str


class PhenotypeRule(Spec, frozen=True):
    """How a diplotype becomes a phenotype, named by mechanism."""

    method: Literal["function_pair", "activity_score", "presence"]
    source: str
    status: Status
    checked: str
    rows: list[PairRow] = []
    sufficient: list[SufficientRow] = []
    score: str = ""
    score_rows: list[ScoreRow] = []
    presence_rows: list[PresenceRow] = []
    without_score: str = ""


class GeneFile(Spec, frozen=True):
    """``gene.yaml``: everything about a gene except its two tables."""

    schema: int
    gene: str
    title: str
    chromosome: str
    build: str
    sequence: str
    edition: str
    call: Calling
    phenotype: PhenotypeRule | None
    notes: list[str] = []


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


class Gene(Spec, frozen=True):
    """A gene with its tables, as loaded."""

    file: GeneFile
    positions: list[Position]
    alleles: list[Allele]
    frequencies: Frequencies | None = None
    haplotypes: list[HaplotypeCount] = []


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


class DoseSpec(Spec, frozen=True):
    """A change of dose; ``factor`` is a fraction of ``basis``, one number or [low, high]."""

    direction: Literal["", "decrease", "increase", "limit"] = ""
    factor: float | list[float] | None = None
    basis: Literal["", "starting dose", "maintenance dose", "target dose", "normal dose"] = ""
    absolute: list[AbsoluteDose] = []
    interval: str = ""
    if_used: bool = False


class AbsoluteDose(Spec, frozen=True):
    """A dose with its unit; ``kind`` says what it is; ``below`` excludes the value itself."""

    value: float | list[float]
    unit: str
    kind: Literal["start", "target", "maximum", "below"]


class Setting(Spec, frozen=True):
    """For whom a rule holds. ``age`` not_stated: dose figures are for adults, warnings for everyone."""

    age: Literal["not_stated", "adults", "children", "adults_and_children_over_40_kg"] = "not_stated"
    indication: str = ""
    prior_exposure: str = ""
    alternatives: str = ""


class Rule(Spec, frozen=True):
    """One recommendation. ``when``: any of these; each maps every gene of the drug to the values it accepts.

    A value is a phenotype, a condition on ``score``, ``no_score`` (a diplotype without a score) or ``no_result``.
    """

    id: str
    when: list[dict[str, list[str]]]
    actions: list[ActionCode]
    strength: Strength
    advice: str
    source: str
    status: Status
    checked: str
    rows: list[str]
    setting: Setting = Setting()
    applies_to: str = ""
    dose: DoseSpec | None = None
    alternatives: list[str] = []
    monitor: list[str] = []


class Implication(Spec, frozen=True):
    """What a value of one gene means for the drug."""

    gene: str
    when: list[str]
    text: str
    source: str
    status: Status
    checked: str


class Code(Spec, frozen=True):
    """A code of a terminology with the tables that agree on it."""

    value: str
    source: str


class DrugFile(Spec, frozen=True):
    """``drugs/NAME.yaml``. ``gap``: what the body advises and this file does not hold yet."""

    schema: int
    drug: str
    body: str
    guideline: str
    genes: list[str]
    rules: list[Rule]
    implications: list[Implication] = []
    rxnorm: Code | None = None
    atc: list[Code] = []
    also_named: list[str] = []
    gap: str = ""


class Edition(Spec, frozen=True):
    """What the knowledge is: digest of every file, latest checked-on date, number of files."""

    digest: str
    date: str
    files: int


class Knowledge(Spec, frozen=True):
    """Everything believed, as loaded."""

    edition: Edition
    sources: dict[str, Source]
    genes: dict[str, Gene]
    drugs: dict[str, DrugFile]
    certainty: Certainty
