"""The official examples of R4 through the API: kept equal in meaning, and found by every search parameter that they match."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from nof1.errors import InputError
from nof1.fhir.definitions import definitions
from nof1.fhir.indexing import Indexed, indexed
from nof1.rest.perform import perform
from nof1.rest.requests import Refused, Request
from nof1.rest.service import Service
from nof1.store.audit import Audit
from nof1.store.check import check
from nof1.store.database import opened

FOLDER = Path(os.environ.get("NOF1_R4_EXAMPLES", "none"))
needs_examples = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="no official examples: set NOF1_R4_EXAMPLES to the unpacked npm package hl7.fhir.r4.examples"
)
Json = dict[str, Any]


def examples() -> Iterator[tuple[str, bytes]]:
    for path in sorted(FOLDER.glob("*.json")):
        if path.name.split("-")[0] in definitions().resources:
            yield path.name, path.read_bytes()


def exact(body: bytes) -> Json:
    """Decoded with every digit of a decimal; without what a server sets."""
    found = json.loads(body, parse_float=Decimal)
    meta = {key: value for key, value in found.get("meta", {}).items() if key not in ("versionId", "lastUpdated")}
    return {**{key: value for key, value in found.items() if key != "meta"}, **({"meta": meta} if meta else {})}


def queries(resource: Json) -> Iterator[tuple[str, str]]:
    """For each value by which the resource is indexed a search that must find it."""
    known = {one.id: one for one in definitions().parameters[resource["resourceType"]].values()}
    rows: Indexed = indexed(resource)
    for parameter, system, code, part in rows.tokens:
        if parameter in known and not part and known[parameter].kind != "composite":
            yield known[parameter].code, f"{escaped(system)}|{escaped(code)}" if system else escaped(code)
    for parameter, _, text, part in rows.strings:
        if parameter in known and not part and len(text) < 200:
            yield f"{known[parameter].code}:exact", escaped(text)
    for parameter, kind, name, part in rows.references:
        if parameter in known and not part and known[parameter].kind == "reference" and (kind or ":" in name):
            yield known[parameter].code, escaped(f"{kind}/{name}" if kind else name)
    for parameter, value, part in rows.uris:
        if parameter in known and not part and known[parameter].kind == "uri":
            yield known[parameter].code, escaped(value)
    for parameter, system, code, low, high, part in rows.quantities:
        if parameter in known and not part and low == high and abs(low) < 1e15:
            yield known[parameter].code, f"{low!r}|{escaped(system)}|{escaped(code)}" if code else repr(low)
    for parameter, low, high, part in rows.numbers:
        if parameter in known and not part and low == high and abs(low) < 1e15:
            yield known[parameter].code, repr(low)


def escaped(text: str) -> str:
    for sign in ("\\", ",", "|", "$"):
        text = text.replace(sign, f"\\{sign}")
    return text


def put(service: Service, body: bytes) -> str:
    """Stores an example; why not, where it is refused."""
    head = json.loads(body)
    try:
        perform(service, Request("PUT", (head["resourceType"], str(head.get("id"))), body=body))
    except (Refused, InputError) as error:
        return str(error)
    return ""


@needs_examples
@pytest.mark.slow
def test_every_example_is_kept_and_found_by_what_it_says(tmp_path: Path):
    service = Service(store := opened(str(tmp_path / "r.sqlite")), Audit(store), "http://server/fhir")
    refused, lost, tried = {}, [], 0
    for name, body in examples():
        if why := put(service, body):
            refused[name] = why
            continue
        resource = json.loads(body)
        kind, key = resource["resourceType"], resource["id"]
        assert exact(perform(service, Request("GET", (kind, key))).body) == exact(body), name
        for parameter, value in dict.fromkeys(queries(resource)):
            tried += 1
            found = json.loads(perform(service, Request("GET", (kind,), query=((parameter, value), ("_id", key)))).body)
            if [one["resource"]["id"] for one in found.get("entry", [])] != [key]:
                lost.append((name, parameter, value))
    assert check(service.database) == []
    service.close()
    assert not lost, "\n".join(map(str, lost))
    assert tried > 5_000
    # which are refused and why is listed and compared one by one in tests/fhir_r4/test_examples.py
    assert len(refused) < 30, refused
