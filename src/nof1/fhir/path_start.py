"""What a FHIRPath expression starts from where it does not depend on ``$this``, so that it need be worked out only once."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal as Only

from nof1.fhir.path_lambdas import LAMBDAS
from nof1.fhir.path_parse import Binary, Call, Dot, Literal, Name, Signed, Tree, Typed, Variable

Start = Only["resource", "context"]
_STARTS: dict[str, Start] = {"resource": "resource", "rootResource": "resource", "context": "context"}
_CASTS = ("as", "ofType", "is")


@lru_cache(maxsize=8192)
def start_of(tree: Tree) -> Start | None:
    """What the expression follows from alone: the resource, what is evaluated (and the resource); None for anything else.

    >>> from nof1.fhir.path_parse import parsed
    >>> start_of(parsed("%resource.snapshot.element.first().path & '.'")), start_of(parsed("%context.grouping.id"))
    ('resource', 'context')
    >>> start_of(parsed("%resource.type = $this.type")) is start_of(parsed("'a'")) is None
    True
    """
    starts = _starts(tree)
    if starts is None or not starts:
        return None
    return "context" if "context" in starts else "resource"


def _starts(tree: Tree) -> frozenset[str] | None:
    """The variables that it follows from; None where ``$this`` or ``$index`` are among them."""
    match tree:
        case Literal():
            return frozenset()
        case Variable(name):
            return frozenset((_STARTS[name],)) if name in _STARTS else None
        case Dot(base, Name()) | Typed(_, base, _) | Signed(_, base):
            return _starts(base)
        case Dot(base, Call(name, arguments)):
            # what a function asks of each node has that node as $this
            own = [_within(one) for one in arguments] if name in LAMBDAS else [_starts(one) for one in arguments]
            return _all(_starts(base), *(() if name in _CASTS else own))
        case Binary(_, left, right):
            return _all(_starts(left), _starts(right))
    return None


def _all(*several: frozenset[str] | None) -> frozenset[str] | None:
    found: frozenset[str] = frozenset()
    for one in several:
        if one is None:
            return None
        found |= one
    return found


def _within(tree: Tree) -> frozenset[str] | None:
    """The variables in an argument whose ``$this`` is given; None with ``$index``, which may be that of a loop around."""
    match tree:
        case Variable("$index"):
            return None
        case Variable(name):
            return frozenset((_STARTS[name],)) if name in _STARTS else frozenset()
        case Dot(left, right) | Binary(_, left, right):
            return _all(_within(left), _within(right))
        case Typed(_, base, _) | Signed(_, base):
            return _within(base)
        case Call(_, arguments):
            return _all(*(_within(one) for one in arguments))
    return frozenset()
