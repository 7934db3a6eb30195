"""The quick reader of one person's lines says what the library's reader says, record by record."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nof1.errors import GenomeError
from nof1.genomics.genomes import Reading
from nof1.genomics.one_sample import OneRecord, records_of
from nof1.genomics.score_genotypes import read_genotypes
from nof1.genomics.text import TextFile, Window
from nof1.genomics.vcf import GenomeFile, Quality, SiteRecord
from nof1.model.allele_codes import chromosome_number, place

HEADER = """##fileformat=VCFv4.2
##contig=<ID=chr1,length=248956422>
##contig=<ID=chrX,length=156040895>
##FILTER=<ID=LowQual,Description="low">
##FILTER=<ID=RefCall,Description="ref">
##INFO=<ID=END,Number=1,Type=Integer,Description="End">
##INFO=<ID=SVLEN,Number=.,Type=Integer,Description="Length">
##ALT=<ID=NON_REF,Description="any">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">
##FORMAT=<ID=RGQ,Number=1,Type=Integer,Description="Quality">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=MIN_DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depths">
##FORMAT=<ID=FT,Number=1,Type=String,Description="Filter">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tQ\tP
"""
CALLS = [
    ("A", "G", "PASS", ".", "GT", "0/1"), ("A", "G", ".", ".", "GT:GQ:DP", "1|1:99:30"), ("a", "g", "PASS", ".", "GT:GQ", "0/1:19"),
    ("A", "G", "LowQual", ".", "GT", "0/1"), ("A", "G", "RefCall", ".", "GT", "0/0"), ("A", "G,C", "PASS", ".", "GT:AD", "1/2:0,9,9"),
    ("A", "G,C", "PASS", ".", "GT:AD", "1/2:9,0,9"), ("A", "G", "PASS", ".", "GT:AD", "0/1:9"), ("A", "G", "PASS", ".", "GT:AD:DP", "0/1:.:20"),
    ("A", "G", "PASS", ".", "GT:DP", "0/1:7"), ("A", "G", "PASS", ".", "GT:DP:GQ", "0/1:.:."), ("A", "G", "PASS", ".", "GT:GQ:DP", "0/1"),
    ("A", "G", "PASS", ".", "GT:FT", "0/1:PASS"), ("A", "G", "PASS", ".", "GT:FT", "0/1:LowQual"), ("A", "G", "PASS", ".", "GT", "."),
    ("A", "G", "PASS", ".", "GT", "./1"), ("A", "G", "PASS", ".", "GT", "1"), ("A", "G", "PASS", ".", "GT", "0/2"),
    ("A", "G", "PASS", ".", "GT", "0/1/1"), ("A", ".", "PASS", ".", "GT:RGQ", "0/0:50"), ("A", ".", "PASS", ".", "GT:RGQ", "0/0:5"),
    ("A", "<NON_REF>", "PASS", "END=2214", "GT:GQ:MIN_DP:DP", "0/0:60:7:30"), ("A", "G,<NON_REF>", "PASS", ".", "GT:GQ", "0/1:60"),
    ("A", "<NON_REF>", "PASS", "END=2238", "GT:GQ:MIN_DP:DP", "0/0:60:17:30"), ("ATTG", "A", "PASS", ".", "GT", "0/1"),
    ("A", "*,G", "PASS", ".", "GT", "1/2"), ("A", "<DEL>", "PASS", "END=2295;SVLEN=-35", "GT", "0/1"), ("A", "G", "PASS", ".", "GQ", "5"),
]  # fmt: skip


def written(folder: Path) -> Path:
    lines = []
    for at, (ref, alt, filters, info, form, call) in enumerate(CALLS):
        other = ":".join("." for _ in form.split(":"))
        lines.append(f"chr1\t{2000 + 10 * at}\t.\t{ref}\t{alt}\t9\t{filters}\t{info}\t{form}\t{other}\t{call}\n")
    lines.append("chrX\t5000000\t.\tA\tG\t9\tPASS\t.\tGT\t.\t1\n")
    path = folder / "person.vcf"
    path.write_text(HEADER + "".join(lines))
    return path


def shown(record: SiteRecord | OneRecord) -> tuple[object, ...]:
    if isinstance(record, OneRecord):
        alts = () if record.alts == (".",) else record.alts
        alleles = record.first, record.second, record.usable
        return record.chromosome, record.position, record.end, record.ref, alts, *alleles, record.is_block
    alleles = int(record.first[0]), int(record.second[0]), bool(record.usable[0])
    return (
        chromosome_number(record.chromosome),
        record.position,
        record.end,
        record.ref,
        record.alts,
        *alleles,
        record.is_block,
    )


@pytest.mark.parametrize("quality", [Quality(), Quality(0, 0, frozenset({"LowQual"}), False)])
def test_both_readers_say_the_same(tmp_path: Path, quality: Quality) -> None:
    path = written(tmp_path)
    windows = [Window("chr1", 1, 10**6), Window("chrX", 1, 10**7)]
    library = GenomeFile(path)
    library.narrow(["P"])
    expected = [shown(record) for record in library.stream(windows, quality)]
    lines, _ = TextFile(path).scan(windows, None)
    found = [shown(record) for record in records_of(lines, 10, 11, quality)]
    assert len(found) == len(CALLS) + 1
    assert found == expected


def test_people_are_read_alike_alone_and_together(tmp_path: Path) -> None:
    path = written(tmp_path)
    places = np.array([place(1, 2000 + at) for at in range(300)] + [place(23, 5_000_000)])
    alone = read_genotypes([path], places, Reading(), [], ["GRCh38"], sample="P")
    both = read_genotypes([path], places, Reading(), [], ["GRCh38"])
    column = both.samples.index("P")
    assert np.array_equal(alone.variants.allele, both.variants.allele)
    assert np.array_equal(alone.copies[:, 0], both.copies[:, column])
    assert np.array_equal(alone.ploidy[:, 0], both.ploidy[:, column])
    assert np.array_equal(alone.reference[:, 0], both.reference[:, column])
    assert alone.reference.any() and (alone.copies >= 0).any()


def test_a_line_without_a_genotype_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.vcf"
    path.write_text(HEADER + "chr1\t2000\t.\tA\tG\t9\tPASS\t.\tGT\t.\t0/x\n")
    with pytest.raises(GenomeError, match=r"bad\.vcf line 17: GT is '0/x'"):
        read_genotypes([path], np.array([place(1, 2000)]), Reading(), [], ["GRCh38"], sample="P")
