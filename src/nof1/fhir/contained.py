"""Contained resources: rules dom-2 to dom-5."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nof1.fhir.problem import Problem

Json = dict[str, Any]


def contained_types(container: Json) -> dict[str, str]:
    """The types of contained resources by id; the id '' is the resource that contains them, which ``#`` refers to.

    >>> contained_types({"resourceType": "Account", "contained": [{"resourceType": "Patient", "id": "p"}]})
    {'p': 'Patient', '': 'Account'}
    """
    found = {one["id"]: one["resourceType"] for one in container.get("contained", ()) if isinstance(one.get("id"), str)}
    return {**found, "": container["resourceType"]}


def contained_problems(resource: Json, container: Json) -> list[Problem]:
    """What a resource's contained ones have against them, or it itself when it is contained in ``container``."""
    if resource is not container:
        return list(_as_contained(resource))
    return list(_unnamed(resource)) if "contained" in resource else []


def _unnamed(container: Json) -> Iterator[Problem]:
    """Contained resources that nothing names and that do not name what contains them (``#``)."""
    named = set(_local(container))
    for at, one in enumerate(container["contained"]):
        if f"#{one.get('id')}" not in named and "#" not in _local(one):
            said = "nothing refers to this contained resource; refer to it by its #id or store it by itself (dom-3)"
            yield Problem(f"contained[{at}]", said, "invariant")


def _as_contained(resource: Json) -> Iterator[Problem]:
    if "contained" in resource:
        said = "a contained resource must not contain others; put it beside this one (dom-2)"
        yield Problem("contained", said, "invariant")
    for name, rule in (("versionId", "dom-4"), ("lastUpdated", "dom-4"), ("security", "dom-5")):
        if name in resource.get("meta", ()):
            yield Problem(
                f"meta.{name}", f"a contained resource has no {name} of its own; leave it out ({rule})", "invariant"
            )


def _local(value: Json) -> Iterator[str]:
    """Every text within that starts with #: references, canonicals and addresses alike."""
    level: list[Any] = [value]
    while level:
        below = [one for each in level for one in (each.values() if type(each) is dict else each)]
        yield from (one for one in below if type(one) is str and one[:1] == "#")
        level = [one for one in below if type(one) is dict or type(one) is list]
