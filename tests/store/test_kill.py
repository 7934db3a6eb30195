"""A writing program is killed at any moment: what it was told is stored is stored, whole, and the store is sound."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from nof1.store.audit import events, verify
from nof1.store.check import check
from nof1.store.database import Database, opened
from nof1.store.history import history
from nof1.store.resources import vread

_CHILD = Path(__file__).parent / "writing_child.py"


def test_killed_at_any_moment(url: str, tmp_path: Path) -> None:
    _kill_often(url, tmp_path, times=10, seed=5)


@pytest.mark.slow
def test_killed_at_very_many_moments(url: str, tmp_path: Path) -> None:
    _kill_often(url, tmp_path, times=200, seed=6)


def _kill_often(url: str, folder: Path, times: int, seed: int) -> None:
    """Every run ends by a kill; the program of the next run is loaded meanwhile and waits."""
    rng, notes = random.Random(seed), folder / "notes"
    child = _started(url, notes, 0)
    acknowledged = 0
    for run in range(times):
        assert child.stdin
        child.stdin.write(b"go\n")
        child.stdin.flush()
        coming = _started(url, notes, run + 1)
        _wait(notes, f"r{run}", rng)
        os.kill(child.pid, signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL, child.stderr.read().decode() if child.stderr else ""
        for stream in (child.stdin, child.stderr):
            if stream:
                stream.close()
        child = coming
        acknowledged += _verify(url, notes, f"r{run}", is_thorough=run % 10 == 9 or run < 5)
    child.kill()
    child.communicate()
    assert acknowledged > 5 * times  # that there was something to lose


def _wait(notes: Path, run: str, rng: random.Random) -> None:
    """Until a moment that may lie within the opening, in most runs within the writing."""
    if rng.random() < 0.3:
        time.sleep(rng.random() * 0.3)
        return
    until = time.monotonic() + 30
    while f" {run}-" not in (notes.read_text() if notes.exists() else "") and time.monotonic() < until:
        time.sleep(0.005)
    time.sleep(rng.random() * 0.3)


def _started(url: str, notes: Path, run: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(_CHILD), url, str(notes), f"r{run}", str(run)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)


def _verify(url: str, notes: Path, run: str, *, is_thorough: bool) -> int:
    """Compares the store with what the run noted; the number of its notes."""
    lines = [line.split() for line in notes.read_text().splitlines()] if notes.exists() else []
    own = [line for line in lines if re.match(rf"{run}(-|$)", line[2])]
    database = opened(url)
    try:
        _verify_versions(database, own)
        _verify_groups(database, own, run)
        with database.read_audit() as r:
            if is_thorough:
                assert verify(r) is None
            for line in own:
                if line[0] == "event":
                    [event] = events(r, after=int(line[1]) - 1, count=1)
                    assert event.body.decode().split() == ["event", *line[2:]]
        if is_thorough:
            assert check(database) == []
    finally:
        database.close()
    return len(own)


def _verify_versions(database: Database, own: list[list[str]]) -> None:
    with database.read() as r:
        for line in own:
            if line[0] == "version":
                stored = vread(r, line[1], line[2], int(line[3]))
                assert stored and stored.method == line[4]


def _verify_groups(database: Database, own: list[list[str]], run: str) -> None:
    """Of each group all or none, and all where it was acknowledged."""
    noted = {line[2]: int(line[3]) for line in own if line[0] == "all"}
    with database.read() as r:
        versions = history(r, count=10**6)
    found = Counter(one.id.rpartition("-")[0] for one in versions if re.match(rf"{run}-\d+-", one.id))
    assert set(noted) <= set(found)
    assert set(found.values()) <= {3, 150}
    assert all(found[group] == number for group, number in noted.items())
