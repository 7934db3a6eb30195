"""The entries of a batch or transaction as they were sent, and as requests."""

from __future__ import annotations

import base64
from urllib.parse import parse_qsl, urlsplit

import msgspec

from nof1.fhir.outcome import Issue
from nof1.rest import writing
from nof1.rest.requests import Refused, Request, invalid, path_parts
from nof1.rest.service import Service

_METHODS = ("DELETE", "POST", "PUT", "PATCH", "GET", "HEAD")
_MOST = 20_000  # entries: all of them are done within one request, and a client waits for no longer
_FORM = ("_format", "_pretty")  # of the whole answer only


class Sent(msgspec.Struct):
    """A bundle as it was sent."""

    resourceType: str  # noqa: N815 (FHIR's name)
    type: str = ""
    entry: list[SentEntry] = []


class SentEntry(msgspec.Struct):
    """An entry of it; the resource undecoded, empty where there is none."""

    resource: msgspec.Raw = msgspec.Raw(b"")
    fullUrl: str = ""  # noqa: N815 (FHIR's name)
    request: _Asked | None = None


class _Asked(msgspec.Struct, forbid_unknown_fields=True):  # a condition with a misspelled name must not be lost
    method: str
    url: str
    ifMatch: str = ""  # noqa: N815 (FHIR's name)
    ifNoneMatch: str = ""  # noqa: N815 (FHIR's name)
    ifModifiedSince: str = ""  # noqa: N815 (FHIR's name)
    ifNoneExist: str = ""  # noqa: N815 (FHIR's name)
    id: str = ""
    extension: msgspec.Raw = msgspec.Raw(b"")
    modifierExtension: msgspec.Raw = msgspec.Raw(b"")  # noqa: N815 (FHIR's name)


_DECODER = msgspec.json.Decoder(Sent)


def decoded(body: bytes) -> Sent:
    """The bundle in ``body``. Raises ``Refused`` (400, 413)."""
    try:
        found = _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(400, Issue("structure", f"the body is no bundle: {error}")) from None
    if found.resourceType != "Bundle":
        raise invalid(f"the body is a {found.resourceType[:40]!r}; a Bundle is sent to the base", "resourceType")
    if len(found.entry) > _MOST:
        said = (
            f"the bundle has {len(found.entry)} entries, at most {_MOST} are done at once; send several, or use the import"
        )
        raise Refused(413, Issue("too-costly", said, "Bundle.entry"))
    return found


def asked_of(service: Service, whole: Request, entry: SentEntry, at: int) -> Request:
    """The request of an entry. Raises ``Refused`` where it has none or a wrong one."""
    asked, place = entry.request, f"Bundle.entry[{at}].request"
    if asked is None:
        raise invalid("an entry of a batch or transaction needs a request", place)
    if asked.method not in _METHODS:
        raise invalid(f"the method is {asked.method[:20]!r}; use {', '.join(_METHODS)}", f"{place}.method")
    try:
        address = urlsplit(asked.url.removeprefix(service.base))
    except ValueError as error:
        raise invalid(f"{asked.url[:80]!r} is no address: {error}", f"{place}.url") from None
    parts = path_parts(address.path)
    if asked.method == "POST" and not parts:
        raise invalid("a bundle within a bundle is not done; send it by itself", f"{place}.url")
    return Request(
        method=asked.method,
        parts=parts,
        query=tuple(pair for pair in parse_qsl(address.query, keep_blank_values=True) if pair[0] not in _FORM),
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
    held = writing.decoded(resource)
    if held.get("resourceType") != "Binary":
        raise invalid("a patch within a bundle is a Binary with the JSON Patch as its data")
    try:
        return base64.b64decode(str(held.get("data", "")), validate=True)
    except ValueError:
        raise invalid("the data of the Binary is no base64") from None
