"""Wrong haplotype counts, published frequencies, populations and thresholds are refused at load, one line each."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from nof1.errors import KnowledgeError
from nof1.knowledge.edition import SHIPPED
from nof1.knowledge.load import load

GENE = "genes/NUDT15"
COUNTS, SHARES, CERTAINTY = f"{GENE}/haplotypes.tsv", f"{GENE}/frequencies.yaml", "certainty.yaml"
FIRST = "reference\tAFR:1229"  # the first row of counts, line 2 of the file
Break = Callable[[Path], None]


def change(path: str, old: str, new: str) -> Break:
    """Replace the first ``old`` in a file that must have it."""

    def apply(folder: Path) -> None:
        text = (folder / path).read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {path}"
        (folder / path).write_text(text.replace(old, new, 1), encoding="utf-8")

    return apply


def without(path: str) -> Break:
    return lambda folder: (folder / path).unlink()


def cut(path: str, start: str, stop: str = "") -> Break:
    """Remove from ``start`` up to ``stop``, or to the end."""

    def apply(folder: Path) -> None:
        text = (folder / path).read_text(encoding="utf-8")
        before, found, after = text.partition(start)
        assert found and stop in after, f"{start!r} ... {stop!r} is not in {path}"
        (folder / path).write_text(before + (stop + after.partition(stop)[2] if stop else ""), encoding="utf-8")

    return apply


BROKEN: dict[str, tuple[Break, list[str]]] = {
    "position nobody knows": (change(COUNTS, FIRST, "rs1:T\tAFR:1229"), [COUNTS, "row 2", "'rs1:T'"]),
    "allele nobody knows": (change(COUNTS, FIRST, "rs116855232:G\tAFR:1229"), [COUNTS, "row 2", "'rs116855232:G'"]),
    "a word that is no token": (change(COUNTS, FIRST, "wild\tAFR:1229"), [COUNTS, "row 2", "'wild'"]),
    "position known but not counted": (
        change(COUNTS, FIRST, "rs769369441:A\tAFR:1229"),
        [COUNTS, "row 2", "'rs769369441:A'", "counted position"],
    ),
    "counted position nobody knows": (
        change(SHARES, "positions: [", "positions: [rs1, "),
        [SHARES, "'rs1'", "positions.tsv"],
    ),
    "population nobody knows": (change(COUNTS, "AFR:1229", "MARS:1229"), [COUNTS, "row 2", "'MARS:1229'", "certainty.yaml"]),
    "a count that is no number": (change(COUNTS, "AFR:1229", "AFR:many"), [COUNTS, "row 2", "'AFR:many'", "CODE:number"]),
    "a negative count": (change(COUNTS, "AFR:1229", "AFR:-1229"), [COUNTS, "row 2", "'AFR:-1229'"]),
    "a count that is a fraction": (change(COUNTS, "AFR:1229", "AFR:0.5"), [COUNTS, "row 2", "'AFR:0.5'"]),
    "digits of another script": (change(COUNTS, "AFR:1229", "AFR:²"), [COUNTS, "row 2", "'AFR:²'"]),
    "source of a row": (change(COUNTS, "\t1000g-nygc-2022#", "\tnobody#"), [COUNTS, "row 2", "'nobody#NUDT15'", "sources/"]),
    "status of a row": (change(COUNTS, "\tmachine-read\t", "\tsure\t"), [COUNTS, "row 2", "'sure'"]),
    "cells missing": (change(COUNTS, FIRST, "reference"), [COUNTS, "row 2", "4 cells"]),
    "a counted list without counts": (without(COUNTS), [COUNTS, "`counted`", "needs"]),
    "counts without a list": (cut(SHARES, "counted:", "published:"), [COUNTS, "`counted` in frequencies.yaml"]),
    "counts without frequencies.yaml": (without(SHARES), [COUNTS, "`counted` in frequencies.yaml"]),
    "source of the list": (change(SHARES, "1000g-nygc-2022#", "nobody#"), [SHARES, "'nobody#NUDT15'", "sources/"]),
    "source of what is published": (change(SHARES, "clinpgx-frequencies-2022#", "nobody#"), [SHARES, "'nobody#NUDT15'"]),
    "group nobody knows": (change(SHARES, "Latino,", "Martian,"), [SHARES, "'Martian'", "certainty.yaml"]),
    "allele without a definition": (change(SHARES, "'*7':", "'*999':"), [SHARES, "'*999'", "alleles.tsv"]),
    "a value above 1": (change(SHARES, "'*7': [null", "'*7': [1.5"), [SHARES, "'*7'", "outside 0 to 1"]),
    "a value below 0": (change(SHARES, "'*7': [null", "'*7': [-0.1"), [SHARES, "'*7'", "outside 0 to 1"]),
    "a value that is no number": (change(SHARES, "'*7': [null", "'*7': [.nan"), [SHARES, "'*7'"]),
    "a value in words": (change(SHARES, "'*7': [null", "'*7': [rare"), [SHARES, "float", "`str`", "alleles"]),
    "a value too few": (change(SHARES, "'*7': [null, ", "'*7': ["), [SHARES, "'*7'", "5 values for 6 groups"]),
    "a value too many": (change(SHARES, "'*7': [null, ", "'*7': [null, null, "), [SHARES, "'*7'", "7 values for 6 groups"]),
    "unknown key": (change(SHARES, "counted:", "colour: red\ncounted:"), [SHARES, "colour"]),
    "no populations": (cut(CERTAINTY, "populations:", "unseen_source:"), [CERTAINTY, "populations"]),
    "a code twice": (change(CERTAINTY, "code: AMR", "code: AFR"), [CERTAINTY, "code of its own"]),
    "assured below probable": (change(CERTAINTY, "assured: 0.99", "assured: 0.9"), [CERTAINTY, "thresholds must rise"]),
    "assured at 1": (change(CERTAINTY, "assured: 0.99", "assured: 1.0"), [CERTAINTY, "below 1"]),
    "probable below possible": (change(CERTAINTY, "probable: 0.95", "probable: 0.01"), [CERTAINTY, "thresholds must rise"]),
    "listed at 0": (change(CERTAINTY, "listed: 0.0001", "listed: 0.0"), [CERTAINTY, "thresholds must rise"]),
    "no row listed": (change(CERTAINTY, "rows: 20", "rows: 0"), [CERTAINTY, "rows from 1"]),
    "source of the panel": (
        change(CERTAINTY, "source: 1000g-nygc-2022", "source: nobody"),
        [CERTAINTY, "panel", "'nobody'"],
    ),
    "source of the unseen": (change(CERTAINTY, "good-turing-1953", "nobody"), [CERTAINTY, "unseen_source", "'nobody'"]),
    "certainty.yaml missing": (without(CERTAINTY), [CERTAINTY, "missing"]),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Knowledge of one gene: enough to load, and quickly."""
    copy = tmp_path / "data"
    shutil.copytree(SHIPPED / "sources", copy / "sources")
    shutil.copytree(SHIPPED / GENE, copy / GENE)
    shutil.copy(SHIPPED / CERTAINTY, copy / CERTAINTY)
    return copy


@pytest.mark.parametrize("name", BROKEN)
def test_refused_in_one_line_that_names_file_and_row(name: str, folder: Path) -> None:
    breaks, words = BROKEN[name]
    breaks(folder)
    with pytest.raises(KnowledgeError) as caught:
        load((folder,))
    lines = [line for line in caught.value.problems if all(word in line for word in words)]
    assert len(lines) == 1 and "\n" not in lines[0], caught.value.problems[:5]


def test_a_gene_may_have_neither_counts_nor_published_frequencies(folder: Path) -> None:
    without(COUNTS)(folder)
    without(SHARES)(folder)
    assert load((folder,)).genes["NUDT15"].frequencies is None
