"""The resources of one person: whose each one is, versions of the same one, references, and what has a wrong shape."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from nof1.errors import RecordError
from nof1.record.fields import Json, obj, objects, reference, text
from nof1.record.reading import Reading, Resource
from nof1.record.resources import Broken, Found
from nof1.record.shapes import SHAPES

_SHARED = {"Medication", "Substance"}
_SHOWN = 10


@dataclass(slots=True)
class Gathered:
    """What was kept, by resource type; every version of the person; counts by type; names of the files."""

    person: str = ""
    kept: dict[str, list[Resource]] = field(default_factory=dict)
    persons: list[Resource] = field(default_factory=list)
    read: dict[str, int] = field(default_factory=dict)
    sources: dict[str, None] = field(default_factory=dict)

    def of(self, kind: str) -> list[Resource]:
        """The resources of one type."""
        return self.kept.get(kind, [])


@dataclass(slots=True)
class _Gathering:
    """The person asked for (or the first one met), everyone met, and what is kept by key."""

    reading: Reading
    wanted: str
    people: dict[str, None] = field(default_factory=dict)
    kept: dict[object, Resource] = field(default_factory=dict)
    result: Gathered = field(default_factory=Gathered)
    broken: list[Broken] = field(default_factory=list)
    nobody: list[object] = field(default_factory=list)

    @property
    def is_mixed(self) -> bool:
        """Whether there are several people and nobody said which one is meant."""
        return not self.wanted and len(self.people) > 1


def gather(found: Iterable[Found | Broken], reading: Reading, patient: str) -> Gathered:
    """The resources of one person, ``patient`` by id, or the only one there is.

    Raises ``RecordError`` where there are several and none is named, where the one named is not there, where a Patient
    without an id stands beside another and none is named, and where nothing can be read. Holds the resources of one person
    only, however many files there are.
    """
    state = _Gathering(reading, patient.removeprefix("Patient/"))
    for item in found:
        if isinstance(item, Broken):
            state.broken.append(item)
            reading.leave(item.kind, item.place, item.value, item.reason)
        else:
            _take(state, item)
    _check(state)
    return _sorted(state)


def _take(state: _Gathering, item: Found) -> None:
    kind = item.content["resourceType"]
    state.result.sources[item.file] = None
    person = _person(item)
    if person is None:
        state.reading.leave("other_subject", item.where, kind, "it is not about a person; such resources are not read")
        return
    if person:
        state.people[person] = None
    if state.is_mixed:
        state.kept.clear()
        return
    if person and state.wanted and person != state.wanted:
        state.reading.leave("other_person", item.where, "", f"it is about another person than {state.wanted}")
        return
    state.result.read[kind] = state.result.read.get(kind, 0) + 1
    if kind in SHAPES:
        for resource in _with_contained(_checked(item, kind, state.reading)):
            key = _keep(state, resource)
            if not person and kind not in _SHARED:
                state.nobody.append(key)


def _person(item: Found) -> str | None:
    """Id of the person a resource is about; empty where it does not say, ``None`` where it is about something else."""
    content = item.content
    if content["resourceType"] == "Patient":
        name = content.get("id")
        return name if isinstance(name, str) and name else _bare(item.url)
    subject = content.get("subject") or content.get("patient")
    if not subject:
        return ""
    said = reference(subject)
    said = item.aliases.get(said, said)
    if said.startswith(("Patient/", "urn:")):
        return _bare(said)
    return None if "/" in said and "?" not in said else ""


@lru_cache(maxsize=4096)
def _bare(said: str) -> str:
    for prefix in ("Patient/", "urn:uuid:", "urn:oid:"):
        said = said.removeprefix(prefix)
    return said


def _checked(item: Found, kind: str, reading: Reading) -> Resource:
    """The resource without the fields whose JSON type is wrong; each of them is noted."""
    content = item.content
    name = content.get("id")
    place = f"{item.file} {kind}/{name}".strip() if isinstance(name, str) and name else item.where
    shapes = SHAPES[kind]
    wrong = [key for key, value in content.items() if key in shapes and not isinstance(value, shapes[key])]
    for key in wrong:
        reading.leave(
            "wrong_type", f"{place} {kind}.{key}", content[key], f"{key} has a JSON type that FHIR does not give it"
        )
    if wrong:
        content = {key: value for key, value in content.items() if key not in wrong}
    return Resource(place, content, item.url)


def _with_contained(resource: Resource) -> Iterator[Resource]:
    """The resource, and the results that a report carries inside."""
    yield resource
    if resource.kind == "DiagnosticReport":
        for inner in objects(resource.content.get("contained")):
            if inner.get("resourceType") == "Observation":
                when = {key: value for key, value in resource.content.items() if key.startswith("effective")}
                yield Resource(f"{resource.place} #{text(inner.get('id'))}", {**when, **inner, "id": None})


def _keep(state: _Gathering, new: Resource) -> object:
    """Keeps the newer of two versions of a resource; its key."""
    key: object = new.key or new.url or len(state.kept)
    old = state.kept.get(key)
    if new.kind == "Patient":
        state.result.persons.append(new)
    if old is None:
        state.kept[key] = new
        return key
    is_same = old.content == new.content
    newest = old if is_same or _version(old.content) > _version(new.content) else new
    why = "it is there twice, word for word" if is_same else f"versions of it differ; that at {newest.place} is used"
    state.reading.leave("resource_twice", new.place, str(key), why)
    state.kept[key] = newest
    return key


def _version(content: Json) -> tuple[str, float]:
    meta = obj(content.get("meta"))
    version = text(meta.get("versionId"))
    return text(meta.get("lastUpdated")), float(version) if version.isdecimal() and len(version) < 16 else 0.0


def _check(state: _Gathering) -> None:
    """Raises where it is not clear who is meant; drops what may be about somebody else."""
    people = sorted(state.people)
    if state.wanted and state.wanted not in state.people:
        there = f"it holds {_some(people)}" if people else "it names nobody"
        raise RecordError(f"record: there is no patient {state.wanted!r} in it; {there}")
    if len(people) > 1 and not state.wanted:
        several = f"{len(people)} patients ({_some(people)})"
        raise RecordError(f"record: it is about {several}; name the one that is meant with --patient ID")
    if not state.result.sources:
        if not state.broken:
            raise RecordError("record: it holds no resource; give a FHIR R4 Bundle, NDJSON or resource")
        first = state.broken[0]
        more = f" (and {len(state.broken) - 1} more)" if len(state.broken) > 1 else ""
        raise RecordError(f"record: {first.place}: {first.reason}{more}")
    state.result.person = state.wanted or next(iter(people), "")
    beside = _beside_another(state)
    for key in state.nobody if len(people) > 1 or beside else ():
        resource = state.kept.pop(key, None)
        if resource is not None:
            state.reading.leave(
                "whose_unknown", resource.place, "", "it does not say whom it is about, and there are several people"
            )
            state.result.persons = [one for one in state.result.persons if one is not resource]


def _beside_another(state: _Gathering) -> bool:
    """Whether a Patient without an id stands beside another one; raises where nobody said which one is meant."""
    persons = state.result.persons
    nameless = next((one for one in persons if not one.key and not one.url), None)
    other = next((one for one in persons if nameless and one.content != nameless.content), None)
    if nameless is None or other is None:
        return False
    if not state.wanted:
        raise RecordError(
            f"record: the Patient at {nameless.place} has no id, and another is at {other.place}: they may be two people; "
            "give each its id"
        )
    return True


def _some(people: list[str]) -> str:
    more = f" and {len(people) - _SHOWN} more" if len(people) > _SHOWN else ""
    return ", ".join(people[:_SHOWN]) + more


def _sorted(state: _Gathering) -> Gathered:
    known: dict[str, Resource] = {}
    for resource in state.kept.values():
        state.result.kept.setdefault(resource.kind, []).append(resource)
        for key in (resource.key, resource.url):
            if key:
                known[key] = resource
    state.reading.known = known
    return state.result
