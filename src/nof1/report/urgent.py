"""What must change now: what is taken or planned and interrupts; what it concerns, why, what instead, and who says so."""

from __future__ import annotations

from collections.abc import Sequence

from nof1.model.findings import Action, Assessment, DrugAdvice, Interaction, Recommendation
from nof1.report.advice import notes, origin
from nof1.report.card import instead
from nof1.report.drawing import sign
from nof1.report.markup import Html, link, tag, together
from nof1.report.reading import cause, course, is_unlikely, needed, urgent_advice, urgent_pairs, waiting
from nof1.report.shown import Shown
from nof1.report.signs import acts, severe

_NEEDS_SHOWN = 4
_CALM = "Nothing that is taken or planned interrupts, by what is known here. Advice that does not interrupt is below."


def urgent_section(assessment: Assessment, shown: Shown) -> Html:
    """The first section of a page with a record; empty without one."""
    if not assessment.record:
        return Html("")
    found = [_pair(pair, shown) for pair in urgent_pairs(assessment)]
    found += [_drug(drug, items, shown) for drug, items in urgent_advice(assessment)]
    title = tag("h2", "Must change now ", tag("span", str(len(found)), class_="n"), id="now")
    body = found or [tag("p", _CALM, class_="calm")]
    return tag("section", title, *body, *_waiting(assessment), class_="now")


def _pair(pair: Sequence[Interaction], shown: Shown) -> Html:
    """Two drugs that must not be taken together; the most severe statement leads, others follow."""
    first, *others = pair
    who = tag("h3", together([shown.drug(name) for name in first.drugs], " with "))
    taken = "both in the record" if first.is_taken else "if taken together: one of them was asked about"
    rows = [
        ("What", acts(first.actions)),
        ("Why", f"{first.effect} {first.mechanism}".strip()),
        ("Instead", first.advice),
        ("Monitor", ", ".join(first.monitor)),
        ("Source", _source(first, shown)),
        *[("Also", together([f"{other.effect} {other.advice} ", _source(other, shown)])) for other in others],
    ]
    head = tag("header", who, tag("p", taken, class_="quiet"), tag("p", severe(first.severity)))
    return tag("article", head, tag("div", _listed(rows), _beside(first.notes)), class_=f"urgent a-{_most(first.actions)}")


def _most(actions: Sequence[Action]) -> str:
    return min(actions, key=lambda action: action.urgency, default=Action.CAUTION).value


def _drug(drug: DrugAdvice, items: Sequence[Recommendation], shown: Shown) -> Html:
    """A drug with everything on it that interrupts."""
    head = tag("header", tag("h3", shown.drug(drug.drug)), tag("p", course(drug), class_="quiet"))
    body = [_advised(item, shown) for item in sorted(items, key=is_unlikely)]
    others = instead(drug, shown)
    body += [_listed([("Instead", others)])] if others else []
    return tag("article", head, tag("div", *body), class_=f"urgent a-{_most([item.headline for item in items])}")


def _advised(item: Recommendation, shown: Shown) -> Html:
    rows = [
        ("Only if" if is_unlikely(item) else "Because of", tag("b", cause(item)) if is_unlikely(item) else cause(item)),
        ("What", together([acts(item.actions), " ", item.advice])),
        ("Why", " ".join(item.implications)),
        ("Source", origin(item, shown)),
    ]
    return together([_listed(rows), notes(item)])


def _listed(rows: Sequence[tuple[str, str]]) -> Html:
    shown = [tag("div", tag("dt", name), tag("dd", text)) for name, text in rows if text]
    return tag("dl", *shown, class_="facts")


def _source(item: Interaction, shown: Shown) -> Html:
    checked = f" {item.checked}" if item.checked else ""
    status = item.status.value
    state = tag("span", f"{status}{checked}", class_=f"status {status}")
    return together([shown.cite.link(item.source), " ", state])


def _beside(notes: Sequence[str]) -> Html:
    return tag("ul", *[tag("li", note) for note in notes], class_="beside") if notes else Html("")


def _waiting(assessment: Assessment) -> list[Html]:
    """Drugs taken or planned that wait for a result, in one line each."""
    lines = [
        tag("li", sign(Action.TEST_FIRST), link("d", drug.drug, tag("bdi", drug.drug)), f" ({course(drug)}): ", _why(drug))
        for drug in waiting(assessment)
    ]
    if not lines:
        return []
    return [
        tag("h3", "Test first ", tag("span", str(len(lines)), class_="n")),
        tag("ul", *lines, class_="wait a-test_first"),
    ]


def _why(drug: DrugAdvice) -> str:
    test = drug.test_first
    if test is None:
        return ""
    return f"test first: {test.why}" + (f"; settled by {needed(test.needs, _NEEDS_SHOWN)}" if test.needs else "")
