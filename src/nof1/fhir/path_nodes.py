"""The nodes a FHIRPath walks over: a value of decoded JSON with its FHIR type, and the ways from it to its members."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

from nof1.fhir.definitions import definitions
from nof1.fhir.path_parse import PathError

# the types of FHIRPath itself, by which the specification types id and url, and some of its own expressions cast
SYSTEM = {
    "Boolean": "boolean",
    "String": "string",
    "Integer": "integer",
    "Decimal": "decimal",
    "Date": "date",
    "DateTime": "dateTime",
    "Time": "time",
}
_ID, _EXTENSION = "id", "extension"


class Node(NamedTuple):
    """A value and its type: ``Quantity``, ``dateTime``, ``Patient.contact``. ``extra``: id and extensions of a primitive.

    ``value`` is None for a primitive that has only extensions.
    """

    value: Any
    kind: str
    extra: dict[str, Any] | None = None


class Way(NamedTuple):
    """A JSON key under which a member is found, its type, and the key of a primitive's extensions, empty for others."""

    key: str
    kind: str
    extra: str


@cache
def ways(kind: str, name: str) -> tuple[Way, ...]:
    """Every key under which member ``name`` of a ``kind`` may stand; more than one for a choice, none if there is none.

    >>> ways("Observation", "status")
    (Way(key='status', kind='code', extra='_status'),)
    >>> [way.key for way in ways("Patient", "deceased")]
    ['deceasedBoolean', 'deceasedDateTime']
    """
    known = definitions()
    owner = known.types.get(kind)
    element = owner.elements.get(name) if owner else None
    if element is None:
        return ()
    found = []
    for one in element.types or ("",):
        target = SYSTEM.get(one, known.part(element, one))
        key = element.key(one)
        found.append(Way(key, target, f"_{key}" if is_primitive(target) else ""))
    return tuple(found)


@cache
def is_primitive(kind: str) -> bool:
    """Whether values of ``kind`` are plain in JSON."""
    found = definitions().types.get(kind)
    return found is not None and found.kind == "primitive-type"


@cache
def keys(kind: str) -> dict[str, tuple[str, Way]]:
    """JSON key -> (name of the member, way) of all members of a ``kind``; a primitive's extensions under their own key."""
    owner = definitions().types.get(kind)
    found = {}
    for name in owner.elements if owner else ():
        for way in ways(kind, name):
            found[way.key] = (name, way)
            if way.extra:
                found[way.extra] = (name, way)
    return found


@lru_cache(maxsize=20_000)
def is_kind(kind: str, wanted: str) -> bool:
    """Whether ``kind`` is ``wanted`` or derived from it.

    >>> is_kind("Age", "Quantity"), is_kind("canonical", "uri"), is_kind("Quantity", "Age")
    (True, True, False)
    """
    types = definitions().types
    while kind != wanted:
        found = types.get(kind)
        if found is None or not found.base:
            return False
        kind = found.base
    return True


def known_type(name: str) -> str:
    """The type that an expression names, FHIRPath's own as FHIR's. Raises ``PathError`` for a name that is none.

    The specification's own expressions say DateTime and Boolean where they mean FHIR's types, so both are one here.
    """
    found = SYSTEM.get(name, name)
    if found not in definitions().types:
        raise PathError(f"path: '{name}' is no type of FHIR R4")
    return found


def resource_kind(value: object) -> str:
    """The type of a resource by what it says, ``Resource`` where that is no known type."""
    name = value.get("resourceType") if isinstance(value, dict) else None
    return name if isinstance(name, str) and name in _resources() else "Resource"


@cache
def _resources() -> frozenset[str]:
    return frozenset(definitions().resources)


def members(nodes: Iterable[Node], name: str) -> list[Node]:
    """The members ``name`` of all nodes, in order."""
    found: list[Node] = []
    for node in nodes:
        value = node.value
        if isinstance(value, dict):
            found_ways = ways(node.kind, name)
            if len(found_ways) > len(value):  # a choice of many types
                found_ways = _standing(node.kind, name, value)
            for way in found_ways:
                if way.key in value or (way.extra and way.extra in value):
                    add(found, value, way)
        elif node.extra is not None and (name in (_ID, _EXTENSION)):
            _add_own(found, node.extra, name)
    return found


def _standing(kind: str, name: str, value: dict[str, Any]) -> tuple[Way, ...]:
    """The ways to a member of which a key stands in ``value``."""
    known = keys(kind)
    return tuple(dict.fromkeys([entry[1] for key in value if (entry := known.get(key)) and entry[0] == name]))


def add(found: list[Node], owner: dict[str, Any], way: Way) -> None:
    """Adds what stands in ``owner`` under a way."""
    value = owner.get(way.key)
    kind = way.kind
    extra = owner.get(way.extra) if way.extra else None
    if extra is not None:
        found.extend(_with_extras(value, kind, extra))
    elif isinstance(value, list):
        if kind == "Resource":
            found.extend([Node(item, resource_kind(item)) for item in value if item is not None])
        else:
            found.extend([Node(item, kind) for item in value if item is not None])
    elif value is not None:
        found.append(Node(value, resource_kind(value) if kind == "Resource" else kind))


def _with_extras(value: Any, kind: str, extra: Any) -> Iterator[Node]:
    """Primitives with their extensions, which stand in a list of the same length where the primitives do."""
    values: Sequence[Any] = value if isinstance(value, list) else [value]
    extras: Sequence[Any] = extra if isinstance(extra, list) else [extra]
    for at in range(max(len(values), len(extras))):
        one = values[at] if at < len(values) else None
        own = extras[at] if at < len(extras) else None
        if one is not None or isinstance(own, dict):
            yield Node(one, kind, own if isinstance(own, dict) else None)


def _add_own(found: list[Node], extra: dict[str, Any], name: str) -> None:
    value = extra.get(name)
    if name == _ID and isinstance(value, str):
        found.append(Node(value, "string"))
    elif name == _EXTENSION and isinstance(value, list):
        found.extend(Node(item, "Extension") for item in value)


def children(nodes: Iterable[Node]) -> list[Node]:
    """All members of all nodes."""
    found: list[Node] = []
    for node in nodes:
        value = node.value
        if isinstance(value, dict):
            known = keys(node.kind)
            # a primitive's extensions come with the primitive, unless they stand alone
            for key in value:
                if (entry := known.get(key)) and (key == entry[1].key or entry[1].key not in value):
                    add(found, value, entry[1])
        elif node.extra is not None:
            _add_own(found, node.extra, _ID)
            _add_own(found, node.extra, _EXTENSION)
    return found


def descendants(nodes: Iterable[Node]) -> list[Node]:
    """All members, their members, and so on; the nearest first."""
    found: list[Node] = []
    level = children(nodes)
    while level:
        found += level
        level = children(level)
    return found
