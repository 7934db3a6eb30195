"""Small valid files of every format, made in code: what the fuzzing starts from."""

from __future__ import annotations

import gzip
import io
import json
import sys
import tempfile
import zipfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from genomics import array_files, vcf_text  # noqa: E402
from genomics import test_outside_formats as tools  # noqa: E402
from genomics.vcf_text import Record, at  # noqa: E402
from nof1.knowledge.edition import SHIPPED  # noqa: E402
from nof1.model.genome import Locus  # noqa: E402
from nof1.model.panel import Panel, PanelGene  # noqa: E402

GENES = ("CYP3A5", "UGT1A1")  # small genes that hold single bases, an insertion and a repeat
SEX_LINKED = "G6PD"
FORM = "GT:GQ:DP:AD:PS:FT"
AROUND = 9  # bases from a gene at which somebody looked


def narrowed(panel: Panel) -> Panel:
    """The panel of the fuzzing: two whole genes, and four loci of one on the X chromosome."""
    genes = [gene for gene in panel.genes if gene.gene in GENES]
    linked = next(gene for gene in panel.genes if gene.gene == SEX_LINKED)
    genes.append(PanelGene(linked.gene, linked.chromosome, linked.loci[-4:], linked.ploidy))
    return Panel(panel.build, tuple(genes))


PANEL, PANEL_37 = narrowed(array_files.P38), narrowed(array_files.P37)
LENGTHS_37 = {"chr2": 243199373, "chr7": 159138663, "chrX": 155270560}


def _edges(panel: Panel, people: int) -> list[Record]:
    """Records before and after each gene, as evidence that the file looks there."""
    found = []
    for gene in panel.genes:
        for position in (gene.loci[0].position - AROUND, max(locus.end for locus in gene.loci) + AROUND):
            found.append(Record(gene.chromosome, position, "A", ("G",), ("0/1:60:30:15,15:.:PASS",) * people, FORM))
    return found


def _calls(locus: Locus, number: int, people: int) -> tuple[str, ...]:
    depths = ",".join(["15"] * (1 + len(locus.alts)))
    genotypes = ("0/0", "0/1", "1|1", "0|1", "./.", "1/1")
    lone = ("0", "1", "0/1", "0/0")
    pick = lone if locus.chromosome == "chrX" else genotypes
    return tuple(f"{pick[(number + person) % len(pick)]}:60:30:{depths}:{7 * person}:PASS" for person in range(people))


def _records(panel: Panel, people: int = 1, step: int = 1) -> list[Record]:
    loci = list(panel.loci())[::step]
    return [at(locus, *_calls(locus, number, people), form=FORM) for number, locus in enumerate(loci)]


def _blocks() -> list[Record]:
    found = []
    for gene in PANEL.genes:
        for locus in gene.loci:
            where, start = gene.chromosome, locus.position - 5
            info = f"END={locus.position + len(locus.ref) + 5}"
            catch = "<NON_REF>" if gene.gene == GENES[0] else "<*>"
            found.append(
                Record(where, start, vcf_text.base(where, start), (catch,), ("0/0:50:30",), "GT:GQ:MIN_DP", info=info)
            )
    return found


def _indirect() -> list[Record]:
    one, two, *_ = PANEL.genes
    first, last = one.loci[0], two.loci[0]
    lone = Record(first.chromosome, first.position - 1, vcf_text.base(first.chromosome, first.position - 1) + first.ref,
                  (vcf_text.base(first.chromosome, first.position - 1), "*"), ("0/1",))  # fmt: skip
    gone = Record(last.chromosome, last.position - 20, "A", ("<DEL>",), ("0/1",), info="SVTYPE=DEL;SVLEN=-400;END=234760267")
    return [lone, gone]


def _split(people: int) -> list[Record]:
    """A record for each alternative, by itself."""
    return [at(locus, *("0/0:60:30:30,0:.:PASS",) * people, alts=[alt], form=FORM)
            for locus in PANEL.loci() for alt in locus.alts]  # fmt: skip


@cache
def vcf() -> tuple[bytes, ...]:
    """VCF texts: one person and two, split sites, indirect records, GRCh37, other contig names, blocks."""
    edges = _edges(PANEL, 1)
    lengths, vcf_text.LENGTHS = vcf_text.LENGTHS, LENGTHS_37
    on_37 = vcf_text.text(vcf_text.sort([*_records(PANEL_37), *_edges(PANEL_37, 1)]))
    vcf_text.LENGTHS = lengths
    order = vcf_text.sort
    return (
        vcf_text.text(order([*_records(PANEL), *edges])),
        vcf_text.text(order([*_records(PANEL, 2), *_edges(PANEL, 2)]), ("S1", "S2"), names=vcf_text.REFSEQ),
        vcf_text.text(order([*_split(1), *edges])),
        vcf_text.text(order([*_records(PANEL, 1, 2), *_indirect(), *edges]), with_lengths=False, newline="\r\n"),
        vcf_text.text(order([*_blocks(), *_records(PANEL, 1, 3)])),
        vcf_text.text(order([*_records(PANEL, 1, 2), *edges]), names={"chr2": "2", "chr7": "7", "chrX": "X"}),
        on_37,
        vcf_text.text(order(edges)),
    )


@cache
def spoken_for() -> bytes:
    """A VCF that says nothing at any locus: whatever is reference with it was declared."""
    return vcf_text.text(vcf_text.sort(_edges(PANEL, 1)))


def packed(how: str) -> tuple[bytes, ...]:
    """The VCF texts as ``gzip``, ``bgzip`` or ``bcf``."""
    texts = [
        text for text in vcf() if how != "bcf" or (b"length=" in text and b"END=" not in text)
    ]  # BCF needs a whole header
    with tempfile.TemporaryDirectory() as folder:
        return tuple(vcf_text.write_as(Path(folder, "a"), how, text).read_bytes() for text in texts)


@cache
def array() -> tuple[bytes, ...]:
    """Raw data in every style, with each kind of letter, and of the reverse strand."""
    found = []
    loci = [locus for locus in PANEL.loci() if locus.id in array_files.AT_37]
    for number, style in enumerate(array_files.HEADS):
        rows = []
        for place, locus in enumerate(loci):
            pair = [locus.ref[:1] * 2, (locus.ref + locus.alts[0])[:2], locus.alts[0][:1] * 2, "--"]
            letters = pair[(number + place) % 4] if locus.is_snv else ("II", "DD", "DI", "--")[(number + place) % 4]
            turned = letters.translate(array_files.COMPLEMENT) if style == "plain, commas" else letters
            rows.append(array_files.row(locus, turned))
        found.append(_written(lambda path, rows=rows, style=style: array_files.write(path, rows, style)))
    return tuple(found)


def _written(write: object) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.txt")
        write(path)  # type: ignore[operator]
        return path.read_bytes()


@cache
def bed() -> tuple[bytes, ...]:
    """Regions over every locus, over half of them, and in the looser ways to write them."""
    spans = [(locus.chromosome, locus.position - 3, locus.end + 3) for locus in PANEL.loci()]
    lines = ["\t".join(map(str, span)) for span in spans]
    return (
        ("\n".join(lines) + "\n").encode(),
        ("track name=x\n#c\nbrowser hide\n" + "\n".join(line + "\tname\t0\t+" for line in lines[::2])).encode(),
        "\r\n".join(line.replace("\t", " ").replace("chr", "") for line in lines[1::2]).encode(),
    )


@cache
def assay() -> tuple[bytes, ...]:
    """Declarations by id, by place, and by both."""
    loci = list(PANEL.loci())
    head = "# laboratory: Example\n# build: GRCh38\n# method: panel\n"
    ids = head + "id\n" + "\n".join(locus.id for locus in loci[::2]) + "\n"
    rows = [f"{locus.id}\t{locus.chromosome[3:]}\t{locus.position}\t\t{locus.ref}\t{','.join(locus.alts)}" for locus in loci]
    both = head + "id\tchromosome\tposition\tend\tref\talts\n" + "\n".join(rows) + "\n"
    places = head + "chromosome\tposition\tend\n"
    places += "\n".join(f"{locus.chromosome}\t{locus.position}\t{locus.end}" for locus in loci[1::2]) + "\n"
    return ids.encode(), both.encode(), places.encode()


@cache
def outside() -> tuple[bytes, ...]:
    """A file of every tool, and tables written by hand."""
    cyrius = {"NA1": {"Genotype": "*1/*4", "Filter": "PASS", "CNV_group": "cn2", "Total_CN": 2}}
    table = "sample\tgene\tdiplotype\tphenotype\tactivity_score\nS1\tCYP2C19\t*1/*2\t\t\nS1\tCYP2D6\t*1x2/*36+*10\t\t1.0\n"
    plain = "CYP2C19\t*1/*17\nCYP2D6\t\tPoor Metabolizer\t0.0\nHLA-B\t*57:01/*58:01\nUGT1A1\t.\n"
    texts = [
        tools.CYRIUS, json.dumps(cyrius), tools.STELLAR.format(result="*17/*29\n(Duplication present)"), tools.ALDY,
        json.dumps(tools.STARPHASE), tools.STARPHASE_TABLE, tools.PYPGX, tools.OPTITYPE, tools.HLA_HD, tools.PHLAT,
        tools.SPECHLA, tools.T1K, tools.KOURAMI, tools.ARCAS, tools.XHLA, tools.SUMMARY, table, plain,
    ]  # fmt: skip
    meta = "Gene=CYP2D6\nAssembly=GRCh38\nSemanticType=SampleTable[Results]\n"
    return (*(text.encode() for text in texts), tools.archive(data_tsv=tools.PYPGX, metadata_txt=meta))


def zipped(data: bytes, how: int = zipfile.ZIP_DEFLATED, name: str = "raw.txt") -> bytes:
    """``data`` as the only file of an archive."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", how) as opened:
        opened.writestr(name, data)
    return held.getvalue()


def array_packed() -> tuple[bytes, ...]:
    """Raw data in gzip and in an archive."""
    ways = (zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_STORED)
    return (
        *(zipped(text, how) for text, how in zip(array(), ways, strict=False)),
        *(gzip.compress(text) for text in array()[3:6]),
    )


def index() -> tuple[bytes, ...]:
    """Tabix indexes of some VCF texts, unpacked."""
    return tuple(gzip.decompress(vcf_text.tabix(text)) for text in vcf()[:3])


def knowledge(file: str) -> tuple[bytes, ...]:
    """One shipped knowledge file."""
    return ((SHIPPED / file).read_bytes(),)


def samples() -> tuple[bytes, ...]:
    """Lists of sample names."""
    return b"S1\nS2\n", b"\xef\xbb\xbfS2\r\n\r\nS1\r\n"
