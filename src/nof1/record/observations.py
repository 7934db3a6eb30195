"""Measurements, answers and scores as dated facts in the unit of their term; what cannot be believed is a doubt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from nof1.model.record import Code, Fact, Quantity
from nof1.model.terms import Measurable, phrase, system_name
from nof1.record.fields import Json, codings, is_absent, moment, number, obj, objects, short, text, words
from nof1.record.quantities import measured
from nof1.record.reading import Reading, Resource, by_code

_NO_FACT = ("entered-in-error", "cancelled")
_COMPARATORS = ("<", "<=", ">=", ">")
_WRITTEN = re.compile(r"(?P<comparator><=|>=|<|>|)\s*(?P<value>[+-]?\d{1,12}(?:\.\d{1,12})?)\s*(?P<unit>[^\d\s].{0,40})?")
_OTHER_VALUES = ("valueRange", "valueRatio", "valuePeriod", "valueTime", "valueSampledData")


@dataclass(frozen=True, slots=True)
class _About:
    """What all parts of one Observation share. ``is_open``: there is no result yet."""

    place: str
    when: date | None
    doubt: str
    at: str
    is_preliminary: bool
    is_open: bool


def observations(resources: list[Resource], reading: Reading) -> list[Fact]:
    """The facts of every Observation and of every component that has a code of its own, the newest first.

    Their order is that of their times, then of their places, whatever the order of the resources.
    """
    facts: list[Fact] = []
    for resource in resources:
        reading.lists.add("observations")
        content = resource.content
        status = content.get("status")
        if status in _NO_FACT:
            kind = "entered_in_error" if status == "entered-in-error" else "cancelled"
            reading.leave(kind, resource.place, words(content.get("code")), f"its status is {status}; it is no fact")
            continue
        about = _about(resource, reading)
        for part in (content, *objects(content.get("component"))):
            fact = _fact(part, about, reading, is_part=part is not content)
            if fact is not None:
                facts.append(fact)
    facts.sort(key=lambda fact: (fact.place, fact.term, fact.system, fact.code))
    facts.sort(key=_time, reverse=True)
    _compare(facts, reading)
    return facts


def _time(fact: Fact) -> str:
    """When it was measured, for sorting: a day without a time goes before the times of that day."""
    return fact.at or (fact.when.isoformat() if fact.when else "")


def _about(resource: Resource, reading: Reading) -> _About:
    content, place = resource.content, resource.place
    period = obj(content.get("effectivePeriod"))
    said = content.get("effectiveDateTime") or period.get("end") or period.get("start") or content.get("effectiveInstant")
    said = said or content.get("issued")
    when = reading.past(said, place, "the date")
    doubt = "" if when is not None or said is None else "its date cannot be"
    if when is not None and reading.born is not None and when < reading.born:
        doubt = f"it is dated {when}, before birth ({reading.born})"
        reading.leave("date_before_birth", place, said, f"it lies before birth ({reading.born}); correct one of them")
    status = content.get("status")
    is_open = status == "registered"
    at = moment(said) if when is not None else ""
    return _About(place, when, doubt, at, is_open or status == "preliminary", is_open)


def _fact(part: Json, about: _About, reading: Reading, is_part: bool) -> Fact | None:
    codes = codings(part.get("code"))
    code, term = _term(part, codes, reading)
    said = words(part.get("code"), codes)
    absent = part["valueCodeableConcept"] if is_absent(codings(part.get("valueCodeableConcept"))) else None
    if absent or "dataAbsentReason" in part:
        if term is not None:
            reason = words(absent or part["dataAbsentReason"]) or "no reason"
            reading.leave("data_absent", about.place, term.title, f"the record gives no value ({reason}); it stays unknown")
        return None
    value, given, comparator, problem = _value(part, term, about, reading)
    if value is None and not problem:
        if term is not None and not is_part and "component" not in part and "hasMember" not in part:
            reading.leave("value_missing", about.place, term.title, "it has no value; it stays unknown")
            problem = "" if about.is_open else "it has no value"
        if not problem:
            return None
    doubt = problem or about.doubt
    shown = f"{given} (preliminary)" if about.is_preliminary else given
    name = term.id if term is not None else ""
    known = None if doubt else value
    meant = _interpretation(part.get("interpretation"))
    place, when, at = about.place, about.when, about.at
    return Fact(code.system, code.code, known, when, place, name, said, shown, comparator, doubt, at, meant)


def _interpretation(stated: object) -> str:
    """What the laboratory says of the value: the first code (``L``, ``HH``), or words where it has none."""
    for one in objects(stated):
        codes = codings(one)
        if said := next((code.code.upper() for code in codes if code.code), "") or words(one, codes):
            return short(said)
    return ""


def _term(part: Json, codes: tuple[Code, ...], reading: Reading) -> tuple[Code, Measurable | None]:
    """What is measured: by its codes; by its name only where it has no code at all."""
    terms = reading.terms
    if found := by_code(codes, terms.measurement_codes):
        return found[0], terms.measurements.get(found[1])
    if any(code.code for code in codes):
        return codes[0], None
    name = terms.measurement_names.get(phrase(text(obj(part.get("code")).get("text"))))
    return Code("", ""), terms.measurements.get(name) if name else None


_Value = tuple[Quantity | str | bool | None, str, str, str]


def _value(part: Json, term: Measurable | None, about: _About, reading: Reading) -> _Value:
    """The value, as it was given, its comparator, and the doubt about it."""
    if "valueQuantity" in part:
        return _quantity(obj(part["valueQuantity"]), term, about, reading)
    if "valueCodeableConcept" in part:
        concept = part["valueCodeableConcept"]
        codes = codings(concept)
        return _answer(codes, words(concept, codes), term, about, reading)
    if "valueInteger" in part:
        return _quantity({"value": part["valueInteger"]}, term, about, reading)
    if "valueBoolean" in part:
        answer = part["valueBoolean"] is True
        word = term.answers.get("true" if answer else "false") if term else None
        return word or answer, str(answer).lower(), "", ""
    said = text(part.get("valueString"))
    if said and term is not None and term.unit and (found := _WRITTEN.fullmatch(said)):
        quantity = {"value": float(found["value"]), "unit": found["unit"] or "", "comparator": found["comparator"]}
        return _quantity(quantity, term, about, reading)
    if said:
        return _answer((), short(said), term, about, reading)
    if "valueDateTime" in part:
        return text(part["valueDateTime"]) or None, text(part["valueDateTime"]), "", ""
    for name in _OTHER_VALUES:
        if name in part and term is not None:
            return _refused("value_not_single", term, about, name, f"its value is a {name[5:]}, not one value", reading)
    return None, "", "", ""


def _quantity(quantity: Json, term: Measurable | None, about: _About, reading: Reading) -> _Value:
    value = number(quantity.get("value"))
    code, unit = text(quantity.get("code")), text(quantity.get("unit"))
    if term is None:
        return (Quantity(value, code or unit) if value is not None else None), "", "", ""
    said = text(quantity.get("comparator"))
    comparator = said if said in _COMPARATORS else ""
    given = f"{comparator}{short(quantity.get('value'))} {unit or code}".strip()
    if value is None:
        return _refused("value_no_number", term, about, given, f"{term.title} is {given or 'empty'}, no number", reading)
    if said and not comparator:
        return _refused(
            "value_no_number", term, about, given, f"its comparator {short(said)!r} is none of < <= >= >", reading
        )
    written = code if code and system_name(text(quantity.get("system"))) == "ucum" else unit or code
    found = measured(value, written, comparator, term)
    if found.value is None:
        return _refused(found.kind, term, about, given, found.why, reading)
    return Quantity(found.value, term.unit), given, comparator, ""


def _answer(codes: tuple[Code, ...], said: str, term: Measurable | None, about: _About, reading: Reading) -> _Value:
    """A coded or written result in the term's own word for it."""
    if term is None or (not term.answers and not term.unit):
        return said or None, said, "", ""
    for code in codes:
        for key in (f"{system_name(code.system)}|{code.code.lower()}", phrase(code.code), phrase(code.display)):
            if key in term.answers:
                return term.answers[key], said, "", ""
    if phrase(said) in term.answers:
        return term.answers[phrase(said)], said, "", ""
    return _refused(
        "answer_not_recognised", term, about, said, f'{term.title} is "{said}", which is no answer known here', reading
    )


def _refused(kind: str, term: Measurable, about: _About, given: str, why: str, reading: Reading) -> _Value:
    alike = f"{term.id} {given.rpartition(' ')[2]}" if kind.startswith("unit") else ""
    reading.leave(kind, about.place, f"{term.title} {given}".strip(), why, alike)
    return None, given, "", why


def _compare(facts: list[Fact], reading: Reading) -> None:
    """Notes different values of one thing at one time; all are kept."""
    at_once: dict[tuple[str, str], Fact] = {}
    for fact in facts:
        if not fact.term or fact.value is None or not (time := _time(fact)):
            continue
        first = at_once.setdefault((fact.term, time), fact)
        if (first.value, first.comparator) != (fact.value, fact.comparator):
            title = reading.terms.measurements[fact.term].title
            reason = f"{first.place} says {first.given} at the same time; both are kept"
            reading.leave("values_contradict", fact.place, f"{title} {fact.given}", reason)
