"""Writes results whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from nof1.errors import RequestError


def write_all(folder: Path, texts: Mapping[str, bytes]) -> None:
    """Write every file of ``texts`` into ``folder``; none is replaced before all are on the disk."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        ready: list[tuple[str, Path]] = []
        for name, text in texts.items():
            with tempfile.NamedTemporaryFile(dir=folder, prefix=f".{name}.", delete=False) as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(file.name, 0o644)
            ready.append((file.name, folder / name))
        for temporary, final in ready:
            os.replace(temporary, final)
    except OSError as error:
        raise RequestError(f"--out {str(folder)!r}: cannot be written ({error.strerror}); choose another folder") from error
