"""read and vread: one version of a resource, or that it has not changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from nof1.fhir.outcome import Issue
from nof1.fhir.subset import reduced, summarised
from nof1.rest import binary
from nof1.rest.requests import Refused, Request, Response, encoded, exact, invalid, not_found
from nof1.rest.service import Service
from nof1.store import resources
from nof1.store.resources import Stored

_SECOND = 1_000_000
_SHAPES = ("_summary", "_elements")
_SUMMARIES = ("true", "text", "data", "false")


def read(service: Service, request: Request, kind: str, name: str) -> Response:
    """The last version; 404 where there never was one, 410 where it was deleted, 304 where the client has it."""
    _check_query(request)
    with service.database.read() as r:
        found = resources.read(r, kind, name)
    if found is None:
        raise not_found(f"{kind}/{name}")
    return _answer(request, found, "read")


def vread(service: Service, request: Request, kind: str, name: str, version: str) -> Response:
    """That version."""
    _check_query(request)
    if not version.isdecimal() or len(version) > 9:
        raise not_found(f"version {version!r} of {kind}/{name}")
    with service.database.read() as r:
        found = resources.vread(r, kind, name, int(version))
    if found is None:
        raise not_found(f"version {version} of {kind}/{name}")
    return _answer(request, found, "vread")


def _answer(request: Request, found: Stored, interaction: str) -> Response:
    what = f"{found.kind}/{found.id}"
    if found.is_deleted:
        raise Refused(410, Issue("deleted", f"{what} was deleted"), {"ETag": etag(found.vid)})
    headers = version_headers(found)
    if _is_known(request, found):
        return Response(304, b"", headers, interaction, what)
    if found.kind == binary.KIND and (content := binary.content(request, found.body)):
        return Response(200, content[0], {**headers, **content[1]}, interaction, what)
    return Response(200, shaped(found.body, request), headers, interaction, what)


def _is_known(request: Request, found: Stored) -> bool:
    if request.if_none_match:
        known = [one.strip().removeprefix("W/") for one in request.if_none_match.split(",")]  # compared weakly
        return "*" in known or etag(found.vid).removeprefix("W/") in known
    if request.if_modified_since:
        return found.updated // _SECOND <= _since(request.if_modified_since)
    return False


def _since(said: str) -> float:
    """Seconds since 1970 of an HTTP date, or of an instant as the entry of a bundle gives it."""
    try:
        when = datetime.fromisoformat(said) if said[:4].isdecimal() else parsedate_to_datetime(said)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):  # also a day before the calendar begins
        raise invalid(f"If-Modified-Since is {said[:80]!r}, no HTTP date") from None


def shaped(body: bytes, request: Request) -> bytes:
    """The body, cut as ``_summary`` and ``_elements`` ask; as it is stored without them."""
    summary, elements = request.asked("_summary"), request.asked("_elements")
    return cut(body, summary, tuple(elements.split(",")) if elements else ())


def cut(body: bytes, summary: str, elements: tuple[str, ...]) -> bytes:
    """``body`` with a ``_summary`` or the ``_elements`` alone."""
    if summary in ("", "false") and not elements:
        return body
    resource = exact(body)
    return encoded(reduced(resource, elements) if elements else summarised(resource, summary))  # type: ignore[arg-type]


def _check_query(request: Request) -> None:
    for name, value in request.query:
        if name not in _SHAPES and not request.is_lenient:
            raise invalid(f"{name} is no parameter of a read; known are {', '.join(_SHAPES)}")
        if name == "_summary" and value not in _SUMMARIES:
            raise invalid(f"_summary is {value!r}; for a read it is one of {', '.join(_SUMMARIES)}")


def etag(vid: int) -> str:
    """The version as an HTTP entity tag.

    >>> etag(3)
    'W/"3"'
    """
    return f'W/"{vid}"'


def version_headers(found: Stored) -> Mapping[str, str]:
    """ETag and Last-Modified."""
    when = datetime.fromtimestamp(found.updated / _SECOND, UTC)
    return {"ETag": etag(found.vid), "Last-Modified": format_datetime(when, usegmt=True)}
