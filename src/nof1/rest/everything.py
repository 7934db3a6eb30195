"""Patient/ID/$everything: the patient, all that is in the compartment, and what that refers to directly."""

from __future__ import annotations

from urllib.parse import urlencode

from nof1.rest.bundles import Entry, Link, bundle
from nof1.rest.requests import Request, Response, invalid, since
from nof1.rest.service import Service
from nof1.rest.writing import existing
from nof1.store.everything import everything as found_of

_KNOWN = ("_since", "_type", "_count", "_after")
_COUNT, _MOST = 500, 5_000


def everything(service: Service, request: Request, name: str) -> Response:
    """A page of the record of one patient."""
    for key, _ in request.query:
        if key not in _KNOWN:
            raise invalid(f"{key} is no parameter of $everything; known are {', '.join(_KNOWN[:3])}")
    count = request.asked("_count", str(_COUNT))
    if not count.isdecimal() or len(count) > 9 or not 0 < int(count) <= _MOST:
        raise invalid(f"_count is {count[:20]!r}; give a number from 1 to {_MOST}")
    types = tuple(one for one in request.asked("_type").split(",") if one)
    with service.database.read() as r:
        existing(r, "Patient", name)
        after = request.asked("_after")
        page = found_of(r, service.database, name, since=since(request), types=types, count=int(count), after=after)
    where = "/".join([service.base, *request.parts])
    links = [Link("self", f"{where}?{urlencode(request.query)}" if request.query else where)]
    if page.next:
        kept = [pair for pair in request.query if pair[0] != "_after"]
        links.append(Link("next", f"{where}?{urlencode([*kept, ('_after', page.next)])}"))
    listed = [(one, "match") for one in page.matches] + [(one, "include") for one in page.includes]
    entries = [Entry(f"{service.base}/{one.kind}/{one.id}", one.body, {"search": {"mode": mode}}) for one, mode in listed]
    return Response(200, bundle("searchset", entries, links=links, total=page.total), {}, "operation", f"Patient/{name}")
