"""The shape of ``pk_models/*.yaml``: a published population model of a drug, every number with its place in the paper."""

from __future__ import annotations

from typing import Literal

from nof1.knowledge.shape import Spec, Status


class Number(Spec, frozen=True):
    """A number as the paper gives it. ``source``: where it stands; empty: the table of the model's own ``source``.

    ``unit`` UCUM, ``1`` for none. ``note``: what a reader must know of it (a transformation, an erratum).
    """

    name: str
    value: float
    unit: str
    source: str = ""
    note: str = ""


class GeneCount(Spec, frozen=True):
    """A covariate from a genotype: how many of ``alleles`` there are (0, 1, 2), or whether the phenotype is one of these.

    ``shares``: how often each value occurs, by population, for averaging where the genotype is unknown; each row cites.
    """

    gene: str
    alleles: list[str] = []
    phenotypes: list[str] = []
    shares: list[GeneShare] = []


class GeneShare(Spec, frozen=True):
    """How often a covariate has ``value`` in ``population`` (0 to 1)."""

    population: str
    value: float
    share: float
    source: str


class Covariate(Spec, frozen=True):
    """What formulas may ask about the patient. ``unit`` UCUM, ``1`` for none; a yes or no is 1 or 0.

    ``term``: the measurement, equation, condition or ``age``, ``female``, ``male`` of the terms that gives it; ``drugs`` and
    ``classes``: 1 while one of them is taken; ``gene``: from the genotype. With none of them it has to be given by hand.
    ``assumed``: the value that the paper used where it is not known, with ``assumed_source``; without it the model refuses.
    ``hard`` [low, high]: outside, the model refuses; ``soft``: outside what was studied, said. ``carried``: which value
    holds between two: the last one (``forward``) or the next one (``backward``).
    """

    name: str
    title: str
    unit: str
    term: str = ""
    drugs: list[str] = []
    classes: list[str] = []
    gene: GeneCount | None = None
    assumed: float | None = None
    assumed_source: str = ""
    hard: list[float] = []
    soft: list[float] = []
    range_source: str = ""
    carried: Literal["forward", "backward"] = "forward"


class Computed(Spec, frozen=True):
    """A quantity between covariates and parameters: ``formula`` over numbers, covariates and earlier ones."""

    name: str
    formula: str
    unit: str
    source: str = ""


class Parameter(Spec, frozen=True):
    """A parameter of this patient.

    ``formula`` over numbers, covariates, computed quantities, earlier parameters and random effects; 0 of these is typical.
    Names the structure reads: ``CL V Q V2 Q3 V3 Vmax Km CLm Vm fm`` and those that ``Input`` names; any other may be used by
    later formulas and states.
    """

    name: str
    unit: str
    formula: str
    source: str = ""


class Effect(Spec, frozen=True):
    """A random effect, normal, mean 0; ``variance``: a formula over numbers. ``per_occasion``: drawn anew each occasion."""

    name: str
    variance: str
    source: str = ""
    per_occasion: bool = False


class Covariance(Spec, frozen=True):
    """How two random effects hang together; ``covariance``: a formula over numbers."""

    between: list[str]
    covariance: str
    source: str = ""


class Input(Spec, frozen=True):
    """How a dose on one of ``routes`` enters: ``kind``, into ``central`` or through a ``depot``.

    bolus: all at once (an infusion where the dose says how long it runs). zero_order: at a constant rate over the parameter
    ``duration``. first_order: through a depot with the rate constant ``ka``. transit: through ``transits`` compartments
    of rate ``ktr``, and then the depot where ``ka`` is named. zero_first: at a constant rate into the depot. ``fraction``,
    ``bioavailability``, ``lag``: names of parameters. Several inputs of one route are absorption in parallel.
    """

    routes: list[str]
    kind: Literal["bolus", "zero_order", "first_order", "transit", "zero_first"]
    ka: str = ""
    ktr: str = ""
    transits: int = 0
    duration: str = ""
    bioavailability: str = ""
    fraction: str = ""
    lag: str = ""


class State(Spec, frozen=True):
    """A state of an effect: begins at ``start`` and changes by ``rate`` an hour.

    Formulas over parameters, numbers, ``c`` (concentration in the central compartment, dose unit per litre), moments and
    states.
    """

    name: str
    start: str
    rate: str


class Moment(Spec, frozen=True):
    """A quantity of each moment, for ``rates`` and outputs: a formula over parameters, numbers, ``c`` and earlier ones."""

    name: str
    formula: str


class Structure(Spec, frozen=True):
    """Compartments and how the drug leaves: linear ``CL``; michaelis_menten ``Vmax``, ``Km``; parallel: both.

    ``Vmax`` in dose units an hour, ``Km`` in dose units per litre. ``metabolite``: one more compartment ``Vm``, ``CLm``
    formed by the fraction ``fm`` of what leaves. ``states``: an effect driven by the concentration, by way of ``moments``.
    """

    compartments: Literal[1, 2, 3]
    inputs: list[Input]
    elimination: Literal["linear", "michaelis_menten", "parallel"] = "linear"
    metabolite: bool = False
    states: list[State] = []
    moments: list[Moment] = []


class Residual(Spec, frozen=True):
    """The error of a measured value; ``additive`` (in the output's unit) and ``proportional`` (of the prediction): formulas.

    combined1: standard deviation a + b f. combined2: root of a^2 + b^2 f^2. lognormal: the logarithm has the standard
    deviation ``proportional``. Standard deviations, not variances.
    """

    kind: Literal["additive", "proportional", "combined1", "combined2", "lognormal"]
    additive: str = ""
    proportional: str = ""
    source: str = ""


class Output(Spec, frozen=True):
    """What is measured: ``formula`` over ``c``, ``cm`` (metabolite), parameters, numbers and states; ``unit`` UCUM.

    ``term``: the measurement of the terms whose values are its levels.
    """

    name: str
    formula: str
    unit: str
    residual: Residual
    term: str = ""


class Boundary(Spec, frozen=True):
    """A condition (over covariates and computed ones) that must hold; ``hard``: the model refuses, otherwise it is said."""

    holds: str
    says: str
    source: str
    hard: bool = False


class Published(Spec, frozen=True):
    """A value that the paper prints or that follows from it, recomputed by a test.

    ``covariates``; with ``parameter`` the typical ``value`` of it, else the ``output`` at ``time`` after ``doses`` [time,
    amount, duration] on ``route``. ``tolerance`` relative.
    """

    value: float
    source: str
    tolerance: float
    covariates: dict[str, float] = {}
    parameter: str = ""
    output: str = ""
    time: float = 0.0
    doses: list[list[float]] = []
    route: str = ""


class Validation(Spec, frozen=True):
    """What stands behind a model: ``implementation`` and ``numerical`` checks here; ``external``: how it did elsewhere."""

    implementation: str
    numerical: str
    external: str = ""
    external_source: str = ""


class PkModel(Spec, frozen=True):
    """``pk_models/ID.yaml``. Time is in hours. ``dose_unit`` UCUM (``mg``). ``population``: who was studied, in words.

    ``group``: models with the same one are alternatives. ``refused_if``: conditions of the terms. ``special``: for whom it
    was made, where nothing in a record tells who they are: it is used only when it is asked for by name.
    """

    schema: int
    id: str
    drug: str
    title: str
    population: str
    people: int
    source: str
    status: Status
    checked: str
    dose_unit: str
    structure: Structure
    numbers: list[Number]
    parameters: list[Parameter]
    effects: list[Effect]
    outputs: list[Output]
    validation: Validation
    covariates: list[Covariate] = []
    computed: list[Computed] = []
    covariances: list[Covariance] = []
    boundaries: list[Boundary] = []
    published: list[Published] = []
    refused_if: list[str] = []
    group: str = ""
    special: str = ""
    notes: list[str] = []
