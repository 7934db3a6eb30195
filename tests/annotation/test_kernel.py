"""The loops in C give the arrays that NumPy gives, on texts of every kind; skipped where nothing was compiled."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nof1 import kernel
from nof1.genomics.columns import Contigs, Malformed, Records, records
from nof1.genomics.file_alleles import FileAlleles, alleles_of
from nof1.model.allele_arrays import keys, seed
from nof1.model.cells import Cells, lines

from .test_variant_index import CONTIGS, arrays, rows, write

pytestmark = pytest.mark.skipif(kernel.library is None, reason="no kernel was compiled: there is no C compiler here")
SOME = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
LETTERS = st.text("ACGTacgtN", min_size=0, max_size=4) | st.text("AC", min_size=1, max_size=40)
ALT = LETTERS | st.sampled_from(["*", "<NON_REF>", "<DEL>", ".", "A[chr1:5[", "N", ",", "A,", ",A", "CA.", "."])
POSITION = st.integers(0, 10**11).map(str) | st.sampled_from(["", "x", "1x", "-1", " 7", "09", "9999999999"])
FIELD = st.text("AG;=.\t\r ", max_size=6) | st.sampled_from(["", ".", "AC=1"])
LINE = st.tuples(
    st.sampled_from(["chr1", "1", "chr2", "", "#x"]), POSITION, FIELD, LETTERS, st.lists(ALT, min_size=0, max_size=4), FIELD,
    st.sampled_from(["\n", "\r\n", "\n\n"]),
)  # fmt: skip


@contextmanager
def without_kernel(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(kernel, "library", None)
        yield


def read(text: np.ndarray) -> tuple[Records, FileAlleles] | tuple[int, str]:
    try:
        found = records(text, 6)
        return found, alleles_of(found, Contigs("GRCh38"))
    except Malformed as problem:
        return problem.line, problem.problem


def told(made: tuple[Records, FileAlleles] | tuple[int, str]) -> object:
    if isinstance(made[1], str):
        return made
    found, alleles = made
    mine = alleles.alleles
    return [
        each.tolist()
        for each in (found.starts, found.ends, found.lines, *mine.arrays(), alleles.record, alleles.number, alleles.excluded)
    ] + [alleles.places.tolist(), alleles.contigs.tolist(), found.read]


@SOME
@given(st.lists(LINE, max_size=12))
def test_any_text_is_read_as_numpy_reads_it(monkeypatch: pytest.MonkeyPatch, made: list[tuple[object, ...]]) -> None:
    text = "".join(f"{c}\t{p}\t{f}\t{r}\t{','.join(a)}\t{g}{end}" for c, p, f, r, a, g, end in made)
    piece = np.frombuffer(text.encode(), np.uint8)
    with without_kernel(monkeypatch):
        expected = told(read(piece))
    assert told(read(piece)) == expected


@settings(SOME, max_examples=40)
@given(
    st.lists(
        st.tuples(st.sampled_from(["chr1", "chr2"]), st.integers(1, 900), LETTERS, st.lists(ALT, min_size=1, max_size=4)),
        min_size=1,
        max_size=60,
    )
)
def test_any_good_text_is_read_as_numpy_reads_it(
    monkeypatch: pytest.MonkeyPatch, made: list[tuple[str, int, str, list[str]]]
) -> None:
    text = "".join(f"{c}\t{p}\t.\t{r or 'A'}\t{','.join(a) or '.'}\tAC=1\n" for c, p, r, a in made)
    piece = np.frombuffer(text.encode(), np.uint8)
    with without_kernel(monkeypatch):
        expected = read(piece)
    assert isinstance(expected[0], Records)
    assert told(read(piece)) == told(expected)


@pytest.mark.parametrize("bits", [3, 40, 64])
def test_rows_are_found_as_numpy_finds_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bits: int) -> None:
    """With keys of 3 bits nearly all rows share their slots and tags."""
    chance = random.Random(bits)
    known = rows(300, chance)
    table = write(tmp_path / "some", known, bits)
    asked = arrays(sorted([*known[::2], *rows(300, chance)], key=lambda _: chance.random()))
    seeds = np.array([seed("GRCh38", name) for name in CONTIGS], np.uint64)
    numbers = table.numbers(CONTIGS)
    places = (numbers[asked.contig], asked.position, asked.text[asked.ref_at])
    with without_kernel(monkeypatch):
        whole = keys(asked, seeds)
        expected = table.find(asked, whole, numbers)
        contradicted = table.contradicted(*places)
    assert (expected >= 0).sum() >= 150
    assert {-1, 0, 1} == set(contradicted.tolist())
    assert keys(asked, seeds).tolist() == whole.tolist()
    assert table.find(asked, whole, numbers).tolist() == expected.tolist()
    assert table.contradicted(*places).tolist() == contradicted.tolist()


@SOME
@given(st.lists(st.tuples(*[st.binary(max_size=40)] * 3), max_size=20))
def test_lines_are_written_as_numpy_writes_them(monkeypatch: pytest.MonkeyPatch, made: list[tuple[bytes, ...]]) -> None:
    columns = []
    for column in zip(*made, strict=True):
        text = b"padding!" + b"".join(column)
        length = np.array([len(cell) for cell in column], np.int64)
        columns.append(Cells(np.frombuffer(text, np.uint8), 8 + np.cumsum(length) - length, length))
    if columns:
        assert lines(columns) == b"".join(b"\t".join(row) + b"\n" for row in made)


def test_a_library_of_another_edition_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_library = tmp_path / "kernel.so"
    no_library.write_bytes(b"no library")
    monkeypatch.setattr(kernel, "FILE", no_library)
    assert kernel._loaded() is None
    monkeypatch.undo()
    monkeypatch.setattr(kernel, "_VERSION", -1)
    assert kernel._loaded() is None
    monkeypatch.undo()
    monkeypatch.setenv("NOF1_KERNEL", "0")
    assert kernel._loaded() is None


def test_a_table_whose_rows_name_letters_that_are_not_there_leads_nowhere(tmp_path: Path) -> None:
    """A damaged file is refused; nothing outside of it is read."""
    known = rows(50, random.Random(1))
    table = write(tmp_path / "some", known)
    asked, numbers = arrays(known), table.numbers(CONTIGS)
    whole = keys(asked, np.array([seed("GRCh38", name) for name in CONTIGS], np.uint64))
    assert (table.find(asked, whole, numbers) >= 0).all()
    table._at = np.full_like(table._at, 2**32 - 1)
    for ask in (
        lambda: table.find(asked, whole, numbers),
        lambda: table.contradicted(numbers[asked.contig], asked.position, asked.text[asked.ref_at]),
    ):
        with pytest.raises(IndexError):  # as NumPy says, whose work it becomes; the table's checksums tell the user
            ask()
