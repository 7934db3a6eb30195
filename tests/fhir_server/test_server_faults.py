"""Disk full, database gone, two writers: told to wait, or told no, and all goes on once the trouble is over."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from embedded import new_database, postgresql
from fault_load import CLIENTS, PER_BUNDLE, Client, Notes, accesses, groups, missing
from fuzz_cases import Case
from fuzz_client import Sender
from serving import Server, served

from nof1.store.audit import verify
from nof1.store.check import check
from nof1.store.database import opened

FHIR = {"content-type": "application/fhir+json"}


def patient(name: str, text: str = "x") -> bytes:
    return json.dumps({"resourceType": "Patient", "id": name, "name": [{"family": text}]}).encode()


def is_told_to_wait(told: tuple[int, dict[str, str], bytes]) -> bool:
    """Whether it is a 503 as it should be: when to come again, and why, on one line."""
    status, headers, body = told
    assert status == 503, body
    assert int(headers["retry-after"]) > 0
    issue = json.loads(body)["issue"][0]
    assert issue["code"] == "transient" and "\n" not in issue["diagnostics"]
    return True


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A disk of its own; skips where none may be mounted."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError:
        pytest.skip("no command to mount a small disk")
    if done.returncode:
        pytest.skip("a small disk can be mounted by root only")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk(tmp_path: Path):
    with small_disk(tmp_path / "disk", 100) as disk, served(tmp_path, database=str(disk / "r.sqlite")) as server:
        stored, told = [], server.request("PUT", "/Patient/n0", FHIR, patient("n0"))
        while told[0] in (200, 201) and len(stored) < 2000:
            stored.append(f"n{len(stored)}")
            told = server.request("PUT", f"/Patient/{stored[-1]}", FHIR, patient(stored[-1], "x" * 200_000))
        stored.pop()
        assert len(stored) > 50 and is_told_to_wait(told)
        for _ in range(3):  # no room for a write, but for what the audit says of a read
            assert {server.request("GET", f"/Patient/{name}", {}, b"")[0] for name in stored} == {200}
            assert is_told_to_wait(server.request("PUT", "/Patient/n0", FHIR, patient("n0", "y")))
        _fill(disk / "filler")  # another program takes the rest
        statuses = set()
        for _ in range(300):  # no access without its event: nothing is answered at last, and nothing is a fault
            told = server.request("GET", f"/Patient/{stored[0]}", {}, b"")
            statuses.add(told[0])
            assert told[0] == 200 or is_told_to_wait(told)
        assert 503 in statuses
        assert is_told_to_wait(server.request("GET", "/$export", {"prefer": "respond-async"}, b""))
        assert server.request("GET", "/metadata", {}, b"")[0] == 200
        (disk / "filler").unlink()
        assert {server.request("GET", f"/Patient/{name}", {}, b"")[0] for name in stored} == {200}
        assert is_told_to_wait(server.request("PUT", "/Patient/n0", FHIR, patient("n0", "y")))
        subprocess.run(["mount", "-o", "remount,size=200m", str(disk)], check=True)
        assert server.request("PUT", "/Patient/n0", FHIR, patient("n0", "after"))[0] == 200
        assert b"after" in server.request("GET", "/Patient/n0", {}, b"")[2]
        assert "Traceback" not in server.log.read_text() and " fault " not in server.log.read_text()
        assert _is_whole(str(disk / "r.sqlite"))


def _fill(path: Path) -> int:
    """Writes until the disk is full; how much."""
    written = 0
    with path.open("wb", buffering=0) as out:
        for size in (100_000, 4096, 1):
            try:
                while True:
                    written += out.write(b"x" * size)
            except OSError:
                continue
    return written


def _is_whole(address: str) -> bool:
    database = opened(address)
    try:
        assert check(database) == []
        with database.read_audit() as r:
            assert verify(r) is None
    finally:
        database.close()
    return True


def test_backends_of_postgresql_are_ended(tmp_path: Path, database_server: Any):
    """Each of many times, while clients write: what was answered is there, and the next request but a few succeeds."""
    url = new_database(database_server, "ended")
    with served(tmp_path, database=url) as server:
        port, notes = int(server.base.split(":")[2].partition("/")[0]), Notes()
        clients = [Client(port, f"c{at}", notes, at) for at in range(CLIENTS)]
        for client in clients:
            client.start()
        for at in range(12):
            time.sleep(0.1)
            with psycopg.connect(url, autocommit=True) as one:
                one.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            assert _recovers(server, f"t{at}") < 5
        server.process.terminate()
        server.process.wait(20)
        for client in clients:
            client.join(30)
    assert set(notes.others) <= {0, 503} and notes.others[503] > 0, notes.others
    _verify_notes(url, notes)


def _verify_notes(url: str, notes: Notes) -> None:
    database = opened(url)
    try:
        assert len(notes.versions) > 50 and missing(database, notes) == []
        with database.read() as r:
            found, _ = groups(r)
        assert set(found.values()) == {(PER_BUNDLE, PER_BUNDLE)} and set(notes.groups) <= set(found)
        with database.read_audit() as r:
            assert notes.accesses - accesses(r)[0] == {}
    finally:
        database.close()
    assert _is_whole(url)


def _recovers(server: Server, name: str) -> float:
    """Seconds until a write and a read succeed; meanwhile the client is told to wait."""
    start = time.monotonic()
    while time.monotonic() < start + 20:
        told = server.request("PUT", f"/Patient/{name}", FHIR, patient(name))
        if told[0] in (200, 201):
            told = server.request("GET", f"/Patient/{name}", {}, b"")
            if told[0] == 200:
                return time.monotonic() - start
        assert is_told_to_wait(told)
        time.sleep(0.02)
    raise AssertionError("it does not come back")


def test_postgresql_is_stopped_and_started(tmp_path: Path):
    with postgresql() as database:
        url = new_database(database, "stopped")
        with served(tmp_path, database=url) as server:
            assert _recovers(server, "before") < 5
            for at in range(2):
                database.crash()
                for method, body in (("PUT", patient("before")), ("GET", b"")):
                    start = time.monotonic()
                    assert is_told_to_wait(server.request(method, "/Patient/before", FHIR if body else {}, body))
                    assert time.monotonic() - start < 10
                assert server.request("GET", "/metadata", {}, b"")[0] == 200
                database.start()
                assert _recovers(server, f"after{at}") < 10
                assert server.request("GET", "/Patient/before", {}, b"")[0] == 200
            assert server.process.poll() is None
        assert _is_whole(url)


@pytest.mark.parametrize("versions", [40, pytest.param(300, marks=pytest.mark.slow)])
def test_of_two_writers_with_one_version_exactly_one_wins(tmp_path: Path, address: str, versions: int):
    with served(tmp_path, database=address) as server:
        port = int(server.base.split(":")[2].partition("/")[0])
        assert server.request("PUT", "/Patient/one", FHIR, patient("one"))[0] == 201
        start, results = threading.Barrier(2), []

        def write(name: str) -> None:
            sender = Sender(port)
            for version in range(1, versions + 1):
                headers = (("content-type", "application/fhir+json"), ("if-match", f'W/"{version}"'))
                start.wait(30)
                told = sender.send(Case("", "PUT", "/Patient/one", headers, patient("one", f"{name}{version}")))
                results.append((version, told.status, name))
            sender.close()

        writers = [threading.Thread(target=write, args=(name,)) for name in "ab"]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join(60)
        for version in range(1, versions + 1):
            assert sorted(status for at, status, _ in results if at == version) == [200, 412], version
            [winner] = [name for at, status, name in results if at == version and status == 200]
            _, _, body = server.request("GET", f"/Patient/one/_history/{version + 1}", {}, b"")
            assert json.loads(body)["name"][0]["family"] == f"{winner}{version}"
    assert _is_whole(address)
