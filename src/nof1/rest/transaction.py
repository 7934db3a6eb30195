"""batch and transaction: many interactions in one bundle; a transaction is done whole or not at all."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any, NamedTuple, cast

from nof1.errors import InputError
from nof1.fhir.definitions import definitions
from nof1.fhir.outcome import Issue, outcome
from nof1.rest import references, writing
from nof1.rest.bundles import Entry
from nof1.rest.bundles import bundle as assembled
from nof1.rest.entries import asked_of, decoded
from nof1.rest.matching import only_match
from nof1.rest.reading import etag
from nof1.rest.requests import Done, Json, Refused, Request, Response, invalid
from nof1.rest.service import Service
from nof1.store import resources
from nof1.store.body import instant
from nof1.store.errors import Conflict, StoreUnavailable
from nof1.store.resources import Item, Stored
from nof1.store.session import Database, Writer

Perform = Callable[[Service, Request], Response]
_LOCAL = ("urn:uuid:", "urn:oid:")


class _Step(NamedTuple):
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


_Told = tuple[Entry, Done]


def bundle(service: Service, request: Request, perform: Perform) -> Response:
    """The response bundle of a batch or a transaction; ``perform`` does one interaction by itself."""
    asked = decoded(request.body)
    requests = [asked_of(service, request, entry, at) for at, entry in enumerate(asked.entry)]
    if asked.type == "batch":
        done = [_one(service, one, perform) for one in requests]
        kind = "batch"
    elif asked.type == "transaction":
        done = _transaction(service, requests, [entry.fullUrl for entry in asked.entry], perform)
        kind = "transaction"
    else:
        raise invalid(f"the bundle is of type {asked.type[:40]!r}; send a batch or a transaction", "Bundle.type")
    body = assembled(f"{kind}-response", [entry for entry, _ in done])
    return Response(200, body, {}, kind, entries=[one for _, one in done])


def _one(service: Service, request: Request, perform: Perform) -> _Told:
    """An entry of a batch, done by itself."""
    interaction, what = request.interaction
    try:
        response = perform(service, request)
        done = Done(response.interaction, response.what, request.stated, response.status)
        return _told(response, request), done
    except Refused as error:
        issues, status = error.issues, error.status
    except Conflict as error:
        issues, status = (Issue("conflict", str(error)),), 412
    except InputError as error:
        issues, status = (Issue("invalid", str(error)),), 400
    except StoreUnavailable as error:  # what the entries before it did stays done, and is told
        issues, status = (Issue("transient", str(error)),), 503
    entry = Entry("", b"", {"response": {"status": str(status), "outcome": outcome(issues)}})
    return entry, Done(interaction, what, request.stated, status)


def _told(response: Response, request: Request) -> Entry:
    headers = response.headers
    told: Json = {"status": str(response.status)}
    if "Location" in headers:
        told["location"] = headers["Location"]
    if "ETag" in headers:
        told["etag"] = headers["ETag"]
    is_asked = request.method == "GET" or request.parts[-1:] == ("$validate",)
    body = response.body if is_asked or request.prefer == "representation" else b""
    return Entry("", body, {"response": told})


def _transaction(service: Service, requests: Sequence[Request], urls: Sequence[str], perform: Perform) -> list[_Told]:
    """Everything in one write: deletions, then creations and updates, then patches, then reads."""
    told: dict[int, Entry] = {}
    read: dict[int, _Told] = {}
    with service.database.write() as w:
        steps = [_step(service, w, request, url, at) for at, (request, url) in enumerate(zip(requests, urls, strict=True))]
        steps = _without_deleted(steps)
        _check_once(steps)
        known = {step.url: f"{step.kind}/{step.name}" for step in steps if step.url and step.name}
        for step in (one for one in steps if one.request.method == "DELETE"):
            told[step.at] = _deleted(service, w, step)
        writes = [step for step in steps if step.request.method in ("POST", "PUT") and step.found is None]
        relative = references.relative(known)
        for is_search in (False, True):  # what a reference by a search means may be created here as well
            some = [step for step in writes if references.has_searches(step.request.body) is is_search]
            items = [_item(service, w, one, ChainMap(relative.get(references.base_of(one.url), {}), known)) for one in some]
            for step, stored in zip(some, resources.put_many(w, items, now=service.now()), strict=True):
                told[step.at] = _stored(service, step.request, stored)
        for step in steps:
            if step.found is not None and step.request.method != "DELETE":
                told[step.at] = _stored(service, step.request, step.found, "200")
            elif step.request.method == "PATCH":
                told[step.at] = _patched(service, w, step, known)
        inside = replace(service, database=cast(Database, _Inside(service.database, w)))
        for step in steps:
            if step.request.method in ("GET", "HEAD"):
                read[step.at] = _read(inside, step, perform)
    return [read[step.at] if step.at in read else (told[step.at], _done(step, told[step.at])) for step in steps]


class _Inside:
    """The store as it is within a write that is not committed yet: what reads it sees what was written."""

    def __init__(self, database: Database, w: Writer) -> None:
        self._w = w
        self.dialect, self.names = database.dialect, database.names

    def read(self, is_long: bool = False) -> AbstractContextManager[Writer]:
        """The write itself."""
        return nullcontext(self._w)


def _read(inside: Service, step: _Step, perform: Perform) -> _Told:
    """What a reading entry gives; where it fails the whole transaction does."""
    try:
        response = perform(inside, step.request)
    except Refused as error:
        place = f"Bundle.entry[{step.at}]"
        raise Refused(error.status, [one._replace(path=one.path or place) for one in error.issues]) from None
    done = Done(response.interaction, response.what, step.request.stated, response.status)
    return _told(response, step.request), done


def _done(step: _Step, entry: Entry) -> Done:
    interaction, what = step.request.interaction
    what = f"{step.kind}/{step.name}" if step.name else what
    return Done(interaction, what, step.request.stated, int(entry.rest["response"]["status"]))


def _without_deleted(steps: Sequence[_Step]) -> list[_Step]:
    """The steps; what a deletion of the same transaction takes away matches no condition of a creation."""
    gone = {(step.kind, step.name) for step in steps if step.request.method == "DELETE"}
    return [
        step._replace(name=writing.new_id(), found=None) if step.found and (step.kind, step.name) in gone else step
        for step in steps
    ]


def _step(service: Service, w: Writer, request: Request, url: str, at: int) -> _Step:
    """What an entry is about, its conditions resolved before anything is written."""
    kind, *rest = request.parts or ("",)
    place = f"Bundle.entry[{at}].request.url"
    if request.method in ("GET", "HEAD"):
        return _Step(at, request, "", kind, "")
    if kind not in definitions().resources or len(rest) > 1 or (rest and request.method == "POST"):
        raise invalid(f"{request.method} {'/'.join(request.parts)[:80]!r} is nothing that a transaction does", place)
    if request.method == "POST":
        found = only_match(service, w, kind, request.if_none_exist) if request.if_none_exist else None
        return _Step(at, request, url, kind, found.id if found else writing.new_id(), found)
    if rest:
        writing.check_id(rest[0])
        return _Step(at, request, url, kind, rest[0])
    found = only_match(service, w, kind, request.query)
    if request.method == "PUT":
        own = writing.decoded(request.body, kind).get("id")
        name = found.id if found else own if isinstance(own, str) and own else writing.new_id()
        return _Step(at, request, url, kind, name, is_new=found is None)
    if found is None and request.method == "PATCH":
        raise Refused(404, Issue("not-found", f"no {kind} matches", place))
    return _Step(at, request, url, kind, found.id if found else "")


def _check_once(steps: Sequence[_Step]) -> None:
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


def _item(service: Service, w: Writer, step: _Step, known: Mapping[str, str]) -> Item:
    """The resource of an entry with its references rewritten, validated. Raises ``Refused`` with paths from the bundle."""
    is_whole = step.kind == "Bundle"  # what it refers to is within itself
    body = step.request.body if is_whole else references.rewritten(step.request.body, known)
    place = f"Bundle.entry[{step.at}].resource"
    try:
        for said in () if is_whole else references.stated(body):
            if said.startswith(_LOCAL):
                raise invalid(f"the reference {said[:80]} is the fullUrl of no entry")
        own = writing.decoded(body, step.kind).get("id")
        if step.request.method == "PUT" and own not in (None, step.name):
            raise invalid(f"the body has the id {str(own)[:64]!r}, the address {step.name!r}")
        method, at = step.request.method, 0 if step.is_new else writing.expected(step.request)
        return writing.prepared(service, body, step.kind, step.name, method, at, w)
    except Refused as error:
        issues = [one._replace(path=f"{place}.{one.path}" if one.path else place) for one in error.issues]
        raise Refused(error.status, issues) from None


def _stored(service: Service, request: Request, stored: Stored, status: str = "") -> Entry:
    what = f"{stored.kind}/{stored.id}"
    told: dict[str, Any] = {
        "status": status or ("201" if stored.vid == 1 else "200"),
        "location": f"{service.base}/{what}/_history/{stored.vid}",
        "etag": etag(stored.vid),
        "lastModified": instant(stored.updated),
    }
    if request.prefer == "OperationOutcome":
        told["outcome"] = outcome([Issue("informational", f"{what} is stored", "", "information")])
    body = stored.body if request.prefer == "representation" else b""
    return Entry(f"{service.base}/{what}", body, {"response": told})


def _deleted(service: Service, w: Writer, step: _Step) -> Entry:
    if step.name:
        stored = resources.delete(w, step.kind, step.name, now=service.now(), if_match=writing.expected(step.request))
        told = {"etag": etag(stored.vid)} if stored else {}
        return Entry("", b"", {"response": {"status": "204", **told}})
    return Entry("", b"", {"response": {"status": "204"}})


def _patched(service: Service, w: Writer, step: _Step, known: Mapping[str, str]) -> Entry:
    found = writing.existing(w, step.kind, step.name)
    request = replace(step.request, body=references.rewritten(step.request.body, known))
    item = writing.patched_item(service, request, found, w)
    return _stored(service, step.request, resources.put_many(w, [item], now=service.now())[0])
