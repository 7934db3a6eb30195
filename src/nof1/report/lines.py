"""Lines and columns of plain text."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from nof1.report.markup import clean


def column(texts: Sequence[str], most: int) -> int:
    """The width of a column that holds all texts, at most ``most``."""
    return min(max((len(text) for text in texts), default=0), most)


def padded(text: str, size: int) -> str:
    """The text, cut or filled with blanks to ``size``."""
    return cut(clean(text), size).ljust(size)


def cut(text: str, width: int) -> str:
    """The text in one line of at most ``width`` characters."""
    line = " ".join(text.split()) if "\n" in text or "\t" in text else text
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"


def filled(text: str, width: int, indent: str = "") -> list[str]:
    """The text in lines of at most ``width`` characters; those below the first stand under its first word."""
    return wrap(text, width, initial_indent=indent, subsequent_indent=" " * len(indent), break_on_hyphens=False)
