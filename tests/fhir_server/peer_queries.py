"""The queries that peers are compared with, and what their placeholders may stand for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

Json = dict[str, Any]
CODED = {
    "Condition": "condition_code", "Procedure": "procedure_code", "Medication": "medication_code",
    "MedicationRequest": "medication_code",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Query:
    """One query. ``samples``: placeholder -> the pool that its value comes from."""

    name: str
    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: str | None
    samples: Mapping[str, str]


def queries(file: Path) -> list[Query]:
    """The queries of a file like ``queries.yaml`` of the peers, in order."""
    return [
        Query(
            one["name"], one.get("method", "GET"), one["path"], {key: str(value) for key, value in one.get("params", {}).items()},
            one.get("headers", {}), one.get("body"), one.get("sample", {}),
        )
        for one in yaml.safe_load(file.read_text())["queries"]
    ]  # fmt: skip


def pools(resources: Iterable[Json]) -> dict[str, list[str]]:
    """What placeholders may stand for in these resources, in order: ids, names, ``system|code``."""
    found: dict[str, list[str]] = {}
    for one in resources:
        kind = one["resourceType"]
        if kind in ("Patient", "Practitioner", "Location"):
            found.setdefault(f"{kind.lower()}_id", []).append(one["id"])
        for name in one.get("name", []) if kind == "Patient" else []:
            found.setdefault("patient_family", []).extend([name["family"]] if "family" in name else [])
            found.setdefault("patient_given", []).extend(name.get("given", []))
        concept = one.get("medicationCodeableConcept") or one.get("code")
        if kind in CODED and isinstance(concept, dict):
            found.setdefault(CODED[kind], []).extend(
                f"{c['system']}|{c['code']}" for c in concept.get("coding", []) if "system" in c
            )
    return {name: list(dict.fromkeys(values)) for name, values in found.items()}


def filled(query: Query, pool: Mapping[str, Sequence[str]], choose: Callable[[Sequence[str]], str]) -> Query:
    """The query with a value for each placeholder, chosen from its pool; a pool that is not there is a KeyError."""
    chosen = {name: choose(pool[source]) for name, source in query.samples.items()}

    def put(text: str) -> str:
        return re.sub(r"\{\{(\w+)\}\}", lambda found: chosen[found[1]], text)

    return replace(query, path=put(query.path), params={key: put(value) for key, value in query.params.items()})
