"""References: what they say they point to must be a resource that the element may point to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from nof1.fhir.definitions import ABSTRACT, definitions
from nof1.fhir.problem import Problem, shown

Check = Callable[[dict[str, Any], Mapping[str, str], bool], list[Problem]]
_LITERAL = re.compile(r"([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?")
_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?.+")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:.+")
_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_OID = re.compile(r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+")
_SHAPE = "write Type/id, #id of a contained resource, an absolute address or urn:uuid:…"


def reference_check(targets: tuple[str, ...]) -> Check:
    """A check of References that may point to ``targets``, to any type when there are none.

    The check takes the reference, the types of contained resources by id, and whether it stands in a bundle's entry, where
    a reference may be a search (``Patient?identifier=…``) that the transaction will resolve.
    """
    known = frozenset(definitions().resources)
    allowed = known if not targets or not set(targets).isdisjoint(ABSTRACT) else frozenset(targets)

    def check(reference: dict[str, Any], contained: Mapping[str, str], is_entry: bool) -> list[Problem]:
        found: list[Problem] = []
        text = reference.get("reference")
        kind = _kind(text, contained, is_entry, found) if text is not None else ""
        if kind and kind not in allowed:
            found.append(Problem("reference", _not_allowed(text, kind, known, allowed), "value"))
        if "type" in reference:
            found.extend(_of_type(reference["type"], kind, known, allowed))
        return found

    return check


def _kind(text: str, contained: Mapping[str, str], is_entry: bool, found: list[Problem]) -> str:
    """The type that the reference names, '' where it names none; a fault of its writing is added to ``found``."""
    literal = _LITERAL.fullmatch(text)
    if literal:
        return literal[1]
    if text.startswith("#"):
        return _contained(text, contained, found)
    if is_entry and (search := _CONDITIONAL.fullmatch(text)):
        return search[1]
    if text.startswith(("urn:uuid:", "urn:oid:")):
        is_right = _UUID.fullmatch(text) or _OID.fullmatch(text)
    else:
        is_right = _ADDRESS.fullmatch(text)
    if not is_right:
        found.append(Problem("reference", f"{shown(text)} is no reference; {_SHAPE}", "value"))
    return ""


def _contained(text: str, contained: Mapping[str, str], found: list[Problem]) -> str:
    """The type of the contained resource; what is wrong with its type itself is told at its own place."""
    if text[1:] in contained:
        kind = contained[text[1:]]
        return kind if kind in definitions().resources else ""
    said = f"there is no contained resource with the id {shown(text[1:])}; add it to contained or refer to Type/id"
    found.append(Problem("reference", said, "invariant"))
    return ""


def _not_allowed(text: Any, kind: str, known: frozenset[str], allowed: frozenset[str]) -> str:
    if kind not in known:
        near = get_close_matches(kind, known, 1)
        return f"{shown(text)}: {kind} is no type of FHIR R4{f'; did you mean {near[0]}?' if near else ''}"
    return f"{shown(text)} points to a {kind}; here only {', '.join(sorted(allowed))} may be referred to"


def _of_type(stated: str, kind: str, known: frozenset[str], allowed: frozenset[str]) -> list[Problem]:
    """The member ``type``: a type's name, or an address of a logical model, which is left alone."""
    if _ADDRESS.fullmatch(stated):
        return []
    if stated not in known:
        return [Problem("type", f"{shown(stated)} is no type of FHIR R4; write it as Patient", "value")]
    if kind in known and stated != kind:
        return [Problem("type", f"{stated} is stated but the reference points to a {kind}; one of them is wrong", "value")]
    if stated not in allowed:
        return [Problem("type", f"{stated} may not be referred to here, only {', '.join(sorted(allowed))}", "value")]
    return []
