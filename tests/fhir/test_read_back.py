"""A bundle of ours given as a health record: the same phenotypes, without the genome."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest

import nof1
from nof1.model.findings import Assessment, CallStatus
from nof1.report.fhir import bundle

EXAMPLES = Path(__file__).parents[2] / "examples"
TODAY = date(2026, 11, 25)
SURE = (CallStatus.CALLED, CallStatus.CERTAIN, CallStatus.ASSURED)


@pytest.mark.parametrize("name", ["example-1-all-positions", "example-3-genome-and-record"])
def test_a_bundle_read_back_as_record_gives_the_same_phenotypes(name: str, tmp_path: Path) -> None:
    folder = EXAMPLES / name
    record = folder / "record.json"
    made = nof1.assess(
        [folder / "genome.vcf"],
        outside_calls=folder / "outside_calls.tsv",
        record=record if record.exists() else None,
        today=TODAY,
    )
    path = tmp_path / "bundle.json"
    path.write_bytes(msgspec.json.encode(bundle(made, status="final")))
    again = nof1.assess(record=path, today=TODAY)
    before, after = phenotypes(made), phenotypes(again)
    assert len(before) >= 5
    assert {gene: after.get(gene) for gene in before} == before
    assert set(after) <= set(before), "an open result came back as a settled one"


def phenotypes(made: Assessment) -> dict[str, tuple[str, str]]:
    """Settled phenotypes that say something."""
    return {
        call.gene: (call.phenotypes[0].term, call.phenotypes[0].activity_score)
        for call in made.genes
        if call.status in SURE and call.phenotypes and call.phenotypes[0].term != "n/a"
    }
