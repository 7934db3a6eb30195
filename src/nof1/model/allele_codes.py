"""Alleles and places as 64-bit numbers, so that millions of them are compared at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]

NO_SEQUENCE = 0  # a text that is not A, C, G and T
ANY_OTHER = 1  # "every allele that is not named": <NON_REF>, <*>, and what a reference record leaves open
MOST_PACKED = 30
X, Y, MITOCHONDRION = 23, 24, 25
_NUMBER = {"A": 0, "C": 1, "G": 2, "T": 3}
_SEQUENCE = re.compile(r"[ACGT]+")
_NAMED = {"X": X, "XY": X, "PAR": X, "Y": Y, "M": MITOCHONDRION, "MT": MITOCHONDRION}
_CHROMOSOMES = {**{str(number): number for number in range(1, 23)}, **{str(n): n for n in (23, 24)}, **_NAMED}
_SHIFT = 32
_LOW = (1 << _SHIFT) - 1


class AlleleCodes(dict[str, int]):
    """The number of each allele text, worked out once. Up to 30 letters the number can be read back.

    A longer sequence has a negative number made from a digest of it.

    >>> codes = AlleleCodes()
    >>> codes["A"], codes["t"], codes["AC"], codes["<DEL>"], codes["A" * 40] < 0
    (4, 7, 17, 0, True)
    """

    def __missing__(self, text: str) -> int:
        self[text] = found = _coded(text.upper())
        return found

    def of(self, texts: Iterable[str]) -> Codes:
        """The numbers of many texts, (texts,) int64."""
        return np.fromiter(map(self.__getitem__, texts), np.int64)


def _coded(text: str) -> int:
    if not _SEQUENCE.fullmatch(text):
        return NO_SEQUENCE
    if len(text) > MOST_PACKED:
        return -1 - (int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 2)
    value = 1
    for letter in text:
        value = value << 2 | _NUMBER[letter]
    return value


def letters(code: int) -> str:
    """The allele of a number; ``*`` for any other one, ``...`` for a sequence too long to be read back.

    >>> letters(17), letters(4), letters(0), letters(-5)
    ('AC', 'A', '', '...')
    """
    if code == NO_SEQUENCE:
        return ""
    if code < NO_SEQUENCE:
        return "..."
    if code == ANY_OTHER:
        return "*"
    found = ""
    while code > 1:
        found = "ACGT"[code & 3] + found
        code >>= 2
    return found


def is_single(codes: Codes) -> NDArray[np.bool_]:
    """Whether alleles are one letter."""
    return (codes >= 4) & (codes <= 7)


def complement(codes: Codes) -> Codes:
    """Single letters as the other strand has them; other alleles become ``NO_SEQUENCE``, which nothing equals."""
    return np.where(is_single(codes), codes ^ 3, NO_SEQUENCE)


def chromosome_number(text: str) -> int:
    """1-22, X 23, Y 24, mitochondrion 25; 0 for anything else.

    >>> chromosome_number("chrX"), chromosome_number("7"), chromosome_number("6_alt")
    (23, 7, 0)
    """
    name = text.strip().upper()
    return _CHROMOSOMES.get(name[3:] if name.startswith("CHR") else name, 0)


def chromosome_name(number: int) -> str:
    """The name in ``chr`` style."""
    return {X: "chrX", Y: "chrY", MITOCHONDRION: "chrM"}.get(number, f"chr{number}")


def place(chromosome: int, position: int) -> int:
    """A chromosome and a 1-based position as one number that sorts by both; 0 where one of them is unknown or cannot be.

    >>> place(1, 1000), place(1, (1 << 32) + 1000), place(0, 5)
    (4294968296, 0, 0)
    """
    return chromosome << _SHIFT | position if chromosome and 0 < position <= _LOW else 0


def chromosomes(places: Codes) -> Codes:
    """The chromosome number of each place."""
    return places >> _SHIFT


def positions(places: Codes) -> Codes:
    """The position of each place."""
    return places & _LOW
