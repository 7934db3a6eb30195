"""From matched rows to weights of the alleles that a file counts: which to read, and what each adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nof1.model.allele_codes import MITOCHONDRION, Codes, X, Y, chromosomes, positions
from nof1.model.scores import Floats, Matching, ScoringFile, TargetVariants


@dataclass(frozen=True, slots=True)
class ColumnWeights:
    """Alleles to count: ``column`` (columns,) among the flat alleles of a target; ``weights`` (columns, scores, 3)."""

    column: Codes
    weights: Floats


def by_allele(scores: Sequence[ScoringFile], matched: Sequence[Matching]) -> ColumnWeights:
    """What 0, 1 and 2 copies of each matched allele add to each score; an allele stands once."""
    wanted = [matching.column[matching.scored] for matching in matched]
    column = np.unique(np.concatenate([np.zeros(0, np.int64), *wanted]))
    weights = np.zeros((len(column), len(scores), 3))
    for number, (score, matching, columns) in enumerate(zip(scores, matched, wanted, strict=True)):
        np.add.at(weights[:, number], np.searchsorted(column, columns), score.weights[matching.scored])
    return ColumnWeights(column, weights)


def by_second_allele(alleles: ColumnWeights) -> ColumnWeights:
    """The same for a target of two alleles a variant of which only the second one is counted, by number of the variant.

    What k copies of the first allele add, 2 - k copies of the second one do.
    """
    variant = np.unique(alleles.column >> 1)
    weights = np.zeros((len(variant), *alleles.weights.shape[1:]))
    second = (alleles.column & 1).astype(bool)
    where = np.searchsorted(variant, alleles.column >> 1)
    np.add.at(weights, where[second], alleles.weights[second])
    np.add.at(weights, where[~second], alleles.weights[~second][:, :, ::-1])
    return ColumnWeights(variant, weights)


def haploid_weights(weights: Floats, hemizygous: int) -> Floats:
    """Weights for one copy of a chromosome, on which a carried allele counts as ``hemizygous`` (1 or 2) copies."""
    made = weights.copy()
    made[:, :, 1] = weights[:, :, hemizygous]
    made[:, :, 2] = made[:, :, 1]
    return made


def haploid_kind(target: TargetVariants, variant: Codes, x_only: tuple[int, int] | None) -> NDArray[np.int64]:
    """(variants,) 0 where everybody has two copies, 1 on X outside ``x_only``'s surroundings, 2 on Y, 3 in mitochondria.

    ``x_only``: first and last base of X between its pseudoautosomal regions; ``None``: all of X.
    """
    place = target.place[variant]
    chromosome, position = chromosomes(place), positions(place)
    low, high = x_only or (0, 1 << 40)
    kind = np.where((chromosome == X) & (position >= low) & (position <= high), 1, 0)
    return np.where(chromosome == Y, 2, np.where(chromosome == MITOCHONDRION, 3, kind))
