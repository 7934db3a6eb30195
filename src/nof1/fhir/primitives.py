"""How FHIR's primitive values are written in JSON: a schema for each, with regular expressions that know the calendar.

The expressions run in linear time in the dialect of Rust: no look-ahead, no backward reference.
"""

from __future__ import annotations

from typing import Any

from nof1.fhir.definitions import definitions

LONGEST = 1024 * 1024  # characters of a string
_BITS = 2**31
# R4 gives decimals no bound; what a float cannot hold could be neither indexed nor compared
_LARGEST = 1e300
_CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f"
_MONTH = "(?:0[1-9]|1[0-2])"
_DAY = "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
_LEAP_YEAR = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
_YEAR = "(?:[0-9](?:[0-9](?:[0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)"
_FULL = f"(?:{_YEAR}-{_DAY}|{_LEAP_YEAR}-02-29)"
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_TEXT = f"[^{_CONTROL}]+"
_NO_SPACE = r"[^\s\x00-\x1f]"
_PATTERNS = {
    "date": f"{_YEAR}|{_YEAR}-{_MONTH}|{_FULL}",
    "dateTime": f"{_YEAR}|{_YEAR}-{_MONTH}|{_FULL}(?:T{_CLOCK}{_ZONE})?",
    "instant": f"{_FULL}T{_CLOCK}{_ZONE}",
    "time": _CLOCK,
    "string": _TEXT,
    "markdown": _TEXT,
    "xhtml": _TEXT,
    "uri": f"{_NO_SPACE}+",
    "url": f"{_NO_SPACE}+",
    "canonical": f"{_NO_SPACE}+",
    "code": f"{_NO_SPACE}+(?: {_NO_SPACE}+)*",
    "base64Binary": r"\s*(?:(?:[A-Za-z0-9+/]\s*){4})*(?:(?:[A-Za-z0-9+/]\s*){2}(?:[A-Za-z0-9+/]\s*|=\s*)=\s*)?",
    # what the specification writes as plain text: an element's own id
    "elementId": f"{_NO_SPACE}+",
}
_NUMBERS: dict[str, dict[str, Any]] = {
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer", "minimum": -_BITS, "maximum": _BITS - 1},
    "unsignedInt": {"type": "integer", "minimum": 0, "maximum": _BITS - 1},
    "positiveInt": {"type": "integer", "minimum": 1, "maximum": _BITS - 1},
    "decimal": {"type": "number", "minimum": -_LARGEST, "maximum": _LARGEST},
}
_EXPECTED = {
    "date": "a date of the calendar such as 1970, 1970-05 or 1970-05-28",
    "dateTime": "a date of the calendar such as 1970, 1970-05, 1970-05-28 or 1970-05-28T13:30:00+02:00",
    "instant": "a time with zone such as 2015-02-07T13:28:17.239+02:00",
    "time": "a time of day such as 13:30:00",
    "string": "text without control characters, not empty, at most 1 MB",
    "markdown": "text without control characters, not empty, at most 1 MB",
    "xhtml": "XHTML, not empty",
    "uri": "an address without spaces, not empty",
    "url": "an address without spaces, not empty",
    "canonical": "an address without spaces, not empty",
    "code": "a code without spaces at its ends, without doubled spaces, not empty",
    "base64Binary": "base64, its length filled up with =",
    "elementId": "text without spaces, not empty",
    "id": "1 to 64 letters, digits, - and .",
    "oid": "an OID such as urn:oid:1.2.3.4",
    "uuid": "a UUID in small letters such as urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
    "boolean": "true or false, not in quotes",
    "integer": "a whole number from -2147483648 to 2147483647, not in quotes",
    "unsignedInt": "a whole number from 0 to 2147483647, not in quotes",
    "positiveInt": "a whole number from 1 to 2147483647, not in quotes",
    "decimal": "a number, not in quotes",
}


def is_primitive(kind: str) -> bool:
    """Whether values of this type are plain JSON values."""
    return kind in _EXPECTED


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of a primitive."""
    if kind in _NUMBERS:
        return _NUMBERS[kind]
    pattern = _PATTERNS.get(kind) or definitions().types[kind].regex
    limit = {"string": {"maxLength": LONGEST}, "markdown": {"maxLength": LONGEST}, "base64Binary": {"minLength": 1}}
    return {"type": "string", **limit.get(kind, {}), "pattern": f"^(?:{pattern})$"}


def expected(kind: str) -> str:
    """In words, what is a right value.

    >>> expected("positiveInt")
    'a whole number from 1 to 2147483647, not in quotes'
    """
    return _EXPECTED[kind]
