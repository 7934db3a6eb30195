"""Seeded reference sequences that are rich in repeats, and changes drawn on them."""

from __future__ import annotations

import numpy as np

BASES = "ACGT"


def repeat_rich(rng: np.random.Generator, length: int) -> str:
    """Homopolymers, short and long tandem repeats, N, lower case and plain sequence, one after the other."""
    parts: list[str] = []
    while sum(map(len, parts)) < length:
        kind = rng.integers(0, 6)
        unit = text(rng, int(rng.integers(1, 2 if kind == 0 else 7)))
        if kind <= 2:
            parts.append(unit * int(rng.integers(2, 16)))
        elif kind == 3:
            parts.append(text(rng, int(rng.integers(20, 60))) * int(rng.integers(2, 5)))
        elif kind == 4:
            parts.append("N" * int(rng.integers(1, 5)) if rng.random() < 0.3 else unit.lower() * int(rng.integers(1, 8)))
        else:
            parts.append(text(rng, int(rng.integers(5, 60))))
    return "".join(parts)[:length]


def text(rng: np.random.Generator, length: int, letters: str = BASES) -> str:
    return "".join(letters[at] for at in rng.integers(0, len(letters), length))


def change(rng: np.random.Generator, reference: str, at: int | None = None) -> tuple[int, str, str]:
    """One allele somewhere on ``reference`` (position from 1): indels, often of a repeat's own unit, some with more said
    than needed at either end; some substitutions of one or several bases."""
    position = int(rng.integers(1, len(reference) + 1)) if at is None else at
    kind = rng.integers(0, 8)
    size = int(rng.choice([1, 1, 1, 2, 2, 3, 3, 4, 6, 9, 15, 40]))
    body = reference[position - 1 : position - 1 + size].upper()
    if kind in (0, 1):
        ref, alt = body, text(rng, len(body)) if len(body) else ""
    elif kind in (2, 3, 4):
        ref, alt = reference[position - 1 : position + size].upper(), reference[position - 1].upper()
    elif kind in (5, 6):
        ref = reference[position - 1].upper()
        copied = reference[position : position + size].upper()
        alt = ref + (copied if copied and rng.random() < 0.7 else text(rng, size))
    else:
        ref, alt = body, text(rng, int(rng.integers(1, 8)))
    if rng.random() < 0.4:
        return more_said(rng, reference, position, ref, alt)
    return position, ref, alt


def more_said(rng: np.random.Generator, reference: str, position: int, ref: str, alt: str) -> tuple[int, str, str]:
    """The same change with bases of the reference on either side."""
    before, after = int(rng.integers(0, 6)), int(rng.integers(0, 6))
    start = max(position - before, 1)
    head = reference[start - 1 : position - 1].upper()
    tail = reference[position - 1 + len(ref) : position - 1 + len(ref) + after].upper()
    return start, head + ref + tail, head + alt + tail


def changed(reference: str, position: int, ref: str, alt: str) -> str:
    """The haplotype with the change."""
    return reference[: position - 1].upper() + alt + reference[position - 1 + len(ref) :].upper()
