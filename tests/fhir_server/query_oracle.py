"""What a FHIR search must answer, evaluated on decoded resources one by one.

Written from FHIR R4's page "Search" and its SearchParameter resources alone: the independent answer that a server is held against.
``UnanswerableError`` says that the specification does not settle an answer, ``NotDefinedError`` that a strict server refuses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from query_ranges import NotDefinedError, UnanswerableError, parts, spans
from query_values import Reading, by_kind, check_written, normal
from query_world import Definitions, Json, Key, World, branches, compiled, definitions, filtered, world_of

__all__ = ["NotDefinedError", "Reading", "UnanswerableError", "definitions", "included", "oracle", "out_of_order"]

Params = Mapping[str, str | Sequence[str]]
CONTROLS = {
    "_count", "_sort", "_total", "_summary", "_elements", "_include", "_revinclude", "_include:iterate", "_revinclude:iterate",
    "_format", "_pretty", "_contained", "_containedType",
}  # fmt: skip
UNSETTLED = {"_content", "_text", "_filter", "_list", "_query"}


# ------------------------------------------------------------------------------------------------------- matching


def oracle(
    resources: Sequence[Json], kind: str, params: Params, told: Definitions, reading: Reading | None = None
) -> set[str]:
    """The ids of the resources of a type that a search matches, on however many pages.

    ``params``: name with modifiers -> value, or several that must all hold. ``told``: as ``definitions`` gives.

    :raises NotDefinedError: FHIR has no such parameter or modifier.
    :raises UnanswerableError: the specification leaves the answer open.
    """
    world = world_of(resources, told, reading)
    asked = [(name, value) for name, given in params.items() for value in ([given] if isinstance(given, str) else given)]
    for name, value in asked:
        _check(world, kind, name, [value])
    keys = [key for key in world.resources if key[0] == kind]
    return {key[1] for key in keys if all(_is_met(world, key, *one) for one in asked if one[0] not in CONTROLS)}


def _check(world: World, kind: str, name: str, written: Sequence[str] = ()) -> None:
    """Names, modifiers and the form of values, which are wrong even where no resource is looked at."""
    if name in CONTROLS:
        return
    if name.startswith("_has:"):
        _, source, code, rest = name.split(":", 3)
        _check_reference(world, source, code)
        _check(world, source, rest, written)
        return
    head, _, rest = name.partition(".")
    code, _, modifier = head.partition(":")
    if code in UNSETTLED:
        raise UnanswerableError(f"what {code} finds is left to the server")
    told = world.definition(kind, code)
    if rest:
        _check_reference(world, kind, code)
        _check_chain(world, [modifier] if modifier else told["target"], rest, written)
    elif modifier != "missing" and told["type"] != "composite":
        for value in (one for several in written for one in parts(several, ",")):
            check_written(told["type"], value, modifier)


def _check_reference(world: World, kind: str, code: str) -> None:
    if world.definition(kind, code)["type"] != "reference":
        raise NotDefinedError(f"{kind} has no reference {code}")


def _check_chain(world: World, kinds: Sequence[str], rest: str, written: Sequence[str]) -> None:
    """At least one of the types that a chain leads to must know the rest."""
    problems = []
    for kind in kinds:
        try:
            _check(world, kind, rest, written)
        except NotDefinedError as error:
            problems.append(error)
    if len(problems) == len(kinds):
        raise problems[0] if problems else UnanswerableError("it is not told where the chain leads")


def _is_met(world: World, key: Key, name: str, written: str) -> bool:
    """One parameter; its values between commas are alternatives."""
    if name.startswith("_has:"):
        _, kind, code, rest = name.split(":", 3)
        sources = (one for one in world.resources if one[0] == kind and key in world.targets(one, code))
        return any(_is_met(world, one, rest, written) for one in sources)
    head, _, rest = name.partition(".")
    code, _, modifier = head.partition(":")
    if rest:
        return any(_is_met(world, one, rest, written) for one in _chained(world, key, code, modifier, rest))
    told = world.definition(key[0], code)
    if modifier == "missing":
        return (not world.values(key, code)) == (written == "true")
    wanted = parts(written, ",")
    if told["type"] == "composite":
        return any(_is_composite(world, key, told, one) for one in wanted)
    system = (world.reading.systems or {}).get((key[0], code))
    is_not = modifier == "not" and told["type"] == "token"
    values, how = world.values(key, code), "" if is_not else modifier
    return any(by_kind(told["type"], values, one, how, world.reading, system) for one in wanted) != is_not


def _chained(world: World, key: Key, code: str, modifier: str, rest: str) -> Iterator[Key]:
    """The targets of a reference in which the rest of a chain can be asked."""
    for target in world.targets(key, code):
        if modifier and target[0] != modifier:
            continue
        try:
            _check(world, target[0], rest)
        except NotDefinedError:
            continue
        yield target


def _is_composite(world: World, key: Key, told: Mapping[str, Any], written: str) -> bool:
    """Whether the parts of a composite are all met by one and the same element."""
    wanted, components = parts(written, "$"), told["component"]
    if len(wanted) != len(components):
        raise UnanswerableError(f"a composite of {len(components)} parts is asked for by {len(wanted)}")
    content = world.resources[key]
    for branch, _ in branches(told["expression"], key[0]):
        for at in range(len(compiled(branch)(content))):
            element = branch if branch == key[0] else f"{branch}[{at}]"
            met = [_part(world, content, element, *one) for one in zip(components, wanted, strict=True)]
            if all(met):
                return True
    return False


def _part(world: World, content: Json, element: str, component: Mapping[str, Any], written: str) -> bool:
    values: list[Any] = []
    for one in filtered(component["expression"]).split(" | "):
        whole = one.replace("%resource", content["resourceType"]) if "%resource" in one else f"{element}.{one}"
        values += compiled(whole)(content)
    return by_kind(component["type"], values, written, "", world.reading)


# ------------------------------------------------------------------------------------------------------- inclusion


def included(
    page: Iterable[Key], resources: Sequence[Json], params: Params, told: Definitions, reading: Reading | None = None
) -> set[Key]:
    """(type, id) of what ``_include`` and ``_revinclude`` add to a page of matches; of a match nothing is added twice."""
    world, matches = world_of(resources, told, reading), set(page)
    asked = [
        (name, value)
        for name, given in params.items()
        if name.partition(":")[0] in ("_include", "_revinclude")
        for value in ([given] if isinstance(given, str) else given)
    ]
    found: set[Key] = set().union(*(_added(world, matches, *one) for one in asked)) - matches
    while True:
        more = set().union(*(_added(world, found, *one) for one in asked if one[0].endswith(":iterate"))) - matches - found
        if not more:
            return found
        found |= more


def _added(world: World, of: set[Key], name: str, written: str) -> set[Key]:
    kind, _, rest = written.partition(":")
    code, _, target = rest.partition(":")
    is_reverse = name.startswith("_revinclude")
    if "*" not in (kind, code):
        _check_reference(world, kind, code)
    sources = [key for key in (world.resources if is_reverse else of) if kind in ("*", key[0])]
    found = set()
    for key in sources:
        codes = world.references(key[0]) if "*" in (kind, code) else [code]
        for there in set().union(*(world.targets(key, one) for one in codes)):
            if target and there[0] != target:
                continue
            if not is_reverse:
                found.add(there)
            elif there in of:
                found.add(key)
    return found


# ---------------------------------------------------------------------------------------------------------- order


def out_of_order(
    order: Sequence[str], resources: Sequence[Json], kind: str, sort: str, told: Definitions, reading: Reading | None = None
) -> list[tuple[str, str]]:
    """Neighbours in an answer that ``_sort`` forbids; where the specification leaves an order open, none is wrong.

    Of several values the one counts that comes first in the order asked for. Resources without value may stand at either end.
    """
    world, wrong = world_of(resources, told, reading), []
    keys = sort.split(",")
    for left, right in pairwise(order):
        for key in keys:
            is_down, code = key.startswith("-"), key.lstrip("-")
            ranks = [_rank(world, (kind, one), code, is_down) for one in (left, right)]
            if None in ranks:
                break
            first, second = ranks[::-1] if is_down else ranks
            if _is_before(second, first):
                wrong.append((left, right))
            if first != second:
                break
    are_missing = [_rank(world, (kind, one), keys[0].lstrip("-"), False) is None for one in order]
    changes = [at for at in range(1, len(order)) if are_missing[at] != are_missing[at - 1]]
    return wrong + [(order[at - 1], order[at]) for at in changes[1:]]


def _is_before(one: Any, other: Any) -> bool:
    """Surely before: of two ranges, neither end is later and one is earlier."""
    return bool(one[0] <= other[0] and one[1] <= other[1] and one != other)


def _rank(world: World, key: Key, code: str, is_down: bool) -> Any:
    """A range to sort by; None without a value."""
    kind, values = world.definition(key[0], code)["type"], world.values(key, code)
    if kind == "date":
        ranks = [span for value in values for span in spans(value)]
    elif kind in ("string", "token", "uri", "number") and not any(isinstance(value, dict) for value in values):
        ranks = [(normal(v), v.casefold()) if isinstance(v, str) else (v, v) for v in values]  # accents may count or not
    elif kind == "quantity":
        ranks = [(value["value"], value["value"]) for value in values if "value" in value]
    else:
        raise UnanswerableError(f"how {code} is sorted is left to the server")
    return (max(ranks) if is_down else min(ranks)) if ranks else None
