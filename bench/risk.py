"""Measures equations of risk on many people.

    python bench/risk.py

Inputs are drawn inside each equation's domain; reading, checking and refusing them is counted. The floor is NumPy adding the
inputs up once.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "risk"))

PEOPLE, RUNS, FEWER = 100_000, 5, 20_000


def median(run: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        run()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def rows(folder: Path | None = None) -> list[str]:
    """A row for each equation: people a second with every outcome and horizon; then bounds and contributions of one."""
    del folder
    from risk_people import crowd

    from nof1.knowledge.compiled import knowledge
    from nof1.risk.bounds import bounds
    from nof1.risk.columns import read_columns
    from nof1.risk.estimates import estimates

    known = knowledge().risks
    found = []
    for name, equation in known.items():
        columns: dict[str, Any] = crowd(equation, PEOPLE)
        ours = median(lambda equation=equation, columns=columns: estimates(equation, columns))
        numbers = [column for column in columns.values() if column.dtype.kind == "f"]
        floor = median(lambda numbers=numbers: np.sum(numbers, axis=0))
        values = sum(len(outcome.years) for outcome in equation.outcomes)
        found.append(
            f"| risk, {name}: {PEOPLE:,} people, {values} value(s) each | {ours:.3f} s, {PEOPLE / ours:,.0f} people/s | "
            f"NumPy adding the inputs: {floor:.4f} s | {ours / floor:.0f} | >= 100,000 people/s |"
        )
    equation = known["prevent-base"]
    lacking = {
        key: column[:FEWER] for key, column in crowd(equation, FEWER).items() if key not in ("systolic", "smoker", "hdl")
    }
    read = read_columns(equation, lacking)
    open_ = median(lambda: bounds(equation, read, "total_cvd", 10))
    found.append(
        f"| risk, prevent-base: bounds of {FEWER:,} people who lack pressure, HDL cholesterol and smoking | "
        f"{open_:.3f} s, {FEWER / open_:,.0f} people/s | | | |"
    )
    return found


if __name__ == "__main__":
    print("\n".join(rows()))
