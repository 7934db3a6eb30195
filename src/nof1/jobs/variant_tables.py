"""Brings a public table of alleles that a user has downloaded: checked, compiled, kept by kind, edition and build."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from nof1.errors import GenomeError, RequestError
from nof1.genomics.columns import FILTER, ID, INFO, REF, Contigs, Malformed, Records, records
from nof1.genomics.file_alleles import WORDS, FileAlleles, alleles_of
from nof1.genomics.inflate import VcfText, in_order
from nof1.jobs.allele_scan import declared_build, threads
from nof1.jobs.variant_text import TableText, is_table
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.panel import panel
from nof1.knowledge.variant_compile import write_index
from nof1.knowledge.variant_index import Header, Source, VariantIndex
from nof1.knowledge.variant_sources import AssertionRows, BadRow, FrequencyRows, Rows, edition_of
from nof1.knowledge.variant_store import is_utf8, place
from nof1.model.allele_arrays import AlleleArrays, spread

KINDS = ("clinvar", "gnomad")
BUILDS = ("GRCh38", "GRCh37")
_EDITION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.]*(?:-[0-9A-Za-z.]+)*")
_LONGEST = 60
_FURTHEST = (1 << 31) - 1  # POS, as VCF has it
_LEAST_COMPARED = 5


@dataclass(frozen=True, slots=True)
class Added:
    """What was brought and where it lies. ``unlisted``: review statuses whose stars are not known."""

    path: Path
    header: Header
    is_new: bool
    unlisted: tuple[str, ...]


def add(
    kind: str,
    file: Path,
    into: Path | None = None,
    edition: str = "",
    build: str = "",
    progress: Callable[[int], None] | None = None,
    today: str = "",
) -> Added:
    """Compile ``file`` (a VCF as downloaded, or a table of assertions) as ``kind``.

    Raises ``RequestError`` for a file of another format or build than it says, ``GenomeError`` for a damaged one.
    """  # fmt: skip
    if kind not in KINDS:
        raise RequestError(f"{kind!r} is no kind of table; there are {', '.join(KINDS)}")
    digest, size = _digest(file)
    text = TableText(file) if is_table(file) else VcfText(file)
    build, _ = declared_build(text, build)
    if build and build not in BUILDS:
        raise RequestError(f"{file.name}: is on {build}; give a file on {' or '.join(BUILDS)}")
    edition = _edition(edition or edition_of(text.text, file.name), file)
    rows: Rows = (
        AssertionRows(text.text, file.name, knowledge().assertions)
        if kind == "clinvar"
        else FrequencyRows(text.text, file.name)
    )
    gathered = _gathered(text, rows, progress)
    build = _build(file, build, gathered)
    path = place(kind, edition, build, into)
    if (there := _there(path)) is not None:
        if there.source.digest == digest:
            return Added(path, there, False, ())
        raise RequestError(
            f"{kind} {edition} on {build} is there already, made from another file ({there.source.name}, SHA-256 "
            f"{there.source.digest[:12]}...); name this one otherwise with --edition, or remove {str(path)!r} first"
        )
    source = Source(file.name, digest, size, gathered.records, gathered.left_out)
    header = write_index(
        path, gathered.whole(), rows.columns, gathered.contigs.names, kind=kind, edition=edition, build=build,
        made=today or date.today().isoformat(), source=source,
    )  # fmt: skip
    return Added(path, header, True, tuple(sorted(getattr(rows, "unlisted", ()))))


def _there(path: Path) -> Header | None:
    """The header of the table that lies there already; ``None`` for none, or one that is damaged and is made anew."""
    if not path.exists():
        return None
    try:
        table = VariantIndex(path)
        table.check()
    except RequestError:
        return None
    return table.header


def _digest(file: Path) -> tuple[str, int]:
    if not is_utf8(file.name):
        raise RequestError(f"{str(file)!r}: its name is not UTF-8; rename the file")
    try:
        with open(file, "rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest(), opened.tell()
    except OSError as error:
        raise RequestError(f"{str(file)!r} cannot be read ({error.strerror}); name a file") from None


def _edition(edition: str, file: Path) -> str:
    if not edition:
        raise RequestError(f"{file.name} names neither date nor version; say which edition it is with --edition")
    if not _EDITION.fullmatch(edition) or len(edition) > _LONGEST:
        raise RequestError(
            f"--edition is {edition[:_LONGEST]!r}; write up to {_LONGEST} letters, digits, points and hyphens, such as "
            "2026-11-20 or 4.1"
        )
    return edition


class _Gathered:
    """Alleles of a table as they come, with their letters only."""

    def __init__(self) -> None:
        self.contigs = Contigs("")
        self.records = 0
        self.left_out: dict[str, int] = {}
        self._parts: list[tuple[np.ndarray, ...]] = []
        self.known = {build: _bases(build) for build in BUILDS}
        self.agree = dict.fromkeys(BUILDS, 0)
        self.differ = dict.fromkeys(BUILDS, 0)

    def add(self, found: Records, alleles: FileAlleles) -> None:
        """Keep the alleles of a piece, and compare its bases with those that are known of each build."""
        mine = alleles.alleles
        starts = np.stack([mine.ref_at, mine.alt_at], axis=1).ravel()
        lengths = np.stack([mine.ref_length, mine.alt_length], axis=1).ravel()
        self._parts.append(
            (mine.text[spread(starts, lengths)], mine.contig, mine.position, mine.ref_length, mine.alt_length)
        )
        self.records += len(found)
        for reason, words in WORDS.items():
            if count := int(alleles.excluded[reason]):
                self.left_out[words] = self.left_out.get(words, 0) + count
        self._compare(found, alleles)

    def _compare(self, found: Records, alleles: FileAlleles) -> None:
        for build, bases in self.known.items():
            for contig, name in enumerate(self.contigs.names):
                wanted = bases.get(name, {})
                here = np.flatnonzero(alleles.contigs == contig)
                for one in here[np.isin(alleles.places[here], list(wanted))] if wanted else ():
                    same = chr(found.text[found.begin(REF)[one]]).upper() == wanted[int(alleles.places[one])]
                    (self.agree if same else self.differ)[build] += 1

    def whole(self) -> AlleleArrays:
        """Everything as one."""
        letters, contig, position, ref, alt = (np.concatenate(part) for part in zip(*self._parts, strict=True))
        at = np.cumsum(ref + alt) - (ref + alt)
        return AlleleArrays(letters, contig, position, at, ref, at + ref, alt)


def _bases(build: str) -> dict[str, dict[int, str]]:
    """Bases of the reference that the shipped knowledge names, by chromosome and position."""
    found: dict[str, dict[int, str]] = {}
    for locus in panel(knowledge(), build).loci():
        found.setdefault(locus.chromosome, {})[locus.position] = locus.ref[0]
    return found


def _gathered(text: VcfText | TableText, rows: Rows, progress: Callable[[int], None] | None) -> _Gathered:
    gathered, lines = _Gathered(), len(text.header)

    def parsed(piece: np.ndarray) -> tuple[Records, FileAlleles] | Malformed:
        try:
            found = records(piece, text.columns)
            alleles = alleles_of(found, gathered.contigs)
            if (far := np.flatnonzero(alleles.places > _FURTHEST)).size:
                problem = f"POS is {alleles.places[far[0]]}, beyond every chromosome; correct the line"
                raise Malformed(int(found.lines[far[0]]), problem)
            return found, alleles
        except Malformed as problem:
            return problem

    with threads() as pool:
        for made in in_order(pool, parsed, text.pieces(pool, progress)):
            if isinstance(made, Malformed):
                raise GenomeError(f"{text.path} line {lines + made.line + 1}: {made.problem}")
            found, alleles = made
            gathered.add(found, alleles)
            words = [found.fields(alleles.record, column) for column in (ID, FILTER, INFO)]
            try:
                rows.add(words[0], words[1], words[2], alleles.number.tolist())
            except BadRow as bad:
                line = lines + int(found.lines[alleles.record[bad.row]]) + 1
                raise GenomeError(f"{text.path} line {line}: {bad}; correct the line") from None
            lines += found.read
    if not gathered._parts or not len(gathered.whole()):
        raise RequestError(f"{text.path}: has no allele that could be looked up; give the whole file")
    return gathered


def _build(file: Path, stated: str, gathered: _Gathered) -> str:
    """The build, as stated and as far as bases of the shipped knowledge tell it."""
    agree, differ = gathered.agree, gathered.differ
    told = [
        build for build in BUILDS
        if agree[build] >= _LEAST_COMPARED and agree[build] > 4 * differ[build]
    ]  # fmt: skip
    if stated and told and stated not in told:
        raise RequestError(
            f"{file.name}: says {stated}, but {agree[told[0]]} of its REF bases are those of {told[0]} and "
            f"{differ[stated]} are not those of {stated}; give the right file, or correct its header"
        )
    if not stated and len(told) != 1:
        raise RequestError(f"{file.name}: does not say its build; say it with --build GRCh38 or --build GRCh37")
    return stated or told[0]
