"""The ASGI application: one message in, who asks, how much, the interaction, its audit, one message out."""

from __future__ import annotations

import asyncio
import gzip
import logging
import traceback
import uuid
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from nof1.errors import InputError
from nof1.fhir.outcome import Issue
from nof1.genomics.repository import Repository
from nof1.jobs.bulk_export import Exports
from nof1.jobs.import_jobs import Imports
from nof1.rest.perform import Service, perform
from nof1.rest.requests import Refused, Request, Response, path_parts, refusal
from nof1.server import assessing, bulk, importing
from nof1.server.access import Access, Agent, NotAllowed, Role, check_own
from nof1.server.audit_line import AuditLine
from nof1.server.auditing import Access as Accessed
from nof1.server.auditing import audit_event
from nof1.server.http import FHIR_JSON, in_one, to_request, unpacked, weighted
from nof1.server.limits import Buckets, Limits
from nof1.server.places import Places
from nof1.store.errors import Conflict, StoreUnavailable

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_LOG = logging.getLogger("nof1.server")
_READS = ("GET", "HEAD")
_PART = 256 * 1024
_COMPRESSED = 1_000  # bytes from which compression pays
_HEADERS = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))


@dataclass(slots=True)
class Application:
    """The server as ASGI calls it. ``base``: path of the API, ``/fhir``."""

    service: Service
    exports: Exports
    imports: Imports
    genomes: Repository
    access: Access = field(default_factory=Access)
    limits: Limits = field(default_factory=Limits)
    base: str = "/fhir"
    buckets: Buckets = field(init=False)
    audit: AuditLine = field(init=False)
    places: Places = field(default_factory=Places)

    def __post_init__(self) -> None:
        self.buckets = Buckets(self.limits)
        self.audit = AuditLine(self.service.audit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI message exchange."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            headers = in_one(scope["headers"])
            response = await self._answer(scope, headers, receive)
            await _send(scope["method"], headers, response, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            is_end = message["type"] == "lifespan.shutdown"
            if is_end:
                self.places.close()
                self.exports.close()
                self.imports.close()
                self.service.close()
            await send({"type": f"{message['type']}.complete"})
            if is_end:
                return

    async def _answer(self, scope: Scope, headers: Mapping[str, str], receive: Receive) -> Response:
        """The response to one message, audited where somebody asked for the record."""
        path, method = scope["path"], scope["method"]
        if path != self.base and not path.startswith(f"{self.base}/"):
            return refusal(404, [Issue("not-found", f"there is nothing here; the API is at {self.base}/metadata")])
        address = scope["client"][0] if scope.get("client") else ""
        agent, request = Agent("not let in", "read", address), Request(method, ())
        try:
            request = Request(method, path_parts(path[len(self.base) :]))
            agent = self._agent(path, headers, address)
            body = unpacked(
                await _body(receive, headers, most := self.limits.body), headers.get("content-encoding", ""), most
            )
            request = to_request(method, path[len(self.base) :], scope["query_string"], headers, body)
            _check_role(agent, request)
        except NotAllowed as error:
            return await self._audited(request, _not_allowed(error), agent)
        except Refused as error:
            return refusal(error.status, error.issues, error.headers)
        if self._is_at_hand(request):
            response = self._performed(request)
        else:
            response = await self.places.run(request, partial(self._performed, request))
        return await self._audited(request, response, agent)

    def _is_at_hand(self, request: Request) -> bool:
        """Whether the answer is there sooner than a thread would be: one resource of a file of this machine.

        Not a Binary, which may be as long as a request may.
        """
        is_one = request.interaction[0] in ("read", "vread") and request.method in _READS and request.parts[0] != "Binary"
        return is_one and self.service.database.dialect == "sqlite"

    def _agent(self, path: str, headers: Mapping[str, str], address: str) -> Agent:
        if self.access.is_open:
            check_own(headers, self.service.base)
        try:
            if path == f"{self.base}/metadata":
                agent = Agent("anybody", "read", address)
            else:
                agent = self.access.agent(headers.get("authorization", ""), address)
        except NotAllowed:
            self._take(f" {address}")  # also who guesses at tokens has to wait
            raise
        self._take(f"{agent.name} {address}")
        return agent

    def _take(self, client: str) -> None:
        """Takes one request of a client's. Raises ``Refused`` (429)."""
        if wait := self.buckets.wait(client):
            issue = Issue("throttled", f"more than {self.limits.rate:g} requests a second; ask again in {wait:.1f} s")
            raise Refused(429, issue, {"Retry-After": str(max(1, round(wait)))})

    async def _audited(self, request: Request, response: Response, agent: Agent) -> Response:
        if response.interaction == "capabilities":
            return response
        interaction, what = request.interaction
        about = response.interaction or interaction, response.what or what
        access = Accessed(*about, request.stated, response.status, response.entries)
        try:
            await self.audit.add(*audit_event(access, agent, self.service.now()))
        except StoreUnavailable as error:
            return refusal(503, [Issue("transient", f"the access cannot be audited: {error}")], {"Retry-After": "1"})
        return response

    def _performed(self, request: Request) -> Response:
        """The response; every error as an OperationOutcome."""
        service = self.service
        try:
            if bulk.is_bulk(request):
                return bulk.answered(self.exports, request, service.base, service.now())
            if importing.is_import(request):
                return importing.answered(self.imports, request, service.base)
            if assessing.is_assessment(request):
                return assessing.answered(service, self.genomes, request)
            return perform(service, request)
        except Refused as error:
            return refusal(error.status, error.issues, error.headers)
        except StoreUnavailable as error:
            return refusal(503, [Issue("transient", str(error))], {"Retry-After": "1"})
        except Conflict as error:
            return refusal(412, [Issue("conflict", str(error))])
        except InputError as error:
            return refusal(400, [Issue("invalid", str(error))])
        except OSError as error:  # of the files beside the store, those of exports and genomes
            _LOG.error("a file beside the store: %s", error.strerror)
            return refusal(503, [Issue("transient", f"files cannot be used now: {error.strerror}")], {"Retry-After": "1"})
        except Exception as error:  # the one edge: whatever is ours to fix
            name = uuid.uuid4().hex[:12]
            frames = traceback.extract_tb(error.__traceback__)
            where = " <- ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-6:]))
            _LOG.error("fault %s: %s in %s", name, type(error).__name__, where)  # no values: they may be a patient's
            return refusal(500, [Issue("exception", f"a fault of this server, in its log as {name}")])


def _check_role(agent: Agent, request: Request) -> None:
    role: Role = "read" if request.method in _READS else "write"
    if request.parts and request.parts[-1].startswith("$"):
        role = "read"
    if bulk.is_bulk(request) or importing.is_import(request):
        role = "admin"
    if assessing.is_assessment(request):
        role = "write"
    if not agent.may(role):
        raise NotAllowed(f"{agent.name} has the role {agent.role}; this needs {role}", True)


def _not_allowed(error: NotAllowed) -> Response:
    if error.is_known:
        return refusal(403, [Issue("forbidden", str(error))])
    return refusal(401, [Issue("login", str(error))], {"WWW-Authenticate": 'Bearer realm="nof1"'})


async def _body(receive: Receive, headers: Mapping[str, str], most: int) -> bytes:
    """The whole body. Raises ``Refused`` (413) as soon as it is too long."""
    stated = headers.get("content-length", "0")
    found = bytearray()
    is_over = stated.isdigit() and int(stated) > most
    while not is_over:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, Issue("incomplete", "the connection ended before the body did"))
        found += message.get("body", b"")
        is_over = len(found) > most
        if not message.get("more_body"):
            break
    if is_over:
        raise Refused(413, Issue("too-long", f"the body is longer than {most} bytes; send less, or use the import"))
    return bytes(found)


async def _send(method: str, asked: Mapping[str, str], response: Response, send: Send) -> None:
    body = response.body
    size = Path(response.file).stat().st_size if response.file else 0
    headers = [*_HEADERS, *((name.lower().encode(), value.encode("latin-1")) for name, value in response.headers.items())]
    if body and b"content-type" not in dict(headers):
        headers.append((b"content-type", f"{FHIR_JSON}; charset=utf-8".encode()))
    if len(body) > _COMPRESSED:
        headers.append((b"vary", b"accept-encoding"))
        if "gzip" in weighted(asked.get("accept-encoding", "")):
            packed = partial(gzip.compress, body, 5, mtime=0)
            body = packed() if len(body) < _PART else await asyncio.to_thread(packed)  # meanwhile others are answered
            headers.append((b"content-encoding", b"gzip"))
    if response.status not in (204, 304):
        headers.append((b"content-length", str(size or len(body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    if response.file and method != "HEAD":
        await _send_file(Path(response.file), send)
    else:
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})


async def _send_file(path: Path, send: Send) -> None:
    with path.open("rb") as stream:
        while part := stream.read(_PART):
            await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
