"""One pass over a genome file against compiled tables: which alleles they know, and everything that was left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from nof1.errors import GenomeError, RequestError
from nof1.genomics.columns import REF, Contigs, Malformed, Records, records
from nof1.genomics.contigs import build_from_header, canonical_build, odd_mitochondrion
from nof1.genomics.file_alleles import WORDS, Aligner, FileAlleles, alleles_of
from nof1.genomics.inflate import VcfText, in_order
from nof1.knowledge.variant_index import VariantIndex
from nof1.model.allele_arrays import Ints, keys

Made = TypeVar("Made")
THREADS = 2
_ENOUGH = 20  # bases that must agree where only they tell the build
_MOST_WRONG = 0.1  # of the bases compared: above it the file is on another build, whatever its header says
_LEAST_WRONG = 10


@dataclass(slots=True)
class Tally:
    """What was read and what became of it. ``excluded``: by reason, in words."""

    lines: int = 0
    records: int = 0
    alternatives: int = 0
    looked_up: int = 0
    found: int = 0
    excluded: dict[str, int] = field(default_factory=dict)
    agreeing: int = 0
    disagreeing: int = 0
    example: str = ""

    def add(self, part: Tally) -> None:
        """Count those of a further piece in."""
        for name in ("lines", "records", "alternatives", "looked_up", "found", "agreeing", "disagreeing"):
            setattr(self, name, getattr(self, name) + getattr(part, name))
        for words, count in part.excluded.items():
            self.excluded[words] = self.excluded.get(words, 0) + count
        self.example = self.example or part.example


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a file that was looked up: ``rows`` for each table (alleles,), the first row on each allele or -1."""

    records: Records
    found: FileAlleles
    rows: tuple[Ints, ...]
    tally: Tally

    def hits(self) -> NDArray[np.intp]:
        """The alleles that any table knows."""
        known = np.zeros(len(self.found.alleles), bool)
        for rows in self.rows:
            known |= rows >= 0
        return np.flatnonzero(known)


class Headed(Protocol):
    """A file as far as its build goes: where it is and what its header says."""

    path: Path

    @property
    def text(self) -> str:
        """The header."""


@dataclass(slots=True)
class Scan:
    """A genome file opened to be looked up in ``tables``. ``build`` as agreed with them; ``evidence`` how it is known."""

    text: VcfText
    tables: Sequence[VariantIndex]
    build: str
    evidence: str
    contigs: Contigs
    align: Aligner | None = None
    odd_mitochondrion: bool = False
    tally: Tally = field(default_factory=Tally)

    def piece(self, text: NDArray[np.uint8]) -> Piece:
        """A piece of text looked up. Raises ``Malformed`` for a line that is no record."""
        found = records(text, self.text.columns)
        skip = frozenset({self.contigs.number(b"chrM")}) if self.odd_mitochondrion else frozenset[int]()
        alleles = alleles_of(found, self.contigs, self.align, skip=skip)
        whole = keys(alleles.alleles, self.contigs.seeds())
        numbers = [table.numbers(list(self.contigs.names)) for table in self.tables]
        rows = tuple(table.find(alleles.alleles, whole, of) for table, of in zip(self.tables, numbers, strict=True))
        tally = self._counted(found, alleles, rows)
        firsts = found.text[found.begin(REF)]
        for table, of in zip(self.tables, numbers, strict=True):
            self._compare(table.contradicted(of[alleles.contigs], alleles.places, firsts), alleles, found, tally)
        return Piece(found, alleles, rows, tally)

    def _counted(self, found: Records, alleles: FileAlleles, rows: tuple[Ints, ...]) -> Tally:
        tally = Tally(found.read, len(found), len(alleles.alleles) + int(alleles.excluded.sum()), len(alleles.alleles))
        known = np.zeros(len(alleles.alleles), bool)
        for each in rows:
            known |= each >= 0
        tally.found = int(np.count_nonzero(known))
        for reason, words in WORDS.items():
            if count := int(alleles.excluded[reason]):
                tally.excluded[words] = count
        return tally

    def _compare(self, answer: NDArray[np.int8], alleles: FileAlleles, found: Records, tally: Tally) -> None:
        wrong = np.flatnonzero(answer < 0)
        tally.agreeing += int(np.count_nonzero(answer > 0))
        tally.disagreeing += len(wrong)
        if len(wrong) and not tally.example:
            one = int(wrong[0])
            ref = found.field(one, REF).decode("ascii", "replace")[:20]
            tally.example = f"{self.contigs.names[alleles.contigs[one]]}:{alleles.places[one]} REF {ref}"

    def pieces(self, pool: Executor, told: Callable[[int], None] | None = None) -> Iterator[Piece]:
        """The pieces of the file in order; the tally grows with them. Raises ``GenomeError`` for the first bad line."""
        yield from self.worked(pool, lambda piece: piece, told)

    def worked(
        self, pool: Executor, work: Callable[[Piece], Made], told: Callable[[int], None] | None = None
    ) -> Iterator[Made]:
        """What ``work`` makes of each piece, in the threads that look up; else as ``pieces``."""

        def made(text: NDArray[np.uint8]) -> tuple[Tally, Made] | Malformed:
            try:
                piece = self.piece(text)
                return piece.tally, work(piece)
            except Malformed as problem:
                return problem

        for answer in in_order(pool, made, self.text.pieces(pool, told)):
            if isinstance(answer, Malformed):
                raise self.refused(answer, self.tally.lines)
            self.tally.add(answer[0])
            self._refuse_other_build()
            yield answer[1]
        self._judge()

    def refused(self, problem: Malformed, before: int) -> GenomeError:
        """What is said of a line that is no record; ``before``: records' lines before its piece."""
        what = "record" if self.text.kind == "BCF" else "line"
        return GenomeError(f"{self.text.path} {what} {self.text.number(before + problem.line)}: {problem.problem}")

    def line(self, piece: Piece, record: int) -> int:
        """The line of a record of the piece that came last, counted from 1 in the file."""
        before = self.tally.lines - piece.tally.lines
        return self.text.number(before + int(piece.records.lines[record]))

    def _refuse_other_build(self) -> None:
        tally = self.tally
        compared = tally.agreeing + tally.disagreeing
        if tally.disagreeing >= _LEAST_WRONG and tally.disagreeing > _MOST_WRONG * compared:
            says = f"says it is on {self.build} ({self.evidence})" if self.evidence else "does not say its build"
            raise GenomeError(
                f"{self.text.path}: {says}, but REF differs from {self.tables[0].name} at {tally.disagreeing} of {compared} "
                f"places compared (first {tally.example}): it is on another build; give the right file or table"
            )

    def _judge(self) -> None:
        if not self.evidence and self.tally.agreeing < _ENOUGH:
            few = f"only {self.tally.agreeing} of its REF bases could be compared"
            raise GenomeError(f"{self.text.path}: does not say its build, and {few}; say it with --build")


def opened(path: Path | VcfText, tables: Sequence[VariantIndex], build: str = "", align: Aligner | None = None) -> Scan:
    """The file at ``path`` (or opened already) ready to be looked up in ``tables``, all of one build.

    Raises ``GenomeError`` where the file is on another build, ``RequestError`` for tables on several.
    """
    builds = sorted({table.header.build for table in tables})
    if len(builds) != 1:
        raise RequestError(f"tables are on {' and '.join(builds) or 'no build'}; name tables of one build")
    text = path if isinstance(path, VcfText) else VcfText(path)
    stated, words = declared_build(text, build)
    if stated and stated != builds[0]:
        raise GenomeError(
            f"{text.path}: is on {stated} ({words}), {tables[0].name} is on {builds[0]}; "
            f"bring the table of {stated}, or lift the file over"
        )
    return Scan(text, tables, builds[0], words, Contigs(builds[0]), align, bool(odd_mitochondrion(text.text)))


def declared_build(text: Headed, build: str = "") -> tuple[str, str]:
    """The build a header or ``build`` (--build) names, and how it is known. Raises ``GenomeError`` where they differ."""
    found, words = build_from_header(text.text)
    asked = canonical_build(build) if build else ""
    if build and not asked:
        raise RequestError(f"--build is {build!r}; write GRCh38 or GRCh37")
    if found and asked and found != asked:
        raise GenomeError(f"{text.path}: is on {found} ({words}), but --build is {build!r}; leave --build out")
    return (found, words) if found else (asked, "--build" if asked else "")


def threads() -> ThreadPoolExecutor:
    """Threads for unpacking and looking up; NumPy and zlib leave the interpreter to each other."""
    return ThreadPoolExecutor(THREADS)
