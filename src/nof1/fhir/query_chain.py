"""The name of a search parameter -> what it asks for: modifiers, chains through references, and ``_has`` against them."""

from __future__ import annotations

from typing import NamedTuple

from nof1.fhir.definitions import Parameter, definitions
from nof1.fhir.query_errors import QueryError, near
from nof1.fhir.query_tree import Chain, Criterion, Has, Match, Missing
from nof1.fhir.query_values import Asked, Context, values

_DEEPEST = 6
_MODIFIERS: dict[str, tuple[str, ...]] = {
    "string": ("missing", "exact", "contains", "text"),
    "token": ("missing", "text", "not", "above", "below", "in", "not-in", "of-type"),
    "reference": ("missing", "identifier"),
    "uri": ("missing", "below", "above"),
    "date": ("missing",),
    "number": ("missing",),
    "quantity": ("missing",),
}
_OWN_COLUMN = ("_id", "_lastUpdated")  # every resource has them, and they are no rows of an index


class UnknownParameter(QueryError):
    """The type has no such search parameter."""


class Name(NamedTuple):
    """The name of a parameter as it came, its value, and what is left of the name to read."""

    whole: str
    value: str
    rest: str
    context: Context
    depth: int = 0

    def error(self, reason: str) -> QueryError:
        """The error that refuses it."""
        return QueryError(self.whole, self.value, reason)

    def within(self, rest: str) -> Name:
        """The name behind a link of a chain."""
        if self.depth == _DEEPEST:
            raise self.error(f"more than {_DEEPEST} links; ask in several searches")
        return self._replace(rest=rest, depth=self.depth + 1)


def criterion(kind: str, name: str, value: str, context: Context) -> Criterion:
    """What ``name=value`` asks of resources of type ``kind``; raises ``QueryError``, ``UnknownParameter`` without one."""
    return _read(kind, Name(name, value, name, context))


def parameter_of(kind: str, code: str, whole: str, value: str) -> Parameter:
    """The parameter ``code`` of a type; ``UnknownParameter`` with the near names when there is none."""
    known = definitions().parameters[kind or "Resource"]
    if code not in known:
        raise UnknownParameter(
            whole, value, f"{kind or 'a search over all types'} has no parameter '{code}'; {near(code, known)}"
        )
    return known[code]


def _read(kind: str, name: Name) -> Criterion:
    if name.rest.startswith("_has:"):
        return _has(kind, name)
    head, dot, rest = name.rest.partition(".")
    if dot:
        return _chain(kind, head, name.within(rest))
    return _match(kind, name)


def _has(kind: str, name: Name) -> Has:
    parts = name.rest.split(":", 3)
    if len(parts) < 4 or not all(parts):
        raise name.error("write '_has:Type:reference:parameter=value'")
    _, source, link, rest = parts
    if not kind:
        raise name.error("_has needs a type to search; name it in the address")
    if source not in definitions().resources:
        raise name.error(f"there is no type '{source}'; {near(source, definitions().resources)}")
    parameter = _reference(source, link, name)
    if parameter.targets and kind not in parameter.targets:
        raise name.error(f"{source}.{link} does not refer to {kind} but to {', '.join(parameter.targets)}")
    return Has(source, parameter, _read(source, name.within(rest)))


def _chain(kind: str, head: str, name: Name) -> Chain:
    code, _, wanted = head.partition(":")
    parameter = _reference(kind, code, name)
    targets = parameter.targets or definitions().resources
    if wanted and wanted not in targets:
        raise name.error(f"{code} does not refer to '{wanted}'; {near(wanted, targets)}")
    ends, refused = [], None
    for target in (wanted,) if wanted else targets:
        try:
            ends.append((target, _read(target, name)))
        except QueryError as error:
            refused = refused or error
    if not ends:
        raise refused or name.error(f"no type that {code} refers to has it")
    return Chain(parameter, tuple(ends))


def _reference(kind: str, code: str, name: Name) -> Parameter:
    parameter = parameter_of(kind, code, name.whole, name.value)
    if parameter.kind != "reference":
        known = [one.code for one in definitions().parameters[kind or "Resource"].values() if one.kind == "reference"]
        raise name.error(f"'{code}' is a {parameter.kind}, no reference to follow; {near(code, known)}")
    return parameter


def _match(kind: str, name: Name) -> Criterion:
    code, colon, modifier = name.rest.partition(":")
    parameter = parameter_of(kind, code, name.whole, name.value)
    if parameter.kind == "special":
        raise name.error(f"the parameter '{code}' is not supported")
    if colon:
        _check_modifier(parameter, modifier, name)
    if modifier == "missing":
        if name.value not in ("true", "false"):
            raise name.error("write true or false")
        return Missing(parameter, name.value == "true")
    asked = Asked(name.whole, name.value, "id" if code == "_id" else modifier, parameter, name.context)
    return Match(parameter, "" if modifier in definitions().resources else modifier, values(asked))


def _check_modifier(parameter: Parameter, modifier: str, name: Name) -> None:
    known = _MODIFIERS.get(parameter.kind, ()) if parameter.code not in _OWN_COLUMN else ("missing",)
    if parameter.code == "_id":
        known = ("missing", "not")
    if parameter.kind == "reference":
        known += parameter.targets or definitions().resources
    if modifier not in known:
        shown = (
            f"a {parameter.kind} parameter has no modifier ':{modifier}'" if modifier else "a modifier is missing after ':'"
        )
        raise name.error(f"{shown}; {near(modifier, known)}")
