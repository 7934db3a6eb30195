"""The shape of ``dose_equations/*.yaml``: published equations that give a dose from what is known of a person."""

from __future__ import annotations

from typing import Literal

from nof1.knowledge.kinetics import Computed, Number
from nof1.knowledge.shape import Spec, Status


class Choice(Spec, frozen=True):
    """One value of an input that is a choice; formulas ask for it as ``INPUT_CODE`` (1 or 0).

    ``named``: how records and laboratories write it, a diplotype in either order included. ``phenotypes``: of the input's
    gene. ``otherwise``: whatever none of the others names (an allele that the equation has no coefficient for).
    """

    code: str
    title: str
    named: list[str] = []
    phenotypes: list[str] = []
    otherwise: bool = False


class EquationInput(Spec, frozen=True):
    """What an equation asks about a person: a ``number`` (``unit`` UCUM), a ``flag`` (1 or 0) or a ``choice``.

    How it is found: ``term`` (a measurement, equation, condition, or ``age``, ``female``, ``male`` of the terms), ``drugs``
    and ``classes`` (1 while one of them is taken), ``gene`` (its diplotype or phenotype; with ``alleles_called``: 1 where
    every one of these alleles was looked for), otherwise given by hand.
    ``unknown``: what is done where it is not known. ``refuse``: nothing is computed. ``own``: there is a coefficient for not
    known, ``INPUT_unknown`` in formulas. ``assume``: ``assumed`` is used, as ``assumed_source`` says. ``ignore``: no formula
    asks for it, only conditions do.
    ``plausible`` [low, high]: outside, the value is refused as an error. ``studied``: outside, it is said.
    """

    name: str
    title: str
    kind: Literal["number", "flag", "choice"]
    unit: str = "1"
    choices: list[Choice] = []
    term: str = ""
    drugs: list[str] = []
    classes: list[str] = []
    gene: str = ""
    alleles_called: list[str] = []
    unknown: Literal["refuse", "own", "assume", "ignore"] = "refuse"
    assumed: float | None = None
    assumed_source: str = ""
    plausible: list[float] = []
    studied: list[float] = []
    studied_source: str = ""
    source: str = ""


class Marker(Spec, frozen=True):
    """A position that stands in for one that was not read: ``position`` of ``gene``, letters as read on ``strand``.

    ``strand`` as the publication counts them, seen from the reference genome.
    """

    name: str
    title: str
    gene: str
    position: str
    strand: Literal["plus", "minus"]
    letters: list[str]


class ImputationRow(Spec, frozen=True):
    """One row of a decision list: where ``when`` holds and ``marker`` was read, ``genotypes`` give a code of the input."""

    marker: str
    genotypes: dict[str, str]
    when: str = ""


class Imputation(Spec, frozen=True):
    """How an unknown ``input`` is told from markers: the first row that applies counts, all others are skipped."""

    input: str
    rows: list[ImputationRow]
    source: str


class Bound(Spec, frozen=True):
    """Whom an equation is for: refused where ``holds`` is false."""

    holds: str
    says: str
    source: str


class Refusal(Spec, frozen=True):
    """A condition under which no dose is offered; ``needs``: what would lift it; ``offers``: equations offered instead."""

    id: str
    when: str
    says: str
    source: str
    needs: list[str] = []
    offers: list[str] = []


class Band(Spec, frozen=True):
    """An interval around the dose: ``half_width`` either side on ``scale``, in which the share ``level`` of doses lay.

    ``when``: for whom it was measured, the first that holds counts; empty: for everybody. Measured on ``n`` people;
    ``held``: the share it held of ``held_n`` other people.
    """

    title: str
    level: float
    scale: Literal["sqrt", "log"]
    half_width: float
    n: int
    source: str
    when: str = ""
    held: float | None = None
    held_n: int = 0


class Performance(Spec, frozen=True):
    """How far off the equation was in a group: mean absolute error ``mae`` (a week), share ``within_20`` per cent, ``bias``.

    ``bias``: mean of predicted minus needed. Each with its 95 % interval. For whom: ``when`` (a condition over inputs),
    ``predicted`` [from, below]: by the dose it gives, ``needed`` [from, below]: by the dose that proved right, which nobody
    knows beforehand.
    """

    title: str
    n: int
    mae: float
    mae_95: list[float]
    within_20: float
    within_20_95: list[float]
    bias: float
    bias_95: list[float]
    source: str
    when: str = ""
    predicted: list[float] = []
    needed: list[float] = []


class DoseEquation(Spec, frozen=True):
    """``dose_equations/ID.yaml``. ``formula`` over numbers, inputs (and ``INPUT_CODE`` of choices) and computed quantities.

    ``transform``: what turns the formula's value into the dose: ``square``, ``exp`` or ``none``; in ``unit`` per ``period``.
    ``genetic``: it uses a genotype. ``population``: on whom it was derived, ``people`` how many. ``order``: among equations
    of one drug, the lower comes first.
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
    genetic: bool
    order: int
    inputs: list[EquationInput]
    numbers: list[Number]
    formula: str
    transform: Literal["none", "square", "exp"]
    unit: str
    period: Literal["day", "week"]
    domain: list[Bound]
    bands: list[Band]
    performance: list[Performance]
    computed: list[Computed] = []
    markers: list[Marker] = []
    imputations: list[Imputation] = []
    refusals: list[Refusal] = []
    notes: list[str] = []


def asked(item: EquationInput) -> set[str]:
    """The names by which formulas ask for ``item``: itself, or one for each choice.

    >>> sorted(asked(EquationInput("a", "", "choice", choices=[Choice("x", "")], unknown="own")))
    ['a_unknown', 'a_x']
    """
    names = {f"{item.name}_{choice.code}" for choice in item.choices} if item.kind == "choice" else {item.name}
    return names | ({f"{item.name}_unknown"} if item.unknown == "own" else set())
