"""The shapes of knowledge beyond genes: terms, modulators, interactions, limits, and how a record is read."""

from __future__ import annotations

from typing import Literal

from nof1.knowledge.enzymes import Conversion, ExposureFile, Modulator
from nof1.knowledge.shape import ActionCode, DoseSpec, Spec, Status


class DrugTerm(Spec, frozen=True):
    """One row of ``terms/drugs*.tsv``: a substance, its codes and names; lists are separated by ``|``.

    ``ingredients``: names of what a combination holds; empty for a single substance.
    """

    name: str
    rxnorm: str
    atc: str
    also_named: str
    ingredients: str
    source: str
    status: Status
    checked: str


class DrugClass(Spec, frozen=True):
    """A class of drugs: everything under an ATC prefix, and members named one by one.

    ``uses``: what the class is for. ``compare``: its members are alternatives to each other.
    """

    id: str
    title: str
    source: str
    status: Status
    checked: str
    uses: list[Literal["compare", "allergy", "duplicate", "interaction"]]
    atc: list[str] = []
    members: list[str] = []
    without: list[str] = []
    patient: str = ""
    also_named: list[str] = []
    codes: list[str] = []


class MeasurementTerm(Spec, frozen=True):
    """What can be measured: its codes, the unit it is kept in and what is believable.

    ``unit`` UCUM. ``molar_mass`` g/mol and ``charge``, for amounts of substance. ``plausible`` [low, high] in ``unit``:
    outside, a value is not used. ``stale_after_days``: older values are shown and marked. ``answers``: coded results
    (system|code or text, lower case) to words. ``activity_of``: the gene whose activity is measured, with
    ``activity_rows``. ``patient``: what it is, for the person.
    """

    id: str
    title: str
    source: str
    status: Status
    checked: str
    loinc: list[str] = []
    snomed: list[str] = []
    unit: str = ""
    molar_mass: float | None = None
    charge: int | None = None
    plausible: list[float] = []
    stale_after_days: int | None = None
    also_named: list[str] = []
    answers: dict[str, str] = {}
    kind: Literal["laboratory", "vital", "lifestyle", "imaging", "activity", "score"] = "laboratory"
    activity_of: str = ""
    activity_rows: list[ActivityRow] = []
    components: list[str] = []
    patient: str = ""


class ActivityRow(Spec, frozen=True):
    """What a measured activity stands for: a condition on ``value`` (in the unit of the term), an answer word, or a recorded
    ``state`` (a diagnosis) that says the same.

    ``precedence``: which counts where genotype and activity differ; ``decides_for``: genetic phenotypes that say too
    little, for which the activity counts alone.
    """

    phenotype: str
    source: str
    status: Status
    checked: str
    when: str = ""
    answer: str = ""
    state: str = ""
    precedence: Literal["activity", "genotype", "lowest"] = "lowest"
    decides_for: list[str] = []


class ConditionTerm(Spec, frozen=True):
    """A state a rule may ask for: diagnosis, procedure or status, by its codes (prefixes of ICD-10 codes).

    ``unknown_for``: a condition (on age and sex) under which not being recorded is unknown rather than absent.
    ``within_days``: it counts only that long after its date. ``lasts_days``: recorded longer ago, it no longer holds.
    ``acts_as``: what of ``modulators.tsv`` it stands for. ``permanent``: it still counts when it is recorded as over.
    ``implies``: [low, high] of a measured or computed value that is not known otherwise. ``measured_by``: measurements that
    define it, so that not being recorded is unknown for everybody; nothing waits for it. ``shown_by``: a condition over them
    under which it holds without being recorded, and ``shown_by_source`` who says so.
    """

    id: str
    title: str
    source: str
    status: Status
    checked: str
    snomed: list[str] = []
    icd10: list[str] = []
    also_named: list[str] = []
    loinc_answers: list[str] = []
    unknown_for: str = ""
    within_days: int | None = None
    lasts_days: int | None = None
    includes: list[str] = []
    patient: str = ""
    acts_as: str = ""
    permanent: bool = False
    implies: dict[str, list[float]] = {}
    measured_by: list[str] = []
    shown_by: str = ""
    shown_by_source: str = ""


class Equation(Spec, frozen=True):
    """A published equation: ``formula`` over ``inputs`` (measurement ids, ``age``, ``female``), valid where ``domain``.

    ``fallback``: a measurement that stands in where inputs are missing. ``called``: what it gives, in words; ``patient``:
    what has to be known for it, for the person.
    """

    id: str
    title: str
    formula: str
    inputs: list[str]
    unit: str
    domain: str
    source: str
    status: Status
    checked: str
    gives: str
    weight: str = ""
    refused_if: list[str] = []
    note: str = ""
    fallback: str = ""
    called: str = ""
    patient: str = ""


class Block(Spec, frozen=True):
    """A state that makes genotype or measured activity say nothing about the organ that handles the drug.

    ``condition``: id of a condition term (or ``tumour_dna``); ``genes``: those it invalidates (empty: all);
    ``what``: genotype | activity; ``advice``: what is said instead.
    """

    condition: str
    what: list[Literal["genotype", "activity"]]
    advice: str
    source: str
    status: Status
    checked: str
    genes: list[str] = []


class DraftRule(Spec, frozen=True):
    """When a dose at the end of what may be given is no draft: below ``least_in_target``, the probability that it meets."""

    least_in_target: float
    source: str


class RecordPolicy(Spec, frozen=True):
    """``record.yaml``: how a record is read and how long its facts hold.

    ``adult_age``: below it dose figures of rules that state no age are withheld. ``outdated_after_days``: older checked-on
    dates are marked. ``stopped_days``: a drug stopped no longer ago may still act on others. ``no_draft``:
    states in which no dose is drafted from levels unless the model knows them. ``draft``: doses at an end that are none.
    ``unstable``: relative change
    of a measurement within days that makes an equation refuse. ``route_names``: how a route is written, and its one name.
    """

    schema: int
    adult_age: int
    outdated_after_days: int
    medication_recent_days: int
    equations: list[Equation]
    blocks: list[Block]
    unstable: dict[str, list[float]]
    systemic_routes: list[str]
    local_routes: list[str]
    route_codes: dict[str, str]
    bodies: list[str]
    source: str
    body_source: str = ""
    stopped_days: int = 0
    no_draft: list[str] = []
    draft: DraftRule | None = None
    route_names: dict[str, str] = {}


class Side(Spec, frozen=True):
    """One side of an interaction: drugs by name and classes by id."""

    drugs: list[str] = []
    classes: list[str] = []
    without: list[str] = []


class InteractionRule(Spec, frozen=True):
    """Two drugs that must not, or only with care, be taken together."""

    id: str
    a: Side
    b: Side
    severity: Literal["contraindicated", "serious", "moderate", "minor"]
    interrupts: bool
    actions: list[ActionCode]
    effect: str
    advice: str
    source: str
    rows: list[str]
    status: Status
    checked: str
    mechanism: str = ""
    patient: str = ""
    monitor: list[str] = []
    when: str = ""


class InteractionFile(Spec, frozen=True):
    """``interactions/NAME.yaml``."""

    schema: int
    interactions: list[InteractionRule]


class NeverInterrupt(Spec, frozen=True):
    """One row of ``interactions/never_interrupt.tsv``: pairs of ``drug`` with each of ``others`` (``|``) never interrupt."""

    drug: str
    others: str
    source: str
    status: Status
    checked: str


class KineticSubstrate(Spec, frozen=True):
    """A drug whose exposure depends on an enzyme. ``narrow``: a small change of exposure already matters."""

    drug: str
    sensitivity: Literal["sensitive", "moderate_sensitive", "substrate"]
    source: str
    status: Status
    checked: str
    narrow: bool = False


class KineticEnzyme(Spec, frozen=True):
    """The substrates of one enzyme, from which pairs with its modulators follow."""

    enzyme: str
    substrates: list[KineticSubstrate]


class KineticFile(Spec, frozen=True):
    """``interactions/pharmacokinetic.yaml``; ``effects``: "ROLE STRENGTH" to how much exposure changes, in words."""

    schema: int
    enzymes: list[KineticEnzyme]
    effects: dict[str, str] = {}


class Limit(Spec, frozen=True):
    """What a fact of the record asks of a drug: ``when`` is a condition over names of facts (``egfr < 30``, ``pregnancy``).

    ``basis``: renal | hepatic | pregnancy | lactation | age | condition | test | allergy.
    """

    id: str
    when: str
    basis: Literal["renal", "hepatic", "pregnancy", "lactation", "age", "condition", "test", "lifestyle"]
    actions: list[ActionCode]
    advice: str
    source: str
    rows: list[str]
    status: Status
    checked: str
    interrupts: bool = False
    dose: DoseSpec | None = None
    monitor: list[str] = []
    alternatives: list[str] = []
    patient: str = ""
    applies_to: str = ""


class LimitFile(Spec, frozen=True):
    """``limits/NAME.yaml``: limits of drugs (and classes) by what the record says."""

    schema: int
    drugs: list[str]
    limits: list[Limit]
    classes: list[str] = []


class TermsFile(Spec, frozen=True):
    """``terms/*.yaml``: any of classes, measurements and conditions."""

    schema: int
    classes: list[DrugClass] = []
    measurements: list[MeasurementTerm] = []
    conditions: list[ConditionTerm] = []


class Care(Spec, frozen=True):
    """Everything beyond genes and their drugs: terms, modulators, interactions, limits and the policy of records."""

    drugs: dict[str, DrugTerm] = {}
    classes: dict[str, DrugClass] = {}
    measurements: dict[str, MeasurementTerm] = {}
    conditions: dict[str, ConditionTerm] = {}
    policy: RecordPolicy | None = None
    modulators: list[Modulator] = []
    conversions: dict[str, Conversion] = {}
    exposure: ExposureFile | None = None
    interactions: list[InteractionRule] = []
    never_interrupt: list[NeverInterrupt] = []
    kinetic: list[KineticEnzyme] = []
    kinetic_effects: dict[str, str] = {}
    limits: list[LimitFile] = []
