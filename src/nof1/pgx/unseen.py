"""The mass of haplotypes that no counted person has, and which they may be [good-turing-1953]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = tuple[int, ...]
BACKGROUNDS = 12  # the most common haplotypes, behind which neighbours are looked for
COMMON = 0.005


@dataclass(frozen=True)
class Variants:
    """The used positions of a gene: documented texts, what the reference allele shows, whether the panel has them."""

    texts: tuple[tuple[str, ...], ...]
    fill: tuple[int, ...]
    visible: NDArray[np.bool_]


@dataclass(frozen=True)
class Unseen:
    """Masses a population (populations,): ``total`` not among its own counts, ``elsewhere`` of it counted in another
    population, ``nowhere`` the rest; ``named``: the share of ``nowhere`` that has one allele's name."""

    total: NDArray[np.float64]
    elsewhere: NDArray[np.float64]
    nowhere: NDArray[np.float64]
    named: float


def unseen_mass(counts: NDArray[np.float64], is_named: NDArray[np.bool_]) -> Unseen:
    """Good-Turing: what was counted once tells how much was not counted at all.

    ``counts`` (populations, haplotypes); ``is_named`` (haplotypes,) bool.
    """
    totals = np.maximum(counts.sum(axis=1), 1)
    pooled = counts.sum(axis=0)
    once = counts == 1
    total = np.maximum(once.sum(axis=1), 0.5) / totals
    shared = (float((once & (pooled > 1)).sum()) + 0.5) / (float(once.sum()) + 1)
    has_others = ((counts == 0) & (pooled > 0)).any(axis=1)
    elsewhere = np.where(has_others, total * shared, 0)
    single = pooled == 1
    named = (float((single & is_named).sum()) + 0.5) / (float(single.sum()) + 1)
    return Unseen(total, elsewhere, total - elsewhere, named)


def neighbours(
    vectors: Sequence[Vector], shares: NDArray[np.float64], variants: Variants, known: set[Vector], *, is_additive: bool,
    most: int,
) -> tuple[list[Vector], NDArray[np.float64]]:  # fmt: skip
    """Haplotypes one step from common ones (one position changed, or two crossed over) and their weights, summing to 1.

    ``shares`` (haplotypes,) pooled. ``is_additive``: alleles are single variants, so every position may change on every
    background, also where the panel has none.
    """
    order = [int(place) for place in np.argsort(-shares, kind="stable")[:BACKGROUNDS] if shares[place] >= COMMON]
    table = np.array(vectors, np.int16)
    found: dict[Vector, float] = {}

    def add(vector: Vector, weight: float) -> None:
        if vector not in known:
            found[vector] = found.get(vector, 0.0) + weight

    rare = 1 / max(len(vectors), 1) / 1000
    for place in order:
        base = vectors[place]
        for position in np.flatnonzero(variants.visible | is_additive).tolist():
            for number in range(len(variants.texts[position])):
                if number != base[position]:
                    often = float(shares[table[:, position] == number].sum())
                    changed = (*base[:position], number, *base[position + 1 :])
                    add(changed, float(shares[place]) * max(often, rare))
    for one in order:
        for two in order:
            differ = np.flatnonzero(table[one] != table[two])
            for cut in differ[1:].tolist():
                crossed = (*vectors[one][:cut], *vectors[two][cut:])
                add(crossed, float(shares[one] * shares[two]) / len(differ))
    ranked = sorted(found.items(), key=lambda item: -item[1])[:most]
    weights = np.array([weight for _, weight in ranked])
    return [vector for vector, _ in ranked], weights / weights.sum() if len(weights) else weights
