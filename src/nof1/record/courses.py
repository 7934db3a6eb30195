"""Whether a drug is taken, and from when to when, out of the status and dates of what was ordered, handed out or given."""

from __future__ import annotations

from datetime import date, timedelta

from nof1.model.record import Course
from nof1.record.dosage import Dosage
from nof1.record.fields import Json, number, obj, reference, text
from nof1.record.reading import Reading, Resource

Held = tuple[Course, date | None, date | None]
_COURSE = {
    "active": Course.ACTIVE,
    "in-progress": Course.ACTIVE,
    "completed": Course.STOPPED,
    "stopped": Course.STOPPED,
    "on-hold": Course.UNKNOWN,
    "intended": Course.PLANNED,
    "draft": Course.PLANNED,
    "preparation": Course.PLANNED,
    "unknown": Course.UNKNOWN,
    "": Course.UNKNOWN,
}
_ONE_OFF = ("MedicationDispense", "MedicationAdministration")
_DAYS = {
    **dict.fromkeys(("h", "hr", "hour", "hours"), 1 / 24),
    **dict.fromkeys(("d", "day", "days"), 1.0),
    **dict.fromkeys(("wk", "week", "weeks"), 7.0),
    **dict.fromkeys(("mo", "month", "months"), 30.0),
    **dict.fromkeys(("a", "year", "years"), 365.0),
}
_LONGEST = 3660
_PLANS = ("proposal", "plan")
_BY_THE_PERSON = ("Patient/", "RelatedPerson/")
_WRITTEN = ("authoredOn", "effectiveDateTime", "whenHandedOver", "whenPrepared")


def course(resource: Resource, taken: Dosage, said: str, reading: Reading) -> Held:
    """Course, first and last day. Of a single dose or supply only the day (and the days it lasts) is known.

    ``said``: the drug as the record calls it.
    """
    content, place = resource.content, resource.place
    status = text(content.get("status"))
    if status not in _COURSE:
        reading.leave("code_unknown", place, status, "the status is none that FHIR R4 has; whether it is taken is unknown")
    if status == "on-hold":
        reason = "it is on hold: not taken now, but perhaps again; whether it is taken counts as unknown"
        reading.leave("on_hold", place, said, reason)
    found = _COURSE.get(status, Course.UNKNOWN)
    is_plan = _is_plan(content)
    if is_plan and found is not Course.STOPPED:
        found = Course.PLANNED
    begun, start, end = _dates(resource, taken, reading)
    if resource.kind in _ONE_OFF and status == "completed":
        return (Course.UNKNOWN, *_supply(content, start, end))
    if resource.kind == "MedicationRequest" and status == "completed" and not is_plan:
        found, start, end = _used_up(resource, start, end, reading)
    if found is Course.ACTIVE and begun and begun > reading.today:
        found = Course.PLANNED
    if found is Course.ACTIVE and status == "active" and end and end < reading.today and not (start and end < start):
        reason = f"it is active and ended on {end}; whether it is taken is unknown"
        reading.leave("course_contradiction", place, said, reason)
        return Course.UNKNOWN, start, None
    if end and end > reading.today and found is Course.STOPPED:
        end = None  # a plan that was given up
    return found, start, end


def _is_plan(content: Json) -> bool:
    """Whether it is only proposed. What a person says to take without an order is a "plan" of that person, and taken."""
    intent = text(content.get("intent"))
    is_told = content.get("reportedBoolean") is True or "reportedReference" in content
    is_own = is_told or reference(content.get("requester")).startswith(_BY_THE_PERSON)
    return intent in _PLANS and not (intent == "plan" and is_own)


def _dates(resource: Resource, taken: Dosage, reading: Reading) -> tuple[date | None, date | None, date | None]:
    """The first day that is stated as such, the first day or that of the entry, and the last day."""
    content, place = resource.content, resource.place
    period = obj(content.get("effectivePeriod"))
    begun = reading.when(period.get("start"), place, "the start") or taken.start
    end = reading.when(period.get("end"), place, "the end", at_end=True) or taken.end
    written = next((content[key] for key in _WRITTEN if key in content), None)
    return begun, begun or reading.past(written, place, "the date"), end


def _used_up(resource: Resource, start: date | None, end: date | None, reading: Reading) -> Held:
    """Of an order of which everything was handed out: taken until the end of the dosage, or of what was supplied.

    Where only the order's own validity is known, it may be taken as long as that lasts.
    """
    request, place = obj(resource.content.get("dispenseRequest")), resource.place
    valid = obj(request.get("validityPeriod"))
    start = start or reading.past(valid.get("start"), place, "the start of its validity")
    repeats = number(request.get("numberOfRepeatsAllowed")) or 0.0
    end = end or _after(start, _days(request.get("expectedSupplyDuration")), 1 + max(repeats, 0.0))
    if end is not None:
        return (Course.ACTIVE if end >= reading.today else Course.STOPPED), start, end
    end = reading.when(valid.get("end"), place, "the end of its validity", at_end=True)
    return (Course.UNKNOWN if end and end >= reading.today else Course.STOPPED), start, end


def _supply(content: Json, start: date | None, end: date | None) -> tuple[date | None, date | None]:
    """What was given last on one day, or lasts for the days supplied."""
    lasts = _after(start, _days(content.get("daysSupply")))
    return (start, lasts) if lasts else (end or start, None)


def _days(duration: object) -> float | None:
    """The days of a duration; ``None`` where it is no time."""
    found = obj(duration)
    value = number(found.get("value"))
    unit = _DAYS.get((text(found.get("code")) or text(found.get("unit")) or "d").lower())
    return None if value is None or unit is None else value * unit


def _after(start: date | None, days: float | None, times: float = 1.0) -> date | None:
    """The day on which what began on ``start`` is used up; ``None`` where that is not known."""
    if start is None or days is None or not 0 < days * times <= _LONGEST:
        return None
    try:
        return start + timedelta(days=days * times)
    except OverflowError:
        return None
