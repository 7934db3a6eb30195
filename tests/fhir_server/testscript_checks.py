"""What an assert of a FHIR TestScript says about a message: the kinds of R4, its operators, paths and expressions.

Sources: the page of the resource TestScript and "Testing FHIR" of FHIR R4. Two things that scripts in use add to R4 are read too:
the element ``responseBody`` and the operator ``matchesRegex``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from testscript_paths import ScriptError, by_expression, by_path, text_of

Json = dict[str, Any]
MIME = {"json": "application/fhir+json", "xml": "application/fhir+xml", "ttl": "text/turtle"}
STATUS = {
    "okay": 200, "created": 201, "noContent": 204, "notModified": 304, "bad": 400, "forbidden": 403, "notFound": 404,
    "methodNotAllowed": 405, "conflict": 409, "gone": 410, "preconditionFailed": 412, "unprocessable": 422,
}  # fmt: skip
LINKS = {"first", "last", "next"}
ABOUT = {  # elements that say how an assert is to be read; every other one is something to check
    "id", "extension", "modifierExtension", "label", "description", "direction", "operator", "warningOnly", "sourceId", "value",
    "compareToSourceId", "compareToSourceExpression", "compareToSourcePath",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Message:
    """A request or a response, or a fixture (which has only a body)."""

    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 0
    method: str = ""
    url: str = ""

    @property
    def content(self) -> Any:
        """The decoded body; None where it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def header(self, name: str) -> str | None:
        """A header by its name in any case."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), None)


# ------------------------------------------------------------------------------------------------- the operators


def _is_equal(actual: str, wanted: str) -> bool:
    if actual == wanted:
        return True
    try:
        return Decimal(actual) == Decimal(wanted)
    except InvalidOperation:
        return False


def _is_less(actual: str, wanted: str) -> bool:
    """By number where both are numbers, otherwise by text, as dates of one form are ordered."""
    try:
        return Decimal(actual) < Decimal(wanted)
    except InvalidOperation:
        return actual < wanted


def _is_any(actual: str, wanted: str) -> bool:
    return any(_is_equal(actual, one.strip()) for one in wanted.split(","))


ONE_VALUE: dict[str, Callable[[str, str], bool]] = {
    "equals": _is_equal,
    "greaterThan": lambda actual, wanted: _is_less(wanted, actual),
    "lessThan": _is_less,
    "in": _is_any,
    "contains": lambda actual, wanted: wanted in actual,
    "matchesRegex": lambda actual, wanted: re.search(wanted, actual) is not None,
}
NEGATED = {"notEquals": "equals", "notIn": "in", "notContains": "contains"}
SINGLE = {"equals", "notEquals", "greaterThan", "lessThan"}


def holds(values: Sequence[str], operator: str, wanted: str | None) -> bool:
    """Whether what was found fulfils the operator. Several different values fulfil no comparison with one value.

    ``in`` is for every value, ``contains`` and ``matchesRegex`` for any, ``notIn`` and ``notContains`` for none.
    """
    found = [value for value in values if value != ""]
    if operator in ("empty", "notEmpty"):
        return bool(found) == (operator == "notEmpty")
    if wanted is None:
        raise ScriptError(f"the operator {operator} needs a value")
    if operator in NEGATED:
        is_meant = ONE_VALUE[NEGATED[operator]]
        return (operator not in SINGLE or len(set(found)) <= 1) and not any(is_meant(value, wanted) for value in found)
    if operator not in ONE_VALUE:
        raise ScriptError(f"there is no operator {operator}")
    met = [ONE_VALUE[operator](value, wanted) for value in found]
    if operator in SINGLE:
        return len(set(found)) == 1 and all(met)
    return bool(met) and (all(met) if operator == "in" else any(met))


def is_true(values: Sequence[Any]) -> bool:
    """A FHIRPath result as a condition: nothing is false, one value that is no boolean is true."""
    if len(values) > 1:
        raise ScriptError(f"a condition has one value, not {len(values)}")
    return bool(values) and (values[0] if isinstance(values[0], bool) else True)


def missing(least: Any, whole: Any, at: str = "") -> str:
    """Where ``whole`` lacks something that ``least`` has; empty when it has all. The id of the resource does not count."""
    if isinstance(least, dict):
        if not isinstance(whole, dict):
            return at or "the resource"
        places = (missing(least[key], whole.get(key), f"{at}.{key}") for key in least if at or key != "id")
        return next((place for place in places if place), "")
    if isinstance(least, list):
        return _missing_item(least, whole if isinstance(whole, list) else [], at)
    is_same = isinstance(least, bool) == isinstance(whole, bool) and least == whole
    return "" if is_same else at


def _missing_item(least: list[Any], left: list[Any], at: str) -> str:
    """Each item must have one of its own; the first that fits is taken."""
    left = list(left)
    for number, item in enumerate(least):
        fits = next((index for index, one in enumerate(left) if not missing(item, one, "x")), None)
        if fits is None:
            return f"{at}[{number}]"
        del left[fits]
    return ""


# ------------------------------------------------------------------------------------------------ kinds of assert


def checked(
    said: Json, about: Message, request: Message, fixture: Callable[[str], Message], filled: Callable[[str], str]
) -> str:
    """Why an assert does not hold; empty when it does.

    ``about``: the message it speaks of; ``request``: the last request; ``fixture``: by id; ``filled``: puts variables in.
    """
    operator = said.get("operator", "equals")
    kinds = [key for key in said if key not in ABOUT and not key.startswith("_")]
    if not kinds:
        raise ScriptError("the assert checks nothing")
    for kind in kinds:
        written = said[kind]
        if kind == "minimumId":
            place = missing(fixture(written).content, about.content)
            problem = f"{place} of {written} is not there" if place else ""
        elif kind == "navigationLinks":
            problem = _links(about.content, bool(written))
        elif kind in ("expression", "path"):
            problem = _evaluated(said, kind, about, fixture, filled)
        else:
            values, wanted = _compared(kind, written, said, about, request, filled)
            problem = "" if holds(values, operator, wanted) else _told(kind, values, operator, wanted)
        if problem:
            return problem
    return ""


def _told(kind: str, values: Sequence[str], operator: str, wanted: str | None) -> str:
    found = ", ".join(value[:200] for value in values) or "nothing"
    return f"{kind} is {found}, expected {operator} {wanted or ''}".rstrip()


def _compared(
    kind: str, written: str, said: Json, about: Message, request: Message, filled: Callable[[str], str]
) -> tuple[list[str], str | None]:
    """What is found of a kind of assert, and what is wanted."""
    operator = said.get("operator", "equals")
    if kind == "response":
        if unknown := [name for name in written.split(",") if name not in STATUS]:
            raise ScriptError(f"there is no response {unknown[0]}")
        return [str(about.status)], ",".join(str(STATUS[name]) for name in written.split(","))
    if kind == "responseCode":
        return [str(about.status)], written
    if kind == "responseBody":
        return [about.body.decode("utf-8", "replace")], written
    if kind == "contentType":
        sent = (about.header("content-type") or "").lower()
        is_whole = operator not in ("contains", "notContains", "matchesRegex")
        return [sent.split(";")[0].strip() if is_whole else sent], MIME.get(written, written).lower()
    if kind == "resource":
        content = about.content
        return [str(content.get("resourceType", "")) if isinstance(content, dict) else ""], written
    if kind == "headerField":
        value = about.header(written)
        return [] if value is None else [value], filled(said["value"]) if "value" in said else None
    if kind == "requestMethod":
        return [request.method.lower()], written.lower()
    if kind == "requestURL":
        return [request.url], filled(written)
    raise ScriptError(f"an assert has no element {kind}")


def _links(content: Any, are_wanted: bool) -> str:
    links = content.get("link", []) if isinstance(content, dict) else []
    there = LINKS & {link.get("relation") for link in links}
    if there == (LINKS if are_wanted else set()):
        return ""
    return f"of the links first, last and next there are {', '.join(sorted(there)) or 'none'}"


def _evaluated(
    said: Json, kind: str, about: Message, fixture: Callable[[str], Message], filled: Callable[[str], str]
) -> str:
    """An expression or a path against a value, against the same of another fixture, or as a condition."""
    content, operator = about.content, said.get("operator")
    if content is None:
        return "the body is no JSON"
    evaluate = by_expression if kind == "expression" else by_path
    values, wanted = evaluate(content, filled(said[kind])), filled(said["value"]) if "value" in said else None
    if wanted is None and "compareToSourceId" in said:
        wanted = _of_other(said, fixture)
    if operator == "eval" or (operator is None and wanted is None):
        is_met = is_true(values) == (wanted != "false")
        return "" if is_met else f"{said[kind]} is not {wanted or 'true'}"
    if operator in ("empty", "notEmpty"):
        found = ["x" if isinstance(value, (dict, list)) and value else text_of(value) for value in values]
    else:
        found = [text_of(value) for value in values]
    return "" if holds(found, operator or "equals", wanted) else _told(said[kind], found, operator or "equals", wanted)


def _of_other(said: Json, fixture: Callable[[str], Message]) -> str:
    content = fixture(said["compareToSourceId"]).content
    if "compareToSourceExpression" in said:
        values = by_expression(content, said["compareToSourceExpression"])
    elif "compareToSourcePath" in said:
        values = by_path(content, said["compareToSourcePath"])
    else:
        raise ScriptError("compareToSourceId needs an expression or a path")
    if len(values) != 1:
        raise ScriptError(f"what is compared with has {len(values)} values")
    return text_of(values[0])
