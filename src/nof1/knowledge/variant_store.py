"""Where compiled tables of alleles lie, which there are, and which one is meant by a name such as ``clinvar@2026-11-20``."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from nof1.errors import NotInKnowledge, RequestError
from nof1.knowledge.variant_index import SUFFIX, VariantIndex

_NUMBER = re.compile(r"\d+")
_NAMED = re.compile(r"\w+(?:@[\w.-]+)?")


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


def is_utf8(name: str) -> bool:
    """Whether a file's name can be written down: names that are not UTF-8 come with broken characters.

    >>> is_utf8("génome.vcf"), is_utf8("\\udcff.vcf")
    (True, False)
    """
    return name.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in name)


def _parted(path: Path) -> tuple[str, str, str]:
    """Kind, edition and build in the name of a compiled file."""
    kind, _, rest = path.name.removesuffix(SUFFIX).partition("-")
    edition, _, build = rest.rpartition("-")
    return kind, edition, build


def opened(name: str, build: str = "", into: Path | None = None) -> VariantIndex:
    """The table that ``name`` means: a path, ``KIND`` (its newest edition) or ``KIND@EDITION``; of ``build``, where given.

    Raises ``NotInKnowledge`` with what there is, ``RequestError`` for a name that can mean none.
    """
    if name.endswith(SUFFIX):
        return VariantIndex(Path(name))
    if not _NAMED.fullmatch(name):
        raise RequestError(f"{name!r} names no table; write KIND, KIND@EDITION, or the path of a compiled file (*{SUFFIX})")
    kind, _, edition = name.partition("@")
    there = paths(kind, into)
    fits = [path for path in there if not edition or _parted(path)[1] == edition]
    right = [path for path in fits if not build or _parted(path)[2] == build]
    if right:
        return VariantIndex(right[-1])
    others = "" if there else f"none of {kind}; "
    shown = others + (", ".join(path.name.removesuffix(SUFFIX) for path in there or paths("", into)) or "no other")
    on = f" on {build}" if build else ""
    raise NotInKnowledge(f"{name!r}{on} is not there (there is: {shown}); bring it with nof1 knowledge add {kind} FILE")


def listed(into: Path | None = None) -> Iterator[VariantIndex]:
    """Every table there is, opened."""
    for path in paths("", into):
        yield VariantIndex(path)
