"""The functions of FHIRPath on collections of nodes whose arguments are collections too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from nof1.fhir.path_nodes import Node, children, descendants, members
from nof1.fhir.path_parse import PathError
from nof1.fhir.path_text import TEXT_FUNCTIONS
from nof1.fhir.path_values import Values, distinct

Nodes = Sequence[Node]


class Function(NamedTuple):
    """What is called with the collection before it and its arguments, and how many of these it takes."""

    call: Callable[..., list[Node]]
    fewest: int = 0
    most: int = 0


def truth(value: bool) -> list[Node]:
    """True or false as a collection."""
    return [Node(value, "boolean")]


def _number(what: Nodes) -> int:
    """The whole number that an argument gives. Raises ``PathError`` for anything else."""
    if len(what) == 1 and isinstance(what[0].value, int) and not isinstance(what[0].value, bool):
        return what[0].value
    raise PathError("path: a whole number is expected")


def _single(nodes: Nodes) -> list[Node]:
    if len(nodes) > 1:
        raise PathError("path: single() stands on several values")
    return list(nodes)


def _skip(nodes: Nodes, number: Nodes) -> list[Node]:
    return list(nodes[max(0, _number(number)) :])


def _take(nodes: Nodes, number: Nodes) -> list[Node]:
    return list(nodes[: max(0, _number(number))])


def _union(nodes: Nodes, other: Nodes) -> list[Node]:
    return distinct([*nodes, *other])


def _intersect(nodes: Nodes, other: Nodes) -> list[Node]:
    known = Values(other)
    return [node for node in distinct(nodes) if node in known]


def _exclude(nodes: Nodes, other: Nodes) -> list[Node]:
    known = Values(other)
    return [node for node in nodes if node not in known]


def _subset_of(nodes: Nodes, other: Nodes) -> list[Node]:
    known = Values(other)
    return truth(all(node in known for node in nodes))


def _all_are(value: bool) -> Callable[[Nodes], list[Node]]:
    return lambda nodes: truth(all(node.value is value for node in nodes))


def _any_is(value: bool) -> Callable[[Nodes], list[Node]]:
    return lambda nodes: truth(any(node.value is value for node in nodes))


def _has_value(nodes: Nodes) -> list[Node]:
    return truth(len(nodes) == 1 and nodes[0].value is not None and not isinstance(nodes[0].value, dict))


def _extension(nodes: Nodes, url: Nodes) -> list[Node]:
    wanted = url[0].value if len(url) == 1 else None
    found = members(nodes, "extension")
    return [node for node in found if isinstance(node.value, dict) and node.value.get("url") == wanted]


FUNCTIONS: dict[str, Function] = {
    "empty": Function(lambda nodes: truth(not nodes)),
    "count": Function(lambda nodes: [Node(len(nodes), "integer")]),
    "first": Function(lambda nodes: list(nodes[:1])),
    "last": Function(lambda nodes: list(nodes[-1:])),
    "tail": Function(lambda nodes: list(nodes[1:])),
    "skip": Function(_skip, 1, 1),
    "take": Function(_take, 1, 1),
    "single": Function(_single),
    "distinct": Function(distinct),
    "isDistinct": Function(lambda nodes: truth(len(distinct(nodes)) == len(nodes))),
    "union": Function(_union, 1, 1),
    "combine": Function(lambda nodes, other: [*nodes, *other], 1, 1),
    "intersect": Function(_intersect, 1, 1),
    "exclude": Function(_exclude, 1, 1),
    "subsetOf": Function(_subset_of, 1, 1),
    "supersetOf": Function(lambda nodes, other: _subset_of(other, nodes), 1, 1),
    "allTrue": Function(_all_are(True)),
    "allFalse": Function(_all_are(False)),
    "anyTrue": Function(_any_is(True)),
    "anyFalse": Function(_any_is(False)),
    "children": Function(children),
    "descendants": Function(descendants),
    "hasValue": Function(_has_value),
    "extension": Function(_extension, 1, 1),
    "hasExtension": Function(lambda nodes, url: truth(bool(_extension(nodes, url))), 1, 1),
    # whether a narrative is safe XHTML is judged where narratives are read, not here
    "htmlChecks": Function(lambda _: truth(True)),
    **{name: Function(call, fewest, most) for name, (call, fewest, most) in TEXT_FUNCTIONS.items()},
}
