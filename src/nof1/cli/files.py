"""Writes results whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from nof1.errors import RequestError


def write_all(folder: Path, texts: Mapping[str, bytes]) -> None:
    """Write every file of ``texts`` into ``folder``; none is replaced before all are on the disk."""
    ready: list[tuple[str, Path]] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in texts:
            if (folder / name).is_dir():
                raise RequestError(f"--out {str(folder)!r}: {name} is a folder there; choose another folder")
        for name, text in texts.items():
            with tempfile.NamedTemporaryFile(dir=folder, prefix=f".{name}.", delete=False) as file:
                ready.append((file.name, folder / name))
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(file.name, 0o644)
        for temporary, final in ready:
            os.replace(temporary, final)
    except OSError as error:
        raise RequestError(f"--out {str(folder)!r}: cannot be written ({error.strerror}); choose another folder") from error
    finally:
        for temporary, _ in ready:
            if os.path.exists(temporary):
                os.unlink(temporary)


def write_file(path: Path, option: str, data: bytes) -> None:
    """Write one file, whole or not at all; its folder must exist. ``option``: what named it, for messages."""
    if path.is_dir():
        raise RequestError(f"{option} {str(path)!r} is a folder; name a file")
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(file.name, 0o644)
        os.replace(file.name, path)
    except OSError as error:
        raise RequestError(f"{option} {str(path)!r}: cannot be written ({error.strerror}); choose another file") from error
