"""The ``record`` section: what was read, what was used, what is old or contradictory, what was left out."""

from __future__ import annotations

from typing import Any

from nof1.decision.chart import Chart
from nof1.knowledge.fact_words import title_of
from nof1.model.record import Medication, Record


def record_section(found: Chart) -> dict[str, Any]:
    """The section of one person (docs/reference/assessment.md#record); empty where no record was given."""
    record = found.record
    if record is None:
        return {}
    return {
        "person": record.person,
        "read": dict(record.read),
        "sources": list(record.sources),
        "birth_date": record.birth_date.isoformat() if record.birth_date else "",
        "sex": record.sex,
        "facts": {
            name: _fact(fact.words, fact.is_stale)
            for name, fact in found.situation.facts.items()
            if fact.value or fact.limits
        },
        "answers": dict(found.situation.answers),
        "unknown": {name: item.reason for name, item in found.situation.unknown.items()},
        "names": _names(found),
        "medications": [_medication(item, found) for item in record.medications],
        "conditions": [
            {
                "text": item.text,
                "terms": list(item.terms),
                "course": item.course.value,
                "since": _day(item.start),
                "place": item.place,
            }
            for item in record.conditions
        ],
        "allergies": [
            {
                "text": item.text,
                "drugs": list(item.drugs),
                "classes": list(item.classes),
                "reaction": item.reaction,
                "criticality": item.criticality,
                "is_refuted": item.is_refuted,
                "place": item.place,
            }
            for item in record.allergies
        ],
        "relatives": [{"relation": item.relation, "text": item.text, "place": item.place} for item in record.relatives],
        "said_none": list(record.said_none),
        "notes": list(found.situation.notes),
        "left_out": [
            {"kind": item.kind, "place": item.place, "value": item.value, "reason": item.reason} for item in record.left_out
        ],
        "not_recognised": _not_recognised(record),
    }


def _names(found: Chart) -> dict[str, str]:
    """The facts that are told of, known or not, in words."""
    care = found.shelf.known.care
    return {name: title_of(care, name) for name in (*found.situation.facts, *found.situation.unknown)}


def _fact(words: str, is_stale: bool) -> dict[str, Any]:
    return {"words": words, "is_old": is_stale}


def _medication(item: Medication, found: Chart) -> dict[str, Any]:
    now = next((taken.course.value for taken in found.drugs if taken.medication is item), item.course.value)
    return {
        "drugs": list(item.drugs),
        "text": item.text,
        "matched": item.matched,
        "course": now,
        "since": _day(item.start),
        "until": _day(item.end),
        "route": item.route,
        "is_systemic": item.is_systemic,
        "dose": item.dose_text,
        "place": item.place,
    }


def _day(day: Any) -> str:
    return day.isoformat() if day else ""


def _not_recognised(record: Record) -> list[str]:
    return list(dict.fromkeys(item.text for item in record.medications if not item.drugs))
