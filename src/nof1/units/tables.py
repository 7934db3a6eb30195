"""The facts about units, read once from the tables of this package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pkgutil import get_data

Dimension = tuple[tuple[str, int], ...]

SEVEN = ("m", "s", "g", "rad", "K", "C", "cd")  # the base units of UCUM; all others of the table are bases of our own
_POWER = re.compile(r"(.+?)(-?\d+)?")


@dataclass(frozen=True, slots=True)
class Atom:
    """A unit without prefix: one of it is ``factor * pi ** pi_power`` of ``dimension`` in base units.

    ``scale`` names the function of a non-ratio scale and is empty for every other unit.
    """

    code: str
    takes_prefix: bool
    factor: Fraction
    pi_power: int
    dimension: Dimension
    scale: str


@dataclass(frozen=True, slots=True)
class Spelling:
    """What a record's spelling means in UCUM; ``wins`` when it does so although the spelling is UCUM for something else."""

    ucum: str
    wins: bool


@cache
def atoms() -> dict[str, Atom]:
    """Every unit by its code."""
    return dict(_atoms())


@cache
def prefixes() -> dict[str, Fraction]:
    """Every prefix and its factor, the longest first."""
    rows = sorted(_rows("prefixes.tsv"), key=lambda row: -len(row[0]))
    return {prefix: Fraction(factor) for prefix, factor, _ in rows}


@cache
def spellings(place: str) -> dict[str, Spelling]:
    """Everyday spellings of a ``whole`` unit, or of a ``part`` of one between solidi."""
    return {text: Spelling(ucum, wins == "yes") for text, ucum, where, wins, _ in _rows("spellings.tsv") if where == place}


@cache
def kinds() -> tuple[tuple[str, str], ...]:
    """Kinds of quantity as (name, a unit of that kind)."""
    return tuple((name, example) for name, example in _rows("kinds.tsv"))


def _atoms() -> Iterator[tuple[str, Atom]]:
    for code, takes_prefix, factor, pi, dimension, scale, _ in _rows("atoms.tsv"):
        function = "" if scale in ("ratio", "own", "arbitrary") else scale
        yield code, Atom(code, takes_prefix == "yes", Fraction(factor), int(pi), _dimension(dimension), function)


def _dimension(text: str) -> Dimension:
    if text == "1":
        return ()
    found = [_POWER.fullmatch(part) for part in text.split(".")]
    return tuple(sorted((match[1], int(match[2] or 1)) for match in found if match))


def _rows(name: str) -> Iterator[list[str]]:
    """The rows of a table below its header; lines that begin with ``# `` are notes."""
    text = (get_data(__package__, name) or b"").decode()
    lines = [line for line in text.splitlines() if line and not line.startswith("# ")]
    return (line.split("\t") for line in lines[1:])
