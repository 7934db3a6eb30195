"""Words in what is indexed of a resource: texts and displays of codes, names, addresses and other strings."""

# ruff: noqa: S608 - pieces of statements are this room's own; what comes from outside is always a value

from __future__ import annotations

from collections.abc import Sequence

from nof1.fhir.definitions import definitions
from nof1.fhir.indexing import normalised
from nof1.fhir.query_tree import Content, Match, Text
from nof1.store.sql_scope import Scope
from nof1.store.sql_text import Sql, among, either, every, sql
from nof1.store.sql_values import Rows, like

_MOST = 500  # different texts that are asked for one by one


def texts(scope: Scope, match: Match) -> list[Rows]:
    """The rows of a token's texts that contain one of the values (``:text``)."""
    wanted = [sql("norm LIKE ? ESCAPE '!'", like(normalised(one.text))) for one in match.values if isinstance(one, Text)]
    numbers = scope.parameters(match.parameter.id)
    return [one for number in numbers for one in _containing(scope, "i_text", number, either(wanted))]


def _containing(scope: Scope, table: str, number: int, condition: Sql) -> list[Rows]:
    """The rows under a parameter whose text meets the condition: the different texts are few and looked through first."""
    statement = sql(
        f"WITH RECURSIVE n (norm) AS (SELECT (SELECT min(norm) FROM {table} WHERE parameter = ?) UNION ALL SELECT "
        f"(SELECT min(t.norm) FROM {table} t WHERE t.parameter = ? AND t.norm > n.norm) FROM n WHERE n.norm IS NOT NULL) "
        "SELECT norm FROM n WHERE norm IS NOT NULL AND {} LIMIT ?",
        number,
        number,
        condition,
        _MOST + 1,
    )
    norms = [norm for (norm,) in scope.r.rows(*statement)]
    own = sql("@.parameter = ?", number)
    if not norms:
        return []
    if len(norms) > _MOST:
        return [Rows(table, sql("{} AND {}", own, Sql(condition.text.replace("norm", "@.norm"), condition.values)))]
    if table == "i_text" and len(norms) <= 20:
        return [Rows(table, sql("{} AND @.norm = ?", own, norm), 1) for norm in norms]
    return [Rows(table, sql("{} AND {}", own, among("@.norm", norms)), len(norms))]


def content(scope: Scope, kinds: Sequence[str], criterion: Content) -> list[Rows]:
    """The rows of every string and every text of a code that contain all words of one of the texts."""
    ways = []
    for text in criterion.texts:
        words = [sql("norm LIKE ? ESCAPE '!'", like(word)) for word in normalised(text).split()]
        ways.append(sql("({})", every(words)))
    wanted, indexed = either(ways), _indexed(scope, kinds)
    found = [one for number in indexed["i_text"] for one in _containing(scope, "i_text", number, wanted)]
    if numbers := indexed["i_string"]:  # names and addresses, which are nearly as many as resources
        of_strings = Sql(wanted.text.replace("norm LIKE", "@.norm LIKE"), wanted.values)
        found.append(Rows("i_string", sql("{} AND {}", among("@.parameter", numbers), of_strings)))
    return [one._replace(is_scan=True) for one in found]


def _indexed(scope: Scope, kinds: Sequence[str]) -> dict[str, list[int]]:
    known = definitions().parameters
    tables: dict[str, list[int]] = {"i_text": [], "i_string": []}
    for kind in kinds or ("Resource",):
        for parameter in known[kind].values():
            table = {"token": "i_text", "string": "i_string"}.get(parameter.kind)
            if table:
                tables[table] += [number for number in scope.parameters(parameter.id) if number not in tables[table]]
    return tables
