"""Composites: all parts of a value in one group of rows of a resource."""

# ruff: noqa: S608 - pieces of statements are this room's own; what comes from outside is always a value

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from nof1.fhir.index_shared import groups
from nof1.fhir.query_tree import Combined, Match
from nof1.store.sql_parts import FEW, Part, Source, rows_up_to
from nof1.store.sql_scope import Scope
from nof1.store.sql_text import Sql, either, every, sql
from nof1.store.sql_values import Rows, rows


def composite(scope: Scope, kinds: Sequence[str], match: Match) -> Part:
    """All parts of a value in one group of rows."""
    found = []
    for value in match.values:
        assert isinstance(value, Combined)
        for group in groups(match.parameter.id):
            options = [rows(scope, name, "", [one]) for name, one in zip(group.ids, value.parts, strict=True)]
            options.sort(key=lambda some: _rank(scope, some))
            found += [_Grouped(first, options[1:], group.is_whole) for first in options[0]]
    sources = tuple(_source(scope, kinds, one) for one in found)

    def holds(rid: str) -> Sql:
        return either(_is_grouped(scope, kinds, one, rid) for one in found)

    return Part(match, sources, holds)


class _Grouped(NamedTuple):
    """Rows of one part, and those of the others beside each; ``is_whole``: anywhere in the same resource."""

    first: Rows
    others: Sequence[Sequence[Rows]]
    is_whole: bool


def _rank(scope: Scope, found: Sequence[Rows]) -> int:
    """Where to look first: at few rows, then at what is in order; last at what can be asked of each resource."""
    if sum(rows_up_to(scope, Sql(f"{one.table} t"), one.where.of("t"), FEW) for one in found) < FEW:
        return 0
    if not all(one.is_by_resource for one in found):
        return 1
    return 2 if all(one.points == 1 for one in found) else 3


def _source(scope: Scope, kinds: Sequence[str], group: _Grouped) -> Source:
    first, alias = group.first, scope.alias()
    where = every([first.where.of(alias), scope.of_kinds(kinds, f"{alias}.rid"), *_all_beside(scope, group, alias)])
    return Source(f"{first.table} {alias}", where, f"{alias}.rid", is_sorted=first.points == 1)


def _is_grouped(scope: Scope, kinds: Sequence[str], group: _Grouped, rid: str) -> Sql:
    first, alias = group.first, scope.alias()
    if not first.is_by_resource:
        one = _source(scope, kinds, group)
        return sql(f"{rid} IN (SELECT {one.rid} FROM {one.tables} WHERE {{}})", one.where)
    where = every([first.near(alias, rid), *_all_beside(scope, group, alias)])
    return sql(f"(SELECT 1 FROM {first.table} {alias} WHERE {{}} LIMIT 1) IS NOT NULL", where)


def _all_beside(scope: Scope, group: _Grouped, alias: str) -> list[Sql]:
    return [either(_beside(scope, one, alias, group.is_whole) for one in found) for found in group.others]


def _beside(scope: Scope, found: Rows, alias: str, is_whole: bool) -> Sql:
    """A row of another part in the same group."""
    other = scope.alias()
    where = (
        found.near(other, f"{alias}.rid")
        if found.is_by_resource
        else sql(f"{{}} AND {other}.rid = {alias}.rid", found.where.of(other))
    )
    same = "" if is_whole else f" AND {other}.part = {alias}.part"
    return sql(f"(SELECT 1 FROM {found.table} {other} WHERE {{}}{same} LIMIT 1) IS NOT NULL", where)
