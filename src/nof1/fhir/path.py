"""FHIRPath over decoded JSON: expressions are read once and become Python functions, typed by the definitions of FHIR R4."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from nof1.fhir.definitions import ABSTRACT, definitions
from nof1.fhir.path_compile import Ask, Run, nodes_of, truth_of
from nof1.fhir.path_lambdas import Scope
from nof1.fhir.path_nodes import SYSTEM, Node, resource_kind
from nof1.fhir.path_parse import PathError, Tree, parsed
from nof1.fhir.path_plain import plain
from nof1.fhir.path_resolve import Resolver

__all__ = ["Node", "Path", "PathError", "compiled"]


@dataclass(frozen=True, slots=True)
class Path:
    """An expression to evaluate on values of type ``kind`` (of any resource for an abstract type).

    ``steps``: the fast way of an expression that only steps down from member to member.
    """

    expression: str
    kind: str
    nodes: Run = field(repr=False)
    truth: Ask = field(repr=False)
    steps: Callable[[dict[str, Any]], list[Node]] | None = field(repr=False, default=None)

    def __call__(self, item: Any, root: dict[str, Any] | None = None, resolve: Resolver | None = None) -> list[Node]:
        """What the expression gives for ``item``, decoded JSON or a ``Node``, in resource ``root`` (``item`` itself).

        ``resolve`` finds the resource of a reference's text; without it, a reference is known by the type it states.
        Raises ``PathError`` where the expression cannot be evaluated on this item.
        """
        if self.steps is not None and type(item) is dict:
            return self.steps(item)
        start = self._start(item)
        return self.nodes((start,), _scope(start, root, resolve))

    def holds(self, item: Any, root: dict[str, Any] | None = None, kept: dict[object, Any] | None = None) -> bool | None:
        """Whether the expression is true of ``item``; None where it gives nothing or cannot be evaluated on it.

        ``kept``: what was worked out of ``root`` alone, shared by the rules that are asked within it.
        """
        start = self._start(item)
        scope = _scope(start, root, None)
        if kept is not None:
            scope.of_resource = kept
        try:
            return self.truth((start,), scope)
        except (PathError, RecursionError):
            return None

    def _start(self, item: Any) -> Node:
        if isinstance(item, Node):
            return item
        return Node(item, resource_kind(item) if self.kind in ABSTRACT else self.kind)


def _scope(start: Node, root: dict[str, Any] | None, resolve: Resolver | None) -> Scope:
    return Scope(start if root is None else Node(root, resource_kind(root)), start, resolve)


@lru_cache(maxsize=8192)
def compiled(expression: str, on: str) -> Path:
    """The expression as a function of values at ``on``: ``Observation``, ``Patient.contact``, ``HumanName``.

    Raises ``PathError`` for what cannot be read or is not supported.

    >>> path = compiled("Observation.value.ofType(Quantity).value > 5", "Observation")
    >>> path.holds({"resourceType": "Observation", "valueQuantity": {"value": 6.5}})
    True
    >>> compiled("name.given | name.family", "Patient")({"resourceType": "Patient", "name": [{"given": ["A", "B"]}]})
    [Node(value='A', kind='string', extra=None), Node(value='B', kind='string', extra=None)]
    """
    kind = _kind(on)
    tree: Tree = parsed(expression)
    try:
        return Path(expression, kind, nodes_of(tree), truth_of(tree), plain(tree, kind))
    except RecursionError:
        raise PathError("path: longer than can be followed; split it") from None


def _kind(on: str) -> str:
    """The type of the values at a path of the definitions; a choice is known only by the node itself."""
    known = definitions()
    if on in known.types:
        return on
    owner, _, name = on.removesuffix("[x]").rpartition(".")
    element = known.types[owner].elements.get(name) if owner in known.types else None
    if element is None:
        return "Element"
    kind = element.types[0] if len(element.types) == 1 else "Element"
    return SYSTEM.get(kind, known.part(element, kind))
