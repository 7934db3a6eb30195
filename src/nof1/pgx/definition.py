"""A gene's allele definitions as arrays, cut to what a genotype table can show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nof1.knowledge.schema import Calling, Gene
from nof1.model.genome import GenotypeBlock

_WOBBLE = {
    "R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC",
    "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT",
}  # fmt: skip


@dataclass(frozen=True)
class Definition:
    """Alleles of a gene over its used positions.

    ``ids``      (positions,) position ids
    ``columns``  (positions,) int, where each stands among the loci of a genotype block
    ``names``    (alleles,) ; ``shown`` (alleles,) names as reported ; ``reference`` index of the reference allele
    ``defined``  (alleles, positions) bool, the position is part of the allele's definition
    ``values``   (alleles, positions) allele text after filling with the reference
    """

    gene: str
    call: Calling
    ids: tuple[str, ...]
    columns: NDArray[np.intp]
    names: tuple[str, ...]
    shown: tuple[str, ...]
    reference: int
    defined: NDArray[np.bool_]
    values: tuple[tuple[str, ...], ...]
    refs: tuple[str, ...]
    documented: NDArray[np.int16]

    def accepts(self, block: GenotypeBlock) -> NDArray[np.bool_]:
        """(alleles, positions, texts) bool: does the allele accept the locus' text of that number?"""
        texts = max((len(block.alleles[column]) for column in self.columns), default=1)
        table = np.zeros((len(self.names), len(self.ids), texts), bool)
        for place, column in enumerate(self.columns):
            known = block.alleles[column]
            memory: dict[str, list[int]] = {}
            for allele, values in enumerate(self.values):
                value = values[place]
                if value not in memory:
                    options = _options(value)
                    memory[value] = [number for number, text in enumerate(known) if text in options]
                table[allele, place, memory[value]] = True
        return table

    def wobbles(self) -> NDArray[np.bool_]:
        """(alleles, positions) bool: the definition allows more than one base there."""
        return np.array([[value in _WOBBLE for value in values] for values in self.values], bool).reshape(self.defined.shape)

    def place(self, identifier: str) -> int:
        """Index of a position by id; -1 when it is not a used position."""
        return self.ids.index(identifier) if identifier in self.ids else -1


def define(gene: Gene, without: frozenset[str] = frozenset()) -> Definition:
    """The definition of ``gene``, leaving out the alleles named in ``without`` and the positions only they define."""
    columns = [row for row in gene.positions if row.used != "no"]
    used = [(number, row) for number, row in enumerate(columns) if row.used == "yes"]
    rows = [row for row in gene.alleles if row.used == "yes" and row.variants != "outside" and row.name not in without]
    parsed = [_variants(row.variants) for row in rows]
    if without:
        kept = {identifier for _, variants in parsed for identifier in variants}
        used = [(number, row) for number, row in used if row.id in kept]
    reference = next(number for number, (words, _) in enumerate(parsed) if "reference" in words)
    fill = [parsed[reference][1].get(row.id, row.ref) for _, row in used]
    fill = [row.ref if text in _WOBBLE else text for text, (_, row) in zip(fill, used, strict=True)]
    defined = np.zeros((len(rows), len(used)), bool)
    values: list[tuple[str, ...]] = []
    for number, (words, variants) in enumerate(parsed):
        whole = bool(words & {"reference", "all"})
        defined[number] = [whole or row.id in variants for _, row in used]
        values.append(tuple(variants.get(row.id, text) for (_, row), text in zip(used, fill, strict=True)))
    return Definition(
        gene.file.gene,
        gene.file.call,
        tuple(row.id for _, row in used),
        np.array([number for number, _ in used], np.intp),
        tuple(row.name for row in rows),
        tuple(row.shown_as or row.name for row in rows),
        reference,
        defined,
        tuple(values),
        tuple(row.ref for _, row in used),
        np.array([1 + len(row.alts) for _, row in used], np.int16),
    )


def _variants(text: str) -> tuple[frozenset[str], dict[str, str]]:
    words, variants = set(), {}
    for token in text.split():
        identifier, colon, allele = token.rpartition(":")
        if colon:
            variants[identifier] = allele
        else:
            words.add(token)
    return frozenset(words), variants


def _options(value: str) -> frozenset[str]:
    return frozenset(_WOBBLE[value]) | {value} if value in _WOBBLE else frozenset({value})
