"""Answers a search: the matching resources of one page in order, what they bring along, and the way to the next page."""

# ruff: noqa: S608 - pieces of statements are this room's own; what comes from outside is always a value

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from nof1.fhir.definitions import Parameter, definitions
from nof1.fhir.query_tree import Match, Moment, Search, Sort
from nof1.store import cursor
from nof1.store.fetched import fetched
from nof1.store.included import included
from nof1.store.resources import Stored
from nof1.store.session import Database, Reader
from nof1.store.sql_criteria import part
from nof1.store.sql_order import Place, after, keyed, ordered, own_column
from nof1.store.sql_parts import Part, Source
from nof1.store.sql_plan import Plan, Question, collected, counted, plan
from nof1.store.sql_scope import Compartment, Scope
from nof1.store.sql_text import every, joined, sql
from nof1.store.sql_walk import Way, by_key, by_rid, by_rid_among, code_phases, coded, index_phases, own_phases

__all__ = ["Compartment", "Page", "run"]
_FIRST = 1_000  # resources that are asked one by one before much is looked through
# the parameters of code and date by which i_code_date sorts a type: of a single code and a single date
_CODE_DATES = {
    "Condition": ("clinical-code", "Condition-onset-date"),
    "DiagnosticReport": ("clinical-code", "clinical-date"),
    "Observation": ("clinical-code", "clinical-date"),
    "Procedure": ("clinical-code", "clinical-date"),
}


@dataclass(frozen=True, slots=True)
class Page:
    """One page. ``total``: of all pages, None where it was not counted. ``next``: ``_after`` of the next page, None after
    the last. ``is_cut``: there was more to include than one page brings along.
    """

    matches: list[Stored]
    includes: list[Stored]
    total: int | None
    next: str | None
    is_cut: bool = False


def run(
    r: Reader,
    database: Database,
    search: Search,
    *,
    compartment_filter: Compartment | None = None,
    within: tuple[str, str] | None = None,
) -> Page:
    """The page of ``search`` in the snapshot ``r``.

    ``compartment_filter``: what may be seen; nothing else is matched, followed or included. ``within``: (type, id) of
    a compartment that is searched. Raises ``QueryError`` for a place in the pages and for a value set that this server
    does not know.
    """
    scope = Scope(r, database.names, compartment_filter)
    kinds = (search.kind,) if search.kind else search.types
    at = cursor.read(search.after, [_kind_of(sort) for sort in search.sort])
    parts = [part(scope, kinds, one, search.criteria) for one in search.criteria]
    if within is not None:
        parts.append(_inside(scope, kinds, within))
    question = Question(scope, kinds, tuple(parts), at.until if at else 0)
    if search.summary == "count" or search.count == 0:
        return Page([], [], counted(replace(question, until=0), 1), None)
    places, by = _places(question, search, at)
    return _page(question, search, at, places, by)


def _page(question: Question, search: Search, at: cursor.Cursor | None, places: list[Place], by: str) -> Page:
    scope, shown = question.scope, places[: search.count]
    total = len(shown) if at is None and len(places) <= search.count else None
    if total is None and search.total in ("estimate", "accurate"):
        total = counted(replace(question, until=0), search.count)
    following = None
    if len(places) > search.count:
        until = at.until if at else last_change(scope)
        following = cursor.written(until, by, shown[-1])
    matches = fetched(scope.r, [place.rid for place in shown])
    brought, is_cut = included(scope, search, [place.rid for place in shown])
    return Page(matches, fetched(scope.r, brought), None if search.total == "none" else total, following, is_cut)


def last_change(scope: Scope) -> int:
    """The number of the last change."""
    row = scope.r.row("SELECT max(seq) FROM version")
    return int(row[0]) if row and row[0] else 0


def _kind_of(sort: Sort) -> str:
    return {"id": "token", "updated": "date"}.get(own_column(sort), sort.parameter.kind)


def _inside(scope: Scope, kinds: Sequence[str], within: tuple[str, str]) -> Part:
    """The resources of a compartment, as a criterion that is always there."""
    name, owner = within
    own = replace(scope, seen=Compartment(name, (owner,)))
    number = scope.kind(name)
    if number is None:
        return Part(None, (), own.visible)
    alias, person = scope.alias(), scope.alias()
    numbers = [one for kind in kinds if (one := scope.kind(kind)) is not None]
    of_kinds = sql(f"{alias}.kind IN ({', '.join('?' * len(numbers))})", *numbers) if numbers else sql("1 = 1")
    where = every([sql(f"{alias}.compartment = ? AND {alias}.owner = ?", number, owner), of_kinds])
    sources = [Source(f"i_compartment {alias}", where, f"{alias}.rid", is_single=True)]
    if not kinds or name in kinds:
        itself = sql(f"{person}.kind = ? AND {person}.id = ? AND {person}.deleted = 0", number, owner)
        sources.append(Source(f"resource {person}", itself, f"{person}.rid"))
    return Part(None, tuple(sources), own.visible)


def _places(question: Question, search: Search, at: cursor.Cursor | None) -> tuple[list[Place], str]:
    """One more than a page of matches, and the parameter by which they are sorted when the search asked for no order."""
    if question.is_never:
        return [], ""
    limit = search.count + 1
    order: tuple[Sort, ...] = search.sort
    if at is not None and at.by:
        order = (Sort(definitions().by_id[at.by], True),)
    if not order and _is_scanned(question):
        first = by_rid_among(question, at.place if at else None, limit, _FIRST)
        if len(first) == limit:
            return first, ""
    chosen = plan(question, limit, is_sorted_enough=not order)
    if not order and at is None and not chosen.is_small and not chosen.is_sorted:
        dated = _dated(question)
        order = (Sort(dated, True),) if dated else ()
    by = order[0].parameter.id if order and not search.sort else ""
    place = at.place if at else None
    if chosen.is_small:
        return _collected(question, chosen, order, place, limit), by
    if order:
        return _walked(question, chosen, order, place, limit), by
    ways = chosen.sources if chosen.is_sorted else (question.everything(),)
    own = chosen.part if chosen.is_sorted else None
    return by_rid(
        question, [Way(one.tables, one.where, one.rid, "", own, not one.is_single) for one in ways], place, limit
    ), by


def _is_scanned(question: Question) -> bool:
    """Whether a criterion can be found only by looking through much: then the first resources are asked one by one."""
    return any(source.is_scan for one in question.parts for source in one.sources or ())


def _dated(question: Question) -> Parameter | None:
    """A date that most resources meet: the latest ones are found at once, and any order will do when none is asked for."""
    for one in question.parts:
        match = one.criterion
        if not isinstance(match, Match) or not isinstance(match.values[0], Moment) or len(question.kinds) != 1:
            continue
        if match.parameter.id != "Resource-lastUpdated":
            return match.parameter
    return None


def _walked(question: Question, chosen: Plan, order: Sequence[Sort], place: Place | None, limit: int) -> list[Place]:
    """Along an index, where there is one for the order; otherwise all matches are looked at."""
    if len(order) == 1 and len(question.kinds) == 1:
        (sort,) = order
        if own_column(sort):
            return by_key(question, sort, own_phases(question, sort), place, limit)
        code, date = _CODE_DATES.get(question.kinds[0], ("", ""))
        if sort.parameter.id == date and (about := next(coded(question, code), None)):
            return by_key(question, sort, code_phases(question, sort, about), place, limit)
        if sort.parameter.kind in ("date", "string"):
            return by_key(question, sort, index_phases(question, sort), place, limit)
    return _collected(question, chosen, order, place, limit)


def _collected(question: Question, chosen: Plan, order: Sequence[Sort], place: Place | None, limit: int) -> list[Place]:
    """All that the plan starts from, filtered and then sorted."""
    found = [keyed(question.scope, sort, "m.rid") for sort in order]
    columns = joined("", [sql(f", {{}} AS k{at}", one.value) for at, one in enumerate(found)])
    inner = sql(
        "SELECT m.rid AS rid{} FROM ({}) AS m {} WHERE {}",
        columns,
        collected(chosen.sources),
        joined(" ", [one.joins for one in found]),
        question.filtered("m.rid", chosen.part),
    )
    beyond = after(order, place) if place else sql("1 = 1")
    statement = sql(f"SELECT * FROM ({{}}) AS found WHERE {{}} ORDER BY {ordered(order)} LIMIT ?", inner, beyond, limit)
    return [Place(tuple(row[1:]), row[0]) for row in question.scope.r.rows(*statement)]
