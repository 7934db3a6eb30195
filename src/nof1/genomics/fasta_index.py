"""Where each contig of a FASTA lies in its text: the five columns of a ``.fai`` file, read or made."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from nof1.errors import GenomeError

BASES = b"ACGTNRYSWKMBDHV"
_ENDS = (b"\n", b"\r")
_NEWLINE = 10
_LONGEST_HEADER = 4096


class _Text(Protocol):
    @property
    def size(self) -> int: ...

    def read(self, begin: int, end: int) -> bytes: ...

    def parts(self) -> Iterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class Contig:
    """One row of ``.fai``: bases in all, byte of the first, bases a line, bytes a line."""

    name: str
    length: int
    offset: int
    line_bases: int
    line_width: int

    def place(self, base: int) -> int:
        """The byte of a base counted from 0.

        >>> Contig("c", 130, 10, 60, 61).place(61)
        72
        """
        return self.offset + base // self.line_bases * self.line_width + base % self.line_bases


@dataclass(slots=True)
class _Open:
    """The contig being read: what is known of its lines so far."""

    name: str
    offset: int
    length: int = 0
    line_bases: int = 0
    line_width: int = 0
    is_over: bool = False  # a shorter line came: only the last may be shorter


def index_of(path: Path, text: _Text, folder: Path | None = None) -> list[Contig]:
    """The contigs of ``path``, whose text is ``text``: from a ``.fai`` beside it or in ``folder`` that fits, else read anew.

    A new index is written there; where that cannot be, it is only returned. Raises ``GenomeError`` for what is no FASTA.
    """
    beside = path.with_name(f"{path.name}.fai")
    kept = folder / beside.name if folder else beside
    for known in dict.fromkeys((beside, kept)):
        if contigs := _read(known, path, text):
            return contigs
    contigs = list(_scan(path, text))
    if not contigs:
        raise GenomeError(f"{path.name}: no sequence in it; bring a FASTA file")
    _write(contigs, kept)
    return contigs


def _read(index: Path, path: Path, text: _Text) -> list[Contig]:
    """The rows of ``index``; empty where it is absent, older than the file, no index, or of another file."""
    try:
        if index.stat().st_mtime < path.stat().st_mtime:
            return []
        rows = [line.split("\t") for line in index.read_text("utf-8").splitlines()]
        contigs = [Contig(row[0], *(int(cell) for cell in row[1:5])) for row in rows if len(row) == 5]
    except (OSError, ValueError):
        return []
    fits = len(contigs) == len(rows) and all(_fits(contig, text) for contig in contigs)
    return contigs if fits else []


def _fits(contig: Contig, text: _Text) -> bool:
    if contig.line_bases < 1 or contig.line_width <= contig.line_bases or contig.length < 1:
        return contig.length == 0
    if contig.offset < 2 or contig.place(contig.length - 1) >= text.size or not _lines_fit(contig, text):
        return False
    before = text.read(max(contig.offset - _LONGEST_HEADER, 0), contig.offset)
    header = before.rstrip(b"\r\n").rpartition(b"\n")[2]
    return before.endswith(b"\n") and header[:1] == b">" and _name(header) == contig.name


def _lines_fit(contig: Contig, text: _Text) -> bool:
    """Whether the first line ends where the index says, and the last base is followed by the next contig or by nothing."""
    if contig.length > contig.line_bases:
        first = text.read(contig.offset, contig.offset + contig.line_width)
        if first[contig.line_bases :] not in (b"\n", b"\r\n") or first[contig.line_bases - 1 : contig.line_bases] in _ENDS:
            return False
    last = contig.place(contig.length - 1)
    base, after = text.read(last, last + 1), text.read(last + 1, min(last + 8, text.size))
    return base not in _ENDS and (not after or (after[:1] in _ENDS and after.lstrip()[:1] in (b"", b">")))


def _name(header: bytes) -> str:
    return header[1:].decode("utf-8", "replace").split(None, 1)[0] if header[1:].split() else ""


def _write(contigs: Iterable[Contig], path: Path) -> None:
    rows = [f"{one.name}\t{one.length}\t{one.offset}\t{one.line_bases}\t{one.line_width}\n" for one in contigs]
    made = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            made = file.name
            file.writelines(rows)
        os.replace(made, path)
    except OSError:
        if made:
            Path(made).unlink(missing_ok=True)


def _scan(path: Path, text: _Text) -> Iterator[Contig]:
    """Every contig, the lines of a part looked at together. Raises ``GenomeError`` for lines of unequal length."""
    current: _Open | None = None
    names: set[str] = set()
    for begin, part in _whole_lines(text):
        ends = np.flatnonzero(np.frombuffer(part, dtype=np.uint8) == _NEWLINE)
        starts = np.concatenate(([0], ends[:-1] + 1)).astype(np.int64)
        heads = np.flatnonzero(np.frombuffer(part, dtype=np.uint8)[np.minimum(starts, len(part) - 1)] == ord(">"))
        at = 0
        for head in [*heads.tolist(), len(starts)]:
            if head > at and current is not None:
                _lines(path, current, part, starts[at:head], ends[at:head])
            if head == len(starts):
                break
            if current is not None:
                yield _closed(path, current)
            current = _Open(_name(part[starts[head] : ends[head]]), begin + int(ends[head]) + 1)
            if not current.name or current.name in names:
                said = "is named twice" if current.name else "has no name"
                raise GenomeError(f"{path.name}: contig {current.name!r} {said}; give each its own name")
            names.add(current.name)
            at = head + 1
    if current is not None:
        yield _closed(path, current)


def _whole_lines(text: _Text) -> Iterator[tuple[int, bytes]]:
    """The text in parts that end with a line's end (one is added to the last where it is missing), and where each begins."""
    begin, rest = 0, b""
    for part in text.parts():
        whole = rest + part
        cut = whole.rfind(b"\n") + 1
        if cut:
            yield begin, whole[:cut]
        begin, rest = begin + cut, whole[cut:]
    if rest:
        yield begin, rest + b"\n"


def _lines(path: Path, contig: _Open, part: bytes, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]) -> None:
    """Add lines of sequence to ``contig``."""
    if odd_one := part[int(starts[0]) : int(ends[-1])].translate(None, BASES + BASES.lower() + b"\r\n"):
        raise GenomeError(
            f"{path.name}: contig {contig.name!r} holds {chr(odd_one[0])!r}, which is no base; bring a sequence of DNA"
        )
    letters = np.frombuffer(part, dtype=np.uint8)
    returns = (ends > starts) & (letters[np.maximum(ends - 1, 0)] == ord("\r"))
    bases = ends - starts - returns
    if not contig.line_bases and bases[0] > 0:
        contig.line_bases, contig.line_width = int(bases[0]), int(ends[0] - starts[0] + 1)
    whole = bases == contig.line_bases
    odd = np.flatnonzero(~whole)
    if contig.is_over and bases.any():
        odd = np.array([-1])
    if len(odd) and (odd[0] < 0 or bases[odd[0]] > contig.line_bases or bases[odd[0] + 1 :].any()):
        raise GenomeError(f"{path.name}: contig {contig.name!r} has lines of unequal length; write equal lines")
    contig.is_over = contig.is_over or bool(len(odd))
    contig.length += int(bases.sum())


def _closed(path: Path, contig: _Open) -> Contig:
    if not contig.length:
        raise GenomeError(f"{path.name}: contig {contig.name!r} has no sequence; remove it")
    return Contig(contig.name, contig.length, contig.offset, contig.line_bases, contig.line_width)
