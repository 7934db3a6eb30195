"""Classes of drugs compared for this person: bins with a shape and a word; drugs of one bin are tied."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from nof1.model.findings import Assessment, Compared, Comparison
from nof1.report.exposed import exposed_text
from nof1.report.lines import cut
from nof1.report.markup import Html, tag, together
from nof1.report.shown import Shown
from nof1.report.signs import binned
from nof1.report.tables import Group, folding
from nof1.report.words import NO_DATA, counted

_HEADS = ("Bin", "Drug", "Why", "Not known")
_SILENT = f"{NO_DATA} on them for this person; that does not make them safe"
_WHY_SHOWN, _UNKNOWN_SHOWN, _LONGEST = 3, 2, 260


def comparison_section(assessment: Assessment, shown: Shown) -> Html:
    """A table for each class that was asked for; empty without any."""
    if not assessment.comparisons:
        return Html("")
    tables = [_comparison(item, shown) for item in assessment.comparisons]
    return tag("section", tag("h2", "Drugs of a class compared", id="compared"), *tables)


def _comparison(item: Comparison, shown: Shown) -> Html:
    groups = [_bin(name, list(drugs), shown) for name, drugs in groupby(item.drugs, key=lambda drug: drug.bin)]
    note = tag("p", item.note, " ", shown.cite.link(item.source), class_="quiet")
    return together([tag("h3", item.title), folding(f"{item.title}, in bins", _HEADS, groups, "bins", hidden=True), note])


def _bin(name: str, drugs: Sequence[Compared], shown: Shown) -> Group:
    """The drugs of one bin; those of which nothing at all is said stand together in one row."""
    silent = [drug for drug in drugs if not (drug.why or drug.unknown or drug.exposure)]
    rows = [_cells(drug, shown) for drug in drugs if drug not in silent]
    if silent:
        listed = together([_named(drug, shown) for drug in silent], ", ")
        rows.append((counted(len(silent), "drug"), listed, _SILENT))
    return Group(binned(name), rows)


def _named(drug: Compared, shown: Shown) -> Html:
    return together([shown.drug(drug.drug), tag("b", " (taken)") if drug.is_taken else ""])


def _cells(drug: Compared, shown: Shown) -> tuple[str, ...]:
    why = [*drug.why[:_WHY_SHOWN], *exposed_text(drug), *drug.why[_WHY_SHOWN:]]
    most = _WHY_SHOWN + (drug.exposure is not None)
    return (_named(drug, shown), _lines(why, most), _lines(drug.unknown, _UNKNOWN_SHOWN))


def _lines(texts: Sequence[str], most: int) -> Html:
    left = len(texts) - most
    more = tag("p", f"and {left} more, in the JSON file", class_="quiet") if left > 0 else Html("")
    return together([*[tag("p", cut(text, _LONGEST)) for text in texts[:most]], more])
