"""Where compiled tables of alleles lie, which there are, and which one is meant by a name such as ``clinvar@2026-11-20``."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from nof1.errors import NotInKnowledge
from nof1.knowledge.variant_index import SUFFIX, VariantIndex

_NUMBER = re.compile(r"\d+")


def folder() -> Path:
    """The user's folder of compiled tables: ``nof1/tables`` in ``XDG_DATA_HOME`` or ``~/.local/share``."""
    root = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    return Path(root) / "nof1" / "tables"


def place(kind: str, edition: str, build: str, into: Path | None = None) -> Path:
    """Where an edition of a kind lies."""
    return (into or folder()) / f"{kind}-{edition}-{build}{SUFFIX}"


def paths(kind: str = "", into: Path | None = None) -> list[Path]:
    """Compiled tables, of one kind or all, oldest edition first."""
    return sorted((into or folder()).glob(f"{kind or '[!.]*'}-*{SUFFIX}"), key=lambda path: _order(path.name))


def _order(name: str) -> tuple[str, list[int]]:
    """Kind, then numbers of the edition: 4.10 comes after 4.9."""
    return name.split("-", maxsplit=1)[0], [int(number) for number in _NUMBER.findall(name)]


def opened(name: str, build: str = "", into: Path | None = None) -> VariantIndex:
    """The table that ``name`` means: a path, ``KIND`` (its newest edition) or ``KIND@EDITION``; of ``build``, where given.

    Raises ``NotInKnowledge`` with what there is.
    """
    if name.endswith(SUFFIX):
        return VariantIndex(Path(name))
    kind, _, edition = name.partition("@")
    there = paths(kind, into)
    fits = [path for path in there if not edition or path.name.startswith(f"{kind}-{edition}-")]
    right = [path for path in fits if not build or path.name.endswith(f"-{build}{SUFFIX}")]
    if right:
        return VariantIndex(right[-1])
    shown = ", ".join(path.name.removesuffix(SUFFIX) for path in there) or f"none of {kind}"
    on = f" on {build}" if build else ""
    raise NotInKnowledge(f"{name!r}{on} is not there (there is: {shown}); bring it with nof1 knowledge add {kind} FILE")


def listed(into: Path | None = None) -> Iterator[VariantIndex]:
    """Every table there is, opened."""
    for path in paths("", into):
        yield VariantIndex(path)
