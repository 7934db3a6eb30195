"""Reads VCF, gVCF and BCF (any compression, indexed or not): records near the loci asked for, as arrays over samples."""

from __future__ import annotations

import re
import tempfile
import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from cyvcf2 import VCF
from cyvcf2.cyvcf2 import set_htslib_log_level
from numpy.typing import NDArray

from nof1.errors import GenomeError
from nof1.genomics import diagnose
from nof1.genomics.contigs import build_from_header, chromosome, odd_mitochondrion
from nof1.genomics.fields import MOST, is_accepted, last_base, numbers, phase_sets
from nof1.genomics.index import check_index, has_index
from nof1.genomics.text import Extents, Overlap, Shares, TextFile, Touches, Window
from nof1.genomics.tumour import tumour_samples
from nof1.model.genome import Locus

MERGE_GAP = 2000  # reading on is cheaper than seeking below this distance (measured on 3,202 people)
CATCH_ALL = frozenset({"<NON_REF>", "<*>", "<X>", "."})  # "and no other alternative either"
PASSING = frozenset({"PASS", "RefCall"})
_QUALITIES = ("GQ", "RGQ", "GQX")  # any allele; reference only (GATK); Illumina
_WILD = re.compile(rb"[/|]\d{5}|\t\d{5,}[/|]")  # an allele number beyond any record; the library would wrap it round


@dataclass(frozen=True, slots=True)
class Quality:
    """What a genotype needs to be used; below it the site is a no-call and is listed."""

    min_gq: float = 20.0
    min_dp: int = 8
    filters: frozenset[str] = frozenset()
    allele_depths: bool = True

    def described(self) -> dict[str, str]:
        """The thresholds as they are printed in a report."""
        extra = ", ".join(sorted(self.filters))
        return {
            "minimum GQ where given": f"{self.min_gq:g}",
            "minimum DP where given": str(self.min_dp),
            "FILTER accepted": "PASS, ., RefCall" + (f", {extra}" if extra else ""),
            "heterozygous needs reads on both alleles (AD)": "yes" if self.allele_depths else "no",
        }


@dataclass(slots=True)
class SiteRecord:
    """One record, its genotypes and why some of them are not used.

    ``first`` ``second`` (samples,) int16 allele index, -1 missing, -2 no second strand; ``usable`` (samples,) bool;
    ``reason`` why not, one text for all unusable ones.
    """

    chromosome: str
    position: int
    end: int
    ref: str
    alts: tuple[str, ...]
    first: NDArray[np.int16]
    second: NDArray[np.int16]
    phased: NDArray[np.bool_]
    phase_set: NDArray[np.int32] | None
    quality: NDArray[np.float32] | None
    depth: NDArray[np.int32] | None
    usable: NDArray[np.bool_]
    reasons: dict[str, NDArray[np.bool_]]
    is_block: bool
    excludes_others: bool = False


class GenomeFile:
    """An open VCF or BCF: who is in it, its build, and the records that touch a window.

    ``shares``: a reading of texts without an index that is shared with others. Raises ``GenomeError`` when the file is
    none, is cut short, or has a line that cannot be parsed.
    """

    def __init__(self, path: Path, shares: Shares | None = None) -> None:
        set_htslib_log_level(0)  # what it prints on standard error is said again by our own errors, with the line
        warnings.filterwarnings("ignore", message="no intervals found")
        self.path = path
        self.kind = diagnose.kind(path)
        self.indexed = self.kind in ("VCF (bgzip)", "BCF") and has_index(path)
        self.extents = Extents()
        self._known: dict[str, bool] = {}
        self._text: TextFile | None = None
        self._vcf: Any = None
        if self.indexed:
            check_index(path)
        if self.indexed or self.kind == "BCF":
            diagnose.check_header(path)
            self._vcf, header = _open(path)
            try:
                self.samples: tuple[str, ...] = tuple(name.rstrip("\r") for name in self._vcf.samples)
                self._contigs: dict[str, list[str]] = {}  # by chromosome; a file of two makers can name one in two ways
                for name in self._vcf.seqnames:
                    self._contigs.setdefault(chromosome(name), []).append(name)
            except Exception as error:  # names that are no text
                raise diagnose.explain(path, error) from error
        else:
            self._text = TextFile(path, shares)
            header = b"\n".join(self._text.header).decode("utf-8", "replace")
            self.samples = self._text.samples
        self._all_samples = len(self.samples)
        self.build, self.build_from = build_from_header(header)
        self.odd_mitochondrion = odd_mitochondrion(header)
        self.tumour_samples = tumour_samples(header, self.samples)
        self.may_have_blocks = "ID=END," in header  # of reference; they need INFO/END, and files that have it declare it
        self._check_samples()

    def _check_samples(self) -> None:
        if not self.samples:
            raise GenomeError(f"{self.path}: has no sample column; give a file with genotypes")
        seen: set[str] = set()
        for name in self.samples:
            if name in seen:
                raise GenomeError(f"{self.path}: sample {name!r} stands in two columns; names must differ")
            seen.add(name)

    def narrow(self, wanted: Sequence[str]) -> None:
        """Read only the ``wanted`` samples from now on (those of them that the file has)."""
        chosen = set(wanted)
        names = [name for name in self.samples if name in chosen]
        if self._vcf is not None and names and len(names) < self._all_samples:
            self._pick(self._vcf, names)
        self.samples = tuple(names)

    def _pick(self, reader: Any, names: Sequence[str]) -> None:
        """Have the library read ``names`` only. It takes a list in one text, so a name that breaks it is an error.

        Unseen, such a name would bring another person's genotypes.
        """
        odd = next((name for name in names if "," in name or name[:1] in ("^", "-")), None)
        if odd is None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what it did not find is said below
                reader.set_samples(list(names))
            found = [name.rstrip("\r") for name in reader.samples]
            odd = None if found == list(names) else next((name for name in names if name not in found), names[0])
        if odd is not None:
            raise GenomeError(
                f"{self.path}: sample {odd!r} cannot be picked out of {self._all_samples}: its name has a comma, begins "
                "with ^ or -, or is no plain text; rename it, e.g. with bcftools reheader"
            )

    def share_names(self, names: tuple[str, ...]) -> None:
        """Use ``names``, which are equal to the file's own, so that they are in memory once."""
        self.samples = names

    def may_have(self, chrom: str) -> bool:
        """Whether there may be records of a chromosome; always true without an index."""
        return not self.indexed or any(self._has_records(contig) for contig in self._contigs.get(chrom, ()))

    def release(self) -> None:
        """Close the file until it is asked again; what its index knows is remembered."""
        if self.indexed and self._vcf is not None:
            for name in [f"chr{number}" for number in (*range(1, 23), "X", "Y", "M")]:
                for contig in self._contigs.get(name, ()):
                    self._has_records(contig)
            self._vcf = None

    def _reader(self) -> Any:
        if self._vcf is None:
            self._vcf, _ = _open(self.path)
            if len(self.samples) < self._all_samples:
                self._pick(self._vcf, self.samples)
        return self._vcf

    def bracketed(self, loci: Sequence[Locus], reach: int) -> list[bool]:
        """For each locus of one chromosome: does the file have records within ``reach`` on both sides of it?

        A file cut to some regions has none beyond its edges: absence there means that nobody looked.
        """
        if not self.indexed:
            starts = self.extents.starts(loci[0].chromosome)
            return [_is_bracketed(starts, locus, reach) for locus in loci]
        chrom = loci[0].chromosome
        first = self._first(Window(chrom, loci[0].position - reach, loci[-1].end + reach))
        found = []
        after = 0
        for locus in reversed(loci):
            if not (locus.position <= after <= locus.end + reach):
                after = self._first(Window(chrom, locus.position, locus.end + reach)) or after
            before = first if first and locus.position - reach <= first <= locus.end else 0
            if first and not before and first <= locus.end:
                before = self._first(Window(chrom, locus.position - reach, locus.position)) or 0
            found.append(bool(before) and locus.position <= after <= locus.end + reach)
        return found[::-1]

    def _first(self, window: Window) -> int:
        """Position of the first record in ``window``, 0 for none."""
        variant = next(self._query(window), None)
        return 0 if variant is None else max(int(variant.POS), window.start)

    def near(self, windows: Sequence[Window], touches: Touches, quality: Quality) -> Iterator[SiteRecord]:
        """Records within ``windows`` that ``touches`` accepts, by index, ascending."""
        for window in windows:
            for variant in self._query(window):
                if touches(window.chromosome, variant.start + 1, variant.end):
                    yield self._record(variant, window.chromosome, quality)

    def stream(
        self, windows: Sequence[Window], quality: Quality, progress: Callable[[int], None] | None = None
    ) -> Iterator[SiteRecord]:
        """Records overlapping any of ``windows``, reading the whole file once; ``progress`` is called now and then."""
        if self._text is not None:
            yield from self._stream_text(self._text, windows, quality, progress)
            return
        touches = Overlap(windows).touches
        names: dict[str, str] = {}
        for count, variant in enumerate(self._guard(self._vcf), start=1):
            contig = variant.CHROM
            chrom = names.get(contig) or names.setdefault(contig, chromosome(contig))
            start = variant.start + 1
            self.extents.add(chrom, start, start)
            if progress is not None and not count & 0xFFF:
                progress(0x1000)
            if touches(chrom, start, variant.end):
                yield self._record(variant, chrom, quality)

    def _stream_text(
        self, text: TextFile, windows: Sequence[Window], quality: Quality, progress: Callable[[int], None] | None
    ) -> Iterator[SiteRecord]:
        """Lines near the windows, parsed by the library from an excerpt; an error names the line in the user's file."""
        kept, self.extents = text.scan(windows, progress)
        if not kept:
            return
        with tempfile.NamedTemporaryFile(suffix=".vcf") as excerpt:
            excerpt.write(text.excerpt(kept))
            excerpt.flush()
            self._vcf, _ = _open(Path(excerpt.name), self.path)
            if len(self.samples) < self._all_samples:
                self._pick(self._vcf, self.samples)
            variants = iter(self._vcf)
            columns = text.header[-1].count(b"\t") + 1
            for number, line in kept:
                if _WILD.search(line) and (problem := diagnose.line_problem(line, columns)):
                    raise GenomeError(f"{self.path} line {number}: {problem}")
                try:
                    variant = next(variants)
                    record = self._record(variant, chromosome(variant.CHROM), quality)
                except (Exception, StopIteration) as error:
                    problem = diagnose.line_problem(line, columns) or diagnose.unreadable(line)
                    raise GenomeError(f"{self.path} line {number}: {problem}") from error
                yield record

    def _query(self, window: Window) -> Iterator[Any]:
        contigs = [contig for contig in self._contigs.get(window.chromosome, ()) if self._has_records(contig)]
        place = f"{max(window.start, 1)}-{window.end}"
        if len(contigs) == 1:
            return self._guard(self._reader()(f"{contigs[0]}:{place}"))
        found = [variant for contig in contigs for variant in self._guard(self._reader()(f"{contig}:{place}"))]
        return iter(sorted(found, key=lambda variant: int(variant.POS)))

    def _has_records(self, contig: str) -> bool:
        """Whether the index knows any record of ``contig``; asked once."""
        if contig not in self._known:
            self._known[contig] = next(self._guard(self._reader()(contig)), None) is not None
        return self._known[contig]

    def _guard(self, variants: Any) -> Iterator[Any]:
        iterator = iter(variants)
        place = ""
        while True:
            try:
                variant = next(iterator)
                here = f"after {variant.CHROM}:{variant.POS}"
            except StopIteration:
                return
            except Exception as error:  # cyvcf2 raises plain Exception for a record it cannot parse
                raise diagnose.explain(self.path, error, place, self.indexed) from error
            yield variant
            place = here

    def _record(self, variant: Any, chrom: str, quality: Quality) -> SiteRecord:
        try:
            return self._parsed(variant, chrom, quality)
        except Exception as error:  # fields that do not hold what the header or the format promises
            raise diagnose.explain(self.path, error, f"at {chrom}:{variant.POS}", self.indexed) from error

    def _parsed(self, variant: Any, chrom: str, quality: Quality) -> SiteRecord:
        formats = variant.FORMAT
        if "GT" not in formats:
            return self._without_genotype(variant, chrom)
        genotype = variant.genotype.array()
        ref = variant.REF.upper()
        alts = tuple(alt.upper() for alt in variant.ALT)
        first = np.ascontiguousarray(genotype[:, 0], dtype=np.int16)
        ploidy = genotype.shape[1] - 1
        second = genotype[:, 1].astype(np.int16) if ploidy > 1 else np.full(len(first), -2, np.int16)
        record = SiteRecord(
            chrom, variant.POS, last_base(variant), ref, alts, first, second,
            genotype[:, -1].astype(bool) & (second != -2), None, None, None, (first >= 0) | (second >= 0), {},
            _is_block(alts), any(alt in CATCH_ALL for alt in alts),
        )  # fmt: skip
        self._judge(record, variant, formats, genotype, quality)
        return record

    def _without_genotype(self, variant: Any, chrom: str) -> SiteRecord:
        count = len(self.samples)
        nothing = np.full(count, -1, np.int16)
        nobody = np.zeros(count, bool)
        return SiteRecord(
            chrom, variant.POS, last_base(variant), variant.REF.upper(), tuple(alt.upper() for alt in variant.ALT), nothing,
            nothing.copy(), nobody, None, None, None, nobody, {"no GT in FORMAT": np.ones(count, bool)},
            _is_block(variant.ALT),
        )  # fmt: skip

    def _judge(self, record: SiteRecord, variant: Any, formats: Sequence[str], genotype: Any, quality: Quality) -> None:
        """Marks what cannot be used and why; keeps GQ, DP and PS where they are given."""
        reject = record.reasons
        alleles = len(record.alts) + 1
        out_of_range = (record.first >= alleles) | (record.second >= alleles)
        if out_of_range.any():
            reject["GT names an allele that the record does not have"] = out_of_range
        if genotype.shape[1] > 3:
            extra = (genotype[:, 2:-1] != -2).any(axis=1)
            if extra.any():
                reject["more than two alleles in GT"] = extra
        accepted = PASSING | quality.filters
        if variant.FILTER is not None and not set(variant.FILTER.split(";")) <= accepted:
            reject[f"FILTER is {variant.FILTER}"] = np.ones(len(record.first), bool)
        for key in _QUALITIES:
            if key in formats and record.quality is None and (given := numbers(variant, key)) is not None:
                record.quality = given.astype(np.float32)
                reject[f"{key} below {quality.min_gq:g}"] = record.quality < quality.min_gq
        for key in ("MIN_DP", "DP"):
            if key in formats and record.depth is None:
                depth = numbers(variant, key)
                if depth is not None:
                    record.depth = np.where(np.isnan(depth), -1, np.clip(depth, 0, MOST)).astype(np.int32)
                    reject[f"DP below {quality.min_dp}"] = (record.depth >= 0) & (record.depth < quality.min_dp)
        if "FT" in formats:
            reject["FT is not PASS"] = np.array([not is_accepted(text, accepted) for text in variant.format("FT")], bool)
        if quality.allele_depths and "AD" in formats:
            reject["heterozygous with reads on one allele only (AD)"] = _one_sided(record, variant.format("AD"))
        if "PS" in formats:
            record.phase_set = phase_sets(variant)
        for who in reject.values():
            record.usable &= ~who


def _open(path: Path, said: Path | None = None) -> tuple[Any, str]:
    """The library's reader and the header; errors speak of ``said``, the user's file."""
    try:
        reader = VCF(str(path))
        return reader, reader.raw_header
    except Exception as error:  # cyvcf2 raises plain Exception for a bad header
        raise diagnose.explain(said or path, error) from error


def _is_bracketed(starts: list[int], locus: Locus, reach: int) -> bool:
    before = bisect_right(starts, locus.end) - 1
    after = bisect_left(starts, locus.position)
    return (
        before >= 0
        and starts[before] >= locus.position - reach
        and after < len(starts)
        and starts[after] <= locus.end + reach
    )


def merge_windows(windows: Sequence[Window], gap: int = MERGE_GAP) -> list[Window]:
    """Sorted windows with neighbours closer than ``gap`` joined."""
    merged: list[Window] = []
    for window in sorted(windows, key=lambda window: (window.chromosome, window.start)):
        last = merged[-1] if merged else None
        if last and last.chromosome == window.chromosome and window.start - last.end <= gap:
            merged[-1] = Window(last.chromosome, last.start, max(last.end, window.end))
        else:
            merged.append(window)
    return merged


def _is_block(alts: tuple[str, ...]) -> bool:
    """Whether the record only says "reference here", for one base or a run of them."""
    return all(alt in CATCH_ALL for alt in alts)


def _one_sided(record: SiteRecord, depths: Any) -> NDArray[np.bool_]:
    nobody = np.zeros(len(record.first), bool)
    if depths is None or depths.dtype.kind not in "iu" or depths.shape[1] != len(record.alts) + 1:
        return nobody
    heterozygous = record.usable & (record.first >= 0) & (record.second >= 0) & (record.first != record.second)
    heterozygous &= (record.first < depths.shape[1]) & (record.second < depths.shape[1])
    rows = np.flatnonzero(heterozygous)
    one = depths[rows, record.first[rows]]
    two = depths[rows, record.second[rows]]
    given = (depths[rows] >= 0).all(axis=1) & (depths[rows].sum(axis=1) > 0)
    nobody[rows] = given & ((one == 0) | (two == 0))
    return nobody
