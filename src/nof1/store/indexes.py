"""The rows by which resources are found: made from what was extracted, put in, and taken away again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Protocol

import msgspec

from nof1.fhir.definitions import NARRATIVE
from nof1.fhir.indexing import Indexed, indexed
from nof1.store import counts
from nof1.store.grams import grams
from nof1.store.schema import INDEXES
from nof1.store.session import Row, Writer
from nof1.store.texts import kept

__all__ = ["COLUMNS", "Gathered", "NumbersOfNames", "Rows", "changed", "extracted", "kept", "rows"]
Rows = dict[str, set[Row]]


class NumbersOfNames(Protocol):
    """The number of a resource type, parameter or system by its name."""

    kinds: dict[str, int]
    parameters: dict[str, int]
    systems: dict[str, int]


COLUMNS: Mapping[str, tuple[str, ...]] = {
    table: tuple(column.split()[0] for column in columns.split(", ")) for table, (columns, _) in INDEXES.items()
}
# columns of the table of resources answer these
_OF_THE_RESOURCE = frozenset(("Resource-id", "Resource-lastUpdated"))
_DECODER = msgspec.json.Decoder()


def extracted(body: bytes) -> Indexed:
    """What is to be indexed of a stored body."""
    return indexed(_DECODER.decode(body))


def rows(of: Indexed, numbers: NumbersOfNames, kind: int, rid: int) -> Rows:
    """The rows of one resource, by table. Names new to the store are given numbers."""
    p, s, k = numbers.parameters, numbers.systems, numbers.kinds
    made: Rows = {
        "i_token": {
            (p[parameter], kept(code), s[system], rid, part)
            for parameter, system, code, part in of.tokens
            if parameter not in _OF_THE_RESOURCE
        },
        "i_text": {(p[parameter], kept(norm), rid, part) for parameter, norm, part in of.texts},
        "i_string": {(p[parameter], kept(norm), kept(exact), rid, part) for parameter, norm, exact, part in of.strings},
        "i_gram": {
            (gram, rid)
            for parameter, norm, _, _ in of.strings
            if parameter != NARRATIVE  # its words are found by their beginning
            for gram in grams(kept(norm))
        },
        "i_date": {
            (p[parameter], low, high, rid, part)
            for parameter, low, high, part in of.dates
            if parameter not in _OF_THE_RESOURCE
        },
        "i_quantity": {
            (p[parameter], kept(code), s[system], float(low), float(high), rid, part)
            for parameter, system, code, low, high, part in of.quantities
        },
        "i_canonical": {
            (p[parameter], kept(canon), float(low), float(high), rid, part)
            for parameter, canon, low, high, part in of.canonical
        },
        "i_number": {(p[parameter], float(low), float(high), rid, part) for parameter, low, high, part in of.numbers},
        "i_reference": {
            (p[parameter], kept(target), k[of_kind], rid, part) for parameter, of_kind, target, part in of.references
        },
        "i_uri": {(p[parameter], kept(value), rid, part) for parameter, value, part in of.uris},
        "i_compartment": {(k[compartment], kept(owner), kind, of.at, rid) for compartment, owner in of.compartments},
        "i_code_date": {(p[parameter], kept(code), s[system], at, rid) for parameter, system, code, at in of.code_dates},
        "i_code_quantity": {
            (p[parameter], kept(code), s[system], kept(canon), float(value), rid)
            for parameter, system, code, canon, value in of.code_quantities
        },
    }
    return {table: of_table for table, of_table in made.items() if of_table}


def changed(before: Rows, after: Rows) -> tuple[Rows, Rows]:
    """The rows to take away and those to put in.

    >>> changed({"i_uri": {(1, "a", 1, 0), (1, "b", 1, 0)}}, {"i_uri": {(1, "b", 1, 0)}})
    ({'i_uri': {(1, 'a', 1, 0)}}, {})
    """
    gone = {table: some - after.get(table, set()) for table, some in before.items()}
    new = {table: some - before.get(table, set()) for table, some in after.items()}
    return {table: some for table, some in gone.items() if some}, {table: some for table, some in new.items() if some}


class Gathered:
    """The rows of many resources, to be put in and taken away table by table."""

    __slots__ = ("_gone", "_new")

    def __init__(self) -> None:
        self._gone: dict[str, list[Row]] = {}
        self._new: dict[str, list[Row]] = {}

    def add(self, after: Rows, before: Rows | None = None) -> None:
        """Notes a resource whose rows were ``before`` and are to be ``after``."""
        gone, after = changed(before, after) if before else ({}, after)
        for table, some in gone.items():
            self._gone.setdefault(table, []).extend(some)
        for table, some in after.items():
            self._new.setdefault(table, []).extend(some)

    def write(self, w: Writer) -> None:
        """Takes away and puts in what was noted, in the order of each table."""
        counts.change(w, self._gone, self._new)
        for table, some in self._gone.items():
            w.many(_REMOVE[table], _ordered(table, some))
        for table, some in self._new.items():
            w.copy(table, ", ".join(COLUMNS[table]), _ordered(table, some))


_KEYS = {
    table: itemgetter(*(COLUMNS[table].index(column) for column in key.split(", "))) for table, (_, key) in INDEXES.items()
}
_REMOVE = {
    table: f"DELETE FROM {table} WHERE " + " AND ".join(f"{column} = ?" for column in columns)  # noqa: S608
    for table, columns in COLUMNS.items()
}


def _ordered(table: str, some: Iterable[Row]) -> list[Row]:
    """The rows by the key of their table: neighbours on disk are touched one after the other."""
    return sorted(some, key=_KEYS[table])
