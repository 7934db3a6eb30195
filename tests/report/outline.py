"""Reads a page as a browser would: ids, links, headings, tables, and the text with nothing but words and shapes' names."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

VOID = ("meta", "br")


class Outline(HTMLParser):
    """Ids, links and headings; complains about elements that are not closed in order and about script attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.headings: list[tuple[str, str]] = []
        self.names: set[str] = set()

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self.names.add(name)
        found = dict(attributes)
        assert not [key for key in found if key.startswith("on")], f"script attribute on {name}"
        self.ids += [found["id"]] if found.get("id") else []
        self.links += [found["href"]] if found.get("href") else []
        if re.fullmatch(r"h[1-6]", name):
            self.headings.append((name, ""))
        if name not in VOID:
            self.open.append(name)

    def handle_startendtag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(name, attributes)
        self.open.pop()

    def handle_endtag(self, name: str) -> None:
        assert self.open, f"</{name}> closes nothing"
        assert self.open.pop() == name

    def handle_data(self, data: str) -> None:
        if any(re.fullmatch(r"h[1-6]", name) for name in self.open):
            level, text = self.headings.pop()
            self.headings.append((level, text + data))


def outline(html: str) -> Outline:
    """The outline of a whole page."""
    found = Outline()
    found.feed(html)
    found.close()
    return found


def words(html: str) -> str:
    """What is left of HTML without style, drawings, classes and tags: what a reader without colour or shape reads."""
    html = re.sub(r"<(style|svg)\b.*?</\1>", " ", html, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def section(html: str, name: str) -> str:
    """The section whose heading has the id ``name``, as HTML with the sections inside it."""
    at = html.index(f'id="{name}"')
    start = html.rindex("<section", 0, at)
    depth = 0
    for found in re.finditer(r"<section\b|</section>", html[start:]):
        depth += 1 if found[0] != "</section>" else -1
        if depth == 0:
            return html[start : start + found.end()]
    raise AssertionError(f"section {name} is not closed")


def rows(html: str) -> list[list[str]]:
    """The cells of every row of the tables in ``html``, as words."""
    return [
        [words(cell) for cell in re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", row, re.S)]
        for row in re.findall(r"<tr\b[^>]*>(.*?)</tr>", html, re.S)
    ]
