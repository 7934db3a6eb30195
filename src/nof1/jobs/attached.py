"""Genome files attached to a patient of the record store: a DocumentReference each, the file in the repository."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from nof1.genomics.repository import Kept, Repository
from nof1.jobs.one_person import gathered, wanted
from nof1.rest.requests import encoded
from nof1.rest.service import Service
from nof1.rest.writing import existing, prepared
from nof1.store import resources, streams
from nof1.store.body import instant
from nof1.store.session import Reader

SYSTEM = "urn:nof1:genome"
CALLS = "outside-calls"


def attach(
    service: Service,
    repository: Repository,
    patient: str,
    genomes: Sequence[Path],
    calls: Sequence[Path] = (),
    *,
    today: date,
) -> list[str]:
    """Keeps ``genomes`` and files of calls made elsewhere, and says in the record that they are the patient's.

    The references of the documents. Raises ``Refused`` for a patient that is not there, ``GenomeError`` for a file that is
    no genome.
    """
    with service.database.read() as r:
        existing(r, "Patient", patient)
    gathered(genomes, wanted({"outside_calls": list(calls) or None}), today)  # what cannot be read is refused here
    kept = [(repository.keep(path), "") for path in genomes] + [(repository.keep(path), CALLS) for path in calls]
    with service.database.write() as w:
        items = [_item(service, w, patient, one, kind) for one, kind in kept]
        resources.put_many(w, items, now=service.now())
    return [f"{item.kind}/{item.id}" for item in items]


def attached(r: Reader, repository: Repository, patient: str) -> tuple[list[Path], list[Path]]:
    """The genome files of a patient, and the files of calls made elsewhere, unchanged since they were attached."""
    genomes: list[Path] = []
    calls: list[Path] = []
    for body in streams.of_patients(r, "DocumentReference", [patient]):
        document = msgspec.json.decode(body)
        # a compartment also holds what the patient wrote about somebody else
        is_own = document.get("subject", {}).get("reference") == f"Patient/{patient}"
        if is_own and document.get("status") == "current":
            stated = [one.get("value", "") for one in document.get("identifier", []) if one.get("system") == SYSTEM]
            digests = [one for one in stated if one]
            kind = document.get("type", {}).get("text", "")
            (calls if kind == CALLS else genomes).extend(repository.checked(digest) for digest in digests)
    return genomes, calls


def _item(service: Service, r: Reader, patient: str, kept: Kept, kind: str) -> resources.Item:
    name = hashlib.sha256(f"{patient} {kept.digest}".encode()).hexdigest()[:32]
    document: dict[str, Any] = {
        "resourceType": "DocumentReference",
        "id": name,
        "identifier": [{"system": SYSTEM, "value": kept.digest}],
        "status": "current",
        "type": {"text": kind or "genome"},
        "subject": {"reference": f"Patient/{patient}"},
        "date": instant(service.now()),
        "content": [{"attachment": {"url": f"{SYSTEM}:{kept.digest}", "size": kept.size, "title": kept.name}}],
    }
    return prepared(service, encoded(document), "DocumentReference", name, "PUT", None, r)
