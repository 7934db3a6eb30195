"""Risks by published equations as a section of the assessment's page, and as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from nof1.model.evidence import SourceRef
from nof1.model.findings import Assessment
from nof1.model.risks import RiskFinding
from nof1.report import risk_words as words
from nof1.report.cite import Citations
from nof1.report.lines import filled
from nof1.report.markup import Html, clean, row, table, tag, together

_NOTE = (
    "What equations made from groups of people say; no statement about this person's future, and none is a reason to act by "
    "itself. Bounds stand where an input is not known. nof1 risk shows every input, contribution and what-if."
)
_SHOWN = 3


def risk_section(assessment: Assessment, cite: Citations) -> Html:
    """Every equation that gives something, then those that do not, with the reason; empty without any."""
    if not assessment.risks:
        return Html("")
    given = [made for made in assessment.risks if made.standing != "refused"]
    rows = [
        row(
            together([clean(made.title), " ", cite.link(SourceRef.parse(made.source))]),
            clean(words.horizon(one)),
            clean(words.headline(made, one)),
            clean("; ".join(item.title for item in made.missing if item.handled == "bounds")),
        )
        for made in given
        for one in [one for one in made.estimates if not one.refused]
    ]
    heads = ["equation", "outcome", "value", "not known"]
    nothing = tag("p", "No equation gives a value.")
    shown = table("risk-values", heads, rows, "Risks by published equations") if rows else nothing
    refused = [f"{made.title}: {'; '.join(words.refusals(made))}" for made in assessment.risks if made.standing == "refused"]
    not_given = tag(
        "details", tag("summary", f"Not given: {len(refused)}"), tag("ul", *[tag("li", clean(text)) for text in refused])
    )
    parts = [tag("h2", "Risks", id="risks"), tag("p", _NOTE, class_="quiet"), shown, *([not_given] if refused else [])]
    return tag("section", *parts)


def risk_lines(assessment: Assessment, width: int) -> Iterator[str]:
    """For a terminal: the first outcome of every equation that gives something."""
    given = [made for made in assessment.risks if made.standing != "refused" and made.measure == "risk"]
    if not given:
        return
    yield from ("", "RISKS")
    for made in given:
        yield from filled(clean(_line(made)), width - 2, "  ")


def _line(made: RiskFinding) -> str:
    told = [f"{words.short(one)}: {words.headline(made, one)}" for one in made.estimates if not one.refused]
    more = f"; {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
    return f"{made.title}: {'; '.join(told[:_SHOWN])}{more}"
