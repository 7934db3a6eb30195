"""All of a patient's record: what is in the compartment, and who and what it refers to."""

# ruff: noqa: S608 - pieces of statements are this room's own; what comes from outside is always a value

from __future__ import annotations

from collections.abc import Sequence

from nof1.fhir.query_tree import COUNT, Search
from nof1.store import cursor
from nof1.store.fetched import fetched
from nof1.store.schema import KIND_SPAN
from nof1.store.search import Page, last_change, run
from nof1.store.session import Database, Reader
from nof1.store.sql_order import Place
from nof1.store.sql_scope import Compartment, Scope
from nof1.store.sql_text import Sql, among, every, sql

# types that belong to no compartment and are brought along when the record refers to them
_SHARED = ("Location", "Medication", "Organization", "Practitioner", "PractitionerRole")


def compartment_search(
    r: Reader, database: Database, owner: tuple[str, str], search: Search, *, compartment_filter: Compartment | None = None
) -> Page:
    """The page of a search in the compartment of ``owner``, its type and id; of all types when the search names none."""
    return run(r, database, search, compartment_filter=compartment_filter, within=owner)


def everything(
    r: Reader,
    database: Database,
    patient: str,
    *,
    since: int = 0,
    types: Sequence[str] = (),
    count: int | None = None,
    after: str = "",
    compartment_filter: Compartment | None = None,
) -> Page:
    """The patient with this id first, then the compartment, then what it refers to; all at once without ``count``.

    ``since``: only what was changed at or after it, microseconds since 1970. ``types``: only these. ``after``: as given as
    ``next`` by the page before; what was made later is on none of the pages. Empty when there is no such patient.
    """
    scope = Scope(r, database.names, compartment_filter)
    at = cursor.read(after, ["date"])
    limits = [sql("s.updated >= ?", since)] if since else []
    if at is not None and at.until:
        limits.append(sql("(s.rid & ?) <= ?", KIND_SPAN - 1, at.until))
    own = scope.kind("Patient")
    if own is None:
        return Page([], [], 0, None)
    groups = [
        _rids(scope, sql("SELECT s.rid FROM resource s WHERE {}", _is(own, patient, scope, types, limits))),
        _held(scope, own, patient, types, limits),
        _referred(scope, own, patient, types, limits),
    ]
    seen: dict[int, int] = {}
    for group, rids in enumerate(groups):
        for rid in rids:
            seen.setdefault(rid, group)
    return _page(scope, [(group, rid) for rid, group in seen.items()], count, at)


def _page(scope: Scope, places: Sequence[tuple[int, int]], count: int | None, at: cursor.Cursor | None) -> Page:
    begun = [place for place in places if at is None or place > (at.keys[0], at.rid)]
    shown = begun if count is None else begun[: count or COUNT]
    following = None
    if len(shown) < len(begun):
        until = at.until if at else last_change(scope)
        following = cursor.written(until, "", Place((shown[-1][0],), shown[-1][1]))
    return Page(fetched(scope.r, [rid for _, rid in shown]), [], len(places), following)


def _is(own: int, patient: str, scope: Scope, types: Sequence[str], limits: Sequence[Sql]) -> Sql:
    of_types = scope.of_kinds(types, "s.rid")
    is_one = sql("s.kind = ? AND s.id = ? AND s.deleted = 0", own, patient)
    return every([is_one, of_types, *limits, scope.visible("s.rid")])


def _held(scope: Scope, own: int, patient: str, types: Sequence[str], limits: Sequence[Sql]) -> list[int]:
    """The compartment in order of rids."""
    held = sql("c.compartment = ? AND c.owner = ? AND s.rid = c.rid", own, patient)
    where = every([held, scope.of_kinds(types, "c.rid"), *limits, scope.visible("s.rid")])
    return _rids(scope, sql("SELECT s.rid FROM i_compartment c CROSS JOIN resource s WHERE {} ORDER BY s.rid", where))


def _referred(scope: Scope, own: int, patient: str, types: Sequence[str], limits: Sequence[Sql]) -> list[int]:
    """What resources of the compartment refer to and no compartment has."""
    kinds = [number for kind in _SHARED if (not types or kind in types) and (number := scope.kind(kind)) is not None]
    if not kinds:
        return []
    held = sql("c.compartment = ? AND c.owner = ? AND i.rid = c.rid AND {}", own, patient, among("i.kind", kinds))
    target = Sql("s.kind = i.kind AND s.id = i.target AND s.deleted = 0")
    where = every([held, target, *limits, scope.visible("s.rid")])
    tables = "i_compartment c CROSS JOIN i_reference i CROSS JOIN resource s"
    return _rids(scope, sql(f"SELECT DISTINCT s.rid FROM {tables} WHERE {{}} ORDER BY s.rid", where))


def _rids(scope: Scope, statement: Sql) -> list[int]:
    return [rid for (rid,) in scope.r.rows(*statement)]
