"""Files of FHIR resources as units of an import: a bundle, or some lines of NDJSON; plain or gzip, in folders."""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO, NamedTuple, cast

import msgspec

from nof1.errors import RecordError

_ENDINGS = (".json", ".ndjson", ".jsonl", ".json.gz", ".ndjson.gz", ".jsonl.gz")
_BY_LINE = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")
_LINES = 250  # of NDJSON in one unit
_BROKEN = (OSError, EOFError, zlib.error)


class Part(NamedTuple):
    """A resource as it stands in a file: where, its fullUrl (empty without), its bytes."""

    place: str
    url: str
    body: bytes


class Unit(NamedTuple):
    """What is stored together: the file, its number within it, its resources, and what cannot be read (place, reason).

    ``is_last``: the file ends with it.
    """

    file: Path
    number: int
    parts: list[Part]
    broken: list[tuple[str, str]]
    is_last: bool


class _Entry(msgspec.Struct):
    resource: msgspec.Raw = msgspec.Raw(b"")
    fullUrl: str = ""  # noqa: N815 (FHIR's name)
    request: _Request | None = None


class _Request(msgspec.Struct):
    method: str = "POST"


class _Document(msgspec.Struct):
    resourceType: str  # noqa: N815 (FHIR's name)
    entry: list[_Entry] = []


_DOCUMENT = msgspec.json.Decoder(_Document)


def files(paths: Iterable[Path]) -> list[Path]:
    """Every file that may hold resources. Raises ``RecordError`` for a path that is not there or a folder without any."""
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise RecordError(f"import: there is no file {path}; check the path")
        inside = sorted(one for one in path.rglob("*") if one.is_file() and one.name.lower().endswith(_ENDINGS))
        if path.is_dir() and not inside:
            raise RecordError(f"import: the folder {path} holds no .json or .ndjson file (plain or .gz)")
        found += inside if path.is_dir() else [path]
    return found


def fingerprint(file: Path) -> str:
    """By what an import knows a file again: its bytes, and how they are read."""
    try:
        about = file.stat()
        return _digest(file, about.st_size, about.st_mtime_ns)
    except OSError:
        return hashlib.sha256(b"not read " + os.fsencode(file)).hexdigest()[:32]


@lru_cache(10_000)  # it is asked for with every unit
def _digest(file: Path, _size: int, _time: int) -> str:
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256")
    found.update(b"\nline" if file.name.lower().endswith(_BY_LINE) else b"\nwhole")
    return found.hexdigest()[:32]


def units(file: Path) -> Iterator[Unit]:
    """The units of one file, in order; always at least one."""
    try:
        with _open(file) as stream:
            if file.name.lower().endswith(_BY_LINE):
                yield from _by_line(file, stream)
            else:
                yield _document(file, stream.read())
    except _BROKEN as error:
        said = "it is cut off" if isinstance(error, EOFError) else str(getattr(error, "strerror", None) or error)
        yield Unit(file, -1, [], [(file.name, f"the file cannot be read to its end: {said}; get it again")], True)


def _open(file: Path) -> IO[bytes]:
    with file.open("rb") as stream:
        is_gzip = stream.read(2) == b"\x1f\x8b"
    return cast(IO[bytes], gzip.open(file, "rb")) if is_gzip else file.open("rb")


def _by_line(file: Path, stream: IO[bytes]) -> Iterator[Unit]:
    parts: list[Part] = []
    number = 0
    for at, line in enumerate(stream, 1):
        if line.strip():
            parts.append(Part(f"{file.name} line {at}", "", line.strip().removeprefix(b"\xef\xbb\xbf")))
        if len(parts) == _LINES:
            yield Unit(file, number, parts, [], False)
            parts, number = [], number + 1
    yield Unit(file, number, parts, [], True)


def _document(file: Path, content: bytes) -> Unit:
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        found = _DOCUMENT.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Unit(file, 0, [], [(file.name, f"it is no FHIR resource in JSON: {error}")], True)
    if found.resourceType != "Bundle":
        return Unit(file, 0, [Part(file.name, "", content)], [], True)
    parts, broken = [], []
    for at, entry in enumerate(found.entry, 1):
        place = f"{file.name} entry {at}"
        if entry.request is not None and entry.request.method not in ("POST", "PUT"):
            broken.append((place, f"its request is {entry.request.method}; an import only creates and updates"))
        elif entry.resource:
            parts.append(Part(place, entry.fullUrl, bytes(entry.resource)))
    return Unit(file, 0, parts, broken, True)
