"""A gene ready to be weighed: its haplotypes, their names and what pairs of them mean, under the populations asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nof1.knowledge.schema import Gene
from nof1.knowledge.weighing import Certainty
from nof1.model.findings import Diplotype, Phenotype
from nof1.pgx.definition import Definition
from nof1.pgx.haplotypes import Haplotypes, haplotypes
from nof1.pgx.naming import UNNAMED, Naming
from nof1.pgx.phenotype import Meaning
from nof1.pgx.posterior import Group, Side, Space, members_of
from nof1.pgx.priors import prepared

Named = tuple[tuple[tuple[str, ...], ...], int]  # names of haplotypes that nothing tells apart, and how many more


@dataclass
class Weigher:
    """A gene under some populations (indexes into those of the knowledge).

    ``absent_is_reference``: a user says so of every position without a record. It is believed, but it is not seeing.
    """

    gene: Gene
    definition: Definition
    meaning: Meaning
    certainty: Certainty
    asked: tuple[int, ...]
    absent_is_reference: bool = False
    made: dict[tuple[Named, ...], tuple[Diplotype, Phenotype]] = field(default_factory=dict)
    _phenotypes: dict[tuple[int, int], Phenotype | None] = field(default_factory=dict)

    @cached_property
    def naming(self) -> Naming:
        """Names of the gene's haplotypes."""
        return Naming(self.gene, self.definition, self.meaning)

    @cached_property
    def every(self) -> Haplotypes | None:
        """The haplotypes thought possible with shares of every population; ``None`` where nothing is known."""
        ready = prepared(self.gene, self.certainty, self.naming)
        return ready or haplotypes(self.gene, self.definition, self.naming, self.certainty)

    @cached_property
    def known(self) -> Haplotypes | None:
        """The haplotypes thought possible with shares of the populations asked; ``None`` where nothing is known."""
        found = self.every
        if found is None:
            return None
        asked = list(self.asked)
        return Haplotypes(found.vectors, found.shares[asked], found.is_own, found.classes, found.people[asked])

    @cached_property
    def blind(self) -> NDArray[np.intp]:
        """Positions that even a whole-genome panel does not show although alleles that need them are published: that no
        record speaks about one says nothing."""
        frequencies = self.gene.frequencies
        if frequencies is None or frequencies.published is None or frequencies.counted is None:
            return np.zeros(0, np.intp)
        names = [number for number, name in enumerate(self.definition.names) if name in frequencies.published.alleles]
        counted = set(frequencies.counted.positions)
        own = {place for allele, place in self.definition.own if allele in names}
        return np.array(sorted(place for place in own if self.definition.ids[place] not in counted), np.intp)

    @cached_property
    def kinds(self) -> tuple[NDArray[np.intp], list[int]]:
        """(haplotypes,) int: one for each name that has a frequency, one for each meaning of the others, -1 = no name; and
        for each name a haplotype that has it."""
        assert self.known is not None
        kinds = np.full(len(self.known.vectors), -1)
        mine = np.flatnonzero(self.known.is_own & (self.known.classes != UNNAMED))
        same = self.naming.same(self.known.vectors[mine])
        _, first, number = np.unique(same, return_index=True, return_inverse=True)
        kinds[mine] = number
        others = ~self.known.is_own & (self.known.classes != UNNAMED)
        kinds[others] = len(first) + self.known.classes[others]
        return kinds, mine[first].tolist()

    @cached_property
    def space(self) -> Space:
        """The haplotypes as the posterior needs them."""
        assert self.known is not None
        kinds, _ = self.kinds
        return Space(self.known.vectors, self.known.shares, self.known.classes, kinds, len(self.naming.classes))

    def phenotype(self, one: int, two: int) -> Phenotype | None:
        """What a pair of ``naming.classes`` means (``two`` -1: one haplotype alone); ``None`` where one has no name."""
        key = (one, two)
        if key not in self._phenotypes:
            names = [self.naming.classes[number][2] for number in key if number >= 0]
            self._phenotypes[key] = self.meaning.of(names) if UNNAMED not in key else None
        return self._phenotypes[key]


class Names:
    """Names of kinds among the haplotypes of some groups."""

    def __init__(self, gene: Weigher, found: list[Group]) -> None:
        self.gene = gene
        self._found = found
        self._known: dict[int, Named] = {}
        self._members: NDArray[np.intp] | None = None

    def pair(self, kinds: list[int], most: int) -> tuple[Named, ...]:
        """Names of a pair of kinds, or of one alone: those of its own strand where only one way is left."""
        if max(kinds) >= len(self.gene.kinds[1]) and (way := self._only_way(kinds)) is not None:
            return tuple(self._among(kind, side.members, most) for kind, side in zip(kinds, way, strict=True))
        return tuple(self.of(kind, most) for kind in kinds)

    def _only_way(self, kinds: list[int]) -> tuple[Side, ...] | None:
        """The two sides that carry the kinds; ``None`` where they are alike or several groups have both."""
        found: tuple[Side, ...] | None = None
        for group in self._found:
            if group.two is None or group.one is group.two:
                sides = [(group.one,) * len(kinds)]
            else:
                sides = [(group.one, group.two), (group.two, group.one)]
            ways = [way for way in sides if all((side.kinds == kind).any() for kind, side in zip(kinds, way, strict=True))]
            if ways and found is not None:
                return None
            found = ways[0] if ways else found
        return found

    def of(self, kind: int, most: int) -> Named:
        """Names of the haplotypes of ``kind``, likeliest first, at most ``most``; and how many more."""
        if kind not in self._known:
            if self._members is None and kind >= len(self.gene.kinds[1]):
                self._members = members_of(self._found)
            self._known[kind] = self._among(kind, self._members, most)
        return self._known[kind]

    def _among(self, kind: int, members: NDArray[np.intp] | None, most: int) -> Named:
        gene = self.gene
        assert gene.known is not None
        kinds, first = gene.kinds
        if kind < len(first):
            return (gene.naming.names(gene.known.vectors[first[kind]]),), 0
        assert members is not None
        mine = members[kinds[members] == kind]
        mine = mine[np.argsort(-gene.known.shares[:, mine].mean(axis=0), kind="stable")]
        shown = [gene.naming.names(gene.known.vectors[place]) for place in mine[:most].tolist()]
        return tuple(dict.fromkeys(shown)), max(len(mine) - most, 0)
