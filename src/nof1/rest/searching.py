"""search: the answer as a bundle of stored bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from nof1.fhir.outcome import Issue, outcome
from nof1.fhir.query import Search, parsed
from nof1.rest.bundles import Entry, Link, bundle
from nof1.rest.reading import cut
from nof1.rest.requests import Request, Response, encoded, not_found
from nof1.rest.service import Service
from nof1.store.resources import Stored, read
from nof1.store.search import Page, run

_AFTER = "_after"


def search(service: Service, request: Request, kind: str) -> Response:
    """The resources of type ``kind`` (empty: of all types) that match."""
    asked = parsed(kind, request.query, is_lenient=request.is_lenient, base=service.base, now=service.now())
    with service.database.read() as r:
        page = run(r, service.database, asked)
    return Response(200, told(service, request, asked, page), {}, "search", kind)


def compartment(service: Service, request: Request, kind: str, name: str, inner: str) -> Response:
    """The resources of type ``inner`` (``*``: any) in the compartment of one resource."""
    asked = parsed(
        "" if inner == "*" else inner, request.query, is_lenient=request.is_lenient, base=service.base, now=service.now()
    )
    with service.database.read() as r:
        owner = read(r, kind, name)
        if owner is None or owner.is_deleted:
            raise not_found(f"{kind}/{name}")
        page = run(r, service.database, asked, within=(kind, name))
    return Response(200, told(service, request, asked, page), {}, "search", f"{kind}/{name}")


def told(service: Service, request: Request, asked: Search, page: Page) -> bytes:
    """The searchset."""
    where = "/".join([service.base, *request.parts])
    links = [Link("self", _address(where, _used(request, asked)))]
    if page.next:
        links.append(Link("next", _address(where, [*_used(request, asked), (_AFTER, page.next)])))
    total = None if asked.total == "none" else page.total
    entries = [*_listed(service, asked, page.matches, "match"), *_listed(service, asked, page.includes, "include")]
    if asked.ignored:
        entries.append(_ignored(asked.ignored))
    if page.is_cut:
        issue = Issue(
            "incomplete", "there is more to include than one page brings along; ask for fewer matches", "", "warning"
        )
        entries.append(Entry("", encoded(outcome([issue])), {"search": {"mode": "outcome"}}))
    return bundle("searchset", entries, links=links, total=total)


def _used(request: Request, asked: Search) -> list[tuple[str, str]]:
    """What was understood of the query: a client sees at the self link what the answer is to."""
    return [pair for pair in request.query if pair[0] != _AFTER and pair[0] not in asked.ignored]


def _address(where: str, pairs: Sequence[tuple[str, str]]) -> str:
    return f"{where}?{urlencode(pairs)}" if pairs else where


def _listed(service: Service, asked: Search, found: Iterable[Stored], mode: str) -> list[Entry]:
    summary = asked.summary if mode == "match" else ""
    elements = asked.elements if mode == "match" else ()
    is_cut = summary not in ("", "false", "count") or bool(elements)
    base, rest = service.base, {"search": {"mode": mode}}
    return [
        Entry(f"{base}/{one.kind}/{one.id}", cut(one.body, summary, elements) if is_cut else one.body, rest) for one in found
    ]


def _ignored(names: Sequence[str]) -> Entry:
    """Says in the answer which parameters were not used."""
    issues = [
        Issue("not-supported", f"the parameter {name} is not known here and was not used", "", "warning") for name in names
    ]
    return Entry("", encoded(outcome(issues)), {"search": {"mode": "outcome"}})
