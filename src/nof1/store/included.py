"""What a page brings along: resources that the matches refer to, and those that refer to them, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nof1.fhir.definitions import Parameter, definitions
from nof1.fhir.query_tree import Include, Search
from nof1.store.fetched import in_sizes
from nof1.store.schema import KIND_SPAN
from nof1.store.sql_scope import Scope
from nof1.store.sql_text import Sql, among, every, sql

MOST = 10_000
_MOST_STEPS = 8


def included(scope: Scope, search: Search, matches: Sequence[int]) -> tuple[list[int], bool]:
    """The row numbers of what is to be included, none twice and no match, and whether there was more than is brought."""
    known = dict.fromkeys(matches)
    found: list[int] = []
    latest, step = list(matches), 0
    while latest and step < _MOST_STEPS:
        new: dict[int, None] = {}
        for include in _of_step(search.includes, step):
            new |= dict.fromkeys(_referred(scope, include, latest))
        for include in _of_step(search.revincludes, step):
            new |= dict.fromkeys(_referring(scope, include, latest))
        latest = [rid for rid in new if rid not in known]
        known |= dict.fromkeys(latest)
        found += latest
        step += 1
        if len(found) > MOST:
            return found[:MOST], True
    return found, bool(latest)


def _of_step(includes: Sequence[Include], step: int) -> list[Include]:
    return [one for one in includes if step == 0 or one.is_iterated]


def _of_kind(scope: Scope, kind: str, rids: Iterable[int]) -> list[int]:
    """Those of a type; a row number says its type."""
    if not kind:
        return list(rids)
    number = scope.kind(kind)
    return [rid for rid in rids if rid // KIND_SPAN == number]


def _referred(scope: Scope, include: Include, rids: Sequence[int]) -> list[int]:
    """The resources that those with ``rids`` refer to."""
    conditions = [TARGET]
    if include.parameter is not None:
        conditions.append(sql("i.parameter = ?", scope.parameter(include.parameter.id)))
    if include.target:
        conditions.append(sql("i.kind = ?", scope.kind(include.target)))
    if any(None in one.values for one in conditions):
        return []
    found: list[int] = []
    for some in in_sizes(_of_kind(scope, include.kind, rids)):
        where = every([among("i.rid", some), *conditions, scope.visible("s.rid")])
        found += _rids(
            scope, sql("SELECT DISTINCT s.rid FROM i_reference i CROSS JOIN resource s WHERE {} ORDER BY s.rid", where)
        )
    return found


TARGET = Sql("s.kind = i.kind AND s.id = i.target AND s.deleted = 0")


def _referring(scope: Scope, include: Include, rids: Sequence[int]) -> list[int]:
    """The resources that refer to those with ``rids``."""
    numbers = [number for one in _parameters(include) if (number := scope.parameter(one.id)) is not None]
    if not numbers or (include.kind and scope.kind(include.kind) is None):
        return []
    found: list[int] = []
    for some in in_sizes(_of_kind(scope, include.target, rids)):
        where = every(
            [
                among("s.rid", some),
                among("i.parameter", numbers),
                Sql("i.target = s.id AND i.kind = s.kind"),
                scope.of_kinds([include.kind] if include.kind else [], "i.rid"),
                scope.visible("i.rid"),
            ]
        )
        found += _rids(
            scope, sql("SELECT DISTINCT i.rid FROM resource s CROSS JOIN i_reference i WHERE {} ORDER BY i.rid", where)
        )
    return found


def _parameters(include: Include) -> list[Parameter]:
    if include.parameter is not None:
        return [include.parameter]
    known = definitions().parameters
    of_kinds = [known[include.kind]] if include.kind else [known[kind] for kind in definitions().resources]
    found = {one.id: one for codes in of_kinds for one in codes.values() if one.kind == "reference"}
    return [one for one in found.values() if not include.target or not one.targets or include.target in one.targets]


def _rids(scope: Scope, statement: Sql) -> list[int]:
    return [rid for (rid,) in scope.r.rows(*statement)][: MOST + 1]
