"""Words in what is indexed of a resource: texts and displays of codes, names, addresses and other strings."""

from __future__ import annotations

from collections.abc import Sequence

from nof1.fhir.definitions import definitions
from nof1.fhir.indexing import normalised
from nof1.fhir.query_tree import Content, Match, Text
from nof1.store.sql_scope import Scope
from nof1.store.sql_text import Sql, among, either, every, sql
from nof1.store.sql_values import Rows, containing, like

_MOST = 500  # different texts that are asked for one by one


def texts(scope: Scope, match: Match) -> list[Rows]:
    """The rows of a token's texts that contain one of the values (``:text``)."""
    wanted = [sql("norm LIKE ? ESCAPE '!'", like(normalised(one.text))) for one in match.values if isinstance(one, Text)]
    numbers = scope.parameters(match.parameter.id)
    return [one for number in numbers for one in _containing(scope, number, either(wanted))]


def _containing(scope: Scope, number: int, condition: Sql) -> list[Rows]:
    """The rows under a parameter whose text meets the condition: the different texts are few and looked through first."""
    statement = sql(
        "SELECT norm FROM counted_text WHERE parameter = ? AND number > 0 AND {} LIMIT ?", number, condition, _MOST + 1
    )
    norms = [norm for (norm,) in scope.r.rows(*statement)]
    own = sql("@.parameter = ?", number)
    if not norms:
        return []
    if len(norms) > _MOST:
        return [Rows("i_text", sql("{} AND {}", own, Sql(condition.text.replace("norm", "@.norm"), condition.values)))]
    if len(norms) <= 20:
        return [Rows("i_text", sql("{} AND @.norm = ?", own, norm), 1) for norm in norms]
    return [Rows("i_text", sql("{} AND {}", own, among("@.norm", norms)), len(norms))]


def content(scope: Scope, kinds: Sequence[str], criterion: Content) -> list[Rows]:
    """The rows of every string and every text of a code that contain all words of one of the texts."""
    ways = []
    split = [normalised(text).split() for text in criterion.texts]
    for words in split:
        ways.append(sql("({})", every(sql("norm LIKE ? ESCAPE '!'", like(word)) for word in words)))
    wanted, indexed = either(ways), _indexed(scope, kinds)
    found = [one for number in indexed["i_text"] for one in _containing(scope, number, wanted)]
    strings: list[Rows] = []
    if numbers := indexed["i_string"]:  # names and addresses, which are nearly as many as resources
        for words, way in zip(split, ways, strict=True):
            of_strings = Sql(way.text.replace("norm LIKE", "@.norm LIKE"), way.values)
            strings.append(containing(sql("{} AND {}", among("@.parameter", numbers), of_strings), words))
    return [*(one._replace(is_scan=not one.is_point) for one in found), *strings]


def _indexed(scope: Scope, kinds: Sequence[str]) -> dict[str, list[int]]:
    known = definitions().parameters
    tables: dict[str, list[int]] = {"i_text": [], "i_string": []}
    for kind in kinds or ("Resource",):
        for parameter in known[kind].values():
            table = {"token": "i_text", "string": "i_string"}.get(parameter.kind)
            if table:
                tables[table] += [number for number in scope.parameters(parameter.id) if number not in tables[table]]
    return tables
