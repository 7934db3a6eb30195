"""Sums of what effect alleles add, for one person and for many: chunks of genotypes times weights, missing ones expected."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nof1.model.scores import Floats


@dataclass(slots=True)
class Totals:
    """Sums so far: ``value`` and ``variance`` of the unseen part, (people, scores); ``unseen`` genotypes, (people, scores).

    ``variance`` treats variants as independent. ``unknown`` counts missing genotypes for which no frequency was known; they
    add nothing.
    """

    value: Floats
    variance: Floats
    unseen: NDArray[np.int64]
    unknown: NDArray[np.int64]


def no_totals(people: int, scores: int) -> Totals:
    """Sums before anything is added."""
    shape = (people, scores)
    return Totals(np.zeros(shape), np.zeros(shape), np.zeros(shape, np.int64), np.zeros(shape, np.int64))


def expected(weights: Floats, frequency: Floats, copies: int = 2) -> tuple[Floats, Floats]:
    """Mean and variance of what a person adds whose genotype is not known, in Hardy-Weinberg proportions.

    ``weights`` (..., 3): what 0, 1 and 2 counted alleles add; ``frequency`` (...) of the counted allele; ``copies`` of the
    chromosome that the person has. For additive weights the mean is weight x copies x frequency, as PLINK 2 has it.

    >>> mean, variance = expected(np.array([0.0, 0.5, 1.0]), np.array(0.2))
    >>> round(float(mean), 6), round(float(variance), 6)
    (0.2, 0.08)
    """
    rest = 1 - frequency
    if copies == 1:
        shares = np.stack([rest, frequency, np.zeros_like(frequency)], axis=-1)
    else:
        shares = np.stack([rest**2, 2 * frequency * rest, frequency**2], axis=-1)
    mean = (shares * weights).sum(axis=-1)
    variance = (shares * (weights - mean[..., None]) ** 2).sum(axis=-1)
    return mean, variance


def add_chunk(
    totals: Totals,
    dosage: Floats,
    missing: tuple[NDArray[np.intp], NDArray[np.intp]],
    weights: Floats,
    frequency: Floats,
    copies: int = 2,
    people: NDArray[np.intp] | None = None,
) -> None:
    """Add variants to ``totals``.

    ``dosage`` (variants, people) counted alleles 0-2 (0-1 where ``copies`` is 1; between whole numbers what they add is on
    straight lines, as PLINK 2 has it for dominant and recessive weights), 0 where ``missing`` (variants, people
    as two index arrays); ``weights`` (variants, scores, 3); ``frequency`` (variants,) of the counted allele, NaN = not
    known; ``people``: the rows of ``totals`` that the columns are.
    """
    once = weights[:, :, 1] - weights[:, :, 0]
    bend = np.zeros_like(once) if copies == 1 else weights[:, :, 2] - 2 * weights[:, :, 1] + weights[:, :, 0]
    found = dosage.T @ once
    found += weights[:, :, 0].sum(axis=0)
    if (bent := np.flatnonzero(np.abs(bend).max(axis=1, initial=0.0) > 0)).size:
        found += np.maximum(dosage[bent] - 1, 0).T @ bend[bent]
    chosen = slice(None) if people is None else people
    totals.value[chosen] += found
    if missing[0].size:
        _add_missing(totals, missing, weights, frequency, copies, people)


def _add_missing(
    totals: Totals,
    missing: tuple[NDArray[np.intp], NDArray[np.intp]],
    weights: Floats,
    frequency: Floats,
    copies: int,
    people: NDArray[np.intp] | None,
) -> None:
    """What missing genotypes are expected to add; they count as 0 copies so far."""
    variant, column = missing
    row = column if people is None else people[column]
    size = len(totals.value)
    known = np.isfinite(frequency)
    filled = np.where(known, frequency, 0.0)
    for score in range(weights.shape[1]):
        three = weights[:, score]
        matters = np.abs(three).max(axis=1) > 0
        use = matters[variant]
        if not use.any():
            continue
        at, who = variant[use], row[use]
        mean, variance = expected(three, filled, copies)
        gain = np.where(known, mean, 0.0) - three[:, 0]
        totals.value[:, score] += np.bincount(who, gain[at], size)
        totals.variance[:, score] += np.bincount(who, np.where(known, variance, 0.0)[at], size)
        totals.unseen[:, score] += np.bincount(who, minlength=size)
        totals.unknown[:, score] += np.bincount(who[~known[at]], minlength=size)
