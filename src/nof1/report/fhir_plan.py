"""A plan of prevention as a draft FHIR R4 CarePlan: what is to be asked stands in its notes, and nothing is ordered.

The same plan gives the same resources, byte for byte. Every activity is a proposal: not started, to be scheduled by a
clinician.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from nof1.model.prevention import Plan, PlannedAction, PlanState
from nof1.report.fhir_parts import Resource, concept, notes, plain
from nof1.report.plan_words import DRAFT, details, when

_SYSTEMS = {"snomed": "http://snomed.info/sct", "loinc": "http://loinc.org"}
_STATUS = {
    PlanState.OVERDUE: "not-started",
    PlanState.DUE: "not-started",
    PlanState.PLANNED: "scheduled",
    PlanState.NOT_DUE: "not-started",
    PlanState.LATER: "not-started",
    PlanState.DECLINED: "cancelled",
    PlanState.CONTRAINDICATED: "stopped",
    PlanState.UNKNOWN: "unknown",
}
_KINDS = {"medicine": "MedicationRequest", "relatives": "CommunicationRequest"}
_ENDED = (PlanState.DECLINED, PlanState.CONTRAINDICATED)


def plan_resources(plan: Plan, subject: Resource, seed: uuid.UUID) -> Iterator[Resource]:
    """The Goal and the CarePlan. ``subject``: the Patient; ``seed``: what their ids follow from."""
    yield _goal(subject, seed)
    yield care_plan(plan, subject, seed)


def care_plan(plan: Plan, subject: Resource, seed: uuid.UUID) -> Resource:
    """The CarePlan: intent ``plan``, status ``draft``, an activity for each action."""
    activities = [{"detail": _detail(one)} for one in plan.actions]
    made: Resource = {
        "resourceType": "CarePlan",
        "id": _id(seed, "plan"),
        "status": "draft",
        "intent": "plan",
        "title": "Prevention",
        "description": plain(DRAFT),
        "subject": subject,
        "created": plan.today.isoformat(),
        "goal": [{"reference": f"urn:uuid:{_id(seed, 'goal')}"}],
    }
    open_ = (f"{one.title}, ask: {'; '.join(one.needs)}" for one in plan.of(PlanState.UNKNOWN))
    return made | ({"activity": activities} if activities else {}) | notes(open_)


def _goal(subject: Resource, seed: uuid.UUID) -> Resource:
    return {
        "resourceType": "Goal",
        "id": _id(seed, "goal"),
        "lifecycleStatus": "proposed",
        "description": concept("illness prevented or found early, by what the person has agreed to"),
        "subject": subject,
    }


def _detail(one: PlannedAction) -> Resource:
    codings = [
        {"system": _SYSTEMS[system], "code": code}
        for system, _, code in (text.partition("|") for text in one.service_codes[:1])
        if system in _SYSTEMS
    ]
    made: Resource = {
        "kind": _KINDS.get(one.kind, "ServiceRequest"),
        "code": concept(one.title, *codings),
        "status": _STATUS[one.state],
        "statusReason": concept(when(one)),
        "doNotPerform": one.state in _ENDED,
        **({"reasonCode": [concept(reason) for reason in one.because]} if one.because else {}),
    }
    timing = _timing(one)
    if timing:
        made |= timing
    return made | {"description": plain(" ".join(f"{name}: {text}." for name, text in details(one)))}


def _timing(one: PlannedAction) -> Resource:
    """The days between which it should be done; nothing where there are none."""
    if one.due is None:
        return {}
    end = one.latest or one.until
    period = {"start": one.due.isoformat()} | ({"end": end.isoformat()} if end is not None and end >= one.due else {})
    return {"scheduledPeriod": period}


def _id(seed: uuid.UUID, local: str) -> str:
    return str(uuid.uuid5(seed, local))
