"""Synthea's patients imported, a genome beside two of them, all assessed: a search tells who takes a drug that a phenotype advises against.

Lanell and Beatrice take clopidogrel and simvastatin, Angelic simvastatin, Ned none of them. Lanell and Ned get the same genome, which
has two CYP2C19 alleles without function; the other two are assessed without one.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from serving import Server, served

from nof1.knowledge.compiled import knowledge

NOF1 = [sys.executable, "-c", "from nof1.cli.main import run; run()"]
TAKES = {
    "Lanell756": {"Clopidogrel", "Simvastatin"},
    "Beatrice": {"Clopidogrel", "Simvastatin"},
    "Angelic": {"Simvistatin"},  # as Synthea writes it
    "Ned": set(),
}
GENE, FUNCTION, DRUG = "CYP2C19", "No function", "clopidogrel"
GENOTYPE = "code=http://loinc.org|84413-4"
POOR = "LA9657-3"  # LOINC: poor metabolizer
# as docs/reference/server.md gives it
SEARCH = (
    "/Task?_tag=urn:nof1:because-of|phenotype&code=http://loinc.org|LA26421-0&focus:missing=false"
    "&_include=Task:patient&_include=Task:focus"
)
Json = dict[str, Any]


def nof1(folder: Path, *command: str) -> str:
    found = subprocess.run([*NOF1, *command], cwd=folder, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    return found.stdout


@pytest.fixture(scope="module")
def bundles(reference_data: Path) -> dict[str, Path]:
    """The files by the first name of the person."""
    listed = {path.name.split("_")[1]: path for path in sorted((reference_data / "fhir" / "synthea").glob("*.json.gz"))}
    if not listed:
        pytest.skip(f"no Synthea bundles in {reference_data / 'fhir' / 'synthea'}: set NOF1_REFERENCE_DATA")
    return {name: listed[name] for name in TAKES}


@pytest.fixture(scope="module")
def ids(bundles: dict[str, Path]) -> dict[str, str]:
    """Ids of the patients."""
    return {name: next(one["id"] for one in resources(path, "Patient")) for name, path in bundles.items()}


def resources(path: Path, kind: str) -> list[Json]:
    entries = json.loads(gzip.decompress(path.read_bytes()))["entry"]
    return [entry["resource"] for entry in entries if entry["resource"]["resourceType"] == kind]


def without_function() -> dict[str, str]:
    """Position -> allele of the first allele of the gene that is without function and written with plain bases."""
    gene = knowledge().genes[GENE]
    known = {row.id: {row.ref, *row.alts} for row in gene.positions}
    for allele in gene.alleles:
        pairs = dict(token.split(":") for token in allele.variants.split() if ":" in token)
        if allele.function == FUNCTION and pairs and all(text in known[place] for place, text in pairs.items()):
            return pairs
    raise AssertionError(f"no allele of {GENE} with {FUNCTION!r} in the knowledge")


def genome() -> str:
    """A VCF with every position of the gene, homozygous for an allele without function, from what the knowledge holds."""
    gene, own = knowledge().genes[GENE], without_function()
    head = ("##fileformat=VCFv4.2", "##reference=GRCh38", '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">')
    lines = ["#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tsynthetic"]
    for row in sorted((row for row in gene.positions if row.used != "no"), key=lambda row: row.position):
        at = [row.ref, *row.alts].index(own.get(row.id, row.ref))
        fields = (
            gene.file.chromosome,
            row.position,
            row.id,
            row.ref,
            ",".join(row.alts),
            ".",
            "PASS",
            ".",
            "GT",
            f"{at}/{at}",
        )
        lines.append("\t".join(map(str, fields)))
    return "\n".join((*head, *lines, ""))


@pytest.fixture(scope="module")
def folder(bundles: dict[str, Path], ids: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("synthea")
    nof1(place, "record", "import", *map(str, bundles.values()))
    (place / "genome.vcf").write_text(genome())
    for name in ("Lanell756", "Ned"):
        assert nof1(place, "record", "attach", "--patient", ids[name], "genome.vcf").count("DocumentReference") == 1
    return place


def asked(server: Server, path: str) -> list[Json]:
    status, _, body = server.request("GET", path, {}, b"")
    assert status == 200, body
    return [entry["resource"] for entry in json.loads(body).get("entry", [])]


def test_the_patients_take_what_this_file_says(bundles: dict[str, Path]) -> None:
    for name, path in bundles.items():
        active = [one for one in resources(path, "MedicationRequest") if one["status"] == "active"]
        texts = {one["medicationCodeableConcept"]["text"].split()[0] for one in active}
        assert texts & {"Clopidogrel", "Simvastatin", "Simvistatin"} == TAKES[name]


def test_the_search_answers_who_takes_a_drug_that_the_phenotype_advises_against(folder: Path, ids: dict[str, str]) -> None:
    with served(folder, database=str(folder / "record.sqlite")) as server:
        assert asked(server, SEARCH) == []
        for patient in ids.values():
            status, _, body = server.request("POST", f"/Patient/{patient}/$nof1-assess", {}, b"")
            assert status == 200, body
        found = asked(server, SEARCH)
        tasks = [one for one in found if one["resourceType"] == "Task"]
        assert {one["for"]["reference"] for one in tasks} == {f"Patient/{ids['Lanell756']}"}
        assert {part["valueCodeableConcept"]["text"] for one in tasks for part in one["input"]} == {DRUG}
        included = {f"{one['resourceType']}/{one['id']}": one for one in found if one not in tasks}
        (taken,) = {one["focus"]["reference"] for one in tasks}
        assert set(included) == {f"Patient/{ids['Lanell756']}", taken}
        assert included[taken]["medicationCodeableConcept"]["text"] == DRUG
        # Ned has the same genotype and takes none of it, Beatrice takes it and nothing is known of her gene
        for name, patient in ids.items():
            genotypes = asked(server, f"/Observation?patient={patient}&{GENOTYPE}&value-concept:not=unknown")
            assert bool(genotypes) == (name in ("Lanell756", "Ned")), name
        poor = f"component-value-concept=http://loinc.org|{POOR}"
        implied = {f"Observation/{one['id']}" for one in asked(server, f"/Observation?patient={ids['Lanell756']}&{poor}")}
        assert {one["reasonReference"]["reference"] for one in tasks} <= implied


def test_written_back_by_the_command_it_answers_the_same(folder: Path, ids: dict[str, str]) -> None:
    nof1(folder, "assess", "--patient", ids["Lanell756"], "--out", "report")
    with served(folder, database=str(folder / "record.sqlite")) as server:
        tasks = [one for one in asked(server, SEARCH) if one["resourceType"] == "Task"]
        assert {one["for"]["reference"] for one in tasks} == {f"Patient/{ids['Lanell756']}"}
