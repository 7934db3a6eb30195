"""The shape of ``risk_equations/*.yaml``: published equations and scores that say how likely something is for a person."""

from __future__ import annotations

from typing import Literal

from nof1.knowledge.shape import Spec, Status


class RiskChoice(Spec, frozen=True):
    """One value of an input that is a choice; formulas ask for it as ``INPUT_CODE`` (1 or 0).

    ``named``: how else it is written. ``term``: the fact of a record under which it holds (``female``, a condition).
    """

    code: str
    title: str
    named: list[str] = []
    term: str = ""


class Found(Spec, frozen=True):
    """One way in which a record tells an input; the first that is known counts.

    ``terms``: facts (a measurement, a computed value, ``age``, conditions); of several, any that holds is 1. ``formula``:
    over ``value``, what turns that fact into the input (``source`` says so). ``drugs`` and ``classes``: 1 while one is
    taken. ``age_at``: the age at which a condition began.
    """

    terms: list[str] = []
    formula: str = ""
    drugs: list[str] = []
    classes: list[str] = []
    age_at: str = ""
    source: str = ""


class RiskInput(Spec, frozen=True):
    """What an equation asks about a person: a ``number`` (``unit`` UCUM), a ``flag`` (1 or 0) or a ``choice``.

    ``unknown``: what is done where it is not known. ``ask``: nothing is computed. ``bounds``: the lowest and highest value
    over its ``domain`` or ``span`` is given. ``own``: there is a coefficient for not known, ``INPUT_unknown`` in formulas.
    ``ignore``: only refusals ask for it.
    ``plausible`` [low, high]: outside, it is refused as an error. ``domain``: outside, nothing is computed. ``studied``:
    outside, it is said. ``span``: what bounds run over where there is no domain. ``bends``: where a formula changes its
    course, for bounds. ``reference``: of the person that contributions are told against. Each with its source.
    ``patient``: what it is, for the person, where no term of ``found`` says so.
    """

    name: str
    title: str
    kind: Literal["number", "flag", "choice"]
    unit: str = "1"
    choices: list[RiskChoice] = []
    found: list[Found] = []
    unknown: Literal["ask", "bounds", "own", "ignore"] = "bounds"
    plausible: list[float] = []
    domain: list[float] = []
    domain_source: str = ""
    studied: list[float] = []
    studied_source: str = ""
    span: list[float] = []
    span_source: str = ""
    bends: list[float] = []
    reference: float | None = None
    reference_source: str = ""
    patient: str = ""


class Term(Spec, frozen=True):
    """A quantity made of inputs and earlier terms; with a coefficient in a table it is part of ``lp``."""

    name: str
    formula: str


class Column(Spec, frozen=True):
    """For whom and what a column is: an ``outcome`` and ``years`` (empty, 0: all), people of whom ``when`` holds."""

    outcome: str = ""
    years: int = 0
    when: str = ""


class CoefficientTable(Spec, frozen=True):
    """Numbers by column. A row named as a term is its coefficient; any other is a number that ``value`` asks for."""

    title: str
    source: str
    columns: list[Column]
    rows: dict[str, list[float]]

    def fitting(self, outcome: str, years: int) -> list[int]:
        """The columns, by place, that are of ``outcome`` within ``years``."""
        fits = [one.outcome in ("", outcome) and one.years in (0, years) for one in self.columns]
        return [place for place, is_one in enumerate(fits) if is_one]


class RiskOutcome(Spec, frozen=True):
    """What is foretold, within ``years`` (each of them; 0: no horizon)."""

    id: str
    title: str
    years: list[int]


class Limit(Spec, frozen=True):
    """Whom an equation is for: not computed where ``holds`` is false; ``years``: for these horizons only."""

    holds: str
    says: str
    source: str
    years: list[int] = []


class Category(Spec, frozen=True):
    """The name of a range [``least``, ``below``); ``when``: for whom; ``outcome``, ``years``: of what."""

    title: str
    source: str
    least: float | None = None
    below: float | None = None
    when: str = ""
    outcome: str = ""
    years: int = 0


class Supposition(Spec, frozen=True):
    """What if something were different: ``sets`` inputs to formulas over inputs, or ``effect`` over ``value`` of a trial.

    ``when``: whom it concerns. ``outcomes``: of which it is told (empty: all).
    """

    id: str
    title: str
    says: str
    source: str
    when: str = ""
    sets: dict[str, str] = {}
    effect: str = ""
    outcomes: list[str] = []


class RiskEquation(Spec, frozen=True):
    """``risk_equations/ID.yaml``. ``value``: a formula over ``lp`` (coefficients times terms, summed), rows, terms, inputs.

    ``value_of``: instead, the id of an equation of ``record.yaml`` whose formula counts. ``measure``: what the value is.
    ``family``: equations of one family are variants of each other; the one that uses most of what is known is shown.
    ``one_way``: what the paper says of its inputs, +1 for a value that only rises with it, -1 for one that only falls.
    """

    schema: int
    id: str
    title: str
    family: str
    population: str
    measure: Literal["risk", "points", "index"]
    source: str
    status: Status
    checked: str
    inputs: list[RiskInput]
    outcomes: list[RiskOutcome]
    unit: str = "1"
    value: str = ""
    value_of: str = ""
    terms: list[Term] = []
    tables: list[CoefficientTable] = []
    limits: list[Limit] = []
    categories: list[Category] = []
    suppositions: list[Supposition] = []
    one_way: dict[str, int] = {}
    notes: list[str] = []


def asked(item: RiskInput) -> set[str]:
    """The names by which formulas ask for ``item``: itself, or one for each choice; ``INPUT_unknown`` of every one.

    >>> sorted(asked(RiskInput("a", "", "choice", choices=[RiskChoice("x", "")])))
    ['a_unknown', 'a_x']
    """
    names = {f"{item.name}_{choice.code}" for choice in item.choices} if item.kind == "choice" else {item.name}
    return names | {f"{item.name}_unknown"}
