"""A drug's card: where bodies differ, what to test first, its recommendations, other drugs, and what is not known."""

from __future__ import annotations

from nof1.model.findings import Action, CallStatus, DrugAdvice, FirstTest, Kind, Recommendation
from nof1.report import words
from nof1.report.advice import chip, recommendation
from nof1.report.drawing import sign
from nof1.report.markup import Html, anchor, tag, together
from nof1.report.reading import (
    by_pair,
    course,
    disagreements,
    first_sentence,
    holds_always,
    is_of,
    leading,
    needed,
    ordered,
)
from nof1.report.settled import drug_sureness, sureness
from nof1.report.shown import Shown
from nof1.report.signs import headline, severe

DEPENDS = "◇ several gene results are possible; which advice holds depends on the result"
NOT_SETTLED = (
    "Not settled: results that remain possible may ask for different things; “test first” is said where one of them would "
    "change what is done."
)
_NEEDS_SHOWN, _CAREFUL_SHOWN = 6, 3
_NO_ACT = (Action.USE, Action.NO_RECOMMENDATION)
_SOME = "In some settings only"
_LOWER = "Lower evidence: a result shifted by other drugs without a guideline that says so. It never interrupts."
_NOTHING_AGAINST = "nothing known here speaks against it"
_NOT_RULED_OUT = "not ruled out; advice on it:"
_NOT_ASSESSED = "not assessed here; that does not make it safe"


def card(drug: DrugAdvice, shown: Shown) -> Html:
    """The card of a drug, most urgent advice first; what holds in some settings only and lower evidence stand last."""
    status = drug_sureness(drug, shown.calls)
    body = [
        *([_test_first(drug, drug.test_first)] if drug.test_first else []),
        _with_others(drug, shown),
        _side_by_side(drug, shown),
        *_recommendations(drug, shown),
        _alternatives(drug, shown),
        _missing(drug),
    ]
    long = " long" if len(drug.recommendations) > 2 else ""
    kind = f"card a-{drug.headline.value}{long}" + (f" d-{status.value}" if status else "")
    recs = tag("div", *body, class_="recs")
    return tag("article", _header(drug, shown, status), recs, class_=kind, id=anchor("d", drug.drug))


def _header(drug: DrugAdvice, shown: Shown, status: CallStatus | None) -> Html:
    parts = [tag("h4", tag("bdi", drug.drug)), chip(status)]
    if drug.course:
        parts.append(tag("p", tag("b", course(drug)), class_="course"))
        parts.append(tag("p", headline(drug.headline), class_="acts"))
    if drug.rxnorm:
        parts.append(tag("p", f"RxNorm {drug.rxnorm}", class_="quiet"))
    if words.depends_on_result(drug):
        parts.append(tag("p", NOT_SETTLED if status is CallStatus.UNDETERMINED else DEPENDS, class_="flag"))
    lead = leading(drug)
    is_open = lead is not None and sureness(lead, shown.calls) is CallStatus.UNDETERMINED
    return tag("header", *parts, class_="open" if is_open else "")


def _own(drug: DrugAdvice, shown: Shown) -> list[Recommendation]:
    """The recommendations that the table of interactions does not tell already."""
    return [item for item in drug.recommendations if not is_of(item, shown.pairs)]


def _with_others(drug: DrugAdvice, shown: Shown) -> Html:
    """Interactions of the drug that the table tells in full, in one line for each other drug."""
    pairs = by_pair(item for item in shown.pairs if drug.drug in item.drugs)
    lines = []
    for first, *_ in pairs:
        other = next(name for name in (*first.drugs[::-1], drug.drug) if name != drug.drug)
        flag = (" ", tag("span", "! interrupts", class_="interrupts")) if first.interrupts else ()
        lines.append(
            tag("li", severe(first.severity), " with ", shown.drug(other), *flag, ": ", first_sentence(first.effect))
        )
    if not lines:
        return Html("")
    title = tag(
        "p", tag("b", "With other drugs"), " (", tag("a", "in full", href="#interactions"), ")", class_="block-title"
    )
    return tag("div", title, tag("ul", *lines), class_="instead")


def _recommendations(drug: DrugAdvice, shown: Shown) -> list[Html]:
    """In reading order, with a line where those of some settings and those of lower evidence begin."""
    found: list[Html] = []
    said = "always"
    for item in ordered(_own(drug, shown)):
        part = "lower" if item.kind is Kind.LOWER_EVIDENCE else "always" if holds_always(item) else "some"
        if part != said:
            if part == "lower" or found:
                found.append(tag("p", _LOWER if part == "lower" else _SOME, class_=f"part p-{part}"))
            said = part
        found.append(recommendation(item, shown, with_alternatives=not drug.alternatives))
    return found


def _test_first(drug: DrugAdvice, test: FirstTest) -> Html:
    """Why a test comes first, which results would change what, the careful choice until then, and what settles it."""
    careful = [tag("li", text) for text in careful_choices(drug, test)]
    rows = [
        ("Why", tag("p", test.why)),
        ("Would change", tag("ul", *[tag("li", *_outcome(text)) for text in test.possible]) if test.possible else ""),
        (
            "If treatment cannot wait",
            tag("ul", *careful) if careful else tag("p", "no careful choice is stated by a guideline"),
        ),
        ("Settles it", needed(test.needs, _NEEDS_SHOWN)),
    ]
    parts = [tag("div", tag("dt", name), tag("dd", text)) for name, text in rows if text]
    title = tag("p", sign(Action.TEST_FIRST), tag("b", words.TITLES[Action.TEST_FIRST]), class_="block-title")
    return tag("div", title, tag("dl", *parts, class_="facts"), class_="test-first a-test_first")


def careful_choices(drug: DrugAdvice, test: FirstTest) -> list[str]:
    """What the most urgent of the careful recommendations advise, with their dose; for whom, where not for all."""
    known = [item for item in ordered(drug.recommendations) if item.id in test.cautious and item.headline not in _NO_ACT]
    most = min((item.headline.urgency for item in known), default=0)
    return [_careful(item) for item in known if item.headline.urgency == most][:_CAREFUL_SHOWN]


def _careful(item: Recommendation) -> str:
    whom = f"for {item.applies_to}: " if item.applies_to else ""
    dose = f" ({words.dose(item.dose)})" if item.dose else ""
    return f"{item.body}: {whom}{item.advice}{dose}"


def _outcome(text: str) -> tuple[str, ...]:
    """A possible result in words; what it would ask for with its sign."""
    before, _, after = text.rpartition(": ")
    found = next((code for code in Action if words.action(code) == after), None)
    return (before, ": ", tag("span", sign(found), after, class_=f"act a-{found.value}")) if found and before else (text,)


def _side_by_side(drug: DrugAdvice, shown: Shown) -> Html:
    """What each body asks for where they differ, and which is shown first."""
    told = disagreements(drug)
    if not told:
        return Html("")
    bodies = [tag("li", tag("b", body), " ", *_asked(asked)) for body, asked in told]
    policy = f"Shown first: the most urgent; among equals {shown.policy}; then the stronger."
    title = tag("p", tag("b", "Bodies differ"), class_="block-title")
    return tag("div", title, tag("ul", *bodies, class_="bodies"), tag("p", policy, class_="quiet"), class_="differ")


def _asked(text: str) -> tuple[str, ...]:
    found = next((code for code in Action if code.value.replace("_", " ") == text), None)
    return (headline(found),) if found else (text,)


def _alternatives(drug: DrugAdvice, shown: Shown) -> Html:
    """Drugs that guidelines name instead, each with what speaks against it for this person."""
    if not drug.alternatives:
        return Html("")
    lines = [_alternative(name, against, shown) for name, against in drug.alternatives.items()]
    title = tag("p", tag("b", "Named instead, and what speaks against each for this person"), class_="block-title")
    return tag("div", title, tag("ul", *lines), class_="instead")


def _alternative(name: str, against: str, shown: Shown) -> Html:
    if against:
        return tag("li", shown.drug(name), ": ", tag("b", "against: "), against, class_="against")
    advice = shown.drugs.get(name)
    if advice is None:
        return tag("li", tag("bdi", name), ": ", _NOT_ASSESSED)
    if not advice.recommendations:
        return tag("li", shown.drug(name), ": ", _NOT_ASSESSED)
    if advice.headline is Action.USE:
        return tag("li", shown.drug(name), ": ", _NOTHING_AGAINST)
    return tag("li", shown.drug(name), ": ", _NOT_RULED_OUT, " ", headline(advice.headline))


def instead(drug: DrugAdvice, shown: Shown) -> Html:
    """The same in one line, for what is urgent."""
    parts = [
        together([shown.drug(name), f" (against: {against})" if against else ""])
        for name, against in drug.alternatives.items()
    ]
    return together(parts, "; ")


def _missing(drug: DrugAdvice) -> Html:
    missing = [tag("p", item.reason) for item in drug.unknown]
    return tag("div", *missing, class_="missing") if missing else Html("")
