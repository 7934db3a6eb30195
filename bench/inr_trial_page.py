"""Writes what ``bench/inr_trial.py`` found: numbers, a table for the page, and a drawing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LOW, HIGH, TOXIC, LATE = 2.0, 3.0, 4.0, 28
SAMPLES, SEED = 4000, 7
PAIRS = {
    ("fed_back", "fixed"): "feedback against the fixed dose",
    ("clinical", "fixed"): "clinical dose and feedback against the fixed genetic dose",
    ("clinical", "fed_back"): "clinical against genetic first dose, both with feedback",
    ("closer_fed_back", "closer_fixed"): "the same, variances a quarter",
    ("wider_fed_back", "wider_fixed"): "the same, variances half as large again",
    ("other_fed_back", "other_fixed"): "the same, another person's genotypes",
    ("unsteady_fed_back", "unsteady_fixed"): "the same, doses missed and larger errors",
}
GROUPS = {
    "as the model has it": ("fixed", "fed_back", "clinical"),
    "variances a quarter": ("closer_fixed", "closer_fed_back"),
    "variances half as large again": ("wider_fixed", "wider_fed_back"),
    "another person's genotypes": ("other_fixed", "other_fed_back"),
    "a tenth of doses missed, INR error half as large again": ("unsteady_fixed", "unsteady_fed_back"),
}
SHORT = {"a tenth of doses missed, INR error half as large again": "doses missed, larger errors"}
COLOURS = {"fixed": "#a33", "fed_back": "#05a", "clinical": "#0a7"}
Floats = NDArray[np.float64]


def measured(inr: Floats) -> dict[str, Floats]:
    """By patient, from true INRs (patients, times) every six hours."""
    inside = (inr >= LOW) & (inr <= HIGH)
    late = slice(4 * LATE, None)
    first = np.where(inside.any(axis=1), inside.argmax(axis=1) / 4, np.nan)
    return {
        "in_range": inside.mean(axis=1),
        "in_range_late": inside[:, late].mean(axis=1),
        "below": (inr < LOW).mean(axis=1),
        "above_3": (inr > HIGH).mean(axis=1),
        "above_4": (inr > TOXIC).mean(axis=1),
        "ever_above_4": (inr > TOXIC).any(axis=1).astype(float),
        "first_days": first,
    }


def of_arm(rows: Sequence[Mapping[str, Any]], arm: str) -> tuple[Floats, Floats]:
    """True INRs and daily doses of everybody who had the arm."""
    had = [row["arms"][arm] for row in rows if arm in row["arms"] and (row["group"] != "other" or row["is_other"])]
    return np.array([item["inr"] for item in had]), np.array([item["doses"] for item in had])


def interval(values: Floats) -> list[float]:
    """Mean and 95 % interval by bootstrap over patients."""
    rng = np.random.default_rng(SEED)
    means = values[rng.integers(0, len(values), (SAMPLES, len(values)))].mean(axis=1)
    return [round(float(value), 4) for value in (values.mean(), *np.quantile(means, [0.025, 0.975]))]


def summary(rows: Sequence[Mapping[str, Any]], arms: Mapping[str, str], visits: Sequence[int]) -> dict[str, Any]:
    """Everything that is reported, by arm and by pair of arms on the same patients."""
    found: dict[str, Any] = {
        "patients": len({row["number"] for row in rows}),
        "visits": list(visits),
        "arms": {},
        "pairs": {},
    }
    kept = {}
    for arm, title in arms.items():
        inr, doses = of_arm(rows, arm)
        own = kept[arm] = measured(inr)
        first = own["first_days"]
        found["arms"][arm] = {
            "title": title,
            "patients": len(inr),
            **{name: interval(values) for name, values in own.items() if name != "first_days"},
            "first_days_median": _median(first),
            "never": int(np.isnan(first).sum()),
            "at_most_dose": int((doses[:, -1] >= 10).sum()),
            "by_day": [
                [round(float(share), 4) for share in ((inr >= LOW) & (inr <= HIGH)).mean(axis=0)[::4]],
                [round(float(share), 4) for share in (inr > TOXIC).mean(axis=0)[::4]],
            ],
        }
    for (one, other), title in PAIRS.items():
        count = min(len(kept[one]["in_range"]), len(kept[other]["in_range"]))
        found["pairs"][title] = {
            name: interval(kept[one][name][:count] - kept[other][name][:count])
            for name in ("in_range", "in_range_late", "above_4", "below")
        }
    return found


def _median(days: Floats) -> float | None:
    """Of days of which some never come; ``None`` where more than half do not."""
    middle = float(np.median(np.where(np.isnan(days), np.inf, days)))
    return round(middle, 2) if np.isfinite(middle) else None


def tables(result: Mapping[str, Any]) -> str:
    """The arms, and the differences between them."""
    lines = ["| patients and arm | n | in range | from day 28 | above 4 | ever above 4 | first in range (median) | never |"]
    lines.append("|---|---|---|---|---|---|---|---|")
    for title, arms in GROUPS.items():
        for arm in arms:
            item = result["arms"][arm]
            shares = " | ".join(_percent(item[name]) for name in ("in_range", "in_range_late", "above_4", "ever_above_4"))
            days = item["first_days_median"]
            first = "never" if days is None else f"day {days:.0f}"
            lines.append(f"| {title}: {item['title']} | {item['patients']} | {shares} | {first} | {item['never']} |")
    lines += [
        "",
        "| difference in percentage points, patient by patient | in range | from day 28 | above 4 |",
        "|---|---|---|---|",
    ]
    for pair, item in result["pairs"].items():
        shares = " | ".join(_points(item[name]) for name in ("in_range", "in_range_late", "above_4"))
        lines.append(f"| {pair} | {shares} |")
    return "\n".join(lines)


def _percent(values: Sequence[float]) -> str:
    return f"{values[0]:.1%} ({values[1]:.1%}-{values[2]:.1%})".replace("%", " %")


def _points(values: Sequence[float]) -> str:
    return f"{100 * values[0]:+.1f} ({100 * values[1]:+.1f} to {100 * values[2]:+.1f})"


WIDE, TALL, LEFT, TOP, GAP = 250, 150, 44, 34, 62


def drawing(result: Mapping[str, Any]) -> str:
    """Share of patients in range by day, of each group, and the share above 4 of the first, as an SVG."""
    panels = [(SHORT.get(title, title), arms, 0) for title, arms in GROUPS.items()]
    panels.insert(1, ("as the model has it: above 4", GROUPS["as the model has it"], 1))
    width, height = 2 * (WIDE + GAP) + 10, 3 * (TALL + GAP) + 44
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="10"><title>Share of simulated patients with an INR of 2 to 3, by day</title>'
        '<rect width="100%" height="100%" fill="#fff"/>'
    ]
    for number, (title, arms, which) in enumerate(panels):
        left, top = LEFT + (number % 2) * (WIDE + GAP), TOP + (number // 2) * (TALL + GAP)
        parts.append(_panel(result, title if which else f"{title}: INR 2 to 3", arms, which, left, top))
    names = {"fixed": "fixed dose", "fed_back": "INR feedback", "clinical": "clinical dose, then feedback"}
    for number, (name, colour) in enumerate(COLOURS.items()):
        x = LEFT + number * 150
        parts.append(
            f'<line x1="{x}" y1="{height - 16}" x2="{x + 22}" y2="{height - 16}" stroke="{colour}" stroke-width="2"/>'
        )
        parts.append(f'<text x="{x + 28}" y="{height - 12}">{names[name]}</text>')
    return "\n".join([*parts, "</svg>\n"])


def _panel(result: Mapping[str, Any], title: str, arms: Sequence[str], which: int, left: int, top: int) -> str:
    most, bottom = (0.4 if which else 1.0), top + TALL
    made = [
        f'<text x="{left}" y="{top - 8}" font-weight="bold">{title}</text>',
        f'<rect x="{left}" y="{top}" width="{WIDE}" height="{TALL}" fill="none" stroke="#888"/>',
    ]
    for share in (0.0, most / 2, most):
        y = bottom - TALL * share / most
        made.append(f'<text x="{left - 4}" y="{y + 3:.1f}" text-anchor="end">{share:.0%}</text>')
    for day in range(0, 91, 30):
        made.append(f'<text x="{left + WIDE * day / 90:.1f}" y="{bottom + 13}" text-anchor="middle">{day}</text>')
    for day in result["visits"]:
        x = left + WIDE * day / 90
        made.append(f'<line x1="{x:.1f}" y1="{bottom}" x2="{x:.1f}" y2="{bottom - 4}" stroke="#888"/>')
    made.append(f'<text x="{left + WIDE / 2}" y="{bottom + 26}" text-anchor="middle">day (marks: INR measured)</text>')
    for arm in arms:
        shares = result["arms"][arm]["by_day"][which]
        points = " ".join(
            f"{left + WIDE * day / 90:.1f},{bottom - TALL * min(share / most, 1):.1f}" for day, share in enumerate(shares)
        )
        colour = COLOURS[next(name for name in COLOURS if arm.endswith(name))]
        made.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
    return "".join(made)


def write(rows: Sequence[Mapping[str, Any]], arms: Mapping[str, str], visits: Sequence[int], folder: Path | None) -> None:
    """Prints the table; into ``folder`` the numbers and the drawing."""
    result = summary(rows, arms, visits)
    print(tables(result))
    if folder:
        (folder / "inr_trial.json").write_text(json.dumps(result, indent=1) + "\n")
        (folder / "inr_trial.svg").write_text(drawing(result))
