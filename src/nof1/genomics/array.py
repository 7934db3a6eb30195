"""Reads raw data of consumer and clinical arrays: rows that concern the panel, as records like those of a VCF.

An array looks at chosen positions only. A row that repeats the reference is a genotype; a position without a row was not
looked at. Strand, build and letters are settled before a row is believed (docs/methods/arrays.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from nof1.errors import GenomeError
from nof1.genomics.array_letters import ArrayRow, Said, Strand, letters_of, said, strand_of
from nof1.genomics.array_text import ArrayTable, is_among, is_array, read_table
from nof1.genomics.contigs import canonical_build, chromosome
from nof1.genomics.identity import of_array
from nof1.genomics.text import Extents, Overlap, Shares, Touches, Window
from nof1.genomics.vcf import GenomeFile, Quality, SiteRecord
from nof1.model.genome import MISSING, NO_STRAND, Locus, SiteNote
from nof1.model.panel import Panel

ANY_BUILD = "by rsid"
_BUILDS = (
    ("GRCh38", re.compile(r"build ?38|grch38|hg38", re.I)),
    ("GRCh37", re.compile(r"build ?37|grch37|hg19", re.I)),
    ("NCBI36", re.compile(r"build ?36|ncbi36|hg18", re.I)),
)
_FORWARD = re.compile(r"(?:plus|forward|positive)(?: \(\+\))? strand|\(\+\) strand", re.I)
_OTHER = re.compile(r"(?:minus|reverse|negative|top|bot|design)(?: \(-\))? strand|\(-\) strand", re.I)
_NUMBERED = {"23": "chrX", "24": "chrY", "25": "PAR", "26": "chrM", "XY": "PAR"}  # as AncestryDNA and PLINK number them
_HAPLOID = frozenset({"chrX", "chrY", "chrM"})
_SUFFIX = re.compile(r"(\.(txt|csv|tsv|gz|zip|raw|dat))+$", re.IGNORECASE)
_FEW, _SHARE = 3, 0.1  # rows at another build's positions before a stated build is refused


class ArrayFile:
    """Raw data of one person's array, open like a ``GenomeFile``.

    ``samples`` is one name, the file's stem. Raises ``GenomeError`` when the file is no such table, its build cannot be
    known, or its strand contradicts itself.
    """

    indexed = False
    odd_mitochondrion = 0

    def __init__(self, path: Path, panels: Sequence[Panel], build: str = "", strand: Strand = "") -> None:
        self.path = path
        self.extents = Extents()
        self.notes: list[SiteNote] = []
        self.samples: tuple[str, ...] = (_SUFFIX.sub("", path.name) or path.name,)
        table = read_table(path)
        self.kind = f"consumer array ({table.maker})" if table.maker else "array table"
        self._panels = {panel.build: panel for panel in panels}
        self._answer = next(iter(self._panels.values()))
        self._refused: set[str] = set()
        rs, positions = table.rs_numbers(), table.positions()
        self.build, self.build_from = self._build(table, rs, positions, build)
        self.sex = of_array(table, positions)
        rows = list(self._rows(table, rs, positions))
        words = "--strand says"
        declared: Strand = strand
        if not strand and _FORWARD.search(table.comments) and not _OTHER.search(table.comments):
            declared, words = "forward", "the header says"
        self.strand = strand_of(path, rows, declared, words)
        self._said = self._by_locus(rows, bool(declared) and declared != "per-row")

    def answer_on(self, build: str) -> None:
        """Give records at the loci of ``build``, that of the other files, from now on."""
        self._answer = self._panels[build]

    def rename(self, name: str) -> None:
        """Use ``name`` for the person, as a user says."""
        self.samples = (name,)

    def narrow(self, wanted: Sequence[str]) -> None:
        """Read only the ``wanted`` samples from now on."""
        self.samples = tuple(name for name in self.samples if name in set(wanted))

    def share_names(self, names: tuple[str, ...]) -> None:
        """Use ``names``, which are equal to the file's own."""
        self.samples = names

    def may_have(self, chrom: str) -> bool:
        """Any chromosome may be in it."""
        return True

    def release(self) -> None:
        """Nothing is open."""

    def bracketed(self, loci: Sequence[Locus], reach: int) -> list[bool]:
        """False for each locus: a position without a row was not looked at, whatever stands beside it."""
        return [False] * len(loci)

    def near(self, windows: Sequence[Window], touches: Touches, quality: Quality) -> Iterator[SiteRecord]:
        """Records within ``windows``, ascending."""
        return self.stream(windows, quality)

    def stream(
        self, windows: Sequence[Window], quality: Quality, progress: Callable[[int], None] | None = None
    ) -> Iterator[SiteRecord]:
        """Records at the panel's loci that lie in the ``windows``; each locus has one."""
        touches = Overlap(windows).touches
        done: set[Locus] = set()
        for locus in sorted(self._answer.loci(), key=lambda locus: (locus.chromosome, locus.position)):
            if locus.id in self._said and locus not in done and touches(locus.chromosome, locus.position, locus.position):
                done.add(locus)
                yield _record(locus, *self._said[locus.id])

    def _build(self, table: ArrayTable, rs: np.ndarray, positions: np.ndarray, asked: str) -> tuple[str, str]:
        """The build of the file's positions and how it is known: the header's words, the positions, or ``--build``."""
        named = [(build, found[0]) for build, pattern in _BUILDS if (found := pattern.search(table.comments))]
        stated, known_by = (named[0][0], f"'{named[0][1]}' in the header") if len(named) == 1 else ("", "")
        if not stated and asked:
            stated, known_by = canonical_build(asked), "declared by the user"
            if not stated:
                raise GenomeError(f"{table.path}: --build is {asked!r}; give GRCh37, GRCh38 or NCBI36 for an array")
        at = {build: self._agreeing(panel, rs, positions) for build, panel in self._panels.items()}
        for build, count in at.items():
            others = sum(at.values()) - count
            own = at.get(stated, 0)
            if stated and build != stated and count and ((count >= _FEW and count > _SHARE * (count + own)) or not own):
                raise GenomeError(
                    f"{table.path}: its build is {stated} ({known_by}), but {count} known rsids lie at their {build} "
                    f"positions and {own} at those of {stated}; the header or --build is wrong"
                )
            if not stated and count and others <= _SHARE * count:
                return build, f"positions of {count} known rsids"
        if stated:
            return stated, known_by
        if not (positions > 0).any():
            return ANY_BUILD, "the file gives no positions"
        raise GenomeError(
            f"{table.path}: its build is unknown (its header names {'several' if named else 'none'}, and no known rsid "
            "lies at its GRCh37 or GRCh38 position); pass --build 36, 37 or 38 if you know it"
        )

    def _agreeing(self, panel: Panel, rs: np.ndarray, positions: np.ndarray) -> int:
        """How many rsids lie where ``panel`` has them, and where no other build has."""
        here = {number: locus.position for locus in panel.loci() if (number := _rs(locus.id)) >= 0}
        for other in self._panels.values():
            if other is not panel:
                for locus in other.loci():
                    if here.get(_rs(locus.id)) == locus.position:
                        del here[_rs(locus.id)]
        rows = np.flatnonzero(is_among(rs, here))
        return sum(here[int(rs[row])] == int(positions[row]) for row in rows)

    def _rows(self, table: ArrayTable, rs: np.ndarray, positions: np.ndarray) -> Iterator[ArrayRow]:
        """Rows that concern the panel, by rsid (and agreeing position), or by position where the id is not known."""
        main = next(iter(self._panels.values()))
        loci = {locus.id: locus for locus in main.loci()}
        there = {locus.id: locus for locus in self._panels[self.build].loci()} if self.build in self._panels else {}
        by_number: dict[int, list[Locus]] = {}
        by_place: dict[tuple[str, int], list[Locus]] = {}
        for locus in loci.values():
            by_number.setdefault(_rs(locus.id), []).append(locus)
            if locus.id in there:
                by_place.setdefault((locus.chromosome, there[locus.id].position), []).append(locus)
        by_number.pop(-1, None)
        known = is_among(rs, by_number)
        placed = is_among(positions, {place for _, place in by_place}) & ~known
        fields = [name for name in ("genotype", "allele1", "allele2") if name in table.column]
        for row in np.flatnonzero(known | placed).tolist():
            chrom, position = _chromosome(table.text(row, "chromosome")), int(positions[row])
            letters = letters_of([table.text(row, name) for name in fields])
            found = by_number[int(rs[row])] if known[row] else by_place.get((chrom, position), [])
            for locus in found:
                made = ArrayRow(int(table.lines[row]), table.text(row, "id"), chrom, position, letters, locus)
                if not known[row] or self._is_there(made, there.get(locus.id)):
                    yield made

    def _is_there(self, row: ArrayRow, there: Locus | None) -> bool:
        """Whether the row's place, as far as both are known, is that of the locus it names; otherwise it is told."""
        right = row.chromosome == row.locus.chromosome or row.chromosome in ("", "0")
        if right and there is not None and row.position:
            right = there.position <= row.position <= max(there.end, there.position + (not there.is_snv))
        if not right:
            where = f"{there.chromosome}:{there.position}" if there is not None else row.locus.chromosome
            text = f"{row.shown} lies at {row.chromosome}:{row.position}, expected {where} on {self.build}: not used"
            self._tell("array_position", row, text)
            self._refused.add(row.locus.id)
        return right

    def _by_locus(self, rows: Sequence[ArrayRow], is_declared: bool) -> dict[str, tuple[tuple[str, ...], bool]]:
        """For each locus with a row: its allele texts (none = no call) and whether they can be used.

        Rows that disagree decide nothing.
        """
        heard: dict[str, list[tuple[ArrayRow, Said]]] = {}
        for row in rows:
            heard.setdefault(row.locus.id, []).append((row, said(row, self.strand, is_declared)))
        found: dict[str, tuple[tuple[str, ...], bool]] = dict.fromkeys(self._refused, ((), False))
        for identifier, answers in heard.items():
            clear = [(row, answer) for row, answer in answers if not answer.kind]
            puzzling = [(row, answer) for row, answer in answers if answer.kind not in ("", "no_genotype")]
            for row, answer in puzzling:
                self._tell(answer.kind, row, f"{row.id} (line {row.line}): {answer.why}: no call")
            if len({tuple(sorted(answer.texts)) for _, answer in clear}) > 1:
                shown = " and ".join(row.shown for row, _ in clear[:3])
                self._tell("contradiction", clear[0][0], f"{shown} disagree: no call")
                found[identifier] = ((), False)
            elif clear and not puzzling:
                found[identifier] = (clear[0][1].texts, True)
            else:
                found[identifier] = ((), not puzzling)
        return found

    def _tell(self, kind: str, row: ArrayRow, text: str) -> None:
        place = f"{self.path.name} line {row.line}"
        self.notes.append(SiteNote(kind, place, row.locus.id, text, self.samples[0]))


def open_genome(
    path: Path, panels: Sequence[Panel], build: str, strand: Strand, shares: Shares | None = None
) -> GenomeFile | ArrayFile:
    """The reader for a file: an array's raw data, or VCF, gVCF and BCF."""
    return ArrayFile(path, panels, build, strand) if is_array(path) else GenomeFile(path, shares)


def arrays(files: Sequence[GenomeFile | ArrayFile]) -> list[ArrayFile]:
    """Those of ``files`` that are arrays."""
    return [file for file in files if isinstance(file, ArrayFile)]


def said_to_be(files: Sequence[GenomeFile | ArrayFile], name: str) -> None:
    """Give arrays the ``name`` of the person, unless a file has that name already among its own."""
    if name and not any(name in array.samples for array in arrays(files)):
        for array in arrays(files):
            array.rename(name)


def _record(locus: Locus, texts: tuple[str, ...], usable: bool) -> SiteRecord:
    """A record of one person: two texts, one (half a genotype, except where one copy is normal), or a no-call."""
    known = [locus.ref, *locus.alts]
    numbers = [known.index(text) for text in texts]
    lone = NO_STRAND if texts and locus.chromosome in _HAPLOID else MISSING
    first, second = [*numbers, lone, lone][:2] if texts else (MISSING, MISSING)
    if not usable:
        first = second = 0  # not a missing genotype: why it is not used has been told
    return SiteRecord(
        locus.chromosome, locus.position, locus.position + len(locus.ref) - 1, locus.ref, locus.alts,
        np.array([first], np.int16), np.array([second], np.int16), np.zeros(1, bool), None, None, None,
        np.array([usable]), {}, False,
    )  # fmt: skip


def _rs(identifier: str) -> int:
    """The number of an rsid; -1 for another identifier."""
    return int(identifier[2:]) if identifier[:2] == "rs" and identifier[2:].isdigit() else -1


def _chromosome(text: str) -> str:
    return _NUMBERED.get(text.upper(), chromosome(text))
