"""Which positions, had they been seen, could change the phenotype, and how likely that is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nof1.model.findings import Settles
from nof1.pgx.certain import Weighed
from nof1.pgx.names import strand_name
from nof1.pgx.posterior import Side, members_of
from nof1.pgx.strands import Strands
from nof1.pgx.weigher import Weigher

NAMED = 3  # alleles named for one position
EXPLAINED = 10  # positions whose alleles are named
LEAST = 1e-5

Masses = NDArray[np.float64]


def settles(gene: Weigher, weighed: Weighed, strands: Strands) -> tuple[Settles, ...]:
    """Positions not seen, most consequential first.

    The chance of a position: that the phenotype is another than the likeliest one *and* one of the two strands shows
    something unusual there, as the mean over the populations asked.
    """
    if gene.known is None or not weighed.groups or not weighed.chances:
        return ()
    unseen = np.setdiff1d(np.arange(len(gene.definition.ids)), strands.places)
    if not len(unseen):
        return ()
    unusual = _unusual(gene, weighed, unseen)
    other = _is_other(gene, weighed.chances[0].phenotype, strands.is_haploid)
    count = len(gene.naming.classes)
    change = np.zeros((len(gene.asked), len(unseen)))
    total = np.zeros(len(gene.asked))
    for group in weighed.groups:
        one, one_odd = _masses(gene, group.one, unusual, count)
        if group.two is None:
            total += group.sign * one.sum(axis=1)
            change += group.sign * np.einsum("puc,c->pu", one_odd, other[:, 0])
            continue
        two, two_odd = _masses(gene, group.two, unusual, count)
        total += group.sign * one.sum(axis=1) * two.sum(axis=1)
        plain_one, plain_two = one[:, None] - one_odd, two[:, None] - two_odd
        whole = np.einsum("pc,cd,pd->p", one, other, two)
        neither = np.einsum("puc,cd,pud->pu", plain_one, other, plain_two)
        change += group.sign * (whole[:, None] - neither)
    chance = (change / total[:, None]).mean(axis=0)
    order = [place for place in np.argsort(-chance, kind="stable").tolist() if chance[place] >= LEAST]
    found = []
    for rank, place in enumerate(order):
        names = _names(gene, weighed, unusual[:, place]) if rank < EXPLAINED else ()
        found.append(Settles(gene.definition.ids[int(unseen[place])], round(float(chance[place]), 6), names))
    return tuple(found)


def _unusual(gene: Weigher, weighed: Weighed, unseen: NDArray[np.intp]) -> NDArray[np.bool_]:
    """(haplotypes, unseen) bool: shows another allele than the likeliest of those still possible."""
    assert gene.known is not None
    members = members_of(list(weighed.groups))
    mass = np.zeros(len(gene.known.vectors))
    mass[members] = gene.known.shares[:, members].mean(axis=0)
    shown = gene.known.vectors[:, unseen]
    numbers = range(int(shown.max()) + 1)
    usual = np.argmax(np.stack([((shown == number) * mass[:, None]).sum(axis=0) for number in numbers]), axis=0)
    return np.asarray(shown != usual, np.bool_)


def _is_other(gene: Weigher, term: str, is_haploid: bool) -> Masses:
    """(classes, classes) 1 where a pair means another phenotype than ``term``."""
    count = len(gene.naming.classes)
    other = np.ones((count, count))
    for one in range(count):
        for two in range(1 if is_haploid else count):
            phenotype = gene.phenotype(min(one, two), max(one, two)) if not is_haploid else gene.phenotype(one, -1)
            if phenotype is not None and phenotype.term == term:
                other[one, two] = 0.0
    return other


def _masses(gene: Weigher, side: Side, unusual: NDArray[np.bool_], count: int) -> tuple[Masses, Masses]:
    """(populations, classes) mass of a side and (populations, unseen, classes) of its haplotypes unusual at a position."""
    kinds = np.zeros((len(side.members), count))
    kinds[np.arange(len(side.members)), gene.space.classes[side.members]] = 1
    odd = unusual[side.members].astype(np.float64)
    return side.by_class, np.einsum("mu,pm,mc->puc", odd, side.mass, kinds)


def _names(gene: Weigher, weighed: Weighed, unusual: NDArray[np.bool_]) -> tuple[str, ...]:
    """Alleles behind one position, likeliest first."""
    assert gene.known is not None
    members = members_of(list(weighed.groups))
    mine = members[unusual[members]]
    mine = mine[np.argsort(-gene.known.shares[:, mine].mean(axis=0), kind="stable")]
    found: dict[str, None] = {}
    for place in mine[: 4 * NAMED].tolist():
        if names := gene.naming.names(gene.known.vectors[place]):
            found[strand_name(names)] = None
    return tuple(found)[:NAMED]
