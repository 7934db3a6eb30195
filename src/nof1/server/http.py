"""HTTP to a request of the API, and its response back: methods, paths, headers, media types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, unquote

from nof1.fhir.outcome import Issue
from nof1.rest.requests import Refused, Request, invalid

FHIR_JSON = "application/fhir+json"
_JSON = (FHIR_JSON, "application/json", "text/json", "json")
_PATCH = "application/json-patch+json"
_FORM = "application/x-www-form-urlencoded"
_ANY = ("*/*", "application/*", "")
_PREFER = ("minimal", "representation", "OperationOutcome")


def to_request(method: str, path: str, query: bytes, headers: Mapping[str, str], body: bytes) -> Request:
    """The request of one HTTP message; ``path`` below the base, ``headers`` in lower case. Raises ``Refused``."""
    parts = tuple(unquote(part) for part in path.strip("/").split("/") if part)
    pairs = [*_pairs(query)]
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    is_search = method == "POST" and parts[-1:] == ("_search",)
    if is_search:
        if media not in (_FORM, ""):
            raise Refused(415, Issue("not-supported", f"_search takes {_FORM}, not {media!r}"))
        pairs += _pairs(body)
        method, parts, body = "GET", parts[:-1], b""
    _check_accepted(headers.get("accept", ""), pairs)
    if body and method in ("POST", "PUT", "PATCH"):
        _check_media(method, media)
    prefer = _preferences(headers.get("prefer", ""))
    return Request(
        method=method,
        parts=parts,
        query=tuple((name, value) for name, value in pairs if name not in ("_format", "_pretty")),
        body=body,
        content_type=media,
        if_match=headers.get("if-match", ""),
        if_none_match=headers.get("if-none-match", ""),
        if_modified_since=headers.get("if-modified-since", ""),
        if_none_exist=headers.get("if-none-exist", ""),
        prefer=prefer.get("return", ""),
        is_lenient=prefer.get("handling") == "lenient",
    )


def _pairs(text: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict")
    except (UnicodeDecodeError, ValueError) as error:
        raise invalid(f"the query is not percent-encoded UTF-8: {error}") from None


def _check_accepted(accept: str, pairs: Sequence[tuple[str, str]]) -> None:
    stated = next((value for name, value in pairs if name == "_format"), "")
    asked = [stated] if stated else [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    if not any(one.replace(" ", "+") in (*_JSON, *_ANY) for one in asked):
        raise Refused(406, Issue("not-supported", f"only {FHIR_JSON} is spoken here, not {stated or accept!r}"))


def _check_media(method: str, media: str) -> None:
    taken = (_PATCH, "application/json") if method == "PATCH" else _JSON
    if media not in taken:
        raise Refused(415, Issue("not-supported", f"the body is {media or 'of no stated type'!r}; send {taken[0]}"))


def _preferences(prefer: str) -> dict[str, str]:
    """``return=minimal; handling=lenient`` as names and values.

    >>> _preferences("return=minimal, handling=lenient")
    {'return': 'minimal', 'handling': 'lenient'}
    """
    found = {}
    for part in prefer.replace(";", ",").split(","):
        name, _, value = part.strip().partition("=")
        if name in ("return", "handling") and value:
            found[name] = value.strip('"')
    return {name: value for name, value in found.items() if name != "return" or value in _PREFER}
