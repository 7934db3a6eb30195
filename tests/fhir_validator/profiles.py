"""Profiles as trees of constraints, built from the guide's differentials along the line of inheritance."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fhir_validator.base import CORE, children
from fhir_validator.terms import Terms

GUIDE = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/"


@dataclass
class Node:
    """What profiles demand of one element, beyond R4. ``expected``: a fixed value (``is_exact``) or a pattern."""

    name: str
    minimum: int = 0
    maximum: str = "*"
    types: list[dict[str, Any]] = field(default_factory=list)
    expected: Any = None
    is_exact: bool = False
    binding: dict[str, Any] = field(default_factory=dict)
    discriminators: list[dict[str, str]] = field(default_factory=list)
    is_closed: bool = False
    children: dict[str, Node] = field(default_factory=dict)
    slices: dict[str, Node] = field(default_factory=dict)

    def at(self, name: str, slice_name: str = "") -> Node:
        """The child (or its slice) with this name, made where there is none yet."""
        child = self.children.setdefault(name, Node(name))
        return child.slices.setdefault(slice_name, Node(name)) if slice_name else child

    def constrain(self, element: dict[str, Any]) -> None:
        """Add what one element of a differential says."""
        self.minimum = max(self.minimum, element.get("min", 0))
        self.maximum = element.get("max", self.maximum)
        self.types = element.get("type", self.types)
        self.binding = element.get("binding", self.binding)
        for key, value in element.items():
            if key.startswith(("fixed", "pattern")):
                self.expected, self.is_exact = value, key.startswith("fixed")
        if slicing := element.get("slicing"):
            self.discriminators = slicing.get("discriminator", [])
            self.is_closed = slicing["rules"] == "closed"


class Guide:
    """The profiles, value sets and code systems of a guide, by address."""

    def __init__(self, folder: Path) -> None:
        content = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
        self.structures = {one["url"]: one for one in content if one["resourceType"] == "StructureDefinition"}
        self.terms = Terms(content)
        self._built: dict[str, Node] = {}

    def line(self, url: str) -> list[str]:
        """The profile and those it is derived from, nearest first."""
        found = []
        while url in self.structures:
            found.append(url)
            url = self.structures[url]["baseDefinition"]
        return found

    def type_of(self, url: str) -> str:
        """The resource or data type that a profile constrains; of an R4 address, its name."""
        return str(self.structures[url]["type"]) if url in self.structures else url.removeprefix(CORE)

    def tree(self, url: str) -> Node:
        """All constraints of a profile."""
        if url not in self._built:
            structure = self.structures[url]
            base = structure["baseDefinition"]
            root = deepcopy(self.tree(base)) if base in self.structures else Node(structure["type"])
            for element in structure["differential"]["element"]:
                _place(root, element["id"]).constrain(element)
            self._built[url] = root
        return self._built[url]


def _place(root: Node, identifier: str) -> Node:
    node = root
    for part in identifier.split(".")[1:]:
        name, _, slice_name = part.partition(":")
        node = node.at(name, slice_name)
    return node


def unknown_names(root: Node, kind: str) -> list[str]:
    """Names in a tree that R4 does not have there: a check of the reading itself."""
    found: list[str] = []
    for name, child in root.children.items():
        element = children(kind).get(name)
        if element is None:
            found.append(f"{kind}.{name}")
            continue
        for node in (child, *child.slices.values()):
            kinds = [one["code"] for one in node.types] or list(element.types)
            options = [unknown_names(node, element.inner(one)) for one in kinds if children(element.inner(one))]
            found += min(options, key=len, default=[]) if node.children else []
    return found
