"""The facts that nobody has and that would change most, the first of them alone at the top."""

from __future__ import annotations

from nof1.model.findings import Assessment, Missing
from nof1.model.likelihood import probability
from nof1.report.markup import Html, tag, together
from nof1.report.reading import named, needed
from nof1.report.shown import Shown
from nof1.report.tables import Group, folding

_HEADS = ("Missing", "What it could change", "How to get it", "Chance of a change")
_CHANGES_SHOWN, _NEEDS_SHOWN = 5, 4


def missing_section(assessment: Assessment, shown: Shown) -> Html:
    """A sentence on the single most useful fact and a table of all; empty where nothing is missing."""
    found = assessment.missing
    if not found:
        return Html("")
    first = found[0]
    drugs = together([shown.drug(name) for name in first.drugs], ", ")
    lead = tag(
        "p", "Most would be gained by knowing ", tag("b", _name(first, shown)), ": it bears on ", drugs, ".", class_="lead"
    )
    groups = [Group(_name(item, shown), [_cells(item)]) for item in found]
    body = folding("Missing facts, the most consequential first", _HEADS, groups, "wanted", hidden=True)
    return tag("section", tag("h2", "What would help most to know", id="missing"), lead, body)


def _name(item: Missing, shown: Shown) -> Html:
    if item.about in shown.calls:
        return shown.gene(item.about)
    return tag("b", named(item.about, shown.names))


def _cells(item: Missing) -> tuple[str, ...]:
    changes = [tag("p", text) for text in item.changes[:_CHANGES_SHOWN]]
    left = len(item.changes) - _CHANGES_SHOWN
    changes += [tag("p", f"and {left} more, in the JSON file", class_="quiet")] if left > 0 else []
    needs = needed(item.needs, _NEEDS_SHOWN)
    return together(changes), needs, "not weighed" if item.chance is None else f"up to {probability(item.chance)}"
