"""The head of a page: what a browser must know before it shows anything, and what stands in the margins of a print."""

from __future__ import annotations

from functools import cache
from pkgutil import get_data

from nof1.report.markup import clean, css_string, tag

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_NAME_IN_MARGIN = 60


@cache
def style(name: str = "style.css") -> str:
    """A style sheet of this room."""
    return (get_data(__package__, name) or b"").decode()


def head(title: str, name: str, created: str, *more: str) -> str:
    """The head; ``name`` and ``created`` stand in the margin of every printed page. ``more``: further style sheets."""
    margin = (
        f"@page{{@top-left{{content:{css_string(clean(name[:_NAME_IN_MARGIN]))}}}"
        f"@top-right{{content:{css_string(created)}}}}}"
    )
    styles = style() + "".join(style(sheet) for sheet in more)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">'
        '<meta name="robots" content="noindex"><meta name="color-scheme" content="light">'
        f"{tag('title', title)}<style>{styles}{margin}</style></head>\n"
    )
