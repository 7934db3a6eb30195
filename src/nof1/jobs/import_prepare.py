"""The resources of a unit made ready to be stored: ids, references among them, validation, what is indexed.

Works in processes of its own: everything goes in and comes out as plain values.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl

import msgspec

from nof1.fhir.checked import problems
from nof1.fhir.definitions import definitions
from nof1.fhir.indexing import indexed
from nof1.jobs.import_units import Part
from nof1.rest import references
from nof1.store.resources import Item

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_SHOWN = 3  # problems told of one resource
_SEARCH = re.compile(rb'"reference"\s*:\s*"([A-Z][A-Za-z]+\?[^"\\]+)"')


class Prepared(NamedTuple):
    """What can be stored, what cannot (place, reason), and how many references became logical ones."""

    items: list[Item]
    left_out: list[tuple[str, str]]
    logical: int


class _Named(NamedTuple):
    part: Part
    kind: str
    id: str


class _Head(msgspec.Struct):
    resourceType: str  # noqa: N815 (FHIR's name)
    id: str = ""


_PACKED = msgspec.msgpack.Encoder()
_UNPACKED = msgspec.msgpack.Decoder(Prepared)
_HEAD = msgspec.json.Decoder(_Head)
_BODY = msgspec.json.Decoder()


def searches(parts: list[Part]) -> set[str]:
    """The references of a unit that are searches: ``Practitioner?identifier=…``."""
    return {found.decode("utf-8", "replace") for part in parts for found in _SEARCH.findall(part.body)}


def kinds(parts: list[Part]) -> set[str]:
    """The types of the resources of a unit, as far as they can be read."""
    found = set()
    for part in parts:
        try:
            found.add(_HEAD.decode(part.body).resourceType)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
    return found


def packed(parts: list[Part], resolved: Mapping[str, str]) -> bytes:
    """``prepared``, as bytes that pass quickly from one process to another."""
    return _PACKED.encode(prepared(parts, resolved))


def unpacked(packed: bytes) -> Prepared:
    """What ``packed`` gave."""
    return _UNPACKED.decode(packed)


def prepared(parts: list[Part], resolved: Mapping[str, str]) -> Prepared:
    """The unit ready to be stored. ``resolved``: references that are searches -> ``Type/id``, empty without a match."""
    left_out: list[tuple[str, str]] = []
    named = [one for part in parts if (one := _named(part, left_out)) is not None]
    known = {one.part.url: f"{one.kind}/{one.id}" for one in named if one.part.url}
    known |= {said: to for said, to in resolved.items() if to}
    items, logical = [], 0
    for one in named:
        body, number = one.part.body, 0
        if one.kind != "Bundle":  # what a stored bundle refers to is its own affair
            body, number = _SEARCH.subn(_logical, references.rewritten(body, known))
        item = _item(one, body, left_out)
        if item is not None:
            items.append(item)
            logical += number
    return Prepared(items, left_out, logical)


def _named(part: Part, left_out: list[tuple[str, str]]) -> _Named | None:
    """The resource with its id: its own, or one that follows from its address or content, the same each time."""
    try:
        head = _HEAD.decode(part.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        left_out.append((part.place, f"it is no FHIR resource in JSON: {error}"))
        return None
    if head.resourceType not in definitions().resources:
        left_out.append((part.place, f"{head.resourceType[:40]!r} is no type of resource of FHIR R4"))
        return None
    own = head.id if _ID.fullmatch(head.id) else hashlib.sha256(part.url.encode() or part.body).hexdigest()[:32]
    return _Named(part, head.resourceType, own)


def _logical(found: re.Match[bytes]) -> bytes:
    """A reference by identifier in place of one that is a search for it; any other search stays."""
    kind, _, query = found[1].decode("utf-8", "replace").partition("?")
    pairs = parse_qsl(query)
    if len(pairs) != 1 or pairs[0][0] != "identifier":
        return found[0]
    system, mark, value = pairs[0][1].partition("|")
    identifier = {"system": system, "value": value} if mark else {"value": system}
    return b'"type":' + msgspec.json.encode(kind) + b',"identifier":' + msgspec.json.encode(identifier)


def _item(one: _Named, body: bytes, left_out: list[tuple[str, str]]) -> Item | None:
    try:
        resource = _BODY.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        left_out.append((one.part.place, f"it is no JSON: {error}"))
        return None
    resource["id"] = one.id
    wrong = [problem for problem in problems(resource) if problem.is_error]
    if wrong:
        more = f" (and {len(wrong) - _SHOWN} more)" if len(wrong) > _SHOWN else ""
        told = "; ".join(f"{problem.path}: {problem.message}" for problem in wrong[:_SHOWN])
        left_out.append((one.part.place, told + more))
        return None
    return Item(one.kind, one.id, body, indexed(resource), "PUT")
