"""Diagnoses, and procedures that leave a state behind, with whether they hold."""

from __future__ import annotations

from datetime import date

from nof1.model.record import Code, Condition, Course
from nof1.model.terms import Terms, phrase, system_name
from nof1.record.fields import Json, codings, first_code, obj, words
from nof1.record.reading import Reading, Resource

_CLINICAL = {
    **dict.fromkeys(("active", "recurrence", "relapse"), Course.ACTIVE),
    **dict.fromkeys(("inactive", "remission", "resolved"), Course.STOPPED),
}
_UNSURE = ("unconfirmed", "provisional", "differential")
_PROCEDURE = {
    "completed": Course.ACTIVE,
    "in-progress": Course.ACTIVE,
    "preparation": Course.PLANNED,
    "on-hold": Course.UNKNOWN,
    "stopped": Course.UNKNOWN,
    "unknown": Course.UNKNOWN,
}
_NONE = {"no-known-problems", "160245001"}
_NOTHING = {"no-problem-info", "no-known-procedures", "no-procedure-info", "787480003"}
_KIND_WORDS = (" disorder", " finding", " situation", " procedure", " event", " regime therapy")


def conditions(resources: list[Resource], reading: Reading) -> list[Condition]:
    """Every diagnosis that is a fact; refuted ones and errors are noted."""
    found = []
    for resource in resources:
        reading.lists.add("conditions")
        codes = codings(resource.content.get("code"))
        said = words(resource.content.get("code"), codes)
        verified = first_code(resource.content.get("verificationStatus"))
        if verified in ("refuted", "entered-in-error"):
            reading.leave(
                verified.replace("-", "_"), resource.place, said, f"its verificationStatus is {verified}; it is no fact"
            )
        elif any(code.code in _NONE for code in codes):
            reading.said_none.add("conditions")
        elif not any(code.code in _NOTHING for code in codes):
            found.append(_condition(resource, codes, said, verified, reading))
    return found


def _condition(resource: Resource, codes: tuple[Code, ...], said: str, verified: str, reading: Reading) -> Condition:
    content, place = resource.content, resource.place
    onset = content.get("onsetDateTime") or obj(content.get("onsetPeriod")).get("start") or content.get("recordedDate")
    start = reading.past(onset, place, "the onset")
    ended = content.get("abatementDateTime") or obj(content.get("abatementPeriod")).get("end")
    end = reading.when(ended, place, "the abatement", at_end=True)
    if start and end and end < start:
        reading.leave("dates_contradict", place, f"{start} to {end}", "it ends before it begins; neither date is used")
        start = end = None
    course = _course(content, end, reading)
    if course is Course.ACTIVE and end is not None and end < reading.today:
        reading.leave("course_contradiction", place, said, f"it is active and ended on {end}; whether it holds is unknown")
        course, end = Course.UNKNOWN, None
    if verified in _UNSURE and course is Course.ACTIVE:
        course = Course.UNKNOWN
    return Condition(recognised(codes, said, reading.terms), said, course, start, end, codes, place)


def _course(content: Json, end: date | None, reading: Reading) -> Course:
    stated = first_code(content.get("clinicalStatus"))
    if stated in _CLINICAL:
        return _CLINICAL[stated]
    has_ended = content.get("abatementBoolean") is True or "abatementAge" in content
    return Course.STOPPED if has_ended or (end is not None and end <= reading.today) else Course.UNKNOWN


def procedures(resources: list[Resource], reading: Reading) -> list[Condition]:
    """Procedures that a rule asks for, holding from the day they were last done."""
    found = []
    for resource in resources:
        reading.lists.add("procedures")
        codes = codings(resource.content.get("code"))
        said = words(resource.content.get("code"), codes)
        terms = recognised(codes, said, reading.terms)
        if terms and (condition := _procedure(resource, codes, said, terms, reading)):
            found.append(condition)
    return found


def _procedure(
    resource: Resource, codes: tuple[Code, ...], said: str, terms: tuple[str, ...], reading: Reading
) -> Condition | None:
    content, place = resource.content, resource.place
    status = content.get("status")
    if status in ("not-done", "entered-in-error"):
        reading.leave(status.replace("-", "_"), place, said, f"its status is {status}; it is no fact")
        return None
    course = _PROCEDURE.get(status if isinstance(status, str) else "", Course.UNKNOWN)
    period = obj(content.get("performedPeriod"))
    done = content.get("performedDateTime") or period.get("end") or period.get("start")
    dated = reading.when if course is Course.PLANNED else reading.past
    return Condition(terms, said, course, dated(done, place, "the day it was done"), None, codes, place)


def recognised(codes: tuple[Code, ...], said: str, terms: Terms) -> tuple[str, ...]:
    """What the knowledge calls a condition: by its codes (ICD-10 by prefix), or by exactly its name."""
    found: dict[str, None] = {}
    for code in codes:
        system = system_name(code.system)
        found.update(dict.fromkeys(terms.condition_codes.get((system, code.code), ())))
        if system == "icd10":
            bare = "".join(letter for letter in code.code.upper() if letter.isalnum())
            for length in range(1, len(bare) + 1):
                found.update(dict.fromkeys(terms.condition_prefixes.get(bare[:length], ())))
    if not found:
        for name in {phrase(text) for text in (said, *(code.display for code in codes))}:
            for ending in ("", *_KIND_WORDS):
                if name.endswith(ending):
                    found.update(dict.fromkeys(terms.condition_names.get(name.removesuffix(ending), ())))
    return tuple(found)
