"""Writes what ``bench/calibration.py`` found as a table for the page and as reliability diagrams.

    python bench/calibration_page.py docs/methods/calibration.json docs/methods/calibration.svg

The table is printed; the diagrams are written.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

SIDE, GAP, COLUMNS = 120, 46, 4
LEAST = 200  # cases below which a point says nothing


def tables(result: dict[str, Any]) -> str:
    """Two tables: deciles pooled, and every gene."""
    lines = ["| given | cases | mean given | share right | difference |", "|---|---|---|---|---|"]
    for low, cases, given, right, _ in result["pooled"]["deciles"]:
        if cases >= LEAST:
            lines.append(f"| {low:.1f}–{low + 0.1:.1f} | {cases} | {given:.4f} | {right:.4f} | {right - given:+.4f} |")
    lines += ["", "| gene | cases assured | assured wrong | error where p ≥ 0.999 | largest decile error | Brier |"]
    lines.append("|---|---|---|---|---|---|")
    for name, item in [*sorted(result["genes"].items()), ("all", result["pooled"])]:
        worst = max(abs(right - given) for _, cases, given, right, _ in item["deciles"] if cases >= 2000)
        lines.append(
            f"| {name} | {item['assured_share']:.1%} | {item['assured_wrong']:.2%} | {item['p999_wrong']:.3%} | {worst:.3f} "
            f"| {item['brier']:.3f} |"
        )
    return "\n".join(lines)


def diagrams(result: dict[str, Any]) -> str:
    """Reliability diagrams, one a gene and one for all, as an SVG."""
    items = [("all genes", result["pooled"]), *sorted(result["genes"].items())]
    rows = -(-len(items) // COLUMNS)
    width, height = COLUMNS * (SIDE + GAP) + GAP, rows * (SIDE + GAP) + GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="10"><rect width="100%" height="100%" fill="#fff"/>'
    ]
    for number, (name, item) in enumerate(items):
        left, top = GAP + (number % COLUMNS) * (SIDE + GAP), GAP + (number // COLUMNS) * (SIDE + GAP)
        parts.append(_diagram(name, item, left, top, is_corner=number == 0))
    return "\n".join([*parts, "</svg>\n"])


def _diagram(name: str, item: dict[str, Any], left: int, top: int, is_corner: bool) -> str:
    bottom = top + SIDE
    made = [
        f'<text x="{left}" y="{top - 6}" font-weight="bold">{name}</text>',
        f'<rect x="{left}" y="{top}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#888"/>',
        f'<line x1="{left}" y1="{bottom}" x2="{left + SIDE}" y2="{top}" stroke="#888" stroke-dasharray="3 3"/>',
    ]
    if is_corner:
        made.append(f'<text x="{left}" y="{bottom + 14}">0</text><text x="{left + SIDE - 6}" y="{bottom + 14}">1</text>')
        made.append(f'<text x="{left + 18}" y="{bottom + 14}">probability given</text>')
        turn = f'transform="rotate(-90 {left - 8} {bottom - 22})"'
        made.append(f'<text x="{left - 8}" y="{bottom - 22}" {turn}>share right</text>')
    for _, cases, given, right, error in item["deciles"]:
        if cases < LEAST:
            continue
        x, y = left + given * SIDE, bottom - right * SIDE
        low, high = bottom - max(right - 2 * error, 0) * SIDE, bottom - min(right + 2 * error, 1) * SIDE
        made.append(f'<line x1="{x:.1f}" y1="{low:.1f}" x2="{x:.1f}" y2="{high:.1f}" stroke="#05a"/>')
        made.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#05a"/>')
    return "".join(made)


if __name__ == "__main__":
    found = json.loads(Path(sys.argv[1]).read_text())
    Path(sys.argv[2]).write_text(diagrams(found))
    print(tables(found))
