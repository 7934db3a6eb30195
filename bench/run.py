"""Measures speed and memory beside a peer or floor in the same run and prints the table of docs/benchmarks.md.

``python bench/run.py [--write] [NAME...]`` with names start, one_person, unindexed, panel, certain, array, scale, record,
people, server, server_peers, risk, scores. Needs bcftools, bgzip and tabix on the PATH for the peers, and the reference data
(NOF1_REFERENCE_DATA or ../shared/data) for all but start, unindexed and array.
"""

from __future__ import annotations

import gzip
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import annotate
import inr_trial
import scores
import server
import server_peers
from whole_process import Figure, measure

import response
import risk

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("NOF1_REFERENCE_DATA", ROOT.parent / "shared" / "data"))
NOF1 = str(Path(sys.executable).parent / "nof1")

EXAMPLE = ROOT / "examples" / "example-1-all-positions"
_BUSY = 0.5  # load above which a measurement says that other work ran beside it
SYNTHEA = DATA / "fhir" / "synthea"


def start(folder: Path) -> list[str]:
    """A small genome: what is left is starting, reading the knowledge and writing the page."""
    calls = ["--outside-calls", str(EXAMPLE / "outside_calls.tsv")]
    ours = measure([NOF1, "assess", str(EXAMPLE / "genome.vcf"), *calls, "--quiet", "--out", str(folder / "report")], 9)
    floor = measure([sys.executable, "-c", "import numpy, cyvcf2, msgspec, click, dataclasses, re, pathlib"], 9)
    return [
        f"| one person, one small VCF with outside calls, HTML and JSON, whole process | {ours.text()} | "
        f"Python importing what it is built on: {floor.text()} | {ours.seconds / floor.seconds:.2f} | |"
    ]


def _records(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, str(Path(__file__).parent / "records.py"), *arguments]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def _ms(figures: list[float]) -> str:
    return "{:.1f} ms ({:.1f}-{:.1f})".format(*figures)


def record(folder: Path) -> list[str]:
    """One person in a warm process; genes are called in the same run and taken off."""
    del folder
    told = _records("one", str(SYNTHEA), str(EXAMPLE / "genome.vcf"), str(EXAMPLE / "outside_calls.tsv"))
    beyond = [whole - told["genes"][0] for whole in told["both"]]
    what = f"{told['resources']} resources, {told['drugs']} drugs"
    return [
        f"| one person, {what}: file to assessment beyond the genome ({_ms(told['genes'])}), warm | {_ms(beyond)} | "
        f"msgspec decoding the record: {_ms(told['decode'])} | {beyond[0] / told['decode'][0]:.1f} | <= 50 ms |",
        f"| the same person: what if a drug were another; if eGFR were 25 | {_ms(told['swap'])}; {_ms(told['egfr'])} | "
        f"the whole assessment anew: {_ms(told['both'])} | {told['egfr'][0] / told['both'][0]:.2f} | <= 10 ms |",
    ]


def people(folder: Path) -> list[str]:
    """Records one after the other in one process, single-threaded; making the files is not counted."""
    del folder
    told = _records("many", str(SYNTHEA), "10000")
    each = f"{told['resources'] / told['people']:.0f} resources and {told['bytes'] / told['people'] / 1e6:.2f} MB each"
    rate = told["people"] / told["seconds"]
    memory = ", ".join(f"{value:.0f}" for value in told["memory"])
    return [
        f"| {told['people']:,} people with records ({each}) and calls of 9 genes, one process | {told['seconds']:.0f} s, "
        f"{rate:.0f} people/s, {told['resources'] / told['seconds']:,.0f} resources/s, {told['peak']:.0f} MB | "
        f"msgspec decoding them: {told['decode']:.0f} s | {told['seconds'] / told['decode']:.1f} | >= 200 people/s |",
        f"| memory after each tenth of them | {memory} MB | | | flat |",
    ]


READ_POSITIONS = """
import sys
from cyvcf2 import VCF
regions, *files = sys.argv[1:]
wanted = [line.split() for line in open(regions)]
for path in files:
    vcf = VCF(path)
    names = set(vcf.seqnames)
    for contig, start, end in wanted:
        if contig in names:
            for variant in vcf(f"{contig}:{start}-{end}"):
                variant.genotype.array()
"""


def regions(folder: Path, gap: int, genes: set[str] | None = None) -> Path:
    """The panel's positions as regions, neighbours within ``gap`` joined: what a reader alone has to fetch."""
    from nof1.genomics.text import Window
    from nof1.genomics.vcf import merge_windows
    from nof1.knowledge.compiled import knowledge
    from nof1.knowledge.panel import panel

    loci = [locus for gene in panel(knowledge()).genes if genes is None or gene.gene in genes for locus in gene.loci]
    windows = merge_windows([Window(locus.chromosome, locus.position, locus.end) for locus in loci], gap)
    path = folder / f"regions-{gap}.txt"
    path.write_text("".join(f"{w.chromosome} {w.start} {w.end}\n" for w in windows))
    return path


def one_person(folder: Path) -> list[str]:
    files = []
    for path in sorted((DATA / "pgx" / "getrm_wgs").glob("*.vcf.bgz")):
        shutil.copy(path, folder)
        files.append(str(folder / path.name))
        subprocess.run(["tabix", "-f", "-p", "vcf", files[-1]], check=True)
    out = folder / "report"
    ours = measure([NOF1, "assess", *files, "--sample", "NA18526", "--out", str(out)])
    floor = measure([sys.executable, "-c", READ_POSITIONS, str(regions(folder, 0)), *files])
    size = sum(path.stat().st_size for path in out.iterdir()) / 1e6
    return [
        f"| one person, {len(files)} indexed files, all genes, HTML and JSON ({size:.1f} MB) | {ours.text()} | "
        f"cyvcf2 reading the positions: {floor.text()} | {ours.seconds / floor.seconds:.2f} | <= 0.8 s, <= 160 MB |"
    ]


def make_large(path: Path, records: int = 1_050_000) -> None:
    """A synthetic genome with GT:AD:DP:GQ:PL; at the panel's positions the reference base is right."""
    from nof1.genomics.contigs import _LENGTHS
    from nof1.knowledge.compiled import knowledge
    from nof1.knowledge.panel import panel

    chance = random.Random(1)
    known: dict[str, dict[int, str]] = {}
    for locus in panel(knowledge()).loci():
        for offset, base in enumerate(locus.span or locus.ref):
            known.setdefault(locus.chromosome, {})[locus.position + offset] = base
    lengths = _LENGTHS["GRCh38"]
    total = sum(lengths.values())
    with subprocess.Popen(["bgzip", "-c"], stdin=subprocess.PIPE, stdout=path.open("wb")) as packer:
        assert packer.stdin
        put = packer.stdin.write
        put(b'##fileformat=VCFv4.2\n##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">\n')
        for name, number in (("GT", "1"), ("AD", "R"), ("DP", "1"), ("GQ", "1"), ("PL", "G")):
            kind = "String" if name == "GT" else "Integer"
            put(f'##FORMAT=<ID={name},Number={number},Type={kind},Description="{name}">\n'.encode())
        put("".join(f"##contig=<ID={name},length={size}>\n" for name, size in lengths.items()).encode())
        put(b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tSYNTHETIC\n")
        for name, size in lengths.items():
            for position in sorted(chance.sample(range(10_000, size), records * size // total)):
                ref = known.get(name, {}).get(position) or chance.choice("ACGT")
                alt = chance.choice([base for base in "ACGT" if base != ref])
                depth = chance.randint(12, 50)
                fields = (
                    f"0/1:{depth // 2},{depth - depth // 2}:{depth}:{chance.randint(20, 99)}:{chance.randint(99, 999)},0,456"
                )
                put(f"{name}\t{position}\t.\t{ref}\t{alt}\t99.12\tPASS\tDP={depth}\tGT:AD:DP:GQ:PL\t{fields}\n".encode())


def unindexed(folder: Path) -> list[str]:
    path = folder / "large.vcf.gz"
    make_large(path)
    out = folder / "large.tsv"
    ours = measure([NOF1, "pgx", str(path), "--out", str(out)], 3)
    peer = measure(["bcftools", "view", "-H", str(path)], 3)
    with gzip.open(path) as lines:
        count = sum(not line.startswith(b"#") for line in lines)
    return [
        f"| one person, {count:,} records with GT:AD:DP:GQ:PL, no index, whole `nof1 pgx` | {ours.text()} | "
        f"`bcftools view -H`: {peer.text()} | {ours.seconds / peer.seconds:.2f} | <= 2x |"
    ]


def panel_files() -> list[Path]:
    from nof1.knowledge.compiled import knowledge

    folder = DATA / "pgx" / "kgp_3202_grch38"
    return [folder / f"{gene}.vcf.gz" for gene in knowledge().genes if (folder / f"{gene}.vcf.gz").exists()]


def panel(folder: Path) -> list[str]:
    files = [str(path) for path in panel_files()]
    out = folder / "calls.tsv"
    ours = measure([NOF1, "pgx", *files, "--absent", "reference", "--out", str(out)], 3)
    floor = measure([sys.executable, "-c", READ_POSITIONS, str(regions(folder, 50)), *files], 3)
    with out.open() as lines:
        rows = sum(1 for _ in lines) - 1
    return [
        f"| 3,202 people, {len(files)} genes, files to table ({rows:,} rows), whole process | {ours.text()} | "
        f"cyvcf2 reading the positions: {floor.text()} | {ours.seconds / floor.seconds:.2f} | <= 7 s, <= 500 MB |"
    ]


def certain(folder: Path) -> list[str]:
    """The panel by both methods in turn, so that what the machine does meanwhile hits both."""
    files = [str(path) for path in panel_files()]
    lines = []
    for absent in ("unknown", "reference"):
        command = [NOF1, "pgx", *files, "--absent", absent, "--out", str(folder / "calls.tsv"), "--method"]
        pairs = [(measure([*command, "certain"], 1), measure([*command, "named-allele"], 1)) for _ in range(5)]
        ours, other = (_together([pair[which] for pair in pairs]) for which in (0, 1))
        lines.append(
            f"| 3,202 people, {len(files)} genes, absent is {absent}, method `certain`, table included | {ours.text()} | "
            f"method `named-allele`: {other.text()} | {ours.seconds / other.seconds:.2f} | <= 1.4x, <= 450 MB |"
        )
    return lines


def _together(figures: list[Figure]) -> Figure:
    seconds = [figure.seconds for figure in figures]
    return Figure(statistics.median(seconds), min(seconds), max(seconds), max(figure.peak_mb for figure in figures))


def make_array(path: Path, rows: int = 700_000) -> None:
    """Raw data of an array on GRCh37: the positions the knowledge asks for, as reference, among others."""
    from nof1.knowledge.compiled import knowledge
    from nof1.knowledge.panel import panel as panel_of

    wanted = [locus for locus in panel_of(knowledge(), "GRCh37").loci() if locus.is_snv and locus.id.startswith("rs")]
    rng = random.Random(1)
    lines = [f"{locus.id}\t{locus.chromosome[3:]}\t{locus.position}\t{locus.ref * 2}" for locus in wanted]
    while len(lines) < rows:
        chromosome, position = rng.randint(1, 22), rng.randint(10_000, 60_000_000)
        lines.append(f"rs9{len(lines):08d}\t{chromosome}\t{position}\t{rng.choice('ACGT')}{rng.choice('ACGT')}")
    rng.shuffle(lines)
    head = (
        "# This data file generated by 23andMe at: Mon Jan 06 10:00:00 2025\n"
        "# genotype call oriented with respect to the plus strand on the human reference sequence.\n"
        "# We are using reference human assembly build 37\n# rsid\tchromosome\tposition\tgenotype\n"
    )
    path.write_text(head + "\n".join(lines) + "\n")


def array(folder: Path) -> list[str]:
    path = folder / "array.txt"
    subprocess.run(  # in a process of its own: what this one holds would count as its children's memory
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); from pathlib import Path; "
         f"import run; run.make_array(Path({str(path)!r}))"], check=True,
    )  # fmt: skip
    ours = measure([NOF1, "assess", str(path), "--quiet", "--out", str(folder / "report")])
    floor = measure([sys.executable, "-c", f"open({str(path)!r}, 'rb').read().splitlines()"])
    return [
        f"| consumer array, 700,000 lines, `nof1 assess`, HTML and JSON, whole process | {ours.text()} | "
        f"Python splitting the lines: {floor.text()} | {ours.seconds / floor.seconds:.2f} | <= 1.5 s |"
    ]


def scale(folder: Path) -> list[str]:
    """The panel's records for some genes, its columns repeated up to 100,000 people."""
    genes = [path for path in panel_files() if path.name.split(".")[0] in ("CYP2C19", "SLCO1B1", "TPMT", "CYP4F2")]
    wanted = regions(folder, 0, {path.name.split(".")[0] for path in genes}).read_text().split("\n")[:-1]
    spots = ",".join("{}:{}-{}".format(*line.split()) for line in wanted)
    rows = []
    figures = []
    for people in (100, 1_000, 10_000, 100_000):
        files = [str(_repeated(path, folder, people, spots)) for path in genes]
        names = ",".join(path.name.split(".")[0] for path in genes)
        out = folder / "scale.tsv"
        figure = measure([NOF1, "pgx", *files, "--genes", names, "--out", str(out)], 1 if people == 100_000 else 3)
        figures.append((people, figure))
        rows.append(
            f"| {people:,} people, {len(genes)} genes (panel columns repeated) | {figure.text()} | | | flat, linear |"
        )
    (few, small), (many, large) = figures[1], figures[-1]
    slope = (large.seconds - small.seconds) / (many - few) * 1e6
    memory = (large.peak_mb - small.peak_mb) / (many - few) * 1e6 / 1024
    rows.append(f"| from {few:,} to {many:,} people | {slope:.0f} us, {memory:.2f} kB a person | | | |")
    return rows


def _repeated(path: Path, folder: Path, people: int, spots: str) -> Path:
    out = folder / f"{people}-{path.name}"
    text = subprocess.run(["bcftools", "view", "-r", spots, str(path)], check=True, capture_output=True, text=True).stdout
    with subprocess.Popen(["bgzip", "-c"], stdin=subprocess.PIPE, stdout=out.open("wb"), text=True) as packer:
        assert packer.stdin
        for line in text.splitlines():
            if line.startswith("##"):
                packer.stdin.write(line + "\n")
                continue
            fields = line.split("\t")
            samples = fields[9:]
            repeats = -(-people // len(samples))
            columns = (samples * repeats)[:people]
            if line.startswith("#CHROM"):
                columns = [f"P{number}" for number in range(people)]
            else:
                fields[7] = "."
            packer.stdin.write("\t".join([*fields[:9], *columns]) + "\n")
    subprocess.run(["tabix", "-f", "-p", "vcf", str(out)], check=True)
    return out


def polygenic(folder: Path) -> list[str]:
    """A biobank's scores beside PLINK 2."""
    return scores.rows(folder, NOF1, measure)


BENCHES = {
    "start": start,
    "one_person": one_person,
    "unindexed": unindexed,
    "panel": panel,
    "certain": certain,
    "array": array,
    "scale": scale,
    "record": record,
    "people": people,
    "server": server.rows,
    "server_peers": server_peers.rows,
    "response": response.rows,
    "inr_trial": inr_trial.rows,
    "risk": risk.rows,
    "scores": polygenic,
    "annotate": annotate.rows,
}


def machine(load: float) -> str:
    """The machine and the day; that other work ran beside the measurement, where it did as that began."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in lines if "model name" in line), platform.machine())
    made = f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}"
    return made if load < _BUSY else f"{made}, while other work ran (load {load:.1f} as it began)"


def main() -> None:
    chosen = [name for name in sys.argv[1:] if not name.startswith("-")] or list(BENCHES)
    missing = [tool for tool in ("bcftools", "bgzip", "tabix") if shutil.which(tool) is None]
    if missing:
        sys.exit(f"bench needs {', '.join(missing)} on the PATH (Debian: bcftools, tabix)")
    if not DATA.is_dir() and set(chosen) - {"start", "unindexed", "array", "response", "risk", "scores", "annotate"}:
        sys.exit("bench needs the reference data (NOF1_REFERENCE_DATA) for all but: python bench/run.py unindexed")
    for name in chosen:
        load = os.getloadavg()[0]
        with tempfile.TemporaryDirectory() as folder:
            found = BENCHES[name](Path(folder))
        print("\n".join(found), flush=True)
        if "--write" in sys.argv:
            kept(ROOT / "docs" / "benchmarks.md", name, "\n".join([machine(load), "", *TABLE, *found]))


def kept(page: Path, name: str, text: str) -> None:
    """``text`` as the section ``name`` of ``page``; the other sections stay, in the order of ``BENCHES``."""
    parts = page.read_text().split("\n## ") if page.exists() else []
    sections = {part.split("\n", 1)[0]: part.split("\n", 1)[1].strip() for part in parts[1:]}
    sections[name] = text
    told = [f"## {title}\n\n{sections[title]}\n" for title in BENCHES if title in sections]
    page.write_text("\n".join([HEAD, *told]))


TABLE = "| what | nof1 | peer or floor | ratio | wanted |", "|---|---|---|---|---|"
HEAD = """# Benchmarks

Written by `make bench`, a section by `python bench/run.py --write NAME`. Each figure is the median (minimum-maximum) of
whole processes and the highest peak memory among them; the peer or floor ran in the same run, on the machine named.
"""

if __name__ == "__main__":
    main()
