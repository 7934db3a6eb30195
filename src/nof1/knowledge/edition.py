"""Which knowledge files there are, and the digest that names their edition; parses nothing."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from nof1.errors import KnowledgeError

SHIPPED = Path(__file__).parent / "data"
GROUP = "nof1.knowledge"
_KEEP = (".yaml", ".tsv")


def files(folders: Sequence[Path]) -> list[tuple[str, Path]]:
    """Every knowledge file as (name inside its folder, path), later folders replacing earlier ones, sorted by name."""
    found: dict[str, Path] = {}
    for folder in folders:
        for place, _, names in os.walk(folder):
            for name in names:
                if name.endswith(_KEEP):
                    path = Path(place, name)
                    found[path.relative_to(folder).as_posix()] = path
    return sorted(found.items())


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

    Raises ``KnowledgeError`` for a folder that does not exist.
    """
    named = [Path(part) for part in os.environ.get("NOF1_KNOWLEDGE", "").split(os.pathsep) if part]
    if missing := [str(folder) for folder in named if not folder.is_dir()]:
        raise KnowledgeError([f"NOF1_KNOWLEDGE names {folder!r}, which is no folder" for folder in missing])
    return (*_installed(), *named)


def _installed() -> list[Path]:
    """Folders of installed packs; the slow search is made only when some package declares one."""
    if not any(_declares(Path(place)) for place in sys.path):
        return []
    from importlib.metadata import entry_points

    return sorted(Path(str(entry.load())) for entry in entry_points(group=GROUP))


def _declares(place: Path) -> bool:
    if not place.is_dir():
        return False
    wanted = f"[{GROUP}]".encode()
    return any(wanted in path.read_bytes() for path in place.glob("*.dist-info/entry_points.txt"))
