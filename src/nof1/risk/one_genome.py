"""The score of people from records: what is seen, what a panel expects instead, how unsure the rest is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nof1.model.allele_codes import Codes
from nof1.model.scores import LAST_SCORED, Fate, Floats, FrequencyPanel, Matching, ScoringFile, TargetVariants
from nof1.risk.matching import MatchingPolicy, match
from nof1.risk.plan_columns import haploid_kind, haploid_weights
from nof1.risk.scoring import expected

UNSEEN = -1


@dataclass(frozen=True, slots=True)
class Genotyped:
    """Variants of people: ``copies`` (alleles, people) beside ``variants.allele``, -1 = none; ``ploidy`` (variants, people).

    ``from_panel`` (variants,): no record of its own; the alleles are a panel's and the genotype, if any, is reference.
    ``bare``: places where people are known to be reference, of unknown letter.
    """

    variants: TargetVariants
    copies: NDArray[np.int8]
    ploidy: NDArray[np.int8]
    from_panel: NDArray[np.bool_]
    bare: Codes


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """One score of one person, row by row: ``fate`` (rows,) as seen in this person; sums and what they rest on.

    ``lowest`` and ``highest``: the sum with the least and the most that every row not seen can add.
    """

    value: float
    variance: float | None
    fate: NDArray[np.uint8]
    imputed: NDArray[np.bool_]
    haploid: int
    left_as_written: int
    lowest: float
    highest: float


def with_panel(
    variants: TargetVariants,
    copies: NDArray[np.int8],
    ploidy: NDArray[np.int8],
    places: Codes,
    reference: NDArray[np.bool_],
    panel: FrequencyPanel | None,
) -> Genotyped:
    """Records, and the panel's variants at the ``places`` that have none; ``reference`` (places, people) as read.

    A block or a declaration says that somebody is reference, and not which letter that is: the panel does.
    """
    if panel is None:
        bare = places[reference.any(axis=1)]
        return Genotyped(variants, copies, ploidy, np.zeros(len(variants), bool), bare)
    alone = places[~np.isin(places, variants.place)]
    theirs = np.flatnonzero(np.isin(panel.variants.place, alone))
    size = np.diff(panel.variants.start)[theirs]
    take = np.repeat(panel.variants.start[theirs] - (np.cumsum(size) - size), size) + np.arange(int(size.sum()))
    start = np.concatenate([variants.start, variants.start[-1] + np.cumsum(size)])
    place = np.concatenate([variants.place, panel.variants.place[theirs]])
    allele = np.concatenate([variants.allele, panel.variants.allele[take]])
    known = reference[np.searchsorted(places, panel.variants.place[theirs])]
    is_first = np.zeros(len(take), bool)
    is_first[np.cumsum(size) - size] = True
    spread = np.repeat(known, size, axis=0)
    added = np.where(spread, np.where(is_first[:, None], 2, 0), UNSEEN).astype(np.int8)
    bare = np.setdiff1d(places[reference.any(axis=1)], panel.variants.place)
    return Genotyped(
        TargetVariants(place, start, allele),
        np.concatenate([copies, added]),
        np.concatenate([ploidy, np.full((len(theirs), ploidy.shape[1]), 2, np.int8)]),
        np.concatenate([np.zeros(len(variants), bool), np.ones(len(theirs), bool)]),
        bare,
    )


def frequencies(score: ScoringFile, places: Codes, panel: FrequencyPanel | None, policy: MatchingPolicy) -> Floats:
    """How often each row's effect allele occurs in the panel, (rows,); NaN where the panel does not say."""
    if panel is None:
        return np.full(len(score), np.nan)
    found = match(score, places, panel.variants, policy)
    return np.where(found.scored, panel.frequency[np.maximum(found.column, 0)], np.nan)


def answer(
    score: ScoringFile,
    places: Codes,
    matched: Matching,
    genotyped: Genotyped,
    frequency: Floats,
    person: int,
    sex: str = "",
    hemizygous: int = 1,
    x_only: tuple[int, int] | None = None,
) -> RowAnswer:
    """The sum of one person, (rows,) by (rows,).

    ``sex``: male, female or empty; ``hemizygous``: how many copies (1 or 2) an allele on the only copy of a chromosome
    counts. Rows of the panel that were not seen add what is expected, with its variance (linkage between variants is
    not counted).
    """
    fate = matched.fate.copy()
    variants = genotyped.variants
    scored = np.flatnonzero(matched.scored)
    column = matched.column[scored]
    variant = np.searchsorted(variants.start, column, "right") - 1
    count = genotyped.copies[column, person].astype(np.int64)
    kind = haploid_kind(variants, variant, x_only)
    single = genotyped.ploidy[variant, person] == 1
    written_twice = ((kind == 1) & (sex == "male") | (kind == 2) | (kind == 3)) & ~single
    count = np.where(written_twice, np.where(count == 1, UNSEEN, count // 2), count)
    single |= written_twice
    seen = count >= 0
    fate[scored[~seen & genotyped.from_panel[variant]]] = Fate.NOT_THERE
    fate[scored[~seen & ~genotyped.from_panel[variant]]] = Fate.NO_GENOTYPE
    fate[(fate == Fate.NOT_THERE) & np.isin(places, genotyped.bare)] = Fate.REFERENCE_UNKNOWN
    weights = score.weights[scored]
    one = haploid_weights(weights[:, None], hemizygous)[:, 0]
    used = np.where(single[:, None], one, weights)
    value = float(used[np.flatnonzero(seen), count[seen]].sum())
    unseen = np.isin(fate, (Fate.NOT_THERE, Fate.NO_GENOTYPE, Fate.OTHER_ALLELES, Fate.REFERENCE_UNKNOWN))
    imputed = unseen & np.isfinite(frequency)
    more, variance = _expected(score, places, imputed, frequency, sex, hemizygous, x_only)
    as_written = int(((kind == 1) & (sex == "") & ~single & seen).sum())
    known = bool(imputed.any()) or (bool(np.isfinite(frequency).any()) and not unseen.any())
    open_ = score.weights[fate > LAST_SCORED]
    low, high = value + float(open_.min(axis=1).sum()), value + float(open_.max(axis=1).sum())
    return RowAnswer(
        value + more, variance if known else None, fate, imputed, int((single & seen).sum()), as_written, low, high
    )


def _expected(
    score: ScoringFile,
    places: Codes,
    rows: NDArray[np.bool_],
    frequency: Floats,
    sex: str,
    hemizygous: int,
    x_only: tuple[int, int] | None,
) -> tuple[float, float]:
    """What the ``rows`` that were not seen are expected to add, and its variance."""
    chosen = np.flatnonzero(rows)
    if not len(chosen):
        return 0.0, 0.0
    alone = TargetVariants(places[chosen], np.arange(len(chosen) + 1), np.zeros(len(chosen), np.int64))
    kind = haploid_kind(alone, np.arange(len(chosen)), x_only)
    single = ((kind == 1) & (sex == "male")) | (kind >= 2)
    weights = score.weights[chosen]
    mean, variance = expected(weights, frequency[chosen])
    one, spread = expected(haploid_weights(weights[:, None], hemizygous)[:, 0], frequency[chosen], 1)
    absent = (kind == 2) & (sex == "female")
    mean = np.where(absent, 0.0, np.where(single, one, mean))
    variance = np.where(absent, 0.0, np.where(single, spread, variance))
    return float(mean.sum()), float(variance.sum())
