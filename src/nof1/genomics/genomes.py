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
from nof1.genomics.array import ArrayFile, arrays
from nof1.genomics.array_letters import Strand
from nof1.genomics.assay import Assay
from nof1.genomics.builds import MITOCHONDRION, in_order, missing_note, mitochondrial_note, set_build
from nof1.genomics.callable import Callable
from nof1.genomics.normalize import ReferenceMismatch, is_plain, state
from nof1.genomics.people import MANY, joined, only, opened
from nof1.genomics.site import Cells, Site, declare_reference
from nof1.genomics.text import Overlap, Shares, Window
from nof1.genomics.vcf import GenomeFile, Quality, SiteRecord, merge_windows
from nof1.model.genome import MISSING, NO_STRAND, CallCode, Locus, SiteNote, SourceFile
from nof1.model.panel import Panel, PanelGene

NEAR = 1_000_000  # a file with no record this close to a gene is taken not to have looked at it
_MIN_BASES = 3  # reference bases that must disagree before a build is refused
_MISMATCH_SHARE = 0.1
_PEEKED = 8 << 20  # bytes of a text without an index that are read again to see whether another build fits
_ENOUGH_BASES = 3  # reference bases that must agree before another build is named to the user


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read: thresholds, what absence means, which build and strand are declared.

    ``assay`` is a laboratory's list of positions; ``array_name`` names the person of arrays whose file does not; ``shares``:
    a reading of texts that is shared with others.
    """

    quality: Quality = field(default_factory=Quality)
    absent: Literal["unknown", "reference"] = "unknown"
    callable_regions: Callable | None = None
    build: str = ""
    assay: Assay | None = None
    strand: Strand = ""
    array_name: str = ""
    shares: Shares | None = None


@dataclass(slots=True)
class Evidence:
    """What one file's records said in one gene: reference bases that agree or not, and how many records there were."""

    agree: int = 0
    disagree: int = 0
    first_mismatch: str = ""
    records: int = 0


class GenomeSet:
    """The files of one person or cohort, opened and joined by sample name.

    ``panel``: the loci asked for and the build whose alleles the answers have. ``also``: the same panel on other builds;
    files on one of them are read there, and what they say comes back in the loci and allele numbers of ``panel``.
    ``header_counts``: whether a build named in a header is believed; without, the files are tried on ``panel``.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        panel: Panel,
        reading: Reading,
        samples: Sequence[str] = (),
        also: Sequence[Panel] = (),
        header_counts: bool = True,
    ) -> None:
        if not paths:
            raise RequestError("no genome file given; name at least one VCF, gVCF or BCF file")
        self.panel = panel
        self.reading = reading
        self._also = also
        self.files = opened(paths, (panel, *also), reading.build, reading.strand, reading.array_name, reading.shares)
        if samples:
            self.files = only(self.files, samples)
        self.names, self._rows = joined(self.files, samples)
        self.people = len(self.names)
        self.notes = [mitochondrial_note(file.path, file.odd_mitochondrion) for file in self.files if file.odd_mitochondrion]
        self.evidence: dict[str, list[Evidence]] = {}
        self._streamed: dict[int, dict[str, list[SiteRecord]]] = {}
        builds = [panel.build, *(other.build for other in also)]
        others = [file for file in self.files if not isinstance(file, ArrayFile)]
        asked = reading.build if others else ""  # an array is read on any build; its own is found by it
        self.build = (set_build(others, asked, builds) if header_counts else "") or panel.build
        self._read = next((other for other in also if other.build == self.build), panel)
        self._there = {gene.gene: gene for gene in self._read.genes}
        self.declared = {"callable": 0, "assay": 0, "absent": 0}  # people times positions made reference, by what said so
        self._take_declarations()
        said = (self.build, "declared by the user") if reading.build else ("", "")
        self._builds = [(file.build, file.build_from) if file.build else said for file in self.files]

    def _take_declarations(self) -> None:
        for array in arrays(self.files):
            array.answer_on(self.build)
            self.notes.extend(array.notes)
        if self.reading.callable_regions is not None and len(arrays(self.files)) == len(self.files):
            raise RequestError("--callable is for sequencing; an array looks at single positions: list them with --assay")
        if self.reading.assay is not None:
            self.notes.extend(self.reading.assay.notes)
            for file in self.files:
                self.reading.assay.check_build(file.path, file.build or self.build)

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
        """The gene's loci in order, one set of arrays over people each; nothing of a locus is kept once it is handed on.

        ``gene`` is one of the panel, and so are the loci and allele numbers, whatever the build of the files.
        """
        notes: list[SiteNote] = []
        self.evidence[gene.gene] = [Evidence() for _ in self.files]
        there = self._there.get(gene.gene)
        if self._read is self.panel:
            yield from self._cells(gene, notes)
        else:
            note = missing_note(gene, there, self.build)
            notes.extend([note] if note else [])
            cells = self._cells(there, notes) if there else iter(())
            yield from in_order(cells, gene, self.people, self.names)
        self.notes.extend(notes)
        if self.people > MANY:
            for file in self.files:
                file.release()

    def _cells(self, gene: PanelGene, notes: list[SiteNote]) -> Iterator[Cells]:
        """The gene's loci as the files say, in the build of the files."""
        near = self._near(gene) if self.reading.absent == "reference" else None
        for site in self._swept(gene, notes):
            for index in self._odd_files(gene):
                site.shut(self._rows[index])
            yield self._finish(site.close(notes), gene, near, notes)

    def check_builds(self) -> None:
        """Raise ``GenomeError`` for a file whose reference bases contradict the build; call after reading."""
        sums = [self._sum(index) for index in range(len(self.files))]
        known = any(build for build, _ in self._builds) or any(total.agree for total in sums)
        for file, total in zip(self.files, sums, strict=True):
            if isinstance(file, ArrayFile):
                continue
            good, bad = total.agree, total.disagree
            if not _fits(total):
                raise GenomeError(
                    f"{file.path}: {bad} of {good + bad} reference bases are not those of {self.build} "
                    f"(first: {total.first_mismatch}); {self._way_out(file)}"
                )
            is_large = not file.indexed and file.path.stat().st_size > _PEEKED  # it is not read twice against its header
            if (
                good < (1 if file.build else _MIN_BASES)
                and not (file.build and is_large)
                and (other := self._better_build(file, good))
            ):
                raise GenomeError(f"{file.path}: {_said(file)}, but its reference bases fit {other}; {_remedy(file, other)}")
            declares = self.reading.absent == "reference" or self.reading.callable_regions is not None
            if not known and declares:
                raise GenomeError(
                    f"{file.path}: its build is unknown (no header line, no record at a known position), so absence "
                    f"cannot mean reference; pass --build {self.build} if it is"
                )

    def described(self) -> tuple[SourceFile, ...]:
        """What each file was, for the report."""
        described = []
        for index, file in enumerate(self.files):
            build, known_by = self._builds[index]
            total = self._sum(index)
            if not build and total.agree:
                build, known_by = self.build, f"{total.agree} reference bases"
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
        wanted = [Window(locus.chromosome, locus.position, locus.end) for locus in self._read.loci()]
        for index, file in waiting:
            kept: dict[str, list[SiteRecord]] = {}
            for record in file.stream(wanted, self.reading.quality, progress):
                kept.setdefault(record.chromosome, []).append(record)
            for records in kept.values():
                records.sort(key=lambda record: record.position)
            self._streamed[index] = kept

    def _way_out(self, file: GenomeFile) -> str:
        other = self._better_build(file, 0)
        return f"they fit {other}: {_remedy(file, other)}" if other else f"give a {self.build} file"

    def _better_build(self, file: GenomeFile, agree: int) -> str:
        """Another readable build that more than ``agree`` reference bases of the file fit; empty for none."""
        for panel in (self.panel, *self._also):
            if panel.build != self.build:
                peek = GenomeSet([file.path], panel, Reading(self.reading.quality), header_counts=False)
                for gene in panel.genes:
                    if not peek.files[0].may_have(gene.chromosome):
                        continue
                    for _ in peek.sites(gene):
                        pass
                    total = peek._sum(0)
                    if total.agree >= max(_ENOUGH_BASES, agree + 1) and _fits(total):
                        return panel.build
        return ""

    def _odd_files(self, gene: PanelGene) -> list[int]:
        """Numbers of the files from which nothing of the gene can be read: another mitochondrial sequence."""
        if gene.chromosome != MITOCHONDRION:
            return []
        return [index for index, file in enumerate(self.files) if file.odd_mitochondrion]

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
        odd = self._odd_files(gene)
        for index, file in enumerate(self.files):
            if index in odd:
                continue
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
        regions, assay = self.reading.callable_regions, self.reading.assay
        by = ""
        if assay is not None and locus.id in assay.interrogated:
            by = "assay"
        elif regions is not None and regions.covers(locus.chromosome, locus.position, locus.position + len(locus.ref) - 1):
            by = "callable"
        elif near is not None:
            by, open_ = "absent", open_ & near[locus.id]
        if by:
            declare_reference(cells, open_)
            self.declared[by] += int(open_.sum())
        return cells


def _fits(total: Evidence) -> bool:
    """Whether reference bases fit a build: few of many may disagree."""
    good, bad = total.agree, total.disagree
    return not ((bad >= _MIN_BASES and bad > _MISMATCH_SHARE * (good + bad)) or (bad and not good))


def _said(file: GenomeFile) -> str:
    return f"is on {file.build} ({file.build_from})" if file.build else "its header names no build"


def _remedy(file: GenomeFile, build: str) -> str:
    return "correct the header" if file.build else f"pass --build {build}"


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
