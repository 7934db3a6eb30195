"""Polygenic scores of a biobank beside PLINK 2 in the same run: 5,000 people x 200,000 variants x 10 scores.

The set is drawn at random (Hardy-Weinberg, 0.5 % missing): neither program's work depends on linkage. Both read the same
.bed; each parses its own text files of weights. The sums of both are compared.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np

PEOPLE, VARIANTS, SCORES, MISSING = 5_000, 200_000, 10, 0.005
_STEP = 4_000
_NAMES = "chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight"


def make_set(folder: Path, people: int = PEOPLE, variants: int = VARIANTS, scores: int = SCORES) -> None:
    """A PLINK 1 set, a table of weights for PLINK 2 and a scoring file for each score (30 % of the weights are absent)."""
    rng = np.random.default_rng(20261126)
    with open(folder / "set.bed", "wb") as file:
        file.write(b"\x6c\x1b\x01")
        for begin in range(0, variants, _STEP):
            count = min(_STEP, variants - begin)
            frequency = rng.beta(0.8, 0.8, (count, 1)) * 0.98 + 0.01
            rare = rng.random((count, people), np.float32)
            second = rng.random((count, people), np.float32)
            dosage = (rare < frequency).astype(np.uint8) + (second < frequency)
            codes = np.array([3, 2, 0], np.uint8)[dosage]
            codes[rng.random((count, people), np.float32) < MISSING] = 1
            padded = np.zeros((count, -(-people // 4) * 4), np.uint8)
            padded[:, :people] = codes
            four = padded.reshape(count, -1, 4)
            file.write((four[:, :, 0] | four[:, :, 1] << 2 | four[:, :, 2] << 4 | four[:, :, 3] << 6).tobytes())
    chromosome = np.sort(rng.integers(1, 23, variants))
    (folder / "set.bim").write_text(
        "".join(f"{chrom}\tv{at}\t0\t{1000 + 10 * at}\tA\tC\n" for at, chrom in enumerate(chromosome.tolist()))
    )
    (folder / "set.fam").write_text("".join(f"p{at} p{at} 0 0 {1 + at % 2} -9\n" for at in range(people)))
    weights = np.round(rng.normal(0, 0.01, (variants, scores)), 6) * (rng.random((variants, scores)) >= 0.3)
    lines = ["ID\tA1\t" + "\t".join(f"S{one}" for one in range(scores)) + "\n"]
    lines.extend(f"v{at}\tA\t" + "\t".join(f"{w:g}" for w in row) + "\n" for at, row in enumerate(weights.tolist()))
    (folder / "weights.tsv").write_text("".join(lines))
    for one in range(scores):
        rows = np.flatnonzero(weights[:, one])
        body = "".join(f"{chromosome[at]}\t{1000 + 10 * at}\tA\tC\t{weights[at, one]:g}\n" for at in rows.tolist())
        (folder / f"S{one}.txt").write_text(f"#pgs_id=S{one}\n#genome_build=GRCh38\n{_NAMES}\n{body}")


def commands(nof1: str, folder: Path, scores: int = SCORES) -> tuple[list[str], list[str]]:
    """Our command, and PLINK 2's with two threads."""
    files = [part for one in range(scores) for part in ("--score", str(folder / f"S{one}.txt"))]
    ours = [
        nof1,
        "score",
        str(folder / "set.bed"),
        *files,
        "--build",
        "GRCh38",
        "--adult",
        "--out",
        str(folder / "ours.tsv"),
    ]
    theirs = [
        "plink2", "--bfile", str(folder / "set"), "--score", str(folder / "weights.tsv"), "header-read", "cols=+scoresums",
        "--score-col-nums", f"3-{2 + scores}", "--threads", "2", "--out", str(folder / "theirs"),
    ]  # fmt: skip
    return ours, theirs


def largest_difference(folder: Path) -> float:
    """The largest difference of a person's sum, over the standard deviation of the score."""
    theirs = [line.split("\t") for line in (folder / "theirs.sscore").read_text().splitlines()]
    columns = [at for at, name in enumerate(theirs[0]) if name.endswith("_SUM") and name.startswith("S")]
    expected = np.array([[float(row[at]) for at in columns] for row in theirs[1:]])
    ours = [line.split("\t") for line in (folder / "ours.tsv").read_text().splitlines()[1:]]
    found = np.array([float(row[2]) for row in ours]).reshape(expected.shape[1], -1).T
    return float((np.abs(found - expected) / expected.std(axis=0)).max())


def rows(folder: Path, nof1: str, measure) -> list[str]:  # type: ignore[no-untyped-def]
    """The row of docs/benchmarks.md; without PLINK 2 the figure stands alone."""
    make_set(folder)
    ours, theirs = commands(nof1, folder)
    mine = measure(ours, 3)
    what = f"{SCORES} polygenic scores of {PEOPLE:,} people at {VARIANTS:,} variants (.bed), text files of weights read too"
    if shutil.which("plink2") is None:
        print("plink2 absent: install it to compare with it (Debian: plink2)", file=sys.stderr)
        return [f"| {what} | {mine.text()} | | | |"]
    peer = measure(theirs, 3)
    apart = largest_difference(folder)
    return [
        f"| {what} | {mine.text()} | PLINK 2, two threads: {peer.text()} | {mine.seconds / peer.seconds:.2f} | "
        f"sums differ by at most {apart:.1e} standard deviations |"
    ]
