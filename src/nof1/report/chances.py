"""Phenotypes by likelihood, and the results that rules were matched by with how likely each is."""

from __future__ import annotations

from dataclasses import replace

from nof1.model.findings import Chance, GeneCall

NO_NAME = "no named allele fits"
NO_PHENOTYPE = "no phenotype assigned"


def term(chance: Chance) -> str:
    """The phenotype in words, also where there is none."""
    if not chance.phenotype:
        return NO_NAME
    return NO_PHENOTYPE if chance.phenotype == "n/a" else chance.phenotype


def by_term(call: GeneCall) -> list[Chance]:
    """The phenotypes of a gene whatever their activity score, likeliest first.

    ``activity_score`` is the likeliest of the phenotype. Ranges are sums over the scores, so at least as wide as true.
    """
    found: dict[str, Chance] = {}
    for chance in sorted(call.chances, key=lambda item: -item.probability):
        before = found.get(chance.phenotype)
        found[chance.phenotype] = chance if before is None else _sum(before, chance)
    leads = call.chances[0].phenotype if call.chances else ""
    return sorted(found.values(), key=lambda item: (item.phenotype != leads, -item.probability))


def _sum(one: Chance, other: Chance) -> Chance:
    return replace(
        one,
        probability=min(one.probability + other.probability, 1.0),
        lowest=min(one.lowest + other.lowest, 1.0),
        highest=min(one.highest + other.highest, 1.0),
    )


def scores(call: GeneCall, phenotype: str) -> list[Chance]:
    """The activity scores of one phenotype, likeliest first."""
    return [chance for chance in call.chances if chance.phenotype == phenotype and chance.activity_score]


def matched(call: GeneCall, value: str) -> list[tuple[str, Chance | None]]:
    """The results a rule was matched by (``because_of``), one by one, each with how likely it is.

    A result that is not among the gene's chances keeps its words and has no chance.
    """
    known = {_named(chance): chance for chance in call.chances if chance.phenotype}
    found: list[tuple[str, Chance | None]] = []
    for part in value.split(" or "):
        name = part.split(", not settled", 1)[0]
        if name not in known:
            return [(value, None)]
        found.append((name, known[name]))
    return list(dict.fromkeys(found))


def _named(chance: Chance) -> str:
    return chance.phenotype + (f" (activity score {chance.activity_score})" if chance.activity_score else "")
