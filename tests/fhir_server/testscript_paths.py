"""The values at a FHIRPath expression, a JSONPath or a simple XPath of decoded JSON, as scripts and tests write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from typing import Any

import fhirpathpy
from fhirpathpy.models import models

ANY, ONE = re.compile(r"\[\*\]|\*"), re.compile(r"\[(\d+)\]|\[['\"](.+?)['\"]\]|([^.\[\]]+)")
FILTER = re.compile(r"""\[\?\(\s*@\.?(.+?)\s*==\s*['"]?(.*?)['"]?\s*\)\]""")
XSTEP = re.compile(r"""((?:[^/\[]|\[(?:[^\]'"]|'[^']*'|"[^"]*")*\])+)""")
XTEST = re.compile(r"""\[(?:(\d+)|(.+?)\s*=\s*['"](.*?)['"])\]""")


class ScriptError(Exception):
    """The script asks for something that cannot be done: an unknown fixture, variable, operator or element."""


@cache
def _compiled(expression: str) -> Callable[..., list[Any]]:
    return fhirpathpy.compile(expression, models["r4"])


def by_expression(content: Any, expression: str) -> list[Any]:
    """The values that a FHIRPath expression gives."""
    try:
        return _compiled(expression)(deepcopy(content))
    except Exception as error:  # the library raises its own kinds and bare ones
        raise ScriptError(f"the expression {expression} cannot be evaluated: {error}") from error


def by_path(content: Any, path: str) -> list[Any]:
    """The values at a JSONPath (``$.name[0].family``), or at a simple XPath (``fhir:Patient/fhir:name/@value``)."""
    if path.startswith(("$", ".")) or "/" not in path:
        named = content.get("resourceType", "") if isinstance(content, dict) else ""
        return _by_json_path(content, path.removeprefix(f"{named}.") if named else path)
    return _by_xpath(content, path)


def _by_xpath(content: Any, path: str) -> list[Any]:
    """Steps, positions and equality; a step with a capital is the type of a resource, and a value is its own ``@value``."""
    if "//" in path.replace("://", "") or re.search(r"\w\(", path):
        raise ScriptError(f"of XPath, steps, positions and equality are read, not {path}")
    found = [content]
    for step in XSTEP.findall(path.replace("fhir:", "")):
        name, tests = step.partition("[")[0].lstrip("@"), XTEST.findall(step)
        if step == "@value":
            continue
        if name[:1].isupper():
            found = [one for one in found if isinstance(one, dict) and one.get("resourceType") == name]
            continue
        found = [kept for one in found for kept in _kept(_items(one, name), tests)]
    return found


def _items(one: Any, name: str) -> list[Any]:
    inner = one.get(name) if isinstance(one, dict) else None
    return inner if isinstance(inner, list) else [] if inner is None else [inner]


def _kept(items: list[Any], tests: list[tuple[str, str, str]]) -> list[Any]:
    for position, inner, wanted in tests:
        if position:
            items = items[int(position) - 1 :][:1]
        else:
            items = [item for item in items if wanted in map(text_of, _by_xpath(item, inner))]
    return items


def _by_json_path(content: Any, path: str) -> list[Any]:
    rest, found = path.removeprefix("$"), [content]
    while rest:
        is_deep = rest.startswith("..")
        rest = rest.lstrip(".")
        if is_deep:
            found = [inner for one in found for inner in _within(one)]
        if match := FILTER.match(rest):
            items = [item for one in found for item in (one if isinstance(one, list) else [one])]
            found = [item for item in items if [text_of(v) for v in _by_json_path(item, match[1])] == [match[2]]]
        elif match := ANY.match(rest):
            found = [item for one in found for item in _parts(one)]
        elif match := ONE.match(rest):
            found = [item for one in found for item in _step(one, match)]
        else:
            raise ScriptError(f"the JSONPath {path} is not understood at {rest}")
        rest = rest[match.end() :]
    return found


def _step(one: Any, match: re.Match[str]) -> list[Any]:
    if match[1]:
        return one[int(match[1]) :][:1] if isinstance(one, list) else []
    name = match[2] or match[3]
    return [one[name]] if isinstance(one, dict) and name in one else []


def _parts(one: Any) -> list[Any]:
    return list(one.values()) if isinstance(one, dict) else one if isinstance(one, list) else []


def _within(one: Any) -> Iterator[Any]:
    yield one
    for part in _parts(one):
        yield from _within(part)


def text_of(value: Any) -> str:
    """A primitive value as a script writes it."""
    if isinstance(value, (dict, list)):
        raise ScriptError("the path gives an object or a list, not a value")
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
