"""Which search parameters need no rows of their own, because the rows of other parameters say the same.

``combo-code`` is what ``code`` and ``component-code`` are together; a composite of the resource itself is what its parts are
one by one, as long as both are of the same resource. Found by comparing the paths that the definitions give.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from nof1.fhir.definitions import Parameter, definitions
from nof1.fhir.index_paths import MAKERS, Taken, branches, is_about, taken
from nof1.fhir.path_parse import Name, Tree, parsed

_SHARING = ("token", "quantity")  # kinds of which the rows of several parameters may be read as those of one
_REST = "~rest"
_CODES = {"Coding", "CodeableConcept", "code", "boolean"}


class Group(NamedTuple):
    """Where the parts of a composite stand, each under an id. ``is_whole``: anywhere in the same resource."""

    ids: tuple[str, ...]
    is_whole: bool


@cache
def held_by(parameter: str) -> tuple[str, ...]:
    """The ids under which the rows of a parameter stand: its own, or those of the parameters that it joins.

    >>> held_by("Observation-combo-code"), held_by("Observation-component-code")
    (('Observation-component-code', 'clinical-code'), ('Observation-component-code',))
    """
    kind = _kind_of(parameter)
    if not kind:
        return (parameter,)
    names = _joined(kind).get(parameter, (parameter,))
    rests = _rests(kind)
    return tuple(one for name in names for one in (name, *((name + _REST,) if name in rests else ())))


def is_joined(parameter: str) -> bool:
    """Whether a parameter has no rows of its own."""
    return parameter not in held_by(parameter)


def held_as(parameter: str, path: Taken) -> str:
    """The id under which the rows of one path of a parameter stand."""
    kind = _kind_of(parameter)
    return parameter + _REST if kind and path in _rests(kind).get(parameter, ()) else parameter


@cache
def is_of_codes(parameter: str) -> bool:
    """Whether all tokens of a parameter are codes, which many resources share; not identifiers or telephone numbers.

    >>> is_of_codes("clinical-code"), is_of_codes("Patient-identifier")
    (True, False)
    """
    known = definitions().by_id.get(parameter)
    if known is None or known.kind != "token":
        return False
    of_types = [_whole(known.kind, known.expression, kind) for kind in known.bases]
    return all(of_types) and {path.type for paths in of_types for path in paths} <= _CODES


@cache
def groups(parameter: str) -> tuple[Group, ...]:
    """Where the parts of a composite stand, for each branch of its expression; each place once.

    >>> groups("Observation-code-value-quantity")
    (Group(ids=('clinical-code', 'Observation-value-quantity'), is_whole=True),)
    """
    composite = definitions().by_id[parameter]
    return tuple(dict.fromkeys(group_of(composite, branch) for branch in branches(parsed(composite.expression))))


def group_of(composite: Parameter, branch: Tree) -> Group:
    """Where the parts of one branch stand."""
    kind = _kind_of(composite.id)
    if branch == Name(kind):
        parts = tuple(_as_alone(kind, *one) for one in composite.components)
        if all(parts):
            return Group(parts, is_whole=True)
    for other in definitions().parameters[kind].values() if kind else ():
        is_same = other.kind == "composite" and parsed(other.expression) == branch
        if is_same and other.id != composite.id and _parts(other) == _parts(composite):
            return own(other)
    return own(composite)


def own(composite: Parameter) -> Group:
    """Rows that a composite alone has."""
    return Group(tuple(f"{composite.id}#{at}" for at in range(len(composite.components))), is_whole=False)


def _parts(composite: Parameter) -> list[tuple[str, str]]:
    return [(definitions().by_id[name].kind, expression) for name, expression in composite.components]


def _kind_of(parameter: str) -> str:
    """The one type of resources that has a parameter, '' where several do."""
    known = definitions().by_id.get(parameter)
    return known.bases[0] if known and len(known.bases) == 1 else ""


@cache
def _joined(kind: str) -> Mapping[str, tuple[str, ...]]:
    """Parameters of a type that are others together -> those."""
    paths = _paths(kind)
    found: dict[str, tuple[str, ...]] = {}
    for name, whole in paths.items():
        if _kind_of(name) and definitions().by_id[name].kind in _SHARING:
            inner = [one for one, some in paths.items() if some < whole]
            if inner and frozenset[Taken]().union(*(paths[one] for one in inner)) == whole:
                found[name] = tuple(inner)
    return {name: tuple(one for one in inner if one not in found) for name, inner in found.items()}


@cache
def _rests(kind: str) -> Mapping[str, frozenset[Taken]]:
    """Parameters of a type of which a composite's part takes some of the paths -> the paths that it leaves."""
    found: dict[str, frozenset[Taken]] = {}
    for composite in definitions().parameters[kind].values():
        if composite.kind == "composite" and _kind_of(composite.id) and Name(kind) in branches(parsed(composite.expression)):
            for component, expression in composite.components:
                name, left = _nearest(kind, component, expression)
                if left and found.get(name, left) == left:
                    found[name] = left
    return found


def _as_alone(kind: str, component: str, expression: str) -> str:
    """The id under which the rows of a composite's part stand without a composite, '' for none."""
    name, left = _nearest(kind, component, expression)
    return name if not left or _rests(kind).get(name) == left else ""


def _nearest(kind: str, component: str, expression: str) -> tuple[str, frozenset[Taken]]:
    """The parameter of a type that takes all paths of a composite's part, and the fewest others; and those."""
    part = definitions().by_id[component].kind
    wanted = _whole(part, expression, kind)
    around = {name: some for name, some in _paths(kind).items() if wanted and some >= wanted and name not in _joined(kind)}
    found = [
        (len(some), name, some - wanted)
        for name, some in around.items()
        if some == wanted or (_kind_of(name) and part in _SHARING)
    ]
    return min(found)[1:] if found else ("", frozenset())


@cache
def _paths(kind: str) -> Mapping[str, frozenset[Taken]]:
    """The paths of each ordinary parameter of a type, of those that are nothing but paths."""
    found = {}
    for parameter in definitions().parameters[kind].values():
        some = _whole(parameter.kind, parameter.expression, kind) if parameter.kind in MAKERS else None
        if some:
            found[parameter.id] = some
    return found


def _whole(parameter_kind: str, expression: str, kind: str) -> frozenset[Taken]:
    """The paths of an expression, none where a part of it is more than a path."""
    found: list[Taken] = []
    for branch in _about(expression, kind):
        some = list(taken(branch, parameter_kind, kind))
        if not some:
            return frozenset()
        found += some
    return frozenset(found)


def _about(expression: str, kind: str) -> Iterator[Tree]:
    return (branch for branch in branches(parsed(expression)) if is_about(branch, kind)) if expression else iter(())
