"""Named alleles whose definitions two strands can carry [pharmcat-methods-3.1.1#named-allele-matcher].

Scores are counted before filling, unseen positions are dropped from every definition, and a pair fits when one strand can
show one allele and the other strand the other. Units of unknown phase are tried each on its own, so the work grows with
the number of heterozygous positions, not with two to its power.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nof1.pgx.definition import Definition
from nof1.pgx.names import name_key
from nof1.pgx.strands import Strands


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair of alleles that fits, by index; ``second`` is ``None`` for a haploid row."""

    first: int
    second: int | None
    score: int


def callable_alleles(definition: Definition, strands: Strands) -> NDArray[np.bool_]:
    """(alleles,) bool: some defining position of the allele was seen."""
    return np.asarray(definition.defined[:, strands.places].any(axis=1), bool)


def fitting_pairs(definition: Definition, accepts: NDArray[np.bool_], strands: Strands) -> list[Pair]:
    """Every fitting pair, best first: score, then names in natural order."""
    if not len(strands.places):
        return []
    shows_one = _shows(accepts, strands.places, strands.one)
    if strands.is_haploid:
        return _ranked(definition, _haploid(definition, strands, shows_one))
    shows_two = _shows(accepts, strands.places, strands.two)
    possible = callable_alleles(definition, strands) & (shows_one | shows_two).all(axis=1)
    candidates = np.flatnonzero(possible)
    scores = definition.defined[:, strands.places].sum(axis=1)
    one, two = shows_one[candidates], shows_two[candidates]
    open_ = ((one[:, None] & two[None]) | (two[:, None] & one[None])).all(axis=2)  # what every pair that fits must do
    pairs = []
    for first, second in candidates[np.argwhere(np.triu(open_))].tolist():
        penalty = _fit(definition, strands, shows_one, shows_two, first, second)
        if penalty is not None:
            pairs.append(Pair(first, second, int(scores[first] + scores[second]) - penalty))
    return _ranked(definition, pairs)


def best(pairs: list[Pair]) -> list[Pair]:
    """The pairs with the highest score."""
    return [pair for pair in pairs if pair.score == pairs[0].score]


def _shows(accepts: NDArray[np.bool_], places: NDArray[np.intp], strand: NDArray[np.int16]) -> NDArray[np.bool_]:
    """(alleles, seen) bool: the allele accepts what the strand shows."""
    return np.asarray(accepts[:, places, strand], bool)


def _haploid(definition: Definition, strands: Strands, shows: NDArray[np.bool_]) -> list[Pair]:
    scores = definition.defined[:, strands.places].sum(axis=1)
    fits = shows.all(axis=1) & callable_alleles(definition, strands)
    return [Pair(int(allele), None, int(scores[allele])) for allele in np.flatnonzero(fits)]


def _fit(
    definition: Definition, strands: Strands, one: NDArray[np.bool_], two: NDArray[np.bool_], first: int, second: int
) -> int | None:
    """The smallest wobble penalty with which the pair fits in any allowed orientation; ``None`` when it does not."""
    straight = one[first] & two[second]
    turned = two[first] & one[second]
    cost_straight, cost_turned = _penalties(definition, strands, first, second)
    fixed = strands.unit == 0
    found: list[int] = []
    for same, cost in ((straight, cost_straight), (turned, cost_turned)):
        if same[fixed].all():
            found.append(int(cost[fixed].sum()))
    if not found:
        return None
    total = min(found)
    for unit in strands.units:
        mine = strands.unit == unit
        options = [
            int(cost[mine].sum()) for same, cost in ((straight, cost_straight), (turned, cost_turned)) if same[mine].all()
        ]
        if not options:
            return None
        total += min(options)
    return total


def _penalties(
    definition: Definition, strands: Strands, first: int, second: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(seen,) penalty straight and turned: one for each wobble where the strand shows the genome's reference."""
    wobbles = definition.wobbles[:, strands.places]
    one, two = strands.one == 0, strands.two == 0
    straight = (wobbles[first] & one).astype(np.int64) + (wobbles[second] & two)
    turned = (wobbles[first] & two).astype(np.int64) + (wobbles[second] & one)
    return straight, turned


def _ranked(definition: Definition, pairs: list[Pair]) -> list[Pair]:
    def key(pair: Pair) -> tuple[object, ...]:
        names = [definition.names[index] for index in (pair.first, pair.second) if index is not None]
        return (-pair.score, *(name_key(name) for name in sorted(names, key=name_key)))

    return sorted(pairs, key=key)
