"""A request and its response, as HTTP or an entry of a bundle gives it; and what can go wrong, with its status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from math import isinf
from typing import Any, NamedTuple
from urllib.parse import unquote

import msgspec

from nof1.errors import RequestError
from nof1.fhir.indexing import interval
from nof1.fhir.outcome import Issue, outcome

Json = dict[str, Any]
_CHANGES = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def _digits(text: str) -> Decimal | float:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond any
        if isinf(found := float(text)):
            raise msgspec.DecodeError("Number out of range") from None
        return found


_EXACT = msgspec.json.Decoder(float_hook=_digits)


@dataclass(frozen=True, slots=True)
class Request:
    """One interaction asked for. ``parts``: of the path below the base; ``query``: names and values in their order.

    ``prefer``: ``minimal``, ``representation`` or ``OperationOutcome``.
    ``is_lenient``: unknown search parameters are told and not refused.
    ``accept``: media types that are asked for of a Binary, none for the resource itself.
    ``security_context``: of a Binary that is sent in its own type.
    """

    method: str
    parts: tuple[str, ...]
    query: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    content_type: str = ""
    if_match: str = ""
    if_none_match: str = ""
    if_modified_since: str = ""
    if_none_exist: str = ""
    prefer: str = ""
    is_lenient: bool = False
    accept: tuple[str, ...] = ()
    security_context: str = ""

    @property
    def interaction(self) -> tuple[str, str]:
        """FHIR's name of what is asked for, and what it is about, also where it cannot be served.

        >>> Request("GET", ("Patient", "1")).interaction, Request("DELETE", ("Patient", "1")).interaction
        (('read', 'Patient/1'), ('delete', 'Patient/1'))
        """
        last = self.parts[-1] if self.parts else ""
        if last.startswith("$"):
            return "operation", "/".join(self.parts)
        if self.method not in ("GET", "HEAD"):
            return _CHANGES.get(self.method, "operation") if self.parts else "batch", "/".join(self.parts[:2])
        if "_history" in self.parts:
            return "history" if last == "_history" else "vread", "/".join(self.parts[:2])
        return "read" if len(self.parts) == 2 else "search", "/".join(self.parts[:2])

    @property
    def stated(self) -> str:
        """The query as one text, for the audit."""
        return "&".join(f"{name}={value}" for name, value in self.query)

    def asked(self, name: str, default: str = "") -> str:
        """The last value of a query parameter."""
        return next((value for key, value in reversed(self.query) if key == name), default)


class Done(NamedTuple):
    """What one entry of a bundle did, for the audit: interaction, what it is about, its query, HTTP status."""

    interaction: str
    what: str
    query: str
    status: int


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered. ``body``: JSON or empty. ``interaction``, ``what``: for the audit, as ``search`` and ``Patient``.

    ``file``: path of a file that is the body. ``entries``: what each entry of a batch or transaction did.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    interaction: str = ""
    what: str = ""
    file: str = ""
    entries: Sequence[Done] = ()


class Refused(RequestError):
    """A request that cannot be served: HTTP status and the issues of its OperationOutcome."""

    def __init__(self, status: int, issues: Sequence[Issue] | Issue, headers: Mapping[str, str] | None = None) -> None:
        self.status = status
        self.issues = (issues,) if isinstance(issues, Issue) else tuple(issues)
        self.headers = headers or {}
        super().__init__("; ".join(one.text for one in self.issues))


def path_parts(path: str) -> tuple[str, ...]:
    """The parts of a path below the base, decoded. Raises ``Refused`` where one has a sign that no text of a store can have.

    >>> path_parts("/Patient/a%2Eb/")
    ('Patient', 'a.b')
    """
    parts = tuple(unquote(part) for part in path.strip("/").split("/") if part)
    if any("\0" in part for part in parts):
        raise Refused(404, Issue("not-found", f"there is no path {path!r}"))
    return parts


def encoded(content: Any) -> bytes:
    """JSON of decoded content."""
    return _ENCODER.encode(content)


def exact(body: bytes) -> Any:
    """Decoded JSON whose decimals keep their digits.

    >>> encoded(exact(b'{"value":1.500}'))
    b'{"value":1.500}'
    """
    return _EXACT.decode(body)


def refusal(status: int, issues: Sequence[Issue], headers: Mapping[str, str] | None = None) -> Response:
    """The response that carries an OperationOutcome."""
    return Response(status, encoded(outcome(issues)), headers or {})


def not_found(what: str) -> Refused:
    """There is no such thing."""
    return Refused(404, Issue("not-found", f"there is no {what}"))


def invalid(text: str, path: str = "", status: int = 400) -> Refused:
    """The request or its content is wrong."""
    return Refused(status, Issue("invalid", text, path))


def since(request: Request) -> int:
    """The instant of ``_since`` in microseconds since 1970, 0 without one. Raises ``Refused``."""
    said = request.asked("_since")
    try:
        return interval(said)[0] if said else 0
    except ValueError:
        raise invalid(f"_since is {said[:40]!r}; give an instant such as 2026-01-31T12:00:00Z") from None
