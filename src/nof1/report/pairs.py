"""Interactions of the drugs taken, planned and asked about: those that interrupt apart from those that never do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nof1.model.findings import Assessment, Interaction
from nof1.report.cite import reasons
from nof1.report.markup import Html, tag, together
from nof1.report.reading import by_pair
from nof1.report.shown import Shown
from nof1.report.signs import acts, severe
from nof1.report.tables import Group, folding

_HEADS = ("Drugs", "Severity", "What happens", "What to do", "Source and status")
_INTERRUPTS = "Interrupt"
_SILENT = "Never interrupt"


def interaction_section(assessment: Assessment, shown: Shown) -> Html:
    """Two tables, each by severity; empty without a record and without interactions."""
    found = assessment.interactions
    if not found and not assessment.record:
        return Html("")
    title = tag("h2", "Interactions ", tag("span", str(len(found)), class_="n"), id="interactions")
    if not found:
        return tag("section", title, tag("p", "None is known here among the recognised drugs; that does not rule one out."))
    parts = [
        _table(_INTERRUPTS, [item for item in found if item.interrupts], shown),
        _table(_SILENT, [item for item in found if not item.interrupts], shown),
    ]
    return tag("section", title, *parts)


def _table(title: str, found: Iterable[Interaction], shown: Shown) -> Html:
    pairs = by_pair(found)
    if not pairs:
        return Html("")
    groups = [Group(_names(pair[0], shown), [_cells(item, shown) for item in pair]) for pair in pairs]
    head = tag("h3", title, " ", tag("span", str(sum(len(pair) for pair in pairs)), class_="n"))
    return together([head, folding(f"Interactions that {title.lower()}, by severity", _HEADS, groups, "pairs", hidden=True)])


def _names(item: Interaction, shown: Shown) -> Html:
    asked = tag("p", "not both in the record: one was asked about", class_="quiet") if not item.is_taken else Html("")
    return together([together([shown.drug(name) for name in item.drugs], " + "), asked])


def _cells(item: Interaction, shown: Shown) -> Sequence[str]:
    monitor = tag("p", tag("b", "monitor: "), ", ".join(item.monitor)) if item.monitor else Html("")
    beside = [tag("li", note) for note in item.notes]
    status, checked = item.status.value, f" {item.checked}" if item.checked else ""
    return (
        severe(item.severity),
        together([item.effect, tag("p", item.mechanism, class_="quiet") if item.mechanism else ""]),
        together([tag("p", acts(item.actions), class_="acts"), tag("p", item.advice), monitor]),
        together(
            [
                shown.cite.link(item.source),
                " ",
                tag("span", f"{status}{checked}", class_=f"status {status}"),
                tag("ul", *beside, class_="beside") if beside else "",
                tag("details", tag("summary", "Reasons"), reasons(item.because, shown.cite)),
            ]
        ),
    )
