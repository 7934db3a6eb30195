"""Scores of many people from a two-allele file that gives dosages in chunks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from nof1.model.scores import Floats
from nof1.risk.plan_columns import ColumnWeights, haploid_weights
from nof1.risk.scoring import Totals, add_chunk, no_totals

Missing = tuple[NDArray[np.intp], NDArray[np.intp]]
Dosages = Callable[[NDArray[np.intp]], tuple[Floats, Missing]]  # numbers of variants -> dosages, missing ones
_CELLS = 3_000_000  # genotypes in one chunk: 24 MB of dosages
MALE, FEMALE = 1, 2


def score_many(
    read: Dosages,
    plan: ColumnWeights,
    kind: NDArray[np.int64],
    sex: NDArray[np.int64],
    hemizygous: int = 1,
    frequency: Floats | None = None,
) -> Totals:
    """Sums for every person, (people, scores).

    ``plan``: variants and what copies of their counted allele add; ``kind`` (variants,) as of ``haploid_kind``; ``sex``
    (people,) 1 male, 2 female, 0 not said; ``frequency`` (variants,) of the counted allele for missing genotypes, by
    default that of the people themselves. Raises ``ValueError`` for fewer than two people without ``frequency``.
    """
    people = len(sex)
    if frequency is None and people < 2:
        raise ValueError("frequencies of one person are no frequencies")
    totals = no_totals(people, plan.weights.shape[1])
    step = max(1, _CELLS // max(people, 1))
    for name in np.unique(kind):
        rows = np.flatnonzero(kind == name)
        for begin in range(0, len(rows), step):
            part = rows[begin : begin + step]
            dosage, missing = read(plan.column[part])
            known = None if frequency is None else frequency[part]
            if name == 0:
                add_chunk(totals, dosage, missing, plan.weights[part], _frequency(dosage, missing, known, 2))
            else:
                _add_haploid(totals, dosage, missing, plan.weights[part], int(name), sex, hemizygous, known)
    return totals


def _frequency(dosage: Floats, missing: Missing, known: Floats | None, copies: float) -> Floats:
    """Frequency of the counted allele: as known, or counted among those who have a genotype."""
    if known is not None:
        return known
    seen = dosage.shape[1] - np.bincount(missing[0], minlength=len(dosage))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(seen > 0, dosage @ np.ones(dosage.shape[1]) / (copies * seen), np.nan)


def _add_haploid(
    totals: Totals,
    dosage: Floats,
    missing: Missing,
    weights: Floats,
    kind: int,
    sex: NDArray[np.int64],
    hemizygous: int,
    known: Floats | None,
) -> None:
    """Variants of which some people have one copy: written as two equal ones; two different ones count as missing."""
    one = sex == MALE if kind == 1 else (sex != FEMALE if kind == 2 else np.ones(len(sex), bool))
    absent = np.zeros(dosage.shape, bool)
    absent[missing] = True
    absent |= one & (dosage == 1)
    copies = np.where(one, 1.0, 2.0)
    counted = np.where(absent, 0.0, np.where(one, dosage / 2, dosage))
    if known is None:
        chromosomes = np.where(absent, 0.0, copies).sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            known = np.where(chromosomes > 0, counted.sum(axis=1) / chromosomes, np.nan)
    for single in (True, False):
        people = np.flatnonzero(one == single)
        if not len(people) or (kind == 2 and not single):  # nobody without a Y has a genotype on it
            continue
        chosen = haploid_weights(weights, hemizygous) if single else weights
        variant, column = np.nonzero(absent[:, people])
        add_chunk(totals, counted[:, people], (variant, column), chosen, known, 1 if single else 2, people)
