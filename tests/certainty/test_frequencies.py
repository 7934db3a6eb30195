"""Unseen mass, published shares and neighbours, against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from nof1.knowledge.compiled import knowledge
from nof1.pgx.call import prepare
from nof1.pgx.haplotypes import haplotypes
from nof1.pgx.naming import UNNAMED, Naming
from nof1.pgx.phenotype import meaning
from nof1.pgx.published import shares_within
from nof1.pgx.unseen import Variants, neighbours, unseen_mass

KNOWN = knowledge()
WEIGHED = [symbol for symbol, gene in KNOWN.genes.items() if gene.haplotypes]


def test_good_turing() -> None:
    """Two singletons among ten: a fifth is unseen. Of three singletons, two are counted in the other population."""
    counts = np.array([[7.0, 1, 1, 0, 1], [8, 0, 0, 2, 4]])
    found = unseen_mass(counts, np.array([True, True, False, True, True]))
    assert found.total.tolist() == pytest.approx([3 / 10, 0.5 / 14])
    shared = (1 + 0.5) / (3 + 1)  # one of the three singletons is known elsewhere
    assert found.elsewhere.tolist() == pytest.approx([0.3 * shared, 0.5 / 14 * shared])
    assert (found.elsewhere + found.nowhere).tolist() == pytest.approx(found.total.tolist())
    assert found.named == pytest.approx((1 + 0.5) / (2 + 1))  # of the two seen once in all, one has a name


def test_a_class_whose_own_allele_is_published_is_split_by_relative_frequency() -> None:
    """0.2 against 0.05: four to one. A gap takes the mean of the other population."""
    own = np.array([0.05, np.nan])
    others = np.array([[0.20, 0.30]])
    shares = shares_within(others, own, np.array([0.3, 0.4]), is_named=True)
    assert shares[:, 0].tolist() == pytest.approx([0.2, 0.8])
    assert shares[:, 1].tolist() == pytest.approx([0.2, 0.8])


def test_the_reference_keeps_what_the_others_leave() -> None:
    """A class counted at 0.5 that hides an allele published at 0.1: a fifth of it; a gap is left to the unseen mass."""
    shares = shares_within(np.array([[0.1, np.nan]]), None, np.array([0.5, 0.5]), is_named=True)
    assert shares.tolist() == [pytest.approx([0.8, 1.0]), pytest.approx([0.2, 0.0])]


def test_hidden_alleles_never_take_a_whole_class() -> None:
    shares = shares_within(np.array([[0.9]]), None, np.array([0.1]), is_named=True)
    assert 0 < shares[0, 0] < 0.05
    assert shares.sum() == pytest.approx(1)


def test_neighbours_are_one_step_away() -> None:
    variants = Variants((("A", "C"), ("G", "T"), ("A", "G")), (0, 0, 0), np.array([True, True, True]))
    known = np.array([(0, 0, 0), (1, 1, 0)], np.int16)
    rows, weights = neighbours(known, np.array([0.6, 0.4]), variants, known, is_additive=False, most=50)
    found = [tuple(row) for row in rows.tolist()]
    assert set(found) == {(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)}
    assert weights.sum() == pytest.approx(1)
    crossed = dict(zip(found, weights.tolist(), strict=True))
    assert crossed[1, 0, 0] > crossed[0, 0, 1]  # seen alleles in a new order are likelier than an allele nobody has


@pytest.mark.parametrize("symbol", WEIGHED)
def test_shares_are_a_distribution_that_leaves_no_named_allele_out(symbol: str) -> None:
    gene = KNOWN.genes[symbol]
    definition = prepare(gene).definition
    naming = Naming(gene, definition, meaning(gene))
    found = haplotypes(gene, definition, naming, KNOWN.certainty)
    assert found is not None
    assert np.allclose(found.shares.sum(axis=1), 1)
    assert (found.shares >= 0).all()
    assert len({vector.tobytes() for vector in found.vectors}) == len(found.vectors)
    if not naming.is_additive:
        names = {name for vector in found.vectors for name in naming.names(vector)}
        marker = {row.shown_as or row.name for row in gene.alleles if row.used == "yes" and row.variants != "outside"}
        assert marker <= names
        unnamed = [place for place, vector in enumerate(found.vectors) if not naming.names(vector)]
        assert (found.classes[unnamed] == UNNAMED).all()
    named = found.classes != UNNAMED
    assert (found.shares[:, named & found.is_own].sum(axis=1) > 0.9).all()


def test_a_common_haplotype_keeps_its_counted_frequency() -> None:
    """The counts of the file, less the unseen mass, where no published allele hides behind it."""
    gene = KNOWN.genes["VKORC1"]
    definition = prepare(gene).definition
    found = haplotypes(gene, definition, Naming(gene, definition, meaning(gene)), KNOWN.certainty)
    assert found is not None
    row = gene.haplotypes[0]
    counts = [int(token.split(":")[1]) for token in row.counts.split()]
    totals = [sum(int(other.counts.split()[place].split(":")[1]) for other in gene.haplotypes) for place in range(5)]
    expected = np.array(counts) / np.array(totals)
    assert np.abs(found.shares - expected[:, None]).min(axis=1).max() < 0.002
