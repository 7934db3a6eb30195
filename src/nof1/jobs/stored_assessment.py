"""Assesses a patient of the record store from what is stored there, and writes the result back in one transaction."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from nof1.genomics.repository import Repository
from nof1.jobs.attached import attached
from nof1.jobs.one_person import assess
from nof1.model.findings import Assessment
from nof1.report.fhir import bundle
from nof1.rest import references
from nof1.rest.requests import encoded
from nof1.rest.service import Service
from nof1.rest.writing import existing, prepared
from nof1.store import resources, streams
from nof1.store.session import Reader, Writer

# system of the tag on what an assessment wrote; its code is the patient: the next one does not read it, and replaces it
TAG = "urn:nof1:assessment-of"
# tag on advice that rests on what a gene amounts to in this person, so that a search finds it
BECAUSE = {"system": "urn:nof1:because-of", "code": "phenotype"}
Json = dict[str, Any]


def assess_stored(
    service: Service, repository: Repository, patient: str, *, today: date, is_written: bool = True, **asked: Any
) -> tuple[Assessment, Json]:
    """The assessment of a patient and its bundle after the Genomics Reporting guide; ``is_written``: stored in the record.

    What an earlier assessment wrote about the patient is deleted in the same transaction. ``asked``: as ``nof1.assess``.
    Raises ``Refused`` for a patient that is not there, ``InputError`` as ``nof1.assess``.
    """
    with tempfile.TemporaryDirectory() as folder, service.database.read(is_long=True) as r:
        existing(r, "Patient", patient)
        genomes, calls = attached(r, repository, patient)
        path = Path(folder) / "record.ndjson"
        path.write_bytes(b"\n".join(_own(r, patient)))
        made = assess(genomes, record=path, patient=patient, outside_calls=calls or None, today=today, **asked)
    found = bundle(made)
    if is_written:
        with service.database.write() as w:
            _write(service, w, patient, found)
    return made, found


def _own(r: Reader, patient: str) -> Iterator[bytes]:
    """The resources of the patient, one a line, without those that an assessment wrote; medications are shared."""
    for kind in streams.kinds(r):
        if streams.is_of_patients(kind):
            found = streams.of_patients(r, kind, [patient])
        elif kind in ("Medication", "Substance"):
            found = streams.bodies(r, kind)
        else:
            continue
        for body in found:
            if not _is_written(body):
                yield msgspec.json.format(body, indent=-1)


def _is_written(body: bytes) -> bool:
    if TAG.encode() not in body:
        return False
    return any(tag.get("system") == TAG for tag in msgspec.json.decode(body)["meta"].get("tag", []))


def _write(service: Service, w: Writer, patient: str, found: Json) -> None:
    """Stores the resources of the bundle, and deletes those of an earlier one."""
    listed = [entry["resource"] for entry in found["entry"] if entry["resource"]["resourceType"] != "Patient"]
    known = {entry["fullUrl"]: f"{entry['resource']['resourceType']}/{entry['resource']['id']}" for entry in found["entry"]}
    items = []
    for one in listed:
        tags = [{"system": TAG, "code": patient}, *([BECAUSE] if "reasonReference" in one else [])]
        meta = {**one.get("meta", {}), "tag": [*one.get("meta", {}).get("tag", []), *tags]}
        body = references.rewritten(encoded({**one, "meta": meta}), known)
        items.append(prepared(service, body, one["resourceType"], one["id"], "PUT", None, w))
    new = {(item.kind, item.id) for item in items}
    for kind, name in streams.tagged(w, TAG, patient):
        if (kind, name) not in new:
            resources.delete(w, kind, name, now=service.now())
    resources.put_many(w, items, now=service.now())
