"""AuditEvents: who did what to which part of the record, and how it ended; no content of the record."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from nof1.rest.requests import Done
from nof1.server.access import Agent

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
    """One access: FHIR's name of the interaction, what it is about (``Type/id`` or ``Type``), query, HTTP status.

    ``entries``: what each entry of a batch or transaction did.
    """

    interaction: str
    what: str
    query: str
    status: int
    entries: Sequence[Done] = ()


def audit_event(access: Access, agent: Agent, now_us: int) -> tuple[bytes, int]:
    """The AuditEvent of one access as JSON, and its time."""
    own = _entity(access.what, access.query)
    entities = [one for one in (own, *(_of_entry(done) for done in access.entries)) if one]
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
        **({"entity": entities} if entities else {}),
    }
    return _ENCODER.encode(event), now_us


def _entity(what: str, query: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if what:
        found["what"] = {"reference": what}
    if query:
        found["query"] = base64.b64encode(query.encode()).decode()
    return found


def _of_entry(done: Done) -> dict[str, Any]:
    return {**_entity(done.what, done.query), "description": f"{done.interaction} {done.status}"}
