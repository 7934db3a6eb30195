"""Doses by published equations, for one person or many: the dose a week, its interval, and why it may not be offered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nof1.knowledge.dose_equations import DoseEquation, Refusal
from nof1.knowledge.formula import parse
from nof1.response.dose_inputs import Given, Inputs, Mask, Numbers, Texts, read_inputs
from nof1.response.dose_values import assumed, column_of, formula_values, truth
from nof1.response.imputation import impute

_WEEKS = {"week": 1.0, "day": 7.0}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a dose is not offered to ``people`` (a mask): ``needs`` would lift it, ``offers`` are equations that stand in."""

    id: str
    says: str
    people: Mask
    source: str = ""
    needs: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Doses:
    """What ``equation`` gives, a column of people each.

    ``per_week``, ``low``, ``high``: dose a week in the equation's unit and its interval, NaN where ``offered`` is false.
    ``formula``: the same as the bare formula gives it, refused or not (NaN where a needed input is missing); for measuring
    an equation, never for a person. ``band``: which of the equation's bands, -1 for none. By input: ``unknown``, of whom it
    is not known; ``assumed``, of whom the publication's assumption stands in; ``imputed``, the marker it was told from;
    ``outside``, who lies outside what was studied. ``values``: what the formulas asked for.
    """

    equation: DoseEquation
    inputs: Inputs
    per_week: Numbers
    low: Numbers
    high: Numbers
    formula: Numbers
    offered: Mask
    band: np.ndarray[tuple[int], np.dtype[np.int64]]
    refused: tuple[Reason, ...]
    unknown: dict[str, Mask]
    assumed: dict[str, Mask]
    imputed: dict[str, Texts]
    outside: dict[str, Mask]
    values: dict[str, Numbers]


def doses(equation: DoseEquation, given: Given) -> Doses:
    """The dose of ``equation`` for everybody in ``given``: names of inputs and markers to one value, or one a person.

    Not known is ``None`` or NaN. Raises ``RequestError`` where a name or value cannot be right. A dose that is not offered
    has its reasons in ``refused``; nothing is filled in silently.
    """
    inputs, imputed = impute(equation, read_inputs(equation, given))
    values = formula_values(equation, inputs)
    raw = column_of(equation.formula, values, inputs.people)
    reasons = tuple(_reasons(equation, inputs, values, raw))
    offered = ~np.logical_or.reduce([reason.people for reason in reasons]) if reasons else np.ones(inputs.people, bool)
    missing = [~inputs.known(item.name) for item in equation.inputs if item.unknown == "refuse"]
    formula = np.where(np.logical_or.reduce(missing) if missing else False, np.nan, _transformed(equation, raw))
    band, low, high = _interval(equation, values, formula)
    return Doses(
        equation=equation,
        inputs=inputs,
        per_week=np.where(offered, formula, np.nan),
        low=np.where(offered, low, np.nan),
        high=np.where(offered, high, np.nan),
        formula=formula,
        offered=offered,
        band=band,
        refused=reasons,
        unknown={item.name: ~inputs.known(item.name) for item in equation.inputs},
        assumed=assumed(equation, inputs),
        imputed=imputed,
        outside=_outside(equation, inputs),
        values=values,
    )


def _transformed(equation: DoseEquation, raw: Numbers) -> Numbers:
    """The dose a week; a square root below 0 has none."""
    match equation.transform:
        case "square":
            dose = np.where(raw > 0, raw, np.nan) ** 2
        case "exp":
            dose = np.exp(raw)
        case "none":
            dose = np.where(raw > 0, raw, np.nan)
    return dose * _WEEKS[equation.period]


def _reasons(equation: DoseEquation, inputs: Inputs, values: dict[str, Numbers], raw: Numbers) -> list[Reason]:
    found = [
        Reason(f"needs-{item.name}", f"{item.title} is not known", missing, equation.source, (item.title,))
        for item in equation.inputs
        if item.unknown == "refuse" and (missing := ~inputs.known(item.name)).any()
    ]
    for bound in equation.domain:
        needed = [item.name for item in equation.inputs if item.name in parse(bound.holds).names]
        known = np.logical_and.reduce([inputs.known(name) for name in needed] or [np.ones(inputs.people, bool)])
        found.append(Reason("domain", bound.says, known & ~truth(bound.holds, values, inputs.people), bound.source))
    found += [_refused(refusal, truth(refusal.when, values, inputs.people)) for refusal in equation.refusals]
    if equation.transform != "exp":
        says = "the equation gives no dose above 0 here: these values lie beyond those it was made for"
        found.append(Reason("no-dose", says, raw <= 0, equation.source))
    return [reason for reason in found if reason.people.any()]


def _refused(refusal: Refusal, people: Mask) -> Reason:
    return Reason(refusal.id, refusal.says, people, refusal.source, tuple(refusal.needs), tuple(refusal.offers))


def _interval(
    equation: DoseEquation, values: dict[str, Numbers], dose: Numbers
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], Numbers, Numbers]:
    """Which band holds for whom (-1: none), and its ends around ``dose``."""
    chosen = np.full(dose.size, -1)
    low, high = np.full(dose.size, np.nan), np.full(dose.size, np.nan)
    for number, band in enumerate(equation.bands):
        here = (chosen < 0) & truth(band.when or "1", values, dose.size)
        chosen[here] = number
        if band.scale == "sqrt":
            root = np.sqrt(dose)
            ends = np.maximum(root - band.half_width, 0) ** 2, (root + band.half_width) ** 2
        else:
            ends = dose * np.exp(-band.half_width), dose * np.exp(band.half_width)
        low[here], high[here] = ends[0][here], ends[1][here]
    return chosen, low, high


def _outside(equation: DoseEquation, inputs: Inputs) -> dict[str, Mask]:
    ranged = [item for item in equation.inputs if item.studied]
    columns = {item.name: inputs.numbers[item.name] for item in ranged}
    return {item.name: (columns[item.name] < item.studied[0]) | (columns[item.name] > item.studied[1]) for item in ranged}
