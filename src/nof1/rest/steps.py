"""What the entries of a transaction are about: their conditions resolved, and that no two are about one resource."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from nof1.fhir.definitions import definitions
from nof1.fhir.outcome import Issue
from nof1.rest import writing
from nof1.rest.matching import only_match
from nof1.rest.requests import Refused, Request, invalid
from nof1.rest.service import Service
from nof1.store.resources import Stored
from nof1.store.session import Reader


class Asked(NamedTuple):
    """An entry as it was sent: its place, its request, its fullUrl, and an id for what it creates."""

    at: int
    request: Request
    url: str
    new: str


class Step(NamedTuple):
    """One entry of a transaction: its place, its request, and the id under which its resource is stored.

    ``found``: a resource that a condition matched and that is left as it is. ``is_new``: no condition matched, and what has
    that id already is not meant.
    """

    at: int
    request: Request
    url: str
    kind: str
    name: str
    found: Stored | None = None
    is_new: bool = False


def steps_of(service: Service, r: Reader, asked: Sequence[Asked]) -> list[Step]:
    """The steps as the store is in ``r``. Raises ``Refused``."""
    found = _without_deleted([_step(service, r, one) for one in asked], asked)
    _check_once(found)
    return found


def _without_deleted(steps: Sequence[Step], asked: Sequence[Asked]) -> list[Step]:
    """The steps; what a deletion of the same transaction takes away matches no condition of a creation."""
    gone = {(step.kind, step.name) for step in steps if step.request.method == "DELETE"}
    return [
        step._replace(name=one.new, found=None) if step.found and (step.kind, step.name) in gone else step
        for step, one in zip(steps, asked, strict=True)
    ]


def _step(service: Service, r: Reader, one: Asked) -> Step:
    """What an entry is about, its conditions resolved before anything is written."""
    at, request, url, new = one
    kind, *rest = request.parts or ("",)
    place = f"Bundle.entry[{at}].request.url"
    if request.method in ("GET", "HEAD"):
        return Step(at, request, "", kind, "")
    if kind not in definitions().resources or len(rest) > 1 or (rest and request.method == "POST"):
        raise invalid(f"{request.method} {'/'.join(request.parts)[:80]!r} is nothing that a transaction does", place)
    if request.method == "POST":
        found = only_match(service, r, kind, request.if_none_exist) if request.if_none_exist else None
        return Step(at, request, url, kind, found.id if found else new, found)
    if rest:
        writing.check_id(rest[0])
        return Step(at, request, url, kind, rest[0])
    found = only_match(service, r, kind, request.query)
    if request.method == "PUT":
        own = writing.decoded(request.body, kind).get("id")
        name = found.id if found else own if isinstance(own, str) and own else new
        return Step(at, request, url, kind, name, is_new=found is None)
    if found is None and request.method == "PATCH":
        raise Refused(404, Issue("not-found", f"no {kind} matches", place))
    return Step(at, request, url, kind, found.id if found else "")


def _check_once(steps: Sequence[Step]) -> None:
    """Raises where two entries are about one resource, or have one fullUrl."""
    written: set[tuple[str, str]] = set()
    named: set[str] = set()
    conditions: set[tuple[str, str]] = set()
    for step in steps:
        condition = (step.kind, step.request.if_none_exist if step.found is None else "")
        if condition[1] and condition in conditions:
            said = f"two entries create a {step.kind} under one condition; it would be there twice"
            raise invalid(said, f"Bundle.entry[{step.at}].request.ifNoneExist", 412)
        conditions.add(condition)
        key = (step.kind, step.name)
        is_written = bool(step.name) and step.found is None
        if is_written and key in written:
            raise invalid(f"two entries are about {step.kind}/{step.name}", f"Bundle.entry[{step.at}]")
        if step.url and step.url in named:
            raise invalid(f"two entries have the fullUrl {step.url[:80]}", f"Bundle.entry[{step.at}].fullUrl")
        written |= {key} if is_written else set()
        named.add(step.url)
