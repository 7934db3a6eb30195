"""What may stand where a value does not fit the shape of a knowledge file: the permitted words, the known fields."""

from __future__ import annotations

import re

import msgspec
from msgspec import inspect

_PLACE = re.compile(r" - at `(?:key in )?\$([^`]*)`$")
_STEP = re.compile(r"\.(\w+)|\[([^\]]*)\]")


def remedy(told: str, shape: type[msgspec.Struct]) -> str:
    """What to write instead, for what msgspec ``told`` of a value in ``shape``.

    >>> from typing import Literal
    >>> Lamp = msgspec.defstruct("Lamp", [("colour", Literal["green", "red"])])
    >>> remedy("Invalid enum value 'blue' - at `$.colour`", Lamp)
    'write one of green, red'
    """
    if "got `date" in told:
        return "write the date in quotes: '2026-01-31'"
    found = _PLACE.search(told)
    kind = _at(inspect.type_info(shape), found[1] if found else "")
    if told.startswith("Invalid enum value") and isinstance(kind, inspect.LiteralType):
        return f"write one of {', '.join(str(value) or 'nothing' for value in kind.values)}"
    if "unknown field" in told and isinstance(kind, inspect.StructType):
        return f"known are {', '.join(field.encode_name for field in kind.fields)}"
    return "see docs/reference/knowledge.md"


def _at(kind: inspect.Type, place: str) -> inspect.Type | None:
    """The type at ``place`` (``.name``, ``[0]``, ``[...]``); ``None`` where the way is not plain."""
    here: inspect.Type | None = _plain(kind)
    for name, _ in _STEP.findall(place):
        if name and isinstance(here, inspect.StructType):
            here = next((field.type for field in here.fields if field.encode_name == name), None)
        elif not name and isinstance(here, inspect.ListType):
            here = here.item_type
        elif not name and isinstance(here, inspect.DictType):
            here = here.value_type
        else:
            return None
        here = _plain(here)
    return here


def _plain(kind: inspect.Type | None) -> inspect.Type | None:
    """``kind`` without "or none"; of several types there is no plain one."""
    if not isinstance(kind, inspect.UnionType):
        return kind
    kinds = [item for item in kind.types if not isinstance(item, inspect.NoneType)]
    return kinds[0] if len(kinds) == 1 else None
