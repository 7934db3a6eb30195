"""Alleles of a genome file against a table of a million rows, beside bcftools annotate and vcfanno on the same data.

All find the same alleles (checked), and all are asked for the same three fields. What is compared is whole processes. The
data are made from a seed by ``python bench/annotate.py make FOLDER NAME RECORDS`` in a process of its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from whole_process import Figure, measure

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("NOF1_REFERENCE_DATA", ROOT.parent / "shared" / "data"))
NOF1 = [sys.executable, "-c", "from nof1.cli.main import run; run()"]
ROWS, GENOME = 1_000_000, 5_000_000
FIELDS = ("CLNSIG", "CLNREVSTAT", "CLNDN")
COLUMNS = "germline_written,germline_review,germline_conditions"
BASES = "ACGT"
LENGTHS = (
    248956422, 242193529, 198295559, 190214555, 181538259, 170805979, 159345973, 145138636, 138394717, 133797422, 135086622,
    133275309, 114364328, 107043718, 101991189, 90338345, 83257441, 80373285, 58617616, 64444167, 46709983, 50818468,
)  # fmt: skip
TERMS = (
    "Pathogenic", "Likely_pathogenic", "Uncertain_significance", "Likely_benign", "Benign",
    "Conflicting_classifications_of_pathogenicity",
)  # fmt: skip
REVIEWS = (
    "criteria_provided,_single_submitter", "criteria_provided,_multiple_submitters,_no_conflicts",
    "reviewed_by_expert_panel", "no_assertion_criteria_provided", "criteria_provided,_conflicting_classifications",
)  # fmt: skip
Row = tuple[int, int, str, str]


def base(chromosome: int, position: int) -> str:
    """The base of a made reference."""
    return BASES[((position * 2654435761 + chromosome * 40503) >> 9) & 3]


def changes(count: int, seed: int) -> list[Row]:
    """Changes of that reference in order: nine of ten of one base, the others insertions and deletions of up to eight."""
    rng = np.random.default_rng(seed)
    chromosome, position = rng.integers(1, 23, count), rng.integers(10_000, 46_000_000, count)
    step, kind, length = rng.integers(1, 4, count), rng.random(count), rng.integers(1, 9, count)
    found = set()
    for c, p, s, k, n in zip(*(one.tolist() for one in (chromosome, position, step, kind, length)), strict=True):
        first = base(c, p)
        if k < 0.9:
            found.add((c, p, first, BASES[(BASES.index(first) + s) % 4]))
        elif k < 0.95:
            found.add((c, p, first, first + "".join(base(c, p + s * at) for at in range(1, n + 1))))
        else:
            found.add((c, p, first + "".join(base(c, p + at) for at in range(1, n + 1)), first))
    return sorted(found)


def head(fields: str) -> str:
    contigs = "".join(f"##contig=<ID=chr{number},length={size}>\n" for number, size in enumerate(LENGTHS, 1))
    return f"##fileformat=VCFv4.2\n##fileDate=2026-11-20\n##source=ClinVar\n##reference=GRCh38\n{contigs}{fields}"


def declared(kind: str, names: str) -> str:
    types = {
        "DP": "Integer",
        "GQ": "Integer",
        "AN": "Integer",
        "AC": "Integer",
        "AD": "Integer",
        "PL": "Integer",
        "MQ": "Float",
    }
    numbers = {"AC": "A", "AD": "R", "PL": "G"}
    return "".join(
        f"##{kind}=<ID={name},Number={numbers.get(name, '1' if name in types or name == 'GT' else '.')},"
        f'Type={types.get(name, "String")},Description="{name}">\n'
        for name in names.split()
    )


def genome_lines(rows: list[Row]) -> Iterator[str]:
    rng = np.random.default_rng(9)
    depths, qualities = (rng.integers(low, high, len(rows)).tolist() for low, high in ((10, 60), (20, 100)))
    draws = rng.random(len(rows)).tolist()
    yield head(declared("INFO", "AC AN DP MQ") + declared("FORMAT", "GT AD DP GQ PL"))
    yield "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
    for (c, p, ref, alt), dp, gq, draw in zip(rows, depths, qualities, draws, strict=True):
        person = f"{'0/1' if draw < 0.66 else '1/1'}:{dp // 2},{dp - dp // 2}:{dp}:{gq}:{gq * 9},0,{gq * 8}"
        yield f"chr{c}\t{p}\t.\t{ref}\t{alt}\t{gq * 7}.{dp}\tPASS\tAC=1;AN=2;DP={dp};MQ=60.00\tGT:AD:DP:GQ:PL\t{person}\n"


def table_lines(rows: list[Row]) -> Iterator[str]:
    rng = np.random.default_rng(8)
    terms, reviews = rng.integers(0, len(TERMS), len(rows)).tolist(), rng.integers(0, len(REVIEWS), len(rows)).tolist()
    yield head(declared("INFO", "ALLELEID CLNDN CLNREVSTAT CLNSIG GENEINFO"))
    yield "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    for number, ((c, p, ref, alt), term, review) in enumerate(zip(rows, terms, reviews, strict=True), 100):
        info = f"ALLELEID={number};CLNDN=Condition_{number % 5000};CLNREVSTAT={REVIEWS[review]};CLNSIG={TERMS[term]}"
        yield f"chr{c}\t{p}\t{number}\t{ref}\t{alt}\t.\t.\t{info};GENEINFO=G{number % 3000}:{number % 3000}\n"


def write(path: Path, lines: Iterator[str]) -> None:
    with subprocess.Popen(["bgzip", "-c"], stdin=subprocess.PIPE, stdout=path.open("wb"), text=True) as packer:
        assert packer.stdin
        packer.stdin.writelines(lines)
    subprocess.run(["tabix", "-f", "-p", "vcf", str(path)], check=True)


def make(folder: Path, name: str, records: int) -> None:
    """The genome NAME, and for the first of them the table: a fifth of its rows are alleles of that genome."""
    mine = changes(records, 1)
    write(folder / f"{name}.vcf.gz", genome_lines(_apart(mine) if name == "apart" else mine))
    if name == "apart":  # as most files come
        (folder / f"{name}.vcf.gz.tbi").unlink()
        _score(folder / "score.txt", _apart(mine))
    if name == "one":
        shared = np.random.default_rng(3).choice(len(mine), ROWS // 5, replace=False)
        write(folder / "clinvar.vcf.gz", table_lines(sorted({*changes(ROWS - ROWS // 5, 2), *(mine[at] for at in shared)})))


def _score(path: Path, rows: list[Row]) -> None:
    """A score of a million of the genome's changes of one base."""
    single = [row for row in rows if len(row[2]) == len(row[3]) == 1]
    chosen = np.sort(np.random.default_rng(4).choice(len(single), ROWS, replace=False)).tolist()
    names = "chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight"
    weights = np.random.default_rng(5).normal(0, 0.01, ROWS).tolist()
    with path.open("w") as file:
        file.write(f"#pgs_id=MADE\n#trait_reported=made\n#genome_build=GRCh38\n#weight_type=beta\n{names}\n")
        for at, weight in zip(chosen, weights, strict=True):
            c, p, ref, alt = single[at]
            file.write(f"{c}\t{p}\t{alt}\t{ref}\t{weight:.6f}\n")


def _apart(rows: list[Row]) -> list[Row]:
    """Those away from the positions whose real bases nof1 knows: a made genome contradicts them."""
    from nof1.knowledge.compiled import knowledge
    from nof1.knowledge.panel import panel

    near = {(one.chromosome, one.position + step) for one in panel(knowledge(), "GRCh38").loci() for step in range(-60, 61)}
    return [row for row in rows if (f"chr{row[0]}", row[1]) not in near]


def _make(folder: Path, name: str, count: int) -> None:
    subprocess.run([sys.executable, __file__, "make", str(folder), name, str(count)], check=True)


def rows(folder: Path) -> list[str]:
    """Rows of the table of docs/benchmarks.md."""
    _make(folder, "one", ROWS)
    genome, table = str(folder / "one.vcf.gz"), str(folder / "clinvar.vcf.gz")
    compiled = measure([*NOF1, "knowledge", "add", "clinvar", table, "--into", str(folder)], 1)
    ours = [*NOF1, "annotate", "--with", "clinvar", "--tables", str(folder), "--columns", COLUMNS]
    theirs = ["bcftools", "annotate", "-a", table, "-c", ",".join(f"INFO/{name}" for name in FIELDS), "--threads", "2"]
    joined = measure([*ours, genome, "--out", str(folder / "out.tsv")])
    binary = measure([*theirs, "-Ob", "-o", str(folder / "theirs.bcf"), genome])
    count = _same(folder)
    written = measure([*ours, genome, "--vcf", str(folder / "out.vcf.gz")])
    text = measure([*theirs, "-Oz", "-o", str(folder / "theirs.vcf.gz"), genome])
    person = measure([*ours, genome, "--sample", "S1", "--out", str(folder / "out.tsv")])
    rate = ROWS / joined.seconds
    lines = [
        f"| a table of {ROWS:,} assertions compiled once | {compiled.text()} | | | |",
        f"| {ROWS:,} variants of one sample (bgzip) against it, {count:,} found, three fields as a table, "
        f"{rate:,.0f} variants/s | {joined.text()} | `bcftools annotate --threads 2 -Ob`, the same found: {binary.text()} "
        f"| {joined.seconds / binary.seconds:.3f} | <= 0.1, >= 1,000,000/s |",
        *_vcfanno(folder, genome, table, joined),
        f"| the same with genotype, zygosity, phase, quality, depth of the sample | {person.text()} | | | |",
        f"| the same as an annotated VCF (bgzip) | {written.text()} | `bcftools annotate --threads 2 -Oz`: {text.text()} "
        f"| {written.seconds / text.seconds:.2f} | <= 0.5 |",
    ]
    _make(folder, "genome", GENOME)
    genome = str(folder / "genome.vcf.gz")
    whole = measure([*ours, genome, "--out", str(folder / "out.tsv")], 3)
    peer = measure([*theirs, "-Ob", "-o", str(folder / "theirs.bcf"), genome], 3)
    lines.append(
        f"| a whole genome of {GENOME:,} variants against the same table | {whole.text()} | `bcftools annotate --threads 2 "
        f"-Ob`: {peer.text()} | {whole.seconds / peer.seconds:.3f} | <= 0.1, <= 20 s, <= 500 MB |"
    )
    return [*lines, *_already_running(folder), *_assessed(folder), *_real_people(folder)]


def _same(folder: Path) -> int:
    """How many alleles both found; ends where they differ."""
    ours = {tuple(line.split("\t")[:4]) for line in (folder / "out.tsv").read_text().splitlines()[1:]}
    query = ["bcftools", "query", "-i", 'CLNSIG!="."', "-f", "%CHROM\t%POS\t%REF\t%ALT\n", str(folder / "theirs.bcf")]
    text = subprocess.run(query, check=True, capture_output=True, text=True).stdout
    theirs = {tuple(line.split("\t")) for line in text.splitlines()}
    if ours != theirs:
        sys.exit(f"nof1 and bcftools find different alleles: {len(ours)}, {len(theirs)}, both {len(ours & theirs)}")
    return len(ours)


def _vcfanno(folder: Path, genome: str, table: str, joined: Figure) -> list[str]:
    if shutil.which("vcfanno") is None:
        return []
    fields = ", ".join(f'"{name}"' for name in FIELDS)
    config = folder / "vcfanno.toml"
    config.write_text(f'[[annotation]]\nfile="{table}"\nfields=[{fields}]\nops=["self","self","self"]\nnames=[{fields}]\n')
    peer = measure(["vcfanno", "-p", "2", str(config), genome], 3)
    return [f"| the same | {joined.text()} | `vcfanno -p 2`: {peer.text()} | {joined.seconds / peer.seconds:.3f} | <= 0.1 |"]


def _already_running(folder: Path) -> list[str]:
    """The join in a process that has started before, as a service has."""
    code = (
        "import sys, time; from pathlib import Path; from nof1.jobs.annotate import Output, annotate\n"
        "genome, tables, out = map(Path, sys.argv[1:4])\n"
        "for _ in range(6):\n"
        "    begun = time.perf_counter()\n"
        "    annotate([genome], ['clinvar'], Output(out=out), columns=sys.argv[4].split(','), tables=tables)\n"
        "    print(time.perf_counter() - begun)\n"
    )
    given = [str(folder / "one.vcf.gz"), str(folder), str(folder / "out.tsv"), COLUMNS]
    said = subprocess.run([sys.executable, "-c", code, *given], check=True, capture_output=True, text=True).stdout
    times = sorted(map(float, said.split()[1:]))
    middle = times[len(times) // 2]
    return [
        f"| {ROWS:,} variants joined in a process that runs already, {ROWS / middle:,.0f} variants/s | "
        f"{middle:.2f} s ({times[0]:.2f}-{times[-1]:.2f}) | | | |"
    ]


def _assessed(folder: Path) -> list[str]:
    """A whole genome from file to page: drugs, and all alleles in the genes of secondary findings looked up."""
    tables = folder / "data" / "nof1" / "tables"
    measure([*NOF1, "knowledge", "add", "clinvar", str(folder / "clinvar.vcf.gz"), "--into", str(tables)], 1)
    command = [
        "env",
        f"XDG_DATA_HOME={folder / 'data'}",
        *NOF1,
        "assess",
        str(folder / "apart.vcf.gz"),
        "--out",
        str(folder),
    ]
    _make(folder, "apart", GENOME)
    figure = measure([*command, "--secondary-findings", "Consent/1", "--quiet"], 3)
    scores = ["--scores", str(folder / "score.txt"), "--adult"]
    scored = measure([*command, "--secondary-findings", "Consent/1", *scores, "--quiet"], 3)
    return [
        f"| that genome assessed, without an index: drugs, secondary findings, page ({GENOME:,} variants) | {figure.text()} "
        "| | | <= 20 s, <= 500 MB |",
        f"| the same with a polygenic score of {ROWS:,} rows | {scored.text()} | | | <= 20 s, <= 500 MB |",
    ]


def _real_people(folder: Path) -> list[str]:
    """Three real people against the assertions of the reference data (a made table would have other REF bases)."""
    files = [str(path) for path in sorted((DATA / "pgx" / "getrm_wgs").glob("*.vcf.bgz"))]
    if not files:
        return []
    table = str(DATA / "variants" / "clinvar_2star_grch38.tsv")
    real = str(folder / "real")
    measure([*NOF1, "knowledge", "add", "clinvar", table, "--edition", "2024-06-01", "--into", real], 1)
    lines = []
    here = ["env", f"XDG_DATA_HOME={folder / 'people'}", *NOF1]
    add = [*here, "knowledge", "add", "clinvar", table, "--edition", "2024-06-01"]
    measure(add, 1)
    for name in ("NA18526", "NA18565", "NA18861"):
        command = [*NOF1, "annotate", "--with", "clinvar", "--tables", real, *files, "--sample", name]
        figure = measure([*command, "--out", str(folder / "out.tsv")], 3)
        whole = [*here, "assess", *files, "--sample", name, "--secondary-findings", "Consent/1", "--out", str(folder / name)]
        assessed = measure([*whole, "--quiet"], 3)
        lines += [
            f"| {name}, {len(files)} files of three people (GeT-RM), carried alleles | {figure.text()} | | | <= 2 s |",
            f"| {name}, the same files assessed: drugs, secondary findings, page | {assessed.text()} | | | <= 2 s |",
        ]
    return lines


if __name__ == "__main__":
    if sys.argv[1:2] == ["make"]:
        make(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
    else:
        with tempfile.TemporaryDirectory() as place:
            print("\n".join(rows(Path(place))))
