"""The posterior against an oracle that tries every ordered pair of haplotypes."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nof1.model.genome import MISSING, NO_STRAND
from nof1.pgx.posterior import Space, by_class, error_of, groups, normal, pairs
from nof1.pgx.strands import Strands

POPULATIONS = 2


@st.composite
def cases(draw: st.DrawFn) -> tuple[Space, Strands, np.ndarray]:
    """A few haplotypes over a few positions, and what a row shows at some of them, drawn from two of the haplotypes."""
    positions = draw(st.integers(1, 5))
    count = draw(st.integers(2, 9))
    vectors = np.array(draw(st.lists(st.lists(st.integers(0, 2), min_size=positions, max_size=positions),
                                     min_size=count, max_size=count)), np.int16)  # fmt: skip
    shares = np.array(draw(st.lists(st.lists(st.integers(1, 50), min_size=count, max_size=count),
                                    min_size=POPULATIONS, max_size=POPULATIONS)), float)  # fmt: skip
    shares /= shares.sum(axis=1, keepdims=True)
    classes = np.array(draw(st.lists(st.integers(0, 2), min_size=count, max_size=count)))
    kinds = np.array([draw(st.integers(-1, 3)) for _ in range(count)])
    seen = np.array(sorted(draw(st.sets(st.integers(0, positions - 1), min_size=1))))
    is_haploid = draw(st.booleans()) and draw(st.booleans())
    first = vectors[draw(st.integers(0, count - 1))][seen].copy()
    second = vectors[draw(st.integers(0, count - 1))][seen].copy()
    if is_haploid:
        second[:] = NO_STRAND
    elif draw(st.booleans()):
        half = draw(st.integers(0, len(seen) - 1))
        (first if draw(st.booleans()) else second)[half] = MISSING
    unit = np.zeros(len(seen), np.int64)
    for place in range(len(seen)):
        if first[place] != second[place] and not is_haploid:
            unit[place] = draw(st.sampled_from([0, 7, place + 100]))
    error = np.array([draw(st.sampled_from([0.0, 0.0, 0.1])) for _ in seen])
    strands = Strands(
        seen, first, second, unit, is_haploid, bool(((first == MISSING) | (second == MISSING)).any()), (), False
    )
    return Space(vectors, shares, classes, kinds, 3), strands, error


def readings(strands: Strands, error: np.ndarray) -> list[tuple[float, np.ndarray, np.ndarray, np.ndarray]]:
    """The genotypes as called and with one doubtful heterozygous one as either homozygous, with their chances."""
    whole = (strands.one != MISSING) & (strands.two != MISSING)
    doubtful = [p for p in range(len(error)) if error[p] > 0 and whole[p] and strands.heterozygous[p]]
    right = float(np.prod([1 - error[p] for p in doubtful]))
    found = [(right, strands.one, strands.two, error)]
    for place in doubtful:
        for allele in (strands.one[place], strands.two[place]):
            one, two = strands.one.copy(), strands.two.copy()
            one[place] = two[place] = allele
            firm = np.where(np.arange(len(error)) == place, 0.0, error)
            found.append((right / (1 - error[place]) * error[place] / 2, one, two, firm))
    return found


def likelihood(space: Space, strands: Strands, error: np.ndarray, h: int, k: int) -> float:
    """The chance of what was seen if the first strand is ``h`` and the second ``k``, or the other way round."""
    total = 0.0
    for chance, one, two, doubt in readings(strands, error):
        straight = turned = 1.0
        units: dict[int, list[bool]] = {}
        for place, position in enumerate(strands.places):
            a, b = int(space.vectors[h, position]), int(space.vectors[k, position])
            x, y = int(one[place]), int(two[place])
            if strands.is_haploid:
                straight *= (1 - doubt[place] / 2 if a == x else doubt[place] / 2) if doubt[place] else float(a == x)
            elif MISSING in (x, y):
                straight *= float(max(x, y) in (a, b))
            elif x == y:
                for mine in (a, b):
                    straight *= (
                        (1 - doubt[place] / 2 if mine == x else doubt[place] / 2) if doubt[place] else float(mine == x)
                    )
            else:
                unit = units.setdefault(int(strands.unit[place]), [True, True])
                unit[0] &= (a, b) == (x, y)
                unit[1] &= (a, b) == (y, x)
        for unit in units.values():
            turned *= float(unit[0] or unit[1])
        total += chance * straight * turned
    return total


@given(cases())
@settings(max_examples=400, deadline=None)
def test_sums_over_groups_are_sums_over_pairs(case: tuple[Space, Strands, np.ndarray]) -> None:
    space, strands, error = case
    found = groups(space, strands, error)
    count = len(space.vectors)
    classes = np.zeros((POPULATIONS, 3, 3))
    kinds: dict[tuple[int, int], np.ndarray] = {}
    for h, k in product(range(count), range(count if not strands.is_haploid else 1)):
        if strands.is_haploid:
            mass = space.shares[:, h] * likelihood(space, strands, error, h, h)
            classes[:, space.classes[h], 0] += mass
            key = (int(space.kinds[h]), -1)
        else:
            mass = space.shares[:, h] * space.shares[:, k] * likelihood(space, strands, error, h, k)
            low, high = sorted((int(space.classes[h]), int(space.classes[k])))
            classes[:, low, high] += mass
            key = (min(int(space.kinds[h]), int(space.kinds[k])), max(int(space.kinds[h]), int(space.kinds[k])))
        if key[0] >= 0 and mass.max() > 0:
            kinds[key] = kinds.get(key, np.zeros(POPULATIONS)) + mass
    assert np.allclose(by_class(found, space), classes, atol=1e-12)
    keys, masses = pairs(found, space)
    shown = {tuple(key): masses[:, place] for place, key in enumerate(keys.tolist()) if masses[:, place].max() > 1e-12}
    kinds = {key: mass for key, mass in kinds.items() if mass.max() > 1e-12}
    assert shown.keys() == kinds.keys()
    for key, mass in kinds.items():
        assert np.allclose(shown[key], mass, atol=1e-12)


def test_normal_is_one_or_nothing() -> None:
    table = np.array([[[2.0, 2.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]])
    assert normal(table).sum(axis=(1, 2)).tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    ("quality", "error"),
    [
        (np.nan, 0),
        (99, 0),
        (40, 0),
        (39.9, 0.001),
        (30, 0.001),
        (29, 0.01),
        (20, 0.01),
        (12, 0.1),
        (4, 10**-0.3),
        (0, 10**-0.3),
    ],
)
def test_quality_is_a_chance_of_error(quality: float, error: float) -> None:
    """Phred: 10 to the power of minus a tenth of the quality; by steps of ten, from 40 on none."""
    assert error_of(np.array([quality], np.float32))[0] == pytest.approx(error)
