"""What is no good request is refused in one line, never with a fault of the server, and the store stays whole."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from fuzz_cases import Case, cases
from fuzz_client import Sender, Tally, fired
from openapi import description
from server_seeds import IDS, PATCHES, RESOURCES
from serving import Server, served

from nof1.store.audit import head, verify
from nof1.store.check import check
from nof1.store.database import opened

SCHEMATHESIS = shutil.which(os.environ.get("NOF1_SCHEMATHESIS", "schemathesis"))
needs_schemathesis = pytest.mark.skipif(
    SCHEMATHESIS is None,
    reason="no schemathesis: install it (also beside the project) and set NOF1_SCHEMATHESIS to its command",
)
# what is no HTTP, or ends too early: any answer will do, but nobody else may feel it
BROKEN = (
    b"\r\n\r\n",
    b"GET\r\n\r\n",
    b"GET /fhir/Patient HTTP/9.9\r\n\r\n",
    b"GET /fhir/Patient HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
    b"POST /fhir/Patient HTTP/1.1\r\nHost: a\r\nContent-Type: application/fhir+json\r\nContent-Length: 999\r\n\r\n{\"resourceType\":",
    b"POST /fhir/Patient HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /fhir/Patient HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    b"GET /fhir/Patient\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /fhir/ Patient HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /fhir/Patient HTTP/1.1\r\n" + b"X: y\r\n" * 500 + b"\r\n",
    b"GET /fhir/" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /fhir/Patient HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 300,
    b"\x00" * 5000,
)  # fmt: skip


def filled(server: Server) -> None:
    """Stores the valid resources under known ids, so that there is something to change and to find."""
    for name in IDS:
        for resource in RESOURCES:
            body = json.dumps({**resource, "id": name}).encode()
            headers = {"content-type": "application/fhir+json"}
            status, _, told = server.request("PUT", f"/{resource['resourceType']}/{name}", headers, body)
            assert status in (200, 201, 412), told  # the one with a condition finds several


def processes(server: Server) -> list[str]:
    """Those of the server: one that died is replaced, and must not be overlooked."""
    path = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    return path.read_text().split() if path.exists() else []


def fuzz(folder: Path, address: str, seed: int, number: int) -> Tally:
    """Sends ``number`` requests; then nothing is wrong, the server answers, and its store is whole."""
    (folder / "import").mkdir()
    (folder / "import" / "one.json").write_text(json.dumps({**RESOURCES[0], "id": "imported"}))
    with served(folder, "--import-folder", str(folder / "import"), database=address) as server:
        filled(server)
        before = processes(server)
        tally = fired(int(server.base.split(":")[2].partition("/")[0]), cases(seed, number))
        assert server.process.poll() is None and processes(server) == before
        assert server.request("GET", "/Patient/p7", {}, b"")[0] in (200, 404, 410)
        assert server.request("GET", "/metadata", {}, b"")[0] == 200
    log = server.log.read_text()
    told = "\n".join([f"{len(tally.faults)} faults of {tally.number}", *tally.faults[:15], log[-2000:]])
    assert not tally.faults, told
    assert " fault " not in log and "Traceback" not in log, log
    database = opened(address)
    try:
        assert check(database) == []
        with database.read_audit() as r:
            assert verify(r) is None
            assert head(r)[0] > number / 3
    finally:
        database.close()
    return tally


def test_spoilt_requests(tmp_path: Path, address: str):
    tally = fuzz(tmp_path, address, 1, 900)
    answered = {status for _, status in tally.statuses}
    assert {200, 201, 204, 400, 404, 405, 406, 412, 415, 422} <= answered  # that all parts were reached


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12, 13])
def test_very_many_spoilt_requests(tmp_path: Path, address: str, seed: int):
    tally = fuzz(tmp_path, address, seed, 10_000)
    print(f"\n{address[:10]} {seed}: {tally.number} requests, slowest {tally.slowest}, {sorted(tally.statuses.items())}")


def test_what_is_no_http_hurts_nobody(tmp_path: Path):
    with served(tmp_path) as server:
        port = int(server.base.split(":")[2].partition("/")[0])
        before = processes(server)
        for text in BROKEN:
            with socket.create_connection(("127.0.0.1", port), 5) as one:
                one.settimeout(0.2)
                try:
                    one.sendall(text)
                    one.recv(1000)
                except OSError:
                    pass
        waiting = [socket.create_connection(("127.0.0.1", port), 5) for _ in range(100)]
        for one in waiting:  # clients that never come to an end
            one.sendall(b"POST /fhir/Patient HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{")
        start = time.monotonic()
        assert server.request("GET", "/Patient", {}, b"")[0] == 200
        assert time.monotonic() - start < 2
        for one in waiting:
            one.close()
        sender = Sender(port)
        told = sender.send(Case("", "GET", "/Patient?_summary=count"))
        sender.close()
        assert told.status == 200 and json.loads(told.body)["total"] == 0, "half a request was carried out"
        assert processes(server) == before and "Traceback" not in server.log.read_text()


@needs_schemathesis
@pytest.mark.slow
def test_schemathesis(tmp_path: Path):
    """Its requests follow the server's own description, made of the CapabilityStatement; also those against it."""
    with served(tmp_path) as server:
        filled(server)
        _, _, body = server.request("GET", "/metadata", {}, b"")
        schema = tmp_path / "openapi.json"
        schema.write_text(json.dumps(description(json.loads(body), RESOURCES, PATCHES)))
        before = processes(server)
        checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
        command = [
            *(str(SCHEMATHESIS), "run", str(schema), "--url", server.base, "--checks", checks, "--mode", "all"),
            *("--phases", "examples,coverage,fuzzing", "--max-examples", os.environ.get("NOF1_SCHEMATHESIS_EXAMPLES", "60")),
            *("--max-response-time", "10", "--continue-on-failure", "--seed", "1", "--no-color", "--workers", "2"),
        ]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
        print(done.stdout[-3000:])
        assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
        assert processes(server) == before
        assert server.request("GET", "/metadata", {}, b"")[0] == 200
    assert check_file(tmp_path / "r.sqlite") == []


def check_file(path: Path) -> Any:
    database = opened(str(path))
    try:
        return check(database)
    finally:
        database.close()
