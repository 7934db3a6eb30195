"""A resource changed by a JSON Patch (RFC 6902), as FHIR's PATCH interaction sends it."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from jsonpatch import InvalidJsonPatch, JsonPatch, JsonPatchConflict, JsonPatchException, JsonPatchTestFailed
from jsonpointer import JsonPointer, JsonPointerException

from nof1.errors import RequestError

_NEEDED = {"add": "value", "replace": "value", "test": "value", "move": "from", "copy": "from", "remove": "path"}
_SHOWN = 100  # characters of a path in a message
# twenty operations that copy a value into itself make a million of it
_COPIED_AT_MOST = 100_000


class PatchError(RequestError):
    """The patch cannot be applied to this resource: a test fails, or a place it names does not exist."""


class PatchDocumentError(PatchError):
    """The patch is no JSON Patch, whatever the resource is: no list, an unknown ``op``, a member missing."""


def patched(resource: dict[str, Any], patch: object) -> dict[str, Any]:
    """The resource after every operation of ``patch``, in order, or an error and no change; both inputs stay as they are.

    ``patch``: decoded JSON. Values that no operation touches are copied as they are, so a decimal keeps its digits. Whether
    an id or a resourceType may change is for the caller to judge. No value of the resource is quoted in a message.

    :raises PatchDocumentError: ``patch`` is no JSON Patch.
    :raises PatchError: an operation cannot be applied; operations are counted from 1.

    >>> patched({"resourceType": "Patient", "active": True}, [{"op": "replace", "path": "/active", "value": False}])
    {'resourceType': 'Patient', 'active': False}
    """
    operations = _checked(patch)
    content: Any = deepcopy(resource)
    room = _COPIED_AT_MOST
    for at, (operation, one) in enumerate(operations, 1):
        try:
            if operation["op"] == "copy":
                room -= _size(JsonPointer(operation["from"]).resolve(content))
            if room < 0:
                raise PatchError(f"patch: {_named(at, operation)}: the patch copies more than {_COPIED_AT_MOST} values")
            content = one.apply(content, in_place=True)
        except (JsonPatchException, JsonPointerException, RecursionError) as error:
            raise PatchError(f"patch: {_named(at, operation)}: {_why(error)}") from None
    if not isinstance(content, dict):
        raise PatchError("patch: what is left is no object; a resource must stay one")
    return content


def _checked(patch: object) -> list[tuple[dict[str, Any], JsonPatch]]:
    """Each operation as it was sent, and ready to apply."""
    if not isinstance(patch, list):
        raise PatchDocumentError("patch: a JSON Patch is a list of operations; put [ ] around it")
    return list(map(_operation, range(1, len(patch) + 1), patch))


def _operation(at: int, operation: object) -> tuple[dict[str, Any], JsonPatch]:
    name = operation.get("op") if isinstance(operation, dict) else None
    if not isinstance(operation, dict) or not isinstance(name, str) or name not in _NEEDED:
        raise PatchDocumentError(f"patch: operation {at}: its op must be one of {', '.join(_NEEDED)}")
    for member in ("path", _NEEDED[name]):
        if member not in operation or (member != "value" and not isinstance(operation[member], str)):
            kind = "" if member == "value" else ", a text"
            raise PatchDocumentError(f"patch: {_named(at, operation)}: it needs the member {member}{kind}")
    try:
        JsonPointer(operation.get("from", "") if name in ("move", "copy") else "")
        return operation, JsonPatch([operation])
    except (InvalidJsonPatch, JsonPointerException):
        said = "a path starts with / and writes ~ as ~0 and / as ~1"
        raise PatchDocumentError(f"patch: {_named(at, operation)}: {said}") from None


def _named(at: int, operation: dict[str, Any]) -> str:
    """``operation 2 (move /a to /b)``."""
    path, source = (str(operation.get(member, ""))[:_SHOWN] for member in ("path", "from"))
    return f"operation {at} ({operation['op']} {f'{source} to {path}' if _NEEDED[operation['op']] == 'from' else path})"


def _why(error: Exception) -> str:
    """The reason in words of ours: those of the library quote the resource."""
    if isinstance(error, JsonPatchTestFailed):
        return "the test fails: another value is there, or none"
    if isinstance(error, RecursionError):
        return "the value is nested too deeply"
    if type(error) is JsonPatchConflict:
        return "the place cannot take it: it is outside of the list, within what is moved, or the whole resource"
    return "there is no such place in the resource"


def _size(value: object) -> int:
    """How many values it is made of, itself included."""
    return sum(1 for _ in _values(value))


def _values(value: object) -> Iterator[object]:
    waiting = [value]
    while waiting:
        yield (one := waiting.pop())
        if isinstance(one, (dict, list)):
            waiting.extend(one.values() if isinstance(one, dict) else one)
