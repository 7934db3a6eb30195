"""A few damaged files of every kind, each run anew: done, or refused in one line (``make fuzz`` runs many)."""

from __future__ import annotations

import gzip
import random
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genomics.vcf_text import bgzf, write_as
from nof1.cli.main import main

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

import fuzz_mutate
import fuzz_seeds
import fuzz_targets

DATA = fuzz_seeds.vcf()[0]
few = settings(
    max_examples=15, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip


def damaged(data: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        data = fuzz_mutate.text(data, rng, ())
    return data


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


@few
@given(
    st.randoms(use_true_random=True), st.sampled_from(["plain", "gzip", "bgzip", "bcf", "bytes of bgzip", "bytes of bcf"])
)
def test_the_command_ends_well_and_leaves_nothing(
    capsys: pytest.CaptureFixture[str], folder: Path, rng: random.Random, kind: str
) -> None:
    for old in folder.iterdir():
        old.unlink()
    container = kind.removeprefix("bytes of ")
    if kind == "bcf":
        file = write_as(folder / "person", "bcf", DATA)
        file.write_bytes(bgzf(fuzz_mutate.binary(gzip.decompress(file.read_bytes()), rng)))
    elif kind == container:
        file = write_as(folder / "person", kind, damaged(DATA, rng))
    else:
        file = write_as(folder / "person", container, DATA)
        file.write_bytes(fuzz_mutate.binary(file.read_bytes(), rng))
    out = folder / "calls.tsv"
    genes = ",".join(fuzz_seeds.GENES)
    code = main(["pgx", str(file), "--out", str(out), "--genes", genes, "--absent", rng.choice(["unknown", "reference"])])
    err = capsys.readouterr().err
    assert code in (0, 2), err
    if code == 2:
        assert err.startswith("nof1: ") and err.count("\n") == 1
        assert list(folder.iterdir()) == [file]
    else:
        assert out.read_text().startswith("sample\tgene\trank\t")
        assert sorted(folder.iterdir()) == sorted([file, out])


@pytest.mark.parametrize("name", [name for name in fuzz_targets.TARGETS if name != "bcf"])  # bcf: docs/reliability.md
@few
@given(data=st.data())
def test_a_damaged_file_ends_well(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, data: st.DataObject) -> None:
    """No other exception than ours, no hang, and no reference that the file does not bear out."""
    for old in folder.iterdir():
        old.unlink()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    target = fuzz_targets.TARGETS[name]
    found = data.draw(st.sampled_from(target.seeds()))
    for number in data.draw(st.lists(st.integers(0, 2**32 - 1), max_size=3)):
        found = target.mutate(found, random.Random(number), target.seeds())
    assert fuzz_targets.finding(name, found, folder) is None
