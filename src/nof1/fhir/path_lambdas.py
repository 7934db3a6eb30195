"""The functions of FHIRPath that evaluate an argument for each node, with that node as ``$this``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from nof1.fhir.path_nodes import Node
from nof1.fhir.path_parse import PathError
from nof1.fhir.path_resolve import Resolver
from nof1.fhir.path_values import Values

Nodes = Sequence[Node]
MOST_REPEATS = 10_000


@dataclass(slots=True)
class Scope:
    """What stays the same during an evaluation, and ``$index``, which does not.

    ``resource``: the resource the expression stands in. ``context``: what it is evaluated on. ``of_resource``: what follows
    from the resource alone, worked out once, also for other evaluations in it; ``of_context``: from both.
    """

    resource: Node
    context: Node
    resolver: Resolver | None = None
    index: int = 0
    of_resource: dict[object, Any] = field(default_factory=dict)
    of_context: dict[object, Any] = field(default_factory=dict)


Run = Callable[[Nodes, Scope], list[Node]]
Ask = Callable[[Nodes, Scope], bool | None]


class Argument(NamedTuple):
    """An argument, both as a question and as nodes."""

    ask: Ask
    run: Run


class Lambda(NamedTuple):
    """Makes a function from what stands before it and its arguments."""

    made: Callable[[Run, Sequence[Argument]], Run]
    fewest: int = 1
    most: int = 1


def _where(base: Run, arguments: Sequence[Argument]) -> Run:
    ask = arguments[0].ask

    def where(this: Nodes, scope: Scope) -> list[Node]:
        found = []
        for at, node in enumerate(base(this, scope)):
            scope.index = at
            if ask((node,), scope):
                found.append(node)
        return found

    return where


def _all(base: Run, arguments: Sequence[Argument]) -> Run:
    ask = arguments[0].ask
    return lambda this, scope: [Node(all(ask((node,), scope) for node in base(this, scope)), "boolean")]


def _exists(base: Run, arguments: Sequence[Argument]) -> Run:
    ask = arguments[0].ask
    return lambda this, scope: [Node(any(ask((node,), scope) for node in base(this, scope)), "boolean")]


def _select(base: Run, arguments: Sequence[Argument]) -> Run:
    run = arguments[0].run

    def select(this: Nodes, scope: Scope) -> list[Node]:
        found: list[Node] = []
        for at, node in enumerate(base(this, scope)):
            scope.index = at
            found += run((node,), scope)
        return found

    return select


def _repeat(base: Run, arguments: Sequence[Argument]) -> Run:
    run = arguments[0].run

    def repeat(this: Nodes, scope: Scope) -> list[Node]:
        found: list[Node] = []
        known = Values()
        waiting = list(base(this, scope))
        while waiting:
            new = [node for one in waiting for node in run((one,), scope)]
            waiting = []
            for node in new:
                if node not in known:
                    known.add(node)
                    found.append(node)
                    waiting.append(node)
            if len(found) > MOST_REPEATS:
                raise PathError(f"path: repeat() gives more than {MOST_REPEATS} values")
        return found

    return repeat


def _if(base: Run, arguments: Sequence[Argument]) -> Run:
    """The second argument where the first is true of what stands before, else the third."""

    def chosen(this: Nodes, scope: Scope) -> list[Node]:
        focus = base(this, scope)
        if arguments[0].ask(focus, scope):
            return arguments[1].run(focus, scope)
        return arguments[2].run(focus, scope) if len(arguments) == 3 else []

    return chosen


LAMBDAS: dict[str, Lambda] = {
    "where": Lambda(_where),
    "all": Lambda(_all),
    "exists": Lambda(_exists),
    "select": Lambda(_select),
    "repeat": Lambda(_repeat),
    "trace": Lambda(lambda base, _: base, 1, 2),
    "iif": Lambda(_if, 2, 3),
}
