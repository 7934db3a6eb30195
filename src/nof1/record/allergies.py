"""Allergies and intolerances by substance and class; "no known allergy" is said, not assumed."""

from __future__ import annotations

import re

from nof1.model.record import Allergy, Code
from nof1.model.terms import Terms, phrase, system_name
from nof1.record.drug_names import by_text
from nof1.record.fields import Json, codings, objects, states, text, words
from nof1.record.reading import Reading, Resource, by_code
from nof1.record.said_none import ALLERGIES

_NONE = {"716186003", "no-known-allergies"}
_NO_DRUG_ALLERGY = {"409137002", "no-known-medication-allergies"}
_NOTHING = {"no-allergy-info", "428607008", "429625007", "no-known-environmental-allergies", "no-known-food-allergies"}
_SPOKEN_NONE = {"no known allergies", "no known allergy", "no allergies", "none known", "nka"}
_SPOKEN_NO_DRUG = {
    *("no known drug allergies", "no known drug allergy", "no known medication allergies", "no known medication allergy"),
    *("no drug allergies", "no medication allergies", "nkda", "nkma"),
}
_REACTION = (
    r"allergy|allergies|allergic(?: reaction)?|hypersensitivity|sensitivity|intolerance|intolerant|anaphylaxis"
    r"|adverse (?:drug )?(?:reaction|effects?)|side effects?|reaction|rash|hives|urticaria"
)
_BEFORE = re.compile(
    rf"^(?:(?:{_REACTION})(?: to| caused by| due to| from| with| of| on)?|(?:h o|hx|history)(?: of)?|from|due to) "
)
_BEHIND = re.compile(
    rf"(?: (?:{_REACTION}|disorder|finding|substance|product|drugs?|medications?|medicines?|antibiotics?|class|group))+$"
)
_PARTS = re.compile(r"\s[-–—]+\s|[(),;:/+&\[\]]|\band\b", re.IGNORECASE)
_H_O = re.compile(r"\bh/o\b", re.IGNORECASE)
_TOLERATED = (
    "tolerates tolerated tolerating tolerate tolerant ok okay safe fine can may no not never none without except but "
    "unless denies negative delabeled delabelled instead"
)
_TAKEN_WELL = frozenset(_TOLERATED.split())
_REFUTED = ("inactive", "resolved")
_NOT_DRUGS = {"food", "environment"}


def allergies(resources: list[Resource], reading: Reading) -> list[Allergy]:
    """Every allergy; one entered in error, and one to something unknown, is noted."""
    found = []
    for resource in resources:
        codes = codings(resource.content.get("code"))
        said = words(resource.content.get("code"), codes)
        verified = states(resource.content.get("verificationStatus"))
        if "entered-in-error" in verified:
            reading.leave(
                "entered_in_error", resource.place, said, "its verificationStatus is entered-in-error; it is no fact"
            )
        elif not _says_none(codes, said, "refuted" in verified, reading):
            reading.lists.add("allergies")
            found.append(_allergy(resource, codes, said, "refuted" in verified, reading))
    return found


def _says_none(codes: tuple[Code, ...], said: str, is_refuted: bool, reading: Reading) -> bool:
    """Whether the entry says that there are none (or that nothing is known) rather than naming something."""
    names, spoken = {code.code for code in codes}, phrase(said)
    if names & _NONE or spoken in _SPOKEN_NONE:
        none = ALLERGIES
    elif names & _NO_DRUG_ALLERGY or spoken in _SPOKEN_NO_DRUG:
        none = ("drug_allergies",)
    else:
        return bool(names & _NOTHING)
    if not is_refuted:
        reading.said_none.update(none)
        reading.lists.add("allergies")
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
        reading.not_recognised("allergies", said)
    is_refuted = is_refuted or any(state in _REFUTED for state in states(content.get("clinicalStatus")))
    when = reading.past(content.get("onsetDateTime") or content.get("recordedDate"), place, "the date")
    shown = "; ".join(words(what) for one in reactions for what in objects(one.get("manifestation")) if words(what))
    return Allergy(drugs, classes, said, shown, text(content.get("criticality")), is_refuted, when, codes, place)


def _is_no_drug(content: Json) -> bool:
    category = content.get("category")
    named = {item for item in category if isinstance(item, str)} if isinstance(category, list) else set()
    return bool(named) and named <= _NOT_DRUGS


def _substances(codes: tuple[Code, ...], said: str, terms: Terms) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Drugs and classes by code, or by exactly the names that remain of "allergy to NAME (reaction), NAME"."""
    coded = by_code(codes, terms.drug_codes)
    drugs = coded[1] if coded else ()
    classes: tuple[str, ...] = ()
    for code in codes:
        classes = _joined(classes, terms.class_codes.get((system_name(code.system), code.code), ()))
    for written in dict.fromkeys((said, *(code.display for code in codes))):
        if drugs or classes:
            break
        drugs, classes = _written(_H_O.sub("history of", written), terms)
    return drugs, classes


def _written(said: str, terms: Terms) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a text names as a whole, or in its parts up to where it says what is taken well ("NAME - tolerates OTHER")."""
    classes, drugs = _class_named(said, terms), terms.drug_names.get(phrase(said), ())
    if classes or drugs:
        return drugs, classes
    for part in _PARTS.split(said):
        if _TAKEN_WELL & set(phrase(part).split()):
            break
        drugs, classes = _joined(drugs, _drugs_named(part, terms)), _joined(classes, _class_named(part, terms))
    return drugs if drugs or classes else _drugs_named(said, terms), classes


def _drugs_named(said: str, terms: Terms) -> tuple[str, ...]:
    return by_text(said, terms).drugs or by_text(_bare(said), terms).drugs


def _class_named(said: str, terms: Terms) -> tuple[str, ...]:
    for name in (phrase(said), _bare(said)):
        for form in (name, f"{name}s", name.removesuffix("s")):
            if found := terms.class_names.get(form):
                return found
    return ()


def _bare(said: str) -> str:
    """The name without words for an allergy, a reaction or the kind of thing around it."""
    return _BEHIND.sub("", _BEFORE.sub("", phrase(said)))


def _joined(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
