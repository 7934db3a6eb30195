"""Bundles as bytes: stored resources are put in as they are, never decoded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from nof1.rest.requests import encoded


class Entry(NamedTuple):
    """One entry: address, the resource's bytes (empty for none) and the other members (``search``, ``request``, ...)."""

    url: str
    body: bytes
    rest: dict[str, Any]


class Link(NamedTuple):
    """``self``, ``next``, ..."""

    relation: str
    url: str


def bundle(
    kind: str,
    entries: Iterable[Entry],
    *,
    links: Sequence[Link] = (),
    total: int | None = None,
    head: dict[str, Any] | None = None,
) -> bytes:
    """A bundle of type ``kind``.

    >>> bundle("searchset", [Entry("", b'{"resourceType":"Patient"}', {"search": {"mode": "match"}})], total=1)
    b'{"resourceType":"Bundle","type":"searchset","total":1,"entry":[{"resource":{"resourceType":"Patient"},"search":{"mode":"match"}}]}'
    """
    start: dict[str, Any] = {"resourceType": "Bundle", **(head or {}), "type": kind}
    if total is not None:
        start["total"] = total
    if links:
        start["link"] = [{"relation": one.relation, "url": one.url} for one in links]
    listed = b",".join(_entries(entries))
    return encoded(start)[:-1] + (b',"entry":[' + listed + b"]}" if listed else b"}")


def _entries(entries: Iterable[Entry]) -> Iterator[bytes]:
    last: dict[str, Any] | None = None
    told = b""
    for url, body, rest in entries:
        if rest is not last:  # mostly all entries share it
            last, told = rest, encoded(rest)[1:-1]
        parts = (b'"fullUrl":' + encoded(url) if url else b"", b'"resource":' + body if body else b"", told)
        yield b"{" + b",".join(part for part in parts if part) + b"}"
