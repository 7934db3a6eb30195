"""The only resource that a condition matches: what conditional interactions and references rest on."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl

from nof1.fhir.outcome import Issue
from nof1.fhir.query import parsed
from nof1.rest.requests import Refused, invalid
from nof1.rest.service import Service
from nof1.store.resources import Stored
from nof1.store.search import run
from nof1.store.session import Reader

_NO_CONDITION = ("_summary", "_count", "_after")  # they could leave out what matches


def only_match(service: Service, r: Reader, kind: str, query: str | Sequence[tuple[str, str]]) -> Stored | None:
    """The one resource of type ``kind`` that ``query`` matches, ``None`` for none; 412 for several.

    A condition is always strict: a parameter that is not known would match everything.
    """
    pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True) if isinstance(query, str) else list(query)
    for name, _ in pairs:
        if name in _NO_CONDITION:
            raise invalid(f"{name} is no condition; leave it out")
    search = parsed(kind, [*pairs, ("_count", "2")], base=service.base, now=service.now())
    if not search.criteria:
        raise invalid(f"the condition on {kind} names no search parameter; it would match everything", status=412)
    found = run(r, service.database, search).matches
    if len(found) > 1:
        raise Refused(412, Issue("multiple-matches", f"the condition matches several {kind}; make it narrower"))
    return found[0] if found else None
