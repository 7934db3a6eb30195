"""Pieces of a script in C++ or JavaScript: numbers, names, signs; anything else is refused with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nof1.errors import RequestError

MOST_CHARACTERS = 50_000
_TOKEN = re.compile(
    r"(?P<space>[ \t\r\f\v]+|//[^\n]*|/\*.*?\*/)"
    r"|(?P<line>\n)"
    r"|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign>===|!==|\*\*|\+\+|--|[-+*/]=|<=|>=|==|!=|&&|\|\||[-+*/<>=!&|?:;,.(){}\[\]])",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """``kind``: number, name, sign or end; ``line`` from 1."""

    kind: str
    text: str
    line: int


def tokens(text: str, place: str) -> list[Token]:
    """The pieces of ``text``, an ``end`` last. Raises ``RequestError`` naming ``place`` and the line."""
    if len(text) > MOST_CHARACTERS:
        raise RequestError(f"{place}: {len(text)} characters of code; {MOST_CHARACTERS} at most are read")
    return list(_pieces(text, place))


def _pieces(text: str, place: str) -> Iterator[Token]:
    line, position = 1, 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise RequestError(f"{place} line {line}: {text[position]!r} is no part of the arithmetic read here; rewrite it")
        kind = found.lastgroup or ""
        if kind in ("number", "name", "sign"):
            yield Token(kind, found.group(), line)
        line += found.group().count("\n")
        position = found.end()
    yield Token("end", "", line)
