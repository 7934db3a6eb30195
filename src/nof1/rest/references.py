"""References within a bundle: found and rewritten in the bytes of a resource, whose other bytes stay as they came."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import msgspec

_KEYS = rb"reference|url|uri|valueUri|valueUrl"
# a key and a string that is its value; within a JSON string quotes are escaped, so nothing inside one looks like this
_STATED = re.compile(rb'"(' + _KEYS + rb')"(\s*:\s*)("(?:[^"\\]|\\.)*")')
_LOCAL = ("urn:uuid:", "urn:oid:")
_ADDRESS = re.compile(r"(https?://.+/)([A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64})")


def rewritten(body: bytes, known: Mapping[str, str]) -> bytes:
    """``body`` with every reference to a key of ``known`` replaced by its value; other kinds of address only for URNs.

    >>> rewritten(b'{"subject": {"reference": "urn:uuid:1"}, "valueDecimal": 1.50}', {"urn:uuid:1": "Patient/9"})
    b'{"subject": {"reference": "Patient/9"}, "valueDecimal": 1.50}'
    """

    def replaced(found: re.Match[bytes]) -> bytes:
        said = _text(found[3])
        new = known.get(said)
        if not said or new is None or (found[1] != b"reference" and not said.startswith(_LOCAL)):
            return found[0]
        return b'"' + found[1] + b'"' + found[2] + msgspec.json.encode(new)

    return _STATED.sub(replaced, body)


def relative(known: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What relative references mean: base of a fullUrl -> ``Type/id`` -> what it becomes.

    A relative reference is of the server that the fullUrl of its own entry names: ``Patient/1`` there is not ours.

    >>> relative({"http://a.org/fhir/Patient/1": "Patient/9", "urn:uuid:2": "Patient/8"})
    {'http://a.org/fhir/': {'Patient/1': 'Patient/9'}}
    """
    found: dict[str, dict[str, str]] = {}
    for url, to in known.items():
        if match := _ADDRESS.fullmatch(url):
            found.setdefault(match[1], {})[match[2]] = to
    return found


def base_of(url: str) -> str:
    """The base of a fullUrl, empty where it is no address of a resource.

    >>> base_of("http://a.org/fhir/Patient/1"), base_of("urn:uuid:2")
    ('http://a.org/fhir/', '')
    """
    match = _ADDRESS.fullmatch(url)
    return match[1] if match else ""


def stated(body: bytes) -> Iterator[str]:
    """Every literal reference of a resource.

    >>> list(stated(b'{"subject":{"reference":"Patient/1"},"url":"http://example.org"}'))
    ['Patient/1']
    """
    for found in _STATED.finditer(body):
        if found[1] == b"reference":
            yield _text(found[3])


def _text(written: bytes) -> str:
    """A JSON string decoded; empty where it is none, which whoever decodes the whole body refuses."""
    try:
        return msgspec.json.decode(written, type=str)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


def has_searches(body: bytes) -> bool:
    """Whether a reference of a resource is a search.

    >>> has_searches(b'{"reference":"Patient?identifier=1"}'), has_searches(b'{"reference":"Patient/1"}')
    (True, False)
    """
    return b"?" in body and any(_is_search(said) for said in stated(body))


def conditional(body: bytes, find: Callable[[str, str], str]) -> bytes:
    """``body`` with references that are searches (``Patient?identifier=1``) replaced by what ``find`` gives for them."""
    searches = {said: find(*said.split("?", 1)) for said in set(stated(body)) if _is_search(said)}
    return rewritten(body, searches) if searches else body


def _is_search(said: str) -> bool:
    kind, mark, _ = said.partition("?")
    return bool(mark) and kind.isalpha() and kind[:1].isupper()
