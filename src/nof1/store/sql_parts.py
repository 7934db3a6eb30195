"""Criteria made ready: where the resources that meet one stand, and the condition that a resource meets it."""

# ruff: noqa: S608 - pieces of statements are this room's own; what comes from outside is always a value

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nof1.fhir.query_tree import Criterion
from nof1.store.grams import LONG
from nof1.store.sql_scope import Scope
from nof1.store.sql_text import Sql, every, sql
from nof1.store.sql_values import Rows

FEW = 200  # rows that are looked at one by one without a second thought


@dataclass(frozen=True, slots=True)
class Source:
    """Where resources that meet a criterion stand. ``rid``: the column of the resource. ``is_sorted``: in order of rids.

    ``is_single``: no resource stands there twice. ``code``: parameter, code and system, where it is one that is counted.
    ``is_scan``: to find them all rows of a parameter are looked through.
    """

    tables: str
    where: Sql
    rid: str
    is_sorted: bool = False
    is_single: bool = False
    code: tuple[int, str, int] | None = None
    is_scan: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A criterion made ready. ``sources``: all resources that meet it, None when only asking each resource will do.

    ``holds``: the condition that a resource with the rid in a column meets it.
    """

    criterion: Criterion | None
    sources: tuple[Source, ...] | None
    holds: Callable[[str], Sql]

    @property
    def is_never(self) -> bool:
        """Whether no resource can meet it."""
        return self.sources == ()


def rows_up_to(scope: Scope, tables: Sql, where: Sql, most: int) -> int:
    """How many rows there are, counted up to ``most``."""
    row = scope.r.row(*sql("SELECT count(*) FROM (SELECT 1 FROM {} WHERE {} LIMIT ?) AS few", tables, where, most))
    return int(row[0]) if row else 0


def source_of(scope: Scope, kinds: Sequence[str], found: Rows) -> Source:
    """The resources of the rows."""
    alias = scope.alias()
    where = every([found.where.of(alias), scope.of_kinds(kinds, f"{alias}.rid")])
    is_point = found.points == 1 and len(kinds) == 1
    rid, code, is_scan = f"{alias}.rid", found.code, found.is_scan
    return Source(f"{found.table} {alias}", where, rid, is_point, is_point, code, is_scan)


def sources_of(scope: Scope, kinds: Sequence[str], found: Rows) -> tuple[Source, ...]:
    """The resources of the rows, by way of the rarest piece of the texts where pieces are known."""
    if not found.pieces:
        return (source_of(scope, kinds, found),)

    def size(gram: str, most: int) -> int:
        where = every([sql("t.gram = ?", gram), scope.of_kinds(kinds, "t.rid")])
        return rows_up_to(scope, Sql("i_gram t"), where, most)

    rarest = min(found.pieces, key=lambda gram: size(gram, FEW))
    listed = []
    for gram in (rarest, *((LONG,) if size(LONG, 1) else ())):
        alias = scope.alias()
        own = [sql(f"{alias}.gram = ?", gram), scope.of_kinds(kinds, f"{alias}.rid")]
        where = every([*own, is_among(scope, kinds, found, f"{alias}.rid")])
        listed.append(Source(f"i_gram {alias}", where, f"{alias}.rid", is_sorted=len(kinds) == 1, is_single=True))
    return tuple(listed)


def is_among(scope: Scope, kinds: Sequence[str], found: Rows, rid: str) -> Sql:
    """The condition that the resource in a column has one of the rows."""
    alias = scope.alias()
    if found.is_by_resource:
        return sql(f"(SELECT 1 FROM {found.table} {alias} WHERE {{}} LIMIT 1) IS NOT NULL", found.near(alias, rid))
    where = every([found.where.of(alias), scope.of_kinds(kinds, f"{alias}.rid")])
    return sql(f"{rid} IN (SELECT {alias}.rid FROM {found.table} {alias} WHERE {{}})", where)
