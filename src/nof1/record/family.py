"""What relatives have or had, and who they are to the person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from nof1.model.pedigree import Illness, Member
from nof1.model.record import Relative
from nof1.model.relations import RELATIONSHIPS, Relationship, by_words
from nof1.model.terms import system_name
from nof1.record.conditions import recognised
from nof1.record.fields import Json, codings, first_code, number, obj, objects, reference, short, text, words
from nof1.record.reading import Reading, Resource

Ages = tuple[float, float]  # lowest and highest, in years
_SILENT = ("entered-in-error", "health-unknown")
_TOLD = {"completed": "whole", "health-unknown": "nothing"}
_SEXES = ("female", "male")
_PARENT = "/family-member-history-genetics-parent"
_YEARS = {"a": 1.0, "mo": 1 / 12, "wk": 7 / 365.25, "d": 1 / 365.25}
_UNITS = {"year": "a", "yr": "a", "y": "a", "month": "mo", "week": "wk", "day": "d"}
_WRITTEN = re.compile(
    r"(?:aged?|at|at age|in (?:her|his|their))?\s*(\d{1,3})(s)?\s*(?:years?|yrs?|y\.?o\.?|y|a)?(?: old| of age)?\.?"
)
_DECADE = 9.99


def relatives(resources: list[Resource], reading: Reading) -> list[Relative]:
    """Every condition of every relative; a history that is an error or not known is noted."""
    found = []
    for resource in resources:
        content = resource.content
        relation = _called(content)
        status = text(content.get("status"))
        if status in _SILENT:
            reading.leave(status.replace("-", "_"), resource.place, relation, f"its status is {status}; it says nothing")
            continue
        reading.lists.add("relatives")
        for condition in objects(content.get("condition")):
            codes = codings(condition.get("code"))
            said = words(condition.get("code"), codes)
            if said:
                terms = recognised(codes, said, reading.terms)
                found.append(Relative(relation, terms, said, _age(condition), codes, resource.place))
    return found


def _called(content: Json) -> str:
    """Who a relative is: in the words of the relationship that its code says, else as it is written."""
    written = words(content.get("relationship"))
    known = RELATIONSHIPS.get(_code(content, written))
    return known.words if known else written


def members(resources: list[Resource], reading: Reading) -> list[Member]:
    """Every relative with sex, age, death, illnesses and links to other relatives; errors are left out."""
    keys = {resource.key for resource in resources if resource.key}
    return [
        _member(resource, number, keys, reading)
        for number, resource in enumerate(resources, 1)
        if text(resource.content.get("status")) != "entered-in-error"
    ]


def _member(resource: Resource, position: int, keys: set[str], reading: Reading) -> Member:
    content, place = resource.content, resource.place
    relation = words(content.get("relationship"))
    code = _code(content, relation)
    known = RELATIONSHIPS.get(code)
    if known is None:
        reading.leave(
            "relationship_unknown",
            place,
            relation,
            "it is no relationship by blood that is known (v3 RoleCode); the relative is not counted",
        )
    sex = _sex(first_code(content.get("sex")), known, place, reading)
    born = reading.past(content.get("bornDate") or obj(content.get("bornPeriod")).get("start"), place, "the date of birth")
    is_dead, ages = _death(content, born, place, reading)
    ages = ages if is_dead else _range(content, "age") or _since(born, reading.today)
    told = _TOLD.get(text(content.get("status")), "partly")
    return Member(
        key=resource.key or f"{position}",
        relation=known.words if known else relation,
        code=code if known else "",
        name=short(text(content.get("name"))),
        sex=sex,
        is_dead=is_dead,
        age=ages[0] if ages else None,
        illnesses=() if told == "nothing" else tuple(_within(ages, _illnesses(content, born, reading), place, reading)),
        told=told,
        mother=_linked(content, keys, "MTH"),
        father=_linked(content, keys, "FTH"),
        place=place,
    )


def _code(content: Json, relation: str) -> str:
    for one in codings(content.get("relationship")):
        if system_name(one.system) == "role" and one.code in RELATIONSHIPS:
            return one.code
    found = by_words(relation)
    return next((code for code, row in RELATIONSHIPS.items() if row is found), "") if found else ""


def _illnesses(content: Json, born: date | None, reading: Reading) -> list[Illness]:
    found = []
    for condition in objects(content.get("condition")):
        codes = codings(condition.get("code"))
        if said := words(condition.get("code"), codes):
            terms = recognised(codes, said, reading.terms)
            is_absent = said.casefold().startswith("no ")
            found.append(Illness(terms, said, _onset(condition, born), _age(condition), is_absent))
    return found


def _sex(said: str, known: Relationship | None, place: str, reading: Reading) -> str:
    """The sex as recorded, else that of the relationship; unknown where they contradict each other."""
    if said in _SEXES and known and known.sex and said != known.sex:
        reading.leave(
            "sex_contradiction", place, f"{known.words}, {said}", "sex and relationship contradict; correct one of them"
        )
        return ""
    return said if said in _SEXES else known.sex if known else ""


def _within(ages: Ages | None, illnesses: list[Illness], place: str, reading: Reading) -> Iterator[Illness]:
    """``illnesses``; of one that began after the age now, or at death, the age is not known."""
    for one in illnesses:
        if ages is not None and one.onset is not None and one.onset[0] >= ages[1] + 1:
            reading.leave(
                "age_contradiction", place, f"{one.text} at {one.onset[0]:g}",
                f"the relative is {ages[1]:g} years old, or died so; when it began is not used, correct one of them",
            )  # fmt: skip
            yield replace(one, onset=None, at="")
        else:
            yield one


def _onset(condition: Json, born: date | None) -> Ages | None:
    """The lowest and highest age at which it began, in years; of an age in whole years, within that year."""
    if found := _range(condition, "onset"):
        return found
    period = obj(condition.get("onsetPeriod"))
    begun = text(period.get("start"))[:10]
    try:
        since = _since(born, date.fromisoformat(begun))
    except ValueError:
        return None
    return since if since and since[0] >= 0 else None


def _range(content: Json, name: str) -> Ages | None:
    """The ages of ``nameAge``, ``nameRange`` or ``nameString``, in years; ``None`` where none can be read."""
    if (age := _years(obj(content.get(f"{name}Age")))) is not None:
        return age, age
    span = obj(content.get(f"{name}Range"))
    if span:
        low, high = _years(obj(span.get("low"))), _years(obj(span.get("high")))
        if low is None and high is None:
            return None
        found = (low if low is not None else 0.0, high if high is not None else _OLDEST)
        return found if found[0] <= found[1] else None
    written = _WRITTEN.fullmatch(text(content.get(f"{name}String")).lower())
    if not written:
        return None
    low = float(written[1])
    return (low, low + _DECADE) if written[2] else (low, low)


_OLDEST = 130.0


def _years(age: Json) -> float | None:
    value = number(age.get("value"))
    unit = text(age.get("code")) or text(age.get("unit")).lower().removesuffix("s") or "a"
    factor = _YEARS.get(_UNITS.get(unit, unit))
    if value is None or factor is None or not 0 <= value * factor <= _OLDEST:
        return None
    return value * factor


def _since(born: date | None, day: date) -> Ages | None:
    if born is None or day < born:
        return None
    age = float(day.year - born.year - ((day.month, day.day) < (born.month, born.day)))
    return age, age


def _death(content: Json, born: date | None, place: str, reading: Reading) -> tuple[bool | None, Ages | None]:
    """Whether the relative is dead, and the lowest and highest age at which."""
    if isinstance(content.get("deceasedBoolean"), bool):
        return content["deceasedBoolean"], None
    if found := _range(content, "deceased"):
        return True, found
    if died := text(content.get("deceasedDate"))[:10]:
        day = reading.past(died, place, "the date of death")
        return True, _since(born, day) if day is not None else None
    return (True, None) if text(content.get("deceasedString")) else (None, None)


def _linked(content: Json, keys: set[str], role: str) -> str:
    """The key of the member that an extension of FHIR names as mother (``MTH``) or father (``FTH``)."""
    for extension in objects(content.get("extension")):
        if not text(extension.get("url")).endswith(_PARENT):
            continue
        parts = {text(part.get("url")): part for part in objects(extension.get("extension"))}
        kind = {one.code for one in codings(obj(parts.get("type")).get("valueCodeableConcept"))}
        there = reference(obj(parts.get("reference")).get("valueReference"))
        if kind & {role, f"N{role}"} and there in keys:
            return there
    return ""


def _age(condition: Json) -> str:
    if said := text(condition.get("onsetString")):
        return short(said)
    onset = obj(condition.get("onsetAge"))
    value = number(onset.get("value"))
    return "" if value is None else f"{value:g} {text(onset.get('unit')) or text(onset.get('code'))}".strip()
