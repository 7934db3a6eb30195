"""Counts whole phased haplotypes of a reference panel, per population: genes/GENE/haplotypes.tsv and its list of positions.

    tools/count_haplotypes.py --people PANEL.tsv --left-out certainty.yaml --out src/nof1/knowledge/data GENE.vcf.gz...

PANEL.tsv has the columns sample and super_pop; only unrelated people belong there. A haplotype is what one strand shows at
every position of the gene's definition that the panel has for everyone. A person with a genotype missing, unphased or
undocumented there is left out of that gene.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter, defaultdict
from pathlib import Path

import yaml

from nof1.genomics.blocks import PatternBlock, patterns
from nof1.genomics.genomes import GenomeSet
from nof1.jobs.one_person import reading
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.panel import panels
from nof1.model.genome import NO_STRAND, CallCode

MOSTLY = 0.9  # a position counts as one of the panel's when so many people have a genotype there


def main() -> None:
    options = _options()
    known = knowledge()
    population = {
        row["sample"]: row["super_pop"]
        for row in csv.DictReader(Path(options.people).read_text().splitlines(), delimiter="\t")
    }
    certainty = yaml.safe_load(Path(options.left_out).read_text())
    codes = [item["code"] for item in certainty["populations"]]
    left_out = set(certainty["panel"]["left_out"])
    if options.only:
        population = {name: code for name, code in population.items() if name in set(Path(options.only).read_text().split())}
    genes = set(options.genes.split(",")) if options.genes else set(known.genes)
    wanted, *also = (found.only(genes) for found in panels(known))
    files = GenomeSet(options.genomes, wanted, reading(build=options.build), also=also)
    people = [population.get(name) if name not in left_out else None for name in files.names]
    for gene in wanted.genes:
        found = patterns(files.people, files.sites(gene))
        positions, counts = count(found, people)
        if positions:
            write(
                options.out / "genes" / gene.gene, positions, counts, codes, f"{options.source}#{gene.gene}", options.checked
            )
            print(gene.gene, len(positions), "positions", len(counts), "haplotypes")


def count(found: PatternBlock, people: list[str | None]) -> tuple[list[str], dict[tuple[str, ...], Counter[str]]]:
    block = found.block
    rows = [row for row, code in enumerate(people) if code]
    shares = (block.code[found.rows[rows]] >= CallCode.HOM_REF).mean(axis=0)
    columns = [column for column in range(len(block.loci)) if shares[column] >= MOSTLY]
    strands = [_strands(block, row, columns) for row in range(block.patients)]
    counts: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for row in rows:
        for haplotype in strands[found.rows[row]]:
            counts[haplotype][str(people[row])] += 1
    return [block.loci[column].id for column in columns], counts


def _strands(block, row: int, columns: list[int]) -> list[tuple[str, ...]]:
    shown: list[list[str]] = [[], []]
    is_haploid = False
    for column in columns:
        one, two = (int(number) for number in block.genotype[row, column])
        documented = 1 + len(block.loci[column].alts)
        if block.code[row, column] < CallCode.HOM_REF or one < 0 or max(one, two) >= documented:
            return []
        is_haploid |= two == NO_STRAND
        if two not in (NO_STRAND, one) and not block.phased[row, column]:
            return []
        for side, number in zip(shown, (one, two), strict=True):
            if number > 0:
                side.append(f"{block.loci[column].id}:{block.alleles[column][number]}")
    return [tuple(side) for side in (shown[:1] if is_haploid else shown)]


def write(folder: Path, positions: list[str], counts, codes: list[str], source: str, checked: str) -> None:
    lines = ["\t".join(["haplotype", "counts", "source", "status", "checked"])]
    for haplotype, by_code in sorted(counts.items(), key=lambda item: (-sum(item[1].values()), item[0])):
        name = " ".join(haplotype) or "reference"
        numbers = " ".join(f"{code}:{by_code[code]}" for code in codes)
        lines.append("\t".join([name, numbers, source, "provisional", checked]))
    (folder / "haplotypes.tsv").write_text("\n".join(lines) + "\n")
    path = folder / "frequencies.yaml"
    old = yaml.safe_load(path.read_text()) if path.exists() else {"schema": 1, "gene": folder.name}
    old["counted"] = {"source": source, "positions": positions}
    text = yaml.safe_dump(old, sort_keys=False, width=120, default_flow_style=None)
    path.write_text(text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("genomes", nargs="+", type=Path)
    parser.add_argument("--people", required=True, help="table with sample and super_pop")
    parser.add_argument("--only", help="file with the unrelated people to count")
    parser.add_argument("--left-out", required=True, help="certainty.yaml, whose panel.left_out names people not counted")
    parser.add_argument("--build", default="GRCh38")
    parser.add_argument("--genes", default="")
    parser.add_argument("--source", required=True)
    parser.add_argument("--checked", required=True, help="date of the count, YYYY-MM-DD")
    parser.add_argument("--out", type=Path, required=True, help="folder of knowledge files")
    return parser.parse_args()


if __name__ == "__main__":
    main()
