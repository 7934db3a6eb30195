"""The functions of FHIRPath on one text, and those between texts, numbers and truth values."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from nof1.fhir.path_nodes import Node
from nof1.fhir.path_parse import CALENDAR_UNITS, PathError

Nodes = Sequence[Node]
_INTEGER = re.compile(r"[+-]?\d{1,18}")
_DECIMAL = re.compile(r"[+-]?\d{1,40}(?:\.\d{1,40})?")
_TRUTHS = {"true": True, "t": True, "yes": True, "y": True, "1": True, "1.0": True}
_TRUTHS |= {"false": False, "f": False, "no": False, "n": False, "0": False, "0.0": False}


def one(nodes: Nodes) -> Any:
    """The only value, None where there is none. Raises ``PathError`` for several."""
    if len(nodes) > 1:
        raise PathError("path: a function of one value stands on several; take the first, or select()")
    return nodes[0].value if nodes else None


def as_text(value: Any) -> str | None:
    """A plain value as text, None for anything else.

    >>> as_text(True), as_text(1.5), as_text({})
    ('true', '1.5', None)
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    if isinstance(value, dict) and "value" in value and "code" in value:
        unit = str(value["code"])
        return f"{as_text(value['value'])} {unit if unit in CALENDAR_UNITS else repr(unit)}"
    return str(value) if isinstance(value, str | int | Decimal) else None


@lru_cache(maxsize=512)
def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.DOTALL)
    except re.error as error:
        raise PathError(f"path: '{text}' is no regular expression: {error}") from None


def _on_texts(
    made: Callable[..., Any], kind: str, number: int, fewest: int = -1
) -> tuple[Callable[..., list[Node]], int, int]:
    """A function of one text and ``number`` further single values; empty where the text or an argument is absent."""

    def call(nodes: Nodes, *others: Nodes) -> list[Node]:
        text = one(nodes)
        values = [one(other) for other in others]
        if text is None or any(value is None for value in values):
            return []
        if not isinstance(text, str):
            raise PathError("path: a function of text stands on something else; use toString()")
        try:
            answer = made(text, *values)
        except TypeError:
            raise PathError("path: an argument of a function of text is of the wrong type") from None
        return [] if answer is None else [Node(answer, kind)]

    return call, number if fewest < 0 else fewest, number


def _substring(text: str, start: int, length: int | None = None) -> str | None:
    if not 0 <= start < len(text):
        return None
    return text[start:] if length is None else text[start : start + max(0, length)]


def _to_text(nodes: Nodes) -> list[Node]:
    text = as_text(one(nodes))
    return [] if text is None else [Node(text, "string")]


def _to_integer(nodes: Nodes) -> list[Node]:
    value = one(nodes)
    if isinstance(value, int):
        return [Node(int(value), "integer")]
    return [Node(int(value), "integer")] if isinstance(value, str) and _INTEGER.fullmatch(value) else []


def _to_decimal(nodes: Nodes) -> list[Node]:
    value = one(nodes)
    if isinstance(value, str):
        return [Node(Decimal(value), "decimal")] if _DECIMAL.fullmatch(value) else []
    if isinstance(value, int | float | Decimal):
        return [Node(Decimal(as_text(value) or "0") if not isinstance(value, bool) else Decimal(value), "decimal")]
    return []


def _to_truth(nodes: Nodes) -> list[Node]:
    text = as_text(one(nodes))
    answer = _TRUTHS.get(text.lower()) if text else None
    return [] if answer is None else [Node(answer, "boolean")]


def _converts(made: Callable[[Nodes], list[Node]]) -> Callable[[Nodes], list[Node]]:
    return lambda nodes: [Node(bool(made(nodes)), "boolean")] if nodes else []


def _split(nodes: Nodes, separator: Nodes) -> list[Node]:
    text, sign = one(nodes), one(separator)
    if not isinstance(text, str) or not isinstance(sign, str):
        return []
    return [Node(part, "string") for part in (text.split(sign) if sign else text)]


def _join(nodes: Nodes, separator: Nodes = ()) -> list[Node]:
    return [Node(str(one(separator) or "").join(str(node.value) for node in nodes), "string")] if nodes else []


TEXT_FUNCTIONS: dict[str, tuple[Callable[..., list[Node]], int, int]] = {
    "startsWith": _on_texts(lambda text, start: text.startswith(start), "boolean", 1),
    "endsWith": _on_texts(lambda text, end: text.endswith(end), "boolean", 1),
    "contains": _on_texts(lambda text, part: part in text, "boolean", 1),
    "indexOf": _on_texts(lambda text, part: text.find(part), "integer", 1),
    "length": _on_texts(len, "integer", 0),
    "upper": _on_texts(str.upper, "string", 0),
    "lower": _on_texts(str.lower, "string", 0),
    "trim": _on_texts(str.strip, "string", 0),
    "substring": _on_texts(_substring, "string", 2, 1),
    "replace": _on_texts(lambda text, old, new: text.replace(old, new), "string", 2),
    "matches": _on_texts(lambda text, pattern: _pattern(pattern).search(text) is not None, "boolean", 1),
    "matchesFull": _on_texts(lambda text, pattern: _pattern(pattern).fullmatch(text) is not None, "boolean", 1),
    "replaceMatches": _on_texts(
        lambda text, pattern, new: _pattern(pattern).sub(new, text) if pattern else text, "string", 2
    ),
    "toChars": (lambda nodes: _split(nodes, [Node("", "string")]), 0, 0),
    "split": (_split, 1, 1),
    "join": (_join, 0, 1),
    "toString": (_to_text, 0, 0),
    "toInteger": (_to_integer, 0, 0),
    "toDecimal": (_to_decimal, 0, 0),
    "toBoolean": (_to_truth, 0, 0),
    "convertsToString": (_converts(_to_text), 0, 0),
    "convertsToInteger": (_converts(_to_integer), 0, 0),
    "convertsToDecimal": (_converts(_to_decimal), 0, 0),
    "convertsToBoolean": (_converts(_to_truth), 0, 0),
}
