"""The definitions of FHIR R4 (4.0.1): types and their elements, search parameters, codes, rules, compartments.

Read from the tables beside this module; ``tools/make_fhir_tables.py`` makes them from the open package of the specification.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

VERSION = "4.0.1"
_MANY = "*"
# words of the narrative; the specification gives it no expression
NARRATIVE = "DomainResource-text"
# types that stand where several are meant, and what search parameters call the base of all resources
ABSTRACT = ("Resource", "DomainResource")


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a type. ``name``: as in JSON, without the type of a choice (``value`` of ``value[x]``).

    ``types``: more than one for a choice. ``targets``: resource types that a reference may point to, empty for any.
    ``value_set``: of a required binding. ``content``: the element whose content it repeats (``Bundle.link``).
    """

    path: str
    name: str
    types: tuple[str, ...]
    low: int
    is_many: bool
    is_choice: bool
    targets: tuple[str, ...] = ()
    value_set: str = ""
    content: str = ""
    is_summary: bool = False

    def key(self, kind: str) -> str:
        """The JSON key of a value of type ``kind``: ``valueQuantity``."""
        return f"{self.name}{kind[0].upper()}{kind[1:]}" if self.is_choice else self.name


@dataclass(frozen=True, slots=True)
class Rule:
    """An invariant: a FHIRPath expression that must be true of every element at ``path``. ``is_error``: or a warning."""

    path: str
    key: str
    expression: str
    is_error: bool


@dataclass(frozen=True, slots=True)
class Type:
    """A type by its path: ``Patient``, ``HumanName``, or a part within a type, ``Patient.contact``.

    ``kind``: ``resource``, ``complex-type``, ``primitive-type`` or ``part``. ``elements``: by name, inherited ones too.
    ``regex``: how a primitive is written.
    """

    path: str
    kind: str
    base: str
    is_abstract: bool
    elements: Mapping[str, Element]
    regex: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A search parameter, ``code`` in the address of a search.

    ``kind``: ``token``, ``string``, ``date``, ``reference``, ``quantity``, ``number``, ``uri``, ``composite``, ``special``.
    ``components``: of a composite, (id of the parameter, expression on what the own expression gives).
    """

    id: str
    code: str
    kind: str
    bases: tuple[str, ...]
    expression: str
    targets: tuple[str, ...]
    components: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Definitions:
    """All of it. ``types``: by path. ``parameters``: type -> code -> parameter, those of all resources included.

    ``codes``: value set -> system -> codes, of required bindings that can be listed. ``rules``: by path.
    ``compartments``: compartment -> type -> codes of the parameters that make a resource part of it.
    """

    types: Mapping[str, Type]
    resources: tuple[str, ...]
    parameters: Mapping[str, Mapping[str, Parameter]]
    by_id: Mapping[str, Parameter]
    codes: Mapping[str, Mapping[str, frozenset[str]]]
    rules: Mapping[str, tuple[Rule, ...]]
    compartments: Mapping[str, Mapping[str, tuple[str, ...]]]

    def part(self, element: Element, kind: str) -> str:
        """The path of the type with the elements of ``element`` read as ``kind``: ``Patient.contact`` or ``HumanName``.

        >>> known = definitions()
        >>> known.part(known.types["Patient"].elements["contact"], "BackboneElement")
        'Patient.contact'
        >>> known.part(known.types["Patient"].elements["name"], "HumanName")
        'HumanName'
        """
        if element.content:
            return element.content
        return element.path if element.path in self.types else kind


@cache
def definitions() -> Definitions:
    """The definitions, read once.

    >>> known = definitions()
    >>> len(known.resources), known.types["Observation"].elements["value"].key("Quantity")
    (146, 'valueQuantity')
    >>> known.parameters["Observation"]["code"].kind, "_id" in known.parameters["Patient"]
    ('token', True)
    """
    types = _types()
    resources = tuple(sorted(name for name, one in types.items() if one.kind == "resource" and not one.is_abstract))
    by_id = _parameters()
    return Definitions(types, resources, _by_type(by_id, resources), by_id, _codes(), _rules(), _compartments())


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = files("nof1.fhir").joinpath("tables", name).read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split("|")) if text else ()


@dataclass(slots=True)
class _Growing:
    kind: str
    base: str
    is_abstract: bool
    regex: str = ""
    elements: dict[str, Element] = field(default_factory=dict)


def _types() -> dict[str, Type]:
    found: dict[str, _Growing] = {}
    for row in _rows("elements.tsv"):
        path = row["path"]
        if "." not in path:
            kind = row["types"].removesuffix("-abstract")
            found[path] = _Growing(kind, row["targets"], row["types"].endswith("-abstract"))
            continue
        owner, _, name = path.rpartition(".")
        if owner not in found:  # the first element of a part
            found[owner] = _Growing("part", "BackboneElement", False)
        found[owner].elements[name.removesuffix("[x]")] = _element(row)
        if name == "value" and row["regex"]:
            found[owner].regex = row["regex"]
    return {path: Type(path, one.kind, one.base, one.is_abstract, one.elements, one.regex) for path, one in found.items()}


def _element(row: dict[str, str]) -> Element:
    path = row["path"]
    name = path.rpartition(".")[2]
    return Element(
        path=path,
        name=name.removesuffix("[x]"),
        types=_split(row["types"]),
        low=int(row["min"]),
        is_many=row["max"] not in ("0", "1"),
        is_choice=name.endswith("[x]"),
        targets=_split(row["targets"]),
        value_set=row["value_set"],
        content=row["content"],
        is_summary=bool(row["summary"]),
    )


def _parameters() -> dict[str, Parameter]:
    found = {}
    for row in _rows("parameters.tsv"):
        parts = [part.partition("=") for part in row["components"].split(" ; ") if part]
        components = tuple((name, expression) for name, _, expression in parts)
        one = Parameter(
            row["id"], row["code"], row["type"], _split(row["bases"]), row["expression"], _split(row["targets"]), components
        )
        found[one.id] = one
    found[NARRATIVE] = Parameter(NARRATIVE, "_text", "string", ("DomainResource",), "", (), ())
    return found


def _by_type(by_id: Mapping[str, Parameter], resources: tuple[str, ...]) -> dict[str, dict[str, Parameter]]:
    found: dict[str, dict[str, Parameter]] = {name: {} for name in (*ABSTRACT, *resources)}
    for one in by_id.values():
        for base in one.bases:
            found[base][one.code] = one
    shared = {**found["Resource"], **found["DomainResource"]}
    return {name: {**shared, **own} for name, own in found.items()}


def _codes() -> dict[str, dict[str, frozenset[str]]]:
    found: dict[str, dict[str, frozenset[str]]] = {}
    for row in _rows("codes.tsv"):
        found.setdefault(row["value_set"], {})[row["system"]] = frozenset(_split(row["codes"]))
    return found


def _rules() -> dict[str, tuple[Rule, ...]]:
    found: dict[str, list[Rule]] = {}
    for row in _rows("invariants.tsv"):
        rule = Rule(row["path"], row["key"], row["expression"], row["severity"] == "error")
        found.setdefault(row["path"], []).append(rule)
    return {path: tuple(rules) for path, rules in found.items()}


def _compartments() -> dict[str, dict[str, tuple[str, ...]]]:
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for row in _rows("compartments.tsv"):
        found.setdefault(row["compartment"], {})[row["type"]] = _split(row["parameters"])
    return found
