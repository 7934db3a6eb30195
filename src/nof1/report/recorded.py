"""The record on the page: facts that were used, what is old or contradictory, what is not recorded, what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nof1.model.findings import Assessment, Kind
from nof1.report.markup import Html, escape, row, table, tag, together
from nof1.report.reading import COURSES, name_of, named, record_names
from nof1.report.shown import Shown
from nof1.report.tables import Group, folding
from nof1.report.words import counted

_SHOWN = 60
_NOT_RECORDED = ": not recorded"  # how such a reason ends
_OLD, _FROM_OLD, _SAID = "◷ old", "◷ rests on an old value", ", old"


def record_section(assessment: Assessment, shown: Shown) -> Html:
    """Everything of the record that was used or could not be used; empty without a record."""
    record = assessment.record
    if not record:
        return Html("")
    parts = [
        tag("h2", "Facts of the record", id="record"),
        _read(record),
        _marked(record.get("notes", ())),
        _histories(record),
        _facts(assessment, shown),
        _not_recorded(record.get("unknown", {}), record_names(assessment)),
        _left_out(record.get("left_out", ())),
    ]
    return tag("section", *parts)


def _read(record: Mapping[str, Any]) -> Html:
    read = ", ".join(f"{number:,} {kind}" for kind, number in record.get("read", {}).items())
    files = ", ".join(record.get("sources", ()))
    born = f"born {record['birth_date']}" if record.get("birth_date") else "date of birth not recorded"
    sex = record.get("sex") or "sex not recorded"
    said = [f"Patient {record.get('person') or 'without an id'}", born, sex, f"read: {read}" if read else "", files]
    return tag("p", "; ".join(text for text in said if text), ".", class_="quiet")


def _marked(notes: Sequence[str]) -> Html:
    """What is old or contradictory."""
    lines = [tag("li", note) for note in notes]
    if not lines:
        return Html("")
    return tag("div", tag("p", "⚠ ", tag("b", "Old or contradictory")), tag("ul", *lines), class_="warning", role="note")


def _facts(assessment: Assessment, shown: Shown) -> Html:
    """Facts, those that advice rests on first, each with the drugs it was used for."""
    used = _used(assessment)
    facts = dict(_once(assessment.record.get("facts", {})))
    ordered = sorted(facts, key=lambda name: name not in used)
    groups = [
        Group(
            named(name, record_names(assessment)),
            [
                (
                    _words(facts[name]),
                    together([shown.drug(drug) for drug in used.get(name, ())], ", "),
                )
            ],
        )
        for name in ordered
    ]
    if not groups:
        return tag("p", "No fact that a rule asks for is recorded.")
    return folding(
        "Facts known from the record", ("Fact", "As recorded or computed", "Advice rests on it for"), groups, "known"
    )


def _words(fact: Mapping[str, Any]) -> Html:
    """The fact as it reads, marked where it is old."""
    text = str(fact["words"])
    if not fact.get("is_old"):
        return Html(escape(text))
    mark = _OLD if text.endswith(_SAID) else _FROM_OLD
    return together([text.removesuffix(_SAID), " ", tag("b", mark, class_="old")])


def _once(facts: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """Facts without those that repeat the words of another."""
    seen: set[str] = set()
    for name, fact in facts.items():
        if fact["words"] not in seen:
            seen.add(fact["words"])
            yield name, fact


def _used(assessment: Assessment) -> dict[str, list[str]]:
    """The drugs that each fact was used for."""
    found: dict[str, list[str]] = {}
    for drug in assessment.drugs:
        for item in drug.recommendations:
            for name in item.because_of if item.kind is Kind.FACT else ():
                if drug.drug not in found.setdefault(name, []):
                    found[name].append(drug.drug)
    return found


def _histories(record: Mapping[str, Any]) -> Html:
    """Conditions that a rule asks for, allergies, relatives; each in one line."""
    conditions = record.get("conditions", ())
    asked = [item for item in conditions if item.get("terms")]
    rows = [
        ("Allergies", [_allergy(item) for item in record.get("allergies", ())]),
        ("Conditions that a rule asks for", [_condition(item) for item in asked]),
        ("Other conditions", [f"{counted(len(conditions) - len(asked), 'entry', 'entries')}; no rule asks for them"]),
        ("Relatives", [f"{item['relation']}: {item['text']}" for item in record.get("relatives", ())]),
        ("Said to be none", [name_of(name) for name in record.get("said_none", ())]),
    ]
    if len(conditions) == len(asked):
        rows.pop(2)
    shown = [tag("div", tag("dt", name), tag("dd", "; ".join(texts))) for name, texts in rows if texts]
    return tag("dl", *shown, class_="settings") if shown else Html("")


def _allergy(item: Mapping[str, Any]) -> str:
    told = [item.get("reaction"), f"criticality {item['criticality']}" if item.get("criticality") else ""]
    told += ["taken back"] if item.get("is_refuted") else []
    told += [] if item.get("drugs") or item.get("classes") else ["not recognised"]
    return f"{item['text']} ({', '.join(text for text in told if text)})" if any(told) else str(item["text"])


def _condition(item: Mapping[str, Any]) -> str:
    words = {**COURSES, "active": "present", "unknown": "course not stated", "stopped": "past"}
    told = [words.get(item.get("course", ""), ""), f"since {item['since']}" if item.get("since") else ""]
    return f"{item['text']} ({', '.join(text for text in told if text)})"


def _not_recorded(unknown: Mapping[str, str], names: Mapping[str, str]) -> Html:
    """What rules ask for and the record does not say: reasons that say more than that first."""
    if not unknown:
        return Html("")
    told = [reason for reason in unknown.values() if not reason.endswith(_NOT_RECORDED)]
    plainly = [named(name, names) for name, reason in unknown.items() if reason.endswith(_NOT_RECORDED)]
    lines = [tag("li", reason) for reason in dict.fromkeys(told)]
    lines += [tag("li", f"not recorded: {', '.join(plainly)}")] if plainly else []
    title = tag("summary", f"Facts that are not known ({len(unknown)}); unknown is not taken as normal")
    return tag("details", title, tag("ul", *lines, class_="plain-list"))


def _left_out(found: Sequence[Mapping[str, Any]]) -> Html:
    title = tag("h3", "Left out of the record ", tag("span", str(len(found)), class_="n"), id="left-out")
    if not found:
        return together([title, tag("p", "Nothing: everything that was read could be used.", class_="quiet")])
    rows = [row(tag("code", item["place"]), item["value"], item["reason"], name_of(item["kind"])) for item in found[:_SHOWN]]
    left = len(found) - _SHOWN
    more = tag("p", f"{left:,} more are in the JSON file of this assessment.", class_="quiet") if left > 0 else Html("")
    heads = ("Place", "As recorded", "Why it was left out", "Kind")
    return together([title, table("compact left", heads, rows, "What could not be used, and why"), more])
