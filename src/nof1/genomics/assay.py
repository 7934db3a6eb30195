"""Reads a laboratory's declaration of the positions its assay interrogates: absent there means reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nof1.errors import GenomeError
from nof1.genomics.callable import Callable, merge_intervals
from nof1.genomics.contigs import canonical_build, chromosome
from nof1.model.genome import Locus, SiteNote
from nof1.model.panel import Panel

_COLUMNS = ("id", "chromosome", "position", "end", "ref", "alts")
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class AssayRow:
    """One line: a locus id, or bases ``start`` through ``end`` of a chromosome, or both."""

    line: int
    id: str
    chromosome: str
    start: int
    end: int
    ref: str


@dataclass(frozen=True)
class Assay:
    """A declaration as it was read, and the panel's loci it names once ``bound``.

    ``header``: the laboratory's own keys in order. ``interrogated``: locus ids.
    """

    path: Path
    header: Mapping[str, str]
    build: str
    rows: tuple[AssayRow, ...]
    interrogated: frozenset[str] = frozenset()
    notes: tuple[SiteNote, ...] = field(default=())

    def bound(self, panels: Sequence[Panel]) -> Assay:
        """The declaration with the panel's loci it covers; a REF that contradicts one is a ``GenomeError``."""
        panel = next((panel for panel in panels if panel.build == self.build), None)
        if panel is None:
            known = " or ".join(panel.build for panel in panels)
            raise GenomeError(f"{self.path}: build is {self.build}; give positions on {known}")
        loci = {locus.id: locus for other in panels for locus in other.loci()}  # ids are the same on every build
        here = {locus.id: locus for locus in panel.loci()}
        self._check_ref(here)
        named = {row.id for row in self.rows if row.id in loci}
        listed = self._listed()
        covered = {locus.id for locus in here.values() if listed.covers(locus.chromosome, locus.position, locus.end)}
        unknown = sorted({row.id for row in self.rows if row.id and not row.start and row.id not in loci})
        notes: tuple[SiteNote, ...] = ()
        if unknown:
            shown = ", ".join(unknown[:_SHOWN]) + (f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else "")
            text = f"{shown}: not among the positions that are read, so of no effect"
            notes = (SiteNote("assay_unknown", self.path.name, "", text),)
        return Assay(self.path, self.header, self.build, self.rows, frozenset(named | covered), notes)

    def check_build(self, path: Path, build: str) -> None:
        """Raise ``GenomeError`` when a genome file is on another build than the declaration."""
        if build != self.build:
            raise GenomeError(
                f"{self.path}: is on {self.build}, but {path} is on {build or 'an unknown build'}; "
                "give the declaration on the build of the genome files"
            )

    def _listed(self) -> Callable:
        """The bases that lie in listed rows."""
        by_chromosome: dict[str, list[tuple[int, int]]] = {}
        for row in self.rows:
            if row.start:
                by_chromosome.setdefault(row.chromosome, []).append((row.start, row.end))
        return Callable({name: merge_intervals(sorted(rows)) for name, rows in by_chromosome.items()})

    def _check_ref(self, here: Mapping[str, Locus]) -> None:
        by_place = {(locus.chromosome, locus.position): locus for locus in here.values()}
        for row in self.rows:
            locus = here.get(row.id) or by_place.get((row.chromosome, row.start))
            if locus is None:
                continue
            meets = row.start <= locus.end and row.end >= locus.position and row.chromosome == locus.chromosome
            if row.start and row.id in here and not meets:
                raise GenomeError(
                    f"{self.path} line {row.line}: {row.id} is at {row.chromosome}:{row.start}, expected "
                    f"{locus.chromosome}:{locus.position} on {self.build}; correct the position or the build"
                )
            known = locus.span or locus.ref
            length = min(len(row.ref), len(known))
            if row.ref and (row.start in (0, locus.position)) and row.ref[:length] != known[:length]:
                raise GenomeError(
                    f"{self.path} line {row.line}: REF is {row.ref}, but {locus.id} has {locus.ref} on {self.build}; "
                    "correct the row or the build"
                )


def read_assay(path: Path) -> Assay:
    """The declaration in a file (docs/reference/assay.md); ``GenomeError`` names the first line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise GenomeError(f"{path}: cannot be read as an assay declaration ({error}); give UTF-8 text") from error
    header: dict[str, str] = {}
    names: list[str] = []
    rows: dict[tuple[object, ...], AssayRow] = {}
    for number, line in enumerate(lines, start=1):
        if line.startswith("#"):
            key, colon, value = line.lstrip("# ").partition(":")
            if colon and key.strip():
                header[key.strip().lower()] = value.strip()
        elif line.strip() and not names:
            names = _names(path, number, line)
        elif line.strip():
            row = _row(path, number, names, line.split("\t"))
            rows.setdefault((row.id, row.chromosome, row.start, row.end, row.ref), row)
    build = canonical_build(header.get("build", ""))
    if not build:
        said = f"build is {header['build']!r}" if header.get("build") else "no '# build:' line"
        raise GenomeError(f"{path}: {said}; write e.g. '# build: GRCh38' above the table")
    if not rows:
        raise GenomeError(f"{path}: lists no position; write a line of column names and a line for each position")
    return Assay(path, header, build, tuple(rows.values()))


def _names(path: Path, number: int, line: str) -> list[str]:
    names = [name.strip().lower() for name in line.split("\t")]
    odd = [name for name in names if name not in _COLUMNS]
    if odd or len(set(names)) < len(names) or not ("id" in names or {"chromosome", "position"} <= set(names)):
        raise GenomeError(
            f"{path} line {number}: columns {', '.join(names)}; expected id, or chromosome and position, and optionally "
            "end, ref, alts, separated by tabs"
        )
    return names


def _row(path: Path, number: int, names: Sequence[str], fields: Sequence[str]) -> AssayRow:
    if len(fields) != len(names):
        raise GenomeError(f"{path} line {number}: {len(fields)} columns, expected {len(names)}; separate them by tabs")
    value = {name: text.strip() for name, text in zip(names, fields, strict=True)}
    ref = value.get("ref", "").upper()
    where = value.get("chromosome", "")
    places = []
    for name in ("position", "end"):
        text = value.get(name, "")
        if text and not (text.isascii() and text.isdigit() and 0 < len(text) < 11 and int(text)):
            raise GenomeError(f"{path} line {number}: {name} is {text[:30]!r}, expected a whole number from 1")
        places.append(int(text) if text else 0)
    start, end = places
    if not (value.get("id") or (where and start)) or bool(where) != bool(start) or (end and end < start):
        raise GenomeError(
            f"{path} line {number}: names no position; give an id, or chromosome and position (and an end not before it)"
        )
    if set(ref) - set("ACGTN"):
        raise GenomeError(f"{path} line {number}: REF is {ref[:30]!r}, expected bases A, C, G, T")
    end = end or (start + max(len(ref), 1) - 1 if start else 0)
    return AssayRow(number, value.get("id", ""), chromosome(where) if where else "", start, end, ref)
