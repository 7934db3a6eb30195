"""Ceilings that count because a fact is not known: which fact, and what would count without them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nof1.knowledge.care import Care
from nof1.knowledge.dosing import Ceiling
from nof1.knowledge.formula import parse
from nof1.response.regimens import ceiling_text, is_known


def undecided(
    ceilings: Sequence[Ceiling], facts: Mapping[str, float], care: Care, above: Mapping[str, int]
) -> dict[str, str]:
    """For each of ``ceilings`` (those that count) that is not known to hold, why it counts and what else would, by its text.

    ``above``: how many doses each forbids; one that forbids none is passed over.
    """
    sure = [item for item in ceilings if is_known(item.when, facts)]
    return {
        ceiling_text(item): _told(item, sure, facts, care)
        for item in ceilings
        if item not in sure and above.get(ceiling_text(item))
    }


def _told(item: Ceiling, sure: Sequence[Ceiling], facts: Mapping[str, float], care: Care) -> str:
    names = sorted(parse(item.when).names - set(facts))
    missing = " and ".join(care.conditions[name].title if name in care.conditions else name for name in names)
    others = [other for other in sure if other.kind == item.kind and other.route in ("", item.route)]
    without = ", ".join(dict.fromkeys(ceiling_text(other) for other in others)) or "no ceiling of this kind"
    return f"counts because it is not known whether this holds: {missing}; where it does not, {without}"
