"""How likely each pair of haplotypes is, given what one row of genotypes shows (docs/methods/certainty.md).

Everything is linear in the number of haplotypes: a strand's side of every heterozygous unit fixes the side of the other
strand, so pairs are sums over groups of haplotypes that go together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.model.genome import MISSING
from nof1.pgx.strands import Strands

MOST_DOUBTFUL = 24  # heterozygous genotypes of low quality that are tried as homozygous


@dataclass(frozen=True)
class Side:
    """Haplotypes that one strand may carry.

    ``members`` (members,) int; ``mass`` (populations, members) the share of each times how well it agrees with what was
    seen; ``by_class`` (populations, classes) and ``kinds`` with ``by_kind`` (populations, kinds present): the same, summed.
    """

    members: NDArray[np.intp]
    mass: NDArray[np.float64]
    by_class: NDArray[np.float64]
    kinds: NDArray[np.int64]
    by_kind: NDArray[np.float64]


@dataclass(frozen=True)
class Group:
    """What one strand may carry, with what the other may carry beside it (``None`` for a haploid row).

    ``sign``: the chance of this reading of the genotypes.
    """

    one: Side
    two: Side | None
    sign: float


@dataclass
class Space:
    """All haplotypes of a gene as the posterior needs them.

    ``vectors`` (haplotypes, positions); ``shares`` (populations, haplotypes); ``classes`` ``kinds`` (haplotypes,), kind -1
    has no name; ``class_count``. Sides are remembered: a cohort has few different strands.
    """

    vectors: NDArray[np.int16]
    shares: NDArray[np.float64]
    classes: NDArray[np.intp]
    kinds: NDArray[np.intp]
    class_count: int
    _sides: dict[bytes, Side] = field(default_factory=dict)

    def side(self, members: NDArray[np.intp], weight: NDArray[np.float64] | None = None) -> Side:
        """The side of ``members``, each weighed (all alike when ``None``)."""
        key = members.tobytes() if weight is None else b""
        if key and key in self._sides:
            return self._sides[key]
        made = self._side(members, self.shares[:, members] if weight is None else self.shares[:, members] * weight)
        if key:
            self._sides[key] = made
        return made

    def part(self, side: Side, keep: NDArray[np.bool_]) -> Side:
        """Some members of a side, weighed as they are in it."""
        return self._side(side.members[keep], side.mass[:, keep])

    def _side(self, members: NDArray[np.intp], mass: NDArray[np.float64]) -> Side:
        kind = self.kinds[members]
        keep = kind >= 0
        present, place = np.unique(kind[keep], return_inverse=True)
        return Side(
            members, mass, _summed(mass, self.classes[members], self.class_count), present.astype(np.int64),
            _summed(mass[:, keep], place, len(present)),
        )  # fmt: skip


def groups(space: Space, strands: Strands, error: NDArray[np.float64]) -> list[Group]:
    """Every group that what was seen allows; ``error`` (seen,) chance that a genotype is wrong, by its quality."""
    every = np.arange(len(space.vectors))
    half = (strands.one == MISSING) | (strands.two == MISSING)
    if not half.any():
        return list(_with_errors(space, strands, error, every, 1.0))
    known = np.where(strands.one == MISSING, strands.two, strands.one)
    shown = [(int(strands.places[place]), int(known[place])) for place in np.flatnonzero(half) if known[place] >= 0]
    whole = _with_errors(space, strands.take(~half), error[~half], every, 1.0)
    return [part for group in whole for part in _shown_once(space, group, shown)]


def _shown_once(space: Space, group: Group, shown: list[tuple[int, int]]) -> Iterator[Group]:
    """The pairs of a group in which at least one strand shows each of the half genotypes ``shown`` (place, number): for
    haplotypes of one strand that show the same of them, those of the other that show the rest."""
    places, numbers = np.array(shown, np.intp).reshape(-1, 2).T
    one = space.vectors[np.ix_(group.one.members, places)] == numbers
    if group.two is None:
        yield replace(group, one=space.part(group.one, one.all(axis=1)))
        return
    two = space.vectors[np.ix_(group.two.members, places)] == numbers
    kinds, kind = np.unique(one, axis=0, return_inverse=True)
    for number, shows in enumerate(kinds):
        rest = two[:, ~shows].all(axis=1)
        if rest.any():
            yield replace(group, one=space.part(group.one, kind.reshape(-1) == number), two=space.part(group.two, rest))


def _with_errors(
    space: Space, strands: Strands, error: NDArray[np.float64], members: NDArray[np.intp], sign: float
) -> Iterator[Group]:
    """The genotypes as called, and each doubtful heterozygous one as either homozygous; of very many the most doubtful."""
    doubtful = np.flatnonzero(strands.heterozygous & (error > 0))
    doubtful = doubtful[np.argsort(-error[doubtful], kind="stable")][:MOST_DOUBTFUL]
    right = float(np.prod(1 - error[doubtful]))
    yield from _groups(space, strands, error, members, sign * right)
    for place in doubtful.tolist():
        for allele in (strands.one, strands.two):
            one, two = strands.one.copy(), strands.two.copy()
            one[place] = two[place] = allele[place]
            changed = replace(strands, one=one, two=two)
            wrong = right / (1 - float(error[place])) * float(error[place]) / 2
            firm = np.where(np.arange(len(error)) == place, 0, error)
            yield from _groups(space, changed, firm, members, sign * wrong)


def _groups(
    space: Space, strands: Strands, error: NDArray[np.float64], members: NDArray[np.intp], factor: float
) -> Iterator[Group]:
    heterozygous = strands.heterozygous
    members, weight = _homozygous(space.vectors, members, strands, error, ~heterozygous)
    if not len(members):
        return
    if strands.is_haploid or not heterozygous.any():
        side = space.side(members, weight)
        yield Group(side, None if strands.is_haploid else side, factor)
        return
    places = strands.places[heterozygous]
    shown = space.vectors[np.ix_(members, places)]
    straight, turned = shown == strands.one[heterozygous], shown == strands.two[heterozygous]
    open_ = strands.unit[heterozygous]
    if (open_ == open_[0]).all():  # all turn together
        first, second = straight.all(axis=1), turned.all(axis=1)
        if first.any() and second.any():
            # either strand may be first
            yield Group(_side(space, members, weight, first), _side(space, members, weight, second), 2 * factor)
        return
    units, unit = np.unique(open_, return_inverse=True)
    sides = np.zeros((len(members), len(units)), np.int8)
    possible = np.ones(len(members), bool)
    for number in range(len(units)):
        mine = unit == number
        first, second = straight[:, mine].all(axis=1), turned[:, mine].all(axis=1)
        sides[:, number] = np.where(first, 1, 2)
        possible &= first | second
    members, sides = members[possible], sides[possible]
    weight = None if weight is None else weight[possible]
    kinds: dict[bytes, list[int]] = {}
    for place, row in enumerate(sides):
        kinds.setdefault(row.tobytes(), []).append(place)
    for key, mine_ in kinds.items():
        other = kinds.get(bytes(3 - number for number in key))
        if key[0] == 1 and other is not None:
            one, two = np.array(mine_), np.array(other)
            yield Group(_side(space, members, weight, one), _side(space, members, weight, two), 2 * factor)


def _side(space: Space, members: NDArray[np.intp], weight: NDArray[np.float64] | None, some: NDArray[Any]) -> Side:
    return space.side(members[some], None if weight is None else weight[some])


def _homozygous(
    vectors: NDArray[np.int16], members: NDArray[np.intp], strands: Strands, error: NDArray[np.float64],
    same: NDArray[np.bool_],
) -> tuple[NDArray[np.intp], NDArray[np.float64] | None]:  # fmt: skip
    """Members that agree with the positions that show one allele, and how well with the doubtful ones (``None``: fully)."""
    doubtful = same & (error > 0)
    firm = same & ~doubtful
    fits = vectors[np.ix_(members, strands.places[firm])] == strands.one[firm]
    members = members[fits.all(axis=1)]
    if not doubtful.any():
        return members, None
    agrees = vectors[np.ix_(members, strands.places[doubtful])] == strands.one[doubtful]
    chance = error[doubtful] / 2
    return members, np.where(agrees, 1 - chance, chance).prod(axis=1)


def by_class(found: list[Group], space: Space) -> NDArray[np.float64]:
    """(populations, classes, classes) mass of unordered pairs of classes, not normalised.

    The mass of a pair stands at its lower and higher class; a haploid row's at (class, 0).
    """
    table = np.zeros((len(space.shares), space.class_count, space.class_count))
    for group in found:
        if group.two is None:
            table[:, :, 0] += group.sign * group.one.by_class
        else:
            table += group.sign * group.one.by_class[:, :, None] * group.two.by_class[:, None, :]
    if found and found[0].two is None:
        return np.maximum(table, 0)
    return np.maximum(np.triu(table) + np.triu(table.transpose(0, 2, 1), 1), 0)


def _summed(mass: NDArray[np.float64], kind: NDArray[np.intp], count: int) -> NDArray[np.float64]:
    """(populations, count) sums of ``mass`` (populations, members) by kind."""
    return np.stack([np.bincount(kind, row, count) for row in mass])


def normal(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """The table with each population's mass summing to 1, or to 0 where nothing is possible."""
    total = table.reshape(len(table), -1).sum(axis=1)
    scale = np.divide(1, total, out=np.zeros_like(total), where=total > 0)
    return np.asarray(table * scale.reshape(-1, *([1] * (table.ndim - 1))), np.float64)


def pairs(found: list[Group], space: Space) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Unordered pairs of kinds with mass: (pairs, 2) and (populations, pairs), not normalised.

    Haplotypes without a name are left out. The second kind of a haploid row is -1.
    """
    keys: list[NDArray[np.int64]] = []
    masses: list[NDArray[np.float64]] = []
    width = int(space.kinds.max()) + 2
    for group in found:
        one, mass = group.one.kinds, group.one.by_kind
        if group.two is None:
            keys.append(one * width)
            masses.append(group.sign * mass)
            continue
        two = group.two.kinds
        keys.append((np.minimum(one[:, None], two) * width + np.maximum(one[:, None], two) + 1).ravel())
        masses.append((group.sign * mass[:, :, None] * group.two.by_kind[:, None, :]).reshape(len(mass), -1))
    if not keys:
        return np.zeros((0, 2), np.int64), np.zeros((len(space.shares), 0))
    every, place = np.unique(np.concatenate(keys), return_inverse=True)
    summed = np.maximum(_summed(np.concatenate(masses, axis=1), place, len(every)), 0)
    some = summed.max(axis=0) > 0
    every, summed = every[some], summed[:, some]
    return np.stack([every // width, every % width - 1], axis=1), summed


def members_of(found: list[Group]) -> NDArray[np.intp]:
    """Every haplotype that some group has."""
    sides = [side.members for group in found for side in (group.one, group.two) if side is not None]
    return np.unique(np.concatenate(sides)) if sides else np.zeros(0, np.intp)


def error_of(quality: NDArray[np.float32]) -> NDArray[np.float64]:
    """Chance that a genotype is wrong, from its quality in steps (a step's lower edge counts); 0 from 40 or none given."""
    steps = np.floor(np.nan_to_num(quality, nan=99.0) / 10) * 10
    return np.where(steps >= 40, 0.0, 10 ** (-np.maximum(steps, 3) / 10.0))
