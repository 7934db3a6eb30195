"""The codes of a value set, and those above and below a code, of the specification or of this store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from nof1.fhir.definitions import definitions
from nof1.fhir.query_errors import QueryError
from nof1.fhir.query_tree import Match, Token, Uri
from nof1.store.sql_scope import Scope
from nof1.store.sql_text import sql
from nof1.store.sql_values import rows

_MOST = 10_000
_DEEPEST = 8
Json = dict[str, Any]


def concepts(scope: Scope, match: Match) -> list[Token]:
    """The codes that :in, :not-in, :above and :below ask for; ``QueryError`` names a set or system that is not known."""
    found: list[Token] = []
    for value in match.values:
        if isinstance(value, Uri):
            found += members(scope, value.uri, match)
        elif isinstance(value, Token):
            found += _hierarchy(scope, value, match)
    if len(found) > _MOST:
        raise _refused(match, "", f"more than {_MOST} codes")
    return list(dict.fromkeys(found)) or [Token(None, "")]


def members(scope: Scope, url: str, match: Match, depth: int = 0) -> list[Token]:
    """The codes of a value set."""
    known = definitions().codes.get(url.partition("|")[0])
    if known is not None:
        return [Token(system, code) for system, codes in known.items() for code in sorted(codes)]
    held = _held(scope, "ValueSet", url)
    if held is None:
        raise _refused(match, url, "this store does not have the value set; store it as a ValueSet with its codes")
    if depth > _DEEPEST:
        raise _refused(match, url, "value sets refer to each other too deeply")
    expanded = held.get("expansion", {}).get("contains")
    if expanded is not None:
        return [Token(one.get("system", ""), one["code"]) for one in _all(expanded, "contains") if one.get("code")]
    compose = held.get("compose", {})
    taken_out = {one for rule in compose.get("exclude", []) for one in _included(scope, rule, url, match, depth)}
    taken = [one for rule in compose.get("include", []) for one in _included(scope, rule, url, match, depth)]
    if taken_out and any(one.code is None for one in (*taken, *taken_out)):
        raise _refused(match, url, "it takes codes out of a whole system; store it with its codes")
    return [one for one in taken if one not in taken_out]


def _included(scope: Scope, rule: Json, url: str, match: Match, depth: int) -> list[Token]:
    """The codes of one rule: those listed, all of a system, or those that all of the named value sets have."""
    if rule.get("filter"):
        raise _refused(match, url, "its codes are given by a filter; store it with its codes")
    system = rule.get("system")
    found: list[Token] | None = None
    if rule.get("concept"):
        found = [Token(system or "", one["code"]) for one in rule["concept"] if one.get("code")]
    elif system:
        found = [Token(system, None)]
    for other in rule.get("valueSet", []):
        codes = members(scope, other, match, depth + 1)
        if found is not None and any(one.code is None for one in found):
            found = [one for one in codes if one.system == system]
        else:
            found = codes if found is None else [one for one in found if one in codes]
    return found or []


def _hierarchy(scope: Scope, token: Token, match: Match) -> list[Token]:
    system = token.system or ""
    held = _held(scope, "CodeSystem", system)
    if held is None or not any("concept" in one for one in held.get("concept", [])):
        raise _refused(match, system, "this store does not have the system with its hierarchy; store it as a CodeSystem")
    for path in _paths(held["concept"], ()):
        if path[-1].get("code") == token.code:
            chosen = path if match.modifier == "above" else (path[-1], *_all(path[-1].get("concept", []), "concept"))
            return [Token(system, one["code"]) for one in chosen if one.get("code")]
    raise _refused(match, system, f"the system has no code '{token.code}'")


def _all(listed: list[Json], name: str) -> Iterator[Json]:
    for one in listed:
        yield one
        yield from _all(one.get(name, []), name)


def _paths(listed: list[Json], above: tuple[Json, ...]) -> Iterator[tuple[Json, ...]]:
    for one in listed:
        yield (*above, one)
        yield from _paths(one.get("concept", []), (*above, one))


def _held(scope: Scope, kind: str, url: str) -> Json | None:
    """The resource with a canonical address, the last changed when there are several."""
    address, _, version = url.partition("|")
    parameter = definitions().parameters[kind]["url"].id
    for found in rows(scope, parameter, "", [Uri(address)])[:1]:
        statement = sql(
            "SELECT v.body FROM i_uri i CROSS JOIN resource s CROSS JOIN version v WHERE {} AND {} AND s.rid = i.rid "
            "AND v.rid = s.rid AND v.vid = s.vid AND s.deleted = 0 AND {} ORDER BY s.updated DESC",
            found.where.of("i"),
            scope.of_kinds([kind], "i.rid"),
            scope.visible("i.rid"),
        )
        for (body,) in scope.r.rows(*statement):
            held: Json = msgspec.json.decode(body)
            if not version or held.get("version") == version:
                return held
    return None


def _refused(match: Match, value: str, reason: str) -> QueryError:
    return QueryError(f"{match.parameter.code}:{match.modifier}", value, reason)
