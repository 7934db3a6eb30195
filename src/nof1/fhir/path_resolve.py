"""What a FHIRPath ``resolve()`` gives: the resource a reference points to, or what its text says of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from nof1.fhir.path_nodes import Node, resource_kind

Resolver = Callable[[str], dict[str, Any] | None]
# [address of a server/]Type/id[/_history/version]
_LITERAL = re.compile(
    r"(?:(?P<base>[a-z][a-z0-9+.-]*://\S+)/)?(?P<kind>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9.-]{1,64})(?:/_history/\S+)?"
)


class Target(NamedTuple):
    """What a literal reference names; ``base`` is the address of the server before it, empty for one of the same."""

    base: str
    kind: str
    id: str


def target(reference: str) -> Target | None:
    """The parts of a reference by type and id, None for any other.

    >>> target("Patient/1/_history/2"), target("https://example.org/fhir/Group/g")
    (Target(base='', kind='Patient', id='1'), Target(base='https://example.org/fhir', kind='Group', id='g'))
    >>> target("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0") is target("#p1") is None
    True
    """
    found = _LITERAL.fullmatch(reference)
    if found is None or resource_kind({"resourceType": found["kind"]}) == "Resource":
        return None
    return Target(found["base"] or "", found["kind"], found["id"])


def resolved(
    nodes: Iterable[Node], root: Any, resolver: Resolver | None, kept: dict[object, Any] | None = None
) -> list[Node]:
    """The resources that references (or addresses) point to.

    Within ``root`` first: contained resources and, in a bundle, entries by their full URL. Then what ``resolver`` finds.
    Else an empty resource of the type that the reference itself states; nothing where it states none. ``kept``: what was
    worked out of ``root`` already.
    """
    found = []
    kept = {} if kept is None else kept
    for node in nodes:
        value = node.value
        fields = value if isinstance(value, dict) else {"reference": value}
        text = fields.get("reference")
        if isinstance(text, str) and (resource := _known(text, root, resolver, kept)):
            found.append(Node(resource, resource_kind(resource)))
        elif kind := _stated(text, fields.get("type")):
            found.append(Node({"resourceType": kind}, kind))
    return found


def _known(text: str, root: Any, resolver: Resolver | None, kept: dict[object, Any]) -> dict[str, Any] | None:
    if text == "#":
        return root if isinstance(root, dict) else None
    within: dict[str, dict[str, Any]] | None = kept.get(_within)
    if within is None:
        within = kept[_within] = _within(root)
    if text in within or text.startswith("#"):
        return within.get(text)
    return resolver(text) if resolver else None


def _within(root: Any) -> dict[str, dict[str, Any]]:
    """Contained resources by ``#id`` and, in a bundle, entries by their full URL; the first of several."""
    found: dict[str, dict[str, Any]] = {}
    for one in _objects(root, "contained"):
        if isinstance(name := one.get("id"), str):
            found.setdefault(f"#{name}", one)
    for entry in _objects(root, "entry") if resource_kind(root) == "Bundle" else ():
        url, resource = entry.get("fullUrl"), entry.get("resource")
        if isinstance(url, str) and not url.startswith("#") and isinstance(resource, dict):
            found.setdefault(url, resource)
    return found


def _objects(root: Any, key: str) -> Iterator[dict[str, Any]]:
    found = root.get(key) if isinstance(root, dict) else None
    yield from (one for one in found if isinstance(one, dict)) if isinstance(found, list) else ()


def _stated(text: object, kind: object) -> str:
    if isinstance(text, str) and (named := target(text)):
        return named.kind
    stated = resource_kind({"resourceType": kind})
    return stated if stated != "Resource" else ""
