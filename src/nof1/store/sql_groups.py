"""Composites: all parts of a value in one group of rows of a resource."""

# ruff: noqa: S608 - pieces of statements are this room's own; what comes from outside is always a value

from __future__ import annotations

from collections.abc import Sequence

from nof1.fhir.query_tree import Combined, Match
from nof1.store.sql_parts import FEW, Part, Source, rows_up_to
from nof1.store.sql_scope import Scope
from nof1.store.sql_text import Sql, either, every, sql
from nof1.store.sql_values import Rows, rows


def composite(scope: Scope, kinds: Sequence[str], match: Match) -> Part:
    """All parts of a value in one group of rows."""
    groups = []
    for value in match.values:
        assert isinstance(value, Combined)
        options = [rows(scope, f"{match.parameter.id}#{at}", "", [one]) for at, one in enumerate(value.parts)]
        options.sort(key=lambda found: _rank(scope, found))
        groups += [(first, options[1:]) for first in options[0]]
    sources = tuple(_grouped(scope, kinds, first, others) for first, others in groups)

    def holds(rid: str) -> Sql:
        return either(_is_grouped(scope, kinds, first, others, rid) for first, others in groups)

    return Part(match, sources, holds)


def _rank(scope: Scope, found: Sequence[Rows]) -> int:
    """Where to look first: at few rows, then at what is in order; last at what can be asked of each resource."""
    if sum(rows_up_to(scope, Sql(f"{one.table} t"), one.where.of("t"), FEW) for one in found) < FEW:
        return 0
    if not all(one.is_by_resource for one in found):
        return 1
    return 2 if all(one.points == 1 for one in found) else 3


def _grouped(scope: Scope, kinds: Sequence[str], first: Rows, others: Sequence[Sequence[Rows]]) -> Source:
    alias = scope.alias()
    beside = [either(_beside(scope, one, alias) for one in found) for found in others]
    where = every([first.where.of(alias), scope.of_kinds(kinds, f"{alias}.rid"), *beside])
    return Source(f"{first.table} {alias}", where, f"{alias}.rid", is_sorted=first.points == 1)


def _is_grouped(scope: Scope, kinds: Sequence[str], first: Rows, others: Sequence[Sequence[Rows]], rid: str) -> Sql:
    if not first.is_by_resource:
        one = _grouped(scope, kinds, first, others)
        return sql(f"{rid} IN (SELECT {one.rid} FROM {one.tables} WHERE {{}})", one.where)
    alias = scope.alias()
    beside = [either(_beside(scope, one, alias) for one in found) for found in others]
    where = every([first.near(alias, rid), *beside])
    return sql(f"(SELECT 1 FROM {first.table} {alias} WHERE {{}} LIMIT 1) IS NOT NULL", where)


def _beside(scope: Scope, found: Rows, alias: str) -> Sql:
    """A row of another part in the same group."""
    other = scope.alias()
    where = (
        found.near(other, f"{alias}.rid")
        if found.is_by_resource
        else sql(f"{{}} AND {other}.rid = {alias}.rid", found.where.of(other))
    )
    return sql(
        f"(SELECT 1 FROM {found.table} {other} WHERE {{}} AND {other}.part = {alias}.part LIMIT 1) IS NOT NULL", where
    )
