"""A gene's allele definitions as arrays, cut to what a genotype table can show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nof1.knowledge.schema import Calling, Gene
from nof1.model.bases import IUPAC
from nof1.model.genome import GenotypeBlock


@dataclass(frozen=True)
class Definition:
    """Alleles of a gene over its used positions.

    ``ids``      (positions,) position ids
    ``columns``  (positions,) int, where each stands among the loci of a genotype block
    ``names``    (alleles,) ; ``shown`` (alleles,) names as reported ; ``reference`` index of the reference allele
    ``defined``  (alleles, positions) bool, the position is part of the allele's definition
    ``wobbles``  (alleles, positions) bool, the definition allows more than one base there
    ``fill``     (positions,) what an allele shows where it defines nothing else
    ``own``      {(allele, position): text} what an allele shows instead of ``fill``
    ``documented`` (positions,) int16, number of documented allele texts
    """

    gene: str
    call: Calling
    ids: tuple[str, ...]
    columns: NDArray[np.intp]
    names: tuple[str, ...]
    shown: tuple[str, ...]
    reference: int
    defined: NDArray[np.bool_]
    wobbles: NDArray[np.bool_]
    fill: tuple[str, ...]
    own: dict[tuple[int, int], str]
    documented: NDArray[np.int16]

    def accepts(self, block: GenotypeBlock) -> NDArray[np.bool_]:
        """(alleles, positions, texts) bool: does the allele accept the locus' text of that number?"""
        known = [block.alleles[column] for column in self.columns]
        width = max((len(texts) for texts in known), default=1)
        filled = np.zeros((len(self.ids), width), bool)
        for place, texts in enumerate(known):
            filled[place, texts.index(self.fill[place])] = True
        table = np.repeat(filled[None], len(self.names), axis=0)
        for (allele, place), value in self.own.items():
            options = _options(value)
            table[allele, place] = [text in options for text in known[place]] + [False] * (width - len(known[place]))
        return table

    def place(self, identifier: str) -> int:
        """Index of a position by id; -1 when it is not a used position."""
        return self.ids.index(identifier) if identifier in self.ids else -1


def define(gene: Gene) -> Definition:
    """The definition of ``gene``; raises nothing for knowledge that was loaded."""
    columns = [row for row in gene.positions if row.used != "no"]
    used = [(number, row) for number, row in enumerate(columns) if row.used == "yes"]
    places = {row.id: place for place, (_, row) in enumerate(used)}
    rows = [row for row in gene.alleles if row.used == "yes" and row.variants != "outside"]
    parsed = [_variants(row.variants) for row in rows]
    reference = next(number for number, (words, _) in enumerate(parsed) if "reference" in words)
    defined = np.zeros((len(rows), len(used)), bool)
    wobbles = np.zeros_like(defined)
    own: dict[tuple[int, int], str] = {}
    for number, (words, variants) in enumerate(parsed):
        defined[number] = bool(words & {"reference", "all"})
        for identifier, text in variants.items():
            if (place := places.get(identifier)) is not None:
                defined[number, place] = True
                wobbles[number, place] = text in IUPAC
                own[number, place] = text
    fill = [own.get((reference, place), row.ref) for place, (_, row) in enumerate(used)]
    return Definition(
        gene.file.gene,
        gene.file.call,
        tuple(places),
        np.array([number for number, _ in used], np.intp),
        tuple(row.name for row in rows),
        tuple(row.shown_as or row.name for row in rows),
        reference,
        defined,
        wobbles,
        tuple(row.ref if text in IUPAC else text for text, (_, row) in zip(fill, used, strict=True)),
        own,
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
    return frozenset(IUPAC[value]) | {value} if value in IUPAC else frozenset({value})
