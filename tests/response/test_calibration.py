"""Posteriors are calibrated: the truth ranks evenly among the draws (bench/response_calibration.py)."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent.parent
CHI_SQUARE = 0.001  # probability below which a histogram is called uneven; 40 of them are looked at
KEPT = ROOT / "docs" / "methods" / "response_calibration.json"


def bench() -> ModuleType:
    name = "response_calibration"
    spec = importlib.util.spec_from_file_location(name, ROOT / "bench" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # so that worker processes find its functions
    spec.loader.exec_module(module)
    return module


BENCH = bench()
STRUCTURES = list(BENCH.structures())


@pytest.mark.parametrize("name", ["one level", "below a limit", "two compartments", "absorption of first order"])
def test_few_patients(name: str) -> None:
    """Enough to see a posterior that is too wide by half, too narrow, or to one side."""
    _, shares, _ = BENCH.ranked(name, range(60))
    table = np.array(shares)
    assert np.abs(table.mean(axis=0) - 0.5).max() < 4 / np.sqrt(12 * 60)
    assert table.std(axis=0) == pytest.approx(np.full(table.shape[1], 1 / np.sqrt(12)), rel=0.25)


@pytest.mark.slow
@pytest.mark.parametrize("name", STRUCTURES)
def test_many_patients(name: str) -> None:
    people = 200 if name == "saturable" else 1000
    found = BENCH.run([name], people)[name]
    for effect, item in found["effects"].items():
        assert item["p"] > CHI_SQUARE, effect
        assert item["distance"] < 1.2 * found["band_99"], effect


def test_what_is_kept_is_calibrated() -> None:
    """The figures that the page shows: every structure, at least 1,000 patients each."""
    kept = json.loads(KEPT.read_text())
    assert set(kept) == set(STRUCTURES)
    for name, found in kept.items():
        assert found["people"] >= 1000
        for effect, item in found["effects"].items():
            assert sum(item["counts"]) == found["people"]
            assert item["p"] > CHI_SQUARE, (name, effect)
            assert item["distance"] < 1.2 * found["band_99"], (name, effect)
            for percent, share in item["held"].items():
                wanted = int(percent) / 100
                assert share == pytest.approx(wanted, abs=4 * np.sqrt(wanted * (1 - wanted) / found["people"])), (
                    name,
                    effect,
                )


def test_a_wrong_posterior_is_seen() -> None:
    """Draws that are half as wide as they should be fail the same judgement."""
    rng = np.random.default_rng(1)
    truth, centre = rng.standard_normal((2, 1000, 1))
    shares = np.array([[(centre[row, 0] + rng.standard_normal(400) * 0.7 < truth[row, 0]).mean()] for row in range(1000)])
    judged = BENCH.judged((shares * 99).astype(int), shares, [], ["a"])["effects"]["a"]
    assert judged["p"] < CHI_SQUARE
    assert judged["distance"] > 0.0515
