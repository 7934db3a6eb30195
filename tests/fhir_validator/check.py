"""Checks a resource or bundle against R4 and the profiles it claims, and lists everything that is wrong.

    report = Validator(Guide(folder)).check(bundle)
    report.errors, report.doubts

Written from the specification alone: nothing of nof1 is imported. What it does not do: terminologies that are not at hand
(a code that fits a LOINC answer list or another system is listed in ``doubts``), FHIRPath in general (the invariants of R4
are functions in ``invariants.py``), display texts, and best-practice rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from fhir_validator import base, primitives
from fhir_validator.base import CORE, Element
from fhir_validator.invariants import broken
from fhir_validator.profiles import GUIDE, Guide, Node
from fhir_validator.references import Obj, Place, kind_of, pool_of, resolve
from fhir_validator.terms import Answer


@dataclass
class Report:
    """Errors, and codes that could not be looked up. Each ``place: what``."""

    errors: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Spot:
    """Where the check stands: a path for the reader, and what references are resolved by."""

    path: str
    place: Place

    def below(self, name: str, number: int | None = None) -> Spot:
        return Spot(f"{self.path}.{name}" if number is None else f"{self.path}.{name}[{number}]", self.place)


def fits(value: Any, expected: Any, exact: bool = False) -> bool:
    """Whether a value holds everything a pattern names, or is equal to a fixed value."""
    if exact:
        return bool(value == expected)
    if isinstance(expected, dict):
        return isinstance(value, dict) and all(fits(value.get(key), one) for key, one in expected.items())
    if isinstance(expected, list):
        return isinstance(value, list) and all(any(fits(item, one) for item in value) for one in expected)
    return bool(value == expected)


class Validator:
    """Checks resources by a guide. ``pool``: other resources that references may point at."""

    def __init__(self, guide: Guide, pool: list[Obj] | None = None) -> None:
        self.guide = guide
        self.pool = pool_of(pool or [])
        self.report = Report()
        self._conforming: dict[tuple[int, str], bool] = {}
        self._entries: dict[int, Spot] = {}

    def check(self, resource: Obj, profiles: tuple[str, ...] = ()) -> Report:
        """The report on one resource, checked by the profiles it claims and by those given."""
        self.report = Report()
        self._conforming, self._entries = {}, {}
        self._resource(resource, Spot(str(resource.get("resourceType")), Place(resource, "", {}, self.pool)), profiles)
        return self.report

    def _error(self, spot: Spot, text: str) -> None:
        self.report.errors.append(f"{spot.path}: {text}")

    def _resource(self, item: Any, spot: Spot, profiles: tuple[str, ...] = ()) -> None:
        kind = item.get("resourceType") if isinstance(item, dict) else None
        if not isinstance(kind, str) or "id" not in base.children(kind) or kind not in base.types():
            self._error(spot, f"no resource type that is known here: {kind!r}")
            return
        claimed = [one for one in (item.get("meta") or {}).get("profile", ()) if isinstance(one, str)]
        nodes = []
        for url in dict.fromkeys((*claimed, *profiles)):
            if url in self.guide.structures and self.guide.type_of(url) == kind:
                nodes.append(self.guide.tree(url))
            elif url.startswith((GUIDE, CORE)) and url != CORE + kind:
                self._error(spot, f"claims {url}, which is no profile of {kind} here")
        for key in broken("DomainResource", item) if "text" in base.children(kind) else ():
            self._error(spot, f"breaks {key}")
        if kind == "Bundle":
            self._entries |= self._entry_spots(item, spot)
            self._bundle(item, spot)
        self._object(item, kind, nodes, spot)

    def _bundle(self, item: Obj, spot: Spot) -> None:
        """Entries whose fullUrl and request contradict their resource."""
        for number, entry in enumerate(item.get("entry", ())):
            here, resource = spot.below("entry", number), entry.get("resource", {})
            local = f"{resource.get('resourceType')}/{resource.get('id')}"
            address = entry.get("fullUrl", "")
            if address.startswith("http") and "id" in resource and not address.endswith(f"/{local}"):
                self._error(here, f"fullUrl {address} is not that of {local}")
            request = entry.get("request", {})
            wanted = {"POST": resource.get("resourceType"), "PUT": local}.get(request.get("method"))
            if wanted and request.get("url", "").partition("?")[0] not in (wanted, resource.get("resourceType")):
                self._error(here, f"request {request.get('method')} {request.get('url')} is not one of {local}")

    def _entry_spots(self, item: Obj, spot: Spot) -> dict[int, Spot]:
        rows = [
            (entry.get("fullUrl", ""), entry.get("resource")) for entry in item.get("entry", ()) if isinstance(entry, dict)
        ]
        held = {address: one for address, one in rows if isinstance(one, dict)}
        found = {}
        for address, one in rows:
            if isinstance(one, dict):
                path = f"{one.get('resourceType')}/{one.get('id', address)}"
                found[id(one)] = Spot(path, Place(one, address, held, spot.place.pool))
        return found

    # objects and their elements

    def _object(self, item: Any, path: str, nodes: list[Node], spot: Spot) -> None:
        if not isinstance(item, dict) or not item:
            self._error(spot, f"is no object with content: {item!r:.40}")
            return
        known, seen = base.children(path), {"resourceType"}
        for name, element in known.items():
            below = [child for node in nodes if (child := node.children.get(name))]
            present = [form for form in element.forms if form[0] in item or f"_{form[0]}" in item]
            if not present and not below and not element.minimum:
                continue  # nothing given, nothing wanted
            seen |= {key for key, _ in present} | {f"_{key}" for key, _ in present}
            if len(present) > 1:
                self._error(spot, f"has more than one {name}: {', '.join(key for key, _ in present)}")
            self._element(item, element, present[0] if present else ("", ""), below, spot)
        for key in item:
            if key not in seen:
                self._error(spot, f"{key!r} is not known here")
        for key in broken(path, item):
            self._error(spot, f"breaks {key}")

    def _element(self, item: Obj, element: Element, present: tuple[str, str], nodes: list[Node], spot: Spot) -> None:
        key, kind = present
        raw = item.get(key) if key else None
        if key and raw is None and f"_{key}" not in item:
            self._error(spot.below(key), "is null")
        values = raw if isinstance(raw, list) else [] if raw is None else [raw]
        if raw is not None and isinstance(raw, list) != element.is_list:
            self._error(spot.below(key), "is a list" if isinstance(raw, list) else "is no list")
        if isinstance(raw, list) and not raw:
            self._error(spot.below(key), "is an empty list")
        count = max(len(values), 1 if key and f"_{key}" in item else 0)
        self._count(
            count, max([element.minimum, *[node.minimum for node in nodes]]), _lowest(nodes), spot.below(element.name)
        )
        matched: dict[int, int] = {}
        for number, value in enumerate(values):
            here = spot.below(key, number if element.is_list else None)
            applied = list(nodes)
            for node in nodes:
                slices = [one for one in node.slices.values() if self._matches(one, node, value, kind, here)]
                applied += slices
                for one in slices:
                    matched[id(one)] = matched.get(id(one), 0) + 1
                if node.is_closed and not slices:
                    self._error(here, "fits no slice")
            self._one(value, kind, element, applied, here)
        if key and f"_{key}" in item:
            self._beside(item[f"_{key}"], spot.below(f"_{key}"))
        for node in nodes:
            for name, one in node.slices.items():
                self._count(matched.get(id(one), 0), one.minimum, one.maximum, spot.below(f"{element.name}:{name}"))

    def _count(self, count: int, minimum: int, maximum: str, spot: Spot) -> None:
        if count < minimum:
            self._error(spot, f"{count} given, at least {minimum} needed")
        if maximum != "*" and count > int(maximum):
            self._error(spot, f"{count} given, at most {maximum} allowed")

    def _beside(self, items: Any, spot: Spot) -> None:
        for one in items if isinstance(items, list) else [items]:
            if one is not None:
                self._object(one, "Element", [], spot)

    def _one(self, value: Any, kind: str, element: Element, nodes: list[Node], spot: Spot) -> None:
        for node in nodes:
            if node.types and kind not in {one["code"] for one in node.types}:
                self._error(spot, f"is {kind}, allowed: {', '.join(one['code'] for one in node.types)}")
            if node.expected is not None and not fits(value, node.expected, node.is_exact):
                self._error(spot, f"is not {node.expected!r:.120}")
        if kind == "Resource":
            self._resource(value, self._entries.get(id(value), spot))
            return
        if kind in primitives.NAMES:
            if text := primitives.problem(kind, value):
                self._error(spot, f"{text}: {value!r:.60}")
        else:
            urls = [value.get("url", "")] if kind == "Extension" and isinstance(value, dict) else self._profiles(nodes)
            extra = [self.guide.tree(url) for url in urls if url in self.guide.structures]
            self._object(value, element.inner(kind), [*nodes, *extra], spot)
        if isinstance(value, dict) or kind == "code":
            self._coded(value, kind, element, nodes, spot)
        if kind == "Reference" and isinstance(value, dict):
            self._reference(value, element, nodes, spot)
        if kind == "Extension" and isinstance(value, dict):
            self._extension(value, spot)

    def _profiles(self, nodes: list[Node]) -> list[str]:
        return [url for node in nodes for one in node.types for url in one.get("profile", ())]

    # slices

    def _matches(self, one: Node, node: Node, value: Any, kind: str, spot: Spot) -> bool:
        default = [{"type": "value", "path": "url"}] if kind == "Extension" else []
        return all(self._told(rule, one, value, kind, spot) for rule in node.discriminators or default)

    def _told(self, rule: dict[str, str], one: Node, value: Any, kind: str, spot: Spot) -> bool:
        if rule["type"] == "type":
            return kind in {part["code"] for part in one.types}
        if rule["type"] == "profile":
            target = resolve(value.get("reference", ""), spot.place) if isinstance(value, dict) else None
            urls = {url for part in one.types for url in part.get("targetProfile", ())}
            return target is not None and any(self._is(target, url, spot) for url in urls)
        if not isinstance(value, dict):
            return False
        if rule["path"] == "url" and kind == "Extension":
            return value.get("url") in {url for part in one.types for url in part.get("profile", ())}
        child = one.children.get(rule["path"])
        held = value.get(rule["path"])
        items = held if isinstance(held, list) else [held]
        return child is not None and any(fits(item, child.expected, child.is_exact) for item in items)

    # codes

    def _coded(self, value: Any, kind: str, element: Element, nodes: list[Node], spot: Spot) -> None:
        codings = {"code": [{"code": value}], "Coding": [value]}.get(kind, [])
        if kind == "CodeableConcept":
            codings = [one for one in value.get("coding", ()) if isinstance(one, dict)]
        if kind == "Coding" and (text := self.guide.terms.problem(value)):
            self._error(spot, text)
        allowed = base.codes().get(element.value_set)
        given = [one.get("code") for one in codings]
        if element.strength == "required" and allowed and given and not set(given) & allowed:
            self._error(spot, f"{given} is not in {element.value_set}")
        for node in nodes:
            bound = node.binding.get("valueSet", "").partition("|")[0]
            if (
                bound
                and kind in ("code", "Coding", "CodeableConcept")
                and node.binding["strength"] in ("required", "extensible")
            ):
                self._bound(codings, bound, node.binding["strength"] == "required", spot)

    def _bound(self, codings: list[Obj], bound: str, is_required: bool, spot: Spot) -> None:
        answers = {self.guide.terms.holds(bound, one) for one in codings}
        told = [f"{one.get('system', '')}|{one.get('code', '')}" for one in codings]
        if Answer.IN in answers:
            return
        if Answer.FITS in answers:
            self.report.doubts.append(f"{spot.path}: {told} fits {bound}, whose content is not at hand")
        elif is_required:
            self._error(spot, f"{told} is not in {bound}")
        else:
            self.report.doubts.append(f"{spot.path}: {told or 'text only'}, outside the extensible {bound}")

    # references and extensions

    def _reference(self, value: Obj, element: Element, nodes: list[Node], spot: Spot) -> None:
        text = value.get("reference")
        if not isinstance(text, str):
            if not {"identifier", "display", "extension"} & value.keys():
                self._error(spot, "names nothing")
            return
        target = resolve(text, spot.place)
        kind = target.get("resourceType", "") if target else kind_of(text)
        if target is None and (spot.place.is_complete or text.startswith(("#", "urn:uuid:"))):
            self._error(spot, f"{text} leads nowhere")
        if value.get("type", kind) != kind and kind:
            self._error(spot, f"type {value['type']} is not that of {text}")
        if not kind:
            return
        if "Resource" not in element.targets and element.targets and kind not in element.targets:
            self._error(spot, f"{text} is {kind}, allowed: {' '.join(element.targets)}")
        for node in nodes:
            urls = [url for one in node.types for url in one.get("targetProfile", ())]
            if urls and not any(self._may_be(target, kind, url, spot) for url in urls):
                self._error(spot, f"{text} is none of {', '.join(url.rpartition('/')[2] for url in urls)}")

    def _may_be(self, target: Obj | None, kind: str, url: str, spot: Spot) -> bool:
        if self.guide.type_of(url) not in (kind, "Resource"):
            return False
        return target is None or url not in self.guide.structures or self._is(target, url, spot)

    def _is(self, target: Obj, url: str, spot: Spot) -> bool:
        """Whether a resource claims a profile (or one derived from it), or would pass it."""
        claimed = (target.get("meta") or {}).get("profile", ())
        if any(url in self.guide.line(one) for one in claimed):
            return True
        if url not in self.guide.structures or self.guide.type_of(url) != target.get("resourceType") or claimed:
            return False
        if (id(target), url) not in self._conforming:
            self._conforming[id(target), url] = True  # a circle of references does not go on forever
            kept, self.report = self.report, Report()
            place = replace(spot.place, resource=target)
            self._object(target, self.guide.type_of(url), [self.guide.tree(url)], Spot("", place))
            self._conforming[id(target), url] = not self.report.errors
            self.report = kept
        return self._conforming[id(target), url]

    def _extension(self, value: Obj, spot: Spot) -> None:
        url = value.get("url", "")
        kinds = [key.removeprefix("value") for key in value if key.startswith("value")]
        if url in self.guide.structures:
            return
        if known := base.extensions().get(url):
            wrong = [one for one in kinds if one.lower() not in {name.lower() for name in known.values}]
            if wrong or (known.values and not kinds and "extension" not in value):
                self._error(
                    spot, f"{url} takes {' or '.join(known.values) or 'parts'}, given {', '.join(kinds) or 'nothing'}"
                )
        elif url.startswith((GUIDE, CORE)):
            self._error(spot, f"{url} is no extension that is known here")


def _lowest(nodes: list[Node]) -> str:
    numbers = [int(node.maximum) for node in nodes if node.maximum != "*"]
    return str(min(numbers)) if numbers else "*"
