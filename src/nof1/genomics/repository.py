"""Genome files kept by their digest: what a record refers to is found again, and is what it was."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from nof1.errors import GenomeError

_PART = 1024 * 1024
_DIGEST = re.compile("[0-9a-f]{64}")
_INDEXES = (".tbi", ".csi")


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of the repository: SHA-256 of its bytes, name, size in bytes."""

    digest: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Repository:
    """The files in ``folder``, one folder for each digest. A file is there whole or not at all."""

    folder: Path

    def keep(self, file: Path) -> Kept:
        """Copies ``file``, and an index that stands beside it; nothing where it is there. Raises ``GenomeError``."""
        try:
            digest = _digest(file)
            kept = Kept(digest, file.name, file.stat().st_size)
            if self.path(digest) is None:
                self._copy(file, digest)
        except OSError as error:
            raise GenomeError(f"{file}: it cannot be kept: {error.strerror or error}") from None
        return kept

    def path(self, digest: str) -> Path | None:
        """Where the file of that digest is; ``None`` where there is none."""
        if not _DIGEST.fullmatch(digest) or not (place := self._place(digest)).is_dir():
            return None
        return next((one for one in sorted(place.iterdir()) if one.suffix not in _INDEXES), None)

    def checked(self, digest: str) -> Path:
        """The file of that digest, its bytes compared with it. Raises ``GenomeError`` where it is gone or another one."""
        path = self.path(digest)
        if path is None:
            raise GenomeError(f"the genome file {digest[:12]}… is not in {self.folder}; attach it again")
        if _digest(path) != digest:
            raise GenomeError(f"{path}: its bytes are no longer those that were attached ({digest[:12]}…); attach it again")
        return path

    def _place(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest

    def _copy(self, file: Path, digest: str) -> None:
        place = self._place(digest)
        place.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=place.parent, prefix="."))
        try:
            for one in (file, *(file.with_name(file.name + ending) for ending in _INDEXES)):
                if one.exists():
                    shutil.copyfile(one, made / one.name)
            os.rename(made, place)
        except FileExistsError:  # somebody else kept the same file meanwhile
            shutil.rmtree(made)
        except OSError:
            shutil.rmtree(made, ignore_errors=True)
            if not place.is_dir():
                raise


def _digest(file: Path) -> str:
    found = hashlib.sha256()
    with file.open("rb") as stream:
        while part := stream.read(_PART):
            found.update(part)
    return found.hexdigest()
