"""Parts of a resource that a client asks for: ``_summary`` and ``_elements``; what was cut is marked as such."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

from nof1.fhir.definitions import Element, definitions

Json = dict[str, Any]
Summary = Literal["true", "text", "data"]
_ALWAYS = ("resourceType", "id", "meta", "implicitRules")
_TAG = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
}


def summarised(resource: Json, mode: Summary) -> Json:
    """The resource as ``_summary`` asks: elements of the summary, text and what is mandatory, or all but the text.

    >>> patient = {"resourceType": "Patient", "id": "1", "active": True, "text": {"status": "empty"}, "photo": [{}]}
    >>> summarised(patient, "true")["active"], "photo" in summarised(patient, "true")
    (True, False)
    >>> sorted(summarised(patient, "text"))
    ['id', 'meta', 'resourceType', 'text']
    """
    kind = str(resource["resourceType"])
    if mode == "data":
        return _marked({key: value for key, value in resource.items() if key != "text"})
    if mode == "text":
        return _marked(_kept(resource, kind, lambda element: element.low > 0 or element.name == "text"))
    return _marked(_kept(resource, kind, lambda element: element.is_summary or element.low > 0))


def reduced(resource: Json, names: Iterable[str]) -> Json:
    """The resource with the elements called ``names`` and those that are mandatory.

    >>> reduced({"resourceType": "Patient", "id": "1", "active": True, "gender": "male"}, ["gender"])["gender"]
    'male'
    """
    wanted = {name.rpartition(".")[2] for name in names}
    kind = str(resource["resourceType"])
    return _marked(_kept(resource, kind, lambda element: element.low > 0 or element.name in wanted, is_deep=False))


def _marked(resource: Json) -> Json:
    meta = dict(resource.get("meta") or {})
    tags = [tag for tag in meta.get("tag", []) if tag.get("code") != _TAG["code"]]
    return {**resource, "meta": {**meta, "tag": [*tags, _TAG]}}


def _kept(value: Json, path: str, keeps: Callable[[Element], bool], is_deep: bool = True) -> Json:
    known = definitions().types[path]
    found: Json = {}
    for key, item in value.items():
        element = _element(path, key.removeprefix("_"))
        if key in _ALWAYS and "." not in path:
            found[key] = item
        elif element is not None and keeps(element):
            is_part = is_deep and element.path in definitions().types and known.kind in ("resource", "part")
            found[key] = _inside(item, element.path, keeps) if is_part else item
    return found


def _inside(item: object, path: str, keeps: Callable[[Element], bool]) -> object:
    if isinstance(item, list):
        return [_kept(one, path, keeps) if isinstance(one, dict) else one for one in item]
    return _kept(item, path, keeps) if isinstance(item, dict) else item


def _element(path: str, key: str) -> Element | None:
    elements = definitions().types[path].elements
    if key in elements:
        return elements[key]
    return next((one for one in elements.values() if one.is_choice and key.startswith(one.name)), None)
