"""One genome set from several files: people joined by name, records brought together locus by locus."""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Callable as Function
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nof1.errors import GenomeError, RequestError
from nof1.genomics.callable import Callable
from nof1.genomics.contigs import canonical_build
from nof1.genomics.normalize import ReferenceMismatch, is_plain, state
from nof1.genomics.site import Cells, Site, declare_reference
from nof1.genomics.text import Overlap, Window
from nof1.genomics.vcf import GenomeFile, Quality, SiteRecord, merge_windows
from nof1.model.genome import MISSING, NO_STRAND, CallCode, Locus, SiteNote, SourceFile
from nof1.model.panel import Panel, PanelGene

MANY = 5_000  # above it files are closed between genes: their headers hold every name
NEAR = 1_000_000  # a file with no record this close to a gene is taken not to have looked at it
_MIN_BASES = 3  # reference bases that must disagree before a build is refused
_MISMATCH_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read: thresholds, what absence means, which build is declared."""

    quality: Quality = field(default_factory=Quality)
    absent: Literal["unknown", "reference"] = "unknown"
    callable_regions: Callable | None = None
    build: str = ""


@dataclass(slots=True)
class Evidence:
    """What one file's records said in one gene: reference bases that agree or not, and how many records there were."""

    agree: int = 0
    disagree: int = 0
    first_mismatch: str = ""
    records: int = 0


class GenomeSet:
    """The files of one person or cohort, opened and joined by sample name."""

    def __init__(self, paths: Sequence[Path], panel: Panel, reading: Reading, samples: Sequence[str] = ()) -> None:
        if not paths:
            raise RequestError("no genome file given; name at least one VCF, gVCF or BCF file")
        self.panel = panel
        self.reading = reading
        self.files = _opened(paths)
        if samples:
            self.files = _only(self.files, samples)
        self.names, self._rows = _join(self.files, samples)
        self.people = len(self.names)
        self.notes: list[SiteNote] = []
        self.evidence: dict[str, list[Evidence]] = {}
        self._streamed: dict[int, dict[str, list[SiteRecord]]] = {}
        self._builds = [self._declared_build(file) for file in self.files]

    def _sum(self, index: int) -> Evidence:
        """What all genes read so far say about one file."""
        total = Evidence()
        for files in self.evidence.values():
            mine = files[index]
            total.agree += mine.agree
            total.disagree += mine.disagree
            total.records += mine.records
            total.first_mismatch = total.first_mismatch or mine.first_mismatch
        return total

    def sites(self, gene: PanelGene) -> Iterator[Cells]:
        """The gene's loci in order, one set of arrays over people each; nothing of a locus is kept once it is handed on."""
        notes: list[SiteNote] = []
        self.evidence[gene.gene] = [Evidence() for _ in self.files]
        near = self._near(gene) if self.reading.absent == "reference" else None
        for site in self._swept(gene, notes):
            yield self._finish(site.close(notes), gene, near, notes)
        self.notes.extend(notes)
        if self.people > MANY:
            for file in self.files:
                file.release()

    def check_builds(self) -> None:
        """Raise ``GenomeError`` for a file whose reference bases contradict the build; call after reading."""
        sums = [self._sum(index) for index in range(len(self.files))]
        known = any(build for build, _ in self._builds) or any(total.agree for total in sums)
        for file, total in zip(self.files, sums, strict=True):
            good, bad = total.agree, total.disagree
            if (bad >= _MIN_BASES and bad > _MISMATCH_SHARE * (good + bad)) or (bad and not good):
                raise GenomeError(
                    f"{file.path}: {bad} of {good + bad} reference bases are not those of {self.panel.build} "
                    f"(first: {total.first_mismatch}); give a {self.panel.build} file"
                )
            declares = self.reading.absent == "reference" or self.reading.callable_regions is not None
            if not known and declares:
                raise GenomeError(
                    f"{file.path}: its build is unknown (no header line, no record at a known position), so absence "
                    f"cannot mean reference; pass --build {self.panel.build} if it is"
                )

    def described(self) -> tuple[SourceFile, ...]:
        """What each file was, for the report."""
        described = []
        for index, file in enumerate(self.files):
            build, known_by = self._builds[index]
            total = self._sum(index)
            if not build and total.agree:
                build, known_by = self.panel.build, f"{total.agree} reference bases"
            described.append(
                SourceFile(
                    str(file.path),
                    file.kind,
                    build or "unknown",
                    known_by or "not stated",
                    len(file.samples),
                    total.records,
                    file.indexed,
                )
            )
        return tuple(described)

    def stream(self, progress: Function[[int], None] | None = None) -> None:
        """Read every file without an index once, keeping the records near the panel."""
        waiting = [item for item in enumerate(self.files) if not (item[1].indexed or item[0] in self._streamed)]
        if not waiting:
            return
        wanted = [Window(locus.chromosome, locus.position, locus.end) for locus in self.panel.loci()]
        for index, file in waiting:
            kept: dict[str, list[SiteRecord]] = {}
            for record in file.stream(wanted, self.reading.quality, progress):
                kept.setdefault(record.chromosome, []).append(record)
            for records in kept.values():
                records.sort(key=lambda record: record.position)
            self._streamed[index] = kept

    def _declared_build(self, file: GenomeFile) -> tuple[str, str]:
        wanted = self.panel.build
        stated = canonical_build(self.reading.build) if self.reading.build else ""
        if self.reading.build and stated != wanted:
            raise RequestError(f"--build is {self.reading.build!r}; this edition of the knowledge is on {wanted} only")
        if file.build and file.build != wanted:
            raise GenomeError(
                f"{file.path}: is on {file.build} ({file.build_from}); this edition reads {wanted}, lift the file over"
            )
        return (file.build, file.build_from) if file.build else (stated, "declared by the user" if stated else "")

    def _swept(self, gene: PanelGene, notes: list[SiteNote]) -> Iterator[Site]:
        """Sites of the gene, each closed once no later record can speak about it."""
        loci = gene.loci
        sites: dict[int, Site] = {}  # open ones by number
        starts = [locus.position for locus in loci]
        longest = max(locus.end - locus.position for locus in loci)
        done = 0
        for index, record in self._records_near(gene):
            while done < len(loci) and loci[done].end < record.position:
                yield sites.pop(done) if done in sites else Site(loci[done], self.people, self.names)
                done += 1
            self.evidence[gene.gene][index].records += 1
            low = bisect_left(starts, record.position - longest)
            for place in range(max(low, done), bisect_right(starts, record.end)):
                if loci[place].end >= record.position:
                    if place not in sites:
                        sites[place] = Site(loci[place], self.people, self.names)
                    self._hear(sites[place], loci[place], record, index, notes, self.evidence[gene.gene][index])
        for place in range(done, len(loci)):
            yield sites.pop(place) if place in sites else Site(loci[place], self.people, self.names)

    def _hear(
        self, site: Site, locus: Locus, record: SiteRecord, index: int, notes: list[SiteNote], evidence: Evidence
    ) -> None:
        place = f"{record.chromosome}:{record.position}"
        if len(self.files) > 1:
            place = f"{self.files[index].path.name} {place}"
        if not is_plain(record.ref):
            notes.append(SiteNote("odd_reference", place, locus.id, f"REF {record.ref!r} is not A, C, G or T: not used"))
            site.refuse(record, self._rows[index], place)
            return
        try:
            statement = state(locus, record.position, record.ref, record.alts)
        except ReferenceMismatch as mismatch:
            evidence.disagree += 1
            evidence.first_mismatch = evidence.first_mismatch or str(mismatch)
            notes.append(SiteNote("reference_mismatch", place, locus.id, f"{mismatch}: not used"))
            site.refuse(record, self._rows[index], place)
            return
        if statement is not None and statement.is_direct:
            evidence.agree += 1
        if record.is_block or record.excludes_others:
            site.cover(record, self._rows[index], place, index)
        if statement is not None and not record.is_block:
            site.hear(record, statement, self._rows[index], place, index)

    def _records_near(self, gene: PanelGene) -> Iterator[tuple[int, SiteRecord]]:
        wanted = [Window(gene.chromosome, locus.position, locus.end) for locus in gene.loci]
        windows, touches = merge_windows(wanted), Overlap(wanted).touches
        self.stream()
        streams: list[Iterator[tuple[int, int, int, SiteRecord]]] = []
        for index, file in enumerate(self.files):
            if file.indexed:
                records = file.near(windows, touches, self.reading.quality)
            else:
                low, high = windows[0].start, windows[-1].end
                kept = self._streamed[index].get(gene.chromosome, [])
                records = (record for record in kept if record.end >= low and record.position <= high)
            streams.append(_keyed(index, records))
        for _, index, _, record in heapq.merge(*streams, key=lambda item: item[:3]):
            yield index, record

    def _near(self, gene: PanelGene) -> dict[str, NDArray[np.bool_]]:
        """For each locus, the people a file looked at around it: the only ones for whom absence can mean reference."""
        seen = {locus.id: np.zeros(self.people, bool) for locus in gene.loci}
        self.stream()
        for index, file in enumerate(self.files):
            rows = self._rows[index]
            for locus, is_near in zip(gene.loci, file.bracketed(gene.loci, NEAR), strict=True):
                if is_near:
                    seen[locus.id][slice(None) if rows is None else rows] = True
        blind = [locus.id for locus in gene.loci if not seen[locus.id].all()]
        if blind:
            text = "the files have no records on both sides within 1 Mb, so absence is not read as reference"
            shown = ", ".join(blind[:5]) + (f" and {len(blind) - 5} more" if len(blind) > 5 else "")
            self.notes.append(SiteNote("not_looked_at", gene.chromosome, gene.gene, f"{shown}: {text}"))
        return seen

    def _finish(
        self, cells: Cells, gene: PanelGene, near: dict[str, NDArray[np.bool_]] | None, notes: list[SiteNote]
    ) -> Cells:
        if gene.ploidy == "diploid":
            _require_two(cells, self.names, notes)
        locus = cells.locus
        open_ = cells.code == CallCode.NOT_COVERED
        regions = self.reading.callable_regions
        if regions is not None and regions.covers(locus.chromosome, locus.position, locus.position + len(locus.ref) - 1):
            declare_reference(cells, open_)
        elif near is not None:
            declare_reference(cells, open_ & near[locus.id])
        return cells


def _opened(paths: Sequence[Path]) -> list[GenomeFile]:
    """The files, opened; those of a large cohort are closed again at once and share their list of names."""
    files: list[GenomeFile] = []
    for path in paths:
        file = GenomeFile(path)
        if files and file.samples == files[0].samples:
            file.share_names(files[0].samples)
        if len(file.samples) > MANY:
            file.release()
        files.append(file)
    return files


def _only(files: Sequence[GenomeFile], wanted: Sequence[str]) -> list[GenomeFile]:
    """The files that hold any of the ``wanted`` samples, narrowed to them; an unknown name is a ``RequestError``."""
    known = list(dict.fromkeys(name for file in files for name in file.samples))
    names = set(known)
    for name in wanted:
        if name not in names:
            shown = ", ".join(known[:5]) + (f", ... ({len(known)} in all)" if len(known) > 5 else "")
            raise RequestError(f"sample {name!r} is in none of the files; they hold {shown}")
    for file in files:
        file.narrow(wanted)
    return [file for file in files if file.samples]


def _join(files: Sequence[GenomeFile], wanted: Sequence[str]) -> tuple[tuple[str, ...], list[NDArray[np.intp] | None]]:
    """All sample names in order and, for each file, the rows of its samples (``None`` = all, in order)."""
    names = list(dict.fromkeys(wanted or (name for file in files for name in file.samples)))
    order = {name: row for row, name in enumerate(names)}
    rows: list[NDArray[np.intp] | None] = []
    for file in files:
        mine = np.array([order[name] for name in file.samples], np.intp)
        rows.append(None if len(mine) == len(names) and (mine == np.arange(len(names))).all() else mine)
    return tuple(names), rows


def _keyed(index: int, records: Iterator[SiteRecord]) -> Iterator[tuple[int, int, int, SiteRecord]]:
    for number, record in enumerate(records):
        yield record.position, index, number, record


def _require_two(cells: Cells, names: Sequence[str], notes: list[SiteNote]) -> None:
    """On an autosome a lone allele is half a genotype."""
    lone = (cells.second == NO_STRAND) & (cells.first >= 0)
    if lone.any():
        who = [names[row] for row in np.flatnonzero(lone).tolist()]
        place = f"{cells.locus.chromosome}:{cells.locus.position}"
        text = "one allele where two are expected" + (f" ({len(who)} people)" if len(who) > 1 else "")
        notes.append(SiteNote("no_genotype", place, cells.locus.id, text, who[0] if len(who) == 1 else ""))
        cells.second[lone] = MISSING
        reference = lone & (cells.first == 0)
        cells.first[reference] = MISSING
        cells.code[reference] = CallCode.NO_CALL
