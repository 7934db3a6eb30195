"""A page in plain words for the patient: what was found on each medicine, what to ask, what is not known. No orders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nof1.model.findings import Action, Assessment, CallStatus, DrugAdvice, Kind, Recommendation
from nof1.report.markup import Html, tag
from nof1.report.patient_words import Words, questions
from nof1.report.reading import NOW, by_pair, holds_always, is_silent, of_record, ordered, urgent_advice, urgent_pairs
from nof1.report.scores import patient_scores
from nof1.report.settled import Calls, drug_sureness, sureness

_QUIET = (Action.USE, Action.NO_RECOMMENDATION)
_RULE = (
    "This page explains; it orders nothing. Do not start, stop or change a medicine because of it. Talk with your doctor or "
    "pharmacist first."
)
_DETAILS = "Something was found that your care team should look at. They have the details."
_MORE = "Your care team has more details."
_FINE = "Nothing was found that asks for a change, by what is known here."
_SILENT = "There is no data here on this medicine. That does not mean that it is safe or unsafe for you."
_LOCAL = "It is used on one place of the body, so most of what is written about it may not concern you."
_TEST = "A result that decides about this medicine is not known yet."
_SUPPOSED = {
    CallStatus.UNDETERMINED: "It is possible, not known, that",
    CallStatus.PROBABLE: "It is likely, not certain, that",
}
_PERHAPS = "It is possible, not known, that something was found that your care team should look at. They have the details."
_SENTENCE = re.compile(r"(?<=[.!])\s+")
_LOWERED = re.compile(r"(?:You|Your|This|These|That|It|With|Because|For|A|An|The|Less|More|At|After|Another|Together)\b")
_DEPENDS = "Depending on what you take it for: "
_KINDS = {
    Kind.ALLERGY: "Your record has an allergy that may concern this medicine.",
    Kind.DUPLICATE: "You may have two medicines of the same kind.",
}


def patient_section(assessment: Assessment) -> Html:
    """The page for the patient; empty without a record."""
    if not assessment.record:
        return Html("")
    words = Words.of(assessment)
    mine = [item for item in assessment.record.get("medications", ()) if item.get("course") in NOW]
    body = [
        tag("h2", "For you, in plain words", id="patient"),
        tag("p", "Written for ", tag("bdi", assessment.person), f", {assessment.created}.", class_="quiet"),
        tag("p", _RULE, class_="disclaimer", role="note"),
        _soon(assessment, words),
        tag("h3", "Your medicines and what was found"),
        *dict.fromkeys(_medicine(item, assessment, words) for item in mine),
        *([] if mine else [tag("p", "Your record lists no medicine that you take now.")]),
        _together(assessment, words),
        _list("What you can ask your doctor or pharmacist", list(_questions(assessment, words))),
        _list("What is not known", list(_unknown(assessment))),
        patient_scores(assessment),
        tag("p", assessment.disclaimer, class_="quiet"),
    ]
    return tag("section", *body, class_="patient", aria_labelledby="patient")


def _list(title: str, lines: Sequence[str]) -> Html:
    if not lines:
        return Html("")
    return tag("section", tag("h3", title), tag("ul", *[tag("li", line) for line in dict.fromkeys(lines)]))


def _soon(assessment: Assessment, words: Words) -> Html:
    """Medicines to speak about first."""
    pairs = [pair[0] for pair in urgent_pairs(assessment) if pair[0].is_taken]
    names = [" with ".join(words.name(drug) for drug in pair.drugs) for pair in pairs]
    names += [words.name(drug.drug) for drug, _ in urgent_advice(assessment)]
    if not names:
        return Html("")
    lead = tag("p", tag("b", "Please speak with your doctor or pharmacist today about:"))
    return tag("div", lead, tag("ul", *[tag("li", name) for name in dict.fromkeys(names)]), class_="soon")


def _medicine(item: Mapping[str, Any], assessment: Assessment, words: Words) -> Html:
    drugs = {drug.drug: drug for drug in assessment.drugs}
    planned = " (planned)" if item.get("course") == "planned" else ""
    lines = [line for name in item.get("drugs", ()) for line in _found(drugs.get(name), assessment, words)]
    if not item.get("drugs"):
        lines = ["This medicine was not recognised, so nothing was looked up. Please ask about it."]
    if item.get("is_systemic") is False:
        lines.append(_LOCAL)
    head = tag("h4", tag("bdi", item.get("text", "")), planned)
    return tag("div", head, *[tag("p", line) for line in dict.fromkeys(lines)], class_="mine")


def _found(drug: DrugAdvice | None, assessment: Assessment, words: Words) -> Iterator[str]:
    """What was found on one drug, one line for each cause; other medicines are told elsewhere."""
    if drug is None or is_silent(drug):
        yield _SILENT
        return
    said, is_short = False, False
    calls = {call.gene: call for call in assessment.genes}
    causes: set[tuple[str, ...]] = set()
    for item in _told(drug):
        cause = tuple(sorted(item.because_of))
        text = words.safe(item.patient) or _KINDS.get(item.kind, "")
        is_short |= not text
        if text and cause not in causes:
            causes.add(cause)
            said = True
            yield _before(item) + _supposed(text, sureness(item, calls))
    if drug.test_first is not None:
        said = True
        yield _TEST
    if is_short or not said:
        yield _fallback(drug, said, is_short, calls)


def _told(drug: DrugAdvice) -> list[Recommendation]:
    """What asks for something, or is worded for the patient; not what rests on lower evidence or on another medicine."""
    kinds = (Kind.LOWER_EVIDENCE, Kind.INTERACTION)
    mine = [item for item in ordered(drug.recommendations) if item.kind not in kinds]
    asking = [item for item in mine if item.headline not in _QUIET]
    if asking or drug.headline not in _QUIET:
        return asking
    return [item for item in mine if item.patient]


def _before(item: Recommendation) -> str:
    return "" if holds_always(item) else _DEPENDS


def _supposed(text: str, status: CallStatus | None) -> str:
    """The wording as what it is: of a result that is not settled no sentence stands as a fact.

    >>> _supposed("Your body is slow. Ask your doctor.", CallStatus.UNDETERMINED)
    'It is possible, not known, that your body is slow. If so: Ask your doctor.'
    """
    if status is None or status not in _SUPPOSED:
        return text
    first, *others = _SENTENCE.split(text)
    if not _LOWERED.match(first):
        return f"{_SUPPOSED[status]} this holds for you: {text}"
    rest = f" If so: {' '.join(others)}" if others else ""
    return f"{_SUPPOSED[status]} {first[0].lower()}{first[1:]}{rest}"


def _fallback(drug: DrugAdvice, said: bool, is_short: bool, calls: Calls) -> str:
    if said:
        return _MORE
    if is_short and drug_sureness(drug, calls) is CallStatus.UNDETERMINED:
        return _PERHAPS
    return _DETAILS if is_short else _FINE if drug.headline in _QUIET else "See below: medicines that affect each other."


def _together(assessment: Assessment, words: Words) -> Html:
    """Pairs of medicines taken, each with what it is worded for the patient."""
    lines = []
    for pair in by_pair(item for item in assessment.interactions if item.is_taken):
        told = next((text for text in (words.safe(item.patient) for item in pair) if text), _DETAILS)
        names = tag("b", " with ".join(words.name(drug) for drug in pair[0].drugs))
        lines.append(tag("li", names, ": ", told))
    return tag("section", tag("h3", "Medicines that affect each other"), tag("ul", *lines)) if lines else Html("")


def _questions(assessment: Assessment, words: Words) -> Iterator[str]:
    for pair in urgent_pairs(assessment):
        if pair[0].is_taken:
            yield f"Is it right for me to have {' and '.join(words.name(drug) for drug in pair[0].drugs)} together?"
    yield from questions([(drug, words.name(drug.drug)) for drug in of_record(assessment)])
    for name in assessment.record.get("not_recognised", ()):
        yield f"What should I know about {name}?"
    yield "Does everything that I take, also without a prescription, go together?"


def _unknown(assessment: Assessment) -> Iterator[str]:
    record = assessment.record
    if names := record.get("not_recognised", ()):
        yield f"Not recognised, so not looked at: {'; '.join(names)}."
    missing = sum(call.status is CallStatus.NO_CALL for call in assessment.genes)
    if missing:
        yield f"{missing} of the {len(assessment.genes)} genes that were looked for gave no answer."
    if any(call.status is CallStatus.UNDETERMINED for call in assessment.genes):
        yield "For some genes more than one result is still possible."
    if any(drug.unknown for drug in of_record(assessment)) or assessment.missing:
        yield "Some facts that would help to say more are not in your record. Your care team can see which."
    if record.get("notes"):
        yield "Some values in your record are old or do not agree with each other."
    if record.get("left_out"):
        yield "Some entries of your record could not be read."
    yield "Only medicines in your record were looked at. Tell your pharmacist about everything else that you take."
