"""The mass of haplotypes that no counted person has, and which they may be [good-turing-1953]."""

from __future__ import annotations

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
    vectors: NDArray[np.int16], shares: NDArray[np.float64], variants: Variants, known: NDArray[np.int16], *,
    is_additive: bool, most: int,
) -> tuple[NDArray[np.int16], NDArray[np.float64]]:  # fmt: skip
    """Haplotypes one step from common ones (one position changed, or two crossed over) and their weights, summing to 1.

    ``vectors`` (haplotypes, positions) with ``shares`` (haplotypes,) pooled; ``known`` (rows, positions) are left out.
    ``is_additive``: alleles are single variants, so every position may change on every background, also where the panel has
    none.
    """
    order = [int(place) for place in np.argsort(-shares, kind="stable")[:BACKGROUNDS] if shares[place] >= COMMON]
    changes = [
        (position, number, float(shares[vectors[:, position] == number].sum()))
        for position in np.flatnonzero(variants.visible | is_additive).tolist()
        for number in range(len(variants.texts[position]))
    ]
    rare = 1 / max(len(vectors), 1) / 1000
    rows: list[NDArray[np.int16]] = []
    weights: list[float] = []
    for place in order:
        base, share = vectors[place], float(shares[place])
        mine = [change for change in changes if change[1] != base[change[0]]]
        changed = np.repeat(base[None], len(mine), axis=0)
        changed[np.arange(len(mine)), [change[0] for change in mine]] = [change[1] for change in mine]
        rows.extend(changed)
        weights.extend(share * max(often, rare) for _, _, often in mine)
    for one in order:
        for two in order:
            differ = np.flatnonzero(vectors[one] != vectors[two])
            for cut in differ[1:].tolist():
                rows.append(np.concatenate([vectors[one][:cut], vectors[two][cut:]]))
                weights.append(float(shares[one] * shares[two]) / len(differ))
    taken = {row.tobytes() for row in known}
    found: dict[bytes, float] = {}
    for row, weight in zip(rows, weights, strict=True):
        key = row.tobytes()
        if key not in taken:
            found[key] = found.get(key, 0.0) + weight
    ranked = sorted(found.items(), key=lambda item: -item[1])[:most]
    if not ranked:
        return vectors[:0], np.zeros(0)
    mass = np.array([weight for _, weight in ranked])
    every = np.frombuffer(b"".join(key for key, _ in ranked), np.int16).reshape(len(ranked), -1)
    return every, mass / mass.sum()
