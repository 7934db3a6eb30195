"""Genome files and tables of alleles made from a seed: multiallelic records, padded alleles, indels, odd alternatives."""

from __future__ import annotations

import gzip
import random
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

HEAD = "##fileformat=VCFv4.2\n"
GRCH38 = {"chr1": 248956422, "chr2": 242193529, "chrX": 156040895}
GRCH37 = {"chr1": 249250621, "chr2": 243199373, "chrX": 155270560}
CLINVAR_INFO = [
    "ALLELEID",
    "CLNDN",
    "CLNREVSTAT",
    "CLNSIG",
    "CLNSIGCONF",
    "GENEINFO",
    "ONC",
    "ONCREVSTAT",
    "ONCDN",
    "SCI",
    "SCIREVSTAT",
    "SCIDN",
    "CLNDISDB",
]
Change = tuple[str, int, str, str]  # trimmed


def contigs(lengths: dict[str, int], prefix: bool = True) -> str:
    return "".join(f"##contig=<ID={name if prefix else name[3:]},length={size}>\n" for name, size in lengths.items())


def clinvar(rows: list[tuple[Change, str, str]], build: str = "GRCh38", date: str = "2026-11-20") -> str:
    """A VCF of ClinVar: (change, ID, INFO) in rows; contigs without chr, as ClinVar writes them."""
    info = "".join(f'##INFO=<ID={name},Number=.,Type=String,Description="{name}">\n' for name in CLINVAR_INFO)
    head = f"{HEAD}##fileDate={date}\n##source=ClinVar\n##reference={build}\n{info}#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    lines = [f"{chrom[3:]}\t{pos}\t{name}\t{ref}\t{alt}\t.\t.\t{text}\n" for (chrom, pos, ref, alt), name, text in rows]
    return head + "".join(lines)


def genome(
    lines: list[str], lengths: dict[str, int] = GRCH38, samples: tuple[str, ...] = ("S1",), prefix: bool = True
) -> str:
    head = (
        HEAD + contigs(lengths, prefix) + '##INFO=<ID=AC,Number=A,Type=Integer,Description="n">\n'
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">\n'
        '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="depth">\n'
        '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="quality">\n'
        '##FORMAT=<ID=PS,Number=1,Type=Integer,Description="phase set">\n'
        '##FILTER=<ID=q10,Description="low">\n##ALT=<ID=NON_REF,Description="any">\n##ALT=<ID=DEL,Description="gone">\n'
    )  # fmt: skip
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"] + (["FORMAT", *samples] if samples else [])
    return head + "\t".join(columns) + "\n" + "".join(line + "\n" for line in lines)


@dataclass
class Made:
    """A reference, the lines of a genome file on it, every change in it (trimmed), and the changes of a table."""

    reference: dict[str, str]
    lines: list[str] = field(default_factory=list)
    changes: set[Change] = field(default_factory=set)
    table: list[Change] = field(default_factory=list)


def make(seed: int, records: int = 400) -> Made:
    """Left-aligned changes on a random sequence, many sites with several; half of them and others at the same places in the table."""
    chance = random.Random(seed)
    made = Made({name: "".join(chance.choice("ACGT") for _ in range(records * 12 + 200)) for name in GRCH38})
    for name, sequence in made.reference.items():
        at = 20
        while at < len(sequence) - 40 and len(made.lines) < records * (list(made.reference).index(name) + 1) / len(
            made.reference
        ):
            made.lines.append(_site(chance, made, name, sequence, at))
            at += chance.randint(8, 14)
    known = [change for change in sorted(made.changes) if chance.random() < 0.5]
    decoys = {_decoy(chance, made.reference, change) for change in sorted(made.changes) if chance.random() < 0.3}
    made.table = sorted({*known, *(decoys - made.changes)})
    return made


def _site(chance: random.Random, made: Made, name: str, sequence: str, at: int) -> str:
    """A record at 0-based ``at``: one to three alternatives, padded to one REF, sometimes * or <NON_REF> among them."""
    changes = {_change(chance, sequence, at) for _ in range(chance.choice([1, 1, 1, 2, 3]))}
    width = max(len(ref) for ref, _ in changes) + (chance.randint(0, 2) if len(changes) > 1 else 0)
    ref = sequence[at : at + width]
    alts = [alt + sequence[at + len(old) : at + width] for old, alt in sorted(changes)]
    made.changes |= {(name, at + 1, old, alt) for old, alt in changes}
    odd = chance.random()
    alts += ["*"] if odd < 0.1 else ["<NON_REF>"] if odd < 0.2 else ["<DEL>"] if odd < 0.22 else []
    chance.shuffle(alts)
    count = len(alts)
    gt = chance.choice(["0/1", "1/1", "0|1", f"{count}/{count}", f"0/{count}", "./.", ".", "1", "0/0", f"./{count}"])
    text = f"{name}\t{at + 1}\t.\t{ref}\t{','.join(alts)}\t50\t{chance.choice(['PASS', '.', 'q10'])}\tAC={','.join(['1'] * count)}"
    return f"{text}\tGT:DP:GQ:PS\t{gt}:30:50:."


def _change(chance: random.Random, sequence: str, at: int) -> tuple[str, str]:
    """A change at 0-based ``at`` that cannot be moved to the left."""
    ref = sequence[at]
    kind = chance.random()
    if kind < 0.6:
        return ref, chance.choice([base for base in "ACGT" if base != ref])
    length = chance.randint(1, 5)
    if kind < 0.8:
        added = "".join(chance.choice("ACGT") for _ in range(length - 1))
        return ref, ref + added + chance.choice([base for base in "ACGT" if base != ref])
    while sequence[at + length] == ref:
        length += 1
    return sequence[at : at + length + 1], ref


def _decoy(chance: random.Random, reference: dict[str, str], change: Change) -> Change:
    """Another change at the same place."""
    name, position, *_ = change
    return (name, position, *_change(chance, reference[name], position - 1))


def write(folder: Path, made: Made) -> tuple[Path, Path, Path]:
    """The genome file (plain), the table (bgzip, indexed) and the reference, all with chr names for bcftools."""
    plain, table, fasta = folder / "genome.vcf", folder / "table.vcf", folder / "ref.fa"
    plain.write_text(genome(made.lines, {name: len(text) for name, text in made.reference.items()}))
    rows = [(change, str(number), f"CLNSIG=Pathogenic;ALLELEID={number}") for number, change in enumerate(made.table, 1)]
    text = clinvar(rows).replace(
        "##INFO=<ID=ALLELEID", contigs({name: len(text) for name, text in made.reference.items()}) + "##INFO=<ID=ALLELEID"
    )
    table.write_text("".join(line if line.startswith("#") else f"chr{line}" for line in text.splitlines(keepends=True)))
    fasta.write_text("".join(f">{name}\n{text}\n" for name, text in made.reference.items()))
    return plain, table, fasta


def packed(path: Path, how: str) -> Path:
    """``path`` as plain, gz, bgz, crlf or bcf; the library that reads VCF writes bgzip and BCF."""
    text = path.read_text()
    if how == "plain":
        return path
    if how == "crlf":
        out = path.with_name("crlf.vcf")
        out.write_bytes(text.replace("\n", "\r\n").encode())
        return out
    if how == "gz":
        out = path.with_name("one.vcf.gz")
        out.write_bytes(gzip.compress(text.encode()))
        return out
    from cyvcf2 import VCF, Writer

    out = path.with_name("one.bcf" if how == "bcf" else "block.vcf.gz")
    reader = VCF(str(path))
    writer = Writer(str(out), reader, "wb" if how == "bcf" else "wz")
    for variant in reader:
        writer.write_record(variant)
    writer.close()
    return out


def run(*command: object) -> str:
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout
