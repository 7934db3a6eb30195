"""What the references of resources point at: contained resources, entries of the same bundle, a pool of others."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

Obj = dict[str, Any]
_LITERAL = re.compile(r"(?:(?P<base>https?://.+)/)?(?P<kind>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})(?:/_history/.+)?")


def pool_of(resources: list[Obj]) -> dict[str, Obj]:
    """Resources by ``Type/id``."""
    return {f"{one['resourceType']}/{one['id']}": one for one in resources if "id" in one}


@dataclass(frozen=True)
class Place:
    """Where a reference stands: its resource, the entries of its bundle by fullUrl, others by ``Type/id``.

    ``is_complete``: nothing else exists, so a reference that leads nowhere is an error.
    """

    resource: Obj
    address: str = ""
    entries: dict[str, Obj] = field(default_factory=dict)
    pool: dict[str, Obj] = field(default_factory=dict)
    is_complete: bool = True


def kind_of(reference: str) -> str:
    """The resource type that a literal reference names; empty where it names none."""
    match = _LITERAL.fullmatch(reference)
    return match["kind"] if match else ""


def resolve(reference: str, place: Place) -> Obj | None:
    """The resource meant; None where it is not at hand."""
    if reference.startswith("#"):
        if reference == "#":
            return place.resource
        return next((one for one in place.resource.get("contained", ()) if one.get("id") == reference[1:]), None)
    if reference in place.entries:
        return place.entries[reference]
    match = _LITERAL.fullmatch(reference)
    if match is None:
        return None
    local = f"{match['kind']}/{match['id']}"
    here = _LITERAL.fullmatch(place.address)
    if here and here["base"] and not match["base"]:
        found = place.entries.get(f"{here['base']}/{local}")
        if found is not None:
            return found
    return place.pool.get(local)
