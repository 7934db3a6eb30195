"""One person's finding by one equation: values or bounds, what each input adds, what would change it, what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from nof1.knowledge.risk_equations import Category, RiskEquation, RiskInput, RiskOutcome, Supposition
from nof1.model.risks import (
    RiskContribution,
    RiskEstimate,
    RiskFinding,
    RiskInputUsed,
    RiskMissing,
    RiskReason,
    RiskSupposed,
)
from nof1.risk.bounds import Bounds, Ranges, bounds
from nof1.risk.columns import Columns, read_columns
from nof1.risk.contributions import contributions
from nof1.risk.estimates import Reason, of_columns
from nof1.risk.supposed import after_effect, concerned, supposing
from nof1.risk.values import input_values, truth


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of one person for an equation: ``used`` inputs, why others are not known, and what-ifs beyond the usual.

    ``supposed``: by title, inputs set to numbers in the equation's units. ``is_brief``: neither contributions nor what-ifs
    are worked out.
    """

    used: Mapping[str, RiskInputUsed]
    reasons: Mapping[str, str] = field(default_factory=dict)
    supposed: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    notes: Sequence[str] = ()
    is_brief: bool = False


def finding(equation: RiskEquation, asked: Asked) -> RiskFinding:
    """The finding of ``equation``; raises ``RequestError`` where a value cannot be."""
    open_ = {name: (one.low, one.high) for name, one in asked.used.items() if one.low is not None and one.high is not None}
    ranges = {name: (float(low), float(high)) for name, (low, high) in open_.items()}
    columns = read_columns(equation, {name: one.value for name, one in asked.used.items() if name not in ranges})
    missing = [item for item in equation.inputs if not columns.known(item.name)[0] and item.name not in ranges]
    shown = []
    for outcome in equation.outcomes:
        for years in outcome.years:
            refused = _refused(equation, columns, outcome.id, years, ranges)
            shown.append(_estimate(equation, columns, outcome, years, refused, ranges, asked))
    return RiskFinding(
        equation=equation.id,
        title=equation.title,
        family=equation.family,
        population=equation.population,
        measure=equation.measure,
        unit=equation.unit,
        status=equation.status,
        source=equation.source,
        standing=_standing(shown),
        estimates=tuple(shown),
        inputs=tuple(asked.used[item.name] for item in equation.inputs if item.name in asked.used),
        missing=tuple(
            RiskMissing(item.name, item.title, item.unit, item.unknown, asked.reasons.get(item.name, "")) for item in missing
        ),
        notes=(*asked.notes, *_studied(equation, columns), *equation.notes),
        sources=tuple(dict.fromkeys(_cited(equation, shown))),
    )


def _at(columns: Columns, ranges: Ranges, end: int) -> Columns:
    """The columns with every input of which only a range is known at the low (0) or high (1) end."""
    fixed = {name: np.array([pair[end]]) for name, pair in ranges.items()}
    return Columns(columns.people, {**columns.numbers, **fixed}, columns.codes)


def _standing(shown: Sequence[RiskEstimate]) -> str:
    if any(one.value is not None for one in shown):
        return "computed"
    return "bounded" if any(one.low is not None for one in shown) else "refused"


def _estimate(
    equation: RiskEquation,
    columns: Columns,
    outcome: RiskOutcome,
    years: int,
    refused: Sequence[Reason],
    ranges: Ranges,
    asked: Asked,
) -> RiskEstimate:
    told = dict.fromkeys(RiskReason(reason.says, reason.source, reason.needs) for reason in refused)
    if told:
        return RiskEstimate(outcome.id, outcome.title, years, refused=tuple(told))
    found = bounds(equation, columns, outcome.id, years, ranges)
    low, high = float(found.low[0]), float(found.high[0])
    if np.isnan(low) or np.isnan(high):
        says = "too much is not known for bounds"
        return RiskEstimate(outcome.id, outcome.title, years, refused=(RiskReason(says, equation.source),))
    is_value = high - low <= 1e-12 * max(abs(high), 1.0)
    category = _category(equation, columns, outcome.id, years, low, high)
    is_plain = bool(ranges) or asked.is_brief
    reference, parts = (None, ()) if is_plain else _contributions(equation, columns, outcome.id, years, asked)
    supposed = () if asked.is_brief else _supposed(equation, columns, outcome.id, years, ranges, asked, (low, high))
    return RiskEstimate(
        outcome=outcome.id,
        title=outcome.title,
        years=years,
        value=low if is_value else None,
        low=None if is_value else low,
        high=None if is_value else high,
        category=category.title if category else "",
        category_source=category.source if category else "",
        settles={} if is_value else _settles(found),
        reference=reference,
        contributions=parts,
        supposed=tuple(supposed),
    )


def _settles(found: Bounds) -> dict[str, float]:
    return {name: float(left[0]) for name, left in found.left.items() if not np.isnan(left[0])}


def _category(
    equation: RiskEquation, columns: Columns, outcome: str, years: int, low: float, high: float
) -> Category | None:
    """The category in which the whole interval lies, if one does."""
    values = input_values(equation, columns)
    for item in equation.categories:
        is_of = item.outcome in ("", outcome) and item.years in (0, years)
        is_for = not item.when or bool(truth(item.when, values, columns.people)[0])
        if is_of and is_for and _within(item, low) and _within(item, high):
            return item
    return None


def _within(item: Category, value: float) -> bool:
    return (item.least is None or value >= item.least) and (item.below is None or value < item.below)


def _contributions(
    equation: RiskEquation, columns: Columns, outcome: str, years: int, asked: Asked
) -> tuple[float | None, tuple[RiskContribution, ...]]:
    found = contributions(equation, columns, outcome, years)
    if found is None or any(np.isnan(one[0]) for one in found.adds.values()) or np.isnan(found.reference[0]):
        return None, ()
    items = {item.name: item for item in equation.inputs}
    parts = [
        RiskContribution(name, items[name].title, _own(items[name], asked), written(items[name]), float(adds[0]))
        for name, adds in found.adds.items()
        if abs(adds[0]) > 1e-12
    ]
    return float(found.reference[0]), tuple(sorted(parts, key=lambda part: -abs(part.adds)))


def _own(item: RiskInput, asked: Asked) -> str:
    return asked.used[item.name].shown if item.name in asked.used else "not known"


def written(item: RiskInput, value: float | None = None) -> str:
    """A value of ``item``, by default its reference, for readers."""
    number = item.reference if value is None else value
    if number is None:
        return ""
    if item.kind == "flag":
        return "yes" if number else "no"
    unit = {"1": "", "a": " years"}.get(item.unit, f" {item.unit}")
    return f"{number:.4g}{unit}"


def _supposed(
    equation: RiskEquation,
    columns: Columns,
    outcome: str,
    years: int,
    ranges: Ranges,
    asked: Asked,
    now: tuple[float, float],
) -> Iterator[RiskSupposed]:
    for item in equation.suppositions:
        if (item.outcomes and outcome not in item.outcomes) or not concerned(equation, columns, item)[0]:
            continue
        if item.effect:
            low, high = (float(after_effect(item, np.array([end]))[0]) for end in now)
        else:
            columns_then = supposing(equation, columns, item.sets)
            if _refused(equation, columns_then, outcome, years, ranges):
                continue
            changed = bounds(equation, columns_then, outcome, years, ranges)
            low, high = float(changed.low[0]), float(changed.high[0])
        yield _told(item, (low, high), now)
    for title, values in asked.supposed.items():
        sets = {name: repr(value) for name, value in values.items()}
        columns_then, left = supposing(equation, columns, sets), {name: ranges[name] for name in ranges.keys() - sets}
        if refused := _refused(equation, columns_then, outcome, years, left):
            says = "; ".join(dict.fromkeys(reason.says for reason in refused))
            yield RiskSupposed("asked", title, says, refused[0].source or equation.source, None, None)
            continue
        changed = bounds(equation, columns_then, outcome, years, left)
        item = Supposition("asked", title, "as asked", equation.source, sets=sets)
        yield _told(item, (float(changed.low[0]), float(changed.high[0])), now)


def _refused(equation: RiskEquation, columns: Columns, outcome: str, years: int, ranges: Ranges) -> list[Reason]:
    """Why nothing is given for such a person; of inputs of which only a range is known, at both of its ends."""
    ends = [of_columns(equation, _at(columns, ranges, end)) for end in ((0, 1) if ranges else (0,))]
    return [reason for made in ends for reason in made.estimate(outcome, years).refused]


def _told(item: Supposition, after: tuple[float, float], now: tuple[float, float]) -> RiskSupposed:
    low, high = min(after), max(after)
    if now[0] == now[1] and low == high:
        return RiskSupposed(item.id, item.title, item.says, item.source, low, low - now[0])
    return RiskSupposed(item.id, item.title, item.says, item.source, None, None, low, high)


def _studied(equation: RiskEquation, columns: Columns) -> Iterator[str]:
    for item in equation.inputs:
        if item.studied and item.kind == "number":
            low, high = item.studied
            value = columns.numbers[item.name][0]
            if value < low or value > high:
                yield f"{item.title} lies outside {low:g} to {high:g}, in which it was studied ({item.studied_source})"


def _cited(equation: RiskEquation, shown: Sequence[RiskEstimate]) -> Iterator[str]:
    yield equation.source
    yield from (table.source for table in equation.tables)
    for one in shown:
        yield from (reason.source for reason in one.refused if reason.source)
        yield from ([one.category_source] if one.category_source else [])
        yield from (item.source for item in one.supposed)
    for item in equation.inputs:
        places = (item.domain_source, item.span_source, item.reference_source, *(found.source for found in item.found))
        yield from (place for place in places if place)
