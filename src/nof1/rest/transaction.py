"""batch and transaction: many interactions in one bundle; a transaction is done whole or not at all."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from typing import Any, cast

from nof1.errors import InputError
from nof1.fhir.outcome import Issue, outcome
from nof1.rest import references, writing
from nof1.rest.budget import Budget, budget_of
from nof1.rest.bundles import Entry
from nof1.rest.bundles import bundle as assembled
from nof1.rest.entries import asked_of, decoded
from nof1.rest.reading import etag
from nof1.rest.requests import Done, Json, Refused, Request, Response, invalid
from nof1.rest.service import Service
from nof1.rest.steps import Asked, Step, steps_of
from nof1.rest.writing import Drafts, Find, Meant
from nof1.store import resources
from nof1.store.body import instant
from nof1.store.errors import Conflict, StoreUnavailable
from nof1.store.resources import Stored
from nof1.store.session import Database, Reader, Writer

Perform = Callable[[Service, Request], Response]
_LOCAL = ("urn:uuid:", "urn:oid:")
_Told = tuple[Entry, Done]


def bundle(service: Service, request: Request, perform: Perform) -> Response:
    """The response bundle of a batch or a transaction; ``perform`` does one interaction by itself."""
    asked = decoded(request.body)
    requests = [asked_of(service, request, entry, at) for at, entry in enumerate(asked.entry)]
    budget = budget_of(service)
    if asked.type == "batch":
        done = [_left(one, budget) if budget.is_spent else _one(service, one, perform) for one in requests]
        kind = "batch"
    elif asked.type == "transaction":
        entries = zip(asked.entry, requests, strict=True)
        sent = [Asked(at, one, entry.fullUrl, writing.new_id()) for at, (entry, one) in enumerate(entries)]
        done = _transaction(service, sent, perform, budget)
        kind = "transaction"
    else:
        raise invalid(f"the bundle is of type {asked.type[:40]!r}; send a batch or a transaction", "Bundle.type")
    body = assembled(f"{kind}-response", [entry for entry, _ in done])
    return Response(200, body, {}, kind, entries=[one for _, one in done])


def _one(service: Service, request: Request, perform: Perform) -> _Told:
    """An entry of a batch, done by itself."""
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
    return _failed(request, issues, status)


def _left(request: Request, budget: Budget) -> _Told:
    """An entry of a batch that is not begun."""
    said = f"not done: the entries before it took the {budget.seconds:g} s that a batch has; send it again"
    return _failed(request, [Issue("timeout", said)], 503)


def _failed(request: Request, issues: Sequence[Issue], status: int) -> _Told:
    interaction, what = request.interaction
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


def _transaction(service: Service, asked: Sequence[Asked], perform: Perform, budget: Budget) -> list[_Told]:
    """Everything in one write: deletions, then creations and updates, then patches, then reads."""
    drafts = _drafts(service, asked, budget)
    told: dict[int, Entry] = {}
    read: dict[int, _Told] = {}
    with service.database.write() as w:
        steps = steps_of(service, w, asked)
        known = _Known(steps)
        for step in (one for one in steps if one.request.method == "DELETE"):
            told[step.at] = _deleted(service, w, step)
        for is_search in (False, True):  # what a reference by a search means may be created here as well
            some = [step for step in steps if _is_write(step) and references.has_searches(step.request.body) is is_search]
            find = writing.finder(service, w)
            items = []
            for step in some:
                budget.check()
                with _placed(step):
                    items.append(writing.ready(_meant(step, known, find), drafts))
            for step, stored in zip(some, resources.put_many(w, items, now=service.now()), strict=True):
                told[step.at] = _stored(service, step.request, stored)
        for step in steps:
            if step.found is not None and step.request.method != "DELETE":
                told[step.at] = _stored(service, step.request, step.found, "200")
            elif step.request.method == "PATCH":
                budget.check()
                with _placed(step):
                    item = writing.ready(_patch(service, w, step, known), drafts)
                told[step.at] = _stored(service, step.request, resources.put_many(w, [item], now=service.now())[0])
        inside = replace(service, database=cast(Database, _Inside(service.database, w)))
        for step in steps:
            if step.request.method in ("GET", "HEAD"):
                budget.check()
                read[step.at] = _read(inside, step, perform)
    return [read[step.at] if step.at in read else (told[step.at], _done(step, told[step.at])) for step in steps]


class _Known:
    """What the fullUrls of a transaction become, for the resource of each entry."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._all = {step.url: f"{step.kind}/{step.name}" for step in steps if step.url and step.name}
        self._relative = references.relative(self._all)

    def of(self, step: Step) -> Mapping[str, str]:
        """What references in a resource or patch become."""
        if step.request.method == "PATCH":
            return self._all
        return ChainMap(self._relative.get(references.base_of(step.url), {}), self._all)


def _is_write(step: Step) -> bool:
    return step.request.method in ("POST", "PUT") and step.found is None


def _drafts(service: Service, asked: Sequence[Asked], budget: Budget) -> Drafts:
    """What is to be written as the store is now, validated while others write. Raises ``Refused`` as the write would.

    What a reference by a search means may be created by the transaction itself: what is not found yet is left to the write.
    """
    foreseen: list[tuple[Step, Meant]] = []
    with service.database.read() as r:
        steps = steps_of(service, r, asked)
        known, find = _Known(steps), writing.finder(service, r)
        for step in steps:
            budget.check()
            with suppress(Refused):
                if step.request.method == "PATCH":
                    foreseen.append((step, _patch(service, r, step, known)))
                elif _is_write(step):
                    foreseen.append((step, _meant(step, known, find)))
    drafts = {}
    for step, one in foreseen:
        budget.check()
        with _placed(step):
            drafts[one.key] = writing.validated(one)
    return drafts


class _Inside:
    """The store as it is within a write that is not committed yet: what reads it sees what was written."""

    def __init__(self, database: Database, w: Writer) -> None:
        self._w = w
        self.dialect, self.names = database.dialect, database.names

    def read(self, is_long: bool = False) -> AbstractContextManager[Writer]:
        """The write itself."""
        return nullcontext(self._w)


def _read(inside: Service, step: Step, perform: Perform) -> _Told:
    """What a reading entry gives; where it fails the whole transaction does."""
    try:
        response = perform(inside, step.request)
    except Refused as error:
        place = f"Bundle.entry[{step.at}]"
        raise Refused(error.status, [one._replace(path=one.path or place) for one in error.issues]) from None
    done = Done(response.interaction, response.what, step.request.stated, response.status)
    return _told(response, step.request), done


def _done(step: Step, entry: Entry) -> Done:
    interaction, what = step.request.interaction
    what = f"{step.kind}/{step.name}" if step.name else what
    return Done(interaction, what, step.request.stated, int(entry.rest["response"]["status"]))


@contextmanager
def _placed(step: Step) -> Iterator[None]:
    """Gives what is refused its path from the bundle."""
    place = f"Bundle.entry[{step.at}].resource"
    try:
        yield
    except Refused as error:
        issues = [one._replace(path=f"{place}.{one.path}" if one.path else place) for one in error.issues]
        raise Refused(error.status, issues) from None


def _meant(step: Step, known: _Known, find: Find) -> Meant:
    """The resource of an entry with its references rewritten."""
    is_whole = step.kind == "Bundle"  # what it refers to is within itself
    body = step.request.body if is_whole else references.rewritten(step.request.body, known.of(step))
    for said in () if is_whole else references.stated(body):
        if said.startswith(_LOCAL):
            raise invalid(f"the reference {said[:80]} is the fullUrl of no entry")
    own = writing.decoded(body, step.kind).get("id")
    if step.request.method == "PUT" and own not in (None, step.name):
        raise invalid(f"the body has the id {str(own)[:64]!r}, the address {step.name!r}")
    at = 0 if step.is_new else writing.expected(step.request)
    return writing.meant(body, step.kind, step.name, step.request.method, at, find)


def _patch(service: Service, r: Reader, step: Step, known: _Known) -> Meant:
    """The resource of a patching entry after it."""
    found = writing.existing(r, step.kind, step.name)
    request = replace(step.request, body=references.rewritten(step.request.body, known.of(step)))
    return writing.patch_of(service, request, found, r)


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


def _deleted(service: Service, w: Writer, step: Step) -> Entry:
    if step.name:
        stored = resources.delete(w, step.kind, step.name, now=service.now(), if_match=writing.expected(step.request))
        told = {"etag": etag(stored.vid)} if stored else {}
        return Entry("", b"", {"response": {"status": "204", **told}})
    return Entry("", b"", {"response": {"status": "204"}})
