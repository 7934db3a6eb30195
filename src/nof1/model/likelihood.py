"""Probabilities in words: numbers that never look surer than they are, the same for every reader."""

from __future__ import annotations

from math import ceil, floor

from nof1.model.findings import Chance

SHORTEST, _LONGEST = 0.001, 0.999  # beyond them more digits would only look precise
_EXACT = 1e-9  # what binary fractions fall short of the decimals they stand for


def probability(value: float) -> str:
    """A probability in two or three decimals, cut and never rounded up to more than it is; none reads 0 or 1.

    >>> [probability(value) for value in (0.9899, 0.9984, 0.99999, 0.29, 0.2178, 0.0049, 0.0)]
    ['0.98', '0.998', '>0.999', '0.29', '0.21', '0.004', '<0.001']
    """
    if value > _LONGEST:
        return f">{_LONGEST}"
    if value < SHORTEST:
        return f"<{SHORTEST}"
    digits = 3 if min(value, 1 - value) < 0.01 else 2
    return f"{floor(value * 10**digits + _EXACT) / 10**digits:.{digits}f}"


def left_over(value: float) -> str:
    """What all that is not listed has together, in two or three decimals: never rounded down to less than it is.

    >>> [left_over(value) for value in (0.018, 0.0042, 0.02, 0.0)]
    ['0.02', '0.005', '0.02', '<0.001']
    """
    if not SHORTEST <= value <= _LONGEST:
        return probability(value)
    digits = 3 if min(value, 1 - value) < 0.01 else 2
    return f"{ceil(value * 10**digits - _EXACT) / 10**digits:.{digits}f}"


def spread(chance: Chance) -> str:
    """The probability, or its range where several populations were asked and differ.

    >>> spread(Chance("x", "", "x", 0.97, 0.934, 0.985)), spread(Chance("x", "", "x", 0.1, 0.0, 0.2))
    ('0.93 to 0.98', '<0.001 to 0.20')
    """
    low, high = probability(chance.lowest), probability(chance.highest)
    return low if low == high else f"{low} to {high}"
