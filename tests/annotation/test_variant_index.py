"""The compiled file: look-ups whatever the keys, damage told in one line, nothing half-written after a kill."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from nof1.errors import RequestError
from nof1.jobs.variant_tables import add
from nof1.knowledge.variant_columns import Numbers, Texts
from nof1.knowledge.variant_compile import write_index
from nof1.knowledge.variant_index import Source, VariantIndex
from nof1.knowledge.variant_store import paths
from nof1.model.allele_arrays import AlleleArrays, keys, seed

from .made import clinvar

CONTIGS = ["chr1", "chr2"]


def rows(count: int, chance: random.Random) -> list[tuple[int, int, str, str]]:
    found = set()
    while len(found) < count:
        ref, alt = ("".join(chance.choice("ACGT") for _ in range(chance.choice([1, 1, 2, 9]))) for _ in range(2))
        found.add((chance.randrange(2), chance.randint(1, count), ref, alt))
    return sorted(found)


def arrays(found: list[tuple[int, int, str, str]]) -> AlleleArrays:
    text = "".join(ref + alt for *_, ref, alt in found).encode()
    lengths = np.array([(len(ref), len(alt)) for *_, ref, alt in found], np.int64)
    starts = np.cumsum(lengths.sum(axis=1)) - lengths.sum(axis=1)
    contig, position = (np.array([row[at] for row in found]) for at in (0, 1))
    return AlleleArrays(
        np.frombuffer(text, np.uint8), contig.astype(np.int32), position.astype(np.int64), starts, lengths[:, 0],
        starts + lengths[:, 0], lengths[:, 1],
    )  # fmt: skip


def write(path: Path, found: list[tuple[int, int, str, str]], bits: int = 64) -> VariantIndex:
    names, numbers = Texts("name"), Numbers("number", True)
    names.extend([f"row {number}" for number in range(len(found))])
    numbers.extend(range(len(found)))
    write_index(
        path, arrays(found), {"name": names, "number": numbers}, CONTIGS, kind="clinvar", edition="1", build="GRCh38",
        made="2026-11-26", source=Source("file", "digest", 1, len(found), {}), bits=bits,
    )  # fmt: skip
    return VariantIndex(path)


def find(index: VariantIndex, wanted: list[tuple[int, int, str, str]]) -> list[str]:
    alleles = arrays(wanted)
    seeds = np.array([seed("GRCh38", name) for name in CONTIGS], np.uint64)
    found = index.find(alleles, keys(alleles, seeds), index.numbers(CONTIGS))
    return [index.columns["name"].text(int(row)) if row >= 0 else "" for row in found]


@pytest.mark.parametrize("bits", [64, 33, 8, 4, 0])
def test_every_row_is_found_and_no_other_however_keys_collide(bits: int, tmp_path: Path) -> None:
    chance = random.Random(bits)
    every = rows(600, chance)
    inside, outside = every[::2], every[1::2]
    index = write(tmp_path / "one.nof1variants", inside, bits)
    index.check()
    chance.shuffle(every)
    place = {row: f"row {number}" for number, row in enumerate(inside)}
    assert find(index, every) == [place.get(row, "") for row in every]
    assert len(outside) == 300


def test_several_rows_on_one_allele_lie_together(tmp_path: Path) -> None:
    row, other = (0, 5, "A", "C"), (0, 5, "A", "G")
    index = write(tmp_path / "one.nof1variants", [row, other, row, row])
    found = arrays([row, other])
    seeds = np.array([seed("GRCh38", name) for name in CONTIGS], np.uint64)
    firsts = index.find(found, keys(found, seeds), index.numbers(CONTIGS))
    assert index.repeats(firsts).tolist() == [3, 1]
    first = int(firsts[0])
    assert sorted(index.columns["name"].texts(np.arange(first, first + 3))) == [b"row 0", b"row 2", b"row 3"]


@pytest.mark.parametrize("where", ["start", "version", "header", "cut", "long"])
def test_damage_is_told_when_opened(where: str, tmp_path: Path) -> None:
    path = tmp_path / "one.nof1variants"
    write(path, rows(50, random.Random(1)))
    data = bytearray(path.read_bytes())
    at = {"start": 0, "version": 8, "header": 60}.get(where)
    if at is not None:
        data[at] ^= 1
    path.write_bytes(data[:-100] if where == "cut" else data + b"x" if where == "long" else data)
    with pytest.raises(RequestError) as caught:
        VariantIndex(path)
    assert str(path) in str(caught.value) and "nof1 knowledge add" in str(caught.value) and "\n" not in str(caught.value)


def test_damage_in_any_block_is_told_by_its_checksum(tmp_path: Path) -> None:
    path = tmp_path / "one.nof1variants"
    index = write(path, rows(50, random.Random(1)))
    whole = path.read_bytes()
    for name, (kind, at, count, _) in index.header.blocks.items():
        data = bytearray(whole)
        data[at + count * np.dtype(kind).itemsize // 2] ^= 64
        path.with_name("bad").write_bytes(data)
        with pytest.raises(RequestError, match=f"block '{name}' has another checksum"):
            VariantIndex(path.with_name("bad")).check()


@pytest.mark.slow
def test_killed_at_any_moment_it_leaves_nothing_that_is_read(tmp_path: Path) -> None:
    table = tmp_path / "clinvar.vcf"
    table.write_text(
        clinvar(
            [(("chr1", at, "A", "C"), str(at), "CLNSIG=Benign;CLNREVSTAT=practice_guideline") for at in range(1, 60_000)]
        )
    )
    tables = tmp_path / "tables"
    code = (
        "from pathlib import Path; from nof1.jobs.variant_tables import add;"
        f"add('clinvar', Path({str(table)!r}), Path({str(tables)!r}))"
    )
    killed = 0
    for tenths in range(3, 30, 6):
        child = subprocess.Popen([sys.executable, "-c", code])
        time.sleep(tenths / 10)
        if child.poll() is None:
            os.kill(child.pid, signal.SIGKILL)
            killed += 1
        child.wait()
        for path in paths("", tables):
            VariantIndex(path).check()
            path.unlink()
    assert killed
    made = add("clinvar", table, tables)
    assert made.header.rows == 59_999 and [path.name for path in tables.iterdir()] == [made.path.name]
