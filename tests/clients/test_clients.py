"""Clients that others wrote, against the running server: fhirclient and fhirpy (Python), fhir-kit-client and Medplum's (npm)."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "fhir_server"))

from serving import Server, served  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]  # what clients warn of is theirs
NPM = HERE / "node_modules"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp("clients")) as one:
        yield one


@pytest.mark.skipif(not NPM.is_dir() or not shutil.which("node"), reason=f"no npm clients: npm ci in {HERE.name}")
@pytest.mark.parametrize("script", ["kit.mjs", "medplum.mjs"])
def test_npm_clients(server: Server, script: str):
    found = subprocess.run(["node", script, server.base], cwd=HERE, capture_output=True, text=True, check=False, timeout=120)
    assert found.stdout.strip() == "done", found.stderr


def test_fhirclient(server: Server):
    client = pytest.importorskip("fhirclient.client", reason="fhirclient is not installed: pip install nof1[clients]")
    from fhirclient.models.humanname import HumanName
    from fhirclient.models.patient import Patient

    smart = client.FHIRClient(settings={"app_id": "test", "api_base": server.base})
    smart.prepare()
    family = f"Smart{uuid4().hex[:8]}"
    person = Patient({"name": [{"family": family}], "birthDate": "1970-05-28"})
    made = person.create(smart.server)
    assert made["name"][0]["family"] == family
    (found,) = Patient.where(struct={"family": family}).perform_resources(smart.server)
    assert found.id == made["id"]
    found.name.append(HumanName({"given": ["Eva"]}))
    assert found.update(smart.server)["meta"]["versionId"] == "2"
    assert Patient.read(found.id, smart.server).name[1].given == ["Eva"]
    found.delete(smart.server)
    assert Patient.where(struct={"family": family}).perform_resources(smart.server) == []


def test_fhirpy(server: Server):
    fhirpy = pytest.importorskip("fhirpy", reason="fhirpy is not installed: pip install nof1[clients]")

    async def talk() -> None:
        client = fhirpy.AsyncFHIRClient(server.base)
        family = f"Py{uuid4().hex[:8]}"
        made = [client.resource("Patient", name=[{"family": family}]) for _ in range(5)]
        for one in made:
            await one.save()
        people = client.resources("Patient").search(family=family)
        # its count() asks with a parameter of one vendor, which is refused here as any unknown one
        assert [one["id"] async for one in people.limit(2)] == [one["id"] for one in made]
        assert (await people.search(_id=made[0]["id"]).get())["id"] == made[0]["id"]
        made[0]["gender"] = "female"
        await made[0].save()
        assert (await client.reference("Patient", made[0]["id"]).to_resource())["gender"] == "female"
        await made[0].delete()
        assert len(await people.fetch_all()) == 4

    asyncio.run(talk())
