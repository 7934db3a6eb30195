"""Which allele, or alleles, a whole haplotype is called by, and what it means."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nof1.knowledge.schema import Gene
from nof1.model.bases import IUPAC
from nof1.pgx.definition import Definition
from nof1.pgx.lowest_function import alleles_on
from nof1.pgx.phenotype import Meaning, rank

UNNAMED = 0  # the class of a haplotype that no allele's name covers


@dataclass
class Naming:
    """Names haplotypes of one gene.

    ``classes``: what haplotypes can mean, (function, activity) with an allele that shows it; the first is "no name".
    """

    gene: Gene
    definition: Definition
    meaning: Meaning
    classes: list[tuple[str, str, str]] = field(default_factory=lambda: [("", "", "")])
    _names: dict[bytes, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_additive(self) -> bool:
        """Whether alleles are single variants, several of which may lie on one strand."""
        return "lowest_function" in self.definition.call.methods

    @cached_property
    def accepts(self) -> NDArray[np.bool_]:
        """(alleles, positions, texts) bool over the documented texts."""
        rows = {row.id: row for row in self.gene.positions}
        texts = [(rows[identifier].ref, *rows[identifier].alts) for identifier in self.definition.ids]
        width = max((len(known) for known in texts), default=1)
        table = np.zeros((len(self.definition.names), len(texts), width), bool)
        for place, known in enumerate(texts):
            table[:, place, known.index(self.definition.fill[place])] = True
        for (allele, place), value in self.definition.own.items():
            options = (*IUPAC.get(value, ""), value)
            table[allele, place] = [text in options for text in texts[place]] + [False] * (width - len(texts[place]))
        return table

    def names(self, vector: NDArray[np.int16]) -> tuple[str, ...]:
        """The alleles of one haplotype (positions,), as shown; empty for none."""
        key = vector.tobytes()
        if key not in self._names:
            self._names[key] = self._additive(vector) if self.is_additive else self._exact(vector)
        return self._names[key]

    def classes_of(self, vectors: NDArray[np.int16]) -> NDArray[np.intp]:
        """(haplotypes,) int into ``classes``."""
        best = self._lowest(vectors) if self.is_additive else self._best(vectors)
        known = {-1: UNNAMED}
        for allele in np.unique(best).tolist():
            if allele >= 0:
                known[allele] = self._class(self.definition.shown[allele])
        return np.array([known[allele] for allele in best.tolist()], np.intp)

    def is_simple(self, vectors: NDArray[np.int16]) -> NDArray[np.bool_]:
        """(haplotypes,) bool: one allele's name covers the haplotype."""
        return self._best(vectors) >= 0

    def _class(self, name: str) -> int:
        key = (self.meaning.function(name), self.meaning.activity(name))
        for number, (function, activity, allele) in enumerate(self.classes):
            if allele and (function, activity) == key:
                return number
        self.classes.append((*key, name))
        return len(self.classes) - 1

    def _best(self, vectors: NDArray[np.int16]) -> NDArray[np.intp]:
        """The allele of highest score that accepts every position, -1 for none."""
        return np.array([self._best_of(vector) for vector in vectors], np.intp)

    def _best_of(self, vector: NDArray[np.int16]) -> int:
        fits = np.flatnonzero(self.accepts[:, np.arange(len(vector)), vector].all(axis=1))
        if not len(fits):
            return -1
        penalty = (self.definition.wobbles[fits] & (vector == 0)).sum(axis=1)
        return int(fits[np.argmax(self.definition.defined[fits].sum(axis=1) - penalty)])

    def _exact(self, vector: NDArray[np.int16]) -> tuple[str, ...]:
        best = self._best_of(vector)
        return () if best < 0 else (self.definition.shown[best],)

    def same(self, vectors: NDArray[np.int16]) -> NDArray[np.intp]:
        """(haplotypes,) int: equal numbers have equal names."""
        if not self.is_additive:
            return self._best(vectors)
        carried = np.stack([self._carries(allele, vectors) for allele in range(len(self.definition.names))], axis=1)
        carried[:, self.definition.reference] = False
        return np.unique(np.packbits(carried, axis=1), axis=0, return_inverse=True)[1].reshape(-1)

    def _lowest(self, vectors: NDArray[np.int16]) -> NDArray[np.intp]:
        """The carried allele that decides a strand; the reference where none is carried."""
        definition = self.definition
        best = np.full(len(vectors), definition.reference)
        settled = np.zeros(len(vectors), bool)
        for allele in self._order:
            if allele != definition.reference:
                carried = self._carries(allele, vectors) & ~settled
                best[carried] = allele
                settled |= carried
        return best

    def _carries(self, allele: int, vectors: NDArray[np.int16]) -> NDArray[np.bool_]:
        """(haplotypes,) bool: shows the allele at every position that defines it."""
        mine, own = self._shown[allele]
        if len(mine) == 1:
            return np.asarray(vectors[:, mine[0]] == own[0], np.bool_)
        return np.asarray((vectors[:, mine] == own).all(axis=1) & bool(len(mine)), np.bool_)

    @cached_property
    def _order(self) -> list[int]:
        """Alleles, those that decide a strand first."""
        names = self.definition.shown
        return sorted(range(len(names)), key=lambda allele: rank(self.meaning, names[allele]))

    @cached_property
    def _shown(self) -> list[tuple[NDArray[np.intp], NDArray[np.int16]]]:
        """For each allele its defining positions and the number it shows there."""
        numbers = self.accepts.argmax(axis=2).astype(np.int16)
        places = [np.flatnonzero(row) for row in self.definition.defined]
        return [(mine, numbers[allele, mine]) for allele, mine in enumerate(places)]

    def _additive(self, vector: NDArray[np.int16]) -> tuple[str, ...]:
        definition = self.definition
        marker = definition.call.paired_marker
        apart = {marker.both, marker.deciding_only} if marker else set()
        accepts = self.accepts & ~np.isin(definition.names, sorted(apart))[:, None, None]
        places = np.arange(len(vector))
        names = alleles_on(definition, accepts, places, vector, definition if marker else None)
        return names if all(self.meaning.known(name) for name in names) else ()
