"""A real server: the command, on a store of its own, answering on loopback."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx


@dataclass
class Server:
    """A server that runs, as a client of it: ``request`` takes a path below its base, or a whole address."""

    base: str
    process: subprocess.Popen[bytes]
    log: Path
    client: httpx.Client

    def request(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        whole = url if url.startswith("http") else f"{self.base}{url}"
        found = self.client.request(method, whole, headers=dict(headers), content=content or None)
        return found.status_code, dict(found.headers), found.content


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def served(folder: Path, *options: str, database: str = "") -> Iterator[Server]:
    port = free_port()
    log = folder / "server.log"
    store = database or str(folder / "r.sqlite")
    command = [
        sys.executable,
        "-c",
        "from nof1.cli.main import run; run()",
        "serve",
        "--port",
        str(port),
        "--database",
        store,
    ]
    with log.open("wb") as out:
        process = subprocess.Popen([*command, *options], stdout=out, stderr=subprocess.STDOUT, cwd=folder)
    base = f"http://127.0.0.1:{port}/fhir"
    with httpx.Client(timeout=30) as client:
        try:
            _await(client, f"{base}/metadata", process, log)
            yield Server(base, process, log, client)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await(client: httpx.Client, url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        try:
            if client.get(url).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"the server did not start: {log.read_text()}")
