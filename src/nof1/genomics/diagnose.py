"""Says in one line what is wrong with a file that the VCF library refused: which line, what stands there, what to do."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from nof1.errors import GenomeError

EOF_BLOCK = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_ASK = "give a VCF, gVCF or BCF file"
COLUMNS = b"#CHROM POS ID REF ALT QUAL FILTER INFO".split()
_MAX_LINE = 60
_CHUNK = 1 << 17
_NO_HEADER = re.compile(rb"\n[^#\n\r]")
_GENOTYPE = re.compile(rb"[/|]?(?:\.|\d{1,4})(?:[/|](?:\.|\d{1,4}))*")


def kind(path: Path) -> str:
    """``VCF``, ``VCF (bgzip)``, ``VCF (gzip)`` or ``BCF``; ``GenomeError`` for anything else or a file cut short."""
    try:
        with open(path, "rb") as file:
            head = file.read(65536)
            file.seek(0, 2)
            size = file.tell()
            file.seek(max(size - len(EOF_BLOCK), 0))
            tail = file.read()
    except OSError as error:
        raise GenomeError(f"{path}: cannot be opened ({error.strerror}); check the path") from error
    if not head:
        raise GenomeError(f"{path}: is empty; {_ASK}")
    if head[:2] == b"\x1f\x8b":
        is_bgzf = len(head) > 13 and head[3] & 4 and head[12:14] == b"BC"
        if is_bgzf and tail != EOF_BLOCK:
            raise GenomeError(f"{path}: is cut short (no end-of-file block); copy the file again")
        start = _inflate(path, head)
        if start[:3] == b"BCF":
            return "BCF"
        _require_vcf(path, start)
        return "VCF (bgzip)" if is_bgzf else "VCF (gzip)"
    if head[:3] == b"BCF":
        return "BCF"
    _require_vcf(path, head)
    return "VCF"


def check_header(path: Path) -> None:
    """Raise ``GenomeError`` for a header with two #CHROM lines, on which the VCF library crashes, or one cut short."""
    try:
        text = header(path)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise GenomeError(cut_short(path)) from None
    except OSError:
        return  # said by the library, with its place
    refuse_two_heads(path, text)


def refuse_two_heads(path: Path, header: bytes) -> None:
    """Raise ``GenomeError`` for a ``header`` with two #CHROM lines."""
    first = header.find(b"\n#CHROM")
    second = header.find(b"\n#CHROM", first + 1) if first >= 0 else -1
    if second >= 0:
        number = header.count(b"\n", 0, second) + 2
        raise GenomeError(f"{path} line {number}: a second #CHROM line; the header is damaged, copy the file again")


def header(path: Path) -> bytes:
    """The lines at the start of a file that begin with #, and empty ones between; unpacked."""
    text = b""
    with open(path, "rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    with gzip.open(path, "rb") if packed else open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            start = max(len(text) - 1, 0)
            text += chunk
            if end := _NO_HEADER.search(text, start):
                return text[: end.start()]
    return text


def explain(path: Path, error: Exception, place: str = "", has_index: bool = False) -> GenomeError:
    """The error to show for what the library said about ``path``: the first line that is wrong, if it can be found."""
    if isinstance(error, GenomeError):
        return error
    try:
        found = _first_bad_line(path)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return GenomeError(cut_short(path))
    except OSError as failure:
        return GenomeError(f"{path}: cannot be read ({failure}); {_ASK}")
    if found:
        return GenomeError(f"{path} {found}")
    where = f" {place}" if place else ""
    damaged = "the file is cut short or damaged" + (", or its index is not its own" if has_index else "")
    return GenomeError(
        f"{path}{where}: the record cannot be read; {damaged}: make or copy {'both' if has_index else 'it'} again"
    )


def cut_short(path: Path) -> str:
    """What is said of packed data that cannot be unpacked to its end."""
    return f"{path}: is cut short or damaged (the compressed data ends early); copy the file again"


def _require_vcf(path: Path, start: bytes) -> None:
    if not start.startswith(b"##fileformat=VCF"):
        shown = start[:30].decode("ascii", "replace").split("\n")[0]
        raise GenomeError(f"{path} line 1: begins with {shown!r}, not with ##fileformat=VCF; {_ASK}")


def _inflate(path: Path, head: bytes) -> bytes:
    """The first bytes of packed text."""
    unpacker = zlib.decompressobj(31)
    try:
        text = unpacker.decompress(head, 4096)
    except zlib.error:
        raise GenomeError(cut_short(path)) from None
    if not text and not unpacker.eof:
        raise GenomeError(cut_short(path))
    return text


def _lines(path: Path) -> Iterator[bytes]:
    with open(path, "rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    with gzip.open(path, "rb") if packed else open(path, "rb") as lines:
        yield from lines


def _first_bad_line(path: Path) -> str:
    columns = 0
    for number, line in enumerate(_lines(path), start=1):
        if line.startswith(b"BCF"):
            return ""
        if line.startswith(b"##"):
            continue
        if line.startswith(b"#CHROM"):
            columns = len(line.split(b"\t"))
            if line.rstrip(b"\r\n").split(b"\t")[:8] != COLUMNS:
                return f"line {number}: the #CHROM line does not name the eight columns of VCF, separated by tabs"
        elif line.strip() and (problem := line_problem(line, columns)):
            return f"line {number}: {problem}"
    return "" if columns else "has no #CHROM line; the header is incomplete"


def line_problem(line: bytes, columns: int) -> str:
    """What is wrong with a record's line in a file of ``columns`` columns; empty for nothing."""
    return _problem(line.rstrip(b"\r\n").split(b"\t"), columns, line)


def unreadable(line: bytes) -> str:
    """What to say of a line that is refused although no single field can be blamed."""
    shown = line[:_MAX_LINE].decode("utf-8", "replace").strip()
    return f"cannot be read as a record: {shown!r}; correct the line or make the file again"


def _problem(fields: list[bytes], columns: int, line: bytes) -> str:
    shown = line[:_MAX_LINE].decode("utf-8", "replace").strip()
    if not columns:
        return f"{shown!r} stands before the #CHROM line; the header is incomplete"
    if len(fields) != columns:
        return f"{len(fields)} columns, expected {columns}: {shown!r}; the line is cut short or damaged"
    if not fields[1].isdigit():
        shown = fields[1][:_MAX_LINE].decode("utf-8", "replace")
        return f"POS is {shown!r}, expected a number; correct the line or make the file again"
    keys = fields[8].split(b":") if columns > 9 else []
    if b"GT" in keys:
        index = keys.index(b"GT")
        for value in fields[9:]:
            parts = value.split(b":")
            genotype = parts[index] if index < len(parts) else b"."
            if not _GENOTYPE.fullmatch(genotype):
                shown = genotype[:_MAX_LINE].decode("utf-8", "replace")
                return f"GT is {shown!r}, expected allele numbers like 0/1; correct the line or make the file again"
    return ""
