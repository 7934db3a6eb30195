"""Writes small VCF files the way different tools write them, from the knowledge's own loci."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cyvcf2

from nof1.knowledge.compiled import knowledge
from nof1.knowledge.panel import panel
from nof1.model.genome import CallCode, GenotypeBlock, Locus

KNOWN = knowledge()
PANEL = panel(KNOWN)
LENGTHS = {
    "chr1": 248956422, "chr2": 242193529, "chr4": 190214555, "chr6": 170805979, "chr7": 159345973, "chr8": 145138636,
    "chr10": 133797422, "chr12": 133275309, "chr13": 114364328, "chr16": 90338345, "chr19": 58617616, "chr22": 50818468,
    "chrX": 156040895,
}  # fmt: skip
REFSEQ = {
    "chr1": "NC_000001.11", "chr2": "NC_000002.12", "chr4": "NC_000004.12", "chr6": "NC_000006.12", "chr7": "NC_000007.14",
    "chr8": "NC_000008.11", "chr10": "NC_000010.11", "chr12": "NC_000012.12", "chr13": "NC_000013.11",
    "chr16": "NC_000016.10", "chr19": "NC_000019.10", "chr22": "NC_000022.11", "chrX": "NC_000023.11",
}  # fmt: skip
FIELDS = """\
##FILTER=<ID=PASS,Description="All filters passed">
##FILTER=<ID=LowQual,Description="Low quality">
##FILTER=<ID=LowGQX,Description="Illumina: low genotype quality">
##FILTER=<ID=RefCall,Description="DeepVariant: reference">
##INFO=<ID=END,Number=1,Type=Integer,Description="End">
##INFO=<ID=SVTYPE,Number=1,Type=String,Description="Kind of structural variant">
##INFO=<ID=MinDP,Number=1,Type=Integer,Description="bcftools: lowest depth of the block">
##INFO=<ID=BLOCKAVG_min30p3a,Number=0,Type=Flag,Description="Illumina block">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">
##FORMAT=<ID=RGQ,Number=1,Type=Integer,Description="GATK: reference genotype quality">
##FORMAT=<ID=GQX,Number=1,Type=Integer,Description="Illumina: genotype quality">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=DPF,Number=1,Type=Integer,Description="Illumina: depth filtered out">
##FORMAT=<ID=MIN_DP,Number=1,Type=Integer,Description="Lowest depth of the block">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Allele depths">
##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Likelihoods">
##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phase set">
##FORMAT=<ID=FT,Number=1,Type=String,Description="Sample filter">
"""


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a VCF; ``calls`` holds the FORMAT column's values, one a sample."""

    chromosome: str
    position: int
    ref: str
    alts: tuple[str, ...]
    calls: tuple[str, ...]
    form: str = "GT"
    filter: str = "PASS"
    info: str = "."

    def line(self, names: Mapping[str, str] | None = None) -> str:
        """The line; ``names`` renames contigs."""
        chrom = (names or {}).get(self.chromosome, self.chromosome)
        alts = ",".join(self.alts) or "."
        return "\t".join(
            [chrom, str(self.position), ".", self.ref, alts, ".", self.filter, self.info, self.form, *self.calls]
        )


def gene_loci(gene: str) -> tuple[Locus, ...]:
    """The loci of a gene, as the readers get them."""
    return next(item.loci for item in PANEL.genes if item.gene == gene)


def locus(identifier: str) -> Locus:
    """The locus with this id."""
    return next(item for item in PANEL.loci() if item.id == identifier)


def at(place: Locus, *calls: str, alts: Sequence[str] | None = None, **more: str) -> Record:
    """A record written as the knowledge writes the locus."""
    return Record(place.chromosome, place.position, place.ref, tuple(place.alts if alts is None else alts), calls, **more)


def text(
    records: Iterable[Record],
    samples: Sequence[str] = ("S1",),
    *,
    names: Mapping[str, str] | None = None,
    with_lengths: bool = True,
    extra: str = "",
    newline: str = "\n",
    fields: str = FIELDS,
) -> bytes:
    """A whole VCF."""
    contigs = "".join(f"##contig=<ID={(names or {}).get(name, name)},length={length}>\n" for name, length in LENGTHS.items())
    columns = "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples])
    head = "##fileformat=VCFv4.2\n" + fields + (contigs if with_lengths else "") + extra + columns + "\n"
    body = "".join(record.line(names) + "\n" for record in records)
    return (head + body).replace("\n", newline).encode()


BASES = {
    (place.chromosome, place.position + offset): letter
    for place in PANEL.loci()
    for offset, letter in enumerate(place.span or place.ref)
}


def base(chromosome: str, position: int) -> str:
    """The reference base where the knowledge has it, A elsewhere."""
    return BASES.get((chromosome, position), "A")


def write(path: Path, records: Iterable[Record], samples: Sequence[str] = ("S1",), **how: object) -> Path:
    """A plain VCF at ``path``."""
    path.write_bytes(text(records, samples, **how))  # type: ignore[arg-type]
    return path


def sort(records: Iterable[Record]) -> list[Record]:
    """Records in the order of the genome."""
    order = list(LENGTHS)
    return sorted(records, key=lambda record: (order.index(record.chromosome), record.position))


def gene_records(gene: str, calls: Mapping[str, Sequence[str]] | None = None, people: int = 1) -> list[Record]:
    """Every locus of ``gene`` written out, reference where ``calls`` (by locus id) says nothing else."""
    return [at(place, *(calls or {}).get(place.id, ["0/0"] * people)) for place in gene_loci(gene)]


def filler(chromosome: str, positions: Iterable[int], *calls: str) -> list[Record]:
    """Harmless records elsewhere, as evidence that somebody looked there."""
    return [Record(chromosome, position, "A", ("G",), calls or ("0/1",)) for position in positions]


def with_calls(record: Record, *calls: str, **more: object) -> Record:
    """The same record with other genotypes."""
    return replace(record, calls=calls, **more)  # type: ignore[arg-type]


# compression


EOF_BLOCK = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def bgzf(data: bytes, size: int = 0xFF00, end: bool = True) -> bytes:
    """``data`` as BGZF blocks of at most ``size`` bytes."""
    return b"".join(_block(data[start : start + size]) for start in range(0, len(data), size)) + (EOF_BLOCK if end else b"")


def _block(data: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    body = packer.compress(data) + packer.flush()
    head = struct.pack("<4BI2BH2BHH", 31, 139, 8, 4, 0, 0, 255, 6, 66, 67, 2, len(body) + 25)
    return head + body + struct.pack("<II", zlib.crc32(data), len(data))


def write_as(path: Path, kind: str, data: bytes) -> Path:
    """``data`` (a VCF text) as ``plain``, ``gzip``, ``bgzip``, ``indexed`` or ``bcf``; returns the file."""
    if kind == "plain":
        path = path.with_suffix(".vcf")
        path.write_bytes(data)
    elif kind == "bcf":
        plain = path.with_suffix(".tmp.vcf")
        plain.write_bytes(data)
        path = path.with_suffix(".bcf")
        reader = cyvcf2.VCF(str(plain))
        writer = cyvcf2.Writer(str(path), reader, "wb")
        for variant in reader:
            writer.write_record(variant)
        writer.close()
        reader.close()
        plain.unlink()
    else:
        path = path.with_suffix(".vcf.gz")
        path.write_bytes(gzip.compress(data) if kind == "gzip" else bgzf(data))
        if kind == "indexed":
            Path(f"{path}.tbi").write_bytes(tabix(data))
    return path


def tabix(data: bytes, size: int = 0xFF00) -> bytes:
    """A tabix index of a sorted VCF text that ``bgzf`` wrote with the same ``size``."""
    starts, at_byte = [], 0
    for start in range(0, len(data), size):
        starts.append(at_byte)
        at_byte += len(_block(data[start : start + size]))
    contigs: dict[str, dict[int, list[tuple[int, int]]]] = {}
    linear: dict[str, dict[int, int]] = {}
    offset = 0
    for line in data.split(b"\n"):
        low, offset = offset, offset + len(line) + 1
        if not line or line.startswith(b"#"):
            continue
        fields = line.decode().split("\t")
        begin = int(fields[1]) - 1
        end = begin + len(fields[3])
        end = max([end, *(int(part[4:]) for part in fields[7].split(";") if part.startswith("END="))])
        chunk = (_virtual(low, starts, size, at_byte), _virtual(offset, starts, size, at_byte))
        contigs.setdefault(fields[0], {}).setdefault(_bin(begin, end), []).append(chunk)
        for window in range(begin >> 14, ((end - 1) >> 14) + 1):
            linear.setdefault(fields[0], {}).setdefault(window, chunk[0])
    names = b"".join(name.encode() + b"\0" for name in contigs)
    out = b"TBI\1" + struct.pack("<8i", len(contigs), 2, 1, 2, 0, ord("#"), 0, len(names)) + names
    for name, bins in contigs.items():
        out += struct.pack("<i", len(bins))
        for number, chunks in bins.items():
            out += struct.pack("<Ii", number, len(chunks)) + b"".join(struct.pack("<QQ", *chunk) for chunk in chunks)
        last = max(linear[name])
        offsets, latest = [], min(linear[name].values())
        for window in range(last + 1):
            latest = linear[name].get(window, latest)
            offsets.append(latest)
        out += struct.pack("<i", len(offsets)) + b"".join(struct.pack("<Q", value) for value in offsets)
    return bgzf(out)


def _virtual(offset: int, starts: Sequence[int], size: int, end: int) -> int:
    block, inside = divmod(offset, size)
    return (starts[block] << 16 | inside) if block < len(starts) else end << 16


def _bin(begin: int, end: int) -> int:
    end -= 1
    for shift, first in ((14, 4681), (17, 585), (20, 73), (23, 9), (26, 1)):
        if begin >> shift == end >> shift:
            return first + (begin >> shift)
    return 0


# what came out


def seen(block: GenotypeBlock, identifier: str, row: int = 0) -> str:
    """What a block says at a locus: ``no_call``, ``not_covered``, or the alleles like ``C/T`` (``=`` before a block's)."""
    column = next(number for number, item in enumerate(block.loci) if item.id == identifier)
    code = CallCode(int(block.code[row, column]))
    if code < CallCode.HOM_REF:
        return code.name.lower()
    texts = block.alleles[column]
    shown = [texts[number] if number >= 0 else "." for number in block.genotype[row, column].tolist() if number != -2]
    mark = "|" if block.phased[row, column] else "/"
    return ("=" if code == CallCode.HOM_REF else "") + mark.join(shown)
