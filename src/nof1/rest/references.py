"""References within a bundle: found and rewritten in the bytes of a resource, whose other bytes stay as they came."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import msgspec

_KEYS = rb"reference|url|uri|valueUri|valueUrl"
# a key and a string that is its value; within a JSON string quotes are escaped, so nothing inside one looks like this
_STATED = re.compile(rb'"(' + _KEYS + rb')"(\s*:\s*)("(?:[^"\\]|\\.)*")')
_LOCAL = ("urn:uuid:", "urn:oid:")


def rewritten(body: bytes, known: Mapping[str, str]) -> bytes:
    """``body`` with every reference to a key of ``known`` replaced by its value; other kinds of address only for URNs.

    >>> rewritten(b'{"subject": {"reference": "urn:uuid:1"}, "valueDecimal": 1.50}', {"urn:uuid:1": "Patient/9"})
    b'{"subject": {"reference": "Patient/9"}, "valueDecimal": 1.50}'
    """

    def replaced(found: re.Match[bytes]) -> bytes:
        said = msgspec.json.decode(found[3], type=str)
        new = known.get(said)
        if new is None or (found[1] != b"reference" and not said.startswith(_LOCAL)):
            return found[0]
        return b'"' + found[1] + b'"' + found[2] + msgspec.json.encode(new)

    return _STATED.sub(replaced, body)


def stated(body: bytes) -> Iterator[str]:
    """Every literal reference of a resource.

    >>> list(stated(b'{"subject":{"reference":"Patient/1"},"url":"http://example.org"}'))
    ['Patient/1']
    """
    for found in _STATED.finditer(body):
        if found[1] == b"reference":
            yield msgspec.json.decode(found[3], type=str)


def conditional(body: bytes, find: Callable[[str, str], str]) -> bytes:
    """``body`` with references that are searches (``Patient?identifier=1``) replaced by what ``find`` gives for them."""
    searches = {said: find(*said.split("?", 1)) for said in set(stated(body)) if _is_search(said)}
    return rewritten(body, searches) if searches else body


def _is_search(said: str) -> bool:
    kind, mark, _ = said.partition("?")
    return bool(mark) and kind.isalpha() and kind[:1].isupper()
