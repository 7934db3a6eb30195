"""The fast way of expressions that only step down from member to member, which most search parameters are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from nof1.fhir.definitions import ABSTRACT
from nof1.fhir.path_nodes import Node, Way, add, is_kind, is_primitive, known_type, ways
from nof1.fhir.path_parse import Call, Dot, Name, Tree, Typed

Steps = Callable[[dict[str, Any]], list[Node]]


class Chain(NamedTuple):
    """Keys to step down by, one way each, and the ways of the last step; the type it is taken from, and its name."""

    before: tuple[str, ...]
    last: tuple[Way, ...]
    owner: str = ""
    name: str = ""


def plain(tree: Tree, on: str) -> Steps | None:
    """The function of a chain of members from a value of type ``on``; None for every other expression."""
    chain = chain_of(tree, on)
    return None if chain is None else steps(chain)


def chain_of(tree: Tree, on: str) -> Chain | None:
    """The keys of a chain of members, cast or not at its end; None where it is none or its types are open.

    >>> from nof1.fhir.path_parse import parsed
    >>> chain_of(parsed("Observation.component.value as Quantity"), "Observation")  # doctest: +ELLIPSIS
    Chain(before=('component',), last=(Way(key='valueQuantity', kind='Quantity', extra=''),), owner=..., name='value')
    """
    match tree:
        case Typed("as", operand, kind) | Dot(operand, Call("as" | "ofType", (Name(kind),))):
            chain = chain_of(operand, on)
            wanted = known_type(kind)
            return chain and chain._replace(last=tuple(way for way in chain.last if _is_cast(way.kind, wanted)))
    names = _names(tree)
    if not names or on in ABSTRACT:
        return None
    if names[0][:1].isupper():
        if not is_kind(on, names[0]) or len(names) == 1:
            return None
        names = names[1:]
    return _followed(names, on)


def _is_cast(kind: str, wanted: str) -> bool:
    return kind == wanted or (not is_primitive(wanted) and is_kind(kind, wanted))


def _names(tree: Tree) -> list[str]:
    match tree:
        case Name(text):
            return [text]
        case Dot(base, Name(text)):
            before = _names(base)
            return [*before, text] if before else []
    return []


def _followed(names: list[str], kind: str) -> Chain | None:
    before = []
    for name in names[:-1]:
        found = ways(kind, name)
        if len(found) != 1 or found[0].kind == "Resource" or is_primitive(found[0].kind):
            return None
        before.append(found[0].key)
        kind = found[0].kind
    return Chain(tuple(before), ways(kind, names[-1]), kind, names[-1])


def steps(chain: Chain) -> Steps:
    """The function that follows a chain."""
    before, last = chain.before, chain.last
    if not before:
        return _last(last)

    final = _last(last)

    def follow(value: dict[str, Any]) -> list[Node]:
        owners = [value]
        for key in before:
            found: list[dict[str, Any]] = []
            for owner in owners:
                inner = owner.get(key)
                if type(inner) is dict:
                    found.append(inner)
                elif type(inner) is list:
                    found += [one for one in inner if type(one) is dict]
            if not found:
                return []
            owners = found
        return final(owners[0]) if len(owners) == 1 else [node for owner in owners for node in final(owner)]

    return follow


def _last(last: tuple[Way, ...]) -> Steps:
    if len(last) == 1 and not last[0].extra and last[0].kind != "Resource":
        key, kind = last[0].key, last[0].kind

        def only(owner: dict[str, Any]) -> list[Node]:
            value = owner.get(key)
            if value is None:
                return []
            return [Node(one, kind) for one in value if one is not None] if type(value) is list else [Node(value, kind)]

        return only

    def any_of(owner: dict[str, Any]) -> list[Node]:
        found: list[Node] = []
        for way in last:
            if way.key in owner or way.extra in owner:
                add(found, owner, way)
        return found

    return any_of
