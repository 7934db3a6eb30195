"""Haplotypes found on disk are those worked out anew; what does not fit the knowledge or the code is not used."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from nof1.jobs import priors
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.schema import Knowledge
from nof1.pgx import priors as offered
from nof1.pgx.definition import define
from nof1.pgx.haplotypes import haplotypes
from nof1.pgx.naming import Naming
from nof1.pgx.phenotype import meaning

KNOWN = knowledge()
GENES = [gene for gene in KNOWN.genes.values() if gene.frequencies is not None]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(priors, "BESIDE_PACKAGE", tmp_path / "none")
    monkeypatch.setattr(offered, "_ready", {})
    return tmp_path / "nof1"


def again() -> Knowledge:
    """The same knowledge as another object, so that nothing is remembered of it."""
    return msgspec.msgpack.decode(msgspec.msgpack.encode(KNOWN), type=Knowledge)


def worked_out_and_prepared(gene, certainty):
    definition, words = define(gene), meaning(gene)
    one, other = Naming(gene, definition, words), Naming(gene, definition, words)
    return (haplotypes(gene, definition, one, certainty), one), (offered.prepared(gene, certainty, other), other)


def test_what_is_read_is_what_is_worked_out(cache: Path) -> None:
    priors.prepare(again())
    assert len(list(cache.glob("priors-*"))) == 1
    offered._ready.clear()
    priors.prepare(again())  # from the file this time
    for gene in GENES:
        (made, one), (read, other) = worked_out_and_prepared(gene, KNOWN.certainty)
        assert (made is None) == (read is None), gene.file.gene
        if made is None or read is None:
            continue
        assert one.classes == other.classes
        for name in ("vectors", "shares", "is_own", "classes", "people"):
            ours, theirs = getattr(made, name), getattr(read, name)
            assert ours.dtype == theirs.dtype
            np.testing.assert_array_equal(ours, theirs)


def test_a_gene_with_other_counts_is_not_given_the_old_ones(cache: Path) -> None:
    priors.prepare(again())
    gene = next(gene for gene in GENES if gene.haplotypes)
    other = msgspec.structs.replace(gene, haplotypes=gene.haplotypes[:-1])
    assert offered.name_of(gene, KNOWN.certainty) != offered.name_of(other, KNOWN.certainty)
    naming = Naming(other, define(other), meaning(other))
    assert offered.prepared(other, KNOWN.certainty, naming) is None


def test_other_populations_are_not_given_the_old_shares(cache: Path) -> None:
    priors.prepare(again())
    fewer = msgspec.structs.replace(KNOWN.certainty, populations=KNOWN.certainty.populations[:-1])
    gene = GENES[0]
    assert offered.prepared(gene, fewer, Naming(gene, define(gene), meaning(gene))) is None


@pytest.mark.parametrize("damage", ["cut", "other code", "a gene missing"])
def test_a_file_that_does_not_fit_is_made_anew(cache: Path, damage: str) -> None:
    priors.prepare(again())
    path = next(cache.glob("priors-*"))
    whole = path.read_bytes()
    held = msgspec.msgpack.decode(whole, type=priors.Priors)
    kept = dict(list(held.genes.items())[1:]) if damage == "a gene missing" else held.genes
    odd = priors.Priors("0" * 12 if damage == "other code" else held.code, kept)
    path.write_bytes(whole[:1000] if damage == "cut" else msgspec.msgpack.encode(odd))
    offered._ready.clear()
    priors.prepare(again())
    assert path.read_bytes() == whole
    assert len(offered._ready) == sum(prior is not None for prior in held.genes.values())
