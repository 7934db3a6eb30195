"""AuditEvents: who did what to which part of the record, and how it ended; no content of the record."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from nof1.server.access import Agent

_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_TYPE = {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest"}
_ACTIONS = {
    "read": "R",
    "vread": "R",
    "history": "R",
    "search": "E",
    "create": "C",
    "update": "U",
    "patch": "U",
    "delete": "D",
}
_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Access:
    """One access: FHIR's name of the interaction, what it is about (``Type/id`` or ``Type``), query, HTTP status."""

    interaction: str
    what: str
    query: str
    status: int


def audit_event(access: Access, agent: Agent, now_us: int) -> tuple[bytes, int]:
    """The AuditEvent of one access as JSON, and its time."""
    entity: dict[str, Any] = {}
    if access.what:
        entity["what"] = {"reference": access.what}
    if access.query:
        entity["query"] = base64.b64encode(access.query.encode()).decode()
    event: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "type": _TYPE,
        "subtype": [{"system": "http://hl7.org/fhir/restful-interaction", "code": access.interaction}],
        "action": _ACTIONS.get(access.interaction, "E"),
        "recorded": datetime.fromtimestamp(now_us / 1e6, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "outcome": "0" if access.status < 400 else "4" if access.status < 500 else "8",
        "agent": [
            {
                "who": {"display": agent.name},
                "requestor": True,
                "role": [{"text": agent.role}],
                **({"network": {"address": agent.address, "type": "2"}} if agent.address else {}),
            }
        ],
        "source": {"observer": {"display": "nof1"}},
        **({"entity": [entity]} if entity else {}),
    }
    return _ENCODER.encode(event), now_us
