"""Phenoconversion: what a gene's result amounts to under the inhibitors and inducers that are taken."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from nof1.decision.standing import Result, Standing
from nof1.decision.taking import Active
from nof1.knowledge.enzymes import Conversion
from nof1.knowledge.lookup import diplotype
from nof1.knowledge.schema import Gene
from nof1.pgx.phenotype import HIGHEST_SCORE, meaning

_MORE = "≥"
_STEP = 0.25  # activity scores of the tables are quarters


def converted(standing: Standing, how: Conversion, gene: Gene, at_work: Sequence[Active], drug: str = "") -> Standing:
    """``standing`` under the modulators ``at_work``; those that are ``drug`` itself do not count for its own advice."""
    mine = [item for item in at_work if item.row.enzyme == standing.gene and item.taken.drug != drug]
    if not mine or (not standing.results and standing.is_blocked):
        return standing
    change = _score_change(how, mine) if how.method == "score_factor" else _step_change(how, mine)
    if change is None:
        return standing
    if not standing.results:
        return _whatever(standing, how, gene, change)
    results = tuple(dict.fromkeys(made for result in standing.results for made in _changed(result, how, gene, change)))
    return replace(standing, results=results)


def _whatever(standing: Standing, how: Conversion, gene: Gene, change: _Change) -> Standing:
    """A gene without a result under a modulator that leaves only one: the same whatever the genotype."""
    if how.method == "score_factor" and change.amount == 0:
        lookup, term = _number(0), f"{meaning(gene).scored_term(0)} (activity score {_number(0)})"
    elif how.method == "phenotype_steps" and how.order and -change.amount >= len(how.order):
        lookup = term = how.order[0]
    else:
        return standing
    words = f"{term}, whatever the genotype, by {' and '.join(change.by)}"
    result = Result(lookup, words, None, "not known", change.by, change.note)
    return replace(standing, results=(result,), caveats=(*standing.caveats, f"the genotype is not known: {standing.why}"))


@dataclass(frozen=True, slots=True)
class _Change:
    """What is done to a result: a factor or steps, by which drugs, and what must be said."""

    amount: float
    by: tuple[str, ...]
    note: str


def _score_change(how: Conversion, mine: Sequence[Active]) -> _Change | None:
    inhibitors = [item for item in mine if item.row.role == "inhibitor"]
    factors = {item: how.factors.get(item.row.strength, 1.0) for item in inhibitors}
    if not factors or min(factors.values()) == 1.0:
        return None
    least = min(factors.values())
    deciding = [item for item, factor in factors.items() if factor == least]
    return _Change(least, tuple(item.words for item in deciding), _not_summed(factors, deciding, least, 1.0))


def _not_summed(amounts: dict[Active, float], deciding: Sequence[Active], decisive: float, none: float) -> str:
    """What is said where several drugs act and the strongest alone is counted."""
    others = [item for item, amount in amounts.items() if amount != none and item not in deciding]
    if decisive != 0 and (len(deciding) > 1 or others):
        names = ", ".join(item.row.drug for item in [*deciding, *others])
        return f"{names} act together; their joint effect is not known and not summed: counted is the strongest one alone"
    return ""


def _step_change(how: Conversion, mine: Sequence[Active]) -> _Change | None:
    down = {item: _steps(how.inhibitor, item, len(how.order)) for item in mine if item.row.role == "inhibitor"}
    up = {item: _steps(how.inducer, item, len(how.order)) for item in mine if item.row.role == "inducer"}
    if down and max(down.values()) > 0:
        most = max(down.values())
        deciding = [item for item, steps in down.items() if steps == most]
        note = _not_summed({item: float(steps) for item, steps in down.items()}, deciding, float(most), 0.0)
        if up and max(up.values()) > 0:
            note = "; ".join(part for part in (note, "an inducer is taken too; the inhibitor is counted alone") if part)
        return _Change(-most, tuple(item.words for item in deciding), note)
    if up and max(up.values()) > 0:
        most = max(up.values())
        deciding = [item for item, steps in up.items() if steps == most]
        return _Change(most, tuple(item.words for item in deciding), "")
    return None


def _steps(table: dict[str, int | str], item: Active, length: int) -> int:
    value = table.get(item.row.strength, 0)
    return length if value == "poorest" else int(value)


def _changed(result: Result, how: Conversion, gene: Gene, change: _Change) -> list[Result]:
    made = (
        _scored(result, gene, change.amount) if how.method == "score_factor" else _stepped(result, how, int(change.amount))
    )
    found = []
    for lookup, term, note in made:
        words = f"{term}, from {result.words} by {' and '.join(change.by)}"
        notes = "; ".join(part for part in (change.note, note) if part)
        found.append(replace(result, lookup=lookup, words=words, genetic=result.words, by=change.by, note=notes))
    return found or [result]


def _scored(result: Result, gene: Gene, factor: float) -> list[tuple[str, str, str]]:
    """Lookup, words and note of a score times ``factor``; none for a result without a score.

    Tables are in quarters: a score between two of them stands for both.
    """
    first = result.lookup.split("; ")[0]
    try:
        score = float(first.removeprefix(_MORE))
    except ValueError:
        return []
    value = score * factor
    is_open = first.startswith(_MORE) and factor != 0
    note = f"the score is at least {_number(score)}, so it may be more than {_number(value)}" if is_open else ""
    ends = sorted(
        {math.floor(value / _STEP) * _STEP, math.ceil(value / _STEP) * _STEP, *(_above(gene, value) if is_open else ())}
    )
    is_between = value != math.floor(value / _STEP) * _STEP
    between = f"; {_number(value)} lies between the scores of the tables, both are asked" if is_between else ""
    shown = f"{_MORE if is_open else ''}{_number(value)}"
    terms = meaning(gene)
    return [
        (
            f"{_MORE if is_open else ''}{_number(end)}",
            f"{terms.scored_term(end)} (activity score {shown})",
            (note + between).strip("; "),
        )
        for end in ends
    ]


def _above(gene: Gene, value: float) -> list[float]:
    """Scores above ``value``, of each further phenotype the lowest, and the highest of all."""
    terms, found = meaning(gene), {meaning(gene).scored_term(value): value}
    steps = [number * _STEP for number in range(math.ceil(value / _STEP), int(HIGHEST_SCORE / _STEP) + 1)]
    for step in steps:
        found.setdefault(terms.scored_term(step), step)
    return [step for step in (*found.values(), float(HIGHEST_SCORE)) if step > value]


def _number(value: float) -> str:
    """A score as scores are written.

    >>> _number(0.0), _number(0.625), _number(2)
    ('0.0', '0.625', '2.0')
    """
    return f"{value:.1f}" if value == round(value, 1) else f"{value:g}"


def _stepped(result: Result, how: Conversion, steps: int) -> list[tuple[str, str, str]]:
    parts = [part for part in result.lookup.split("; ") if not diplotype(part)]
    if not parts or parts[0] not in how.order:
        return []
    place = how.order.index(parts[0])
    moved = how.order[max(0, min(len(how.order) - 1, place + steps))]
    return [] if moved == parts[0] else [(moved, moved, "")]
