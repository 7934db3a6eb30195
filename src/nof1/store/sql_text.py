"""Statements put together from pieces, each a text with its values in the order of the text."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

_ALIAS = "@"  # stands for the table of a piece until it is known by which name the statement calls it


class Sql(NamedTuple):
    """A piece of a statement. ``@`` in the text: the alias of its table."""

    text: str
    values: tuple[Any, ...] = ()

    def of(self, alias: str) -> Sql:
        """The piece for a table called ``alias``."""
        return Sql(self.text.replace(_ALIAS, alias), self.values)


TRUE = Sql("1 = 1")
FALSE = Sql("1 = 0")


def sql(template: str, *parts: Any) -> Sql:
    """The template with a piece for each ``{}`` and a value for each ``?``, in order.

    >>> sql("{} AND @.code = ?", sql("@.parameter = ?", 3), "x")
    Sql(text='@.parameter = ? AND @.code = ?', values=(3, 'x'))
    """
    texts, is_piece = _split(template)
    values: list[Any] = []
    made = [texts[0]]
    for part, is_sql, text in zip(parts, is_piece, texts[1:], strict=True):
        if is_sql:
            made.append(part.text)
            values += part.values
        else:
            made.append("?")
            values.append(part)
        made.append(text)
    return Sql("".join(made), tuple(values))


@lru_cache(maxsize=1024)
def _split(template: str) -> tuple[tuple[str, ...], tuple[bool, ...]]:
    texts, is_piece, start = [], [], 0
    for at, sign in enumerate(template):
        if sign == "?" or template.startswith("{}", at):
            texts.append(template[start:at])
            is_piece.append(sign != "?")
            start = at + (1 if sign == "?" else 2)
    return (*texts, template[start:]), tuple(is_piece)


def joined(sign: str, pieces: Iterable[Sql]) -> Sql:
    """The pieces with ``sign`` between them."""
    listed = list(pieces)
    return Sql(sign.join(one.text for one in listed), tuple(value for one in listed for value in one.values))


def every(pieces: Iterable[Sql]) -> Sql:
    """All of the conditions."""
    listed = [one for one in pieces if one != TRUE]
    return joined(" AND ", listed) if listed else TRUE


def either(pieces: Iterable[Sql]) -> Sql:
    """One of the conditions."""
    listed = list(pieces)
    if len(listed) == 1:
        return listed[0]
    return sql("({})", joined(" OR ", listed)) if listed else FALSE


def mostly(condition: Sql) -> Sql:
    """The condition, written so that PostgreSQL expects it to hold of most rows and keeps walking in order."""
    return sql("(SELECT 1 WHERE {}) IS NOT NULL", condition)


def among(column: str, values: Iterable[Any]) -> Sql:
    """The column is one of the values.

    >>> among("@.code", ["a"]).text, among("@.code", "ab").text
    ('@.code = ?', '@.code IN (?, ?)')
    """
    listed = tuple(values)
    if len(listed) == 1:
        return Sql(f"{column} = ?", listed)
    return Sql(f"{column} IN ({', '.join('?' * len(listed))})", listed)
