"""Damaged files end well: done, or refused in one line; and a record that was damaged is never read as reference."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genomics.reading import read
from genomics.vcf_text import Record, at, bgzf, gene_loci, seen, text, write_as
from nof1.cli.main import main
from nof1.errors import InputError

GENE = "CYP2C9"
LOCI = gene_loci(GENE)
FORM = "GT:GQ:DP:AD:FT"
RECORDS = [
    at(place, "1/1:60:30:" + ",".join(["15"] * (1 + len(place.alts))) + ":PASS", form=FORM)
    for place in LOCI[::4]
    if place.is_snv
]
AROUND = [
    Record("chr10", position, "A", ("G",), ("0/1:60:30:15,15:PASS",), FORM)
    for position in (LOCI[0].position - 9, LOCI[-1].end + 9)
]
DATA = text([AROUND[0], *RECORDS, AROUND[1]])
JUNK = [
    b"\t", b"\n", b"\r\n", b"\0", b"|", b"/", b".", b",", b":", b";", b"=", b"<", b">", b"*", b"#", b"-1", b"99999999999",
    b"1e5", b"nan", b"inf", b"\xff", b"\xc3\xa9", b"chr10", b"GT", b"END=1", b"END=99999999999", b"SVLEN=x", b"<DEL>", b"[",
    b" ", b"0", b"2", b"127", b"128", b"70000", b"./.", b"ID=", b"##", b"#CHROM", b"",
]  # fmt: skip


def damaged(data: bytes, rng: random.Random) -> bytes:
    """``data`` with one to three injuries: bytes flipped, put in, cut out or doubled; lines and columns swapped."""
    out = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        place = rng.randrange(len(out)) if out else 0
        kind = rng.randrange(7)
        if kind == 0 and out:
            out[place] = rng.randrange(256)
        elif kind == 1:
            out[place:place] = rng.choice(JUNK)
        elif kind == 2:
            del out[place : place + rng.choice([1, 1, 2, 10, 200])]
        elif kind == 3:
            out[place:place] = out[place : place + rng.choice([1, 5, 100])]
        else:
            lines = bytes(out).split(b"\n")
            one, two = rng.randrange(len(lines)), rng.randrange(len(lines))
            if kind == 4:
                lines[one], lines[two] = lines[two], lines[one]
            else:
                fields = lines[one].split(b"\t")
                left, right = rng.randrange(len(fields)), rng.randrange(len(fields))
                fields[left], fields[right] = (
                    (fields[right], fields[left]) if kind == 5 else (rng.choice(JUNK), fields[right])
                )
                lines[one] = b"\t".join(fields)
            out = bytearray(b"\n".join(lines))
    return bytes(out)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


many = settings(
    max_examples=60, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip


@many
@given(
    st.randoms(use_true_random=True), st.sampled_from(["plain", "gzip", "bgzip", "bcf", "bytes of bgzip", "bytes of bcf"])
)
def test_damaged_files_end_well(capsys: pytest.CaptureFixture[str], folder: Path, rng: random.Random, kind: str) -> None:
    for old in folder.iterdir():
        old.unlink()
    container = kind.removeprefix("bytes of ")
    if kind == "bcf":
        file = write_as(folder / "person", "bcf", DATA)
        file.write_bytes(bgzf(damaged(gzip.decompress(file.read_bytes()), rng)))
    elif kind == container:
        file = write_as(folder / "person", kind, damaged(DATA, rng))
    else:
        file = write_as(folder / "person", container, DATA)
        file.write_bytes(damaged(file.read_bytes(), rng))
    out = folder / "calls.tsv"
    code = main(["pgx", str(file), "--out", str(out), "--genes", GENE, "--absent", rng.choice(["unknown", "reference"])])
    err = capsys.readouterr().err
    assert code in (0, 2), err
    if code == 2:
        assert err.startswith("nof1: ") and err.count("\n") == 1
        assert list(folder.iterdir()) == [file]
    else:
        assert out.read_text().startswith("sample\tgene\trank\t")
        assert sorted(folder.iterdir()) == sorted([file, out])


@many
@given(st.randoms(use_true_random=True))
def test_a_damaged_record_is_not_read_as_reference(folder: Path, rng: random.Random) -> None:
    """Every fourth locus is homozygous for its alternative. While its line still stands at its position and does not say
    0/0, the reader says anything but reference, even where absence is declared to be reference."""
    lines = DATA.split(b"\n")
    number = rng.choice([number for number, line in enumerate(lines) if line.startswith(b"chr10") and b"1/1" in line])
    head, tail = lines[number].split(b"\t")[:2], lines[number].split(b"\t", 2)[2]
    injured = damaged(tail, rng).replace(b"\n", b"")
    lines[number] = b"\t".join([*head, injured])
    place = next(place for place in LOCI if place.position == int(head[1]))
    file = folder / "injured.vcf"
    file.write_bytes(b"\n".join(lines))
    try:
        found, _ = read(file, GENE, absent="reference")
    except InputError:
        return  # refused: how is asked above
    fields = injured.split(b"\t")
    if (
        b"0" not in fields[-1].split(b":")[0]
        and fields[1].upper() == place.ref.encode()
        and fields[2].upper() != fields[1].upper()
    ):
        assert seen(found, place.id).strip("=").replace("|", "/") != f"{place.ref}/{place.ref}", injured
