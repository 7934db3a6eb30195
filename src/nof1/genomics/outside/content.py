"""The text of a file of calls made elsewhere, whatever it is wrapped in; what cannot be text is refused."""

from __future__ import annotations

import io
import json
import lzma
import re
import zipfile
import zlib
from pathlib import Path
from typing import Any

from nof1.errors import OutsideCallError
from nof1.genomics.outside.call import Content

MOST_BYTES = 64 * 1024 * 1024  # of a file, and of a table inside an archive
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, NotImplementedError, ValueError, OSError,
)  # fmt: skip
_ZIP = b"PK\x03\x04"
_GENE_AND_FILE = re.compile(r"^(?P<gene>[A-Za-z][A-Za-z0-9-]*)=(?P<file>.+)$")
_RESULTS = "SampleTable[Results]"


def gene_and_file(path: Path) -> tuple[str, Path]:
    """The gene a user names for a file that does not (``GENE=FILE``), empty for a plain path, and the file.

    >>> gene_and_file(Path("CYP9Z9=data.tsv"))[0]
    'CYP9Z9'
    """
    found = None if path.exists() else _GENE_AND_FILE.match(str(path))
    return (found["gene"], Path(found["file"])) if found else ("", path)


def read_content(path: Path) -> Content:
    """The content of ``path``; ``OutsideCallError`` for what is missing, too large, packed or not text."""
    gene, file = gene_and_file(path)
    try:
        if file.exists() and not file.is_file():
            raise OutsideCallError(f"{file}: not a file; give a file of calls")
        with file.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise OutsideCallError(f"{file}: cannot be opened ({error.strerror}); check the path") from error
    except ValueError as error:
        raise OutsideCallError(f"{str(file)!r}: cannot be opened ({error}); check the path") from None
    if len(data) > MOST_BYTES:
        raise OutsideCallError(f"{file}: more than {MOST_BYTES >> 20} MB; a file of calls is small, give the calls only")
    if data.startswith(_ZIP):
        table, inside = _archive(data, str(file))
        return content_of(_decoded(table, str(file)), str(file), gene or inside)
    if data.startswith(b"\x1f\x8b"):
        raise OutsideCallError(f"{file}: compressed with gzip; unpack it first")
    return content_of(_decoded(data, str(file)), str(file), gene)


def content_of(text: str, name: str, gene: str = "") -> Content:
    """``text`` with its lines, and decoded where it is JSON."""
    text = text.removeprefix("\ufeff")
    lines = tuple((number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip())
    found = _json(text, name) if text.lstrip()[:1] in ("{", "[") and not text.lstrip().startswith("[*") else None
    return Content(name, text, found, gene, lines)


def _decoded(data: bytes, name: str) -> str:
    if b"\0" in data:
        raise OutsideCallError(f"{name} byte {data.index(0)}: not text; give the tool's table or JSON")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise OutsideCallError(f"{name} byte {error.start}: not text in UTF-8; give a tab-separated table") from None


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise OutsideCallError(
            f"{name} line {error.lineno}: not complete JSON ({error.msg}); the file is broken off or damaged, copy it again"
        ) from None
    except (RecursionError, ValueError):
        raise OutsideCallError(f"{name}: JSON nested too deeply or with a number too long; give the tool's file") from None


def _archive(data: bytes, name: str) -> tuple[bytes, str]:
    """The table of an archive and the gene its metadata names."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            table = _member(archive, "data.tsv", name)
            meta = _member(archive, "metadata.txt", name)
    except _DAMAGED as error:
        raise OutsideCallError(f"{name}: the archive cannot be unpacked ({error}); copy it again") from None
    if table is None:
        raise OutsideCallError(f"{name}: the archive holds no data.tsv; give the results.zip of PyPGx")
    said = dict(line.split("=", 1) for line in _decoded(meta or b"", name).splitlines() if "=" in line)
    if (kind := said.get("SemanticType", _RESULTS)) != _RESULTS:
        raise OutsideCallError(f"{name}: the archive holds {kind[:60]!r}, expected {_RESULTS}; give results.zip")
    return table, said.get("Gene", "")


def _member(archive: zipfile.ZipFile, wanted: str, name: str) -> bytes | None:
    found = [item for item in archive.infolist() if item.filename.rsplit("/", 1)[-1] == wanted]
    if len(found) > 1:
        raise OutsideCallError(f"{name}: the archive holds {len(found)} files named {wanted}; give one result each")
    if not found:
        return None
    with archive.open(found[0]) as opened:
        data = opened.read(MOST_BYTES + 1)  # the size an archive declares can be a lie
    if len(data) > MOST_BYTES:
        raise OutsideCallError(f"{name}: {wanted} unpacks to more than {MOST_BYTES >> 20} MB; that is no table of calls")
    return data
