"""Reference sequence out of FASTA files: any part, plain or by bgzip, and what is no such file."""

from __future__ import annotations

import gzip
import os
import shutil
import struct
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from nof1.errors import GenomeError
from nof1.genomics import fasta_text
from nof1.genomics.fasta import open_fasta
from nof1.model.alignment import Placed
from variants.drawn import repeat_rich

BGZIP = shutil.which("bgzip")


def sequences(seed: int = 3) -> dict[str, str]:
    rng = np.random.default_rng(seed)
    return {
        "chr1": repeat_rich(rng, 150_000),
        "2": repeat_rich(rng, 60),
        "NC_000023.11": repeat_rich(rng, 61),
        "chrM": "acgtn",
    }


def written(references: dict[str, str], width: int = 60, end: str = "\n") -> bytes:
    lines: list[str] = []
    for name, text in references.items():
        lines.append(f">{name} a description")
        lines += [text[at : at + width] for at in range(0, len(text), width)]
    return (end.join(lines) + end).encode()


def bgzipped(data: bytes, size: int = 5000) -> bytes:
    """Blocks as bgzip writes them, made here so that no tool is needed."""
    blocks = []
    for at in [*range(0, len(data), size), len(data)]:
        text = data[at : at + size] if at < len(data) else b""
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        body = packer.compress(text) + packer.flush()
        head = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0" + struct.pack("<H", len(body) + 25)
        blocks.append(head + body + struct.pack("<II", zlib.crc32(text), len(text)))
    return b"".join(blocks)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("packed", [False, True])
def test_every_part_is_what_was_written(tmp_path: Path, end: str, packed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fasta_text, "_KEPT_BLOCKS", 3)
    references = sequences()
    path = tmp_path / "r.fa.gz"
    data = written(references, end=end)
    path.write_bytes(bgzipped(data) if packed else data)
    rng = np.random.default_rng(1)
    for _ in range(2):  # the second time by the index that the first wrote
        fasta = open_fasta(path)
        for asked, (_name, text) in zip(["1", "chr2", "X", "MT"], references.items(), strict=True):
            for _ in range(60):
                first = int(rng.integers(-5, len(text) + 5))
                last = first + int(rng.choice([0, 1, 59, 60, 61, 5000, 200_000]))
                window = fasta.window(asked, first, last)
                assert window.bases == text[max(first - 1, 0) : max(last, 0)].upper()
                assert not window.bases or window.start == max(first, 1)
    rows = [line.split("\t") for line in (tmp_path / "r.fa.gz.fai").read_text().splitlines()]
    assert [(row[0], int(row[1])) for row in rows] == [(name, len(text)) for name, text in references.items()]
    for row in rows:
        assert data[int(row[2]) - 1 :][:1] == b"\n" and data[int(row[2]) :][:5].decode() == references[row[0]][:5]


@pytest.mark.skipif(BGZIP is None, reason="bgzip absent: apt-get install tabix to run this test")
@pytest.mark.parametrize("gzi", ["fits", "of another file", "cut"])
def test_files_of_bgzip_itself_with_its_index(tmp_path: Path, gzi: str) -> None:
    references = sequences()
    path = tmp_path / "r.fa"
    path.write_bytes(written(references) * 1)
    subprocess.run([str(BGZIP), "-i", str(path)], check=True)
    packed, index = tmp_path / "r.fa.gz", tmp_path / "r.fa.gz.gzi"
    if gzi == "of another file":
        index.write_bytes(struct.pack("<QQQ", 1, 77, 65280))
    if gzi == "cut":
        index.write_bytes(index.read_bytes()[:-3])
    assert open_fasta(packed).window("chr1", 65_000, 131_000).bases == references["chr1"][64_999:131_000].upper()


def test_a_stretch_named_as_samtools_names_it(tmp_path: Path) -> None:
    path = tmp_path / "r.fa"
    path.write_text(">chr17:1001-1010\nACGTACGTAC\n>17:2001-2003\nGGG\n>HLA-A*01:01:01-9\nTTT\n")
    fasta = open_fasta(path)
    assert fasta.window("NC_000017.11", 1003, 1005).bases == "GTA"
    assert fasta.window("17", 990, 1002).start == 1001 and fasta.window("17", 990, 1002).bases == "AC"
    assert fasta.window("17", 1990, 2002).bases == "GG"
    assert fasta.window("17", 1011, 1990).bases == "" == fasta.window("chr5", 1, 9).bases
    assert fasta.window("HLA-A*01:01:01-9", 1, 3).bases == "TTT"


def test_builds_are_told_by_lengths(tmp_path: Path) -> None:
    path = tmp_path / "r.fa"
    path.write_text(">chr22\n" + "A" * 60 + "\n")
    assert open_fasta(path).build() == ""
    for length, build in ((50818468, "GRCh38"), (51304566, "GRCh37")):
        index = tmp_path / "r.fa.fai"
        with open(path, "wb") as file:
            file.write(b">chr22\n")
            file.truncate(7 + length)
        index.write_text(f"chr22\t{length}\t7\t{length}\t{length + 1}\n")
        assert open_fasta(path).build() == build


def test_an_index_that_does_not_fit_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "r.fa"
    path.write_text(">c1\nACGT\n>c2\nGGTT\n")
    index = tmp_path / "r.fa.fai"
    for wrong in (
        "c1\t4\t5\t4\t5\nc2\t4\t12\t4\t5\n",
        "c1\t4\t4\t4\t5\nc3\t4\t13\t4\t5\n",
        "c1\t400\t4\t4\t5\n",
        "no index",
        "",
    ):
        index.write_text(wrong)
        assert open_fasta(path).window("c2", 1, 4).bases == "GGTT"
        assert index.read_text() == "c1\t4\t4\t4\t5\nc2\t4\t13\t4\t5\n"
    index.write_text("c1\t4\t4\t4\t5\n")
    os.utime(index, (1, 1))
    assert open_fasta(path).holds("c2")


def test_the_index_may_lie_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "r.fa"
    path.write_text(">c1\nACGT\n")
    open_fasta(path, tmp_path / "kept")
    assert (tmp_path / "kept" / "r.fa.fai").is_file() and not (tmp_path / "r.fa.fai").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cannot be read|begins with"),
        (b"ACGT\n", "begins with b'A'"),
        (b"##fileformat=VCFv4.2\n", "begins with b'#'"),
        (b">c1\n", "has no sequence"),
        (b">\nACGT\n", "has no name"),
        (b">c1\nACGT\n>c1\nACGT\n", "named twice"),
        (b">chr1\nACGT\n>1\nACGT\n", "same part of chr1"),
        (b">c1\nACGT\nAC\nACGT\n", "unequal length"),
        (b">c1\nAC\nACGT\n", "unequal length"),
        (gzip.compress(b">c1\nACGT\n"), "compressed by gzip"),
        (bgzipped(b">c1\nACGT\n")[:-30], "cut short|no bgzip block"),
        (b">c1\nAC-T\n", "which is no base"),
        (b">c1\nMKWL\xc3\xa9\n", "which is no base"),
    ],
)
def test_what_is_no_reference_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "r.fa"
    path.write_bytes(content)
    with pytest.raises(GenomeError, match=said):
        open_fasta(path).window("c1", 1, 9)


def test_normal_forms_in_batches_and_beyond_the_flank(tmp_path: Path) -> None:
    run = "A" * 40_000
    reference = "G" + "ACGT" * 10 + "C" + run + "T" + "ACGT" * 10
    path = tmp_path / "r.fa"
    path.write_bytes(written({"chr1": reference}))
    fasta = open_fasta(path)
    at = len(reference) - 41
    positions = np.array([at, 5, 900_000, 2])
    done = fasta.normal_forms("1", positions, [f"{reference[at - 1]}T", "T", "A", "C"], ["T", "A", "C", "G"])
    assert done.placed.tolist() == [Placed.ALIGNED, Placed.ALIGNED, Placed.NOT_AT_HAND, Placed.REF_DIFFERS]
    assert (done.positions[0], done.refs[0], done.alts[0]) == (42, "CA", "C")
    assert fasta.normal_forms("chr9", np.array([1]), ["A"], ["C"]).placed.tolist() == [Placed.NOT_AT_HAND]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize(
    ("length", "bases", "width"),
    [
        (500, 50, 51),
        (500, 61, 62),
        (500, 60, 62),
        (499, 60, 61),
        (440, 60, 61),
        (60, 60, 61),
        (500, 500, 501),
        (501, 60, 61),
    ],
)
def test_an_index_that_lies_is_not_used(tmp_path: Path, end: bytes, length: int, bases: int, width: int) -> None:
    """Bases within one line would be found shifted, and nothing would tell it."""
    sequence = "".join("ACGT"[(7 * place + place // 5) % 4] for place in range(500))
    path = tmp_path / "r.fa"
    lines = [sequence[at : at + 60].encode() for at in range(0, 500, 60)]
    path.write_bytes(b">c1" + end + end.join(lines) + end + b">c2" + end + b"ACGT" + end)
    second = 3 + len(end) + 500 + 9 * len(end) + 3 + len(end)
    rows = [("c1", length, 3 + len(end), bases, width + len(end) - 1), ("c2", 4, second, 4, 4 + len(end))]
    (tmp_path / "r.fa.fai").write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))
    os.utime(tmp_path / "r.fa.fai")
    fasta = open_fasta(path)
    assert [fasta.window("c1", first, first + 4).bases for first in (1, 103, 200, 496)] == [
        sequence[first - 1 : first + 4] for first in (1, 103, 200, 496)
    ]


def test_a_true_index_is_used(tmp_path: Path) -> None:
    path = tmp_path / "r.fa"
    path.write_bytes(b">c1\n" + b"ACGTA\n" * 20 + b"AC\n>c2\nACG\n>c3 words\nACGTACG\nAC")
    first = open_fasta(path)
    written = (tmp_path / "r.fa.fai").read_bytes()
    os.utime(tmp_path / "r.fa.fai", (path.stat().st_mtime + 5,) * 2)
    stamp = (tmp_path / "r.fa.fai").stat().st_mtime_ns
    second = open_fasta(path)
    assert first.stretches == second.stretches and (tmp_path / "r.fa.fai").read_bytes() == written
    assert (tmp_path / "r.fa.fai").stat().st_mtime_ns == stamp  # it was not made anew


@pytest.mark.skipif(BGZIP is None, reason="needs bgzip")
def test_threads_may_share_a_packed_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sequence = "".join("ACGT"[(place * place // 7) % 4] for place in range(400_000))
    path = tmp_path / "r.fa"
    path.write_text(">c1\n" + "\n".join(sequence[at : at + 60] for at in range(0, len(sequence), 60)) + "\n")
    subprocess.run([str(BGZIP), str(path)], check=True)
    fasta = open_fasta(tmp_path / "r.fa.gz")
    monkeypatch.setattr(fasta_text, "_KEPT_BLOCKS", 1)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            places = [(7919 * number) % 399_000 + 1 for number in range(1500)]
            found = list(pool.map(lambda first: fasta.window("c1", first, first + 30).bases, places))
    finally:
        sys.setswitchinterval(before)
    assert found == [sequence[first - 1 : first + 30] for first in places]
