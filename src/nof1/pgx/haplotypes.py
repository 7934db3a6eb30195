"""How often whole haplotypes of a gene occur in each reference population, with mass kept for those nobody has seen
[good-turing-1953] (docs/methods/certainty.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product

import numpy as np
from numpy.typing import NDArray

from nof1.knowledge.schema import Gene
from nof1.knowledge.weighing import Certainty
from nof1.model.bases import IUPAC
from nof1.pgx.definition import Definition
from nof1.pgx.naming import UNNAMED, Naming
from nof1.pgx.published import class_shares, shares_within
from nof1.pgx.unseen import BACKGROUNDS, COMMON, Variants, Vector, neighbours, unseen_mass

MOST_NEIGHBOURS = 1500
DOUBLED = 4  # common haplotypes on which two deciding alleles may lie together
MOST_WRITINGS = 8  # of one allele whose definition allows more than one base


@dataclass(frozen=True)
class Haplotypes:
    """Every haplotype that is thought possible.

    ``vectors``  (haplotypes, positions) int16, number of the documented allele text at each used position
    ``shares``   (populations, haplotypes) float, each row sums to 1
    ``is_own``   (haplotypes,) bool: counted or published by itself, rather than a share of the unseen mass
    ``classes``  (haplotypes,) int, which meaning of ``naming.classes`` the haplotype has
    ``people``   (populations,) int, haplotypes counted
    """

    vectors: NDArray[np.int16]
    shares: NDArray[np.float64]
    is_own: NDArray[np.bool_]
    classes: NDArray[np.intp]
    people: NDArray[np.int64]


def haplotypes(gene: Gene, definition: Definition, naming: Naming, certainty: Certainty) -> Haplotypes | None:
    """The haplotypes of ``gene``; ``None`` where nothing is known about how often any of them occurs."""
    variants = _variants(gene, definition)
    codes = [item.code for item in certainty.populations]
    seen, counts = _counted(gene, definition, variants, codes)
    named = _named(definition, variants)
    published = class_shares(gene, certainty)
    if not seen:
        return _published_only(naming, named, published)
    totals = counts.sum(axis=1)
    unseen = unseen_mass(counts, naming.is_simple(np.array(seen, np.int16)))
    mass = (1 - unseen.total)[:, None] * counts / np.maximum(totals, 1)[:, None]
    mass = mass + unseen.elsewhere[:, None] * _where_missing(counts)
    frequency = counts / np.maximum(totals, 1)[:, None]
    if naming.is_additive:
        vectors, shares = _added(seen, mass, named, variants, published)
    else:
        vectors, shares = _expanded(seen, mass, frequency, named, variants, published)
    own = len(vectors)
    have = set(vectors)
    new = list(dict.fromkeys(vector for same in named.values() for vector in same if vector not in have))
    known = np.array([*vectors, *new], np.int16)
    others, weights = neighbours(
        known[:own], shares.mean(axis=0), variants, known, is_additive=naming.is_additive, most=MOST_NEIGHBOURS
    )
    if naming.is_additive:
        both, behind = _doubles(naming, variants, known[:own], shares, np.concatenate([known, others]))
    open_ = np.concatenate(
        [(shares == 0) & np.isin(range(own), _places(vectors, named)), np.ones((len(codes), len(new)), bool)], axis=1
    )
    has_name = open_.any(axis=1)
    share = np.where(has_name, unseen.named if len(others) else 1.0, 0.0)
    by_name = open_ / np.maximum(open_.sum(axis=1, keepdims=True), 1) * (unseen.nowhere * share)[:, None]
    parts = [shares + by_name[:, :own], by_name[:, own:], (unseen.nowhere * (1 - share))[:, None] * weights[None]]
    every = np.concatenate([known, others])
    if naming.is_additive:
        parts.append(behind)
        every = np.concatenate([every, both])
    table = np.concatenate(parts, axis=1)
    table /= table.sum(axis=1, keepdims=True)
    return Haplotypes(every, table, np.arange(len(every)) < own, _classes(naming, every, len(known)), totals)


def _classes(naming: Naming, vectors: NDArray[np.int16], known: int) -> NDArray[np.intp]:
    """Meanings; where alleles are whole haplotypes, those beyond the ``known`` ones are neighbours without a name."""
    if naming.is_additive:
        return naming.classes_of(vectors)
    classes = np.full(len(vectors), UNNAMED, np.intp)
    classes[:known] = naming.classes_of(vectors[:known])
    return classes


def _variants(gene: Gene, definition: Definition) -> Variants:
    rows = {row.id: row for row in gene.positions}
    texts = tuple((rows[identifier].ref, *rows[identifier].alts) for identifier in definition.ids)
    fill = tuple(known.index(text) for known, text in zip(texts, definition.fill, strict=True))
    counted = gene.frequencies.counted.positions if gene.frequencies and gene.frequencies.counted else []
    visible = np.isin(definition.ids, counted)
    return Variants(texts, fill, visible)


def _counted(
    gene: Gene, definition: Definition, variants: Variants, codes: Sequence[str]
) -> tuple[list[Vector], NDArray[np.float64]]:
    """Counted haplotypes over all used positions; where the panel has none, what the reference allele shows."""
    start = [0 if visible else fill for visible, fill in zip(variants.visible, variants.fill, strict=True)]
    order: dict[Vector, int] = {}
    columns: list[list[float]] = []
    for row in gene.haplotypes:
        vector = list(start)
        for token in row.haplotype.split() if row.haplotype != "reference" else ():
            identifier, _, text = token.rpartition(":")
            if (place := definition.place(identifier)) >= 0:
                vector[place] = variants.texts[place].index(text)
        given = dict(token.split(":") for token in row.counts.split())
        numbers = [float(given.get(code, 0)) for code in codes]
        key = tuple(vector)
        if key in order:
            columns[order[key]] = [one + two for one, two in zip(columns[order[key]], numbers, strict=True)]
        else:
            order[key] = len(columns)
            columns.append(numbers)
    return list(order), np.array(columns, np.float64).T.reshape(len(codes), len(columns))


def _named(definition: Definition, variants: Variants) -> dict[str, list[Vector]]:
    """What each named allele shows; more than one vector where its definition allows more than one base."""
    own: dict[int, dict[int, tuple[int, ...]]] = {}
    for (allele, place), text in definition.own.items():
        texts = variants.texts[place]
        bases = (text,) if text in texts else tuple(IUPAC.get(text, ""))
        own.setdefault(allele, {})[place] = tuple(texts.index(base) for base in bases if base in texts)
    found: dict[str, list[Vector]] = {}
    for allele, name in enumerate(definition.names):
        mine = own.get(allele, {})
        for choice in islice(product(*mine.values()), MOST_WRITINGS):
            vector = list(variants.fill)
            for place, number in zip(mine, choice, strict=True):
                vector[place] = number
            found.setdefault(name, []).append(tuple(vector))
    return found


def _where_missing(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each population, what the others show of haplotypes that it does not."""
    pooled = counts.sum(axis=0)[None] * (counts == 0)
    total = pooled.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(pooled, total, out=np.zeros_like(pooled), where=total > 0), np.float64)


def _expanded(
    seen: list[Vector],
    mass: NDArray[np.float64],
    frequency: NDArray[np.float64],
    named: dict[str, list[Vector]],
    variants: Variants,
    published: dict[str, NDArray[np.float64]],
) -> tuple[list[Vector], NDArray[np.float64]]:
    """Counted haplotypes split among the published alleles that look like them at the positions the panel has."""
    hidden = np.flatnonzero(~variants.visible)
    shown = np.flatnonzero(variants.visible)
    by_sight: dict[Vector, list[str]] = {}
    for name in published:
        by_sight.setdefault(tuple(named[name][0][place] for place in shown), []).append(name)
    names_of = {vector: name for name, vectors in named.items() for vector in vectors}
    vectors: list[Vector] = []
    columns: list[NDArray[np.float64]] = []
    for number, vector in enumerate(seen):
        looks = tuple(vector[place] for place in shown)
        others = [name for name in by_sight.get(looks, []) if any(named[name][0][p] != vector[p] for p in hidden)]
        vectors.append(vector)
        if not others:
            columns.append(mass[:, number])
            continue
        default = names_of.get(vector)
        values = np.stack([published[name] for name in others])
        own = published.get(default) if default else None
        split = shares_within(values, own, frequency[:, number], is_named=default is not None)
        columns.append(mass[:, number] * split[0])
        for name, share in zip(others, split[1:], strict=True):
            vectors.append(named[name][0])
            columns.append(mass[:, number] * share)
    return _summed(vectors, np.stack(columns, axis=1))


def _added(
    seen: list[Vector],
    mass: NDArray[np.float64],
    named: dict[str, list[Vector]],
    variants: Variants,
    published: dict[str, NDArray[np.float64]],
) -> tuple[list[Vector], NDArray[np.float64]]:
    """Counted haplotypes, and the common ones once more with each published variant that the panel cannot show."""
    pooled = mass.mean(axis=0)
    common = [int(place) for place in np.argsort(-pooled, kind="stable")[:BACKGROUNDS] if pooled[place] >= COMMON]
    behind = mass[:, common] / mass[:, common].sum(axis=1, keepdims=True)
    vectors, columns = list(seen), [mass[:, place] for place in range(len(seen))]
    taken = np.zeros(len(mass))
    for name, frequency in published.items():
        changes = [place for place, number in enumerate(named[name][0]) if number != variants.fill[place]]
        if any(variants.visible[place] for place in changes):
            continue
        often = np.nan_to_num(frequency)
        taken += often
        for column, place in enumerate(common):
            vector = list(seen[place])
            for position in changes:
                vector[position] = named[name][0][position]
            vectors.append(tuple(vector))
            columns.append(often * behind[:, column])
    table = np.stack(columns, axis=1)
    table[:, : len(seen)] *= (1 - np.minimum(taken, 0.5))[:, None]
    return _summed(vectors, table)


def _doubles(
    naming: Naming, variants: Variants, vectors: NDArray[np.int16], shares: NDArray[np.float64], known: NDArray[np.int16]
) -> tuple[NDArray[np.int16], NDArray[np.float64]]:
    """Two alleles that decide on one strand, on common backgrounds, as likely as chance would bring them together.

    Without them two such alleles of unknown phase would always be taken to lie on different strands.
    """
    fill = np.array(variants.fill, np.int16)
    plain = naming.classes_of(fill[None])[0]
    found: dict[tuple[int, int], NDArray[np.float64]] = {}
    deciding = naming.classes_of(vectors) != plain
    single = sorted(
        {(int(place), int(vector[place])) for vector in vectors[deciding] for place in np.flatnonzero(vector != fill)}
    )
    alone = np.repeat(fill[None], len(single), axis=0)
    alone[np.arange(len(single)), [place for place, _ in single]] = [number for _, number in single]
    decides = naming.classes_of(alone) != plain if single else np.zeros(0, bool)
    for place, number in (one for one, is_one in zip(single, decides, strict=True) if is_one):
        found[place, number] = shares[:, vectors[:, place] == number].sum(axis=1)
    pooled = shares.mean(axis=0)
    common = [int(place) for place in np.argsort(-pooled, kind="stable")[:DOUBLED] if pooled[place] >= COMMON]
    taken = {vector.tobytes() for vector in known}
    rows, columns = [], []
    for (one, first), (two, second) in combinations(sorted(found), 2):
        for place in common:
            vector = vectors[place].copy()
            vector[one], vector[two] = first, second
            if one != two and vector.tobytes() not in taken:
                taken.add(vector.tobytes())
                rows.append(vector)
                columns.append(found[one, first] * found[two, second] * shares[:, place])
    if not rows:
        return vectors[:0], np.zeros((len(shares), 0))
    return np.array(rows), np.stack(columns, axis=1)


def _published_only(
    naming: Naming, named: dict[str, list[Vector]], published: dict[str, NDArray[np.float64]]
) -> Haplotypes | None:
    """Where the panel has no position of the gene: the alleles whose frequency is published in every population."""
    given = {name: values for name, values in published.items() if not np.isnan(values).any()}
    if not given or len(given) < len(named):
        return None
    vectors = np.array([named[name][0] for name in given], np.int16)
    shares = np.stack(list(given.values()), axis=1)
    shares /= shares.sum(axis=1, keepdims=True)
    count = np.zeros(len(shares), np.int64)
    return Haplotypes(vectors, shares, np.ones(len(vectors), bool), naming.classes_of(vectors), count)


def _places(vectors: list[Vector], named: dict[str, list[Vector]]) -> list[int]:
    """Which of ``vectors`` an allele's name covers."""
    names = {vector for same in named.values() for vector in same}
    return [place for place, vector in enumerate(vectors) if vector in names]


def _summed(vectors: list[Vector], table: NDArray[np.float64]) -> tuple[list[Vector], NDArray[np.float64]]:
    order = {vector: place for place, vector in enumerate(dict.fromkeys(vectors))}
    summed = np.zeros((table.shape[0], len(order)))
    for column, vector in enumerate(vectors):
        summed[:, order[vector]] += table[:, column]
    return list(order), summed
