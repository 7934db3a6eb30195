"""What base R4 says of each element, from the tables beside this file."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

HERE = Path(__file__).parent
CORE = "http://hl7.org/fhir/StructureDefinition/"


@dataclass(frozen=True)
class Element:
    """One element: ``path`` from its type, ``types`` it may have, ``targets`` a reference may point at."""

    path: str
    name: str
    minimum: int
    is_list: bool
    types: tuple[str, ...]
    targets: tuple[str, ...]
    strength: str
    value_set: str
    same_as: str

    @cached_property
    def forms(self) -> tuple[tuple[str, str], ...]:
        """Keys and types under which it may be given: one for most, ``valueString`` and others for a choice."""
        if not self.name.endswith("[x]"):
            return ((self.name, (self.types or ("BackboneElement",))[0]),)
        stem = self.name.removesuffix("[x]")
        return tuple((stem + kind[:1].upper() + kind[1:], kind) for kind in self.types)

    def inner(self, kind: str) -> str:
        """The path under which the children of a value of type ``kind`` are found."""
        if self.same_as:
            return self.same_as
        return self.path if kind in ("BackboneElement", "Element") and children(self.path) else kind


def _rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@cache
def _by_parent() -> dict[str, dict[str, Element]]:
    found: dict[str, dict[str, Element]] = defaultdict(dict)
    for row in _rows("r4_elements.tsv"):
        parent, _, name = row["path"].rpartition(".")
        types = tuple(row["types"].split()) or (("BackboneElement",) if row["same_as"] else ())
        targets = tuple(row["targets"].split())
        binding = row["strength"], row["value_set"]
        found[parent][name] = Element(
            row["path"], name, int(row["min"]), row["max"] != "1", types, targets, *binding, row["same_as"]
        )
    return dict(found)


def children(path: str) -> dict[str, Element]:
    """The elements below a type or an element; empty for a primitive."""
    return _by_parent().get(path, {})


@cache
def types() -> frozenset[str]:
    """Every type of the tables."""
    return frozenset(_by_parent()[""])


@cache
def codes() -> dict[str, frozenset[str]]:
    """The codes of each value set that can be listed, whatever their system."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in _rows("r4_codes.tsv"):
        found[row["value_set"]].add(row["code"])
    return {name: frozenset(held) for name, held in found.items()}


@dataclass(frozen=True)
class CoreExtension:
    """An extension that R4 defines."""

    contexts: tuple[str, ...]
    values: tuple[str, ...]
    parts: tuple[str, ...]


@cache
def extensions() -> dict[str, CoreExtension]:
    return {
        row["url"]: CoreExtension(tuple(row["contexts"].split()), tuple(row["values"].split()), tuple(row["parts"].split()))
        for row in _rows("r4_extensions.tsv")
    }


def invariants(kinds: frozenset[str]) -> dict[str, str]:
    """Key and wording of every invariant with severity error of these types."""
    rows = [row for row in _rows("r4_invariants.tsv") if row["type"] in kinds and row["severity"] == "error"]
    return {row["key"]: row["human"] for row in rows}
