"""One person's doses by every equation of a drug: what each gives or why it gives none, and how far off it was measured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from nof1.errors import RequestError
from nof1.knowledge.dose_equations import Band, DoseEquation, Performance
from nof1.response.dose_inputs import Given, check_names
from nof1.response.dose_values import truth
from nof1.response.equations import Doses, doses


@dataclass(frozen=True, slots=True)
class Told:
    """An input told from a marker: ``title`` of the ``input``, the ``choice`` it came to, the ``marker`` and its reading."""

    input: str
    title: str
    choice: str
    marker: str
    genotype: str
    source: str


@dataclass(frozen=True, slots=True)
class Assumption:
    """An input that is not known and for which the publication's ``value`` stands in."""

    input: str
    title: str
    value: float
    source: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Why no dose is given; ``needs`` would lift it, ``offers`` are ids of equations that stand in."""

    id: str
    says: str
    source: str
    needs: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one equation gives one person: ``per_week`` with ``low`` and ``high``, or ``None`` and why in ``refused``.

    ``unknown``: titles of inputs that are not known and have a coefficient of their own. ``performance``: how far off the
    equation was in groups this person belongs to; ``by_need``: by the dose that proved right, which nobody knows beforehand.
    ``outside``: titles of inputs beyond what was studied.
    """

    equation: DoseEquation
    per_week: float | None
    low: float | None
    high: float | None
    band: Band | None
    refused: tuple[Refused, ...]
    unknown: tuple[str, ...]
    assumed: tuple[Assumption, ...]
    told: tuple[Told, ...]
    outside: tuple[str, ...]
    performance: tuple[Performance, ...]
    by_need: tuple[Performance, ...]


def estimates(equations: Iterable[DoseEquation], given: Given) -> tuple[Estimate, ...]:
    """What each of ``equations`` gives the one person of ``given``, in order; raises ``RequestError`` as ``doses`` does.

    The first that is not refused is the one to use: ``next((item for item in found if item.per_week is not None), None)``.
    """
    ordered = sorted(equations, key=lambda item: item.order)
    check_names(ordered, given)
    return tuple(_of_one(equation, given) for equation in ordered)


def _of_one(equation: DoseEquation, given: Given) -> Estimate:
    asked = {item.name for group in (equation.inputs, equation.markers) for item in group}
    made = doses(equation, {name: given[name] for name in given if name in asked})
    if made.inputs.people != 1:
        raise RequestError(f"dose: {made.inputs.people} people are given; give one person, or ask for the doses of many")
    return estimate(made, 0)


def estimate(made: Doses, person: int) -> Estimate:
    """The row ``person`` of ``made``, in words and numbers."""
    equation = made.equation
    offered = bool(made.offered[person])
    choices = {(item.name, choice.code): choice.title for item in equation.inputs for choice in item.choices}
    sources = {item.input: item.source for item in equation.imputations}
    titles = {item.name: item.title for item in equation.inputs}
    return Estimate(
        equation=equation,
        per_week=float(made.per_week[person]) if offered else None,
        low=float(made.low[person]) if offered else None,
        high=float(made.high[person]) if offered else None,
        band=equation.bands[int(made.band[person])] if offered else None,
        refused=tuple(
            Refused(item.id, item.says, item.source, item.needs, item.offers) for item in made.refused if item.people[person]
        ),
        unknown=tuple(item.title for item in equation.inputs if item.unknown == "own" and made.unknown[item.name][person]),
        assumed=tuple(
            Assumption(item.name, item.title, float(item.assumed or 0), item.assumed_source)
            for item in equation.inputs
            if item.name in made.assumed and made.assumed[item.name][person]
        ),
        told=tuple(
            Told(
                name,
                titles[name],
                choices[name, str(made.inputs.codes[name][person])],
                str(used[person]),
                str(made.inputs.markers[str(used[person])][person]),
                sources[name],
            )
            for name, used in made.imputed.items()
            if used[person]
        ),
        outside=tuple(titles[name] for name, mask in made.outside.items() if mask[person]),
        performance=tuple(row for row in equation.performance if not row.needed and _applies(row, made, person)),
        by_need=tuple(row for row in equation.performance if row.needed and _applies(row, made, person)),
    )


def _applies(row: Performance, made: Doses, person: int) -> bool:
    if row.when and not truth(row.when, made.values, made.inputs.people)[person]:
        return False
    if not row.predicted:
        return True
    dose = made.formula[person]
    return not np.isnan(dose) and row.predicted[0] <= dose < row.predicted[1]
