"""Writes results whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from nof1.errors import RequestError


def write_all(folder: Path, texts: Mapping[str, bytes]) -> None:
    """Write every file of ``texts`` into ``folder``; none is replaced before all are on the disk."""
    ready: list[_Unnamed] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in texts:
            if (folder / name).is_dir():
                raise RequestError(f"--out {str(folder)!r}: {name} is a folder there; choose another folder")
        for name, text in texts.items():
            ready.append(_Unnamed(folder / name))
            ready[-1].write(text)
        for file in ready:
            file.appear()
    except OSError as error:
        raise RequestError(f"--out {str(folder)!r}: cannot be written ({error.strerror}); choose another folder") from error
    finally:
        for file in ready:
            file.close()


def write_file(path: Path, option: str, data: bytes) -> None:
    """Write one file, whole or not at all; its folder must exist. ``option``: what named it, for messages."""
    write_files({option: (path, data)})


def write_files(files: Mapping[str, tuple[Path, bytes]]) -> None:
    """Write files, by the option that names each: all of them whole, or none."""
    ready: list[_Unnamed] = []
    for option, (path, _) in files.items():
        check_place(path, option)
    at = ""
    try:
        for option, (path, data) in files.items():
            at = f"{option} {str(path)!r}"
            ready.append(_Unnamed(path))
            ready[-1].write(data)
        for file in ready:
            file.appear()
    except OSError as error:
        raise RequestError(f"{at}: cannot be written ({error.strerror}); choose another file") from error
    finally:
        for file in ready:
            file.close()


def check_place(path: Path, option: str) -> None:
    """Raise ``RequestError`` where no file can be written under the name of ``path``."""
    if path.is_dir() or not path.name:
        raise RequestError(f"{option} {str(path)!r} is a folder; name a file")
    if path.exists() and (not path.is_file() or path.absolute().parts[1:2] in (("dev",), ("proc",))):
        raise RequestError(f"{option} {str(path)!r} is no regular file; name a file")
    if not path.parent.is_dir():
        raise RequestError(f"{option} {str(path)!r}: cannot be written (no folder {str(path.parent)!r}); make it first")


class _Unnamed:
    """A file that has no name until it is whole, so that a process killed while it writes leaves nothing behind.

    Where the file system knows no such files it has a hidden name beside ``path``, which only a kill leaves there.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.hidden = path, ""
        try:
            os.stat("/proc/self/fd")  # by which such a file gets its name
            self.place = os.open(path.parent, os.O_TMPFILE | os.O_WRONLY, 0o644)
        except (AttributeError, OSError):
            self.place, self.hidden = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")

    def write(self, data: bytes) -> None:
        """Write ``data`` down to the disk."""
        with open(self.place, "wb", closefd=False) as stream:
            stream.write(data)
        os.fchmod(self.place, 0o644)
        os.fsync(self.place)

    def appear(self) -> None:
        """Take the place of what stood at ``path``."""
        if not self.hidden:
            name = self.path.parent / f".{self.path.name}.{os.getpid()}.{self.place}"
            os.link(f"/proc/self/fd/{self.place}", name, src_dir_fd=self.place)  # so that the link is followed
            self.hidden = str(name)
        os.replace(self.hidden, self.path)
        self.hidden = ""

    def close(self) -> None:
        """Let go of it; what has not appeared is gone."""
        os.close(self.place)
        if self.hidden and os.path.exists(self.hidden):
            os.unlink(self.hidden)
