"""Every kept input of the fuzzing ends well: an answer that its text bears out, or one clear line (docs/reliability.md)."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import fuzz_targets  # noqa: E402

CORPUS = Path(__file__).parent / "corpus"
KEPT = sorted(path for path in CORPUS.glob("*/*") if path.is_file())


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_kept_input_ends_well(path: Path, work: Path) -> None:
    assert fuzz_targets.finding(path.parent.name, path.read_bytes(), work) is None


@pytest.mark.parametrize("name", fuzz_targets.TARGETS)
def test_what_the_fuzzing_starts_from_ends_well(name: str, work: Path) -> None:
    """And at least one of them with an answer: a target that refuses everything would find nothing."""
    answered = 0
    for data in fuzz_targets.TARGETS[name].seeds():
        assert fuzz_targets.finding(name, data, work) is None
        answered += fuzz_targets.LAST["answered"]
    assert answered


def test_corpus_is_small_and_of_known_targets() -> None:
    assert KEPT
    assert {path.parent.name for path in KEPT} <= set(fuzz_targets.TARGETS)
    assert max(path.stat().st_size for path in KEPT) < 20_000
