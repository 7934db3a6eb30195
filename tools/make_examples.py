"""Writes the synthetic example people of ``examples/`` from the knowledge's own positions; ``--check`` only compares.

The people do not exist. Their genotypes are chosen so that the report has something to show.
"""

from __future__ import annotations

import sys
from pathlib import Path

import example_course
import example_prevention
import example_record

from nof1.knowledge.compiled import knowledge
from nof1.knowledge.schema import Gene, Position

ROOT = Path(__file__).parent.parent / "examples"
HEADER = """##fileformat=VCFv4.2
##source=nof1 synthetic example, not a person
##reference=GRCh38
##FILTER=<ID=PASS,Description="All filters passed">
##INFO=<ID=END,Number=1,Type=Integer,Description="End of a reference block">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Read depth">
"""
# person -> position id -> genotype in allele texts; everything else is reference
FULL = {
    "example-1-all-positions": {
        "rs12769205": "A/G", "rs4244285": "G/A", "rs3758581": "G/G",
        "rs4149056": "T/C", "rs2306283": "A/G",
        "rs1800462": "C/C", "rs1142345": "T/C", "rs1800460": "C/T",
        "rs9923231": "C/T", "rs1799853": "C/T", "rs776746": "C/C",
        "rs75017182": "G/C", "rs56038477": "C/T",
        "rs3745274": "G/T", "rs2279343": "A/G", "rs2108622": "C/C", "rs12979860": "C/T", "rs2231142": "G/T",
        "rs887829": "C/T", "rs3064744": "CAT/CATAT",
    },
}  # fmt: skip
VARIANTS_ONLY = {
    "example-2-variants-only": {
        "rs12248560": "C/T", "rs3758581": "G/G", "rs4149056": "C/C", "rs2306283": "G/G",
        "rs116855232": "C/T", "rs776746": "C/C", "rs2231142": "T/T", "rs3918290": "C/T", "rs9923231": "T/T",
    },
}  # fmt: skip
# person -> genes read in full, with the genotypes that are not reference; of ``SPARSE`` genes only these positions
SOME_GENES = {
    "example-3-genome-and-record": {
        "CYP2C19": {"rs12769205": "A/G", "rs4244285": "G/A", "rs3758581": "G/G"},
        "SLCO1B1": {"rs4149056": "T/C", "rs2306283": "A/G"},
        "VKORC1": {"rs9923231": "C/T"},
        "TPMT": {},
        "NUDT15": {},
    },
    "example-4-vancomycin-and-warfarin": {"CYP2C9": {"rs1799853": "C/T"}, "VKORC1": {"rs9923231": "C/T"}},
}  # fmt: skip
SPARSE = {"example-3-genome-and-record": {"DPYD": {"rs1801265": "A/G"}}}
RECORDS = {
    "example-3-genome-and-record": example_record.bundle,
    "example-4-vancomycin-and-warfarin": example_course.bundle,
    "example-5-prevention": example_prevention.bundle,
}
ASKED = {
    "example-3-genome-and-record": "compare: [ssri, antiplatelet]\n",
    "example-4-vancomycin-and-warfarin": "today: 2026-11-22\n",
    "example-5-prevention": "today: 2026-11-26\n",
}
HISTORIES = {"example-4-vancomycin-and-warfarin": example_course.histories}
OUTSIDE = {
    "example-3-genome-and-record": "CYP2D6\t*1/*2\n",
    "example-1-all-positions": "CYP2D6\t*4/*10\nHLA-B\t*57:01/*07:02\nHLA-A\t*02:01/*31:01\nMT-RNR1\tReference\n",
}


def main() -> int:
    wanted: dict[Path, str] = {}
    known = knowledge()
    for name, genotypes in FULL.items():
        wanted[ROOT / name / "genome.vcf"] = _vcf(list(known.genes.values()), name, genotypes, every=True)
    for name, genotypes in VARIANTS_ONLY.items():
        wanted[ROOT / name / "genome.vcf"] = _vcf(list(known.genes.values()), name, genotypes, every=False)
    for name, genes in SOME_GENES.items():
        listed = [gene for symbol, gene in known.genes.items() if symbol in genes]
        genotypes = {place: text for pairs in genes.values() for place, text in pairs.items()}
        rows = _rows(listed, genotypes, every=True)
        for symbol, pairs in SPARSE.get(name, {}).items():
            rows += _rows([known.genes[symbol]], pairs, every=False)
        wanted[ROOT / name / "genome.vcf"] = _text(rows, name)
    preventing = ROOT / "example-5-prevention"
    read = [known.genes[symbol] for symbol in ("CYP2C9", "CYP2C19", "SLCO1B1", "VKORC1")]
    lines = [*_rows(read, {"rs4149056": "T/C"}, every=True), *example_prevention.rows(known.gene_models, _order)]
    wanted[preventing / "genome.vcf"] = _text(lines, preventing.name)
    wanted[preventing / "assertions.tsv"] = example_prevention.ASSERTIONS
    wanted[preventing / "curation.yaml"] = example_prevention.CURATION
    for name, record in RECORDS.items():
        wanted[ROOT / name / "record.json"] = record()
    for name, histories in HISTORIES.items():
        wanted |= {ROOT / name / f"dose-{drug}.json": text for drug, text in histories().items()}
    for name, text in ASKED.items():
        wanted[ROOT / name / "ask.yaml"] = text
    for name, text in OUTSIDE.items():
        wanted[ROOT / name / "outside_calls.tsv"] = "# gene\tdiplotype\tphenotype\tactivity score (synthetic)\n" + text
    different = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    if "--check" in sys.argv:
        print("\n".join(f"{path} is not what this script writes" for path in different) or "examples are up to date")
        return bool(different)
    for path in different:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path])
    return 0


def _vcf(genes: list[Gene], name: str, genotypes: dict[str, str], every: bool) -> str:
    return _text(_rows(genes, genotypes, every), name)


def _rows(genes: list[Gene], genotypes: dict[str, str], every: bool) -> list[tuple[int, int, str]]:
    rows = []
    left = dict(genotypes)
    for gene in genes:
        for row in gene.positions:
            if row.used == "no" or (not every and row.id not in genotypes):
                continue
            is_male_x = gene.file.call.ploidy == "sex_linked"
            rows.append(
                (
                    _order(gene.file.chromosome),
                    row.position,
                    _line(gene.file.chromosome, row, left.pop(row.id, ""), is_male_x),
                )
            )
    assert not left, f"unknown positions {sorted(left)}"
    return rows


def _text(rows: list[tuple[int, int, str]], name: str) -> str:
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" + name
    return HEADER + columns + "\n" + "".join(line for _, _, line in sorted(rows))


def _line(chromosome: str, row: Position, genotype: str, is_haploid: bool) -> str:
    alleles = [row.ref, *row.alts]
    given = genotype.split("/") if genotype else [row.ref] * 2
    numbers = [str(alleles.index(text)) for text in given]
    call = numbers[0] if is_haploid else "/".join(sorted(numbers))
    fields = [
        chromosome,
        str(row.position),
        row.id,
        row.ref,
        ",".join(row.alts),
        ".",
        "PASS",
        ".",
        "GT:GQ:DP",
        f"{call}:99:31",
    ]
    return "\t".join(fields) + "\n"


def _order(chromosome: str) -> int:
    name = chromosome.removeprefix("chr")
    return int(name) if name.isdigit() else 23


if __name__ == "__main__":
    sys.exit(main())
