"""The CapabilityStatement: what this server does, no more."""

from __future__ import annotations

from functools import cache
from typing import Any

from nof1.fhir.definitions import VERSION, Parameter, definitions
from nof1.rest import binary

# what tests/fhir_server does with every type of resource
INTERACTIONS = (
    *("read", "vread", "update", "patch", "delete", "history-instance", "history-type", "create", "search-type"),
)
SYSTEM = ("transaction", "batch", "history-system", "search-system")
_BASE = "http://hl7.org/fhir/"
# parameters whose kind has no index here
_UNSUPPORTED = ("special",)
# operation -> its definition, and the types it stands on (none: the system)
_BULK = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/"
OPERATIONS: tuple[tuple[str, str, str], ...] = (
    ("everything", f"{_BASE}OperationDefinition/Patient-everything", "Patient"),
    ("nof1-assess", "urn:nof1:operation:assess", "Patient"),
    ("validate", f"{_BASE}OperationDefinition/Resource-validate", "Resource"),
    ("import", "urn:nof1:operation:import", ""),
    ("export", f"{_BULK}export", ""),
    ("export", f"{_BULK}patient-export", "Patient"),
    ("export", f"{_BULK}group-export", "Group"),
)


@cache
def capability_statement(date: str, url: str, version: str) -> dict[str, Any]:
    """The statement of a server of nof1 ``version`` at ``url`` since ``date``."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": date,
        "kind": "instance",
        "software": {"name": "nof1", "version": version},
        "implementation": {"description": "A health record with decision support; not a medical device", "url": url},
        "fhirVersion": VERSION,
        "format": ["application/fhir+json", "json"],
        "patchFormat": ["application/json-patch+json"],
        "rest": [
            {
                "mode": "server",
                "security": {"description": "Bearer tokens with the roles read, write and admin; TLS by a proxy before it"},
                "resource": [_resource(kind) for kind in definitions().resources],
                "interaction": [{"code": code} for code in SYSTEM],
                "searchParam": [_parameter(one) for one in searchable("Resource")],
                "operation": _operations(""),
            }
        ],
    }


def searchable(kind: str) -> list[Parameter]:
    """The search parameters of a type that can be searched by."""
    every = definitions().parameters[kind].values()
    return [one for one in every if one.kind not in _UNSUPPORTED]


def _resource(kind: str) -> dict[str, Any]:
    references = [one.code for one in searchable(kind) if one.kind == "reference"]
    found = {
        "type": kind,
        "profile": f"{_BASE}StructureDefinition/{kind}",
        "interaction": [{"code": code} for code in INTERACTIONS],
        "versioning": "versioned",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalRead": "full-support",
        "conditionalUpdate": True,
        "conditionalDelete": "single",
        "referencePolicy": ["literal", "logical"],
        "searchInclude": ["*", *(f"{kind}:{code}" for code in references)],
        "searchRevInclude": [*_pointing(kind)],
        "searchParam": [_parameter(one) for one in searchable(kind)],
        "operation": _operations(kind, "Resource"),
    }
    if kind == binary.KIND:
        found["documentation"] = "Read and written in its own media type too, as the specification says of Binary"
    return {key: value for key, value in found.items() if value != []}


@cache
def _pointers() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for kind in definitions().resources:
        for one in searchable(kind):
            for target in one.targets if one.kind == "reference" else ():
                found.setdefault(target, []).append(f"{kind}:{one.code}")
    return found


def _pointing(kind: str) -> list[str]:
    return sorted(_pointers().get(kind, []))


def _parameter(one: Parameter) -> dict[str, str]:
    return {"name": one.code, "definition": f"{_BASE}SearchParameter/{one.id}", "type": one.kind}


def _operations(*kinds: str) -> list[dict[str, str]]:
    return [{"name": name, "definition": definition} for name, definition, kind in OPERATIONS if kind in kinds]
