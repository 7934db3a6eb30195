"""The paths that a search parameter's expression is made of, told so that those of several parameters can be compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nof1.fhir.definitions import definitions
from nof1.fhir.index_rows import ADDRESSES, DATES, NUMBERS, QUANTITIES, STRINGS, URIS, Maker
from nof1.fhir.index_tokens import TOKENS, reference
from nof1.fhir.path_nodes import is_kind
from nof1.fhir.path_parse import Binary, Call, Dot, Name, Tree, Typed
from nof1.fhir.path_plain import Chain, chain_of

MAKERS: dict[str, dict[str, Maker]] = {
    "token": TOKENS,
    "string": STRINGS,
    "date": DATES,
    "quantity": QUANTITIES,
    "number": NUMBERS,
    "uri": URIS,
    "reference": {**ADDRESSES, "Reference": reference()},
}


class Taken(NamedTuple):
    """What several parameters take in the same way: a chain of keys, the kind of parameter, the type of value.

    ``only``: references to this type alone. ``value_set``: of a code.
    """

    keys: tuple[str, ...]
    kind: str
    type: str
    only: str
    value_set: str


def branches(tree: Tree) -> Iterator[Tree]:
    """The sides of a union."""
    if isinstance(tree, Binary) and tree.operator == "|":
        yield from branches(tree.left)
        yield from branches(tree.right)
    else:
        yield tree


def taken(branch: Tree, parameter_kind: str, kind: str) -> Iterator[Taken]:
    """The chains of a branch; none where it is no chain, or one of another type."""
    only = ""
    match branch:
        case Dot(base, Call("where", (Typed("is", Call("resolve", ()), target),))):
            branch, only = base, target
    chain = chain_of(branch, kind)
    for way in chain.last if chain else ():
        if way.kind in MAKERS[parameter_kind]:
            value_set = _value_set(chain) if chain and way.kind == "code" else ""
            yield Taken((*chain.before, way.key) if chain else (), parameter_kind, way.kind, only, value_set)


def _value_set(chain: Chain) -> str:
    return definitions().types[chain.owner].elements[chain.name].value_set


def leading(tree: Tree) -> list[str]:
    """The names at the start of a path."""
    match tree:
        case Name(text):
            return [text]
        case Dot(base, Name(text)):
            before = leading(base)
            return [*before, text] if before else []
        case Dot(base, Call("extension", _)):
            return [*leading(base), "extension"]
        case Dot(base, _) | Typed(_, base, _) | Binary("[", base, _):
            return leading(base)
    return []


def is_about(branch: Tree, kind: str) -> bool:
    """Whether a branch of an expression over several types concerns this one."""
    names = leading(branch)
    return not names or not names[0][:1].isupper() or is_kind(kind, names[0])
