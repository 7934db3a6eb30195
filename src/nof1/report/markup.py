"""HTML elements that escape whatever is not already HTML, so that no text of a user's file can become markup."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NOT_SHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_MEANS_SOMETHING = re.compile("[&<>\"']")
_AREA = re.compile(r"\{([\d.]+)_m2\}")
_NOT_IN_ANCHOR = re.compile(r"[^A-Za-z0-9_.-]")


class Html(str):
    """Text that is HTML already. Whatever is done to it as a string gives plain text again, which is escaped."""

    __slots__ = ()


def escape(text: str) -> str:
    """The text with its five signs that mean something in HTML written as references; ``Html`` as it is.

    >>> escape("<a href='x'>")
    '&lt;a href=&#39;x&#39;&gt;'
    """
    if type(text) is Html or not _MEANS_SOMETHING.search(text):
        return text
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;").replace("'", "&#39;")


def readable(text: str) -> str:
    """The text with annotations of a unit as a reader writes them.

    >>> readable("28.8 mL/min/{1.73_m2}")
    '28.8 mL/min/1.73 m²'
    """
    return _AREA.sub(r"\1 m²", text) if "_m2}" in text else text


def tag(name: str, *children: str, **attributes: str) -> Html:
    """An element; children and attribute values are escaped unless they are ``Html``; empty attributes are left out.

    A trailing underscore is dropped from an attribute's name, others become hyphens.

    >>> tag("p", "<b> & ", tag("b", "bold"), class_="note")
    '<p class="note">&lt;b&gt; &amp; <b>bold</b></p>'
    """
    written = ""
    for key, value in attributes.items():
        if value:
            written += f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
    return Html(
        f"<{name}{written}>{''.join([child if type(child) is Html else escape(child) for child in children])}</{name}>"
    )


def together(parts: Iterable[str], between: str = "") -> Html:
    """The parts one after another, each escaped unless it is ``Html``.

    >>> together(["a<b", Html("<br>")], " ")
    'a&lt;b <br>'
    """
    return Html(escape(between).join([escape(part) for part in parts]))


def table(kind: str, heads: Iterable[str], rows: Iterable[str], caption: str = "") -> Html:
    """A table of class ``kind`` with a heading for each column, and a caption for those who cannot see where it stands."""
    said = tag("caption", caption, class_="hidden") if caption else Html("")
    head = tag("thead", tag("tr", *[tag("th", name, scope="col") for name in heads]))
    return tag("table", said, head, tag("tbody", *rows), class_=kind)


def row(name: str, *cells: str) -> Html:
    """A row of a table, headed by ``name``; the last cell is set smaller."""
    shown = [tag("td", cell) for cell in cells[:-1]] + [tag("td", cell, class_="side") for cell in cells[-1:]]
    return tag("tr", tag("th", name, scope="row"), *shown)


def clean(text: str) -> str:
    """The text with control characters, turned writing directions and broken characters made visible as U+FFFD.

    >>> clean("NA1" + chr(27) + "[2J")
    'NA1\\ufffd[2J'
    """
    return _NOT_SHOWN.sub("\ufffd", text)


def anchor(kind: str, name: str) -> str:
    """The id of an element: ``kind`` and the name in letters, digits, ``_ . -``; everything else by its number.

    >>> anchor("s", "a b")
    's-a~20~b'
    """
    return f"{kind}-" + _NOT_IN_ANCHOR.sub(lambda found: f"~{ord(found[0]):x}~", name)


def link(kind: str, name: str, *shown: str) -> Html:
    """A link to the element ``anchor(kind, name)`` of the same page, reading ``shown`` (the name when not given)."""
    return tag("a", *(shown or (name,)), href="#" + anchor(kind, name))


def web_link(url: str) -> Html:
    """A link to a web address; any other text is shown and not linked."""
    if url.startswith(("https://", "http://")):
        return tag("a", url.split("//", 1)[1].rstrip("/"), href=url, rel="noreferrer noopener")
    return Html(escape(url))


def css_string(text: str) -> str:
    """The text as a CSS string that can close neither the string nor the style element.

    >>> css_string("a</b")
    '"a\\\\00003c\\\\00002fb"'
    """
    shown = [sign if sign.isascii() and sign.isalnum() else f"\\{ord(sign):06x}" for sign in text]
    return '"' + "".join(shown) + '"'
