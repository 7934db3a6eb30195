"""Sums of weights: against plain loops, with missing genotypes, one-copy chromosomes and curved weights."""

from __future__ import annotations

import numpy as np
import pytest

from nof1.model.scores import ReferencePeople
from nof1.risk.ancestry import adjustment, gamma_log, placements, placing_forest, projected, unshrunk
from nof1.risk.many import score_many
from nof1.risk.plan_columns import ColumnWeights
from nof1.risk.scoring import expected


def reader(dosage: np.ndarray):  # type: ignore[no-untyped-def]
    def read(chosen: np.ndarray):  # type: ignore[no-untyped-def]
        part = dosage[chosen]
        return np.where(part < 0, 0.0, part), np.nonzero(part < 0)

    return read


def test_matrix_sums_are_those_of_a_plain_loop() -> None:
    rng = np.random.default_rng(3)
    variants, people, scores = 50, 30, 4
    dosage = rng.integers(-1, 3, (variants, people)).astype(float)
    weights = rng.normal(size=(variants, scores, 3)) * (rng.random((variants, scores)) < 0.7)[:, :, None]
    frequency = rng.uniform(0.05, 0.95, variants)
    plan = ColumnWeights(np.arange(variants), weights)
    found = score_many(reader(dosage), plan, np.zeros(variants, int), np.zeros(people, int), frequency=frequency)
    for person in range(people):
        for number in range(scores):
            value = variance = 0.0
            for at in range(variants):
                three, rare = weights[at, number], frequency[at]
                chances = [(1 - rare) ** 2, 2 * rare * (1 - rare), rare**2]
                if dosage[at, person] >= 0:
                    value += three[int(dosage[at, person])]
                else:
                    mean = sum(chance * one for chance, one in zip(chances, three, strict=True))
                    value += mean
                    variance += sum(chance * (one - mean) ** 2 for chance, one in zip(chances, three, strict=True))
            assert found.value[person, number] == pytest.approx(value, abs=1e-10)
            assert found.variance[person, number] == pytest.approx(variance, abs=1e-10)


def test_chunks_do_not_change_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    from nof1.risk import many

    rng = np.random.default_rng(4)
    dosage = rng.integers(-1, 3, (40, 12)).astype(float)
    plan = ColumnWeights(np.arange(40), rng.normal(size=(40, 2, 3)))
    kind, sex = rng.integers(0, 4, 40), rng.integers(0, 3, 12)
    whole = score_many(reader(dosage), plan, kind, sex)
    monkeypatch.setattr(many, "_CELLS", 30)
    parts = score_many(reader(dosage), plan, kind, sex)
    assert parts.value == pytest.approx(whole.value)
    assert parts.variance == pytest.approx(whole.variance)


def test_one_person_has_no_frequencies() -> None:
    plan = ColumnWeights(np.arange(1), np.zeros((1, 1, 3)))
    with pytest.raises(ValueError, match="one person"):
        score_many(reader(np.zeros((1, 1))), plan, np.zeros(1, int), np.zeros(1, int))


def test_one_copy_counts_once_or_twice() -> None:
    """X outside the pseudoautosomal regions: a man's two equal letters are one copy, two different ones are an error."""
    dosage = np.array([[2.0, 0.0, 1.0, 2.0, 1.0]])
    sex = np.array([1, 1, 1, 2, 2])
    plan = ColumnWeights(np.arange(1), np.array([[[0.0, 1.0, 2.0]]]))
    once = score_many(reader(dosage), plan, np.array([1]), sex, 1, np.array([0.25]))
    twice = score_many(reader(dosage), plan, np.array([1]), sex, 2, np.array([0.25]))
    assert once.value[:, 0].tolist() == [1, 0, 0.25, 2, 1]
    assert twice.value[:, 0].tolist() == [2, 0, 0.5, 2, 1]
    assert once.unseen[:, 0].tolist() == [0, 0, 1, 0, 0]


def test_y_adds_nothing_to_women() -> None:
    plan = ColumnWeights(np.arange(1), np.array([[[0.0, 1.0, 2.0]]]))
    found = score_many(reader(np.array([[2.0, 2.0]])), plan, np.array([2]), np.array([1, 2]), 1, np.array([0.5]))
    assert found.value[:, 0].tolist() == [1, 0]


@pytest.mark.parametrize(("weights", "mean"), [((0, 1, 2), 0.6), ((0, 1, 1), 0.51), ((0, 0, 1), 0.09), ((2, 2, 2), 2.0)])
def test_what_a_missing_genotype_adds(weights: tuple[float, ...], mean: float) -> None:
    found, variance = expected(np.array(weights, float), np.array(0.3))
    draws = np.array(weights)[np.random.default_rng(1).binomial(2, 0.3, 200_000)]
    assert float(found) == pytest.approx(mean)
    assert float(variance) == pytest.approx(draws.var(), abs=0.01)


def test_projection_without_shrinkage() -> None:
    """New people of the same population spread as the reference does; a plain projection draws them to the middle."""
    rng = np.random.default_rng(8)
    people, variants = 120, 2000
    frequency = rng.uniform(0.2, 0.8, variants)
    direction = rng.normal(scale=0.05, size=variants)

    def genotypes(position: np.ndarray) -> np.ndarray:
        return rng.binomial(2, np.clip(frequency + position[:, None] * direction, 0.01, 0.99)).astype(float)

    place, new = rng.normal(size=people), rng.normal(size=people)
    known, unknown = genotypes(place), genotypes(new)
    scale = np.sqrt(2 * frequency * (1 - frequency))
    left, singular, right = np.linalg.svd((known - 2 * frequency) / scale, full_matrices=False)
    loadings, reference = right[:1].T, left[:, :1] * singular[:1]
    plain = projected(unknown, frequency, loadings)
    norm = (((unknown - 2 * frequency) / scale) ** 2).sum(axis=1)
    better = unshrunk(plain, norm, singular[:1])
    slope = abs(np.polyfit(place, reference[:, 0], 1)[0])
    slopes = [abs(np.polyfit(new, one[:, 0], 1)[0]) / slope for one in (plain, better)]
    assert slopes[0] < 0.8
    assert slopes[1] == pytest.approx(1, abs=0.05)


def test_missing_genotypes_are_average_in_a_projection() -> None:
    loadings = np.array([[1.0], [2.0]])
    frequency = np.array([0.5, 0.5])
    found = projected(np.array([[2.0, np.nan], [np.nan, np.nan]]), frequency, loadings)
    assert found[:, 0] == pytest.approx([np.sqrt(2), 0])


def test_people_between_populations_are_of_low_confidence() -> None:
    rng = np.random.default_rng(2)
    populations = np.repeat(["A", "B", "C"], 40)
    centres = np.repeat([[0, 0, 0, 0, 0], [9, 0, 0, 0, 0], [0, 9, 0, 0, 0]], 40, axis=0)
    people = ReferencePeople(tuple(map(str, range(120))), tuple(populations.tolist()), centres + rng.normal(size=(120, 5)))
    forest = placing_forest(people, np.random.default_rng(1))
    sure, between = placements(forest, np.array([[0.0, 9, 0, 0, 0], [4.5, 4.5, 0, 0, 0]]), least=0.75)
    assert (sure.population, sure.is_low) == ("C", False)
    assert sum(sure.shares.values()) == pytest.approx(1)
    assert between.is_low
    again = placements(placing_forest(people, np.random.default_rng(1)), np.array([[4.5, 4.5, 0, 0, 0]]), least=0.75)
    assert again[0].shares == between.shares


def test_adjusted_scores_do_not_follow_components() -> None:
    rng = np.random.default_rng(6)
    pcs = rng.normal(size=(4000, 4)) * [30, 20, 5, 1]
    score = 3 + pcs @ [0.1, -0.2, 0.05, 0.3] + rng.normal(size=4000) * np.exp(0.02 * pcs[:, 0])
    first, second = adjustment(score, pcs).z(score, pcs)
    assert np.abs(np.corrcoef(np.c_[first, pcs].T)[0, 1:]).max() < 1e-10
    assert first.std() == pytest.approx(1)
    outer = np.abs(pcs[:, 0]) > 45
    assert first[outer & (pcs[:, 0] > 0)].std() / first[outer & (pcs[:, 0] < 0)].std() > 3
    assert second[outer & (pcs[:, 0] > 0)].std() / second[outer & (pcs[:, 0] < 0)].std() == pytest.approx(1, abs=0.2)


def test_scores_that_do_not_vary_are_not_adjusted() -> None:
    pcs = np.random.default_rng(1).normal(size=(30, 4))
    for score in (np.ones(30), pcs @ np.ones(4)):
        with pytest.raises(ValueError, match="must vary"):
            adjustment(score, pcs)
    assert gamma_log(np.ones((9, 1)), np.full(9, 2.5)) == pytest.approx([np.log(2.5)])
