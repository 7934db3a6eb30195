"""The compiled form of the knowledge: built once from the files, found again by their digest."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import entry_points
from pathlib import Path

import msgspec

from nof1.errors import KnowledgeError
from nof1.knowledge.load import SHIPPED, digest, load
from nof1.knowledge.schema import Knowledge

BESIDE_PACKAGE = SHIPPED.parent / "compiled.msgpack"
_decoder = msgspec.msgpack.Decoder(Knowledge)


def knowledge(extra: Sequence[Path] = ()) -> Knowledge:
    """The shipped knowledge, that of installed packs and of ``extra`` folders; parses YAML only when files changed.

    Raises ``KnowledgeError`` when a file is wrong.
    """
    return _knowledge((SHIPPED, *packs(), *extra))


def packs() -> tuple[Path, ...]:
    """Folders offered by installed packages (entry point group ``nof1.knowledge``), then those of ``NOF1_KNOWLEDGE``.

    Raises ``KnowledgeError`` for a folder that does not exist.
    """
    installed = sorted(Path(str(entry.load())) for entry in entry_points(group="nof1.knowledge"))
    named = [Path(part) for part in os.environ.get("NOF1_KNOWLEDGE", "").split(os.pathsep) if part]
    if missing := [str(folder) for folder in named if not folder.is_dir()]:
        raise KnowledgeError([f"NOF1_KNOWLEDGE names {folder!r}, which is no folder" for folder in missing])
    return (*installed, *named)


@lru_cache(maxsize=4)
def _knowledge(folders: tuple[Path, ...]) -> Knowledge:
    wanted = digest(folders)
    for path in (BESIDE_PACKAGE, cached(wanted)):
        found = read(path)
        if found is not None and found.edition.digest == wanted:
            return found
    built = load(folders)
    write(built, cached(wanted))
    return built


def cached(edition: str) -> Path:
    """Where the compiled form of ``edition`` lives in the user's cache (``XDG_CACHE_HOME`` or ``~/.cache``)."""
    root = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(root) / "nof1" / f"knowledge-{edition}.msgpack"


def read(path: Path) -> Knowledge | None:
    """The compiled knowledge in ``path``; ``None`` when it is absent or was written by another version."""
    try:
        return _decoder.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def write(built: Knowledge, path: Path) -> None:
    """Write the compiled form whole or not at all; a cache that cannot be written is no error."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(msgspec.msgpack.encode(built))
        os.replace(file.name, path)
    except OSError:
        return
