"""Order and writing of allele names and diplotypes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_PARTS = re.compile(r"(\d+)")


@lru_cache(maxsize=4096)
def name_key(name: str) -> tuple[object, ...]:
    """Sort key: combinations last, a bare word for the reference sequence first, numbers by value.

    >>> sorted(["*10", "*2", "[*1 + *3]"], key=name_key)
    ['*2', '*10', '[*1 + *3]']
    """
    parts = tuple((0, int(part), "") if part.isdecimal() else (1, 0, part.lower()) for part in _PARTS.split(name) if part)
    return (name.startswith("["), name.count(" + "), name != "Reference", parts)


def strand_name(alleles: Iterable[str]) -> str:
    """The alleles of one strand in one name: ``*2``, or ``[*6 + *14]`` for several."""
    ordered = sorted(alleles, key=name_key)
    return ordered[0] if len(ordered) == 1 else "[" + " + ".join(ordered) + "]"


def pair_name(one: str, two: str | None) -> str:
    """Two names as a diplotype, in order; a single name for a haploid call."""
    if two is None:
        return one
    return "/".join(sorted((one, two), key=name_key))
