"""Which knowledge files there are, and the digest that names their edition; parses nothing."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from nof1.errors import KnowledgeError

SHIPPED = Path(__file__).parent / "data"
GROUP = "nof1.knowledge"
KEPT = (".yaml", ".tsv")


def files(folders: Sequence[Path]) -> list[tuple[str, Path]]:
    """Every knowledge file as (name inside its folder, path), later folders replacing earlier ones, sorted by name."""
    found: dict[str, Path] = {}
    for folder in folders:
        found.update(named(folder, KEPT))
    return sorted(found.items())


def named(folder: Path, ends: tuple[str, ...] = ("",)) -> Iterator[tuple[str, Path]]:
    """Every file below ``folder`` whose name ends in one of ``ends``, as (name inside it, path); no hidden ones."""
    for place, inner, names in os.walk(folder):
        inner[:] = [name for name in inner if not name.startswith(".")]
        for name in names:
            if name.endswith(ends) and not name.startswith("."):
                path = Path(place, name)
                yield path.relative_to(folder).as_posix(), path


def digest(folders: Sequence[Path]) -> str:
    """The edition: 12 hexadecimal digits over names and bytes of every knowledge file."""
    state = hashlib.blake2b(digest_size=6)
    for name, path in files(folders):
        data = path.read_bytes()
        state.update(f"{name}\0{len(data)}\0".encode())
        state.update(data)
    return state.hexdigest()


def packs() -> tuple[Path, ...]:
    """Folders offered by installed packages (entry point group ``nof1.knowledge``), then those of ``NOF1_KNOWLEDGE``.

    Raises ``KnowledgeError`` for a folder that does not exist or holds no knowledge file.
    """
    given = [Path(part) for part in os.environ.get("NOF1_KNOWLEDGE", "").split(os.pathsep) if part]
    if missing := [str(folder) for folder in given if not folder.is_dir()]:
        raise KnowledgeError([f"NOF1_KNOWLEDGE names {folder!r}, which is no folder" for folder in missing])
    if empty := [str(folder) for folder in given if not holds_any(folder)]:
        raise KnowledgeError([f"NOF1_KNOWLEDGE names {folder!r}, which holds no knowledge file" for folder in empty])
    return (*_installed(tuple(sys.path)), *given)


def holds_any(folder: Path) -> bool:
    """Whether there is any knowledge file below ``folder``."""
    return next(named(folder, KEPT), None) is not None


@lru_cache(maxsize=4)
def _installed(places: tuple[str, ...]) -> tuple[Path, ...]:
    """Folders of installed packs, looked for once; the slow search is made only when some package declares one."""
    if not any(_declares(Path(place)) for place in places):
        return ()
    from importlib.metadata import entry_points

    return tuple(sorted(Path(str(entry.load())) for entry in entry_points(group=GROUP)))


def _declares(place: Path) -> bool:
    if not place.is_dir():
        return False
    wanted = f"[{GROUP}]".encode()
    return any(wanted in path.read_bytes() for path in place.glob("*.dist-info/entry_points.txt"))
