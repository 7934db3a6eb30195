"""A case in the words of one model: its covariates, where each comes from, and what stands against using the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from nof1.errors import UnitError
from nof1.knowledge.care import Care
from nof1.knowledge.formula import FormulaError, parse
from nof1.knowledge.kinetics import Covariate, GeneCount, PkModel
from nof1.response.assumed import matters
from nof1.response.case import Case, Series
from nof1.response.derived import held, with_derived
from nof1.response.history import History
from nof1.response.supposed import counted
from nof1.units.convert import convert

_PERSON_UNITS = {"age": "a", "female": "1", "male": "1"}


@dataclass(frozen=True, slots=True)
class Concern:
    """What stands against a model or a dose.

    ``kind``: ``refused`` (it is not used), ``said`` (the reader must know it, and no dose is drafted), ``assumed`` (what the
    source of the model assumes where nobody gave it, and what hardly changes anything here).
    """

    kind: Literal["refused", "said", "assumed"]
    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Used:
    """A covariate as the model got it. ``origin``: ``record``, ``gene``, ``drugs``, ``given`` or ``assumed``."""

    name: str
    title: str
    unit: str
    series: Series
    origin: str


@dataclass(frozen=True, slots=True)
class Fitting:
    """``history`` for the model, what it ``used``, and ``concerns``; with a refusal among them ``history`` is ``None``."""

    history: History | None
    used: tuple[Used, ...]
    concerns: tuple[Concern, ...]

    @property
    def is_refused(self) -> bool:
        """Whether the model may not be used for this patient."""
        return any(item.kind == "refused" for item in self.concerns)


def fitting(model: PkModel, case: Case, care: Care) -> Fitting:
    """How ``model`` fits ``case``: covariates in its units, limits of the people it was made from, missing facts."""
    facts = with_derived(case.facts, care.policy.equations if care.policy else (), case.states)
    used, concerns = [], [*_refused_states(model, case, care), *_not_described(model, case)]
    for item in model.covariates:
        found = _covariate(model, item, case, facts, care)
        if isinstance(found, Concern):
            concerns.append(found)
            continue
        used.append(found)
        concerns += _range(model, item, found)
    if len(used) == len(model.covariates):
        concerns += _assumed(model, used, case.now)
        concerns += _boundaries(model, used, case.now)
    history = None
    if not any(item.kind == "refused" for item in concerns):
        history = History(case.doses, case.levels, {item.name: item.series for item in used}, case.occasions)
    return Fitting(history, tuple(used), tuple(concerns))


def _refused_states(model: PkModel, case: Case, care: Care) -> list[Concern]:
    present = [name for name in model.refused_if if case.states.get(name)]
    titles = {name: care.conditions[name].title if name in care.conditions else name for name in present}
    return [Concern("refused", f"{model.title} is not for: {titles[name]}", model.source) for name in present]


def _not_described(model: PkModel, case: Case) -> Iterator[Concern]:
    """Routes of the doses and kinds of levels that the model has no part for."""
    routes = list(dict.fromkeys(route for entry in model.structure.inputs for route in entry.routes))
    for route in sorted({dose.route for dose in case.doses} - set(routes)):
        if route:
            yield Concern("refused", f"{model.title} does not know {route} doses, only {', '.join(routes)}", model.source)
        elif len(routes) > 1:
            yield Concern("refused", f"{model.title} needs the route of every dose: {', '.join(routes)}", model.source)
    outputs = [output.name for output in model.outputs]
    for name in sorted({level.output for level in case.levels} - {"", *outputs}):
        yield Concern("refused", f"{model.title} does not predict {name}, only {', '.join(outputs)}", model.source)


def _covariate(model: PkModel, item: Covariate, case: Case, facts: Mapping[str, Series], care: Care) -> Used | Concern:
    def used(series: Series, origin: str) -> Used:
        return Used(item.name, item.title, item.unit, series, origin)

    if item.name in case.given:
        return used(case.given[item.name], "given")
    if item.term and item.term in facts:
        return _converted(model, item, facts[item.term], care, used(facts[item.term], "record"))
    if item.term and item.term in case.states:
        return used(((0.0, case.states[item.term]),), "record")
    if item.gene and (count := _count(item.gene, case)) is not None:
        return used(((0.0, count),), "gene")
    if (item.drugs or item.classes) and case.drugs is not None:
        taken = bool(case.drugs & set(item.drugs) or case.classes & set(item.classes))
        return used(((0.0, float(taken)),), "drugs")
    if item.assumed is not None:
        return used(((0.0, item.assumed),), "assumed")
    needs = item.gene.gene if item.gene else item.term or item.name
    return Concern("refused", f"{model.title} needs {item.title or item.name}, which is not known ({needs})", model.source)


def _converted(model: PkModel, item: Covariate, series: Series, care: Care, used: Used) -> Used | Concern:
    term = care.measurements.get(item.term)
    unit = term.unit if term else _PERSON_UNITS.get(item.term, "")
    if not unit and care.policy:
        unit = next((equation.unit for equation in care.policy.equations if equation.gives == item.term), "")
    mass, charge = (term.molar_mass, term.charge) if term else (None, None)
    try:
        values = tuple((time, convert(value, unit or item.unit, item.unit, mass, charge)) for time, value in series)
    except UnitError as error:
        return Concern("refused", f"{model.title} cannot use {item.title or item.name}: {error}", model.source)
    return Used(used.name, used.title, used.unit, values, used.origin)


def _count(asked: GeneCount, case: Case) -> float | None:
    known = case.genes.get(asked.gene)
    return counted(asked.alleles, asked.phenotypes, known) if known else None


def _range(model: PkModel, item: Covariate, used: Used) -> list[Concern]:
    """What is outside the range of the model, told once by its farthest value."""
    concerns = []
    name, place = item.title or item.name, item.range_source or model.source
    for limits, kind in ((item.hard, "refused"), (item.soft, "said")):
        beyond = [value for _, value in used.series if limits and not limits[0] <= value <= limits[1]]
        if beyond:
            unit = "" if item.unit == "1" else f" {item.unit}"
            span = f"{limits[0]:g} to {limits[1]:g}{unit}"
            what = "holds for" if kind == "refused" else "was made from people with"
            text = f"{name} {max(beyond, key=lambda value: abs(value - limits[0])):g}{unit}: {model.title} {what} {span}"
            concerns.append(Concern("refused" if kind == "refused" else "said", text, place))
            break
    return concerns


def _assumed(model: PkModel, used: list[Used], now: float) -> list[Concern]:
    values = {item.name: held(item.series, now) for item in used}
    found = []
    for item, as_used in zip(model.covariates, used, strict=True):
        if as_used.origin == "assumed":
            kind: Literal["said", "assumed"] = "said" if matters(model, item, values) else "assumed"
            text = f"{item.title or item.name} is not known; {item.assumed:g} is assumed, as the source does"
            found.append(Concern(kind, text, item.assumed_source))
    return found


def _boundaries(model: PkModel, used: list[Used], now: float) -> list[Concern]:
    values: dict[str, float] = {number.name: number.value for number in model.numbers}
    values |= {item.name: held(item.series, now) for item in used} | {"time": now}
    try:
        for quantity in model.computed:
            values[quantity.name] = parse(quantity.formula).evaluate(values)
    except FormulaError as error:
        return [Concern("refused", f"{model.title} cannot be computed for these facts: {error}", model.source)]
    failed = [item for item in model.boundaries if not parse(item.holds).evaluate(values)]
    return [Concern("refused" if item.hard else "said", item.says, item.source) for item in failed]
