"""What is given about people to an equation of risk, read into columns: numbers, flags, codes of choices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.errors import RequestError
from nof1.knowledge.check_rules import nearest
from nof1.knowledge.risk_equations import RiskEquation, RiskInput

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]
Given = Mapping[str, Any]
_NOT_KNOWN = frozenset({"", "unknown", "none"})
_YES_NO = {"yes": 1.0, "true": 1.0, "1": 1.0, "no": 0.0, "false": 0.0, "0": 0.0}
_LARGEST = 1e300  # beyond it a whole number is no float


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of ``people``: ``numbers`` and flags (NaN: not known), ``codes`` of choices by their place (-1 likewise)."""

    people: int
    numbers: dict[str, Numbers]
    codes: dict[str, Codes]

    def known(self, name: str) -> Mask:
        """(people,) whether the input ``name`` is known."""
        return self.codes[name] >= 0 if name in self.codes else ~np.isnan(self.numbers[name])

    def take(self, rows: NDArray[np.int64]) -> Columns:
        """The people in ``rows``, in that order; one may come more than once."""
        return Columns(
            rows.size,
            {name: column[rows] for name, column in self.numbers.items()},
            {name: column[rows] for name, column in self.codes.items()},
        )


def read_columns(equation: RiskEquation, given: Given) -> Columns:
    """``given`` (name of an input to one value or one a person; ``None`` or NaN where not known) as columns.

    Numbers are in the units of the equation. Whatever is not given is not known. Raises ``RequestError`` naming the input,
    the value and the way out: a name the equation does not ask for, columns of different length, a choice that is none, a
    value that cannot be.
    """
    known = {item.name for item in equation.inputs}
    for name in given:
        if name not in known:
            raise RequestError(
                f"risk: {equation.id}: {name!r} is no input; {nearest(name, known)}known are {', '.join(sorted(known))}"
            )
    columns = {name: _column(value) for name, value in given.items()}
    people = _length(columns, equation)
    numbers: dict[str, Numbers] = {}
    codes: dict[str, Codes] = {}
    for item in equation.inputs:
        column = columns.get(item.name)
        if item.kind == "choice":
            read = np.full(1, -1) if column is None else _codes(item, column, equation.id)
            codes[item.name] = np.broadcast_to(read, people) if read.size == 1 else read
        else:
            values = np.full(1, np.nan) if column is None else _numbers(item, column, equation.id)
            numbers[item.name] = np.broadcast_to(values, people) if values.size == 1 else values
    return Columns(people, numbers, codes)


def _column(value: object) -> NDArray[Any]:
    if isinstance(value, np.ndarray):
        return np.atleast_1d(value)
    if isinstance(value, str) or not isinstance(value, Iterable):
        return np.array([value], object)
    column = np.empty(len(rows := list(value)), object)
    column[:] = rows
    return column


def _length(columns: dict[str, NDArray[Any]], equation: RiskEquation) -> int:
    sizes = {name: column.size for name, column in columns.items() if column.size != 1}
    if len(set(sizes.values())) > 1:
        raise RequestError(
            f"risk: {equation.id}: columns of different length ({', '.join(f'{n} {s}' for n, s in sizes.items())}); "
            "give one value, or one for each person"
        )
    return next(iter(sizes.values()), 1)


def _numbers(item: RiskInput, column: NDArray[Any], place: str) -> Numbers:
    values = column.astype(np.float64) if column.dtype.kind in "fiub" else _each(item, column, place)
    low, high = (0.0, 1.0) if item.kind == "flag" else (item.plausible[0], item.plausible[1])
    unknown = np.isnan(values)
    inside = unknown | ((values >= low) & (values <= high))
    if item.kind == "flag":
        inside &= unknown | (values == 0) | (values == 1)
    for row in np.flatnonzero(~inside)[:1]:
        unit = "" if item.unit == "1" else f" {item.unit}"
        way = (
            "give 1 for yes, 0 for no" if item.kind == "flag" else f"expected {low:g} to {high:g}{unit}; is the unit right?"
        )
        raise _bad(item, int(row), column, place, way)
    return values


def _each(item: RiskInput, column: NDArray[Any], place: str) -> Numbers:
    values = np.empty(column.size)
    for row, value in enumerate(column):
        if isinstance(value, int) and abs(value) > _LARGEST:
            values[row] = np.inf
        elif isinstance(value, int | float | np.integer | np.floating | np.bool_):
            values[row] = float(value)
        elif value is None:
            values[row] = np.nan
        elif item.kind == "flag" and str(value).strip().lower() in _YES_NO:
            values[row] = _YES_NO[str(value).strip().lower()]
        else:
            way = "give 1 for yes, 0 for no" if item.kind == "flag" else "give a number"
            raise _bad(item, row, column, place, f"{way}, in {item.unit}" if item.unit != "1" else way)
    return values


def _codes(item: RiskInput, column: NDArray[Any], place: str) -> Codes:
    """Codes of a column of texts; those written as the code itself are told at once, others text by text."""
    found = np.full(column.size, -2)
    if column.dtype.kind == "U":
        for number, choice in enumerate(item.choices):
            found[column == choice.code] = number
    rest = np.flatnonzero(found == -2)
    if rest.size:
        found[rest] = _named(item, column, rest, place)
    return found


def _named(item: RiskInput, column: NDArray[Any], rest: Codes, place: str) -> Codes:
    names = {
        _key(name): number
        for number, choice in enumerate(item.choices)
        for name in (choice.code, choice.title, *choice.named)
    }
    texts, inverse = np.unique(np.array([_text(value) for value in column[rest]], dtype=np.str_), return_inverse=True)
    found = np.empty(texts.size, np.int64)
    for number, text in enumerate(texts):
        key = _key(str(text))
        code = -1 if key in _NOT_KNOWN else names.get(key)
        if code is None:
            row = int(rest[np.flatnonzero(inverse.ravel() == number)[0]])
            way = f"give one of {', '.join(choice.code for choice in item.choices)}, or nothing"
            raise _bad(item, row, column, place, way)
        found[number] = code
    return found[inverse.ravel()]


def _text(value: object) -> str:
    return "" if value is None or (isinstance(value, float) and np.isnan(value)) else str(value)


def _key(text: str) -> str:
    return text.strip().lower().replace("_", " ").replace("-", " ")


def _bad(item: RiskInput, row: int, column: NDArray[Any], place: str, way: str) -> RequestError:
    who = f"person {row + 1}: " if column.size > 1 else ""
    value = column[row]
    shown = value.item() if isinstance(value, np.generic) else value
    return RequestError(f"risk: {place}: {who}{item.name} ({item.title}) is {shown!r}; {way}")
