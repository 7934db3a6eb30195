"""The page of a person's risks: one printable HTML document that loads nothing and runs nothing."""

from __future__ import annotations

from nof1.model.risks import RiskEstimate, RiskFinding, Risks
from nof1.report import risk_words as words
from nof1.report.head import head
from nof1.report.markup import Html, anchor, clean, link, readable, row, table, tag, together, web_link

_SHEET = "risk.css"


def risk_page(found: Risks) -> str:
    """The answer as one HTML page: a section an equation, what was not given, sources.

    Text of files and knowledge is escaped; the page holds no script and loads nothing.
    """
    who = found.person or "patient"
    given = [made for made in found.findings if made.standing != "refused"]
    refused = [made for made in found.findings if made.standing == "refused"]
    parts = [_finding(found, made) for made in given]
    if refused:
        lines = [f"{made.title}: {'; '.join(words.refusals(made))}" for made in refused]
        parts.append(_section("not-given", "Not given", _items(lines)))
    if found.notes:
        parts.append(_section("known", "To know", _items(list(found.notes))))
    parts.append(_sources(found))
    body = together([_top(found, who), tag("main", *parts), tag("footer", tag("p", found.disclaimer))])
    title = f"{who} · risks · {found.created}"
    return readable(clean(f"{head(title, f'{who}, risks', found.created, _SHEET)}<body>{body}</body></html>\n"))


def _top(found: Risks, who: str) -> Html:
    facts = {
        "Date": found.created,
        "Software": found.software,
        "Knowledge": f"edition {found.knowledge_edition[:12]} of {found.knowledge_date}",
    }
    shown = [tag("div", tag("dt", name), tag("dd", text)) for name, text in facts.items()]
    title = tag("h1", tag("span", "Risks by published equations", class_="kicker"), " ", tag("bdi", who))
    note = tag("p", found.disclaimer, class_="disclaimer", role="note")
    return tag("header", title, tag("dl", *shown, class_="meta"), note, class_="top")


def _section(name: str, title: str, *parts: str) -> Html:
    return tag("section", tag("h2", title, id=anchor("e", name)), *parts)


def _items(texts: list[str]) -> Html:
    return tag("ul", *[tag("li", text) for text in texts], class_="plain-list") if texts else Html("")


def _finding(found: Risks, made: RiskFinding) -> Html:
    lead = tag("p", f"For {made.population}. {made.status}. ", _cite(found, made.source), class_="lead")
    rows = [
        row(words.horizon(one), words.headline(made, one), _bar(made, one), _cite(found, one.category_source))
        for one in made.estimates
        if not one.refused
    ]
    values = table("risks", ["outcome", "value", "", "range"], rows, f"Values of {made.title}")
    inputs = table(
        "inputs", ["input", "value", "from"], [row(i.title, i.shown, words.source_of(i)) for i in made.inputs], "Inputs"
    )
    more = [
        _titled("What adds to it", _contributions(made)),
        _titled("What if", words.what_ifs(made)),
        _titled("Not known", [words.missing(made, item) for item in made.missing]),
        _titled("Not given", list(words.refusals(made))),
        _titled("To know", list(made.notes)),
    ]
    return _section(made.equation, f"{made.title}: {words.STANDINGS[made.standing]}", lead, values, inputs, *more)


def _titled(title: str, texts: list[str]) -> Html:
    return together([tag("h3", title), _items(texts)]) if texts else Html("")


def _contributions(made: RiskFinding) -> list[str]:
    one = next((one for one in made.estimates if one.contributions), None)
    if one is None or one.reference is None:
        return []
    start = f"Reference profile of the same age and sex: {words.figure(made, one.reference)} ({words.horizon(one)})"
    return [start] + [
        f"{p.title} {p.shown} (reference {p.reference}): {words.change(made, p.adds)}" for p in one.contributions
    ]


def _bar(made: RiskFinding, one: RiskEstimate) -> Html:
    """A bar of a risk from 0 to 1: filled to the value or the lower bound, hatched to the upper."""
    if made.measure != "risk":
        return Html("")
    low, high = (one.value, one.value) if one.value is not None else (one.low, one.high)
    full, part = 200 * (low or 0.0), 200 * ((high or 0.0) - (low or 0.0))
    shapes = together(
        [
            tag("rect", x="0", y="0", width="200", height="12", class_="bar-frame"),
            tag("rect", x="0", y="0", width=f"{full:.1f}", height="12", class_="bar-full"),
            tag("rect", x=f"{full:.1f}", y="0", width=f"{part:.1f}", height="12", class_="bar-open"),
        ]
    )
    return tag("svg", shapes, viewBox="0 0 200 12", class_="bar", role="img", aria_label=words.headline(made, one))


def _cite(found: Risks, source: str) -> Html:
    if not source:
        return Html("")
    name = source.partition("#")[0]
    return link("s", name, tag("code", source)) if name in found.sources else tag("code", source)


def _sources(found: Risks) -> Html:
    items = [
        tag("li", tag("code", name), " ", item.get("title", ""), " ", web_link(item.get("url", "")), id=anchor("s", name))
        for name, item in found.sources.items()
    ]
    return _section("sources", "Sources", tag("ul", *items, class_="plain-list"))
