"""Import and export of whole records, and DICOM: nothing lost, nothing doubled, also where it is killed on the way."""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from serving import Server, served

from nof1.jobs.bulk_import import import_files
from nof1.rest.service import Service
from nof1.store import streams
from nof1.store.audit import Audit
from nof1.store.check import check
from nof1.store.database import opened

DATA = Path(os.environ.get("NOF1_REFERENCE_DATA", Path(__file__).resolve().parents[3] / "shared/data"))
SYNTHEA = sorted((DATA / "fhir/synthea").glob("*.json.gz"))
needs_synthea = pytest.mark.skipif(not SYNTHEA, reason=f"no Synthea bundles at {DATA}: set NOF1_REFERENCE_DATA")
COMMAND = [sys.executable, "-c", "from nof1.cli.main import run; run()", "record"]
Json = dict[str, Any]


def people(number: int, per: int = 5) -> list[Json]:
    """Transaction bundles of one patient each with some measurements that refer to it."""
    found = []
    for at in range(number):
        urn = f"urn:uuid:00000000-0000-0000-0000-{at:012}"
        who = {"resourceType": "Patient", "id": f"p{at}", "name": [{"family": f"F{at}"}]}
        entries = [{"fullUrl": urn, "resource": who, "request": {"method": "POST", "url": "Patient"}}]
        for n in range(per):
            weight = {
                "resourceType": "Observation",
                "status": "final",
                "code": {"text": "weight"},
                "subject": {"reference": urn},
                "valueQuantity": {"value": 60 + n, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
            }
            entries.append(
                {
                    "fullUrl": f"urn:uuid:00000000-0000-{n + 1:04}-0000-{at:012}",
                    "resource": weight,
                    "request": {"method": "POST", "url": "Observation"},
                }
            )
        found.append({"resourceType": "Bundle", "type": "transaction", "entry": entries})
    return found  # fmt: skip


def write(folder: Path, bundles: list[Json]) -> None:
    folder.mkdir()
    for at, one in enumerate(bundles):
        (folder / f"{at:04}.json").write_text(json.dumps(one))


def stored(path: Path) -> dict[str, int]:
    store = opened(str(path))
    try:
        with store.read() as r:
            return {kind: sum(1 for _ in streams.bodies(r, kind)) for kind in streams.kinds(r)}
    finally:
        store.close()


def importing(path: Path, *paths: Path, **options: Any) -> Any:
    store = opened(str(path))
    service = Service(store, Audit(store), "")
    try:
        return import_files(service, list(paths), **options)
    finally:
        service.close()


def test_bundles_lines_and_what_cannot_be_stored(tmp_path: Path):
    write(tmp_path / "in", people(3))
    good = {"resourceType": "Patient", "id": "line"}
    lines = [json.dumps(good), "{broken", json.dumps({"resourceType": "Patient", "gender": "f"}), json.dumps({"x": 1})]
    (tmp_path / "in/more.ndjson.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    (tmp_path / "in/cut.json.gz").write_bytes(gzip.compress(json.dumps(good).encode())[:-9])
    found = importing(tmp_path / "r.sqlite", tmp_path / "in", workers=0)
    assert stored(tmp_path / "r.sqlite") == {"Observation": 15, "Patient": 4}
    told = dict(found.left_out)
    assert set(told) == {"cut.json.gz", "more.ndjson.gz line 2", "more.ndjson.gz line 3", "more.ndjson.gz line 4"}
    assert "Patient.gender" in told["more.ndjson.gz line 3"] and "cut off" in told["cut.json.gz"]


def test_a_second_run_stores_nothing_again_and_one_that_is_asked_to_does_not_double(tmp_path: Path):
    write(tmp_path / "in", people(3))
    importing(tmp_path / "r.sqlite", tmp_path / "in", workers=0)
    again = importing(tmp_path / "r.sqlite", tmp_path / "in", workers=0)
    assert (again.stored, again.again) == (0, 3)
    assert importing(tmp_path / "r.sqlite", tmp_path / "in", workers=0, is_again=True).stored == 18
    assert stored(tmp_path / "r.sqlite") == {"Observation": 15, "Patient": 3}


def test_references_by_a_search_become_what_they_match_or_logical(tmp_path: Path):
    doctor = {"resourceType": "Practitioner", "id": "d", "identifier": [{"system": "urn:npi", "value": "1"}]}
    note = {
        "resourceType": "Basic",
        "id": "n",
        "code": {"text": "x"},
        "author": {"reference": "Practitioner?identifier=urn:npi|1"},
    }
    lost = {**note, "id": "l", "author": {"reference": "Practitioner?identifier=urn:npi|2", "display": "who"}}
    (tmp_path / "a.json").write_text(json.dumps(doctor))
    (tmp_path / "b.ndjson").write_text(f"{json.dumps(note)}\n{json.dumps(lost)}")
    found = importing(tmp_path / "r.sqlite", tmp_path / "a.json", tmp_path / "b.ndjson", workers=0)
    store = opened(str(tmp_path / "r.sqlite"))
    with store.read() as r:
        authors = {one["id"]: one["author"] for one in map(json.loads, streams.bodies(r, "Basic"))}
    store.close()
    assert found.logical == 1
    assert authors == {
        "n": {"reference": "Practitioner/d"},
        "l": {"type": "Practitioner", "identifier": {"system": "urn:npi", "value": "2"}, "display": "who"},
    }


def killed_import(tmp_path: Path, rounds: int, seed: int) -> None:
    """Kills imports at random moments until one ends by itself; then all is there once, and every index is whole."""
    write(tmp_path / "in", people(60, 20))
    store, chance = tmp_path / "r.sqlite", random.Random(seed)
    command = [*COMMAND, "import", str(tmp_path / "in"), "--database", str(store), "--workers", "0"]
    for _ in range(rounds):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.3, 1.2))
        process.send_signal(signal.SIGKILL)
        process.wait()
        if store.exists():
            found = stored(store)
            assert found.get("Observation", 0) == 20 * found.get("Patient", 0), "half a bundle was stored"
    assert subprocess.run(command, check=True, capture_output=True).returncode == 0
    assert stored(store) == {"Observation": 1200, "Patient": 60}
    whole = opened(str(store))
    assert check(whole) == []
    with whole.read() as r:
        assert r.row("SELECT max(vid) FROM resource") == (1,)  # nothing was stored twice
    whole.close()


def test_a_killed_import_goes_on(tmp_path: Path):
    killed_import(tmp_path, 4, 1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_a_killed_import_goes_on_always(tmp_path: Path, seed: int):
    killed_import(tmp_path, 20, seed)


@needs_synthea
def test_synthea_is_stored_whole_exported_and_stored_again_the_same(tmp_path: Path):
    (tmp_path / "in").mkdir()
    for path in SYNTHEA[:4]:
        shutil.copy(path, tmp_path / "in")
    found = importing(tmp_path / "a.sqlite", tmp_path / "in", workers=1)
    assert found.left_out == [] and found.stored == sum(stored(tmp_path / "a.sqlite").values())
    subprocess.run(
        [*COMMAND, "export", str(tmp_path / "out"), "--database", str(tmp_path / "a.sqlite")],
        check=True,
        capture_output=True,
    )
    importing(tmp_path / "b.sqlite", tmp_path / "out", workers=0)
    bodies = []
    for name in ("a", "b"):
        store = opened(str(tmp_path / f"{name}.sqlite"))
        assert check(store) == []
        with store.read() as r:
            every = [json.loads(body) for kind in streams.kinds(r) for body in streams.bodies(r, kind)]
        bodies.append(
            {(one["resourceType"], one["id"]): {**one, "meta": {**one["meta"], "lastUpdated": ""}} for one in every}
        )
        store.close()
    assert bodies[0] == bodies[1]


def test_bulk_data_export_over_http(tmp_path: Path):
    write(tmp_path / "in", people(4, 2))
    importing(tmp_path / "r.sqlite", tmp_path / "in", workers=0)
    with served(tmp_path) as server:
        group = {
            "resourceType": "Group",
            "id": "g",
            "type": "person",
            "actual": True,
            "member": [{"entity": {"reference": "Patient/p1"}}],
        }
        assert (
            server.request("PUT", "/Group/g", {"content-type": "application/fhir+json"}, json.dumps(group).encode())[0]
            == 201
        )
        assert counts(server, "/$export") == {"Patient": 4, "Observation": 8, "Group": 1}
        assert counts(server, "/Patient/$export?_type=Observation") == {"Observation": 8}
        assert counts(server, "/Group/g/$export") == {"Patient": 1, "Observation": 2, "Group": 1}
        assert counts(server, "/$export?_since=2100-01-01T00:00:00Z") == {}
        for wrong in ("/$export?_type=Nothing", "/$export?_outputFormat=csv", "/$export?_since=soon", "/Group/none/$export"):
            assert server.request("GET", wrong, {}, b"")[0] == 400, wrong


def test_import_over_http(tmp_path: Path):
    (tmp_path / "here").mkdir()
    write(tmp_path / "here/in", people(4, 2))
    (tmp_path / "here/in/bad.json").write_text('{"resourceType":"Patient","gender":"f"}')
    (tmp_path / "secret.json").write_text('{"resourceType":"Patient"}')
    fhir = {"content-type": "application/fhir+json"}

    def begin(server: Server, source: str) -> tuple[int, dict[str, str], bytes]:
        asked = {"resourceType": "Parameters", "parameter": [{"name": "source", "valueString": source}]}
        return server.request("POST", "/$import", fhir, json.dumps(asked).encode())

    with served(tmp_path, "--import-folder", str(tmp_path / "here")) as server:
        status, headers, _ = begin(server, "in")
        assert status == 202
        until = time.monotonic() + 20
        while status == 202 and time.monotonic() < until:
            status, _, body = server.request("GET", headers["content-location"], {}, b"")
            time.sleep(0.05)
        told = [one["diagnostics"] for one in json.loads(body)["issue"]]
        assert status == 200 and told[0] == "12 resources are stored" and "bad.json" in told[1] and len(told) == 2
        for wrong in ("../secret.json", str(tmp_path / "secret.json"), "none", ""):
            assert begin(server, wrong)[0] == 400, wrong
    with served(tmp_path) as server:
        assert begin(server, "in")[0] == 400


def counts(server: Server, url: str) -> dict[str, int]:
    """Lines of each file of an export, all of which are whole resources."""
    status, headers, _ = server.request("GET", url, {"prefer": "respond-async"}, b"")
    assert status == 202
    status, until = 202, time.monotonic() + 20
    while status == 202 and time.monotonic() < until:
        status, _, body = server.request("GET", headers["content-location"], {}, b"")
        time.sleep(0.05)
    found = {}
    for one in json.loads(body)["output"]:
        _, told, lines = server.request("GET", one["url"], {}, b"")
        assert told["content-type"] == "application/fhir+ndjson"
        resources = [json.loads(line) for line in lines.splitlines()]
        assert {resource["resourceType"] for resource in resources} == {one["type"]} and len(resources) == one["count"]
        found[one["type"]] = len(resources)
    assert server.request("DELETE", headers["content-location"], {}, b"")[0] == 202
    assert server.request("GET", headers["content-location"], {}, b"")[0] == 404
    return found
