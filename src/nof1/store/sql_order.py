"""The order of a search's matches: keys of resources, and which come after the last one of the page before."""

# ruff: noqa: S608 - pieces of statements are this room's own; what comes from outside is always a value

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from nof1.fhir.query_tree import Sort
from nof1.store.sql_scope import Scope
from nof1.store.sql_text import FALSE, Sql, among, either, every, sql

Key = str | int | float | None
_COLUMNS = {
    "token": ("i_token", "code"),
    "number": ("i_number", "low"),
    "reference": ("i_reference", "target"),
    "uri": ("i_uri", "value"),
    "string": ("i_string", "norm"),
    "date": ("i_date", "low"),
}
_BY_RESOURCE = ("i_date", "i_string", "i_reference")
_OWN = {"Resource-id": "id", "Resource-lastUpdated": "updated"}


class Place(NamedTuple):
    """A place in the order: the keys of a resource and its rid."""

    keys: tuple[Key, ...]
    rid: int


def own_column(sort: Sort) -> str:
    """The column of the resource that the parameter is, '' for none."""
    return _OWN.get(sort.parameter.id, "")


def column(sort: Sort) -> tuple[str, str]:
    """The index and its column with the values that are sorted by."""
    return _COLUMNS[sort.parameter.kind]


def least(sort: Sort) -> str:
    """Which of several values of a resource counts: dates by the first, others by the first in the order asked for."""
    return "max" if sort.is_descending and sort.parameter.kind != "date" else "min"


class Keyed(NamedTuple):
    """A key as an expression, and what must be joined to the resources for it."""

    value: Sql
    joins: Sql


def keyed(scope: Scope, sort: Sort, rid: str) -> Keyed:
    """The key of the resource in a column, NULL where it has no value."""
    alias = scope.alias()
    own = own_column(sort)
    if own:
        return Keyed(Sql(f"(SELECT {alias}.{own} FROM resource {alias} WHERE {alias}.rid = {rid})"), Sql(""))
    if sort.parameter.kind == "quantity":
        based, written = (_joined(scope, sort, table, "low", rid) for table in ("i_canonical", "i_quantity"))
        return Keyed(sql("coalesce({}, {})", based.value, written.value), sql("{} {}", based.joins, written.joins))
    table, name = column(sort)
    if table not in _BY_RESOURCE:
        return _joined(scope, sort, table, name, rid)
    lowest = f"SELECT {least(sort)}({alias}.{name}) FROM {table} {alias}"
    return Keyed(sql(f"({lowest} WHERE {alias}.rid = {rid} AND {{}})", _own(scope, sort, alias)), Sql(""))


def _joined(scope: Scope, sort: Sort, table: str, name: str, rid: str) -> Keyed:
    """Without an index by resource: the keys of all resources are found once."""
    alias, inner = scope.alias(), scope.alias()
    lowest = f"SELECT {inner}.rid, {least(sort)}({inner}.{name}) AS k FROM {table} {inner}"
    joins = f"LEFT JOIN ({lowest} WHERE {{}} GROUP BY {inner}.rid) AS {alias} ON {alias}.rid = {rid}"
    return Keyed(Sql(f"{alias}.k"), sql(joins, _own(scope, sort, inner)))


def _own(scope: Scope, sort: Sort, alias: str) -> Sql:
    """The rows of the parameter."""
    return among(f"{alias}.parameter", scope.parameters(sort.parameter.id) or [-1])


def ordered(order: Sequence[Sort]) -> str:
    """What stands after ORDER BY for columns k0, k1, ... and rid."""
    terms = [f"k{at} IS NULL, k{at} {direction(sort)}" for at, sort in enumerate(order)]
    return ", ".join([*terms, f"rid {tied(order)}"])


def direction(sort: Sort) -> str:
    """Up or down."""
    return "DESC" if sort.is_descending else "ASC"


def tied(order: Sequence[Sort]) -> str:
    """The direction of rids among equal keys: that of the first key."""
    return direction(order[0]) if order else "ASC"


def after(order: Sequence[Sort], place: Place) -> Sql:
    """What comes after ``place``, in columns k0, k1, ... and rid."""
    ways: list[Sql] = []
    same: list[Sql] = []
    for at, (sort, key) in enumerate(zip(order, place.keys, strict=True)):
        ways.append(every([*same, _beyond(f"k{at}", sort, key)]))
        same.append(Sql(f"k{at} IS NULL") if key is None else sql(f"k{at} = ?", key))
    ways.append(every([*same, sql(f"rid {'<' if tied(order) == 'DESC' else '>'} ?", place.rid)]))
    return either(sql("({})", one) for one in ways)


def _beyond(name: str, sort: Sort, key: Key) -> Sql:
    if key is None:
        return FALSE
    return sql(f"({name} {'<' if sort.is_descending else '>'} ? OR {name} IS NULL)", key)
