"""Drugs ordered, taken, given and handed out, as one kind of fact; the same drug twice is folded or told."""

from __future__ import annotations

from datetime import date, timedelta

from nof1.model.record import Code, Course, Medication
from nof1.model.terms import phrase
from nof1.record.dosage import Dosage, dosage
from nof1.record.drug_names import Match, recognised
from nof1.record.fields import Json, codings, number, obj, objects, reference, text, words
from nof1.record.reading import Reading, Resource

KINDS = ("MedicationRequest", "MedicationStatement", "MedicationDispense", "MedicationAdministration")
_COURSE = {
    "active": Course.ACTIVE,
    "in-progress": Course.ACTIVE,
    "completed": Course.STOPPED,
    "stopped": Course.STOPPED,
    "on-hold": Course.STOPPED,
    "intended": Course.PLANNED,
    "draft": Course.PLANNED,
    "preparation": Course.PLANNED,
    "unknown": Course.UNKNOWN,
    "": Course.UNKNOWN,
}
_ONE_OFF = ("MedicationDispense", "MedicationAdministration")
_NOT_TAKEN = ("not-taken", "not-done", "cancelled", "declined")
_NONE = {"no-known-medications", "787481004"}
_NOTHING = {"no-medication-info"}
_DAYS = {"d": 1, "day": 1, "days": 1, "wk": 7, "week": 7, "weeks": 7, "mo": 30, "month": 30, "months": 30}
_PLANS = ("proposal", "plan")


def medications(resources: list[Resource], reading: Reading) -> list[Medication]:
    """Every drug with its course; what is not a fact, not recognised or there twice is noted."""
    found: list[Medication] = []
    for resource in resources:
        reading.lists.add("medications")
        concept, form, drug_place = _drug(resource, reading)
        codes = codings(concept)
        names = {code.code for code in codes}
        if names & _NONE:
            reading.said_none.add("medications")
        elif not names & _NOTHING and _is_fact(resource, words(concept, codes), reading):
            found.append(_medication(resource, concept, codes, form, drug_place, reading))
    return _without_repeats(found, reading)


def _drug(resource: Resource, reading: Reading) -> tuple[Json, str, str]:
    """The concept of the drug, the words for its form, and what is missing where a reference leads nowhere."""
    content = resource.content
    if "medicationCodeableConcept" in content:
        return obj(content["medicationCodeableConcept"]), "", ""
    link = content.get("medicationReference")
    said = reference(link)
    if said.startswith("#"):
        inner = next((one for one in objects(content.get("contained")) if one.get("id") == said[1:]), None)
    else:
        there = reading.known.get(said)
        inner = there.content if there else None
    shown = text(obj(link).get("display"))
    if inner is None:
        reason = "the record does not hold the medication it refers to" + ("; its display is read" if shown else "")
        reading.leave("reference_missing", resource.place, said or shown, reason)
        return {"text": shown}, "", said
    return _with_ingredients(inner, shown), words(inner.get("form")), ""


def _with_ingredients(medication: Json, shown: str) -> Json:
    """The code of a Medication, or the texts of its ingredients as one combination where it has none."""
    code = obj(medication.get("code"))
    if codings(code) or text(code.get("text")):
        return code
    parts = [words(one.get("itemCodeableConcept")) for one in objects(medication.get("ingredient"))]
    return {"text": " / ".join(part for part in parts if part) or shown}


def _is_fact(resource: Resource, said: str, reading: Reading) -> bool:
    status = text(resource.content.get("status"))
    if status == "entered-in-error":
        reading.leave("entered_in_error", resource.place, said, "its status is entered-in-error; it is no fact")
    elif status in _NOT_TAKEN or resource.content.get("doNotPerform") is True:
        reading.leave(
            "not_taken", resource.place, said, f"its status is {status or 'do not perform'}; it counts as never taken"
        )
    elif resource.kind == "MedicationRequest" and text(resource.content.get("intent")) == "option":
        reading.leave("not_taken", resource.place, said, "it is one option of several, not an order")
    else:
        return True
    return False


def _medication(
    resource: Resource, concept: Json, codes: tuple[Code, ...], form: str, missing: str, reading: Reading
) -> Medication:
    content, place = resource.content, resource.place
    said = words(concept, codes) or missing
    match = recognised(codes, (said,) if said != missing else (), reading.terms)
    _tell(match, said, place, reading)
    instructions = objects(content.get("dosageInstruction")) or objects(content.get("dosage"))
    taken = dosage(instructions, f"{said} {form}", place, reading)
    course, start, end = _course(resource, taken, reading)
    if start and end and end < start:
        reading.leave("dates_contradict", place, f"{start} to {end}", "it ends before it begins; neither date is used")
        start = end = None
    return Medication(
        match.drugs,
        said,
        match.by,
        course,
        start,
        end,
        taken.route,
        taken.is_systemic,
        taken.dose,
        taken.per_day,
        taken.text,
        codes,
        place,
    )


def _tell(match: Match, said: str, place: str, reading: Reading) -> None:
    if not match.drugs:
        reading.leave(
            "drug_not_recognised", place, said, f"{match.why or 'no name of it is known'}; nothing is checked for it"
        )
    for part in match.unmatched:
        known = phrase(part) in reading.terms.drug_names
        why = "stands behind another name: its salt, or a second drug" if known else "has no known name"
        reading.leave("drug_part_not_recognised", place, said, f'its part "{part}" {why}; nothing is checked for that')
    if match.other:
        others = " / ".join(match.other)
        reason = f"its code means {' / '.join(match.drugs)} and its text {others}; the code is used: find out which is right"
        reading.leave("drug_contradiction", place, said, reason)


def _course(resource: Resource, taken: Dosage, reading: Reading) -> tuple[Course, date | None, date | None]:
    """Course, first and last day. Of a single dose or supply only the day (and the days it lasts) is known."""
    content, place = resource.content, resource.place
    status = text(content.get("status"))
    if status not in _COURSE:
        reading.leave("code_unknown", place, status, "the status is none that FHIR R4 has; whether it is taken is unknown")
    course = _COURSE.get(status, Course.UNKNOWN)
    if text(content.get("intent")) in _PLANS and course is not Course.STOPPED:
        course = Course.PLANNED
    period = obj(content.get("effectivePeriod"))
    begun = reading.when(period.get("start"), place, "the start") or taken.start
    end = reading.when(period.get("end"), place, "the end", at_end=True) or taken.end
    written = next(
        (content[key] for key in ("authoredOn", "effectiveDateTime", "whenHandedOver", "whenPrepared") if key in content),
        None,
    )
    start = begun or reading.past(written, place, "the date")
    if resource.kind in _ONE_OFF and course is Course.STOPPED and status == "completed":
        return (Course.UNKNOWN, *_supply(content, start, end))
    if course is Course.ACTIVE and begun and begun > reading.today:
        course = Course.PLANNED
    if end and end > reading.today and course is Course.STOPPED and status != "on-hold":
        end = None  # a plan that was given up
    return course, start, end


def _supply(content: Json, start: date | None, end: date | None) -> tuple[date | None, date | None]:
    """What was given last on one day, or lasts for the days supplied."""
    supply = obj(content.get("daysSupply"))
    value = number(supply.get("value"))
    unit = _DAYS.get((text(supply.get("code")) or text(supply.get("unit")) or "d").lower())
    if start is None or value is None or unit is None or not 0 < value * unit <= 3660:
        return (end or start, None)
    return start, start + timedelta(days=value * unit)


def _without_repeats(found: list[Medication], reading: Reading) -> list[Medication]:
    """Folds what is the same; what is the same drug otherwise (dose, route) stays and is told. History stays as it is."""
    kept: list[Medication] = []
    seen: dict[tuple[str, ...], list[Medication]] = {}
    for item in found:
        key = tuple(sorted(item.drugs)) or (phrase(item.text),)
        others = seen.setdefault(key, []) if item.course is not Course.STOPPED and key != ("",) else []
        name = " / ".join(item.drugs) or item.text
        if same := next((other for other in others if _is_same(item, other)), None):
            reading.leave("medication_repeated", item.place, name, f"the same as {same.place}; counted once")
            continue
        if others and item.drugs:
            reading.leave(
                "drug_twice", item.place, name, f"the drug is also at {others[0].place}; both are kept: check which holds"
            )
        if item.course is not Course.STOPPED:
            others.append(item)
        kept.append(item)
    return kept


def _is_same(new: Medication, old: Medication) -> bool:
    """Whether one entry says no more than the other: a supply or dose given of what is ordered, or the same words."""
    if new.course is Course.UNKNOWN and old.course is Course.ACTIVE and new.is_systemic in (None, old.is_systemic):
        return True
    signatures = [
        (item.course, item.dose, item.per_day, item.is_systemic, phrase(item.text), item.dose_text) for item in (new, old)
    ]
    return signatures[0] == signatures[1] and (new.start == old.start or new.course is Course.ACTIVE)
