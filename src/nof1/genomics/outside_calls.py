"""Reads calls made by another laboratory or tool, whichever of the known formats they are written in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nof1.genomics.outside.call import OutsideCall
from nof1.genomics.outside.content import content_of, gene_and_file, read_content
from nof1.genomics.outside.formats import calls_in

__all__ = ["OutsideCall", "call_files", "parse_outside_calls", "plain_path", "read_outside_calls"]


def read_outside_calls(path: Path) -> tuple[OutsideCall, ...]:
    """Every call in ``path`` (or ``GENE=FILE``); ``OutsideCallError`` names what cannot be read."""
    return calls_in(read_content(path))


def parse_outside_calls(text: str, name: str, gene: str = "") -> tuple[OutsideCall, ...]:
    """The calls written in ``text``; ``name`` is used in errors, ``gene`` is that of a text that does not say it.

    >>> parse_outside_calls("CYP9Z9\\t*1/*3\\n", "x")[0].diplotype
    '*1/*3'
    """
    return calls_in(content_of(text, name, gene))


def plain_path(path: Path) -> Path:
    """The file of a path that may be written ``GENE=FILE``."""
    return gene_and_file(path)[1]


def call_files(given: Sequence[Path | str] | Path | str | None) -> tuple[Path, ...]:
    """One path, several or none, as a tuple."""
    if not given:
        return ()
    return (Path(given),) if isinstance(given, str | Path) else tuple(Path(path) for path in given)
