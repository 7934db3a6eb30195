"""Examinations, tests, vaccinations and procedures with the day they were done, or that they were not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from nof1.model.record import Done
from nof1.model.terms import system_name
from nof1.record.fields import Json, codings, obj, text, words
from nof1.record.reading import Reading, Resource

KINDS = ("Procedure", "Observation", "DiagnosticReport", "Immunization", "ServiceRequest")
_DAY = {
    "Procedure": ("performedDateTime", "performedPeriod"),
    "Observation": ("effectiveDateTime", "effectivePeriod"),
    "DiagnosticReport": ("effectiveDateTime", "effectivePeriod"),
    "Immunization": ("occurrenceDateTime", ""),
    "ServiceRequest": ("occurrenceDateTime", "occurrencePeriod"),
}
_STATES = {
    "Procedure": {"completed": "done", "preparation": "planned", "in-progress": "planned", "not-done": "not_done"},
    "Observation": {"final": "done", "amended": "done", "corrected": "done"},
    "DiagnosticReport": {"final": "done", "amended": "done", "corrected": "done", "appended": "done"},
    "Immunization": {"completed": "done", "not-done": "not_done"},
    "ServiceRequest": {"draft": "planned", "active": "planned"},
}
_CODE = {"Immunization": "vaccineCode"}
_REFUSED = ("PATOBJ", "105480006", "591000119102", "12275351000119103")  # HL7 ActReason; SNOMED CT: refused, declined
_WORDS = ("declin", "refus", "objection")


def done(resources: Iterable[Resource], reading: Reading) -> list[Done]:
    """What the terms ask for as services: done, planned, or not done; without a day it still says that it was done once."""
    return [one for resource in resources if (one := _done(resource, reading)) is not None]


def _done(resource: Resource, reading: Reading) -> Done | None:
    content, kind = resource.content, resource.kind
    concept = content.get(_CODE.get(kind, "code"))
    codes = codings(concept)
    if not any((system_name(one.system), one.code) in reading.terms.services for one in codes):
        return None
    state = _STATES[kind].get(text(content.get("status")), "")
    if not state or content.get("doNotPerform") is True:
        return None
    reason = words(content.get("statusReason"))
    if state == "not_done" and _is_refused(content, reason):
        state = "declined"
    return Done(
        codes,
        words(concept, codes),
        state,
        _day(content, kind, state, resource.place, reading),
        reason,
        kind,
        resource.place,
    )


def _day(content: Json, kind: str, state: str, place: str, reading: Reading) -> date | None:
    single, period = _DAY[kind]
    span = obj(content.get(period)) if period else {}
    value = content.get(single) or span.get("end") or span.get("start")
    dated = reading.past if state == "done" else reading.when
    return dated(value, place, "the day it was done")


def _is_refused(content: Json, reason: str) -> bool:
    codes = codings(content.get("statusReason"))
    said = " ".join([reason, *(one.display for one in codes)]).lower()
    return any(one.code in _REFUSED for one in codes) or any(word in said for word in _WORDS)
