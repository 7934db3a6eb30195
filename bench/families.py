"""Families of a reference panel, by genotypes that first-degree relatives cannot have: people by families.

    python bench/families.py --out families.tsv GENE.vcf.gz...

Parent and child share an allele at every position (no opposite homozygotes). Two people with at most two such positions
among common, spaced variants, or with a kinship above 0.30 (full siblings), are one family, and so are their relatives.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from cyvcf2 import VCF

SPACING, COMMON = 1500, 0.1
OPPOSITE, KINSHIP = 2, 0.30


def genotypes(files: list[Path]) -> tuple[list[str], np.ndarray]:
    """Sample names and (people, variants) number of alternatives at common, complete variants that stand apart."""
    rows, names = [], []
    for path in files:
        reader = VCF(str(path))
        names, last = reader.samples, -SPACING
        for variant in reader:
            if variant.CHROM in ("X", "chrX") or len(variant.ALT) != 1 or not variant.is_snp or variant.POS - last < SPACING:
                continue
            kinds = variant.gt_types  # 0 reference, 1 heterozygous, 2 unknown, 3 alternative
            frequency = np.where(kinds == 3, 2, kinds).mean() / 2
            if (kinds == 2).any() or not COMMON <= frequency <= 1 - COMMON:
                continue
            last = variant.POS
            rows.append(np.where(kinds == 3, 2, kinds).astype(np.int8))
    return names, np.array(rows).T


def families(table: np.ndarray) -> np.ndarray:
    """(people,) number of the family, from (people, variants) genotypes."""
    het, low, high = ((table == number).astype(np.float32) for number in (1, 0, 2))
    opposite = low @ high.T
    opposite += opposite.T
    count = het.sum(axis=1)
    least = np.minimum(count[:, None], count[None])
    kinship = (het @ het.T - 2 * opposite) / (2 * least) + 0.5 - 0.25 * (count[:, None] + count[None]) / least
    number = np.arange(len(table))
    for one, two in np.argwhere(np.triu((opposite <= OPPOSITE) | (kinship > KINSHIP), 1)).tolist():
        number[number == number[two]] = number[one]
    return number


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("genomes", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    names, table = genotypes(options.genomes)
    lines = [f"{name}\t{family}" for name, family in zip(names, families(table).tolist(), strict=True)]
    options.out.write_text("sample\tfamily\n" + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
