"""The official examples of R4 through the API: kept equal in meaning, and found by every search parameter that they match."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fhirpathpy", reason="fhirpathpy is not installed: it evaluates the expressions of search parameters")

from example_queries import Query, from_content, queries
from query_world import definitions as parameters

from nof1.errors import InputError
from nof1.fhir.definitions import definitions
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
TOGETHER = 20  # searches that are asked as one
ALONE = 3  # of each parameter of a type
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


def put(service: Service, body: bytes) -> str:
    """Stores an example; why not, where it is refused."""
    head = json.loads(body)
    try:
        perform(service, Request("PUT", (head["resourceType"], str(head.get("id"))), body=body))
    except (Refused, InputError) as error:
        return str(error)
    return ""


def search(service: Service, kind: str, key: str, *asked: Query) -> list[str]:
    """The ids of what searches that must all hold find, asked of one resource."""
    found = json.loads(perform(service, Request("GET", (kind,), query=(*asked, ("_id", key)))).body)
    return [one["resource"]["id"] for one in found.get("entry", [])]


def lost(service: Service, kind: str, key: str, asked: Iterable[Query]) -> list[Query]:
    """Which of the searches do not find the resource. Many are asked at once, since all of them must hold together."""
    return [
        one
        for many in batched(dict.fromkeys(asked), TOGETHER)
        if search(service, kind, key, *many) != [key]
        for one in many
        if search(service, kind, key, one) != [key] or len(many) == 1
    ]


def found_wrongly(service: Service, kind: str, key: str, asked: Sequence[Query]) -> list[Query]:
    """Which of the searches by one parameter find the resource. Many are asked at once, as alternatives."""
    return [
        one
        for many in batched(asked, TOGETHER)
        if search(service, kind, key, (many[0][0], ",".join(value for _, value in many)))
        for one in many
        if search(service, kind, key, one)
    ]


def batched(listed: Iterable[Query], size: int) -> Iterator[tuple[Query, ...]]:
    left = iter(listed)
    while many := tuple(islice(left, size)):
        yield many


@dataclass
class Tried:
    """What was asked: how many searches of which parameters of a type, and which of them alone."""

    count: Counter[str] = field(default_factory=Counter)
    alone: Counter[Query] = field(default_factory=Counter)

    def first(self, kind: str, asked: Iterable[Query]) -> Iterator[Query]:
        """A few of each parameter of a type, which are asked alone too."""
        for name, value in asked:
            self.alone[kind, name] += 1
            if self.alone[kind, name] <= ALONE:
                yield name, value


@needs_examples
@pytest.mark.slow
def test_every_example_is_kept_and_found_by_what_it_says(tmp_path: Path):
    service = Service(store := opened(str(tmp_path / "r.sqlite")), Audit(store), "http://server/fhir")
    defining = [body for name, body in examples() if name.startswith("SearchParameter-")]
    told = parameters(found for found in map(json.loads, defining) if "base" in found)  # some of extensions have none
    refused: dict[str, str] = {}
    wrong: list[tuple[str, str, list[Query]]] = []
    tried, asked_of = Tried(), set()
    for name, body in examples():
        if why := put(service, body):
            refused[name] = why
            continue
        resource = json.loads(body)
        kind, key = resource["resourceType"], resource["id"]
        assert exact(perform(service, Request("GET", (kind, key))).body) == exact(body), name
        by_rows, by_content = list(dict.fromkeys(queries(resource))), list(from_content(resource, told))
        by_content_found = [one for _, expected in by_content for one in expected.found]
        single = [*tried.first(kind, [*by_rows, *by_content_found])]
        wrong.append((name, "lost", lost(service, kind, key, [*by_rows, *by_content_found])))
        wrong.append((name, "lost alone", [one for one in single if search(service, kind, key, one) != [key]]))
        for code, expected in by_content:
            asked_of.add((kind, code))
            wrong.append((name, "found", found_wrongly(service, kind, key, expected.not_found)))
            tried.count["not found"] += len(expected.not_found)
        tried.count["by rows"] += len(by_rows)
        tried.count["by content"] += len(by_content_found)
    assert check(service.database) == []
    service.close()
    assert not (told_of := [one for one in wrong if one[2]]), "\n".join(map(str, told_of))
    assert tried.count["by rows"] > 250_000
    assert tried.count["by content"] > 15_000
    assert tried.count["not found"] > 20_000
    composites = {code for kind, code in asked_of if definitions().parameters[kind][code].kind == "composite"}
    assert len(composites) > 13, composites
    assert len(asked_of - {(kind, code) for kind, code in asked_of if code in composites}) > 100
    # which are refused and why is listed and compared one by one in tests/fhir_r4/test_examples.py
    assert len(refused) < 30, refused
