"""batch and transaction: many interactions in one bundle; a transaction is done whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from nof1.errors import InputError
from nof1.fhir.definitions import definitions
from nof1.fhir.outcome import Issue, outcome
from nof1.rest import references, writing
from nof1.rest.bundles import Entry
from nof1.rest.bundles import bundle as assembled
from nof1.rest.matching import only_match
from nof1.rest.reading import etag
from nof1.rest.requests import Json, Refused, Request, Response, invalid
from nof1.rest.service import Service
from nof1.store import resources
from nof1.store.body import instant
from nof1.store.errors import Conflict
from nof1.store.resources import Item, Stored
from nof1.store.session import Writer

Perform = Callable[[Service, Request], Response]
_METHODS = ("DELETE", "POST", "PUT", "PATCH", "GET", "HEAD")
_LOCAL = ("urn:uuid:", "urn:oid:")


class _Bundle(msgspec.Struct):
    resourceType: str  # noqa: N815 (FHIR's name)
    type: str = ""
    entry: list[_Entry] = []


class _Entry(msgspec.Struct):
    resource: msgspec.Raw = msgspec.Raw(b"")
    fullUrl: str = ""  # noqa: N815 (FHIR's name)
    request: _Asked | None = None


class _Asked(msgspec.Struct):
    method: str
    url: str
    ifMatch: str = ""  # noqa: N815 (FHIR's name)
    ifNoneMatch: str = ""  # noqa: N815 (FHIR's name)
    ifModifiedSince: str = ""  # noqa: N815 (FHIR's name)
    ifNoneExist: str = ""  # noqa: N815 (FHIR's name)


class _Step(NamedTuple):
    """One entry of a transaction: its place, its request, and the id under which its resource is stored.

    ``found``: a resource that a condition matched and that is left as it is.
    """

    at: int
    request: Request
    url: str
    kind: str
    name: str
    found: Stored | None = None


_DECODER = msgspec.json.Decoder(_Bundle)


def bundle(service: Service, request: Request, perform: Perform) -> Response:
    """The response bundle of a batch or a transaction; ``perform`` does one interaction by itself."""
    asked = _decoded(request.body)
    requests = [_request(service, request, entry, at) for at, entry in enumerate(asked.entry)]
    if asked.type == "batch":
        entries = [_one(service, one, perform) for one in requests]
        return Response(200, assembled("batch-response", entries), {}, "batch")
    if asked.type != "transaction":
        raise invalid(f"the bundle is of type {asked.type[:40]!r}; send a batch or a transaction", "Bundle.type")
    urls = [entry.fullUrl for entry in asked.entry]
    return Response(
        200, assembled("transaction-response", _transaction(service, requests, urls, perform)), {}, "transaction"
    )


def _decoded(body: bytes) -> _Bundle:
    try:
        found = _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(400, Issue("structure", f"the body is no bundle: {error}")) from None
    if found.resourceType != "Bundle":
        raise invalid(f"the body is a {found.resourceType[:40]!r}; a Bundle is sent to the base", "resourceType")
    return found


def _request(service: Service, whole: Request, entry: _Entry, at: int) -> Request:
    """The request of an entry. Raises ``Refused`` where it has none or a wrong one."""
    asked, place = entry.request, f"Bundle.entry[{at}].request"
    if asked is None:
        raise invalid("an entry of a batch or transaction needs a request", place)
    if asked.method not in _METHODS:
        raise invalid(f"the method is {asked.method[:20]!r}; use {', '.join(_METHODS)}", f"{place}.method")
    address = urlsplit(asked.url.removeprefix(service.base))
    return Request(
        method=asked.method,
        parts=tuple(unquote(part) for part in address.path.strip("/").split("/") if part),
        query=tuple(parse_qsl(address.query, keep_blank_values=True)),
        body=_body(asked.method, bytes(entry.resource)),
        if_match=asked.ifMatch,
        if_none_match=asked.ifNoneMatch,
        if_modified_since=asked.ifModifiedSince,
        if_none_exist=asked.ifNoneExist,
        prefer=whole.prefer or "minimal",
        is_lenient=whole.is_lenient,
    )


def _body(method: str, resource: bytes) -> bytes:
    """The resource; for a patch what its Binary holds."""
    if method != "PATCH" or not resource:
        return resource
    import base64

    held = msgspec.json.decode(resource)
    if not isinstance(held, dict) or held.get("resourceType") != "Binary":
        raise invalid("a patch within a bundle is a Binary with the JSON Patch as its data")
    try:
        return base64.b64decode(str(held.get("data", "")), validate=True)
    except ValueError:
        raise invalid("the data of the Binary is no base64") from None


def _one(service: Service, request: Request, perform: Perform) -> Entry:
    """An entry of a batch, done by itself."""
    try:
        return _told(perform(service, request), request)
    except Refused as error:
        issues, status = error.issues, error.status
    except Conflict as error:
        issues, status = (Issue("conflict", str(error)),), 412
    except InputError as error:
        issues, status = (Issue("invalid", str(error)),), 400
    return Entry("", b"", {"response": {"status": str(status), "outcome": outcome(issues)}})


def _told(response: Response, request: Request) -> Entry:
    headers = response.headers
    told: Json = {"status": str(response.status)}
    if "Location" in headers:
        told["location"] = headers["Location"]
    if "ETag" in headers:
        told["etag"] = headers["ETag"]
    is_read = request.method in ("GET", "HEAD")
    body = response.body if is_read or request.prefer == "representation" else b""
    return Entry("", body, {"response": told})


def _transaction(service: Service, requests: Sequence[Request], urls: Sequence[str], perform: Perform) -> list[Entry]:
    """Everything in one write: deletions, then creations and updates, then patches, then reads."""
    told: dict[int, Entry] = {}
    with service.database.write() as w:
        steps = [_step(service, w, request, url, at) for at, (request, url) in enumerate(zip(requests, urls, strict=True))]
        _check_once(steps)
        known = {step.url: f"{step.kind}/{step.name}" for step in steps if step.url and step.name}
        for step in (one for one in steps if one.request.method == "DELETE"):
            told[step.at] = _deleted(service, w, step)
        writes = [step for step in steps if step.request.method in ("POST", "PUT") and step.found is None]
        items = [_item(service, w, step, known) for step in writes]
        for step, stored in zip(writes, resources.put_many(w, items, now=service.now()), strict=True):
            told[step.at] = _stored(service, step.request, stored)
        for step in steps:
            if step.found is not None and step.request.method != "DELETE":
                told[step.at] = _stored(service, step.request, step.found, "200")
            elif step.request.method == "PATCH":
                told[step.at] = _patched(service, w, step)
    for step in steps:
        if step.request.method in ("GET", "HEAD"):
            told[step.at] = _one(service, step.request, perform)
    return [told[at] for at in range(len(requests))]


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
        return _Step(at, request, url, kind, name)
    if found is None and request.method == "PATCH":
        raise Refused(404, Issue("not-found", f"no {kind} matches", place))
    return _Step(at, request, url, kind, found.id if found else "")


def _check_once(steps: Sequence[_Step]) -> None:
    """Raises where two entries are about one resource, or have one fullUrl."""
    written: set[tuple[str, str]] = set()
    named: set[str] = set()
    for step in steps:
        key = (step.kind, step.name)
        is_written = bool(step.name) and step.found is None
        if is_written and key in written:
            raise invalid(f"two entries are about {step.kind}/{step.name}", f"Bundle.entry[{step.at}]")
        if step.url and step.url in named:
            raise invalid(f"two entries have the fullUrl {step.url[:80]}", f"Bundle.entry[{step.at}].fullUrl")
        written |= {key} if is_written else set()
        named.add(step.url)


def _item(service: Service, w: Writer, step: _Step, known: dict[str, str]) -> Item:
    """The resource of an entry with its references rewritten, validated. Raises ``Refused`` with paths from the bundle."""
    body = references.rewritten(step.request.body, known)
    place = f"Bundle.entry[{step.at}].resource"
    try:
        for said in references.stated(body):
            if said.startswith(_LOCAL):
                raise invalid(f"the reference {said[:80]} is the fullUrl of no entry")
        own = writing.decoded(body, step.kind).get("id")
        if step.request.method == "PUT" and own not in (None, step.name):
            raise invalid(f"the body has the id {str(own)[:64]!r}, the address {step.name!r}")
        method, at = step.request.method, writing.expected(step.request)
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


def _patched(service: Service, w: Writer, step: _Step) -> Entry:
    found = writing.existing(w, step.kind, step.name)
    item = writing.patched_item(service, step.request, found, w)
    return _stored(service, step.request, resources.put_many(w, [item], now=service.now())[0])
