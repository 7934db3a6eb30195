"""The invariants of the base specification, as FHIRPath, judged only where an element that they speak of is present."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from nof1.fhir.definitions import Rule, definitions
from nof1.fhir.path import Path, PathError, compiled

Json = dict[str, Any]
# decided elsewhere: by the keys of an object, by the narrative's reader, with the references, by sets
BY_HAND = frozenset(("ele-1", "ext-1", "dom-2", "dom-3", "dom-4", "dom-5", "dom-6", "txt-1", "txt-2", "ref-1", "obs-7"))
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'")
_FIRST_NAME = re.compile(r"(?<![\w.%$])[A-Za-z_]\w*(?!\w*\()")
# what looks further than the members of the object
_FAR = re.compile(
    r"%(?!ucum)|\b(?:children|descendants|resolve)\(|\$this|\$index|(?<![\w.)])(?:where|select|all|exists|empty)\("
)
_WORDS = frozenset(("and", "or", "xor", "implies", "in", "contains", "div", "mod", "true", "false"))
_TYPE = re.compile(r"\b(?:is|as)\s+[\w.]+")
_PAREN = re.compile(r"(\.\w+)?\(|\)")
_PRESENCE = re.compile(r"(?:\s|[()]|\b(?:and|or|xor|implies)\b|!=|=|\w+\.(?:exists|empty)\(\)|\.not\(\))+")


@dataclass(frozen=True, slots=True)
class Judge:
    """A rule ready to be asked. ``names``: the elements that it looks at first; None when it looks anywhere.

    ``member``: the element with plain values that it is asked of, '' for the object itself. ``is_presence``: it asks only
    whether elements are present.
    """

    rule: Rule
    path: Path
    names: frozenset[str] | None
    is_presence: bool
    member: str = ""

    def is_settled(self, present: frozenset[str]) -> bool:
        """Whether all objects with the same keys, of elements ``present``, get the same answer."""
        return self.is_presence or (self.names is not None and self.names.isdisjoint(present))

    def is_broken(self, item: Json, resource: Json, kept: dict[object, Any]) -> bool:
        """Whether the rule says no; what cannot be decided (two precisions, two units) is no fault.

        ``kept``: what rules have worked out of ``resource``.
        """
        if not self.member:
            return self.path.holds(item, resource, kept) is False
        values = item.get(self.member, ())
        listed = values if isinstance(values, list) else [values]
        return any(self.path.holds(one, resource, kept) is False for one in listed if one is not None)


@cache
def judges(path: str, place: str = "") -> tuple[Judge, ...]:
    """The rules of a type, its bases and of the element ``place`` where its values stand; without those by hand.

    >>> [one.rule.key for one in judges("Observation")]
    ['obs-6']
    >>> [one.rule.key for one in judges("ContactPoint", "Organization.telecom")]
    ['cpt-2', 'org-3']
    """
    return tuple(judge for one, member in _rules_of(path, place) if (judge := _judge(one, path, member)))


def unchecked() -> dict[str, str]:
    """Rules that are not judged, by ``path key``, with the reason."""
    found = {}
    for path, rules in definitions().rules.items():
        for rule in rules:
            if rule.key not in BY_HAND and isinstance(asked := _path(rule), str):
                found[f"{path} {rule.key}"] = asked
    return found


def _rules_of(path: str, place: str) -> Iterator[tuple[Rule, str]]:
    """Rules with the member that they are asked of."""
    known = definitions()
    start: str = path
    while start:
        for rule in known.rules.get(start, ()):
            yield rule, ""
        start = known.types[start].base if start in known.types else ""
    for rule in known.rules.get(place, ()):
        yield rule, ""
    for element in known.types[path].elements.values():
        if all(known.types[kind].kind == "primitive-type" for kind in element.types if kind in known.types):
            for rule in known.rules.get(element.path, ()):
                yield rule, element.name


@cache
def _path(rule: Rule) -> Path | str:
    """The compiled rule, or why it cannot be compiled."""
    try:
        return compiled(rule.expression, rule.path)
    except PathError as error:
        return str(error)


def _judge(rule: Rule, path: str, member: str) -> Judge | None:
    asked = _path(rule)
    if rule.key in BY_HAND or isinstance(asked, str):
        return None
    text = _QUOTED.sub("''", rule.expression).replace(f"{path}.", "")
    is_presence = not member and not _FAR.search(text) and _PRESENCE.fullmatch(text) is not None
    return Judge(rule, asked, frozenset((member,)) if member else _names(text, path), is_presence, member)


def _names(text: str, path: str) -> frozenset[str] | None:
    """The elements of a type that an expression without quoted text looks at first; None where that is not plain to see."""
    elements = definitions().types[path].elements.keys()
    text = _TYPE.sub("", text)
    if _FAR.search(text) or not {*_FIRST_NAME.findall(_outer(text))} - _WORDS <= elements:
        return None
    return frozenset(_FIRST_NAME.findall(text)) & elements


def _outer(text: str) -> str:
    """An expression without what functions are asked of each value, ``where(…)``: names in there are not of the object."""
    kept, start, open_calls = "", 0, [False]
    for match in _PAREN.finditer(text):
        if not any(open_calls):
            kept += text[start : match.end()]
        start = match.end()
        if match[0] == ")":
            open_calls.pop()
        else:
            open_calls.append(match[1] is not None)
    return kept + text[start:]
