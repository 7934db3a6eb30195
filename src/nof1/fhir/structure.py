"""The structure of resources: which members, how many, how written. One JSON Schema of all types, made from the definitions.

All types are one validator because most of each is the data types that all share: compiled one by one they would take
twenty megabytes each. A resource is checked as ``{"Patient": resource}``, so that its type chooses the schema.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from jsonschema_rs import Draft4Validator, RegexOptions, ValidationError

from nof1.fhir.bindings import code_fault, codes
from nof1.fhir.definitions import ABSTRACT, Element, definitions
from nof1.fhir.primitives import LONGEST, expected, is_primitive, schema
from nof1.fhir.problem import Problem, joined, named, place, shown

Json = dict[str, Any]
DEEPEST = 100  # levels of objects and lists in each other; the validator itself knows no limit and would overflow its stack
MOST = 100  # problems told of one resource
_ANY = {"type": "object", "required": ["resourceType"], "properties": {"resourceType": {"type": "string"}}}


class Member(NamedTuple):
    """What may stand under a key of a type: ``kind`` is the FHIR type, or the path of a part.

    ``is_beside``: the key is ``_name`` and holds id and extensions of a primitive.
    """

    element: Element
    kind: str
    is_beside: bool = False


@cache
def members(path: str) -> dict[str, Member]:
    """The JSON keys of a type or part.

    >>> members("Observation")["valueQuantity"].kind, members("Observation")["_status"].is_beside
    ('Quantity', True)
    >>> members("Patient")["contact"].kind, members("Bundle.entry")["link"].kind
    ('Patient.contact', 'Bundle.link')
    """
    found = {}
    for element in definitions().types[path].elements.values():
        for kind in element.types or ("",):
            one = _kind(path, element, kind)
            found[element.key(kind) if kind else element.name] = Member(element, one)
            if is_primitive(one) and kind != "String":
                found["_" + element.key(kind)] = Member(element, "Element", is_beside=True)
    return found


def _kind(path: str, element: Element, kind: str) -> str:
    """The type of the values; the definitions call ids and the url of extensions only ``String``."""
    if kind == "String":
        is_own = element.name == "id" and definitions().types[path].kind == "resource"
        return "id" if is_own else "uri" if element.path == "Extension.url" else "elementId"
    return definitions().part(element, kind)


def structure_problems(resource: Json, kind: str) -> list[Problem]:
    """What the structure of a resource of type ``kind`` has against it; empty when it is right.

    Contained resources and those of entries are only known to be objects with a type: they are resources of their own.
    """
    if not _is_flat_enough(resource):
        return [Problem(kind, f"nested more than {DEEPEST} levels deep; take the resource apart", "structure")]
    validator = _validator()
    try:
        if validator.is_valid({kind: resource}):
            return []
        errors = validator.iter_errors({kind: resource})
        return list(islice((told for one in errors for told in _told(one, resource, kind)), MOST))
    except (ValueError, TypeError, OverflowError):  # broken characters, and what no JSON parser gives
        path, said = _unreadable(resource, kind)
        return [Problem(path, said or "cannot be read as JSON; decode the resource with a JSON parser", "structure")]


@cache
def _validator() -> Draft4Validator:
    # edition 4, where 1.0 is no integer
    return Draft4Validator(_document(), pattern_options=RegexOptions(size_limit=100 * 1024 * 1024))


def _document() -> Json:
    known = definitions()
    parts = {path: _of_type(path) for path, one in known.types.items() if one.kind != "primitive-type"}
    primitives = {kind: schema(kind) for kind in (*known.types, "elementId") if is_primitive(kind)}
    sets = {url: {"enum": sorted(codes(url))} for url in known.codes}
    resources = {name: {"$ref": f"#/definitions/{name}"} for name in known.resources}
    shared = {**parts, **primitives, **dict.fromkeys(ABSTRACT, _ANY)}
    return {"properties": resources, "definitions": {**shared, **{_set_name(url): one for url, one in sets.items()}}}


def _set_name(url: str) -> str:
    return "codes-" + url.rpartition("/")[2]


def _of_type(path: str) -> Json:
    properties: Json = {key: _of_member(one) for key, one in members(path).items()}
    if definitions().types[path].kind == "resource":
        properties["resourceType"] = {"enum": [path]}
    needed = [one.name for one in definitions().types[path].elements.values() if one.low and not one.is_choice]
    found: Json = {"type": "object", "properties": properties, "additionalProperties": False, "minProperties": 1}
    return {**found, "required": needed} if needed else found


def _of_member(member: Member) -> Json:
    is_listed = member.kind == "code" and member.element.value_set in definitions().codes
    name = _set_name(member.element.value_set) if is_listed else member.kind
    one = {"$ref": f"#/definitions/{name}"}
    return {"type": "array", "minItems": 1, "items": one} if member.element.is_many else one


def _is_flat_enough(resource: object) -> bool:
    """Whether no more than ``DEEPEST`` containers are in each other, looked at level by level."""
    level = [resource]
    for _ in range(DEEPEST):
        level = [
            below
            for one in level
            for below in (one.values() if type(one) is dict else one)  # type: ignore[attr-defined]
            if type(below) is dict or type(below) is list
        ]
        if not level:
            return True
    return False


def _told(error: ValidationError, resource: Json, kind: str) -> Iterator[Problem]:
    """An error of the validator as ours; none where FHIR allows what the schema cannot say."""
    keys = list(error.instance_path)[1:]
    path = place(kind, keys)
    value = _at(resource, keys)
    match type(error.kind).__name__:
        case "AdditionalProperties":
            for key in error.kind.unexpected:  # type: ignore[attr-defined]
                yield Problem(joined(path, named(key)), _unknown(key, _target(kind, keys)), "structure")
        case "Required":
            name = error.kind.property  # type: ignore[attr-defined]
            if f"_{name}" not in value:
                yield Problem(joined(path, name), f"{name} is missing; {_owner(kind, keys)} needs it", "required")
        case "MinItems":
            yield Problem(path, "the list is empty; leave the element out", "structure")
        case "MinProperties":
            yield Problem(path, "the object is empty; leave the element out", "structure")
        case _:
            if not (value is None and _is_filled_beside(resource, keys)):
                yield _of_value(path, value, _member(kind, keys), is_item=bool(keys) and isinstance(keys[-1], int))


def _of_value(path: str, value: object, member: Member | None, is_item: bool) -> Problem:
    """A value that is not what its element holds."""
    if member is None:
        return Problem(path, f"{shown(value)} is not expected here", "structure")
    if member.element.is_many and not is_item:
        return Problem(path, f"expected a list, found {shown(value)}; put [ ] around it", "structure")
    if value is None:
        return Problem(path, "null is not a value; leave the element out", "structure")
    if not is_primitive(member.kind):
        return Problem(path, f"expected an object ({member.kind or 'Element'}), found {shown(value)}", "structure")
    if isinstance(value, list | dict):
        return Problem(path, f"expected {expected(member.kind)}, found {shown(value)}", "structure")
    if isinstance(value, str) and member.kind == "code" and codes(member.element.value_set):
        return Problem(path, code_fault(value, member.element.value_set), "code-invalid")
    if isinstance(value, str) and len(value) > LONGEST and member.kind in ("string", "markdown"):
        return Problem(path, f"text of {len(value)} characters; at most {LONGEST} are allowed", "value")
    return Problem(path, f"{shown(value)} is not {expected(member.kind)}", "value")


def _unknown(key: str, owner: str) -> str:
    known = (*members(owner), "resourceType") if definitions().types[owner].kind == "resource" else tuple(members(owner))
    near = get_close_matches(key[:100], [one for one in known if not one.startswith("_")], 3)
    return f"{owner} has no element {shown(key)}; " + (f"did you mean {' or '.join(near)}?" if near else "take it out")


def _member(kind: str, keys: Sequence[str | int]) -> Member | None:
    """The definition of the value at ``keys``."""
    owner, member = kind, None
    for key in keys:
        if isinstance(key, str):
            member = members(owner).get(key) if owner in definitions().types else None
            owner = member.kind if member else ""
    return member


def _target(kind: str, keys: Sequence[str | int]) -> str:
    member = _member(kind, keys)
    return member.kind if member else kind


def _owner(kind: str, keys: Sequence[str | int]) -> str:
    """What needs a missing element, by its own name: ``Patient.contact``, ``Narrative``."""
    return _target(kind, keys)


def _at(resource: Json, keys: Sequence[str | int]) -> Any:
    value: Any = resource
    for key in keys:
        value = value[key]
    return value


def _is_filled_beside(resource: Json, keys: Sequence[str | int]) -> bool:
    """Whether a null in a list of primitives, or in the list beside, has its other half at the same position.

    Where both are null, the list beside counts as filled, so that the fault is told once.
    """
    if len(keys) < 2 or not isinstance(keys[-1], int) or not isinstance(keys[-2], str):
        return False
    is_beside = keys[-2].startswith("_")
    other = _at(resource, keys[:-2]).get(keys[-2][1:] if is_beside else f"_{keys[-2]}")
    return isinstance(other, list) and keys[-1] < len(other) and (is_beside or other[keys[-1]] is not None)


def _unreadable(value: object, path: str) -> tuple[str, str]:
    """The path of the first value that is not text, number, true, false, null, list or object of JSON, and why."""
    if isinstance(value, str) and any("\ud800" <= one <= "\udfff" for one in value):
        return path, f"{shown(value)} has half of a surrogate pair; it is no Unicode text"
    if isinstance(value, dict):
        for key, below in value.items():
            if not isinstance(key, str) or any("\ud800" <= one <= "\udfff" for one in key):
                return joined(path, shown(key)), "a member's name is no Unicode text"
            if (found := _unreadable(below, joined(path, named(key))))[1]:
                return found
        return path, ""
    if isinstance(value, list):
        return next((one for at, below in enumerate(value) if (one := _unreadable(below, f"{path}[{at}]"))[1]), (path, ""))
    if value is None or isinstance(value, str | int | float):
        return path, ""
    return path, f"{shown(value)}; decode the resource with a JSON parser"
