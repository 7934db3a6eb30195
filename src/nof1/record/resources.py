"""Resources one by one out of files: JSON or NDJSON, plain or gzip, bundles in any nesting, single resources, folders."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, NamedTuple, cast

import msgspec

from nof1.errors import RecordError
from nof1.record.fields import Json, obj, objects, reference_key, text
from nof1.record.partly import partly_decoded

_ENDINGS = (".json", ".ndjson", ".jsonl", ".json.gz", ".ndjson.gz", ".jsonl.gz")
_BY_LINE = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")
_DEEPEST = 8
_NOTHING = object()
_DECODER = msgspec.json.Decoder()
_UNREADABLE = (OSError, EOFError, zlib.error)


class Found(NamedTuple):
    """A resource as it stands in a file; ``where``: file and entry or line, used where the resource has no id.

    ``aliases``: URL within the bundle -> ``Patient/id``, for resources that refer to a person by URL.
    """

    file: str
    where: str
    content: Json
    url: str = ""
    aliases: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Broken:
    """A file, line or entry that cannot be read: stable kind, place, what is there and why not."""

    kind: str
    place: str
    value: str
    reason: str


def from_files(paths: Iterable[Path | str]) -> Iterator[Found | Broken]:
    """Every resource of every file, file by file; what cannot be read is told and the rest is read."""
    for path in map(Path, paths):
        for file in _files(path):
            yield from _from_file(file)


def from_resources(resources: Sequence[object]) -> Iterator[Found | Broken]:
    """The resources of a list; bundles among them are opened."""
    for at, content in enumerate(resources, 1):
        yield from _opened(content, "", f"resource {at}")


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.name.lower().endswith(_ENDINGS) and file.is_file())
        if not found:
            raise RecordError(
                f"record: the folder {path} holds no .json or .ndjson file (plain or .gz); give another folder"
            )
        return found
    if not path.exists():
        raise RecordError(f"record: there is no file {path}; check the path")
    return [path]


def _from_file(path: Path) -> Iterator[Found | Broken]:
    try:
        with _open(path) as stream:
            if path.name.lower().endswith(_BY_LINE):
                yield from _lines(stream, path.name)
            else:
                yield from _document(stream.read(), path.name)
    except _UNREADABLE as error:
        yield Broken("file_broken", path.name, "", f"the file cannot be read to its end: {_why(error)}; get it again")


def _open(path: Path) -> IO[bytes]:
    with path.open("rb") as stream:
        is_gzip = stream.read(2) == b"\x1f\x8b"
    return cast(IO[bytes], gzip.open(path, "rb")) if is_gzip else path.open("rb")


def _why(error: Exception) -> str:
    if isinstance(error, EOFError):
        return "it is cut off"
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


def _document(content: bytes, name: str) -> Iterator[Found | Broken]:
    """One JSON document, or lines of JSON under another name than NDJSON has."""
    content = content.removeprefix(b"\xef\xbb\xbf")
    if not content.strip():
        yield Broken("file_broken", name, "", "the file is empty")
        return
    if (bundle := partly_decoded(content)) is not None:
        yield from _opened(bundle, name, name)
        return
    decoded, problem = _decoded(content)
    if problem and b"\n" in content and _decoded(content.split(b"\n", 1)[0])[1] == "":
        yield from _lines(content.splitlines(), name)
    elif problem:
        yield Broken("file_broken", name, "", problem)
    else:
        yield from _opened(decoded, name, name)


def _lines(lines: Iterable[bytes], name: str) -> Iterator[Found | Broken]:
    for at, line in enumerate(lines, 1):
        if not (line := line.removeprefix(b"\xef\xbb\xbf").strip()):
            continue
        decoded, problem = _decoded(line)
        if problem:
            yield Broken("line_broken", f"{name} line {at}", line[:40].decode("utf-8", "replace"), problem)
        else:
            yield from _opened(decoded, name, f"{name} line {at}")


def _decoded(content: bytes) -> tuple[object, str]:
    """The decoded JSON, and why it is none."""
    try:
        return _DECODER.decode(content), ""
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        said = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        if "truncated" in said:
            return None, f"the JSON is cut off after {len(content)} bytes; get the whole file"
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return None, "it is UTF-16; save it as UTF-8"
        return None, f"it is no JSON: {said.removeprefix('JSON is malformed: ')}"


def _opened(content: object, file: str, where: str, depth: int = 0) -> Iterator[Found | Broken]:
    """The resource, or what a bundle, a list or a set of parameters holds."""
    if isinstance(content, list):
        for at, item in enumerate(content, 1):
            yield from _opened(item, file, f"{where} item {at}".strip(), depth + 1)
        return
    kind = content.get("resourceType") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(kind, str) or not kind:
        yield Broken("not_a_resource", where, "", "it has no resourceType; FHIR R4 resources are read")
    elif depth > _DEEPEST:
        yield Broken("not_a_resource", where, kind, f"it lies more than {_DEEPEST} bundles deep")
    elif kind == "Bundle":
        yield from _bundle(content, file, where, depth)
    elif kind == "Parameters":
        for part in objects(content.get("parameter")):
            if isinstance(part.get("resource"), dict):
                yield from _opened(part["resource"], file, where, depth + 1)
    else:
        yield Found(file, where, content)


def _bundle(bundle: Json, file: str, where: str, depth: int) -> Iterator[Found | Broken]:
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        yield Broken("wrong_type", f"{where} Bundle.entry", "", "entry is no list; nothing of the bundle is read")
        return
    aliases = _aliases(entries)
    for at, entry in enumerate(entries, 1):
        content = entry.get("resource", _NOTHING) if isinstance(entry, dict) else None
        if content is _NOTHING:  # a deletion, or a response without content
            continue
        place = f"{where} entry {at}".strip()
        if not isinstance(content, dict):
            yield Broken("wrong_type", place, "", "the entry, or its resource, is no object")
        elif (kind := content.get("resourceType")) in ("Bundle", "Parameters") or not isinstance(kind, str):
            yield from _opened(content, file, place, depth + 1)
        else:
            url = entry.get("fullUrl")
            yield Found(file, place, content, reference_key(url) if isinstance(url, str) else "", aliases)


def _aliases(entries: list[object]) -> dict[str, str]:
    """URL of each person's entry -> ``Patient/id``."""
    found = {}
    for entry in entries:
        content = obj(obj(entry).get("resource"))
        if content.get("resourceType") == "Patient" and (name := text(content.get("id"))):
            found[reference_key(text(obj(entry).get("fullUrl")))] = f"Patient/{name}"
    found.pop("", None)
    return found
