"""Many alleles at once: slices of one text, trimmed, compared, and turned into 64-bit keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1 import kernel

Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Keys = NDArray[np.uint64]

UPPER = 0xDF  # takes the bit away that tells a small letter from a capital one
_TOGETHER = 64  # so many letters are gone through for all alleles at once; the few longer ones are finished one by one
_PRIME = 0x100000001B3
_SPREAD = 0x9E3779B97F4A7C15
_WORD = (1 << 64) - 1
_BETWEEN = 0x2F  # stands between REF and ALT, so that AC>G and A>CG differ
_LETTERS = np.zeros(256, bool)
_LETTERS[np.frombuffer(b"ACGTacgt", np.uint8)] = True


@dataclass(frozen=True, slots=True)
class AlleleArrays:
    """Alleles as slices of ``text`` ((bytes,), letters of either case).

    All others are (alleles,): ``contig`` a number in the owner's table of names, ``position`` 1-based, ``ref_at`` and
    ``alt_at`` where REF and ALT begin in ``text``, ``ref_length`` and ``alt_length`` their letters, at least one each.
    """

    text: Bytes
    contig: NDArray[np.int32]
    position: Ints
    ref_at: Ints
    ref_length: Ints
    alt_at: Ints
    alt_length: Ints

    def __len__(self) -> int:
        return len(self.position)

    def arrays(self) -> tuple[NDArray[Any], ...]:
        """Everything but the text, in the order of the fields."""
        return self.contig, self.position, self.ref_at, self.ref_length, self.alt_at, self.alt_length

    def take(self, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> AlleleArrays:
        """The alleles that ``chosen`` names, by number or by mask, on the same text."""
        return AlleleArrays(
            self.text, self.contig[chosen], self.position[chosen], self.ref_at[chosen], self.ref_length[chosen],
            self.alt_at[chosen], self.alt_length[chosen],
        )  # fmt: skip

    def written(self, one: int) -> tuple[int, str, str]:
        """Position, REF and ALT of allele ``one``, in capital letters."""
        ref, alt = int(self.ref_at[one]), int(self.alt_at[one])
        refs, alts = (
            self.text[at : at + int(length[one])].tobytes().decode("ascii").upper()
            for at, length in ((ref, self.ref_length), (alt, self.alt_length))
        )
        return int(self.position[one]), refs, alts


def spread(at: Ints, length: Ints) -> Ints:
    """Every place of slices that begin ``at`` and are ``length`` long, one after the other.

    >>> spread(np.array([10, 30]), np.array([2, 3])).tolist()
    [10, 11, 30, 31, 32]
    """
    ends = np.cumsum(length)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(at - (ends - length), length) + np.arange(total)


def all_among(text: Bytes, at: Ints, length: Ints, allowed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether every byte of each slice (at least one long) is one that ``allowed`` (256,) has."""
    found = allowed[text[at]]
    if (longer := np.flatnonzero(length > 1)).size:
        inside = allowed[text[spread(at[longer], length[longer])]]
        begins = np.cumsum(length[longer]) - length[longer]
        found[longer] = np.logical_and.reduceat(inside, begins)
    return found


def are_letters(text: Bytes, at: Ints, length: Ints) -> NDArray[np.bool_]:
    """Whether each slice is written in A, C, G and T alone."""
    return all_among(text, at, length, _LETTERS)


def trimmed(alleles: AlleleArrays, chosen: NDArray[np.bool_] | bool = True) -> AlleleArrays:
    """The shortest writing of each change: shared last letters go first, then shared first ones; one letter stays.

    Those that are not ``chosen`` stay as they are.

    >>> text = np.frombuffer(b"GATGACCAACA", np.uint8)
    >>> one = np.array
    >>> pair = AlleleArrays(text, one([0, 0]), one([100, 100]), one([0, 6]), one([3, 3]), one([3, 9]), one([3, 2]))
    >>> [trimmed(pair).written(number) for number in (0, 1)]
    [(102, 'T', 'C'), (100, 'CA', 'C')]
    """
    both = np.flatnonzero((alleles.ref_length > 1) & (alleles.alt_length > 1) & chosen)
    if not both.size:
        return alleles
    part = alleles.take(both)
    text, ref_length, alt_length = part.text, part.ref_length, part.alt_length
    most = np.minimum(ref_length, alt_length) - 1
    cut = _shared(text, part.ref_at + ref_length - 1, part.alt_at + alt_length - 1, most, -1)
    ref_length, alt_length = ref_length - cut, alt_length - cut
    skip = _shared(text, part.ref_at, part.alt_at, np.minimum(ref_length, alt_length) - 1, 1)
    whole = replace(
        alleles, position=alleles.position.copy(), ref_at=alleles.ref_at.copy(), ref_length=alleles.ref_length.copy(),
        alt_at=alleles.alt_at.copy(), alt_length=alleles.alt_length.copy(),
    )  # fmt: skip
    for array, values in (
        (whole.position, part.position + skip), (whole.ref_at, part.ref_at + skip), (whole.alt_at, part.alt_at + skip),
        (whole.ref_length, ref_length - skip), (whole.alt_length, alt_length - skip),
    ):  # fmt: skip
        array[both] = values
    return whole


def _shared(text: Bytes, first: Ints, second: Ints, most: Ints, step: int) -> Ints:
    """How many letters agree, going by ``step`` from ``first`` and ``second``, ``most`` at the most."""
    count = np.zeros(len(first), np.int64)
    active = np.flatnonzero(most > 0)
    for passed in range(_TOGETHER):
        same = ((text[first[active] + step * passed] ^ text[second[active] + step * passed]) & UPPER) == 0
        active = active[same]
        count[active] += 1
        active = active[most[active] > passed + 1]
        if not active.size:
            return count
    for one in active:
        left = int(most[one]) - _TOGETHER
        ours, theirs = (_run(text, int(start[one]) + step * _TOGETHER, left, step) for start in (first, second))
        differs = np.flatnonzero((ours ^ theirs) & UPPER)
        count[one] += int(differs[0]) if differs.size else left
    return count


def _run(text: Bytes, at: int, length: int, step: int) -> Bytes:
    return text[at : at + length] if step > 0 else text[at - length + 1 : at + 1][::-1]


def same(ours: AlleleArrays, theirs: AlleleArrays) -> NDArray[np.bool_]:
    """Whether alleles in the same place of both are the same change of the same position (contigs are not compared)."""
    equal: NDArray[np.bool_] = (ours.position == theirs.position) & (ours.ref_length == theirs.ref_length)
    equal &= ours.alt_length == theirs.alt_length
    there = np.flatnonzero(equal)
    one, other = ours.take(there), theirs.take(there)
    for at, its, length in ((one.ref_at, other.ref_at, one.ref_length), (one.alt_at, other.alt_at, one.alt_length)):
        equal[there] &= _agree(ours.text, at, theirs.text, its, length)
    return equal


def _agree(text: Bytes, at: Ints, other: Bytes, its: Ints, length: Ints) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = ((text[at] ^ other[its]) & UPPER) == 0
    if (longer := np.flatnonzero((length > 1) & found)).size:
        pair = [spread(start[longer], length[longer]) for start in (at, its)]
        agreed = ((text[pair[0]] ^ other[pair[1]]) & UPPER) == 0
        found[longer] = np.logical_and.reduceat(agreed, np.cumsum(length[longer]) - length[longer])
    return found


def seed(build: str, contig: str) -> int:
    """What the keys of a contig of a build start from."""
    value = _SPREAD
    for letter in f"{build}/{contig}".encode():
        value = ((value ^ letter) * _PRIME) & _WORD
    return value


def keys(alleles: AlleleArrays, seeds: Keys) -> Keys:
    """A 64-bit key of each allele; ``seeds`` (contigs,) by number of the contig. Equal changes have equal keys.

    >>> text = np.frombuffer(b"ACGTacg", np.uint8)
    >>> one = np.array
    >>> at, length = (one([0, 4, 0]), one([2, 6, 1])), (one([2, 2, 1]), one([1, 1, 2]))
    >>> three = AlleleArrays(text, one([0, 0, 0]), one([5, 5, 5]), at[0], length[0], at[1], length[1])
    >>> found = keys(three, np.array([seed("GRCh38", "chr1")], np.uint64))
    >>> bool(found[0] == found[1]), bool(found[0] == found[2])
    (True, False)
    """
    if (by_kernel := kernel.keys(alleles.text, alleles.arrays(), seeds)) is not None:
        return by_kernel
    value: Keys = seeds[alleles.contig] ^ (alleles.position.astype(np.uint64) * np.uint64(_SPREAD))
    value = _mixed(value)
    _fold(value, alleles.text, alleles.ref_at, alleles.ref_length)
    value ^= np.uint64(_BETWEEN)
    value *= np.uint64(_PRIME)
    _fold(value, alleles.text, alleles.alt_at, alleles.alt_length)
    return _mixed(value)


def _fold(value: Keys, text: Bytes, at: Ints, length: Ints) -> None:
    """Take the letters of each slice into ``value``."""
    value ^= text[at] & np.uint8(UPPER)
    value *= np.uint64(_PRIME)
    active = np.flatnonzero(length > 1)
    for passed in range(1, _TOGETHER):
        if not active.size:
            return
        letters = (text[at[active] + passed] & np.uint8(UPPER)).astype(np.uint64)
        value[active] = (value[active] ^ letters) * np.uint64(_PRIME)
        active = active[length[active] > passed + 1]
    for one in active:
        word = int(value[one])
        for letter in text[int(at[one]) + _TOGETHER : int(at[one] + length[one])].tobytes():
            word = ((word ^ (letter & UPPER)) * _PRIME) & _WORD
        value[one] = word


def _mixed(value: Keys) -> Keys:
    """Every bit made to depend on every other."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
