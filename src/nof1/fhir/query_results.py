"""What a search says about its answer: order, size of a page, total, parts of resources, resources to bring along."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from nof1.fhir.definitions import definitions
from nof1.fhir.query_chain import parameter_of
from nof1.fhir.query_errors import QueryError, near
from nof1.fhir.query_tree import MOST, Include, Sort

_UNSORTED = ("composite", "special")
_MOST_SORTS = 5
_EVERY = "*"
TOTALS = ("none", "estimate", "accurate")
SUMMARIES = ("true", "text", "data", "count", "false")
IGNORED = ("_format", "_pretty")
_REFUSED = {
    "_filter": "filter expressions are not supported; write search parameters",
    "_query": "named queries are not supported",
    "_list": "lists are not supported; ask for the list and search by _id",
    "_containedType": "contained resources are not searched",
    "_score": "there is no score",
}
_INCLUDES = ("_include", "_include:iterate", "_revinclude", "_revinclude:iterate")


def is_about_results(name: str) -> bool:
    """Whether a parameter is about the answer and not about what matches."""
    return name in _READERS or name in _REFUSED or name.partition(":")[0] in ("_include", "_revinclude")


def results(kind: str, pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Fields of ``Search`` from the pairs that are about the answer; raises ``QueryError``."""
    found: dict[str, Any] = {}
    seen: set[str] = set()
    for name, value in pairs:
        if name in _REFUSED:
            raise QueryError(name, value, _REFUSED[name])
        if name.startswith(("_include", "_revinclude")):
            field = "revincludes" if name.startswith("_rev") else "includes"
            found[field] = (*found.get(field, ()), _include(kind, name, value))
            continue
        if name in seen:
            raise QueryError(name, value, "given twice; write it once")
        seen.add(name)
        field, reader = _READERS[name]
        read = reader(kind, name, value)
        if field:
            found[field] = read
    return found


def _sort(kind: str, name: str, value: str) -> tuple[Sort, ...]:
    codes = value.split(",")
    if len(codes) > _MOST_SORTS:
        raise QueryError(name, value, f"more than {_MOST_SORTS} parameters to sort by")
    return tuple(_one_sort(kind, name, value, code) for code in codes)


def _one_sort(kind: str, name: str, value: str, code: str) -> Sort:
    if code == "_score":
        raise QueryError(name, value, _REFUSED[code])
    parameter = parameter_of(kind, code.removeprefix("-"), name, value)
    if parameter.kind in _UNSORTED:
        raise QueryError(name, value, f"'{parameter.code}' is {parameter.kind} and has no order")
    if not kind and parameter.code not in ("_id", "_lastUpdated"):
        raise QueryError(name, value, "a search over several types is sorted by _id or _lastUpdated")
    return Sort(parameter, code.startswith("-"))


def _count(_kind: str, name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise QueryError(name, value, f"no count; write a number from 0 (only the total) to {MOST}")
    return min(int(value), MOST)


def _one_of(known: Sequence[str]) -> Callable[[str, str, str], str]:
    def read(_kind: str, name: str, value: str) -> str:
        if value not in known:
            raise QueryError(name, value, near(value, known))
        return value

    return read


def _elements(kind: str, name: str, value: str) -> tuple[str, ...]:
    names = tuple(one.strip().removeprefix(f"{kind}.") for one in value.split(","))
    known = definitions().types[kind or "Resource"].elements
    for one in names:
        if kind and one not in known:
            raise QueryError(name, value, f"{kind} has no element '{one}'; {near(one, known)}")
        if not one:
            raise QueryError(name, value, "an element is empty")
    return names


def _types(kind: str, name: str, value: str) -> tuple[str, ...]:
    if kind:
        raise QueryError(name, value, f"it is for searches over all types; this one is of {kind}")
    return types(name, value)


def types(name: str, value: str) -> tuple[str, ...]:
    """The resource types of a list of them."""
    found = tuple(dict.fromkeys(one.strip() for one in value.split(",")))
    for one in found:
        _known_type(one, name, value)
    return found


def _known_type(kind: str, name: str, value: str) -> str:
    if kind not in definitions().resources:
        raise QueryError(name, value, f"there is no type '{kind}'; {near(kind, definitions().resources)}")
    return kind


def _include(kind: str, name: str, value: str) -> Include:
    if name not in _INCLUDES:
        raise QueryError(name, value, near(name, _INCLUDES))
    is_iterated, is_reverse = name.endswith(":iterate"), name.startswith("_rev")
    source, _, rest = value.partition(":")
    if source == _EVERY and not rest:
        return Include("", None, "", is_iterated)
    code, _, target = rest.partition(":")
    if not code:
        raise QueryError(name, value, "write 'Type:parameter', 'Type:parameter:Type of the target', 'Type:*' or '*'")
    _known_type(source, name, value)
    if target:
        _known_type(target, name, value)
    found = Include(source, None if code == _EVERY else parameter_of(source, code, name, value), target, is_iterated)
    _check_include(found, kind, is_reverse, name, value)
    return found


def _check_include(include: Include, kind: str, is_reverse: bool, name: str, value: str) -> None:
    parameter, target = include.parameter, include.target
    if parameter is not None and parameter.kind != "reference":
        known = [one.code for one in definitions().parameters[include.kind].values() if one.kind == "reference"]
        raise QueryError(name, value, f"'{parameter.code}' is no reference; {near(parameter.code, known)}")
    targets: Iterable[str] = (parameter.targets if parameter else ()) or definitions().resources
    if target and target not in targets:
        raise QueryError(name, value, f"it does not refer to '{target}'; {near(target, targets)}")
    if include.is_iterated or not kind:
        return
    if is_reverse and (kind not in targets or target not in ("", kind)):
        raise QueryError(name, value, f"it does not refer to {kind}; add ':iterate' to follow what is included")
    if not is_reverse and include.kind != kind:
        raise QueryError(name, value, f"the search is of {kind}; add ':iterate' to follow what is included")


def _contained(_kind: str, name: str, value: str) -> str:
    if value != "false":
        raise QueryError(name, value, "contained resources are not searched; write false or leave it out")
    return value


def _as_written(_kind: str, _name: str, value: str) -> str:
    return value


_READERS: dict[str, tuple[str, Callable[[str, str, str], Any]]] = {
    "_sort": ("sort", _sort),
    "_count": ("count", _count),
    "_total": ("total", _one_of(TOTALS)),
    "_summary": ("summary", _one_of(SUMMARIES)),
    "_elements": ("elements", _elements),
    "_type": ("types", _types),
    "_after": ("after", _as_written),
    "_contained": ("", _contained),
    **dict.fromkeys(IGNORED, ("", _as_written)),
}
