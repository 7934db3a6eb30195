"""Bases as one row of flags: the same as sets of positions."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nof1.genomics.bases import Bases, joined
from nof1.genomics.text import Window

WINDOWS = st.lists(
    st.builds(
        lambda chrom, start, size: Window(chrom, start, start + size),
        st.sampled_from(["chr1", "chr2", "chrX"]), st.integers(1, 60), st.integers(0, 9),
    ),
    max_size=12,
)  # fmt: skip


def as_set(windows: list[Window]) -> set[tuple[str, int]]:
    return {(one.chromosome, base) for one in windows for base in range(one.start, one.end + 1)}


@given(WINDOWS, WINDOWS)
def test_the_bases_of_stretches_are_those_of_sets(asked: list[Window], others: list[Window]) -> None:
    bases = Bases(asked)
    assert len(bases) == len(as_set(asked)) == sum(one.end - one.start + 1 for one in joined(asked))
    flags = bases.none()
    for one in others:
        there = bases.of(one.chromosome, one.start, one.end)
        wanted = sorted(base for chrom, base in as_set([one]) & as_set(asked))
        assert bases.position[there].tolist() == wanted
        flags[there] = True
    assert int(flags.sum()) == len(as_set(asked) & as_set(others))
    for chrom in ("chr1", "chr2", "chrX"):
        mine = [one for one in others if one.chromosome == chrom]
        inside = bases.inside(chrom, np.array([o.start for o in mine], int), np.array([o.end for o in mine], int))
        assert int(inside.sum()) == len(as_set(asked) & as_set(mine))
