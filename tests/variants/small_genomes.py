"""Small genome files and tables for tests of secondary findings: one gene read whole, with lines put into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from nof1.genomics.shared_pass import SharedPass
from nof1.genomics.vcf import Quality
from nof1.jobs.records import person_record
from nof1.jobs.secondary import Genome, report_of
from nof1.jobs.secondary_ahead import Unasked, look_ahead
from nof1.jobs.variant_tables import add
from nof1.knowledge.compiled import knowledge
from nof1.model.secondary import GeneLooked, SecondaryReport

EXAMPLE = Path(__file__).parents[2] / "examples" / "example-5-prevention"
TODAY = date(2026, 11, 26)
MARGIN = 12  # bases that blocks reach beyond the coding ones
FIELDS = ("GT", "String"), ("GQ", "Integer"), ("DP", "Integer"), ("PS", "Integer"), ("FT", "String"), ("CN", "Integer")
HEAD = (
    "##fileformat=VCFv4.2\n##reference=GRCh38\n"
    + '##INFO=<ID=END,Number=1,Type=Integer,Description="e">\n'
    + '##INFO=<ID=SVLEN,Number=.,Type=Integer,Description="l">\n##INFO=<ID=IMP,Number=0,Type=Flag,Description="i">\n'
    + '##INFO=<ID=DR2,Number=A,Type=Float,Description="r">\n##FILTER=<ID=LowQual,Description="q">\n'
    + "".join(f'##FORMAT=<ID={name},Number=1,Type={kind},Description="f">\n' for name, kind in FIELDS)
    + '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="a">\n'
)
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t"


@dataclass(frozen=True)
class Line:
    """One record: ``alt`` may name several; ``told`` is the sample's column for ``keys``."""

    position: int
    ref: str
    alt: str
    told: str = "0/1:60:30"
    filter: str = "PASS"
    info: str = "."
    keys: str = "GT:GQ:DP"

    def text(self, chrom: str) -> str:
        fields = (chrom, str(self.position), ".", self.ref, self.alt, ".", self.filter, self.info, self.keys, self.told)
        return "\t".join(fields) + "\n"

    @property
    def end(self) -> int:
        return self.position + len(self.ref) - 1


def segments(gene: str) -> tuple[tuple[int, int], ...]:
    return knowledge().gene_models.of_gene(gene)[0].coding_segments()


def chromosome(gene: str) -> str:
    return knowledge().gene_models.of_gene(gene)[0].chromosome


def gvcf(
    path: Path, gene: str, lines: Sequence[Line] = (), holes: Sequence[int] = (), *, chrom: str = "", head: str = HEAD,
    is_ordered: bool = True, apart: bool = True, block: str = "0/0:60:30",
) -> Path:  # fmt: skip
    """Blocks over the coding bases of ``gene`` but for ``holes`` and, with ``apart``, the bases of ``lines``."""
    chrom = chrom or chromosome(gene)
    left_out = sorted({*holes, *(base for one in lines if apart for base in range(one.position, one.end + 1))})
    made: list[tuple[int, str]] = [(one.position, one.text(chrom)) for one in lines]
    for low, high in segments(gene):
        start = low - MARGIN
        for base in [one for one in left_out if low - MARGIN <= one <= high + MARGIN] + [high + MARGIN + 1]:
            if start <= base - 1:
                record = f"{chrom}\t{start}\t.\tN\t<NON_REF>\t.\t.\tEND={base - 1}\tGT:GQ:DP\t{block}\n"
                made.append((start, record))
            start = base + 1
    return write(path, [row for _, row in (sorted(made) if is_ordered else made[::-1])], chrom, head)


def vcf(path: Path, gene: str, lines: Sequence[Line], *, head: str = HEAD, chrom: str = "") -> Path:
    """The ``lines`` alone: a file of variants."""
    chrom = chrom or chromosome(gene)
    return write(path, [one.text(chrom) for one in lines], chrom, head)


def write(path: Path, rows: Sequence[str], chrom: str, head: str = HEAD, samples: str = "P") -> Path:
    path.write_text(head + f"##contig=<ID={chrom}>\n" + COLUMNS + samples + "\n" + "".join(rows))
    return path


Row = tuple[int, str, str, str, int] | tuple[int, str, str, str, int, str]


def table(folder: Path, gene: str, *rows: Row) -> str:
    """A table of assertions: position, REF, ALT, classification, stars, and the gene where it is named otherwise."""
    file = folder / "assertions.tsv"
    written = ["chrom\tpos\tref\talt\tgene\tclassification\tstars\n"]
    written += [
        "\t".join(map(str, (chromosome(gene), *row[:3], row[5] if len(row) > 5 else gene, *row[3:5]))) + "\n" for row in rows
    ]
    file.write_text("".join(written))
    edition = str(len(list((folder / "tables").glob("*"))) + 1)
    return str(add("clinvar", file, into=folder / "tables", edition=edition, build="GRCh38").path)


def told(genomes: Path | Sequence[Path], known: str, **asked: Any) -> SecondaryReport:
    """The report on an adult woman who opted in."""
    files = [genomes] if isinstance(genomes, Path) else list(genomes)
    record = person_record(knowledge(), EXAMPLE / "record.json", TODAY, "", "germline")
    words = {key: asked.pop(key) for key in ("curation", "policy", "carriers") if key in asked}
    said = Unasked("form 7", tables=[known], **words)
    sample = asked.pop("sample", "P")
    ahead = look_ahead(knowledge(), files, record, TODAY, said, asked.pop("sex", "female"))
    if isinstance(ahead, SecondaryReport):
        return ahead
    quality, shares = asked.pop("quality", None) or Quality(), SharedPass(ahead.windows())
    return report_of(ahead, Genome(files, sample, quality, shares=shares, **asked))


def of(report: SecondaryReport, gene: str) -> GeneLooked:
    return next(one for one in report.genes if one.gene == gene)


def findings(report: SecondaryReport) -> list[tuple[str, str]]:
    return [(one.gene, one.status.value) for one in report.findings]
