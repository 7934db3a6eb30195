"""What to take from resources of a type: for each of its JSON keys the steps to values and the rows they give."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from nof1.fhir.definitions import NARRATIVE, Parameter, definitions
from nof1.fhir.index_paths import MAKERS, Taken, branches, is_about, leading, taken
from nof1.fhir.index_rows import Maker, Rows, Take
from nof1.fhir.index_shared import group_of, held_as, is_joined, own
from nof1.fhir.index_tokens import code, inline, reference
from nof1.fhir.index_words import narrative
from nof1.fhir.path import PathError, compiled
from nof1.fhir.path_compile import Run, nodes_of
from nof1.fhir.path_lambdas import Scope
from nof1.fhir.path_nodes import Node, members, ways
from nof1.fhir.path_parse import Tree, parsed
from nof1.fhir.path_plain import chain_of

Unit = Callable[[dict[str, Any], Rows], None]
ALWAYS = ""
# columns of the store, or what no row can tell
NOT_INDEXED = frozenset(("Resource-id", "Resource-lastUpdated"))


@cache
def plan(kind: str) -> Mapping[str, tuple[Unit, ...]]:
    """The units of a type by the first key they need; under ``ALWAYS`` those that need none."""
    found: dict[str, list[Unit]] = {ALWAYS: []}
    shared: dict[Taken, list[str]] = {}
    for parameter in definitions().parameters[kind].values():
        if parameter.kind == "special" or parameter.id in NOT_INDEXED or is_joined(parameter.id):
            continue
        if parameter.id == NARRATIVE:
            found.setdefault("text", []).append(narrative)
            continue
        if parameter.kind == "composite":
            for key, unit in _composite(parameter, kind):
                found.setdefault(key, []).append(unit)
            continue
        for branch in branches(parsed(parameter.expression)):
            if paths := list(taken(branch, parameter.kind, kind)):
                for one in paths:
                    shared.setdefault(one, []).append(held_as(parameter.id, one))
            elif is_about(branch, kind):
                for key in _first_keys(branch, kind):
                    found.setdefault(key, []).append(_general(nodes_of(branch), parameter))
    for one, ids in shared.items():
        found.setdefault(one.keys[0], []).append(_steps(one.keys, _maker(one)(tuple(dict.fromkeys(ids)))))
    return {key: tuple(units) for key, units in found.items()}


def _maker(one: Taken) -> Maker:
    if one.only:
        return reference(one.only)
    if one.kind == "token" and one.value_set:
        listed = definitions().codes.get(one.value_set, {})
        return code({text: system for system, codes in listed.items() for text in codes})
    return MAKERS[one.kind][one.type]


def _first_keys(branch: Tree, kind: str) -> list[str]:
    names = [name for name in leading(branch) if not name[:1].isupper()]
    return [way.key for way in ways(kind, names[0])] if names else [ALWAYS]


def _steps(keys: tuple[str, ...], take: Take) -> Unit:
    """A unit that follows keys and gives each value at their end to ``take``."""
    *before, last = keys

    def at_once(resource: dict[str, Any], rows: Rows) -> None:
        value = resource[last]
        if type(value) is list:
            for one in value:
                take(one, 0, rows)
        else:
            take(value, 0, rows)

    def down(resource: dict[str, Any], rows: Rows) -> None:
        owners = [resource]
        for key in before:
            inner = [owner[key] for owner in owners if key in owner]
            owners = [one for value in inner for one in (value if type(value) is list else (value,)) if type(one) is dict]
        for owner in owners:
            if last in owner:
                at_once(owner, rows)

    return down if before else at_once


def _general(run: Run, parameter: Parameter) -> Unit:
    """A unit of any expression: values by the types that turn up."""
    takes = Takes(parameter.kind, parameter.id, parameter.targets)

    def unit(resource: dict[str, Any], rows: Rows) -> None:
        start = Node(resource, resource["resourceType"])
        try:
            found = run((start,), Scope(start, start))
        except (PathError, RecursionError):
            return
        for node in found:
            takes.add(node, 0, rows)

    return unit


class Takes:
    """The rows of one parameter, or one part of a composite, for values of any type.

    ``targets``: types of resources that may stand where a reference would.
    """

    __slots__ = ("_by_type", "_ids", "_kind", "_targets")

    def __init__(self, kind: str, name: str, targets: tuple[str, ...] = ()) -> None:
        self._kind, self._ids, self._targets = kind, (name,), targets
        self._by_type: dict[str, Take | None] = {}

    def add(self, node: Node, part: int, rows: Rows) -> None:
        """Adds the rows of a value; of an extension, those of the value it has."""
        if node.kind == "Extension":
            for inner in members((node,), "value"):
                self.add(inner, part, rows)
            return
        if node.kind not in self._by_type:
            maker = MAKERS[self._kind].get(node.kind)
            is_inline = self._kind == "reference" and node.kind in self._targets
            self._by_type[node.kind] = maker(self._ids) if maker else inline(self._ids) if is_inline else None
        if take := self._by_type[node.kind]:
            take(node.value, part, rows)


def _composite(parameter: Parameter, kind: str) -> Iterator[tuple[str, Unit]]:
    """A unit for each branch of a composite that has rows of its own; parts of different branches have different numbers."""
    known = definitions().by_id
    takes = [Takes(known[name].kind, f"{parameter.id}#{at}") for at, (name, _) in enumerate(parameter.components)]
    all_branches = list(branches(parsed(parameter.expression)))
    for at, branch in enumerate(all_branches):
        if not is_about(branch, kind) or group_of(parameter, branch) != own(parameter):
            continue
        expressions = _expressions(parameter, chain.last[0].kind if (chain := chain_of(branch, kind)) else kind)
        unit = _parts(expressions, nodes_of(branch), takes, (at + 1, len(all_branches)))
        names = leading(branch)
        keys = _first_keys(branch, kind) if len(names) > 1 else list(_last_keys(parameter, kind)) or [ALWAYS]
        yield from ((key, unit) for key in dict.fromkeys(keys))


def _last_keys(parameter: Parameter, kind: str) -> Iterator[str]:
    """The keys of which the last part of a composite on the resource itself needs one."""
    for branch in branches(parsed(parameter.components[-1][1])):
        chain = chain_of(branch, kind)
        for way in chain.last if chain else ():
            yield (*chain.before, way.key)[0] if chain else ALWAYS


def _expressions(parameter: Parameter, base: str) -> list[str]:
    """The expressions of a composite's parts.

    Those of DocumentReference's are given the wrong way round in the specification, so that no part fits its kind.
    """
    found = [expression for _, expression in parameter.components]
    kinds = [definitions().by_id[name].kind for name, _ in parameter.components]
    if any(_fits(kind, expression, base) for kind, expression in zip(kinds, found, strict=True)):
        return found
    return found[::-1]


def _fits(kind: str, expression: str, base: str) -> bool:
    chains = [chain_of(branch, base) for branch in branches(parsed(expression))]
    return any(chain is None or any(way.kind in MAKERS[kind] for way in chain.last) for chain in chains)


def _parts(expressions: list[str], run: Run, takes: list[Takes], numbering: tuple[int, int]) -> Unit:
    first, step = numbering

    def unit(resource: dict[str, Any], rows: Rows) -> None:
        start = Node(resource, resource["resourceType"])
        for at, node in enumerate(run((start,), Scope(start, start))):
            if type(node.value) is not dict:
                continue
            found = []
            for expression in reversed(expressions):  # what is looked for is mostly absent in the last
                values = _of_part(expression, node, resource)
                if not values:
                    break
                found.append(values)
            else:
                for one, values in zip(reversed(takes), found, strict=True):
                    for value in values:
                        one.add(value, first + at * step, rows)

    return unit


def _of_part(expression: str, node: Node, resource: dict[str, Any]) -> list[Node]:
    path = compiled(expression, node.kind)
    return path.steps(node.value) if path.steps else path(node, resource)
