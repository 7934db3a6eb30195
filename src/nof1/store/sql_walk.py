"""Walks along an index in the order that is asked for, until a page is full, without looking at all that match."""

# ruff: noqa: S608 - pieces of statements are this room's own; what comes from outside is always a value

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nof1.fhir.index_values import EVER
from nof1.fhir.query_tree import Match, Sort
from nof1.store.sql_order import Place, column, direction, least, own_column
from nof1.store.sql_parts import Part
from nof1.store.sql_plan import Question
from nof1.store.sql_text import Sql, every, joined, mostly, sql


class Way(NamedTuple):
    """Rows in an order. ``key``: column of the key, '' for the end of the order, where resources have none."""

    tables: str
    where: Sql
    rid: str
    key: str
    part: Part | None = None
    is_repeating: bool = False


def by_rid(question: Question, ways: Sequence[Way], after: Place | None, limit: int) -> list[Place]:
    """The next resources in order of rids."""
    statements = []
    for way in ways:
        beyond = [sql(f"{way.rid} > ?", after.rid)] if after else []
        where = every([way.where, *beyond, question.filtered(way.rid, way.part)])
        distinct = "DISTINCT " if way.is_repeating else ""
        statements.append(
            sql(f"SELECT {distinct}{way.rid} AS rid FROM {way.tables} WHERE {{}} ORDER BY {way.rid} LIMIT ?", where, limit)
        )
    return [Place((), rid) for (rid,) in question.scope.r.rows(*_together(statements, "rid", limit))]


def by_rid_among(question: Question, after: Place | None, limit: int, most: int) -> list[Place]:
    """The next resources in order of rids, as far as they are among the next ``most`` of their types."""
    every_one = question.everything()
    beyond = [sql(f"{every_one.rid} > ?", after.rid)] if after else []
    where = every([every_one.where, *beyond])
    next_ones = sql(f"SELECT {every_one.rid} AS rid FROM {every_one.tables} WHERE {{}} ORDER BY 1 LIMIT ?", where, most)
    statement = sql("SELECT m.rid FROM ({}) AS m WHERE {} ORDER BY 1 LIMIT ?", next_ones, question.filtered("m.rid"), limit)
    return [Place((), rid) for (rid,) in question.scope.r.rows(*statement)]


def by_key(question: Question, sort: Sort, phases: Sequence[Sequence[Way]], after: Place | None, limit: int) -> list[Place]:
    """The next resources in order of one key; phase after phase until there are enough."""
    found: list[Place] = []
    for ways in phases:
        found += _phase(question, sort, ways, after, limit - len(found))
        if len(found) >= limit:
            break
    return found


def _phase(question: Question, sort: Sort, ways: Sequence[Way], after: Place | None, limit: int) -> list[Place]:
    key = after.keys[0] if after else None
    up, sign = direction(sort), "<" if sort.is_descending else ">"
    is_end = not ways or not ways[0].key
    if after is not None and key is None and not is_end:
        return []
    statements = []
    for way in ways:
        beyond: list[Sql] = []
        if after is not None and is_end and key is None:
            beyond = [sql(f"{way.rid} {sign} ?", after.rid)]
        elif after is not None and not is_end:
            beyond = [sql(f"{way.key} {sign}= ? AND ({way.key} {sign} ? OR {way.rid} {sign} ?)", key, key, after.rid)]
        where = every([way.where, *beyond, question.filtered(way.rid, way.part)])
        columns = f"{way.rid} AS rid" if is_end else f"{way.rid} AS rid, {way.key} AS k"
        order = f"{way.rid} {up}" if is_end else f"{way.key} {up}, {way.rid} {up}"
        distinct = "DISTINCT " if way.is_repeating else ""
        statements.append(
            sql(f"SELECT {distinct}{columns} FROM {way.tables} WHERE {{}} ORDER BY {order} LIMIT ?", where, limit)
        )
    if not statements:
        return []
    rows = question.scope.r.rows(*_together(statements, f"rid {up}" if is_end else f"k {up}, rid {up}", limit))
    return [Place((row[1] if not is_end else None,), row[0]) for row in rows]


def _together(statements: Sequence[Sql], order: str, limit: int) -> Sql:
    if len(statements) == 1:
        return statements[0]
    parts = joined(" UNION ", [sql(f"SELECT * FROM ({{}}) AS p{at}", one) for at, one in enumerate(statements)])
    return sql(f"SELECT * FROM ({{}}) AS together ORDER BY {order} LIMIT ?", parts, limit)


def own_phases(question: Question, sort: Sort) -> list[list[Way]]:
    """By id or by time of the last change, along an index of resources; of one type."""
    alias = question.scope.alias()
    number = question.scope.kind(question.kinds[0])
    where = sql(f"{alias}.kind = ? AND {alias}.deleted = 0", number)
    return [[Way(f"resource {alias}", where, f"{alias}.rid", f"{alias}.{own_column(sort)}")]]


def index_phases(question: Question, sort: Sort) -> list[list[Way]]:
    """Along the index of a date or a string, each resource at the value that counts; then those without."""
    scope = question.scope
    table, name = column(sort)
    alias, inner, every_one = scope.alias(), scope.alias(), question.everything()
    number = scope.parameter(sort.parameter.id)
    number = -1 if number is None else number
    own = f"{inner}.rid = {alias}.rid AND {inner}.parameter = ?"
    counts = sql(f"(SELECT {least(sort)}({inner}.{name}) FROM {table} {inner} WHERE {own}) = {alias}.{name}", number)
    where = every([sql(f"{alias}.parameter = ?", number), scope.of_kinds(question.kinds, f"{alias}.rid"), mostly(counts)])
    other = scope.alias()
    lacks = sql(
        f"(SELECT 1 FROM {table} {other} WHERE {other}.rid = {every_one.rid} AND {other}.parameter = ? LIMIT 1) IS NULL",
        number,
    )
    return [
        [Way(f"{table} {alias}", where, f"{alias}.rid", f"{alias}.{name}", is_repeating=True)],
        [Way(every_one.tables, every([every_one.where, lacks]), every_one.rid, "")],
    ]


def code_phases(question: Question, sort: Sort, part: Part) -> list[list[Way]]:
    """Along the dates of a code. The index has neither dates without a beginning nor the moment 0; those are few."""
    scope = question.scope
    number = scope.parameter(sort.parameter.id)
    number = -1 if number is None else number
    before, after = _stretch(question, number, part, " < 0"), _stretch(question, number, part, " > 0")
    phases = [_exactly(question, number, -EVER), before, _exactly(question, number, 0), after]
    undated = []
    for source in part.sources or ():
        lacks = sql("{} IS NULL", _first(question, number, source.rid))
        undated.append(Way(source.tables, every([source.where, lacks]), source.rid, "", part))
    return [*(reversed(phases) if sort.is_descending else phases), undated]


def _stretch(question: Question, number: int, part: Part, condition: str) -> list[Way]:
    ways = []
    for source in part.sources or ():
        at = f"{source.rid.removesuffix('.rid')}.at"
        is_first = sql(f"{{}} = {at}", _first(question, number, source.rid))
        tables = source.tables.replace("i_token ", "i_code_date ")
        ways.append(Way(tables, every([source.where, Sql(f"{at}{condition}"), mostly(is_first)]), source.rid, at, part))
    return ways


def _exactly(question: Question, number: int, low: int) -> list[Way]:
    """Resources whose first date begins at ``low``."""
    alias = question.scope.alias()
    where = sql(
        f"{alias}.parameter = ? AND {alias}.low = ? AND {{}} AND {{}} = ?",
        number,
        low,
        question.scope.of_kinds(question.kinds, f"{alias}.rid"),
        _first(question, number, f"{alias}.rid"),
        low,
    )
    return [Way(f"i_date {alias}", where, f"{alias}.rid", f"{alias}.low", is_repeating=True)]


def _first(question: Question, number: int, rid: str) -> Sql:
    """When the first date of a resource begins."""
    alias = question.scope.alias()
    return sql(f"(SELECT min({alias}.low) FROM i_date {alias} WHERE {alias}.rid = {rid} AND {alias}.parameter = ?)", number)


def coded(question: Question, code: str) -> Iterator[Part]:
    """The criteria that ask for few codes of the parameter with id ``code``."""
    for part in question.parts:
        match = part.criterion
        is_it = isinstance(match, Match) and match.parameter.id == code and not match.modifier and part.sources
        if is_it and all(one.is_sorted and one.tables.startswith("i_token ") for one in part.sources or ()):
            yield part
