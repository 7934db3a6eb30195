"""Rows of scoring files against variants: what fits, in which order, and why a row is left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.model.allele_codes import ANY_OTHER, AlleleCodes, letters, place
from nof1.model.scores import LAST_SCORED, Fate, Matching, ScoreAbout, ScoringFile, TargetVariants
from nof1.risk.matching import MatchingPolicy, match, weight_share

CODES = AlleleCodes()
Row = tuple[int, str, str]  # position, effect allele, other alleles with /


def scoring(rows: Sequence[Row]) -> tuple[ScoringFile, np.ndarray]:
    count = len(rows)
    places = np.array([place(1, position) for position, _, _ in rows])
    others = {at: tuple(CODES.of(other.split("/")).tolist()) for at, (_, _, other) in enumerate(rows) if "/" in other}
    other = CODES.of([other.split("/")[0] for _, _, other in rows])
    weights = np.array([[0.0, 1.0, 2.0]] * count).reshape(count, 3)
    nothing = np.zeros(count, np.int64)
    made = ScoringFile(
        ScoreAbout("S"), np.arange(count), places, nothing, CODES.of([effect for _, effect, _ in rows]), other, others, weights,
        nothing.astype(np.uint8), ("",) * count, np.full(count, np.nan),
    )  # fmt: skip
    return made, places


def target(variants: Sequence[tuple[int, str]]) -> TargetVariants:
    alleles = [[ANY_OTHER if text == "*" else CODES[text] for text in texts.split(",")] for _, texts in variants]
    start = np.cumsum([0, *map(len, alleles)])
    return TargetVariants(
        np.array([place(1, at) for at, _ in variants]), start, np.array([one for all_ in alleles for one in all_])
    )


def found(rows: Sequence[Row], variants: Sequence[tuple[int, str]], policy: MatchingPolicy | None = None) -> Matching:
    score, places = scoring(rows)
    return match(score, places, target(variants), policy or MatchingPolicy())


@pytest.mark.parametrize(
    ("row", "alleles", "fate", "column"),
    [
        ((5, "A", "G"), "A,G", Fate.REFALT, 0),
        ((5, "G", "A"), "A,G", Fate.ALTREF, 1),
        ((5, "T", "C"), "A,G", Fate.REFALT_FLIP, 0),
        ((5, "C", "T"), "A,G", Fate.ALTREF_FLIP, 1),
        ((5, "A", ""), "A,G", Fate.NO_OTHER_REF, 0),
        ((5, "G", ""), "A,G", Fate.NO_OTHER_ALT, 1),
        ((5, "G", ""), "C,G", Fate.AMBIGUOUS, -1),
        ((5, "A", "T"), "A,T", Fate.AMBIGUOUS, -1),
        ((5, "G", "C"), "C,G", Fate.AMBIGUOUS, -1),
        ((5, "G", "A"), "A,C,G", Fate.ALTREF, 2),  # by number of the allele, not the first alternative
        ((5, "G", "C"), "A,C,G", Fate.AMBIGUOUS, -1),
        ((5, "T", "C"), "G,T,C", Fate.ALTALT, 1),
        ((5, "A", "C/G"), "G,A", Fate.ALTREF, 1),
        ((5, "A", "C/T"), "G,A", Fate.OTHER_ALLELES, -1),
        ((5, "C", "A"), "A,*", Fate.ALTREF, 1),  # a reference record: nobody carries C
        ((5, "A", "C"), "A,*", Fate.REFALT, 0),
        ((5, "C", "A"), "A,G,*", Fate.ALTREF, 2),
        ((5, "C", "T"), "A,G,*", Fate.ALTREF_FLIP, 1),
        ((5, "A", "C"), "G,*", Fate.OTHER_ALLELES, -1),  # an open allele is not flipped
        ((5, "AT", "A"), "A,AT", Fate.ALTREF, 1),
        ((5, "TA", "T"), "A,AT", Fate.OTHER_ALLELES, -1),  # no flips of insertions
        ((6, "A", "G"), "A,G", Fate.NOT_THERE, -1),
        ((5, "A", "C"), "A,G", Fate.OTHER_ALLELES, -1),
    ],
)
def test_a_row_and_a_variant(row: Row, alleles: str, fate: Fate, column: int) -> None:
    made = found([row], [(5, alleles)])
    assert Fate(made.fate[0]) == fate
    assert made.column[0] == column


def test_ambiguous_letters_as_written() -> None:
    made = found([(5, "A", "T"), (6, "C", "")], [(5, "T,A"), (6, "C,G")], MatchingPolicy(ambiguous="forward"))
    assert [Fate(code) for code in made.fate] == [Fate.ALTREF, Fate.NO_OTHER_REF]
    assert made.column.tolist() == [1, 2]


def test_flips_can_be_forbidden() -> None:
    assert Fate(found([(5, "T", "C")], [(5, "A,G")], MatchingPolicy(flips=False)).fate[0]) == Fate.OTHER_ALLELES


def test_two_rows_on_one_variant_are_both_left_out() -> None:
    made = found([(5, "A", "G"), (5, "G", "A"), (6, "A", "G")], [(5, "A,G"), (6, "A,G")])
    assert [Fate(code) for code in made.fate] == [Fate.DUPLICATE, Fate.DUPLICATE, Fate.REFALT]
    flipped = found([(5, "A", "G"), (5, "C", "T")], [(5, "A,G")])
    assert [Fate(code) for code in flipped.fate] == [Fate.DUPLICATE, Fate.DUPLICATE]


def test_two_alternatives_of_one_variant_are_two_variants() -> None:
    made = found([(5, "C", "A"), (5, "G", "A")], [(5, "A,C,G")])
    assert [Fate(code) for code in made.fate] == [Fate.ALTREF, Fate.ALTREF]
    assert made.column.tolist() == [1, 2]


def test_several_records_that_fit_equally_leave_a_row_out() -> None:
    assert Fate(found([(5, "A", "G")], [(5, "A,G"), (5, "A,G")]).fate[0]) == Fate.SEVERAL


def test_records_of_one_place_are_told_apart_by_their_alleles() -> None:
    made = found([(5, "A", "G"), (5, "GT", "G")], [(5, "G,A"), (5, "G,GT")])
    assert [Fate(code) for code in made.fate] == [Fate.ALTREF, Fate.ALTREF]
    assert made.column.tolist() == [1, 3]


BASE = st.sampled_from("ACGT")


@given(st.lists(st.tuples(st.integers(1, 6), BASE, BASE), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_variants_does_not_matter(rows: list[Row], shuffler: object) -> None:
    variants = [(at, alleles) for at, alleles in zip(range(1, 7), ["A,G", "C,T", "A,C,T", "G,C", "T,*", "C,A"], strict=True)]
    shuffled = list(variants)
    shuffler.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = found(rows, variants), found(rows, shuffled)
    assert first.fate.tolist() == second.fate.tolist()
    for made, order in ((first, variants), (second, shuffled)):
        flat = target(order).allele
        for row, (fate, column) in enumerate(zip(made.fate.tolist(), made.column.tolist(), strict=True)):
            if fate <= LAST_SCORED and flat[column] != ANY_OTHER:
                effect = rows[row][1]
                flipped = "FLIP" in Fate(fate).name
                assert letters(int(flat[column])) == (effect.translate(str.maketrans("ACGT", "TGCA")) if flipped else effect)


def test_share_of_the_weight() -> None:
    score, _ = scoring([(1, "A", "G"), (2, "A", "G"), (3, "A", "G")])
    score.weights[:] = [[0, 1, 2], [0, -3, -6], [1, 1, 1]]
    assert weight_share(score, np.array([True, False, True])) == pytest.approx(2 / 8)
