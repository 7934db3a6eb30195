"""The lines near windows, found by arrays, beside a reading of every line by itself."""

from __future__ import annotations

import gzip
import random
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nof1.errors import GenomeError
from nof1.genomics import inflate
from nof1.genomics.shared_pass import SharedPass
from nof1.genomics.text import BUCKET, TextFile, Window

HEADER = (
    "##fileformat=VCFv4.2\n##INFO=<ID=END,Number=1,Type=Integer,Description=End>\n"
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n"
)
ALTS = ("T", "<NON_REF>", "T,<NON_REF>", "<DEL>", "<INS>", "<DUP>", ".", "C[chr2:1000[", "A,*", "TTTTT", "<*>")
INFOS = (
    ".", "END={end}", "DP=3;END={end}", "END={end};SVLEN=-{length}", "SVLEN=-{length}", "SVLEN={length};X=1", "XEND={end}",
    "END=;DP=4", "SVLEN=-3,-{length},9", "END={end};END=9", "NOTE=a<b;END={end}", "SVTYPE=DEL;END=x",
)  # fmt: skip


def lines(rng: random.Random, count: int, end: str) -> list[str]:
    made, names = [], ["chr1", "chr2", "chrX", "22", "chr17_KI270861v1_alt"]
    for name in names:
        position = 1
        for _ in range(count):
            position += rng.choice([1, 3, 700, 9000])
            info = rng.choice(INFOS).format(end=position + rng.choice([0, 40, 12_000]), length=rng.choice([3, 5000]))
            ref = rng.choice(["A", "ACGT", "C" * 60])
            made.append(f"{name}\t{position}\t.\t{ref}\t{rng.choice(ALTS)}\t.\t.\t{info}\tGT\t0/1{end}")
            if rng.random() < 0.002:
                made.append(end)
    return made


def reaches(columns: list[str]) -> int:
    """The last base of a record, by the words of the VCF specification."""
    start, ref, alt = int(columns[1]), columns[3], columns[4]
    end = start + len(ref) - 1
    if alt == "." or "<" in alt:
        if stated := re.search(r"(?:^|;)END=(\d+)", columns[7]):
            end = max(end, int(stated[1]))
        if (length := re.search(r"(?:^|;)SVLEN=([-\d,]+)", columns[7])) and not alt.startswith("<INS"):
            end = max(end, *(start + abs(int(one)) for one in length[1].split(",")))
    return end


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("is_packed", [False, True])
def test_lines_near_windows_are_those_that_a_reading_line_by_line_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, ending: str, is_packed: bool
) -> None:
    monkeypatch.setattr(inflate, "PIECE", 5000)
    rng = random.Random(seed)
    text = lines(rng, 400, ending)
    whole = HEADER + "".join(text)
    file = tmp_path / "person.vcf"
    file.write_bytes(gzip.compress(whole.encode()) if is_packed else whole.encode())
    windows = [
        Window(chrom, start, start + rng.choice([0, 5, 3000]))
        for chrom in ("chr1", "chr2", "chr22", "chr3") for start in rng.sample(range(1_000_000), 60)
    ]  # fmt: skip
    expected, edges = [], dict[str, dict[int, list[int]]]()
    for number, line in enumerate(text, 4):
        if line.strip():
            columns = line.strip().split("\t")
            chrom, start, end = "chr" + columns[0].removeprefix("chr"), int(columns[1]), reaches(columns)
            edges.setdefault(chrom, {}).setdefault(start >> BUCKET, []).append(start)
            if any(one.chromosome == chrom and one.start <= end and start <= one.end for one in windows):
                expected.append((number, line.strip().encode()))
    found, extents = TextFile(file).scan(windows, None)
    assert found == expected
    assert len(expected) > 30
    assert extents.found == {
        chrom: {bucket: (min(those), max(those)) for bucket, those in buckets.items()} for chrom, buckets in edges.items()
    }


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("chr1\t500\t.\tA\tT\t.\t.\t.\tGT", r"9 columns"),
        ("chr1\tx\t.\tA\tT\t.\t.\t.\tGT\t0/1", r"POS is 'x', expected a number"),
        ("# chr1", r""),
    ],
)
def test_a_line_that_is_no_record_is_named_wherever_it_stands(tmp_path: Path, line: str, problem: str) -> None:
    good = "".join(f"chr1\t{at}\t.\tA\tT\t.\t.\t.\tGT\t0/1\n" for at in range(1, 400))
    file = tmp_path / "person.vcf"
    file.write_text(f"{HEADER}{good}{line}\n{good}")
    with pytest.raises(GenomeError, match=rf"person\.vcf line 403: .*{problem}"):
        TextFile(file).scan([Window("chr2", 1, 2)], None)


def test_a_shared_reading_gives_each_what_it_would_read_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflate, "PIECE", 5000)
    rng = random.Random(5)
    file = tmp_path / "person.vcf"
    file.write_text(HEADER + "".join(lines(rng, 400, "\n")))
    groups = [
        [Window(chrom, start, start + 900) for chrom in ("chr1", "chr22") for start in rng.sample(range(1_000_000), 50)]
        for _ in range(3)
    ]
    alone = [TextFile(file).scan(windows, None) for windows in groups]
    shared = SharedPass([window for windows in groups for window in windows])
    elsewhere = Window("chr2", 5, 900_000)
    assert not shared.covers([elsewhere])
    assert TextFile(file, shared).scan([elsewhere], None) == TextFile(file).scan([elsewhere], None)
    texts = [TextFile(file, shared) for _ in groups]
    kept = shared.text(file)
    file.unlink()  # nobody reads it again
    assert [text.scan(windows, None) for text, windows in zip(texts, groups, strict=True)] == alone
    with ThreadPoolExecutor(1) as pool:
        again = b"".join(piece.tobytes() for piece in kept.pieces(pool)).splitlines()
    union = {(number, line) for found, _ in alone for number, line in found}
    assert {(kept.number(at), line) for at, line in enumerate(again)} == union
    assert len(union) == len(again) > 50
