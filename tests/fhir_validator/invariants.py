"""The invariants of R4 that can be decided on a resource by itself, each a function of the object it stands on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

Obj = dict[str, Any]


def _value(item: Obj) -> list[str]:
    return [key for key in item if key.lstrip("_").startswith("value") and key.lstrip("_")[5:6].isupper()]


def _codings(concept: Obj | None) -> set[tuple[str, str]]:
    return {(one.get("system", ""), one.get("code", "")) for one in (concept or {}).get("coding", ())}


def _same_code(item: Obj) -> bool:
    """obs-7: where a component has the observation's own code, the observation has no value."""
    shared = any(_codings(item.get("code")) & _codings(part.get("code")) for part in item.get("component", ()))
    return not (shared and _value(item))


def _ordered(low: Any, high: Any) -> bool:
    if low is None or high is None:
        return True
    size = min(len(low), len(high)) if isinstance(low, str) else None
    return bool(low[:size] <= high[:size]) if size else bool(low <= high)


def walk(item: Any) -> Iterator[Obj]:
    """Every object in a resource, contained resources included."""
    if isinstance(item, dict):
        yield item
        for value in item.values():
            yield from walk(value)
    elif isinstance(item, list):
        for value in item:
            yield from walk(value)


def references(item: Any) -> set[str]:
    return {one["reference"] for one in walk(item) if isinstance(one.get("reference"), str)}


def _contained_are_used(item: Obj) -> bool:
    used = references(item)
    return all(f"#{one.get('id')}" in used or "#" in references(one) for one in item.get("contained", ()))


def _no_versions(item: Obj) -> bool:
    metas = [one.get("meta", {}) for one in item.get("contained", ())]
    return not any("versionId" in meta or "lastUpdated" in meta for meta in metas)


def _entries(item: Obj, part: str, kinds: tuple[str, ...]) -> bool:
    wanted = item.get("type") in kinds
    return all((part in entry) == wanted for entry in item.get("entry", ()))


def _unique_addresses(item: Obj) -> bool:
    found = [
        (entry["fullUrl"], entry.get("resource", {}).get("meta", {}).get("versionId"))
        for entry in item.get("entry", ())
        if "fullUrl" in entry
    ]
    return item.get("type") == "history" or len(found) == len(set(found))


def _first_is(item: Obj, kind: str, resource: str) -> bool:
    first = next((entry.get("resource", {}) for entry in item.get("entry", ())), {})
    return item.get("type") != kind or first.get("resourceType") == resource


def _has_text(item: Obj, *names: str) -> bool:
    return any(name in item or f"_{name}" in item for name in names)


def _not_home(item: Obj, part: str) -> bool:
    return all(one.get("use") != "home" for one in item.get(part, ()))


_HISTORY = ("history",)
_ASKED = ("batch", "transaction", "history")
_ANSWERED = ("batch-response", "transaction-response", "history")
_FOUND = ("searchset",)

RULES: dict[str, tuple[str, Callable[[Obj], bool]]] = {
    "dom-2": ("DomainResource", lambda item: not any("contained" in one for one in item.get("contained", ()))),
    "dom-3": ("DomainResource", _contained_are_used),
    "dom-4": ("DomainResource", _no_versions),
    "dom-5": (
        "DomainResource",
        lambda item: not any("security" in one.get("meta", {}) for one in item.get("contained", ())),
    ),
    "ext-1": ("Extension", lambda item: ("extension" in item) != bool(_value(item))),
    "obs-3": ("Observation.referenceRange", lambda item: bool({"low", "high", "text"} & item.keys())),
    "obs-6": ("Observation", lambda item: not ("dataAbsentReason" in item and _value(item))),
    "obs-7": ("Observation", _same_code),
    "per-1": ("Period", lambda item: _ordered(item.get("start"), item.get("end"))),
    "rng-2": ("Range", lambda item: _ordered(item.get("low", {}).get("value"), item.get("high", {}).get("value"))),
    "qty-3": ("Quantity", lambda item: "code" not in item or "system" in item),
    "rat-1": (
        "Ratio",
        lambda item: ("numerator" in item) == ("denominator" in item) and ("numerator" in item or "extension" in item),
    ),
    "att-1": ("Attachment", lambda item: "data" not in item or "contentType" in item),
    "cpt-2": ("ContactPoint", lambda item: "value" not in item or "system" in item),
    "pat-1": ("Patient.contact", lambda item: _has_text(item, "name", "telecom", "address", "organization")),
    "org-1": ("Organization", lambda item: _has_text(item, "name", "identifier")),
    "org-2": ("Organization", lambda item: _not_home(item, "address")),
    "org-3": ("Organization", lambda item: _not_home(item, "telecom")),
    "inv-1": ("Task", lambda item: _ordered(item.get("authoredOn"), item.get("lastModified"))),
    "bdl-1": ("Bundle", lambda item: "total" not in item or item.get("type") in (*_FOUND, *_HISTORY)),
    "bdl-2": (
        "Bundle",
        lambda item: item.get("type") in _FOUND or not any("search" in one for one in item.get("entry", ())),
    ),
    "bdl-3": ("Bundle", lambda item: _entries(item, "request", _ASKED)),
    "bdl-4": ("Bundle", lambda item: _entries(item, "response", _ANSWERED)),
    "bdl-5": ("Bundle.entry", lambda item: bool({"resource", "request", "response"} & item.keys())),
    "bdl-7": ("Bundle", _unique_addresses),
    "bdl-8": ("Bundle.entry", lambda item: "/_history/" not in item.get("fullUrl", "")),
    "bdl-9": (
        "Bundle",
        lambda item: item.get("type") != "document" or {"system", "value"} <= item.get("identifier", {}).keys(),
    ),
    "bdl-10": ("Bundle", lambda item: item.get("type") != "document" or "timestamp" in item),
    "bdl-11": ("Bundle", lambda item: _first_is(item, "document", "Composition")),
    "bdl-12": ("Bundle", lambda item: _first_is(item, "message", "MessageHeader")),
    "ras-2": ("RiskAssessment.prediction", lambda item: item.get("probabilityDecimal", 0) <= 100),
}
# checked elsewhere: emptiness (ele-1) and narrative (txt-1, txt-2) while reading values, local references (ref-1) while
# resolving them
ELSEWHERE = frozenset({"ele-1", "ref-1", "txt-1", "txt-2"})


def broken(path: str, item: Obj) -> list[str]:
    """Keys of the invariants that an object at ``path`` breaks; DomainResource stands for every resource."""
    return [key for key, holds in _rules_at().get(path, ()) if not holds(item)]


@cache
def _rules_at() -> dict[str, list[tuple[str, Callable[[Obj], bool]]]]:
    found: dict[str, list[tuple[str, Callable[[Obj], bool]]]] = {}
    for key, (place, holds) in RULES.items():
        found.setdefault(place, []).append((key, holds))
    return found
