"""The drugs on the page: at a glance, then cards for what needs an act, and tables for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nof1.model.findings import Action, Assessment, CallStatus, DrugAdvice, GeneCall, Indeterminate, Recommendation
from nof1.report import words
from nof1.report.certainty import key, mark
from nof1.report.chances import matched, spread
from nof1.report.cite import Citations
from nof1.report.drawing import sign
from nof1.report.markup import Html, anchor, link, row, table, tag, together
from nof1.report.settled import WORDS, conditions, drug_sureness, split, sureness

COMPACT = (Action.USE, Action.NO_RECOMMENDATION)
_NEEDS_SHOWN = 3
_NOTHING = "Nothing can be said"
_DEPENDS = "◇ several gene results are possible; which advice holds depends on the result"
_MOST_URGENT = "Not settled: shown under the most urgent advice of all results that remain possible, not of the likeliest."
_PARTIAL = "◩ partial: a gene it names is unknown"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the parts of the page share: numbers of sources, settings said once, the genes."""

    cite: Citations
    setting: dict[str, str]
    calls: dict[str, GeneCall]


def at_a_glance(assessment: Assessment, shown: Shown) -> Html:
    """Every drug under its most urgent action, linked to its advice; those whose genes are not settled stand apart."""
    rows = []
    for code, drugs in _groups(assessment).items():
        if advised := [drug for drug in drugs if drug.recommendations]:
            lines = [_glance_line(status, found, shown) for status, found in split(advised, shown.calls)]
            rows.append(_glance_row(code, words.TITLES[code], len(advised), lines))
    if silent := [drug for drug in assessment.drugs if not drug.recommendations]:
        rows.append(_glance_row(Action.NO_RECOMMENDATION, _NOTHING, len(silent), [_glance_line(None, silent, shown)]))
    caption = tag("caption", "Drugs by the most urgent action", class_="hidden")
    body = tag("table", caption, tag("tbody", *rows), class_="glance")
    marks = [told for told in (_DEPENDS, _PARTIAL) if any(told[0] in line for line in rows)]
    if any("line-undetermined" in line for line in rows):
        marks.insert(0, _MOST_URGENT)
    below = tag("p", " · ".join(marks), class_="quiet") if marks else Html("")
    return tag("section", tag("h2", "At a glance", id="glance"), body, below, key(assessment), class_="glance-box")


def _glance_row(code: Action, title: str, number: int, lines: Sequence[Html]) -> Html:
    head = tag("th", *_title(code, title, number), scope="row")
    return tag("tr", head, tag("td", *lines), class_=f"a-{code.value}")


def _glance_line(status: CallStatus | None, drugs: Sequence[DrugAdvice], shown: Shown) -> Html:
    names = together([_glanced(drug, shown) for drug in drugs], ", ")
    return tag("p", _chip(status), " ", names, class_=f"line-{status.value}") if status else tag("p", names)


def _chip(status: CallStatus | None) -> Html:
    """Shape and word beside a headline whose genes are not settled, or only probable."""
    return tag("span", mark(status, WORDS[status]), class_=f"chip c-{status.value}") if status else Html("")


def _title(code: Action, title: str, number: int) -> tuple[str, ...]:
    return (sign(code), title, " ", tag("span", str(number), class_="n"))


def _glanced(drug: DrugAdvice, shown: Shown) -> Html:
    """The drug with its link, marked where the advice is not the only one possible or a gene is missing."""
    is_said = drug_sureness(drug, shown.calls) is CallStatus.UNDETERMINED
    marks = _DEPENDS[0] if words.depends_on_result(drug) and not is_said else ""
    marks += _PARTIAL[0] if any(item.is_partial for item in drug.recommendations) else ""
    return link("d", drug.drug, tag("bdi", drug.drug), *([tag("sup", marks)] if marks else []))


def drug_sections(assessment: Assessment, shown: Shown) -> Html:
    """All drugs by urgency."""
    parts = [tag("h2", "Drugs", id="drugs"), _said_once(shown.setting)]
    for code, drugs in _groups(assessment).items():
        advised = [drug for drug in drugs if drug.recommendations]
        if advised:
            body = _table(advised, shown) if code in COMPACT else together([_card(drug, shown) for drug in advised])
            title = tag("h3", *_title(code, words.TITLES[code], len(advised)))
            parts.append(tag("section", title, body, class_=f"group a-{code.value}"))
    silent = [drug for drug in assessment.drugs if not drug.recommendations]
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


def _card(drug: DrugAdvice, shown: Shown) -> Html:
    status = drug_sureness(drug, shown.calls)
    name = [tag("h4", tag("bdi", drug.drug)), _chip(status), _code(drug)]
    if words.depends_on_result(drug):
        told = _MOST_URGENT if status is CallStatus.UNDETERMINED else _DEPENDS
        name.append(tag("p", told, class_="flag"))
    given = [_recommendation(item, shown) for item in drug.recommendations]
    missing = [tag("p", item.reason) for item in drug.unknown]
    rest = tag("div", *missing, class_="missing") if missing else Html("")
    long = " long" if len(drug.recommendations) > 2 else ""
    body = tag("div", *given, rest, class_="recs")
    kind = f"card a-{drug.headline.value}{long}" + (f" d-{status.value}" if status else "")
    return tag("article", tag("header", *name), body, class_=kind, id=anchor("d", drug.drug))


def _code(drug: DrugAdvice) -> Html:
    return tag("p", f"RxNorm {drug.rxnorm}", class_="quiet") if drug.rxnorm else Html("")


def _recommendation(item: Recommendation, shown: Shown) -> Html:
    told = (_actions(item, shown), _holds_if(item, shown), _for_whom(item, shown))
    main = tag("div", *told, tag("p", item.advice, class_="advice"), _facts(item))
    status = sureness(item, shown.calls)
    kind = f"rec d-{status.value}" if status else "rec"
    return tag("div", main, tag("div", _rests_on(item, shown), _origin(item, shown), class_="side"), class_=kind)


def _holds_if(item: Recommendation, shown: Shown) -> Html:
    """For which results of unsettled genes the recommendation holds, and how likely each is."""
    if sureness(item, shown.calls) is not CallStatus.UNDETERMINED:
        return Html("")
    lines = [
        tag("li", "if ", tag("b", gene), " is ", together([tag("b", result) for result in results], " or "))
        for gene, results in conditions(item, shown.calls)
    ]
    return tag("ul", *lines, class_="holds-if", aria_label="Holds only")


def _for_whom(item: Recommendation, shown: Shown) -> Html:
    text = words.setting(item, shown.setting)
    word = tag("b", "For ") if item.applies_to else Html("")
    return tag("p", word, text, class_="for") if text else Html("")


def _actions(item: Recommendation, shown: Shown) -> Html:
    """The actions with their signs, how settled they are, the strength, and a flag where a gene is unknown."""
    parts = [tag("span", sign(code), words.action(code), class_=f"act a-{code.value}") for code in item.actions]
    parts += [chip] if (chip := _chip(sureness(item, shown.calls))) else []
    parts.append(tag("span", f"strength: {item.strength.replace('_', ' ')}", class_="strength"))
    if item.is_partial:
        parts.append(_partial())
    return tag("p", together(parts, " "), class_="acts")


def _partial() -> Html:
    return tag("span", _PARTIAL, class_="partial")


def _facts(item: Recommendation) -> Html:
    rows = [
        ("Dose", words.dose(item.dose) if item.dose else ""),
        ("Alternatives", ", ".join(item.alternatives)),
        ("Monitor", ", ".join(item.monitor)),
        ("Why", " ".join(item.implications)),
    ]
    shown = [tag("div", tag("dt", name), tag("dd", text)) for name, text in rows if text]
    return tag("dl", *shown, class_="facts") if shown else Html("")


def _rests_on(item: Recommendation, shown: Shown) -> Html:
    rests = [tag("li", _gene(gene, shown), " ", _result(gene, value, shown)) for gene, value in item.because_of.items()]
    return tag("ul", *rests, aria_label="Rests on", class_="rests")


def _result(gene: str, value: str, shown: Shown) -> Html:
    """The result a rule matched, with the mark of the gene; its probability where it is not certain or assured."""
    call = shown.calls.get(gene)
    if call is None or not call.chances:
        sure = [" ", mark(call.status)] if call and call.status in (*WORDS, CallStatus.CERTAIN) else []
        return together([value, *sure])
    found = matched(call, value)
    named = [f"{name}, {spread(chance)}" if chance and call.status in WORDS else name for name, chance in found]
    return together([" or ".join(named), " ", mark(call.status)])


def _gene(gene: str, shown: Shown) -> Html:
    return link("g", gene) if gene in shown.calls else tag("b", gene)


def _origin(item: Recommendation, shown: Shown) -> Html:
    """Who says it and where, and how far it has been checked."""
    status = item.status.value
    checked = f" {item.checked}" if item.checked else ""
    state = tag("span", f"{status}{checked}", class_=f"status {status}")
    return tag("p", item.body, " ", shown.cite.link(item.source), " ", state, class_="origin")


def _table(drugs: Sequence[DrugAdvice], shown: Shown) -> Html:
    """Drugs that need no act, a row for each recommendation."""
    bodies = [
        tag(
            "tbody",
            *[_row(drug, place, shown) for place in range(len(drug.recommendations))],
            id=anchor("d", drug.drug),
        )
        for drug in drugs
    ]
    heads = [tag("th", name, scope="col") for name in ("Drug", "Advice", "Rests on", "Source and status")]
    return tag("table", tag("thead", tag("tr", *heads)), *bodies, class_="compact advised")


def _row(drug: DrugAdvice, place: int, shown: Shown) -> Html:
    item = drug.recommendations[place]
    advice = [_holds_if(item, shown), _for_whom(item, shown), tag("p", item.advice), _facts(item)]
    status = sureness(item, shown.calls)
    if status or len(item.actions) > 1 or item.headline is not drug.headline or item.is_partial:
        advice.insert(0, _actions(item, shown))
    if place == 0:
        advice += [tag("p", missing.reason, class_="missing") for missing in drug.unknown]
    spans = str(len(drug.recommendations)) if len(drug.recommendations) > 1 else ""
    name = (tag("bdi", drug.drug), _chip(drug_sureness(drug, shown.calls)))
    head = tag("th", *name, scope="rowgroup", rowspan=spans) if place == 0 else Html("")
    strength = tag("p", f"strength: {item.strength.replace('_', ' ')}")
    origin = tag("td", strength, _origin(item, shown), class_="side")
    kind = f"d-{status.value}" if status else ""
    return tag("tr", head, tag("td", *advice), tag("td", _rests_on(item, shown), class_="side"), origin, class_=kind)


def _silent(drugs: Sequence[DrugAdvice]) -> Html:
    """Drugs without any recommendation: those that wait for the same thing together."""
    groups: dict[tuple[tuple[str, tuple[str, ...]], ...], list[str]] = {}
    for drug in drugs:
        groups.setdefault(tuple((item.reason, item.needs) for item in drug.unknown), []).append(drug.drug)
    rows = [_silent_row(names, reasons) for reasons, names in groups.items()]
    title = tag("h3", *_title(Action.NO_RECOMMENDATION, _NOTHING, len(drugs)))
    heads = ("Drugs", "Why nothing can be said", "What would settle it")
    return tag("section", title, table("compact silent", heads, rows), class_="group a-no_recommendation")


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
    rows = [row(_gene(item.about, shown), item.reason, ", ".join(item.needs)) for item in items]
    return table("compact unknowns", ("About", "What could not be said", "What would settle it"), rows)
