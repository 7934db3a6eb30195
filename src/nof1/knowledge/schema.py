"""The shapes of knowledge files. Unknown keys are refused; meanings are frozen (docs/reference/knowledge.md)."""

from __future__ import annotations

from typing import Literal

from nof1.knowledge.assertion_terms import AssertionTerms
from nof1.knowledge.care import Care
from nof1.knowledge.criteria import Criteria
from nof1.knowledge.dose_equations import DoseEquation
from nof1.knowledge.dosing import DosingFile
from nof1.knowledge.gene_models import GeneModels
from nof1.knowledge.kinetics import PkModel
from nof1.knowledge.outcomes import Responses
from nof1.knowledge.prevention import Prevention
from nof1.knowledge.risk_equations import RiskEquation
from nof1.knowledge.secondary import Secondary
from nof1.knowledge.shape import ActionCode, DoseSpec, Spec, Status
from nof1.knowledge.weighing import Certainty, Frequencies, HaplotypeCount

SCHEMA = 1

Ploidy = Literal["diploid", "sex_linked", "haploid"]
Method = Literal["named_allele", "lowest_function", "outside"]
Strength = Literal["strong", "moderate", "optional", "no_recommendation", "not_applicable"]


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


class Gene(Spec, frozen=True):
    """A gene with its tables, as loaded."""

    file: GeneFile
    positions: list[Position]
    alleles: list[Allele]
    frequencies: Frequencies | None = None
    haplotypes: list[HaplotypeCount] = []


class Setting(Spec, frozen=True):
    """For whom a rule holds. ``age`` not_stated: dose figures are for adults, warnings for everyone."""

    age: Literal["not_stated", "adults", "children", "adults_and_children_over_40_kg"] = "not_stated"
    indication: str = ""
    prior_exposure: str = ""
    alternatives: str = ""


class Rule(Spec, frozen=True):
    """One recommendation. ``when``: any of these; each maps every gene of the drug to the values it accepts.

    A value is a phenotype, a condition on ``score``, ``no_score`` (a diplotype without a score), ``no_result``, or
    ``diplotype A/B``, which wins over a phenotype of the same setting. ``patient``: what it means, in plain words;
    ``evidence``: the source's own grade. ``situational``: it holds only in the situation of ``applies_to`` and never heads
    the advice. ``taking``: modulators that must be taken (all of the lists, any within one), ``not_taking``: that must not;
    each ``ENZYME ROLE STRENGTH``.
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
    patient: str = ""
    evidence: str = ""
    situational: bool = False
    taking: list[list[str]] = []
    not_taking: list[str] = []


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
    """One guideline on one drug. ``gap``: what the body advises and this file does not hold yet. ``supersedes``: guidelines
    (ids of sources) of the same drug that this one replaces. ``for_classes``, ``for_drugs``: whose members it is about
    too, where its own name is that of a class or a combination."""

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
    supersedes: list[str] = []
    for_classes: list[str] = []
    for_drugs: list[str] = []


class Kinetics(Spec, frozen=True):
    """What is known of doses: population ``models`` by id, ``dosing`` by drug, and ``equations`` by id."""

    models: dict[str, PkModel] = {}
    dosing: dict[str, DosingFile] = {}
    equations: dict[str, DoseEquation] = {}


class Edition(Spec, frozen=True):
    """What the knowledge is: digest of every file, latest checked-on date, number of files."""

    digest: str
    date: str
    files: int


class Knowledge(Spec, frozen=True):
    """Everything believed, as loaded. ``guidelines``: by drug, the files of further bodies and genes."""

    edition: Edition
    sources: dict[str, Source]
    genes: dict[str, Gene]
    drugs: dict[str, DrugFile]
    certainty: Certainty
    guidelines: dict[str, list[DrugFile]] = {}
    care: Care = Care()
    kinetics: Kinetics = Kinetics()
    responses: Responses = Responses()
    criteria: Criteria = Criteria()
    secondary: Secondary = Secondary()
    prevention: Prevention = Prevention()
    risks: dict[str, RiskEquation] = {}
    gene_models: GeneModels = GeneModels()
    assertions: AssertionTerms = AssertionTerms()

    def advising(self, drug: str) -> list[DrugFile]:
        """Every guideline file on ``drug``, that of ``drugs/`` first; without those that another file has superseded."""
        files = self._about(drug)
        gone = {name for file in files if _is_read(file) for name in file.supersedes}
        return [file for file in files if file.guideline not in gone]

    def successor(self, file: DrugFile) -> str:
        """The guideline that supersedes ``file`` but has provisional rules, so that both are shown; empty for none."""
        return next((item.guideline for item in self._about(file.drug) if file.guideline in item.supersedes), "")

    def _about(self, drug: str) -> list[DrugFile]:
        return [*([self.drugs[drug]] if drug in self.drugs else []), *self.guidelines.get(drug, [])]


def _is_read(file: DrugFile) -> bool:
    """Whether every rule was read a second time: only then does a file silence an older one."""
    return all(rule.status != "provisional" for rule in file.rules)
