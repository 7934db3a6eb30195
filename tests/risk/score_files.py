"""Scoring files, panels and genomes for tests of polygenic scores."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

HEAD = "chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight"
ROWS = [(1000, "G", "A", 1.0), (2000, "C", "T", 2.0), (3000, "T", "G", 4.0), (4000, "A", "C", 8.0)]
PANEL = [(1000, "A", "G", 0.1), (2000, "T", "C", 0.2), (3000, "T", "G", 0.3), (4000, "C", "A", 0.4)]
HEADER = """##fileformat=VCFv4.2
##contig=<ID=chr1,length=248956422>
##contig=<ID=chrX,length=156040895>
##INFO=<ID=END,Number=1,Type=Integer,Description="End">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tP
"""


def scoring_file(folder: Path, rows: Sequence[tuple[int, str, str, float]] = ROWS, chromosome: str = "1") -> Path:
    lines = [f"{chromosome}\t{at}\t{effect}\t{other}\t{weight}\n" for at, effect, other, weight in rows]
    path = folder / "score.txt"
    path.write_text(f"#pgs_id=S1\n#pgs_name=made up\n#genome_build=GRCh38\n#license=CC0\n{HEAD}\n" + "".join(lines))
    return path


def panel(folder: Path, chromosome: str = "1", frequencies: Sequence[tuple[int, str, str, float]] = PANEL) -> Path:
    lines = [f"{chromosome}\t{at}\t{ref}\t{alt}\t{share}\n" for at, ref, alt, share in frequencies]
    path = folder / "panel.tsv"
    path.write_text("##genome_build=GRCh38\n#CHROM\tPOS\tREF\tALT\tALT_FREQS\n" + "".join(lines))
    return path


def vcf(folder: Path, *records: str) -> Path:
    """Records as ``POS REF ALT GT [INFO] [GQ:DP]`` on chr1, or with a contig before."""
    lines = []
    for record in records:
        parts = record.split()
        contig = parts.pop(0) if parts[0].startswith("chr") else "chr1"
        at, ref, alt, genotype, info, numbers = [*parts, ".", "99:30"][:6] if len(parts) < 6 else parts
        lines.append(f"{contig}\t{at}\t.\t{ref}\t{alt}\t50\tPASS\t{info}\tGT:GQ:DP\t{genotype}:{numbers}\n")
    path = folder / "person.vcf"
    path.write_text(HEADER + "".join(lines))
    return path
