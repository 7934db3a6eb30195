"""One recommendation on the page: its actions, for whom it holds, what it says, what it rests on, who says it."""

from __future__ import annotations

from nof1.model.findings import CallStatus, Kind, Recommendation
from nof1.model.likelihood import spread
from nof1.report import words
from nof1.report.certainty import mark
from nof1.report.chances import matched
from nof1.report.drawing import sign
from nof1.report.markup import Html, tag, together
from nof1.report.reading import KINDS, is_of_genes, named
from nof1.report.settled import WORDS, conditions, sureness
from nof1.report.shown import Shown

PARTIAL = "◩ partial: a gene it names is unknown"
_UNGRADED = "not_applicable"


def recommendation(item: Recommendation, shown: Shown, with_alternatives: bool = True) -> Html:
    """All of it; without its alternatives where the drug's own list has them."""
    told = (actions(item, shown), holds_if(item, shown), for_whom(item, shown))
    rest = (tag("p", item.advice, class_="advice"), facts(item, with_alternatives), notes(item))
    status = sureness(item, shown.calls)
    kind = f"rec k-{item.kind.value}" + (f" d-{status.value}" if status else "")
    side = tag("div", rests_on(item, shown), origin(item, shown), class_="side")
    return tag("div", tag("div", *told, *rest), side, class_=kind)


def chip(status: CallStatus | None) -> Html:
    """Shape and word beside a headline whose genes are not settled, or only probable."""
    return tag("span", mark(status, WORDS[status]), class_=f"chip c-{status.value}") if status else Html("")


def actions(item: Recommendation, shown: Shown) -> Html:
    """The actions with their signs, how settled they are, the strength, and what must be known of the kind of advice."""
    parts = [tag("span", sign(code), words.action(code), class_=f"act a-{code.value}") for code in item.actions]
    parts += [found] if (found := chip(sureness(item, shown.calls))) else []
    if item.kind in KINDS:
        parts.append(tag("span", KINDS[item.kind], class_=f"kind k-{item.kind.value}"))
    if item.interrupts:
        parts.append(tag("span", "! interrupts", class_="interrupts"))
    if item.kind is Kind.GENE or item.strength != _UNGRADED:
        parts.append(tag("span", strength(item), class_="strength"))
    if item.is_partial:
        parts.append(tag("span", PARTIAL, class_="partial"))
    return tag("p", together(parts, " "), class_="acts")


def strength(item: Recommendation) -> str:
    """The strength in words, with the evidence where the source grades it."""
    graded = "strength not stated" if item.strength == _UNGRADED else f"strength: {item.strength.replace('_', ' ')}"
    return f"{graded}; evidence: {item.evidence}" if item.evidence else graded


def holds_if(item: Recommendation, shown: Shown) -> Html:
    """For which results of unsettled genes the recommendation holds, and how likely each is."""
    if sureness(item, shown.calls) is not CallStatus.UNDETERMINED:
        return Html("")
    lines = [
        tag("li", "if ", tag("b", gene), " is ", together([tag("b", result) for result in results], " or "))
        for gene, results in conditions(item, shown.calls)
    ]
    return tag("ul", *lines, class_="holds-if", aria_label="Holds only")


def for_whom(item: Recommendation, shown: Shown) -> Html:
    """For whom it holds, beyond what is said once for all."""
    text = words.setting(item, shown.setting if is_of_genes(item) else {})
    word = tag("b", "For ") if item.applies_to else Html("")
    return tag("p", word, text, class_="for") if text else Html("")


def facts(item: Recommendation, with_alternatives: bool = True) -> Html:
    """Dose, alternatives, what to monitor, and why."""
    rows = [
        ("Dose", words.dose(item.dose) if item.dose else ""),
        ("Alternatives", ", ".join(item.alternatives) if with_alternatives else ""),
        ("Monitor", ", ".join(item.monitor)),
        ("Why", " ".join(item.implications)),
    ]
    shown = [tag("div", tag("dt", name), tag("dd", text)) for name, text in rows if text]
    return tag("dl", *shown, class_="facts") if shown else Html("")


def notes(item: Recommendation) -> Html:
    """What must be said beside it: may be outdated, dose figures withheld, age not stated."""
    lines = [tag("li", note) for note in item.notes]
    return tag("ul", *lines, class_="beside", aria_label="To be noted") if lines else Html("")


def rests_on(item: Recommendation, shown: Shown) -> Html:
    """The results, facts or drugs it rests on."""
    rests = [tag("li", _what(name, shown), " ", _result(name, value, shown)) for name, value in item.because_of.items()]
    return tag("ul", *rests, aria_label="Rests on", class_="rests")


def _what(name: str, shown: Shown) -> Html:
    return shown.gene(name) if name in shown.calls else tag("b", named(name, shown.names))


def _result(gene: str, value: str, shown: Shown) -> Html:
    """The result a rule matched, with the mark of the gene; its probability where it is not certain or assured."""
    call = shown.calls.get(gene)
    if call is None or not call.chances:
        sure = [" ", mark(call.status)] if call and call.status in (*WORDS, CallStatus.CERTAIN) else []
        return together([value if value != gene else "", *sure])
    found = matched(call, value)
    named = [f"{name}, {spread(chance)}" if chance and call.status in WORDS else name for name, chance in found]
    return together([" or ".join(named), " ", mark(call.status)])


def origin(item: Recommendation, shown: Shown) -> Html:
    """Who says it and where, and how far it has been checked."""
    status = item.status.value
    checked = f" {item.checked}" if item.checked else ""
    state = tag("span", f"{status}{checked}", class_=f"status {status}")
    cited = shown.cite.link(item.source)
    body = (item.body, " ") if item.body != item.source.source else ()
    return tag("p", *body, cited, " ", state, class_="origin")
