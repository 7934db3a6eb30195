"""HTTP to a request of the API, and its response back: methods, paths, headers, media types."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import parse_qsl

from nof1.fhir.outcome import Issue
from nof1.rest import binary
from nof1.rest.requests import Refused, Request, invalid, path_parts

FHIR_JSON, _JSON = binary.FHIR_JSON, binary.JSON
_PATCH = "application/json-patch+json"
_FORM = "application/x-www-form-urlencoded"
_NOT_SPOKEN = ("application/fhir+xml", "application/fhir+turtle", "xml", "ttl")
_ANY = ("*/*", "application/*", "")
FILES = "$export-files"
NDJSON = ("application/fhir+ndjson", "application/ndjson", "application/x-ndjson")
_PREFER = ("minimal", "representation", "OperationOutcome")


def to_request(method: str, path: str, query: bytes, headers: Mapping[str, str], body: bytes) -> Request:
    """The request of one HTTP message; ``path`` below the base, ``headers`` in lower case. Raises ``Refused``."""
    parts = path_parts(path)
    pairs = [*_pairs(query)]
    stated = headers.get("content-type", "").strip()
    media = stated.partition(";")[0].strip().lower()
    is_search = method == "POST" and parts[-1:] == ("_search",)
    if is_search:
        if media not in (_FORM, ""):
            raise Refused(415, Issue("not-supported", f"_search takes {_FORM}, not {media[:80]!r}"))
        pairs += _pairs(body)
        method, parts, body = "GET", parts[:-1], b""
    is_native = binary.is_native(parts) and not is_search and method != "PATCH"
    form = next((value for name, value in pairs if name == "_format"), "")
    accepted = _accepted(headers.get("accept", ""), form)
    _check_accepted(accepted, is_native and not form, NDJSON if parts[:1] == (FILES,) else ())
    if body and method in ("POST", "PUT", "PATCH") and not (is_native and media):
        _check_media(method, media)
    prefer = _preferences(headers.get("prefer", ""))
    return Request(
        method=method,
        parts=parts,
        query=tuple((name, value) for name, value in pairs if name not in ("_format", "_pretty")),
        body=body,
        content_type=stated if is_native else media,
        if_match=headers.get("if-match", ""),
        if_none_match=headers.get("if-none-match", ""),
        if_modified_since=headers.get("if-modified-since", ""),
        if_none_exist=headers.get("if-none-exist", ""),
        prefer=prefer.get("return", ""),
        is_lenient=prefer.get("handling") == "lenient",
        accept=accepted if is_native else (),
        security_context=headers.get("x-security-context", "") if is_native else "",
    )


def _pairs(text: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict")
    except (UnicodeDecodeError, ValueError) as error:
        raise invalid(f"the query is not percent-encoded UTF-8: {error}") from None


def _accepted(accept: str, form: str) -> tuple[str, ...]:
    """The media types that are asked for; ``_format`` goes before Accept, and all JSON means FHIR's there."""
    if form:
        return tuple(FHIR_JSON if one in _JSON else one for one in weighted(form.replace(" ", "+")))
    return tuple(weighted(accept)) if accept else ("*/*",)


def _check_accepted(accepted: Sequence[str], is_native: bool, also: Sequence[str]) -> None:
    """``also``: media types that are spoken at this address beside JSON. ``is_native``: any but FHIR's own."""
    spoken = (*_JSON, *_ANY, *also)
    if not any(one in spoken or (is_native and one not in _NOT_SPOKEN) for one in accepted):
        raise Refused(406, Issue("not-supported", f"only {FHIR_JSON} is spoken here, not {', '.join(accepted)[:80]!r}"))


def weighted(header: str) -> list[str]:
    """What a header such as Accept names, in lower case, without what it rules out.

    >>> weighted("application/fhir+json;q=0.9, gzip;q=0")
    ['application/fhir+json']
    """
    listed = [part.lower().replace(" ", "").split(";") for part in header.split(",")]
    return [name for name, *more in listed if not any(re.fullmatch(r"q=0(\.0*)?", one) for one in more)]


def in_one(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by name in lower case; one that comes more than once is a list with commas.

    >>> in_one([(b"Prefer", b"return=minimal"), (b"prefer", b"handling=lenient")])
    {'prefer': 'return=minimal, handling=lenient'}
    """
    found: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def unpacked(body: bytes, encoding: str, most: int) -> bytes:
    """The body without its Content-Encoding. Raises ``Refused`` (413, 415, 400)."""
    if not body or encoding.lower() in ("", "identity"):
        return body
    if encoding.lower() != "gzip":
        raise Refused(415, Issue("not-supported", f"the body is encoded as {encoding[:40]!r}; send gzip, or as it is"))
    opened = zlib.decompressobj(wbits=31)
    try:
        found = opened.decompress(body, most + 1)
    except zlib.error as error:
        raise invalid(f"the body is no gzip: {error}") from None
    if len(found) > most:
        raise Refused(413, Issue("too-long", f"the body is longer than {most} bytes when unpacked"))
    if not opened.eof or opened.unused_data:
        raise invalid("the body is no whole gzip: it is cut off, or something follows it")
    return found


def _check_media(method: str, media: str) -> None:
    taken = (_PATCH, "application/json") if method == "PATCH" else _JSON
    if media not in taken:
        raise Refused(415, Issue("not-supported", f"the body is {media[:80] or 'of no stated type'!r}; send {taken[0]}"))


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
