"""The versions of a resource, a type or all, newest first, as a bundle."""

from __future__ import annotations

from urllib.parse import urlencode

from nof1.rest.bundles import Entry, Link, bundle
from nof1.rest.reading import etag
from nof1.rest.requests import Request, Response, invalid, not_found, since
from nof1.rest.service import Service
from nof1.store import history as versions
from nof1.store import resources
from nof1.store.body import instant
from nof1.store.resources import Stored

_COUNT, _MOST = 100, 1_000
_KNOWN = ("_since", "_count", "_before")
_STATUS = {"POST": "201", "DELETE": "204"}


def history(service: Service, request: Request, kind: str = "", name: str = "") -> Response:
    """A page of the history; ``_since`` an instant, ``_count`` versions a page."""
    for key, _ in request.query:
        if key not in _KNOWN and not request.is_lenient:
            raise invalid(f"{key} is no parameter of a history; known are {', '.join(_KNOWN[:2])}")
    count = min(_whole(request, "_count", _COUNT), _MOST)
    before = _whole(request, "_before", 0) or None
    start = since(request)
    with service.database.read() as r:
        if name and resources.read(r, kind, name) is None:
            raise not_found(f"{kind}/{name}")
        found = versions.history(r, kind, name, since=start, before=before, count=count + 1)
        # of one resource, or where the page holds all; counting every version of a type takes as long as it has versions
        is_all = before is None and len(found) <= count
        total = versions.number(r, kind, name, since=start) if name else len(found) if is_all else None
    page = found[:count]
    where = "/".join([service.base, *request.parts])
    links = [Link("self", f"{where}?{urlencode(request.query)}" if request.query else where)]
    if len(found) > count and page:
        kept = [pair for pair in request.query if pair[0] != "_before"]
        links.append(Link("next", f"{where}?{urlencode([*kept, ('_before', page[-1].seq)])}"))
    body = bundle("history", [_entry(service, one) for one in page], links=links, total=total)
    what = f"{kind}/{name}" if name else kind
    return Response(200, body, {}, "history", what)


def _entry(service: Service, one: Stored) -> Entry:
    what = f"{one.kind}/{one.id}"
    asked = one.kind if one.method == "POST" else what
    status = _STATUS.get(one.method, "201" if one.vid == 1 else "200")
    response = {"status": status, "etag": etag(one.vid), "lastModified": instant(one.updated)}
    return Entry(f"{service.base}/{what}", one.body, {"request": {"method": one.method, "url": asked}, "response": response})


def _whole(request: Request, name: str, default: int) -> int:
    said = request.asked(name)
    if not said:
        return default
    if not said.isdecimal() or len(said) > 15:
        raise invalid(f"{name} is {said[:40]!r}; give a whole number")
    return int(said)
