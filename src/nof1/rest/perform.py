"""Which interaction a request is, and its response."""

from __future__ import annotations

from collections.abc import Callable

from nof1.fhir.definitions import definitions
from nof1.fhir.outcome import Issue
from nof1.rest import binary, history, operations, reading, searching, transaction, writing
from nof1.rest.requests import Refused, Request, Response, not_found
from nof1.rest.service import Service

__all__ = ["Service", "perform"]


def perform(service: Service, request: Request) -> Response:
    """The response to ``request``. Raises ``Refused``, other ``InputError`` (400) and ``StoreUnavailable`` (503)."""
    parts, method = request.parts, "GET" if request.method == "HEAD" else request.method
    if parts == ("metadata",):
        return _only(method, {"GET": lambda: operations.capabilities(service)})
    if parts and parts[-1].startswith("$"):
        return _only(
            method, {"GET": lambda: operations.run(service, request), "POST": lambda: operations.run(service, request)}
        )
    if not parts:
        return _only(
            method,
            {
                "GET": lambda: searching.search(service, request, ""),
                "POST": lambda: transaction.bundle(service, request, perform),
            },
        )
    if parts == ("_history",):
        return _only(method, {"GET": lambda: history.history(service, request)})
    if parts[0] not in definitions().types or parts[0] not in definitions().resources:
        raise Refused(404, Issue("not-supported", f"{parts[0]!r} is no type of resource of FHIR R4"))
    return _of_type(service, request, method)


def _of_type(service: Service, request: Request, method: str) -> Response:
    kind, *rest = request.parts
    if kind == binary.KIND and method in ("POST", "PUT") and len(rest) < 2:
        request = binary.as_resource(request, *rest)
    match rest:
        case []:
            return _only(
                method,
                {
                    "GET": lambda: searching.search(service, request, kind),
                    "POST": lambda: writing.create(service, request, kind),
                    "PUT": lambda: writing.conditional_update(service, request, kind),
                    "PATCH": lambda: writing.conditional_patch(service, request, kind),
                    "DELETE": lambda: writing.conditional_delete(service, request, kind),
                },
            )
        case ["_history"]:
            return _only(method, {"GET": lambda: history.history(service, request, kind)})
        case [name]:
            return _only(
                method,
                {
                    "GET": lambda: reading.read(service, request, kind, name),
                    "PUT": lambda: writing.update(service, request, kind, name),
                    "PATCH": lambda: writing.patch(service, request, kind, name),
                    "DELETE": lambda: writing.delete(service, request, kind, name),
                },
            )
        case [name, "_history"]:
            return _only(method, {"GET": lambda: history.history(service, request, kind, name)})
        case [name, "_history", version]:
            return _only(method, {"GET": lambda: reading.vread(service, request, kind, name, version)})
        case [name, inner] if kind in definitions().compartments and (inner in definitions().resources or inner == "*"):
            return _only(method, {"GET": lambda: searching.compartment(service, request, kind, name, inner)})
        case _:
            raise not_found(f"path {'/'.join(request.parts)}")


def _only(method: str, known: dict[str, Callable[[], Response]]) -> Response:
    if method not in known:
        allowed = ", ".join(sorted(known))
        raise Refused(405, Issue("not-supported", f"{method} is not known here; use {allowed}"), {"Allow": allowed})
    return known[method]()
