"""Tables written from arrays are those that plain Python writes row by row."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nof1.knowledge.variant_columns import NOT_GIVEN, Column, Numbers, Texts
from nof1.model.cells import Cells, chosen, lines, rendered, whole_numbers, worded

CELL = st.binary(max_size=7) | st.binary(min_size=7, max_size=40) | st.sampled_from([b"", b"PASS", b"\x00", b"\xff" * 8])
TABLE = st.integers(1, 6).flatmap(
    lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=12)
)


@settings(max_examples=300, deadline=None)
@given(TABLE, st.binary(max_size=9))
def test_lines_are_those_of_plain_python(rows: list[list[bytes]], before: bytes) -> None:
    wanted = b"".join(b"\t".join(row) + b"\n" for row in rows)
    columns = list(zip(*rows, strict=True))
    assert lines([worded(column) for column in columns]) == wanted
    known = sorted({cell for row in rows for cell in row})
    assert lines([chosen(known, np.array([known.index(cell) for cell in column])) for column in columns]) == wanted
    text = np.frombuffer(before + wanted, np.uint8)
    length = np.array([[len(cell) for cell in row] for row in rows])
    at = np.cumsum((length + 1).ravel()).reshape(length.shape) - length - 1 + len(before)
    cells = [Cells(text, at[:, column], length[:, column]) for column in range(len(columns))]
    assert lines(cells) == wanted
    assert [column.listed() for column in cells] == [list(column) for column in columns]
    letters, copied = cells[0].copied()
    assert (letters.tobytes(), copied.listed()) == (b"".join(columns[0]), list(columns[0]))
    there = np.arange(len(rows)) % 2 == 0
    assert cells[0].where(there).listed() == [cell if one else b"" for cell, one in zip(columns[0], there, strict=True)]


@given(st.lists(st.integers(0, 2**62) | st.sampled_from([0, 9, 10, 99, 100, 10**18 - 1, 10**18]), min_size=1, max_size=20))
def test_whole_numbers_are_written_in_digits(values: list[int]) -> None:
    assert whole_numbers(np.array(values, np.int64)).listed() == [b"%d" % value for value in values]


def test_zero_keeps_its_sign() -> None:
    values = np.array([0.0, -0.0, math.nan, 1e-7, 0.0], np.float32)
    assert rendered(values, lambda value: b"%.6g" % value).listed() == [b"0", b"-0", b"nan", b"1e-07", b"0"]


@given(
    st.lists(st.text(max_size=30), min_size=1, max_size=20),
    st.lists(st.floats(width=32, allow_infinity=False), min_size=1, max_size=20),
    st.lists(st.integers(NOT_GIVEN, 2**40), min_size=1, max_size=20),
)
def test_cells_of_columns_are_their_texts(texts: list[str], floats: list[float], wholes: list[int]) -> None:
    for made, values in ((Texts("t"), texts), (Numbers("n", False), floats), (Numbers("w", True), wholes)):
        made.extend(values)  # type: ignore[arg-type]
        column = Column(*made.blocks("name", np.arange(len(values))))
        rows = np.arange(len(values))[::-1].copy()
        assert column.cells(rows).listed() == column.texts(rows)
