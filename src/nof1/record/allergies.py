"""Allergies and intolerances by substance and class; "no known allergy" is said, not assumed."""

from __future__ import annotations

import re

from nof1.model.record import Allergy, Code
from nof1.model.terms import Terms, phrase, system_name
from nof1.record.drug_names import by_text
from nof1.record.fields import Json, codings, first_code, objects, text, words
from nof1.record.reading import Reading, Resource, by_code
from nof1.record.said_none import ALLERGIES

_NONE = {"716186003", "no-known-allergies"}
_NO_DRUG_ALLERGY = {"409137002", "no-known-medication-allergies"}
_NOTHING = {"no-allergy-info", "428607008", "429625007", "no-known-environmental-allergies", "no-known-food-allergies"}
_SPOKEN_NONE = {"no known allergies": ALLERGIES, "no known allergy": ALLERGIES, "nka": ALLERGIES}
_SPOKEN_NO_DRUG = {"no known drug allergies", "no known drug allergy", "no known medication allergies", "nkda"}
_AROUND = re.compile(
    r"^(?:allergy|allergic(?: reaction)?|hypersensitivity|intolerance|intolerant|anaphylaxis|adverse reaction)"
    r"(?: to| caused by| due to)? |(?: (?:allergy|intolerance|hypersensitivity|disorder|finding|substance|product))+$"
)
_REFUTED = ("inactive", "resolved")
_NOT_DRUGS = {"food", "environment"}


def allergies(resources: list[Resource], reading: Reading) -> list[Allergy]:
    """Every allergy; one entered in error, and one to something unknown, is noted."""
    found = []
    for resource in resources:
        reading.lists.add("allergies")
        codes = codings(resource.content.get("code"))
        said = words(resource.content.get("code"), codes)
        verified = first_code(resource.content.get("verificationStatus"))
        if verified == "entered-in-error":
            reading.leave(
                "entered_in_error", resource.place, said, "its verificationStatus is entered-in-error; it is no fact"
            )
        elif not _says_none(codes, said, verified == "refuted", reading):
            found.append(_allergy(resource, codes, said, verified == "refuted", reading))
    return found


def _says_none(codes: tuple[Code, ...], said: str, is_refuted: bool, reading: Reading) -> bool:
    """Whether the entry says that there are none (or that nothing is known) rather than naming something."""
    names, spoken = {code.code for code in codes}, phrase(said)
    if names & _NONE or spoken in _SPOKEN_NONE:
        reading.said_none.update(() if is_refuted else ALLERGIES)
    elif names & _NO_DRUG_ALLERGY or spoken in _SPOKEN_NO_DRUG:
        reading.said_none.update(() if is_refuted else ("drug_allergies",))
    else:
        return bool(names & _NOTHING)
    return True


def _allergy(resource: Resource, codes: tuple[Code, ...], said: str, is_refuted: bool, reading: Reading) -> Allergy:
    content, place = resource.content, resource.place
    reactions = objects(content.get("reaction"))
    drugs, classes = _substances(codes, said, reading.terms)
    for reaction in reactions:
        more = codings(reaction.get("substance"))
        if more or text(reaction.get("substance")):
            further = _substances(more, words(reaction.get("substance"), more), reading.terms)
            drugs, classes = _joined(drugs, further[0]), _joined(classes, further[1])
    if not drugs and not classes and not _is_no_drug(content):
        reading.leave("allergy_not_recognised", place, said, "it names no known drug or class; nothing is checked for it")
    is_refuted = is_refuted or first_code(content.get("clinicalStatus")) in _REFUTED
    when = reading.past(content.get("onsetDateTime") or content.get("recordedDate"), place, "the date")
    shown = "; ".join(words(what) for one in reactions for what in objects(one.get("manifestation")) if words(what))
    return Allergy(drugs, classes, said, shown, text(content.get("criticality")), is_refuted, when, codes, place)


def _is_no_drug(content: Json) -> bool:
    category = content.get("category")
    named = {item for item in category if isinstance(item, str)} if isinstance(category, list) else set()
    return bool(named) and named <= _NOT_DRUGS


def _substances(codes: tuple[Code, ...], said: str, terms: Terms) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Drugs and classes by code, or by exactly the name that remains of "allergy to NAME"."""
    coded = by_code(codes, terms.drug_codes)
    drugs = coded[1] if coded else ()
    classes: tuple[str, ...] = ()
    for code in codes:
        classes = _joined(classes, terms.class_codes.get((system_name(code.system), code.code), ()))
    for written in dict.fromkeys((said, *(code.display for code in codes))):
        if drugs or classes:
            break
        name = _AROUND.sub("", phrase(written))
        classes = (
            terms.class_names.get(name)
            or terms.class_names.get(name + "s")
            or terms.class_names.get(name.removesuffix("s"), ())
        )
        drugs = by_text(name, terms).drugs if name else ()
    return drugs, classes


def _joined(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
