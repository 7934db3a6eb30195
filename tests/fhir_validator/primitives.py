"""Whether a JSON value is a well-formed primitive of R4."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from xml.etree import ElementTree

_YEAR = r"[1-9]\d{3}|0[1-9]\d{2}|00[1-9]\d|000[1-9]"
_DAY = r"(?P<y>" + _YEAR + r")(-(?P<m>0[1-9]|1[0-2])(-(?P<d>0[1-9]|[12]\d|3[01])"
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?"
_ZONE = r"(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)"
PATTERNS = {
    "base64Binary": r"\s*([0-9a-zA-Z+/=]{4}\s*)+",
    "canonical": r"\S+",
    "code": r"[^\s]+(\s[^\s]+)*",
    "date": _DAY + ")?)?",
    "dateTime": _DAY + f"(T{_CLOCK}{_ZONE})?)?)?",
    "id": r"[A-Za-z0-9\-.]{1,64}",
    "instant": _DAY + "))" + f"T{_CLOCK}{_ZONE}",
    "markdown": r"\s*(\S|\s)*",
    "oid": r"urn:oid:[0-2](\.(0|[1-9]\d*))+",
    "string": r"[ \r\n\t\S]+",
    "time": _CLOCK,
    "uri": r"\S+",
    "url": r"\S+",
    "uuid": r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
}
_NUMBERS = {"integer": (-(2**31), 2**31 - 1), "positiveInt": (1, 2**31 - 1), "unsignedInt": (0, 2**31 - 1)}
NAMES = frozenset({*PATTERNS, *_NUMBERS, "boolean", "decimal", "xhtml"})
_XHTML = "{http://www.w3.org/1999/xhtml}"
_FORBIDDEN = {"script", "form", "base", "frame", "iframe", "object", "link", "head", "body", "input"}


def problem(kind: str, value: Any) -> str:
    """What is wrong with a value of this kind; empty where nothing is."""
    if kind == "boolean":
        return "" if isinstance(value, bool) else "is not true or false"
    if kind == "decimal":
        return "" if isinstance(value, int | float) and not isinstance(value, bool) else "is not a number"
    if kind in _NUMBERS:
        low, high = _NUMBERS[kind]
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return "" if is_number and low <= value <= high else f"is not a number from {low} to {high}"
    if not isinstance(value, str):
        return "is not text"
    if kind == "xhtml":
        return _xhtml(value)
    match = re.fullmatch(PATTERNS[kind], value)
    if not match or not value.strip():
        return f"is not a well-formed {kind}"
    return _calendar(match.groupdict()) if kind in ("date", "dateTime", "instant") else ""


def _calendar(parts: dict[str, str | None]) -> str:
    try:
        date(int(parts["y"] or 1), int(parts["m"] or 1), int(parts["d"] or 1))
    except ValueError:
        return "is no day of the calendar"
    return ""


def _xhtml(text: str) -> str:
    """Invariants txt-1 and txt-2: harmless XHTML with some content."""
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return "is not well-formed XML"
    if root.tag != f"{_XHTML}div":
        return "is not a div of XHTML"
    if not "".join(root.itertext()).strip() and root.find(f".//{_XHTML}img") is None:
        return "has no content (txt-2)"
    wrong = [part.tag for part in root.iter() if part.tag.removeprefix(_XHTML) in _FORBIDDEN or _XHTML not in part.tag]
    wrong += [name for part in root.iter() for name in part.attrib if name.lower().startswith("on")]
    return f"holds {wrong[0]} (txt-1)" if wrong else ""
