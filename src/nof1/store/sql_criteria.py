"""A criterion of a search -> where to find the resources that meet it, and how to ask whether one of them does."""

# ruff: noqa: S608 - pieces of statements are this room's own; what comes from outside is always a value

from __future__ import annotations

from collections.abc import Sequence

from nof1.fhir.definitions import Parameter, definitions
from nof1.fhir.query_tree import Chain, Combined, Criterion, Has, Match, Missing, Moment, Token
from nof1.store.counts import number_of_code
from nof1.store.resources import number_of
from nof1.store.sql_content import content, texts
from nof1.store.sql_groups import composite
from nof1.store.sql_measured import measured
from nof1.store.sql_parts import Part, Source, is_among, source_of, sources_of
from nof1.store.sql_ranges import at_moment
from nof1.store.sql_scope import Scope
from nof1.store.sql_sets import concepts
from nof1.store.sql_text import FALSE, TRUE, Sql, among, either, mostly, sql
from nof1.store.sql_values import Rows, rows

_TABLES: dict[str, tuple[str, ...]] = {
    "token": ("i_token", "i_text"),
    "string": ("i_string",),
    "date": ("i_date",),
    "number": ("i_number",),
    "quantity": ("i_quantity",),
    "reference": ("i_reference",),
    "uri": ("i_uri",),
}


def part(scope: Scope, kinds: Sequence[str], criterion: Criterion, others: Sequence[Criterion] = ()) -> Part:
    """The criterion made ready for resources of ``kinds`` that meet ``others`` as well."""
    if isinstance(criterion, Match):
        if (found := measured(scope, kinds, criterion, others)) is not None:
            return _of_rows(scope, kinds, criterion, found)
        return _match(scope, kinds, criterion)
    if isinstance(criterion, Missing):
        return _missing(scope, kinds, criterion)
    if isinstance(criterion, Chain):
        return _chain(scope, kinds, criterion)
    if isinstance(criterion, Has):
        return _has(scope, kinds, criterion)
    return _of_rows(scope, kinds, criterion, content(scope, kinds, criterion))


def _match(scope: Scope, kinds: Sequence[str], match: Match) -> Part:
    if match.parameter.id in ("Resource-id", "Resource-lastUpdated"):
        found = _own_column(scope, kinds, match)
    elif isinstance(match.values[0], Combined):
        return composite(scope, kinds, match)
    elif match.modifier in ("in", "not-in", "above", "below") and match.parameter.kind == "token":
        found = rows(scope, match.parameter.id, "", concepts(scope, match))
    elif match.modifier == "text" and match.parameter.kind == "token":
        found = texts(scope, match)
    else:
        found = rows(scope, match.parameter.id, match.modifier, match.values)
    return _of_rows(scope, kinds, match, found)


def _of_rows(scope: Scope, kinds: Sequence[str], criterion: Criterion, found: Sequence[Rows]) -> Part:
    def holds(rid: str) -> Sql:
        return either(is_among(scope, kinds, one, rid) for one in found)

    if isinstance(criterion, Match) and criterion.is_negative:
        if _has_every_one(scope, kinds, found):
            return Part(criterion, (), lambda _: FALSE)
        return Part(criterion, None, lambda rid: mostly(sql("NOT {}", holds(rid))))
    return Part(criterion, tuple(source for one in found for source in sources_of(scope, kinds, one)), holds)


def _has_every_one(scope: Scope, kinds: Sequence[str], found: Sequence[Rows]) -> bool:
    """Whether all resources of the type have the one code: then none is without it, and none needs to be asked."""
    kind = scope.kind(kinds[0]) if len(kinds) == 1 else None
    if kind is None or len(found) != 1 or found[0].code is None:
        return False
    return number_of(scope.r, kinds[0]) == number_of_code(scope.r, *found[0].code, kind)


def _own_column(scope: Scope, kinds: Sequence[str], match: Match) -> list[Rows]:
    """``_id`` and ``_lastUpdated``, which are columns of the resource."""
    found = []
    ids = [one.code for one in match.values if isinstance(one, Token)]
    numbers = [scope.kind(kind) for kind in kinds or definitions().resources]
    known = among("@.kind", [number for number in numbers if number is not None] or [-1])
    if ids:
        found.append(Rows("resource", sql("{} AND {} AND @.deleted = 0", known, among("@.id", ids))))
    for one in match.values:
        if isinstance(one, Moment):
            found.append(Rows("resource", sql("{} AND {} AND @.deleted = 0", known, at_moment(one, "@.updated"))))
    return found


def _missing(scope: Scope, kinds: Sequence[str], criterion: Missing) -> Part:
    parameter = criterion.parameter
    if parameter.id in ("Resource-id", "Resource-lastUpdated"):
        return Part(criterion, None, lambda _: FALSE if criterion.is_missing else TRUE)
    suffixes = ("", ":identifier") if parameter.kind == "reference" else ("",)
    numbers = [number for one in suffixes for number in scope.parameters(parameter.id, one)]
    tables = (*_TABLES[parameter.kind], *(("i_token",) if parameter.kind == "reference" else ()))
    found = [Rows(table, sql("@.parameter = ?", number)) for table in tables for number in numbers]

    def holds(rid: str) -> Sql:
        return either(is_among(scope, kinds, one, rid) for one in found)

    if criterion.is_missing:
        return Part(criterion, None, lambda rid: mostly(sql("NOT {}", holds(rid))))
    return Part(criterion, tuple(source_of(scope, kinds, one) for one in found), holds)


def _number(scope: Scope, parameter: Parameter) -> int:
    found = scope.parameter(parameter.id)
    return -1 if found is None else found


def _chain(scope: Scope, kinds: Sequence[str], chain: Chain) -> Part:
    number = _number(scope, chain.parameter)
    ends = [(kind, part(scope, [kind], criterion)) for kind, criterion in chain.ends if scope.kind(kind) is not None]
    found: list[Source] | None = []
    for kind, end in ends:
        if end.sources is None or found is None:
            found = None
            continue
        found += [_referring(scope, kinds, number, kind, one) for one in end.sources]

    def holds(rid: str) -> Sql:
        return either(_refers(scope, number, kind, end, rid) for kind, end in ends)

    return Part(chain, None if found is None else tuple(found), holds)


def _referring(scope: Scope, kinds: Sequence[str], number: int, kind: str, target: Source) -> Source:
    """The resources that refer to those of ``target``."""
    resource, link = scope.alias(), scope.alias()
    where = sql(
        f"{{}} AND {{}} AND {resource}.rid = {target.rid} AND {link}.parameter = ? AND {link}.target = {resource}.id "
        f"AND {link}.kind = ? AND {{}}",
        target.where,
        scope.visible(target.rid),
        number,
        scope.kind(kind),
        scope.of_kinds(kinds, f"{link}.rid"),
    )
    return Source(f"{target.tables} CROSS JOIN resource {resource} CROSS JOIN i_reference {link}", where, f"{link}.rid")


def _refers(scope: Scope, number: int, kind: str, end: Part, rid: str) -> Sql:
    """Whether the resource refers to one that meets the end of the chain."""
    resource, link = scope.alias(), scope.alias()
    both = f"i_reference {link} CROSS JOIN resource {resource}"
    same = f"{resource}.kind = {link}.kind AND {resource}.id = {link}.target AND {resource}.deleted = 0"
    return sql(
        f"(SELECT 1 FROM {both} WHERE {link}.rid = {rid} AND {link}.parameter = ? AND {link}.kind = ? AND {same} "
        "AND {} AND {} LIMIT 1) IS NOT NULL",
        number,
        scope.kind(kind),
        end.holds(f"{resource}.rid"),
        scope.visible(f"{resource}.rid"),
    )


def _has(scope: Scope, kinds: Sequence[str], has: Has) -> Part:
    number = _number(scope, has.parameter)
    if scope.kind(has.kind) is None or scope.kind(kinds[0]) is None:
        return Part(has, (), lambda _: FALSE)
    inner = part(scope, [has.kind], has.criterion)
    sources = None
    if inner.sources is not None:
        sources = tuple(_referred(scope, kinds[0], number, one) for one in inner.sources)
    return Part(has, sources, lambda rid: _is_referred(scope, kinds[0], number, has.kind, inner, rid))


def _referred(scope: Scope, kind: str, number: int, source: Source) -> Source:
    """The resources of ``kind`` that those of ``source`` refer to."""
    link, resource = scope.alias(), scope.alias()
    where = sql(
        f"{{}} AND {{}} AND {link}.rid = {source.rid} AND {link}.parameter = ? AND {link}.kind = ? "
        f"AND {resource}.kind = {link}.kind AND {resource}.id = {link}.target AND {resource}.deleted = 0",
        source.where,
        scope.visible(source.rid),
        number,
        scope.kind(kind),
    )
    return Source(f"{source.tables} CROSS JOIN i_reference {link} CROSS JOIN resource {resource}", where, f"{resource}.rid")


def _is_referred(scope: Scope, kind: str, number: int, source: str, inner: Part, rid: str) -> Sql:
    """Whether a resource of type ``source`` that meets the inner criterion refers to the resource."""
    resource, link = scope.alias(), scope.alias()
    both = f"resource {resource} CROSS JOIN i_reference {link}"
    same = f"{link}.parameter = ? AND {link}.target = {resource}.id AND {link}.kind = ?"
    return sql(
        f"(SELECT 1 FROM {both} WHERE {resource}.rid = {rid} AND {same} AND {{}} AND {{}} AND {{}} LIMIT 1) IS NOT NULL",
        number,
        scope.kind(kind),
        scope.of_kinds([source], f"{link}.rid"),
        inner.holds(f"{link}.rid"),
        scope.visible(f"{link}.rid"),
    )
