"""The drugs on the page: at a glance, then cards for what is taken or needs an act, and tables for the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nof1.model.findings import Action, Assessment, CallStatus, DrugAdvice, Indeterminate, Recommendation
from nof1.report import words
from nof1.report.advice import PARTIAL, actions, chip, facts, for_whom, holds_if, notes, origin, rests_on, strength
from nof1.report.card import DEPENDS, NOT_SETTLED, card
from nof1.report.certainty import key
from nof1.report.drawing import sign
from nof1.report.markup import Html, anchor, link, row, table, tag, together
from nof1.report.reading import KINDS, concerns, course, is_of_genes, is_silent, of_record, ordered
from nof1.report.settled import drug_sureness, split, sureness
from nof1.report.shown import Shown

COMPACT = (Action.USE, Action.NO_RECOMMENDATION)
_NEEDS_SHOWN = 3
_NOTHING = words.NO_DATA.capitalize()


def at_a_glance(assessment: Assessment, shown: Shown) -> Html:
    """Every drug under its most urgent action, linked to its advice; those whose genes are not settled stand apart."""
    rows = []
    for code, drugs in _groups(assessment).items():
        if advised := [drug for drug in drugs if not is_silent(drug)]:
            lines = [_glance_line(status, found, shown) for status, found in split(advised, shown.calls)]
            rows.append(_glance_row(code, words.TITLES[code], len(advised), lines))
    if silent := [drug for drug in assessment.drugs if is_silent(drug)]:
        rows.append(_glance_row(Action.NO_RECOMMENDATION, _NOTHING, len(silent), [_glance_line(None, silent, shown)]))
    caption = tag("caption", "Drugs by the most urgent action", class_="hidden")
    body = tag("table", caption, tag("tbody", *rows), class_="glance")
    title = "All drugs at a glance" if assessment.record else "At a glance"
    marks = [told for told in (DEPENDS, PARTIAL) if any(told[0] in line for line in rows)]
    if any("line-undetermined" in line for line in rows):
        marks.insert(0, NOT_SETTLED)
    below = tag("p", " · ".join(marks), class_="quiet") if marks else Html("")
    return tag("section", tag("h2", title, id="glance"), body, below, key(assessment), class_="glance-box")


def _glance_row(code: Action, title: str, number: int, lines: Sequence[Html]) -> Html:
    head = tag("th", *_title(code, title, number), scope="row")
    return tag("tr", head, tag("td", *lines), class_=f"a-{code.value}")


def _glance_line(status: CallStatus | None, drugs: Sequence[DrugAdvice], shown: Shown) -> Html:
    names = together([_glanced(drug, shown) for drug in drugs], ", ")
    return tag("p", chip(status), " ", names, class_=f"line-{status.value}") if status else tag("p", names)


def _title(code: Action, title: str, number: int) -> tuple[str, ...]:
    return (sign(code), title, " ", tag("span", str(number), class_="n"))


def _glanced(drug: DrugAdvice, shown: Shown) -> Html:
    """The drug with its link, marked where the advice is not the only one possible or a gene is missing."""
    is_said = drug_sureness(drug, shown.calls) is CallStatus.UNDETERMINED
    marks = DEPENDS[0] if words.depends_on_result(drug) and not is_said else ""
    marks += PARTIAL[0] if any(item.is_partial for item in drug.recommendations) else ""
    taken = f" ({course(drug)})" if concerns(drug) else ""
    return link(
        "d", drug.drug, tag("bdi", drug.drug), *([tag("sup", marks)] if marks else []), tag("b", taken) if taken else ""
    )


def drug_sections(assessment: Assessment, shown: Shown) -> Html:
    """The drugs taken or planned, whatever they need, then all others by urgency."""
    parts = [tag("h2", "Drugs", id="drugs"), _said_once(shown.setting)]
    if mine := of_record(assessment):
        title = tag("h3", "Taken or planned ", tag("span", str(len(mine)), class_="n"))
        parts.append(tag("section", title, *[card(drug, shown) for drug in mine], class_="group mine"))
    for code, drugs in _groups(assessment).items():
        advised = [drug for drug in drugs if not is_silent(drug) and not concerns(drug)]
        if advised:
            body = _table(advised, shown) if code in COMPACT else together([card(drug, shown) for drug in advised])
            title = tag("h3", *_title(code, words.TITLES[code], len(advised)))
            parts.append(tag("section", title, body, class_=f"group a-{code.value}"))
    silent = [drug for drug in assessment.drugs if is_silent(drug) and not concerns(drug)]
    if silent:
        parts.append(_silent(silent))
    return tag("section", *parts)


def _groups(assessment: Assessment) -> dict[Action, list[DrugAdvice]]:
    groups: dict[Action, list[DrugAdvice]] = {}
    for drug in words.by_urgency(assessment.drugs):
        groups.setdefault(drug.headline, []).append(drug)
    return groups


def _said_once(setting: dict[str, str]) -> Html:
    if not setting:
        return Html("")
    text = "; ".join(f"{key} {value}" for key, value in setting.items())
    return tag("p", "Holds for every recommendation unless it says otherwise: ", text, ".", class_="quiet")


def _table(drugs: Sequence[DrugAdvice], shown: Shown) -> Html:
    """Drugs that need no act, a row for each recommendation."""
    bodies = [tag("tbody", *_rows(drug, shown), id=anchor("d", drug.drug)) for drug in drugs]
    heads = [tag("th", name, scope="col") for name in ("Drug", "Advice", "Rests on", "Source and status")]
    caption = tag("caption", "Drugs that need no act, with the advice on each", class_="hidden")
    return tag("table", caption, tag("thead", tag("tr", *heads)), *bodies, class_="compact advised")


def _rows(drug: DrugAdvice, shown: Shown) -> Iterable[Html]:
    given = ordered(drug.recommendations)
    name = (tag("bdi", drug.drug), chip(drug_sureness(drug, shown.calls)))
    spans = str(len(given)) if len(given) > 1 else ""
    for place, item in enumerate(given):
        head = tag("th", *name, scope="rowgroup", rowspan=spans) if place == 0 else Html("")
        missing = [tag("p", missing.reason, class_="missing") for missing in drug.unknown] if place == 0 else []
        yield _row(item, drug.headline, head, missing, shown)


def _row(item: Recommendation, headline: Action, head: Html, missing: Sequence[Html], shown: Shown) -> Html:
    advice = [holds_if(item, shown), for_whom(item, shown), tag("p", item.advice), facts(item), notes(item), *missing]
    status = sureness(item, shown.calls)
    if status or len(item.actions) > 1 or item.headline is not headline or item.is_partial or item.kind in KINDS:
        advice.insert(0, actions(item, shown))
    graded = tag("p", strength(item)) if is_of_genes(item) else Html("")
    source = tag("td", graded, origin(item, shown), class_="side")
    kind = f"d-{status.value}" if status else ""
    return tag("tr", head, tag("td", *advice), tag("td", rests_on(item, shown), class_="side"), source, class_=kind)


def _silent(drugs: Sequence[DrugAdvice]) -> Html:
    """Drugs without any recommendation: those that wait for the same thing together."""
    groups: dict[tuple[tuple[str, tuple[str, ...]], ...], list[str]] = {}
    for drug in drugs:
        groups.setdefault(tuple((item.reason, item.needs) for item in drug.unknown), []).append(drug.drug)
    rows = [_silent_row(names, reasons) for reasons, names in groups.items()]
    title = tag("h3", *_title(Action.NO_RECOMMENDATION, _NOTHING, len(drugs)))
    heads = ("Drugs", "Why", "What would settle it")
    return tag(
        "section",
        title,
        table("compact silent", heads, rows, "Drugs without data here, and why"),
        class_="group a-no_recommendation",
    )


def _silent_row(names: list[str], reasons: tuple[tuple[str, tuple[str, ...]], ...]) -> Html:
    linked = together([tag("bdi", name, id=anchor("d", name)) for name in names], ", ")
    why = together([tag("p", reason) for reason, _ in reasons] or [tag("p", "no reason was given")])
    settled = dict.fromkeys(_briefly(needs) for _, needs in reasons if needs)
    return row(linked, why, together([tag("p", text) for text in settled]))


def _briefly(needs: tuple[str, ...]) -> str:
    if len(needs) <= _NEEDS_SHOWN + 1:
        return ", ".join(needs)
    return ", ".join(needs[:_NEEDS_SHOWN]) + " and others (listed under Unknowns)"


def unknown_rows(items: Sequence[Indeterminate], shown: Shown) -> Html:
    """What could not be said, and what would settle it."""
    rows = [row(shown.gene(item.about), item.reason, ", ".join(item.needs)) for item in items]
    heads = ("About", "What could not be said", "What would settle it")
    return table("compact unknowns", heads, rows, "What is not known")
