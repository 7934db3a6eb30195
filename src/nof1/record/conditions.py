"""Diagnoses, and procedures that leave a state behind, with whether they hold."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from nof1.model.record import Code, Condition, Course
from nof1.model.terms import Terms, phrase, system_name
from nof1.record.fields import Json, codings, obj, states, text, words
from nof1.record.histories import in_history, is_of_family
from nof1.record.reading import Reading, Resource

_CLINICAL = {
    **dict.fromkeys(("active", "recurrence", "relapse"), Course.ACTIVE),
    **dict.fromkeys(("inactive", "remission", "resolved"), Course.STOPPED),
}
_TAKEN_BACK = ("refuted", "entered-in-error")
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
    """Every diagnosis that is a fact; refuted ones and errors are noted, and are not a list that is kept."""
    found = []
    for resource in resources:
        codes = codings(resource.content.get("code"))
        said = words(resource.content.get("code"), codes)
        verified = states(resource.content.get("verificationStatus"))
        if back := next((state for state in verified if state in _TAKEN_BACK), ""):
            reading.leave(back.replace("-", "_"), resource.place, said, f"its verificationStatus is {back}; it is no fact")
        elif any(code.code in _NONE for code in codes):
            reading.said_none.add("conditions")
            reading.lists.add("conditions")
        elif not any(code.code in _NOTHING for code in codes):
            if not is_of_family(said):  # that alone says nothing of the person's own diagnoses
                reading.lists.add("conditions")
            is_sure = not any(state in _UNSURE for state in verified)
            found.append(_condition(resource, codes, said, is_sure, reading))
    return found


def _condition(resource: Resource, codes: tuple[Code, ...], said: str, is_sure: bool, reading: Reading) -> Condition:
    content, place = resource.content, resource.place
    terms, is_past = _meant(codes, said, place, reading)
    onset = content.get("onsetDateTime") or obj(content.get("onsetPeriod")).get("start")
    if not onset and not is_past:  # a history is written down long after it began
        onset = content.get("recordedDate")
    start = reading.past(onset, place, "the onset")
    ended = content.get("abatementDateTime") or obj(content.get("abatementPeriod")).get("end")
    end = reading.when(ended, place, "the abatement", at_end=True)
    if start and end and end < start:
        reading.leave("dates_contradict", place, f"{start} to {end}", "it ends before it begins; neither date is used")
        start = end = None
    course = Course.STOPPED if is_past else _course(content, end, reading)
    if course is Course.ACTIVE and end is not None and end < reading.today:
        reading.leave("course_contradiction", place, said, f"it is active and ended on {end}; whether it holds is unknown")
        course, end = Course.UNKNOWN, None
    if not is_sure and course is Course.ACTIVE:
        course = Course.UNKNOWN
    return Condition(terms, said, course, start, end, codes, place)


def _meant(codes: tuple[Code, ...], said: str, place: str, reading: Reading) -> tuple[tuple[str, ...], bool]:
    """What the knowledge calls it, and whether only its words say that it is past; nothing where it is of the family."""
    terms = recognised(codes, said, reading.terms)
    if is_of_family(said):
        if terms:
            reading.leave("family_history", place, said, "its text is about relatives; it is no condition of the person")
        terms = ()
    elif not terms:
        for name, is_past in (in_history(one) for one in (said, *(code.display for code in codes))):
            if terms := _named(name, reading.terms):
                return terms, is_past
    if not terms:
        reading.not_recognised("conditions", said)
    return terms, False


def _course(content: Json, end: date | None, reading: Reading) -> Course:
    stated = next((state for state in states(content.get("clinicalStatus")) if state in _CLINICAL), "")
    if stated:
        return _CLINICAL[stated]
    has_ended = content.get("abatementBoolean") is True or "abatementAge" in content
    return Course.STOPPED if has_ended or (end is not None and end <= reading.today) else Course.UNKNOWN


def procedures(resources: list[Resource], reading: Reading) -> list[Condition]:
    """Procedures that a rule asks for, holding from the day they were last done."""
    found = []
    for resource in resources:
        codes = codings(resource.content.get("code"))
        if any(code.code in _NOTHING for code in codes):
            continue
        said = words(resource.content.get("code"), codes)
        if not _was_done(resource, said, reading):
            continue
        reading.lists.add("procedures")
        terms, _ = _meant(codes, said, resource.place, reading)
        if terms:
            found.append(_procedure(resource, codes, said, terms, reading))
    return found


def _was_done(resource: Resource, said: str, reading: Reading) -> bool:
    """Whether it is a fact, or may become one; what is not is noted."""
    status = text(resource.content.get("status"))
    if status in ("not-done", "entered-in-error"):
        reading.leave(status.replace("-", "_"), resource.place, said, f"its status is {status}; it is no fact")
        return False
    return True


def _procedure(
    resource: Resource, codes: tuple[Code, ...], said: str, terms: tuple[str, ...], reading: Reading
) -> Condition:
    content, place = resource.content, resource.place
    status = content.get("status")
    course = _PROCEDURE.get(status if isinstance(status, str) else "", Course.UNKNOWN)
    period = obj(content.get("performedPeriod"))
    done = content.get("performedDateTime") or period.get("end") or period.get("start")
    dated = reading.when if course is Course.PLANNED else reading.past
    return Condition(terms, said, course, dated(done, place, "the day it was done"), None, codes, place)


@lru_cache(maxsize=16384)
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
        for name in (said, *(code.display for code in codes)):
            found.update(dict.fromkeys(_named(phrase(name), terms)))
    return tuple(found)


def _named(name: str, terms: Terms) -> tuple[str, ...]:
    """What exactly this name means, with or without a word for what kind of thing it is."""
    endings = ("", *_KIND_WORDS) if name else ()
    return tuple(
        term
        for ending in endings
        if name.endswith(ending)
        for term in terms.condition_names.get(name.removesuffix(ending), ())
    )
