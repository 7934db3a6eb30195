"""The compiled form of the knowledge: built once from the files, found again by their digest."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import msgspec

from nof1.knowledge.edition import SHIPPED, digest, packs
from nof1.knowledge.schema import Knowledge

BESIDE_PACKAGE = SHIPPED.parent / "compiled.msgpack"
_HEAD = 200  # the edition stands first
_decoder = msgspec.msgpack.Decoder(Knowledge)


def knowledge(extra: Sequence[Path] = ()) -> Knowledge:
    """The shipped knowledge, that of installed packs and of ``extra`` folders; parses YAML only when files changed.

    Raises ``KnowledgeError`` when a file is wrong.
    """
    return _knowledge((SHIPPED, *packs(), *extra))


@lru_cache(maxsize=4)
def _knowledge(folders: tuple[Path, ...]) -> Knowledge:
    wanted = digest(folders)
    for path in (BESIDE_PACKAGE, cached(wanted)):
        found = read(path, wanted)
        if found is not None and found.edition.digest == wanted:
            return found
    from nof1.knowledge.load import load  # the parsers are loaded only when something must be parsed

    built = load(folders)
    write(built, cached(wanted))
    return built


def cached(edition: str) -> Path:
    """Where the compiled form of ``edition`` lives in the user's cache (``XDG_CACHE_HOME`` or ``~/.cache``)."""
    return cache_folder() / f"knowledge-{edition}.msgpack"


def cache_folder() -> Path:
    """Where what can be made again is kept for this user."""
    root = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(root) / "nof1"


def read(path: Path, edition: str = "") -> Knowledge | None:
    """The compiled knowledge in ``path``; ``None`` when it is absent, another ``edition`` or written by another version."""
    try:
        content = path.read_bytes()
        return _decoder.decode(content) if edition.encode() in content[:_HEAD] else None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def write(built: Knowledge, path: Path) -> None:
    """Write the compiled form whole or not at all; a cache that cannot be written is no error."""
    write_whole(msgspec.msgpack.encode(built), path)


def write_whole(content: bytes, path: Path) -> None:
    """Write ``content`` whole or not at all; a cache that cannot be written is no error."""
    made = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            made = file.name
            file.write(content)
        os.replace(made, path)
    except OSError:
        if made:
            Path(made).unlink(missing_ok=True)
