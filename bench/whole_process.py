"""Seconds and memory of whole processes."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

RUNS = 5
_ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
}  # as where it is installed


@dataclass(frozen=True)
class Figure:
    """Seconds (median, minimum, maximum) and the peak memory of a whole process."""

    seconds: float
    low: float
    high: float
    peak_mb: float

    def text(self) -> str:
        return f"{self.seconds:.2f} s ({self.low:.2f}-{self.high:.2f}), {self.peak_mb:.0f} MB"


def measure(command: list[str], runs: int = RUNS, before: Callable[[], None] | None = None) -> Figure:
    times, peak = [], 0.0
    for _ in range(runs):
        if before is not None:
            before()
        started = time.perf_counter()
        with tempfile.TemporaryFile() as said:
            child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said, env=_ENVIRONMENT)
            _, status, usage = os.wait4(child.pid, 0)
            said.seek(0)
            error = said.read(300).decode("utf-8", "replace")
        times.append(time.perf_counter() - started)
        peak = max(peak, usage.ru_maxrss / 1024)
        if status:
            sys.exit(f"{' '.join(command)[:200]} failed: {error}")
    return Figure(statistics.median(times), min(times), max(times), peak)
