"""Rows of a scoring file to the variants of a genome: by place, then by allele, with what became of every row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nof1.model.allele_codes import ANY_OTHER, NO_SEQUENCE, Codes, complement, is_single
from nof1.model.scores import LAST_SCORED, Fate, Floats, Matching, ScoringFile, TargetVariants

Index = NDArray[np.intp]
_UNFLIPPED = {"ref": Fate.REFALT, "alt": Fate.ALTREF, "both": Fate.ALTALT}
_FLIPPED = {"ref": Fate.REFALT_FLIP, "alt": Fate.ALTREF_FLIP, "both": Fate.ALTALT_FLIP}


@dataclass(frozen=True, slots=True)
class MatchingPolicy:
    """How rows are matched.

    ``ambiguous``: ``exclude`` A/T and C/G variants, whose letters do not tell the strand, or take them as on the ``forward``
    strand. ``flips``: whether other single letters may be matched on the other strand. ``minimum_overlap``: share of
    rows that must be scored.
    """

    ambiguous: str = "exclude"
    flips: bool = True
    minimum_overlap: float = 0.75


@dataclass(frozen=True, slots=True)
class _Pairs:
    """A row beside a variant at its place and one of its other alleles: (pairs,) each."""

    row: Index
    variant: Index
    effect: Codes
    other: Codes

    def only(self, chosen: NDArray[np.bool_]) -> _Pairs:
        return _Pairs(self.row[chosen], self.variant[chosen], self.effect[chosen], self.other[chosen])


def match(score: ScoringFile, places: Codes, target: TargetVariants, policy: MatchingPolicy) -> Matching:
    """What becomes of each row of ``score`` at ``places`` (rows,) among the variants of ``target``.

    Of several ways that one row could be read the first of ``Fate`` counts. Two rows that name the same pair of alleles
    of one variant are both left out.

    >>> import numpy as np
    >>> from nof1.model.scores import ScoreAbout
    >>> n = np.zeros
    >>> score = ScoringFile(ScoreAbout("S"), n(1, int), n(1, int), n(1, int), np.array([4]), np.array([5]), {}, n((1, 3)),
    ...     n(1, np.uint8), ("",), n(1))
    >>> target = TargetVariants(np.array([9]), np.array([0, 2]), np.array([5, 4]))
    >>> found = match(score, np.array([9]), target, MatchingPolicy())
    >>> Fate(found.fate[0]).name, found.column.tolist()
    ('ALTREF', [1])
    """
    fate = score.refused.copy()
    fate[(fate == 0) & (places == 0)] = Fate.NO_POSITION
    open_ = fate == 0
    pairs = _pairs(score, places, target, open_)
    fate[open_] = Fate.NOT_THERE
    fate[pairs.row] = Fate.OTHER_ALLELES
    column = np.full(len(score), -1, np.int64)
    _read(pairs, target, policy, fate, column)
    _leave_out_doubled(score, target, fate, column)
    column[fate > LAST_SCORED] = -1
    return Matching(fate, column)


def _pairs(score: ScoringFile, places: Codes, target: TargetVariants, open_: NDArray[np.bool_]) -> _Pairs:
    rows = np.flatnonzero(open_)
    others = score.other[rows]
    several = [(row, code) for row, codes in score.others.items() if open_[row] for code in codes[1:]]
    if several:
        rows = np.concatenate([rows, np.array([row for row, _ in several])])
        others = np.concatenate([others, np.array([code for _, code in several])])
    order = np.argsort(target.place, kind="stable")
    sorted_places = target.place[order]
    first = np.searchsorted(sorted_places, places[rows], "left")
    count = np.searchsorted(sorted_places, places[rows], "right") - first
    each = np.repeat(np.arange(len(rows)), count)
    begins = np.cumsum(count) - count
    variant = order[np.repeat(first - begins, count) + np.arange(len(each))]
    return _Pairs(rows[each], variant, score.effect[rows[each]], others[each])


def _allele_at(target: TargetVariants, variant: Index, wanted: Codes) -> Codes:
    """The column of ``wanted`` among the alleles of each variant, (pairs,); -1 where it has it not."""
    start, end = target.start[variant], target.start[variant + 1]
    found = np.full(len(variant), -1, np.int64)
    for step in range(int((end - start).max(initial=0))):
        here = start + step
        fits = (here < end) & (wanted != NO_SEQUENCE) & (found < 0)
        fits[fits] = target.allele[here[fits]] == wanted[fits]
        found[fits] = here[fits]
    return found


def _open_column(target: TargetVariants, variant: Index) -> Codes:
    """The column of "any other allele" of each variant, (pairs,); -1 where the variant has none."""
    last = target.start[variant + 1] - 1
    return np.where(target.allele[last] == ANY_OTHER, last, -1)


def _read(pairs: _Pairs, target: TargetVariants, policy: MatchingPolicy, fate: NDArray[np.uint8], column: Codes) -> None:
    """Sets the fate and the column of rows that fit, in the order of preference."""
    given = pairs.other != NO_SEQUENCE
    alone = pairs.only(~given)
    pairs = pairs.only(given)
    ambiguous = complement(pairs.effect) == pairs.other
    ambiguous &= is_single(pairs.effect)
    for flipped in (False, True) if policy.flips else (False,):
        effect, other = (complement(pairs.effect), complement(pairs.other)) if flipped else (pairs.effect, pairs.other)
        mine, its = _columns(target, pairs.variant, effect, other, named=flipped)
        fits = (mine >= 0) & (its >= 0) & (mine != its)
        start = target.start[pairs.variant]
        sure = fits & ~ambiguous
        if policy.ambiguous == "forward" and not flipped:
            sure = fits
        fates = _FLIPPED if flipped else _UNFLIPPED
        for kind, is_it in (
            ("ref", mine == start), ("alt", its == start), ("both", (mine != start) & (its != start)),
        ):  # fmt: skip
            _settle(pairs, sure & is_it, fates[kind], mine, fate, column)
        told = fits & ambiguous & ~sure
        _mark(pairs.row[told], Fate.AMBIGUOUS, fate)
    _read_alone(alone, target, policy, fate, column)


def _columns(target: TargetVariants, variant: Index, effect: Codes, other: Codes, *, named: bool) -> tuple[Codes, Codes]:
    """Columns of both alleles; unless both must be ``named``, one may be any allele that the record leaves open."""
    mine, its = _allele_at(target, variant, effect), _allele_at(target, variant, other)
    if named:
        return mine, its
    spare = _open_column(target, variant)
    start = target.start[variant]
    unseen = (effect != NO_SEQUENCE) & (other != NO_SEQUENCE) & (spare >= 0)
    return (
        np.where(unseen & (mine < 0) & (its == start), spare, mine),
        np.where(unseen & (its < 0) & (mine == start), spare, its),
    )


def _read_alone(
    alone: _Pairs, target: TargetVariants, policy: MatchingPolicy, fate: NDArray[np.uint8], column: Codes
) -> None:
    """Rows without another allele: their own allele must be named by the record."""
    mine = _allele_at(target, alone.variant, alone.effect)
    start = target.start[alone.variant]
    two = target.start[alone.variant + 1] - start == 2
    ambiguous = two & (complement(target.allele[start]) == target.allele[np.minimum(start + 1, len(target.allele) - 1)])
    ambiguous &= is_single(target.allele[start])
    sure = (mine >= 0) & ~ambiguous if policy.ambiguous != "forward" else mine >= 0
    _settle(alone, sure & (mine == start), Fate.NO_OTHER_REF, mine, fate, column)
    _settle(alone, sure & (mine > start), Fate.NO_OTHER_ALT, mine, fate, column)
    _mark(alone.row[(mine >= 0) & ~sure], Fate.AMBIGUOUS, fate)


def _mark(rows: Index, what: Fate, fate: NDArray[np.uint8]) -> None:
    """Rows that nothing fits yet become ``what``."""
    fate[rows[fate[rows] == Fate.OTHER_ALLELES]] = what


def _settle(pairs: _Pairs, fits: NDArray[np.bool_], what: Fate, mine: Codes, fate: NDArray[np.uint8], column: Codes) -> None:
    """Rows that fit in the way ``what`` and in no better one; several records that fit equally leave the row out."""
    better = fits & ((fate[pairs.row] > LAST_SCORED) | (fate[pairs.row] == 0)) & (fate[pairs.row] != Fate.SEVERAL)
    rows, columns = pairs.row[better], mine[better]
    if not len(rows):
        return
    if (np.diff(rows) > 0).all():  # no row fits twice
        fate[rows], column[rows] = int(what), columns
        return
    both = np.unique(np.stack([rows, columns], axis=1), axis=0)
    found, counts = np.unique(both[:, 0], return_counts=True)
    fate[found] = np.where(counts > 1, int(Fate.SEVERAL), int(what))
    column[both[:, 0]] = both[:, 1]


def _leave_out_doubled(score: ScoringFile, target: TargetVariants, fate: NDArray[np.uint8], column: Codes) -> None:
    """Rows that land on the same variant with the same pair of alleles (or one of them without another) are left out."""
    rows = np.flatnonzero(fate <= LAST_SCORED)
    if not len(rows):
        return
    variant = np.searchsorted(target.start, column[rows], "right") - 1
    if (np.bincount(variant) <= 1).all():
        return
    flipped = np.isin(fate[rows], [Fate.REFALT_FLIP, Fate.ALTREF_FLIP, Fate.ALTALT_FLIP])
    pair = np.stack([score.effect[rows], score.other[rows]])
    pair = np.where(flipped, complement(pair), pair)
    pair.sort(axis=0)
    biallelic = target.start[variant + 1] - target.start[variant] == 2
    keys = np.stack([variant, *np.where(biallelic, -1, pair)], axis=1)
    _, inverse, counts = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    fate[rows[counts[inverse.ravel()] > 1]] = Fate.DUPLICATE


def overlap(matching: Matching) -> float:
    """Share of a score's rows that are scored."""
    return float(matching.scored.mean()) if len(matching.fate) else 0.0


def weight_share(score: ScoringFile, chosen: NDArray[np.bool_]) -> float:
    """Share of the sum of absolute weights that lies on the rows ``chosen``; the largest change of a row is its weight."""
    size: Floats = np.abs(score.weights - score.weights[:, :1]).max(axis=1)
    total = float(size.sum())
    return float(size[chosen].sum()) / total if total else 0.0
