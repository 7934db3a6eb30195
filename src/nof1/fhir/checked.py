"""Everything that is wrong with a resource of FHIR R4, with the place, the value and the way out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any

from nof1.fhir.definitions import definitions
from nof1.fhir.problem import Problem, joined, place, shown, under
from nof1.fhir.rules import Judge
from nof1.fhir.shapes import Scope, Shape
from nof1.fhir.structure import MOST
from nof1.fhir.walk import resource_problems

__all__ = ["Problem", "problems"]

Json = dict[str, Any]


def problems(resource: object, *, kind: str = "") -> list[Problem]:
    """What is wrong with a decoded resource; empty, or warnings only, when it may be stored.

    ``kind``: the type it must be, any when ''. Structure comes first, then bindings and references, then rules: what a
    later step would say of a resource that fails an earlier one is not told, and no more than ``MOST`` of one step. Never
    raises for what a JSON parser gives.

    >>> found = problems({"resourceType": "Observation", "status": "done", "code": {"text": "x"}})
    >>> [(one.path, one.code) for one in found if one.is_error]
    [('Observation.status', 'code-invalid')]
    """
    if not isinstance(resource, dict):
        return [Problem(kind or "Resource", f"expected a resource as an object, found {shown(resource)}", "structure")]
    stated = resource.get("resourceType")
    if kind and isinstance(stated, str) and stated != kind:
        return [Problem(f"{kind}.resourceType", f"{shown(stated)} stands where a {kind} is expected", "value")]
    due: list[tuple[Shape, Json, Scope]] = []
    start = stated if isinstance(stated, str) and stated in definitions().resources else kind or "Resource"
    found = list(islice(under(start, resource_problems(resource, due)), MOST))
    if not any(one.is_error for one in found):
        found.extend(_judged(due, resource))
    if "text" not in resource and (advice := _no_narrative(start)):
        found.append(advice)
    return found


def _judged(due: list[tuple[Shape, Json, Scope]], whole: Json) -> Iterator[Problem]:
    """The rules that are broken."""
    broken = list(islice(_broken(due), MOST))
    places = _places(whole, {id(item) for _, item in broken}) if broken else {}
    for judge, item in broken:
        said = f"breaks the rule {judge.rule.key}: {judge.rule.expression}"
        path = joined(places[id(item)], judge.member)
        yield Problem(path, said, "invariant", judge.rule.is_error)


def _broken(due: list[tuple[Shape, Json, Scope]]) -> Iterator[tuple[Judge, Json]]:
    for shape, item, scope in due:
        for judge in shape.of_settled(item, scope):
            yield judge, item
        for judge in shape.judges:
            if judge.is_broken(item, scope.resource, scope.kept):
                yield judge, item


def _places(whole: Json, wanted: set[int]) -> dict[int, str]:
    """Where objects stand in the resource, by their identity: those very objects, not ones like them."""
    found = {}
    waiting: list[tuple[Any, str]] = [(whole, str(whole["resourceType"]))]
    while waiting:
        value, path = waiting.pop()
        if id(value) in wanted:
            found[id(value)] = path
        below = value.items() if isinstance(value, dict) else enumerate(value)
        waiting.extend((one, place(path, (key,))) for key, one in below if isinstance(one, dict | list))
    return found


@cache
def _no_narrative(kind: str) -> Problem | None:
    """Rule dom-6, which is advice."""
    if kind not in definitions().types or "text" not in definitions().types[kind].elements:
        return None
    return Problem(f"{kind}.text", "no narrative for a reader; add text with a div (dom-6)", "invariant", is_error=False)
