"""How often alleles of a gene are held to occur in each population, with a 95 % interval (Wilson)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nof1.knowledge.schema import Gene
from nof1.knowledge.weighing import Certainty
from nof1.pgx.call import prepare
from nof1.pgx.haplotypes import haplotypes
from nof1.pgx.names import strand_name
from nof1.pgx.naming import Naming
from nof1.pgx.phenotype import meaning

Z = 1.959964  # of a 95 % interval


@dataclass(frozen=True, slots=True)
class Frequency:
    """One name's share in every population; ``intervals`` are (low, high) by counting, ``None`` where the share is
    published, or what published ones leave, and the number of people behind it is not known here."""

    name: str
    shares: tuple[float, ...]
    intervals: tuple[tuple[float, float], ...] | None


def frequencies(gene: Gene, certainty: Certainty) -> list[Frequency]:
    """Every name with mass of its own, the commonest first; haplotypes without a name as one; empty where none is known."""
    definition = prepare(gene).definition
    naming = Naming(gene, definition, meaning(gene))
    found = haplotypes(gene, definition, naming, certainty)
    if found is None:
        return []
    published = set(gene.frequencies.published.alleles) if gene.frequencies and gene.frequencies.published else set()
    summed: dict[tuple[str, ...], np.ndarray[tuple[int], np.dtype[np.float64]]] = {}
    for place in np.flatnonzero(found.is_own).tolist():
        names = naming.names(found.vectors[place])
        summed[names] = summed.get(names, np.zeros(len(found.shares))) + found.shares[:, place]
    result = []
    for names, shares in sorted(summed.items(), key=lambda item: -float(item[1].mean())):
        is_rest = bool(published) and definition.shown[definition.reference] in names  # what published alleles leave
        is_counted = not (is_rest or published & set(names)) and bool((found.people > 0).all())
        both = zip(shares.tolist(), found.people.tolist(), strict=True)
        result.append(
            Frequency(
                strand_name(names) if names else "without a name",
                tuple(shares.tolist()),
                tuple(wilson(share, count) for share, count in both) if is_counted else None,
            )
        )
    return result


def wilson(share: float, count: int) -> tuple[float, float]:
    """The 95 % interval of a share seen in ``count`` draws.

    >>> [round(edge, 4) for edge in wilson(0.1, 100)]
    [0.0552, 0.1744]
    """
    middle = share + Z**2 / (2 * count)
    half = Z * math.sqrt(share * (1 - share) / count + Z**2 / (4 * count**2))
    return max((middle - half) / (1 + Z**2 / count), 0.0), min((middle + half) / (1 + Z**2 / count), 1.0)
