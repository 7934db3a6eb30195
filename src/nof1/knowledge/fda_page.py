"""Tables of a saved web page: rows under known headers, the numbered section each table stands in, the date of the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html.parser import HTMLParser

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6", "caption")
_NOT_SHOWN = ("script", "style", "sup", "noscript", "template")
_VOID = ("br", "hr", "img", "wbr")
_CURRENT = re.compile(r"current as of\W*(\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d{2}-\d{2})", re.IGNORECASE)
_SECTION = re.compile(r"section\s+([123])\b", re.IGNORECASE)
_MOST_SPANNED = 200


def read_page(text: str, columns: Sequence[str]) -> tuple[list[dict[str, str]], str]:
    """Rows of every table whose header has all ``columns`` (letters only, lower case), and the date the page names.

    Raises ``ValueError`` where the text is no page.
    """
    page = _Page(columns)
    try:
        page.feed(text)
        page.close()
    except AssertionError as error:  # how the standard parser refuses a broken declaration
        raise ValueError(str(error)) from None
    current = _CURRENT.search(" ".join(" ".join(page.words).split()))
    return page.rows, current[1] if current else ""


class _Page(HTMLParser):
    """Collects cells as they come; a cell that spans rows counts in each of them."""

    def __init__(self, columns: Sequence[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.columns = columns
        self.rows: list[dict[str, str]] = []
        self.words: list[str] = []
        self.section = ""
        self.headers: list[str] = []
        self.cells: list[str] | None = None
        self.spans: dict[int, tuple[int, str]] = {}
        self.collected: list[str] | None = None
        self.span = 1
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _NOT_SHOWN:
            self.hidden += 1
        elif tag == "table":
            self.headers, self.cells, self.spans = [], None, {}
        elif tag == "tr":
            self._end_row()
            self.cells = []
        elif tag in ("td", "th") and self.cells is not None:
            self._end_cell()
            given = dict(attrs).get("rowspan") or "1"
            self.span = min(int(given), _MOST_SPANNED) if given.isdecimal() else 1
            self.collected = []
        elif tag in _HEADINGS and self.cells is None:
            self.collected = []
        elif tag in _VOID or tag in ("p", "li", "div"):
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _NOT_SHOWN:
            self.hidden = max(0, self.hidden - 1)
        elif tag in ("td", "th"):
            self._end_cell()
        elif tag in ("tr", "table"):
            self._end_row()
        elif tag in _HEADINGS and self.collected is not None and self.cells is None:
            if found := _SECTION.search(" ".join(self.collected)):
                self.section = found[1]
            self.collected = None

    def handle_data(self, data: str) -> None:
        if self.hidden:
            return
        self.words.append(data)
        if self.collected is not None:
            self.collected.append(data)

    def _end_cell(self) -> None:
        if self.cells is None or self.collected is None:
            return
        self._fill_spanned(self.cells)
        text = "".join(self.collected)
        if self.span > 1:
            self.spans[len(self.cells)] = (self.span - 1, text)
        self.cells.append(text)
        self.collected, self.span = None, 1

    def _fill_spanned(self, cells: list[str]) -> None:
        while (place := len(cells)) in self.spans:
            left, text = self.spans.pop(place)
            cells.append(text)
            if left > 1:
                self.spans[place] = (left - 1, text)

    def _end_row(self) -> None:
        self._end_cell()
        cells, self.cells = self.cells, None
        if not cells:
            return
        self._fill_spanned(cells)
        names = [re.sub(r"[^a-z]", "", cell.casefold()) for cell in cells]
        if set(self.columns) <= set(names):
            self.headers = names
        elif self.headers:
            named = dict(zip(self.headers, cells, strict=False))
            self.rows.append({name: named.get(name, "") for name in self.columns} | {"section": self.section})
