"""Binary in its own type: bytes of any type become a resource, and its data are read as they were sent."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from nof1.fhir.outcome import Issue
from nof1.rest.requests import Json, Refused, Request, encoded, invalid

KIND = "Binary"
FHIR_JSON = "application/fhir+json"
JSON = (FHIR_JSON, "application/json", "text/json", "json")  # what resources are written in
UNKNOWN = "application/octet-stream"
_NAME = r"[A-Za-z0-9!#$&^_.+\-]{1,127}"  # RFC 6838
_VALUE = r"(?:[A-Za-z0-9!#$%&'*+.^_`|~\-]+|\"[ !#-\[\]-~]*\")"
_MEDIA = re.compile(rf"{_NAME}/{_NAME}(?: ?; ?[A-Za-z0-9!#$&^_.+\-]+={_VALUE})*", re.ASCII)
_WRITABLE = re.compile(r"[!-~]{1,2000}")
# whoever stored it, a page must not run here as if it were ours
_HARMLESS = {"Content-Disposition": "attachment", "Content-Security-Policy": "sandbox; default-src 'none'"}


def is_native(parts: tuple[str, ...]) -> bool:
    """Whether what is at a path can be read or written in its own type.

    >>> is_native(("Binary",)), is_native(("Binary", "1", "_history", "2")), is_native(("Binary", "$validate"))
    (True, True, False)
    """
    return parts[:1] == (KIND,) and len(parts) in (1, 2, 4) and not any(part.startswith(("$", "_")) for part in parts[1:2])


def as_resource(request: Request, name: str = "") -> Request:
    """The request with a Binary as its body, under the id ``name``, where bytes of another type were sent.

    What is written as JSON and is no Binary is content too, as FHIR says; what is no JSON then is left to be refused.
    Raises ``Refused`` for a media type that is none.
    """
    media, _, _ = request.content_type.partition(";")
    if not media or not request.body or (media.strip().lower() in JSON and not _is_other_json(request.body)):
        return request
    if not _MEDIA.fullmatch(request.content_type):
        raise Refused(
            415, Issue("not-supported", f"{request.content_type[:80]!r} is no media type; write it as type/subtype")
        )
    made: Json = {"resourceType": KIND, **({"id": name} if name else {}), "contentType": request.content_type}
    if request.security_context:
        made["securityContext"] = {"reference": request.security_context}
    made["data"] = base64.b64encode(request.body).decode()
    return replace(request, body=encoded(made), prefer=request.prefer or "minimal")  # the content need not come back


class _Typed(msgspec.Struct, frozen=True):
    resourceType: Any = None  # noqa: N815 (FHIR's name)


def _is_other_json(body: bytes) -> bool:
    try:
        return bool(msgspec.json.decode(body, type=_Typed).resourceType != KIND)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def content(request: Request, body: bytes) -> tuple[bytes, Mapping[str, str]] | None:
    """The data of a Binary and the headers that tell of it, where the request asks for them and not for the resource."""
    if not request.accept or FHIR_JSON in request.accept:
        return None
    found = msgspec.json.decode(body, type=_Stored)
    if not _is_wanted(request.accept, found.contentType):
        return None
    try:
        data = base64.b64decode(found.data)
    except ValueError:
        raise invalid(f"the data of this Binary are no base64; ask for it as {FHIR_JSON}") from None
    told = {"Content-Type": found.contentType if _MEDIA.fullmatch(found.contentType) else UNKNOWN, **_HARMLESS}
    context = found.securityContext.reference
    return data, {**told, **({"X-Security-Context": context} if _WRITABLE.fullmatch(context) else {})}


class _Reference(msgspec.Struct, frozen=True):
    reference: str = ""


class _Stored(msgspec.Struct, frozen=True):
    contentType: str = ""  # noqa: N815 (FHIR's name)
    securityContext: _Reference = _Reference()  # noqa: N815 (FHIR's name)
    data: str = ""


def _is_wanted(accept: tuple[str, ...], content_type: str) -> bool:
    """Whether the content itself is asked for; JSON in general means the content where that is JSON, else the resource.

    >>> _is_wanted(("*/*",), "application/pdf"), _is_wanted(("application/json", "*/*"), "application/pdf")
    (True, False)
    """
    media = content_type.partition(";")[0].strip().lower()
    if media in accept or f"{media.partition('/')[0]}/*" in accept:
        return True
    if any(one in JSON for one in accept):
        return media.endswith(("/json", "+json"))
    return True
