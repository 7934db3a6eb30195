"""The values that search parameters find in decoded resources, by the FHIRPath expressions of their SearchParameter resources."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import fhirpathpy
from fhirpathpy.models import models
from query_ranges import NotDefinedError
from query_values import Reading, place

Json = dict[str, Any]
Definitions = Mapping[str, Mapping[str, Mapping[str, Any]]]
Key = tuple[str, str]
OF_TYPE = re.compile(r"\.where\(resolve\(\) is (\w+)\)")


def definitions(parameters: Iterable[Json]) -> dict[str, dict[str, dict[str, Any]]]:
    """Type -> code -> type, expression, target, component of SearchParameter resources; a component has its type.

    >>> definitions([{"code": "g", "base": ["Patient"], "type": "token", "url": "u", "expression": "Patient.gender"}])["Patient"]
    {'g': {'type': 'token', 'expression': 'Patient.gender', 'target': [], 'component': []}}
    """
    listed = list(parameters)
    kinds = {one.get("url"): one["type"] for one in listed}
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for one in listed:
        inner = [
            {"type": kinds.get(part["definition"]), "expression": part["expression"]} for part in one.get("component", [])
        ]
        told = {
            "type": one["type"],
            "expression": one.get("expression", ""),
            "target": one.get("target", []),
            "component": inner,
        }
        for base in one["base"]:
            found.setdefault(base, {})[one["code"]] = told
    return found


# ---------------------------------------------------------------------------------------------- values of a parameter


@cache
def compiled(expression: str) -> Callable[..., list[Any]]:
    """A FHIRPath expression as a function of a resource."""
    return fhirpathpy.compile(expression, models["r4"])


def filtered(expression: str) -> str:
    """With ``as`` as the filter that search parameters mean by it, also of several values, and ``dateTime`` as it is spelt.

    >>> filtered("(Observation.component.value as Quantity)"), filtered("value.as(DateTime)")
    ('(Observation.component.value.ofType(Quantity))', 'value.ofType(dateTime)')
    """
    text = re.sub(r"([\w.]+) as (\w+)", r"\1.ofType(\2)", expression).replace(".as(", ".ofType(")
    return text.replace("(DateTime)", "(dateTime)")


def branches(expression: str, kind: str) -> Iterator[tuple[str, str]]:
    """The parts of a union that are about this type, each with the type that its references must have, if any."""
    depth, start = 0, 0
    for at, sign in enumerate(f"{expression}|"):
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and depth == 0:
            branch = expression[start:at].strip()
            start = at + 1
            about = re.match(r"\(*([A-Z]\w*)", branch)
            if about and about[1] not in (kind, "Resource", "DomainResource"):
                continue
            of_type = OF_TYPE.search(branch)
            branch = filtered(re.sub(r"\b(Domain)?Resource\b", kind, OF_TYPE.sub("", branch)))
            yield branch, of_type[1] if of_type else ""


@dataclass(slots=True)
class World:
    """All resources by key, what defines parameters, and what was evaluated already."""

    resources: dict[Key, Json]
    definitions: Definitions
    reading: Reading
    seen: dict[tuple[Key, str], list[Any]] = field(default_factory=dict)

    def definition(self, kind: str, code: str) -> Mapping[str, Any]:
        """Of the type, or of all resources."""
        for base in (kind, "DomainResource", "Resource"):
            if code in self.definitions.get(base, {}) and self.definitions[base][code].get("expression"):
                return self.definitions[base][code]
        raise NotDefinedError(f"{kind} has no parameter {code}")

    def values(self, key: Key, code: str) -> list[Any]:
        """What a parameter finds in a resource."""
        if (key, code) not in self.seen:
            told, found = self.definition(key[0], code), []
            for branch, of_type in branches(told["expression"], key[0]):
                inner = compiled(branch)(self.resources[key])
                found += [one for one in inner if not of_type or self.type_of(one) == of_type]
            self.seen[key, code] = found
        return self.seen[key, code]

    def type_of(self, one: Any) -> str:
        """The type that a reference points to, as far as it says."""
        there = place(one.get("reference", ""), self.reading) if isinstance(one, dict) else None
        return there[0] if there else one.get("type", "") if isinstance(one, dict) else ""

    def targets(self, key: Key, code: str) -> set[Key]:
        """The resources here that a reference parameter points to."""
        texts = [one.get("reference", "") if isinstance(one, dict) else str(one) for one in self.values(key, code)]
        return {there for there in (place(text, self.reading) for text in texts) if there in self.resources}

    def references(self, kind: str) -> list[str]:
        """The codes of the reference parameters of a type."""
        return [code for code, told in self.definitions.get(kind, {}).items() if told["type"] == "reference"]


def world_of(resources: Iterable[Json], told: Definitions, reading: Reading | None) -> World:
    """Copies of the resources, by type and id."""
    return World({(one["resourceType"], one["id"]): deepcopy(one) for one in resources}, told, reading or Reading())
