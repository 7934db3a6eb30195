"""Tables that fold on a narrow screen: each cell bears the name of its column, and stays a cell for a screen reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nof1.report.markup import Html, tag


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading that spans them; ``kind`` is the group's class, ``id`` its anchor."""

    head: str
    rows: Sequence[Sequence[str]]
    kind: str = ""
    id: str = ""


def folding(caption: str, heads: Sequence[str], groups: Sequence[Group], kind: str = "", hidden: bool = False) -> Html:
    """A table with a caption, a heading for each column and groups of rows, each headed once."""
    columns = [tag("th", head, scope="col", role="columnheader") for head in heads]
    return tag(
        "table",
        tag("caption", caption, class_="hidden" if hidden else ""),
        tag("thead", tag("tr", *columns, role="row"), role="rowgroup"),
        *[_group(group, heads) for group in groups],
        class_=f"fold {kind}".strip(),
        role="table",
    )


def _group(group: Group, heads: Sequence[str]) -> Html:
    spans = str(len(group.rows)) if len(group.rows) > 1 else ""
    head = tag("th", group.head, scope="rowgroup" if spans else "row", rowspan=spans, role="rowheader")
    rows = [
        tag(
            "tr", head if place == 0 else Html(""), *[_cell(cell, heads[at]) for at, cell in enumerate(cells, 1)], role="row"
        )
        for place, cells in enumerate(group.rows)
    ]
    return tag("tbody", *rows, class_=group.kind, id=group.id, role="rowgroup")


def _cell(cell: str, head: str) -> Html:
    return tag("td", cell, role="cell", data_h=head) if cell else tag("td", role="cell", class_="none")
