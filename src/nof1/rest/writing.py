"""create, update, patch, delete, and the conditional ones: validated first, then one transaction.

What depends on the store (conditions, references that are searches, what a patch changes) is looked up twice: before the
write, so that what comes of it is validated while others may write, and in it, where it counts. Only what comes out
otherwise there is validated there.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

import msgspec

from nof1.fhir.checked import problems
from nof1.fhir.indexing import Indexed, indexed
from nof1.fhir.outcome import Issue, outcome
from nof1.fhir.patch import PatchDocumentError, PatchError, patched
from nof1.rest import references
from nof1.rest.matching import only_match
from nof1.rest.reading import version_headers
from nof1.rest.requests import Json, Refused, Request, Response, encoded, exact, invalid, not_found
from nof1.rest.service import Service
from nof1.store import resources
from nof1.store.resources import Item, Stored
from nof1.store.session import Reader, Writer

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_TAG = re.compile(r'(?:W/)?"?(\d{1,9})"?')


class Meant(NamedTuple):
    """A resource that is to be stored with just this body, not validated yet; ``if_match`` as in ``Item``."""

    kind: str
    id: str
    body: bytes
    method: str
    if_match: int | None = None

    @property
    def key(self) -> tuple[str, str, bytes]:
        """What decides whether it is valid and how it is indexed."""
        return self.kind, self.id, self.body


Find = Callable[[str, str], str]  # type and query of a reference that is a search -> Type/id
Drafts = Mapping[tuple[str, str, bytes], Indexed]  # what was validated before
_NONE: Drafts = {}


def create(service: Service, request: Request, kind: str) -> Response:
    """A new resource under a new id; with If-None-Exist only where no other matches."""
    item = prepared(service, request.body, kind, new_id(), "POST")
    with service.database.write() as w:
        if request.if_none_exist and (found := only_match(service, w, kind, request.if_none_exist)):
            return written(service, request, found, 200, "create")
        stored = _put(service, w, item)
    return written(service, request, stored, 201, "create")


def update(service: Service, request: Request, kind: str, name: str) -> Response:
    """The next version of a resource, or its first one under the id that the client chose."""
    check_id(name)
    body = request.body
    own = decoded(body, kind).get("id")
    if own is None:
        raise invalid(f"the body has no id; it must be {name!r} as in the address", f"{kind}.id")
    if own != name:
        raise invalid(f"the body has the id {str(own)[:64]!r}, the address {name!r}; make them the same", f"{kind}.id")
    item = prepared(service, body, kind, name, "PUT", expected(request))
    with service.database.write() as w:
        stored = _put(service, w, item)
    return written(service, request, stored, 201 if stored.vid == 1 else 200, "update")


def conditional_update(service: Service, request: Request, kind: str) -> Response:
    """The next version of the only resource that matches; a new one where none does."""
    own, new = decoded(request.body, kind).get("id"), new_id()

    def find(r: Reader) -> Meant:
        found = only_match(service, r, kind, request.query)
        name = found.id if found else own if isinstance(own, str) and own else new
        if found and own not in (None, found.id):
            raise invalid(f"the body has the id {own!r}, the only match is {found.id!r}", f"{kind}.id")
        check_id(name)
        at = expected(request) if found else 0  # an id that is taken by what does not match is not overwritten
        return meant(request.body, kind, name, "PUT", at, finder(service, r))

    stored = _stored(service, find)
    return written(service, request, stored, 201 if stored.vid == 1 else 200, "update")


def patch(service: Service, request: Request, kind: str, name: str) -> Response:
    """The next version by JSON Patch."""
    stored = _stored(service, lambda r: patch_of(service, request, existing(r, kind, name), r))
    return written(service, request, stored, 200, "patch")


def conditional_patch(service: Service, request: Request, kind: str) -> Response:
    """The same of the only resource that matches."""

    def find(r: Reader) -> Meant:
        found = only_match(service, r, kind, request.query)
        if found is None:
            raise not_found(f"{kind} that matches")
        return patch_of(service, request, found, r)

    return written(service, request, _stored(service, find), 200, "patch")


def _stored(service: Service, find: Callable[[Reader], Meant]) -> Stored:
    """What ``find`` finds, stored; validated before the write where it finds the same in it."""
    with service.database.read() as r:
        foreseen = find(r)
    drafts = {foreseen.key: validated(foreseen)}
    with service.database.write() as w:
        return _put(service, w, ready(find(w), drafts))


def patch_of(service: Service, request: Request, found: Stored, r: Reader) -> Meant:
    """The resource after a JSON Patch."""
    steps = _json(request.body, "the patch", is_exact=True)
    new = _applied(exact(found.body), steps)
    for key in ("resourceType", "id"):
        if new.get(key) != (found.kind if key == "resourceType" else found.id):
            raise invalid(f"a patch may not change {key}", f"{found.kind}.{key}", 422)
    at = expected(request)
    return meant(encoded(new), found.kind, found.id, "PATCH", found.vid if at is None else at, finder(service, r))


def _applied(resource: Json, steps: Any) -> Json:
    try:
        return patched(resource, steps)
    except PatchDocumentError as error:
        raise Refused(400, Issue("structure", str(error))) from None
    except PatchError as error:
        raise Refused(422, Issue("processing", str(error))) from None


def delete(service: Service, request: Request, kind: str, name: str) -> Response:
    """A version that says that it is deleted; nothing where it is gone already."""
    with service.database.write() as w:
        stored = resources.delete(w, kind, name, now=service.now(), if_match=expected(request))
    headers = version_headers(stored) if stored else {}
    return Response(204, b"", headers, "delete", f"{kind}/{name}")


def conditional_delete(service: Service, request: Request, kind: str) -> Response:
    """The same of the only resource that matches."""
    with service.database.write() as w:
        found = only_match(service, w, kind, request.query)
        stored = resources.delete(w, kind, found.id, now=service.now(), if_match=expected(request)) if found else None
    what = f"{kind}/{found.id}" if found else kind
    return Response(204, b"", version_headers(stored) if stored else {}, "delete", what)


def prepared(
    service: Service,
    body: bytes,
    kind: str,
    name: str,
    method: str,
    if_match: int | None = None,
    r: Reader | None = None,
) -> Item:
    """The resource ready to be stored under ``name``. Raises ``Refused`` (400, 422) with every problem there is."""
    return ready(meant(body, kind, name, method, if_match, finder(service, r)))


def meant(body: bytes, kind: str, name: str, method: str, if_match: int | None, find: Find) -> Meant:
    """The resource with its references resolved that are searches. Raises ``Refused`` (412) where one has not one match."""
    if kind != "Bundle":  # what a stored bundle refers to is its own affair
        body = references.conditional(body, find)
    return Meant(kind, name, body, method, if_match)


def ready(one: Meant, drafts: Drafts = _NONE) -> Item:
    """The resource ready to be stored, validated if it is not among ``drafts``. Raises ``Refused`` (400, 422)."""
    found = drafts.get(one.key)
    return Item(one.kind, one.id, one.body, validated(one) if found is None else found, one.method, one.if_match)


def validated(one: Meant) -> Indexed:
    """What the resource is found by. Raises ``Refused`` (400, 422) with every problem there is."""
    resource = {**decoded(one.body, one.kind), "id": one.id}
    wrong = [problem for problem in problems(resource) if problem.is_error]
    if wrong:
        raise Refused(422, [Issue(problem.code, problem.message, problem.path) for problem in wrong[:100]])
    return indexed(resource)


def finder(service: Service, r: Reader | None) -> Find:
    """Finds what references refer to that are searches, each of them once; in ``r``, or in a snapshot of its own."""
    return cache(lambda kind, query: _referred(service, r, kind, query))


def _referred(service: Service, r: Reader | None, kind: str, query: str) -> str:
    """``Type/id`` of the only match of a reference that is a search."""
    if r is None:
        with service.database.read() as own:
            return _referred(service, own, kind, query)
    found = only_match(service, r, kind, query)
    if found is None:
        raise Refused(412, Issue("not-found", f"the reference {kind}?{query} matches nothing"))
    return f"{found.kind}/{found.id}"


def decoded(body: bytes, kind: str = "") -> Json:
    """The body as a resource of type ``kind``. Raises ``Refused``."""
    resource = _json(body, "the body")
    if not isinstance(resource, dict):
        raise invalid("the body is no JSON object; send one resource")
    if kind and resource.get("resourceType") != kind:
        raise invalid(
            f"the body is a {str(resource.get('resourceType'))[:64]!r}, the address asks for {kind}", "resourceType"
        )
    return resource


def _json(body: bytes, what: str, is_exact: bool = False) -> Any:
    if not body.strip():
        raise invalid(f"{what} is empty")
    try:
        return exact(body) if is_exact else msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        said = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Refused(400, Issue("structure", f"{what} is no JSON: {said}")) from None


def existing(r: Reader, kind: str, name: str) -> Stored:
    """The last version. Raises ``Refused`` (404, 410)."""
    found = resources.read(r, kind, name)
    if found is None:
        raise not_found(f"{kind}/{name}")
    if found.is_deleted:
        raise Refused(410, Issue("deleted", f"{kind}/{name} was deleted"))
    return found


def expected(request: Request) -> int | None:
    """The version that If-Match asks for, 0 where If-None-Match says that there must be none. Raises ``Refused``."""
    if not request.if_match:
        return 0 if request.method == "PUT" and request.if_none_match.strip() == "*" else None
    found = _TAG.fullmatch(request.if_match.strip())
    if not found:
        raise invalid(f'If-Match is {request.if_match[:40]!r}; write W/"VERSION"')
    return int(found[1])


def check_id(name: str) -> None:
    """Raises ``Refused`` for an id that FHIR does not allow."""
    if not _ID.fullmatch(name):
        raise invalid(f"the id {name[:80]!r} is none; use up to 64 letters, digits, - and .")


def new_id() -> str:
    """A new id."""
    return secrets.token_hex(16)


def _put(service: Service, w: Writer, item: Item) -> Stored:
    return resources.put_many(w, [item], now=service.now())[0]


def written(service: Service, request: Request, stored: Stored, status: int, interaction: str) -> Response:
    """What is answered to a write, as Prefer asks."""
    what = f"{stored.kind}/{stored.id}"
    headers = {**version_headers(stored), "Location": f"{service.base}/{what}/_history/{stored.vid}"}
    match request.prefer:
        case "minimal":
            body = b""
        case "OperationOutcome":
            body = encoded(outcome([Issue("informational", f"{what} is stored as version {stored.vid}", "", "information")]))
        case _:
            body = stored.body
    return Response(status, body, headers, interaction, what)
