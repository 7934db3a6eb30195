"""The medicines of the record in one table that reads without colour: course, dose, advice for this person, unknowns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nof1.model.findings import Action, Assessment, DrugAdvice
from nof1.report import words
from nof1.report.lines import cut
from nof1.report.markup import Html, link, tag, together
from nof1.report.reading import COURSES, NOW, first_sentence, is_silent, stopped_once, why
from nof1.report.shown import Shown
from nof1.report.signs import headline
from nof1.report.tables import Group, folding

_HEADS = ("Medicine, as recorded", "Course", "Dose and route", "For this person, and why", "Not known")
_LONGEST = 180
_UNKNOWN_SHOWN = 2
_NOT_RECOGNISED = "Not recognised: nothing about it was assessed."
_NOTHING = "That does not make it safe."
_LOCAL = "given locally: advice is written for routes that reach the blood"


def medicine_section(assessment: Assessment, shown: Shown) -> Html:
    """The table, and the medicines that were not recognised; empty without a record."""
    if not assessment.record:
        return Html("")
    every = assessment.record.get("medications", ())
    found = sorted(stopped_once(every), key=lambda item: _place(item, shown))
    title = tag("h2", "Medicines of the record ", tag("span", str(len(every)), class_="n"), id="medicines")
    if not found:
        said = "medications" in assessment.record.get("said_none", ())
        return tag("section", title, tag("p", "The record says that there are none." if said else "The record lists none."))
    groups = [Group(_name(item), [_cells(item, shown)], f"m-{item.get('course', '')}") for item in found]
    body = folding("Medicines of the record, with the most urgent advice on each", _HEADS, groups, "medicines", hidden=True)
    return tag("section", title, body, _unrecognised(assessment.record.get("not_recognised", ())))


def _place(item: Mapping[str, Any], shown: Shown) -> tuple[bool, int]:
    """What is taken or planned before what was stopped; the most urgent first; what was not recognised after the others."""
    urgencies = [shown.drugs[drug].headline.urgency for drug in item.get("drugs", ()) if drug in shown.drugs]
    return item.get("course") not in NOW, min(urgencies, default=len(Action))


def _name(item: Mapping[str, Any]) -> Html:
    matched = f"{', '.join(item['drugs'])}, by {item['matched']}" if item.get("drugs") else ""
    return together([tag("bdi", item.get("text", "")), tag("p", matched, class_="quiet") if matched else ""])


def _cells(item: Mapping[str, Any], shown: Shown) -> Sequence[str]:
    course = item.get("course", "")
    dated = [f"since {item['since']}" if item.get("since") else "start not recorded"]
    dated += [f"until {item['until']}"] if item.get("until") else []
    dated += [f"{item['times']} entries"] if item.get("times", 1) > 1 else []
    route = item.get("route") or "route not stated, taken as systemic"
    if item.get("is_systemic") is False:
        route += ", local"
    drugs = [shown.drugs.get(name) for name in item.get("drugs", ())]
    return (
        together([tag("b", COURSES.get(course, course)), tag("p", ", ".join(dated), class_="quiet")]),
        together([item.get("dose") or "dose not recorded", tag("p", route, class_="quiet")]),
        _for_person(item, drugs),
        _unknown([drug for drug in drugs if drug]) if course in NOW else "",
    )


def _for_person(item: Mapping[str, Any], drugs: Sequence[DrugAdvice | None]) -> Html:
    if not item.get("drugs"):
        return tag("p", headline(Action.NO_RECOMMENDATION), " ", _NOT_RECOGNISED)
    if item.get("course") not in NOW:
        return tag("p", "no longer taken: not counted, except where its effect lasts", class_="quiet")
    local = [tag("p", _LOCAL, class_="quiet")] if item.get("is_systemic") is False else []
    return together([*[_advised(drug) for drug in drugs], *local])


def _advised(drug: DrugAdvice | None) -> Html:
    if drug is None or is_silent(drug):
        return tag("p", headline(Action.NO_RECOMMENDATION, f"{words.NO_DATA.capitalize()}."), " ", _NOTHING)
    flag = (" ", tag("span", "! interrupts", class_="interrupts")) if drug.interrupts else ()
    return tag("p", link("d", drug.drug, headline(drug.headline)), *flag, " ", cut(why(drug), _LONGEST))


def _unknown(drugs: Sequence[DrugAdvice]) -> Html:
    reasons = list(dict.fromkeys(first_sentence(item.reason) for drug in drugs for item in drug.unknown))
    lines = [tag("p", cut(reason, _LONGEST)) for reason in reasons[:_UNKNOWN_SHOWN]]
    left = len(reasons) - _UNKNOWN_SHOWN
    return together([*lines, tag("p", f"and {left} more, below", class_="quiet") if left > 0 else ""])


def _unrecognised(names: Sequence[str]) -> Html:
    if not names:
        return Html("")
    listed = together([tag("bdi", name) for name in names], "; ")
    said = f": {words.NO_DATA} on their advice or interactions; that does not make them safe."
    return tag("p", tag("b", "Not recognised: "), listed, said, class_="alarm")
