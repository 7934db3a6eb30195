"""What is given about people to an equation, read into columns: numbers, codes of choices, genotypes of markers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.errors import RequestError
from nof1.knowledge.check_rules import nearest
from nof1.knowledge.dose_equations import Choice, DoseEquation, EquationInput, Marker

Numbers = NDArray[np.float64]
Texts = NDArray[np.str_]
Mask = NDArray[np.bool_]
Given = Mapping[str, Any]
_NOT_KNOWN = frozenset({"", "unknown", "none"})


@dataclass(frozen=True, slots=True)
class Inputs:
    """Columns of ``people``: ``numbers`` and flags (NaN: not known), ``codes`` of choices, ``markers`` (empty likewise)."""

    people: int
    numbers: dict[str, Numbers]
    codes: dict[str, Texts]
    markers: dict[str, Texts]

    def known(self, name: str) -> Mask:
        """(people,) whether the input ``name`` is known."""
        return self.codes[name] != "" if name in self.codes else ~np.isnan(self.numbers[name])


def read_inputs(equation: DoseEquation, given: Given) -> Inputs:
    """``given`` (name of an input or marker to one value or one a person; ``None`` or NaN where not known) as columns.

    Whatever is not given is not known. Raises ``RequestError`` naming the person, the value and the way out: a name the
    equation does not ask for, columns of different length, a choice that is none, a value that cannot be.
    """
    check_names((equation,), given)
    columns = {name: _column(value) for name, value in given.items()}
    people = _length(columns, equation)
    blank = np.full(people, None, object)
    whole = {name: np.broadcast_to(column, people) if column.size == 1 else column for name, column in columns.items()}
    numbers, codes = {}, {}
    for item in equation.inputs:
        column = whole.get(item.name, blank)
        if item.kind == "choice":
            codes[item.name] = _codes(item, column, equation.id)
        else:
            numbers[item.name] = _numbers(item, column, equation.id)
    markers = {item.name: _genotypes(item, whole.get(item.name, blank), equation.id) for item in equation.markers}
    return Inputs(people, numbers, codes, markers)


def check_names(equations: Iterable[DoseEquation], given: Given) -> None:
    """Refuse a name in ``given`` that none of ``equations`` asks for (``RequestError``)."""
    known = {item.name for equation in equations for group in (equation.inputs, equation.markers) for item in group}
    for name in given:
        if name not in known:
            raise RequestError(f"dose: {name!r} is no input; {nearest(name, known)}known are {', '.join(sorted(known))}")


def _column(value: object) -> NDArray[np.object_]:
    if isinstance(value, np.ndarray):
        return np.atleast_1d(value).astype(object)
    if isinstance(value, str) or not isinstance(value, Iterable):
        return np.array([value], object)
    column = np.empty(len(rows := list(value)), object)
    column[:] = rows
    return column


def _length(columns: dict[str, NDArray[np.object_]], equation: DoseEquation) -> int:
    sizes = {name: column.size for name, column in columns.items() if column.size != 1}
    if len(set(sizes.values())) > 1:
        raise RequestError(
            f"dose: {equation.id}: columns of different length ({', '.join(f'{n} {s}' for n, s in sizes.items())}); "
            "give one value, or one for each person"
        )
    return next(iter(sizes.values()), 1)


def _numbers(item: EquationInput, column: NDArray[np.object_], place: str) -> Numbers:
    values = np.empty(column.size)
    for row, value in enumerate(column):
        if value is None:
            values[row] = np.nan
        elif isinstance(value, int | float | np.integer | np.floating | np.bool_):
            values[row] = float(value)
        else:
            raise _bad(item, row, value, place, f"give a number, in {item.unit}" if item.unit != "1" else "give a number")
    low, high = (0.0, 1.0) if item.kind == "flag" else (item.plausible[0], item.plausible[1])
    inside = np.isnan(values) | ((values >= low) & (values <= high))
    if item.kind == "flag":
        inside &= np.isnan(values) | (values == np.floor(values))
    for row in np.flatnonzero(~inside)[:1]:
        way = (
            "give 1 for yes, 0 for no"
            if item.kind == "flag"
            else f"expected {low:g} to {high:g} {item.unit}; is the unit right?"
        )
        raise _bad(item, int(row), column[row], place, way)
    return values


def _codes(item: EquationInput, column: NDArray[np.object_], place: str) -> Texts:
    names = _choice_names(item.choices)
    other = next((choice.code for choice in item.choices if choice.otherwise), None)
    found: dict[str, str] = {}
    codes = []
    for row, value in enumerate(column):
        text = _text(value)
        if text not in found:
            key = _key(text)
            code = "" if key in _NOT_KNOWN else names.get(key, other)
            if code is None:
                raise _bad(
                    item, row, text, place, f"give one of {', '.join(choice.code for choice in item.choices)}, or nothing"
                )
            found[text] = code
        codes.append(found[text])
    return np.array(codes, dtype=np.str_)


def choice_code(choices: Iterable[Choice], text: str) -> str:
    """The code of the choice that is written ``text``, without regard to case and order of alleles; empty for none.

    >>> choice_code([Choice("ag", "A/G", named=["A/G"])], "g/a")
    'ag'
    """
    return _choice_names(choices).get(_key(text), "")


def _choice_names(choices: Iterable[Choice]) -> dict[str, str]:
    """Every way in which a choice may be written, as a key, to its code."""
    return {_key(name): choice.code for choice in choices for name in (choice.code, *choice.named, *choice.phenotypes)}


def _text(value: object) -> str:
    return "" if value is None or (isinstance(value, float) and np.isnan(value)) else str(value)


def _key(text: str) -> str:
    return "/".join(sorted(part.strip() for part in text.lower().split("/")))


def _genotypes(marker: Marker, column: NDArray[np.object_], place: str) -> Texts:
    texts = []
    for row, value in enumerate(column):
        text = _text(value).strip().upper()
        parts = sorted(text.split("/"))
        if text and not (len(parts) == 2 and set(parts) <= set(marker.letters)):
            letters = " and ".join(marker.letters)
            raise RequestError(
                f"dose: {place}: person {row + 1}: {marker.name} is {str(value)!r}, expected two of {letters} as "
                f"{marker.letters[0]}/{marker.letters[1]}; the publication reads this marker on the {marker.strand} strand"
            )
        texts.append("/".join(parts))
    return np.array(texts, dtype=np.str_)


def _bad(item: EquationInput, row: int, value: object, place: str, way: str) -> RequestError:
    return RequestError(f"dose: {place}: person {row + 1}: {item.name} ({item.title}) is {value!r}; {way}")
