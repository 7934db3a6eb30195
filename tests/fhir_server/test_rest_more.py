"""What FHIR's RESTful API asks of a server at its edges, and what must not get past one; against the ASGI application itself."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from nof1.fhir.indexing import indexed
from nof1.genomics.repository import Repository
from nof1.jobs.attached import SYSTEM, attached
from nof1.jobs.bulk_export import Asked, Exports, export
from nof1.jobs.bulk_import import import_files
from nof1.jobs.import_jobs import Imports
from nof1.rest.perform import perform
from nof1.rest.service import Service
from nof1.server.access import Access, read_issuer
from nof1.server.app import Application
from nof1.server.limits import Limits
from nof1.server.serve import Settings, serve
from nof1.store.audit import Audit, events
from nof1.store.database import opened
from nof1.store.errors import StoreUnavailable
from nof1.store.resources import put, read

BASE = "http://127.0.0.1:8080/fhir"
FHIR = "application/fhir+json"
PATCH = "application/json-patch+json"
Json = dict[str, Any]
Answer = tuple[int, dict[str, str], Any]


@dataclass
class World:
    """A store with its application; ``role`` tokens are the roles' own names."""

    folder: Path
    service: Service
    application: Application

    def ask(self, method: str, url: str, content: Any = None, role: str = "admin", **headers: str) -> Answer:
        """Status, headers and decoded body; header names with _ for -."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode() if content is not None else b""
        named = {**({"content-type": FHIR} if body else {}), **({"authorization": f"Bearer {role}"} if role else {})}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        return asyncio.run(self._exchanged(method, url, body, [(k.encode(), v.encode()) for k, v in named.items()]))

    async def _exchanged(self, method: str, url: str, body: bytes, headers: list[tuple[bytes, bytes]]) -> Answer:
        path, _, query = url.partition("?")
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": f"/fhir{path}",
            "query_string": query.encode(),
            "headers": headers,
        }
        await self.application({**scope, "client": ("127.0.0.1", 1)}, receive, send)
        told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        found = b"".join(message.get("body", b"") for message in sent[1:])
        if told.get("content-encoding") == "gzip":
            found = gzip.decompress(found)
        is_lines = told.get("content-type") == "application/fhir+ndjson"
        return sent[0]["status"], told, found if is_lines else json.loads(found) if found else None

    def created(self, resource: Any, kind: str = "Patient") -> str:
        status, _, found = self.ask("POST", f"/{kind}", resource)
        assert status == 201, found
        return str(found["id"])

    def number(self, query: str) -> int:
        return int(self.ask("GET", f"/{query}&_summary=count")[2]["total"])

    def body(self, kind: str, name: str) -> bytes:
        with self.service.database.read() as r:
            found = read(r, kind, name)
        assert found is not None
        return found.body

    def audited(self) -> list[Json]:
        with self.service.database.read_audit() as r:
            return [json.loads(one.body) for one in events(r, count=10_000)]


def application(service: Service, folder: Path, **more: Any) -> Application:
    return Application(
        service=service,
        exports=Exports(service.database, folder / "exports"),
        imports=Imports(service, None, folder / "imports"),
        genomes=Repository(folder / "genomes"),
        **more,
    )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store = opened(str(tmp_path / "r.sqlite"))
    service = Service(store, Audit(store), BASE)
    tokens = {hashlib.sha256(role.encode()).digest(): (role, role) for role in ("read", "write", "admin")}
    one = application(service, tmp_path, access=Access(tokens))  # type: ignore[arg-type]
    yield World(tmp_path, service, one)
    one.exports.close()
    one.imports.close()
    service.close()


def patient(value: str = "", **more: Any) -> Json:
    own = {"identifier": [{"system": "urn:x", "value": value}]} if value else {}
    return {"resourceType": "Patient", "name": [{"family": "Moll"}], **own, **more}


def observation(reference: str) -> Json:
    return {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "subject": {"reference": reference}}


def entry(method: str, url: str, resource: Json | None = None, full: str = "", **request: str) -> Json:
    found: Json = {"request": {"method": method, "url": url, **request}}
    return {**found, **({"resource": resource} if resource else {}), **({"fullUrl": full} if full else {})}


def bundle(kind: str, *entries: Json) -> Json:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def statuses(found: Json) -> list[str]:
    return [one["response"]["status"] for one in found["entry"]]


def name_of(found: Json, at: int) -> str:
    """``Type/id`` of an entry of a response."""
    return str(found["entry"][at]["response"]["location"]).removeprefix(f"{BASE}/").split("/_history")[0]


def subject_of(world: World, found: Json, at: int) -> str:
    return str(json.loads(world.body(*name_of(found, at).split("/")))["subject"]["reference"])


# transactions


def test_a_relative_reference_is_of_the_server_of_its_own_fullurl(world: World):
    other = "http://elsewhere.org/fhir/"
    world.ask("PUT", "/Patient/123", patient(id="123"))  # somebody else, here
    whole = bundle(
        "transaction",
        entry("POST", "Patient", patient(), f"{other}Patient/123"),
        entry("POST", "Observation", observation("Patient/123"), f"{other}Observation/1"),
        entry("POST", "Observation", observation("Patient/123"), "http://third.org/fhir/Observation/1"),
        entry("POST", "Observation", observation(f"{other}Patient/123")),
    )
    _, _, found = world.ask("POST", "/", whole)
    person = name_of(found, 0)
    assert [subject_of(world, found, at) for at in (1, 2, 3)] == [person, "Patient/123", person]


def test_a_reference_by_a_search_may_mean_what_the_transaction_itself_creates(world: World):
    whole = bundle(
        "transaction",
        entry("POST", "Observation", observation("Patient?identifier=urn:x|1")),
        entry("POST", "Patient", patient("1")),
    )
    _, _, found = world.ask("POST", "/", whole)
    assert statuses(found) == ["201", "201"]
    assert subject_of(world, found, 0) == name_of(found, 1)


def test_two_creations_under_one_condition_do_not_make_two(world: World):
    twice = [entry("POST", "Patient", patient("1"), ifNoneExist="identifier=urn:x|1")] * 2
    assert world.ask("POST", "/", bundle("transaction", *twice))[0] == 412
    assert world.number("Patient?identifier=urn:x|1") == 0


def test_what_a_transaction_deletes_matches_no_condition_of_a_creation(world: World):
    old = world.created(patient("1"))
    whole = bundle(
        "transaction",
        entry("POST", "Patient", patient("1"), ifNoneExist="identifier=urn:x|1"),
        entry("DELETE", f"Patient/{old}"),
    )
    _, _, found = world.ask("POST", "/", whole)
    assert statuses(found) == ["201", "204"]
    assert world.number("Patient?identifier=urn:x|1") == 1


def test_a_misspelled_condition_of_an_entry_is_not_lost(world: World):
    whole = bundle("transaction", entry("POST", "Patient", patient("1"), ifNoneExists="identifier=urn:x|1"))
    status, _, found = world.ask("POST", "/", whole)
    assert status == 400 and "ifNoneExists" in found["issue"][0]["diagnostics"]


@pytest.mark.parametrize("url", ["", "/", BASE, f"{BASE}/"])
def test_a_bundle_within_a_bundle_is_refused(world: World, url: str):
    assert world.ask("POST", "/", bundle("batch", entry("POST", url, bundle("batch"))))[0] == 400


def test_a_conflict_in_one_entry_leaves_nothing(world: World):
    one = world.created(patient("1"))
    whole = bundle(
        "transaction",
        entry("POST", "Patient", patient("2")),
        entry("PUT", f"Patient/{one}", patient("1", id=one, gender="male"), ifMatch='W/"7"'),
    )
    assert world.ask("POST", "/", whole)[0] == 412
    assert world.number("Patient?identifier=urn:x|2") == 0 and b"gender" not in world.body("Patient", one)


def test_references_within_a_patch_are_rewritten_too(world: World):
    one = world.created(observation("Patient/a"), "Observation")
    urn = "urn:uuid:00000000-0000-0000-0000-000000000001"
    steps = json.dumps([{"op": "replace", "path": "/subject", "value": {"reference": urn}}]).encode()
    binary = {"resourceType": "Binary", "contentType": PATCH, "data": base64.b64encode(steps).decode()}
    whole = bundle("transaction", entry("PATCH", f"Observation/{one}", binary), entry("POST", "Patient", patient(), urn))
    _, _, found = world.ask("POST", "/", whole)
    assert subject_of(world, found, 0) == name_of(found, 1)


def test_a_stored_bundle_stays_as_it_was_sent(world: World):
    urn = "urn:uuid:00000000-0000-0000-0000-000000000001"
    held = {"fullUrl": urn, "resource": patient()}
    document = bundle("collection", held, {"fullUrl": urn[:-1] + "2", "resource": observation(urn)})
    message = bundle("transaction", entry("POST", "Observation", observation("Patient?identifier=urn:x|none")))
    whole = bundle("transaction", entry("POST", "Bundle", document, urn), entry("POST", "Bundle", message))
    _, _, found = world.ask("POST", "/", whole)
    assert statuses(found) == ["201", "201"]
    for at, sent in enumerate((document, message)):
        assert json.loads(world.body(*name_of(found, at).split("/")))["entry"] == sent["entry"]


def test_entries_of_a_batch_are_asked_as_over_http(world: World):
    one = world.created(patient())
    whole = bundle(
        "batch",
        entry("GET", f"Patient/{one}?_format=json"),
        entry("GET", f"Patient/{one}", ifModifiedSince="2999-01-01T00:00:00Z"),
        entry("POST", "Patient/$validate", patient(gender="x")),
    )
    _, _, found = world.ask("POST", "/", whole)
    assert statuses(found) == ["200", "304", "200"]
    assert found["entry"][2]["resource"]["issue"][0]["expression"] == ["Patient.gender"]


def test_a_batch_tells_what_was_done_when_the_store_is_lost(world: World, monkeypatch: pytest.MonkeyPatch):
    def lost(service: Service, request: Any) -> Any:
        if request.method == "GET":
            raise StoreUnavailable("store: it is gone")
        return perform(service, request)

    monkeypatch.setattr("nof1.rest.perform.perform", lost)
    whole = bundle("batch", entry("POST", "Patient", patient()), entry("GET", "Patient/x"))
    status, _, found = world.ask("POST", "/", whole)
    assert status == 200 and statuses(found) == ["201", "503"]


# conditions and preconditions


@pytest.mark.parametrize("more", ["_summary=count", "_count=0", "_count=1"])
def test_a_condition_that_could_overlook_a_match_is_refused(world: World, more: str):
    world.created(patient("1"))
    assert world.ask("POST", "/Patient", patient("1"), if_none_exist=f"identifier=urn:x|1&{more}")[0] == 400
    assert world.number("Patient?identifier=urn:x|1") == 1


@pytest.mark.parametrize("is_bundled", [False, True])
def test_a_conditional_update_without_a_match_does_not_overwrite_who_has_the_id(world: World, is_bundled: bool):
    world.ask("PUT", "/Patient/mine", patient("1", id="mine"))
    url, other = "Patient?identifier=urn:x|2", patient("2", id="mine")
    sent = ("POST", "/", bundle("transaction", entry("PUT", url, other))) if is_bundled else ("PUT", f"/{url}", other)
    assert world.ask(*sent)[0] == 412
    assert json.loads(world.body("Patient", "mine"))["identifier"][0]["value"] == "1"


def test_if_none_match_of_anything_only_creates(world: World):
    for status in (201, 412):
        assert world.ask("PUT", "/Patient/mine", patient(id="mine"), if_none_match="*")[0] == status
    whole = bundle("transaction", entry("PUT", "Patient/mine", patient(id="mine"), ifNoneMatch="*"))
    assert world.ask("POST", "/", whole)[0] == 412
    assert json.loads(world.body("Patient", "mine"))["meta"]["versionId"] == "1"


@pytest.mark.parametrize(("tag", "status"), [('"1"', 304), ('W/"1"', 304), ("*", 304), ('"2", W/"1"', 304), ('"2"', 200)])
def test_entity_tags_are_compared_weakly(world: World, tag: str, status: int):
    assert world.ask("GET", f"/Patient/{world.created(patient())}", if_none_match=tag)[0] == status


def test_two_clients_that_create_under_one_condition_make_one(world: World):
    found: list[int] = []

    def create() -> None:
        found.append(world.ask("POST", "/Patient", patient("1"), if_none_exist="identifier=urn:x|1")[0])

    clients = [threading.Thread(target=create) for _ in range(8)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert sorted(found) == [200] * 7 + [201]


def test_a_deleted_version_is_gone_and_the_one_before_is_not(world: World):
    one = world.created(patient())
    world.ask("DELETE", f"/Patient/{one}")
    assert [world.ask("GET", f"/Patient/{one}/_history/{vid}")[0] for vid in (1, 2, 3)] == [200, 410, 404]


# digits


def test_patch_summary_and_elements_keep_every_digit(world: World):
    quantity = b'"valueQuantity":{"value":1.500,"unit":"mg"}'
    one = world.created(
        b'{"resourceType":"Observation","status":"final","code":{"text":"x"},' + quantity + b"}", "Observation"
    )
    steps = [
        {"op": "test", "path": "/valueQuantity/value", "value": 1.5},
        {"op": "add", "path": "/language", "value": "de"},
    ]
    assert world.ask("PATCH", f"/Observation/{one}", steps, content_type=PATCH)[0] == 200
    assert quantity in world.body("Observation", one)
    for part in ("_summary=data", "_elements=value"):
        with_digits = json.dumps(_raw(world, f"/Observation/{one}?{part}"), default=str)
        assert '"1.500"' in with_digits, part


@pytest.mark.parametrize(("number", "status"), [("1e-99999999999999999999", 200), ("1e99999999999999999999", 400)])
def test_numbers_beyond_any_are_no_fault(world: World, number: str, status: int):
    one = world.created(
        b'{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1e-99999999999999999999}}',
        "Observation",
    )
    steps = f'[{{"op":"replace","path":"/valueQuantity/value","value":{number}}}]'.encode()
    assert world.ask("PATCH", f"/Observation/{one}", steps, content_type=PATCH)[0] == status
    assert world.ask("GET", f"/Observation/{one}?_summary=true")[0] == 200


def _raw(world: World, url: str) -> Any:
    """Decoded with numbers as they are written."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    path, _, query = url.partition("?")
    scope = {"type": "http", "method": "GET", "path": f"/fhir{path}", "query_string": query.encode(), "client": None}
    asyncio.run(world.application({**scope, "headers": [(b"authorization", b"Bearer admin")]}, receive, send))
    return json.loads(sent[1]["body"], parse_float=str)


# HTTP


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/fhir+json;q=0.9, */*;q=0.1", 200),
        ("application/fhir+xml, application/fhir+json;q=0.5", 200),
        ("APPLICATION/FHIR+JSON", 200),
        ("application/fhir+json;q=0", 406),
        ("application/fhir+xml, */*;q=0.0", 406),
    ],
)
def test_accept(world: World, accept: str, status: int):
    assert world.ask("GET", "/Patient", accept=accept)[0] == status


@pytest.mark.parametrize("form", ["application/fhir%2Bjson", "application/fhir+json", "JSON", "json;fhirVersion=4.0"])
def test_format(world: World, form: str):
    assert world.ask("GET", f"/Patient?_format={form}")[0] == 200


@pytest.mark.parametrize(
    ("asked", "encoding"), [("gzip", "gzip"), ("gzip;q=0", None), ("br, GZIP;q=0.5", "gzip"), ("", None)]
)
def test_compression_only_where_it_is_wanted(world: World, asked: str, encoding: str | None):
    div = f"<div xmlns='http://www.w3.org/1999/xhtml'>{'x' * 2000}</div>"
    one = world.created(patient(text={"status": "generated", "div": div}))
    status, headers, _ = world.ask("GET", f"/Patient/{one}", accept_encoding=asked)
    assert (status, headers.get("content-encoding"), headers["vary"]) == (200, encoding, "accept-encoding")


def test_bodies_may_be_gzip_and_no_bombs(world: World):
    packed = gzip.compress(json.dumps(patient("1")).encode())
    assert world.ask("POST", "/Patient", packed, content_encoding="gzip")[0] == 201
    assert world.ask("POST", "/Patient", packed[:-9], content_encoding="gzip")[0] == 400
    assert world.ask("POST", "/Patient", b"{}", content_encoding="gzip")[0] == 400
    assert world.ask("POST", "/Patient", packed, content_encoding="br")[0] == 415
    world.application.limits = Limits(body=100_000)
    assert world.ask("POST", "/Patient", gzip.compress(b" " * 10_000_000), content_encoding="gzip")[0] == 413


def test_no_length_where_there_can_be_no_body(world: World):
    one = world.created(patient())
    assert "content-length" not in world.ask("GET", f"/Patient/{one}", if_none_match='W/"1"')[1]
    assert "content-length" not in world.ask("DELETE", f"/Patient/{one}")[1]


def test_validation_does_not_claim_what_it_does_not_do(world: World):
    asked = {"resourceType": "Parameters", "parameter": [{"name": "profile", "valueUri": "http://x.org/p"}]}
    assert world.ask("POST", "/Patient/$validate?profile=http://x.org/p", patient())[0] == 400
    assert world.ask("POST", "/Patient/$validate", asked)[0] == 400
    assert world.ask("POST", "/Patient/$validate", patient(), role="read")[0] == 200


# who may, and what the audit keeps


def test_who_only_reads_writes_by_no_detour(world: World):
    whole = bundle("batch", entry("POST", "Patient", patient("1")))
    form = "application/x-www-form-urlencoded"
    for method, url, content, media in (
        ("POST", "/", whole, FHIR),
        ("POST", "/_search", whole, form),
        ("POST", "/Patient/1/$nof1-assess", None, FHIR),
        ("POST", "/Patient/1/$nof1-assess/_search", b"", form),
        ("GET", "/$export", None, FHIR),
        ("POST", "/Patient/$export", None, FHIR),
        ("POST", "/metadata", whole, FHIR),
    ):
        assert world.ask(method, url, content, role="read", content_type=media)[0] in (400, 403), url
    assert world.number("Patient?identifier=urn:x|1") == 0


def test_every_entry_of_a_bundle_is_in_the_audit(world: World):
    one = world.created(patient("1"))
    world.ask("POST", "/", bundle("batch", entry("GET", f"Patient/{one}"), entry("GET", "Patient?identifier=urn:x|1")))
    _, _, found = world.ask(
        "POST",
        "/",
        bundle(
            "transaction",
            entry("DELETE", f"Patient/{one}"),
            entry("POST", "Patient", patient()),
            entry("GET", "Basic?_id=x"),
        ),
    )
    batch, transaction = ([_kept(part) for part in event["entity"]] for event in world.audited()[-2:])
    assert batch == [("read 200", f"Patient/{one}", ""), ("search 200", "Patient", "identifier=urn:x|1")]
    assert transaction == [
        ("delete 204", f"Patient/{one}", ""),
        ("create 201", name_of(found, 1), ""),
        ("search 200", "Basic", "_id=x"),
    ]


def _kept(entity: Json) -> tuple[str, str, str]:
    return entity["description"], entity["what"]["reference"], base64.b64decode(entity.get("query", "")).decode()


def test_who_may_not_is_named_in_the_audit(world: World):
    world.ask("DELETE", "/Patient/1", role="read")
    world.ask("GET", "/Patient/2", role="guess")
    told = [(one["agent"][0]["who"]["display"], one["entity"][0]["what"]["reference"]) for one in world.audited()[-2:]]
    assert told == [("read", "Patient/1"), ("not let in", "Patient/2")]


def test_who_guesses_at_tokens_has_to_wait(world: World):
    limits = Limits(rate=1.0, burst=3)
    world.application.limits = world.application.buckets.limits = limits
    assert [world.ask("GET", "/Patient", role="guess")[0] for _ in range(5)] == [401, 401, 401, 429, 429]


def test_a_token_of_another_algorithm_than_its_key_is_refused(world: World, tmp_path: Path):
    mine, other = rsa.generate_private_key(public_exponent=65537, key_size=2048), ec.generate_private_key(ec.SECP256R1())
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(mine.public_key()))
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [{**public, "kid": "one", "use": "sig"}]}))
    world.application.access = Access({}, read_issuer("i", "a", tmp_path / "keys.json"))
    claims = {"iss": "i", "aud": "a", "sub": "d", "exp": time.time() + 60, "roles": ["admin"]}
    assert world.ask("GET", "/Patient", role=jwt.encode(claims, mine, "RS256", {"kid": "one"}))[0] == 200
    assert world.ask("GET", "/Patient", role=jwt.encode(claims, other, "ES256", {"kid": "one"}))[0] == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "localhost:8080"}, 200),
        ({"host": "[::1]:8080"}, 200),
        ({"host": "evil.example"}, 403),
        ({"host": "127.0.0.1.evil.example"}, 403),
        ({"host": "127.0.0.1:8080", "origin": "https://evil.example"}, 403),
        ({"host": "127.0.0.1:8080", "origin": "null"}, 403),
        ({"host": "127.0.0.1:8080", "origin": "http://localhost:3000"}, 200),
    ],
)
def test_an_open_server_is_not_opened_by_a_page_of_elsewhere(world: World, headers: dict[str, str], status: int):
    world.application.access = Access()
    assert world.ask("GET", "/Patient", role="", **headers)[0] == status


# exports and imports


def finished(world: World, headers: dict[str, str]) -> Json:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        status, _, found = world.ask("GET", headers["content-location"].removeprefix(BASE))
        if status != 202:
            assert status == 200, found
            return dict(found)
        time.sleep(0.02)
    raise AssertionError("the export does not end")


def test_an_export_takes_parameters_and_gives_its_files_to_who_asks_for_them(world: World):
    world.created(patient())
    world.created(observation("Patient/x"), "Observation")
    asked = {"resourceType": "Parameters", "parameter": [{"name": "_type", "valueString": "Patient"}]}
    status, headers, _ = world.ask("POST", "/$export", asked)
    found = finished(world, headers)
    assert status == 202 and [one["type"] for one in found["output"]] == ["Patient"]
    url = found["output"][0]["url"].removeprefix(BASE)
    assert world.ask("GET", url, accept="application/fhir+ndjson")[0] == 200
    assert world.ask("GET", "/Patient", accept="application/fhir+ndjson")[0] == 406
    folder = world.folder / "exports" / url.split("/")[2]
    assert folder.stat().st_mode & 0o077 == 0
    for wrong in ({"name": "_typ", "valueString": "Patient"}, {"name": "_type"}, "x"):
        assert world.ask("POST", "/$export", {**asked, "parameter": [wrong]})[0] == 400


def test_what_is_committed_while_an_export_is_asked_for_is_in_the_next_one(world: World):
    world.created(patient())
    late = patient(id="late")
    with world.service.database.write() as w:  # its time is before the export's, its commit after it
        put(w, "Patient", "late", json.dumps(late).encode(), indexed(late), now=world.service.now())
        _, headers, _ = world.ask("GET", "/$export")
        first = finished(world, headers)
    assert first["output"][0]["count"] == 1
    _, headers, _ = world.ask("GET", f"/$export?_since={first['transactionTime']}")
    url = finished(world, headers)["output"][0]["url"].removeprefix(BASE)
    assert "late" in [json.loads(line)["id"] for line in world.ask("GET", url)[2].splitlines()]


def test_an_export_that_is_cancelled_while_it_waits_leaves_nothing(world: World):
    world.created(patient())
    exports, gate = world.application.exports, threading.Event()
    exports._pool.submit(gate.wait)
    name = exports.start(Asked(), "x", 0)
    assert exports.cancel(name)
    gate.set()
    exports._pool.submit(int).result(20)  # the one before has ended
    assert list((world.folder / "exports").iterdir()) == [] and exports.job(name) is None


def test_a_long_export_is_not_cut_off_as_a_long_question_is(world: World, monkeypatch: pytest.MonkeyPatch):
    for _ in range(5):
        world.created(patient())
    monkeypatch.setattr("nof1.store.sqlite._STEPS", 1)
    store = opened(str(world.folder / "r.sqlite"), deadline_s=3600)
    store._record._deadline_s = -1.0  # type: ignore[attr-defined]
    try:
        with pytest.raises(StoreUnavailable), store.read() as r:
            r.rows("SELECT * FROM version")
        assert export(store, world.folder / "long", Asked()) == [("Patient", "Patient.ndjson", 5)]
    finally:
        store.close()


def imported(world: World, *paths: Path) -> Any:
    return import_files(world.service, list(paths), workers=0)


def test_a_file_with_nothing_but_faults_is_told(world: World, tmp_path: Path):
    (tmp_path / "a.json").write_text('{"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":null}]}')
    assert [place for place, _ in imported(world, tmp_path / "a.json").left_out] == ["a.json"]


def test_files_of_one_name_size_and_time_are_not_taken_for_one(world: World, tmp_path: Path):
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "p.json").write_text(json.dumps(patient(id=f"p{name}")))
        os.utime(tmp_path / name / "p.json", (1, 1))
        assert imported(world, tmp_path / name).stored == 1
    os.utime(tmp_path / "x" / "p.json", (2, 2))
    assert imported(world, tmp_path / "x").again == 1  # the same bytes, touched


@pytest.mark.parametrize("reference", ["Practitioner?nothing=x", "Nothing?identifier=x", "Practitioner?identifier="])
def test_a_reference_that_is_no_search_does_not_end_an_import(world: World, tmp_path: Path, reference: str):
    note = {"resourceType": "Basic", "id": "n", "code": {"text": "x"}, "author": {"reference": reference}}
    (tmp_path / "a.ndjson").write_text(f"{json.dumps(note)}\n{json.dumps(patient(id='p'))}\n")
    assert imported(world, tmp_path / "a.ndjson").stored >= 1
    assert world.ask("GET", "/Patient/p")[0] == 200


def test_a_genome_of_somebody_else_is_not_the_authors(world: World, tmp_path: Path):
    (tmp_path / "g.vcf").write_text("##fileformat=VCFv4.2\n")
    kept = world.application.genomes.keep(tmp_path / "g.vcf")
    document = {
        "resourceType": "DocumentReference",
        "status": "current",
        "identifier": [{"system": SYSTEM, "value": kept.digest}, {"system": SYSTEM}],
        "subject": {"reference": "Patient/child"},
        "author": [{"reference": "Patient/mother"}],
        "content": [{"attachment": {"title": "g"}}],
    }
    world.created(document, "DocumentReference")
    with world.service.database.read() as r:
        found = {who: len(attached(r, world.application.genomes, who)[0]) for who in ("child", "mother")}
    assert found == {"child": 1, "mother": 0}


def test_a_group_may_name_a_version_of_a_patient(world: World):
    one = world.created(patient())
    member = {"entity": {"reference": f"Patient/{one}/_history/1"}}
    group = world.created({"resourceType": "Group", "type": "person", "actual": True, "member": [member]}, "Group")
    _, headers, _ = world.ask("GET", f"/Group/{group}/$export?_type=Patient")
    assert [part["count"] for part in finished(world, headers)["output"]] == [1]


def test_the_command_that_starts_the_server_begins_no_job_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    store = opened(str(tmp_path / "r.sqlite"))
    exports = Exports(store, tmp_path / "r.sqlite.exports")
    monkeypatch.setattr(exports, "_run", lambda _job: None)  # as if it was killed before it began
    name = exports.start(Asked(), "x", 0)
    exports.close()
    store.close()

    class Still:
        def __init__(self, *_given: Any, **_more: Any) -> None:
            pass

        def serve(self) -> None:
            time.sleep(0.3)

    monkeypatch.setattr("granian.Granian", Still)
    monkeypatch.setenv("NOF1_SERVER_SETTINGS", "")  # taken back afterwards
    serve(Settings(str(tmp_path / "r.sqlite")))
    found = exports.job(name)
    assert found is not None and found.state == "running"


def test_what_the_commands_write_is_for_nobody_else(tmp_path: Path):
    (tmp_path / "p.json").write_text(json.dumps(patient(id="p")))
    store, saved = str(tmp_path / "r.sqlite"), tmp_path / "saved.nof1"
    for command in (["import", str(tmp_path / "p.json")], ["backup", str(saved)], ["export", str(tmp_path / "out")]):
        whole = [sys.executable, "-c", "from nof1.cli.main import run; run()", "record", *command, "--database", store]
        subprocess.run(whole, check=True, capture_output=True)
    for path in (tmp_path / "r.sqlite", tmp_path / "r.sqlite.audit", saved, tmp_path / "out" / "Patient.ndjson"):
        assert path.stat().st_mode & 0o077 == 0, path.name


# what is told of the server


def test_the_capabilities_tell_no_more_than_is_so(world: World):
    told = world.ask("GET", "/metadata", role="")[2]["rest"][0]["resource"][0]
    one = world.created(observation("http://elsewhere.org/fhir/Patient/1"), "Observation")
    status = world.ask("PUT", f"/Observation/{one}", {**observation("Patient/2"), "id": one})[0]
    assert status == 200 and told["versioning"] == "versioned"  # no version need be stated
    assert "local" not in told["referencePolicy"] and "enforced" not in told["referencePolicy"]


def test_the_address_of_a_host_of_ipv6():
    assert Settings("r.sqlite", host="::1").base == "http://[::1]:8080/fhir"


@pytest.mark.parametrize("kind", ["export", "import"])
def test_a_stop_does_not_wait_for_jobs_and_the_next_start_ends_them(
    world: World, kind: str, monkeypatch: pytest.MonkeyPatch
):
    (world.folder / "in").mkdir()
    (world.folder / "in" / "p.ndjson").write_text("\n".join(json.dumps(patient(id=f"p{at}")) for at in range(1000)))
    monkeypatch.setattr("nof1.jobs.bulk_import._TOGETHER", 1)  # a transaction for each unit
    assert kind == "import" or imported(world, world.folder / "in").stored == 1000

    def made() -> Any:
        if kind == "import":
            return Imports(world.service, world.folder / "in", world.folder / "jobs")
        return Exports(world.service.database, world.folder / "jobs")

    jobs = made()
    jobs._is_ending.set()  # before it begins: a job of a thousand may be done sooner than it is stopped
    name = jobs.start(["p.ndjson"]) if kind == "import" else jobs.start(Asked(), "x", 0)
    jobs.close()
    assert jobs.job(name).state == "running"
    again = made()
    again._pool.submit(int).result(60)
    again.close()
    assert again.job(name).state == "done" and world.number("Patient?gender:missing=true") == 1000


def test_what_all_have_none_is_without(world: World):
    for _ in range(3):
        world.created(patient(gender="male"))
    assert world.number("Patient?gender:not=male") == 0 and world.number("Patient?gender:not=female") == 3
    world.created(patient())
    assert world.number("Patient?gender:not=male") == 1
    world.ask("DELETE", f"/Patient/{world.created(patient(gender='other'))}")
    assert world.number("Patient?gender:not=male") == 1


def test_files_of_an_export_are_kept_for_a_week(world: World):
    world.created(patient())
    folder = world.folder / "jobs"
    exports = Exports(world.service.database, folder)
    names = [exports.start(Asked(), "x", 0) for _ in range(2)]
    exports._pool.submit(int).result(60)
    assert [exports.job(name).state for name in names] == ["done", "done"]
    ended = exports.expires(names[0]) - 7 * 86_400
    assert abs(ended - time.time()) < 60
    os.utime(folder / names[0] / "export.json", (ended - 8 * 86_400,) * 2)
    third = exports.start(Asked(), "x", 0)
    exports._pool.submit(int).result(60)
    exports.close()
    assert [exports.job(name) is None for name in (*names, third)] == [True, False, False]
    assert not (folder / names[0]).exists() and exports.file(names[1], "Patient.ndjson")
    os.utime(folder / names[1] / "export.json", (ended - 8 * 86_400,) * 2)
    Exports(world.service.database, folder).close()
    assert sorted(path.name for path in folder.iterdir()) == [third]
