"""The walk through a resource whose structure is right: references, bindings, narratives, contained resources, rules due."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from nof1.fhir.contained import contained_types
from nof1.fhir.definitions import definitions
from nof1.fhir.problem import Problem, shown, under
from nof1.fhir.shapes import Nested, Plan, Scope, plan_of
from nof1.fhir.structure import MOST, structure_problems

Json = dict[str, Any]
Due = list[tuple[Any, Json, Scope]]


def resource_problems(resource: Json, due: Due, outer: Scope | None = None, is_entry: bool = False) -> list[Problem]:
    """The problems of a resource, with paths from it (``component[1].code``); what rules are to judge joins ``due``.

    ``outer``: where the resource that contains it is. ``is_entry``: it stands in a transaction or batch.
    """
    kind = resource.get("resourceType")
    if not isinstance(kind, str) or kind not in definitions().resources:
        said = f"{shown(kind)} is no resource type of FHIR R4" if kind is not None else "resourceType is missing"
        return [Problem("resourceType", said, "structure")]
    found = structure_problems(resource, kind)
    if found:
        return [one._replace(path=one.path.removeprefix(kind).removeprefix(".")) for one in found]
    if outer:
        scope = Scope(resource, outer.container, outer.contained, outer.is_entry, due)
    else:
        scope = Scope(resource, resource, contained_types(resource), is_entry, due)
    return walked(resource, plan_of(kind), scope)


def walked(item: Json, plan: Plan, scope: Scope) -> list[Problem]:
    """The problems of an object, with paths from the object; about ``MOST`` of them where there are more."""
    keys = tuple(item)
    shape = plan.shapes.get(keys) or plan.shape(keys)
    found = list(shape.faults)
    for key, child in shape.parts:
        if told := walked(item[key], child, scope):
            found.extend(under(key, told))
    for key, child in shape.lists:
        for at, one in enumerate(item[key]):
            if one is not None and (told := walked(one, child, scope)):
                found.extend(under(f"{key}[{at}]", told))
                if len(found) >= MOST:  # more are not told
                    return found
    for check in shape.checks:
        if told := check(item, scope):
            found.extend(told)
    if shape.pairs:
        found.extend(_unpaired(item, shape.pairs))
    if shape.nested:
        found.extend(islice(_nested(item, shape.nested, scope), MOST))
    if shape.judges or (shape.settled and shape.broken != ()):
        scope.due.append((shape, item, scope))
    return found


def _unpaired(item: Json, pairs: tuple[str, ...]) -> Iterator[Problem]:
    """Lists of primitives that are longer or shorter than the list of their extensions beside them."""
    for key in pairs:
        values, beside = item[key[1:]], item[key]
        if len(values) != len(beside):
            said = f"{len(beside)} entries beside {len(values)} of {key[1:]}; fill the shorter list with null"
            yield Problem(key, said, "structure")


def _nested(item: Json, nested: tuple[Nested, ...], scope: Scope) -> Iterator[Problem]:
    """The problems of resources within the object."""
    is_resolved_later = scope.is_entry or scope.resource.get("type") in ("transaction", "batch")
    for key, is_many, is_contained in nested:
        outer = scope if is_contained else None
        for at, one in enumerate(item[key] if is_many else [item[key]]):
            told = resource_problems(one, scope.due, outer, is_resolved_later)
            yield from under(f"{key}[{at}]" if is_many else key, told)
