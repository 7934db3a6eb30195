"""Records of one person that replace one base by one other, as arrays: nearly all that a score of a million places meets.

What is usable is judged as ``one_sample`` judges it, to which every record goes that is not plain; tests compare the two.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nof1.genomics.columns import ALT, FILTER, FORMAT, REF, Contigs, Records
from nof1.genomics.one_sample import Form, form_of
from nof1.genomics.vcf import Quality
from nof1.model.allele_arrays import Bytes, Ints
from nof1.model.allele_codes import AlleleCodes, Codes, chromosome_number, place

Flags = NDArray[np.bool_]
_DOT, _COMMA, _COLON, _ZERO, _ONE, _SLASH, _BAR = b".,:01/|"
_FORMATS = 4  # different FORMATs of a piece that are taken; records of others are not plain
_MOST_DIGITS = 7
_CODES = np.zeros(256, np.int8)
for _letter in "ACGTacgt":
    _CODES[ord(_letter)] = AlleleCodes()[_letter]


@dataclass(frozen=True, slots=True)
class Plain:
    """(records,) each: ``line``, ``place``, ``ref`` and ``alt`` as numbers of alleles, ``copies`` of ALT, whether usable."""

    line: Ints
    place: Codes
    ref: NDArray[np.int8]
    alt: NDArray[np.int8]
    copies: NDArray[np.int8]
    usable: Flags


class PlainReader:
    """Takes plain records of the sample in ``column`` out of pieces of a text."""

    def __init__(self, column: int, quality: Quality) -> None:
        self._column, self._quality = column, quality

    def sift(
        self, found: Records, chosen: Ints, contig: NDArray[np.int32], start: Ints, contigs: Contigs
    ) -> tuple[Flags, Plain]:
        """Which of the ``chosen`` records are plain, (chosen,), and what they say; lines counted from 0 in the piece."""
        is_plain = _is_snv(found, chosen) & _has_passed(found, chosen)
        usable = np.zeros(len(chosen), bool)
        copies = np.zeros(len(chosen), np.int8)
        colons = np.append(np.flatnonzero(found.text == _COLON), len(found.text))
        left = np.flatnonzero(is_plain)
        for _ in range(_FORMATS):
            if not left.size:
                break
            form = found.field(int(chosen[left[0]]), FORMAT)
            alike = _is_field(found, chosen[left], FORMAT, form)
            here = left[alike]
            plain, copies[here], usable[here] = self._genotypes(found, chosen[here], form_of(form), colons)
            is_plain[here] &= plain
            left = left[~alike]
        is_plain[left] = False
        rows = chosen[is_plain]
        numbers = np.array([place(chromosome_number(name), 1) >> 32 for name in contigs.names] or [0], np.int64)
        number = numbers[contig[rows]]
        fits = (number > 0) & (start[rows] > 0) & (start[rows] < 1 << 32)
        where = np.where(fits, number << 32 | start[rows], 0)
        ref, alt = (_CODES[found.text[found.begin(column)[rows]]] for column in (REF, ALT))
        return is_plain, Plain(found.lines[rows], where, ref, alt, copies[is_plain], usable[is_plain])

    def _genotypes(
        self, found: Records, rows: Ints, form: Form, colons: Ints
    ) -> tuple[Flags, NDArray[np.int8], Flags]:  # fmt: skip
        """Of records of one FORMAT: which have a plain genotype, copies of ALT, and which are usable."""
        text = found.text
        cell = _Cells(text, found.begin(self._column)[rows], found.ends[rows, self._column], colons)
        begin, end, _ = cell.part(0)
        plain = (end - begin == 3) & (form.gt == 0) & (form.ft < 0)
        at = np.where(plain, begin, 0)
        first, sign, second = text[at], text[at + 1], text[at + 2]
        plain &= ((sign == _SLASH) | (sign == _BAR)) & (first - np.uint8(_ZERO) <= 1) & (second - np.uint8(_ZERO) <= 1)
        copies = ((first == _ONE).astype(np.int8) + (second == _ONE)).astype(np.int8)
        usable = np.ones(len(rows), bool)
        for number, least in zip(form.numbers, (self._quality.min_gq, float(self._quality.min_dp)), strict=True):
            if number >= 0:
                is_low, is_odd = _is_below(text, *cell.part(number), least)
                plain &= ~is_odd
                usable &= ~is_low
        if self._quality.allele_depths and form.ad >= 0:
            one_sided, is_odd = _is_one_sided(text, *cell.part(form.ad))
            is_asked = copies == 1
            plain &= ~(is_odd & is_asked)
            usable &= ~(one_sided & is_asked)
        return plain, copies, usable


@dataclass(frozen=True, slots=True)
class _Cells:
    """Columns of one sample, (records,): where each begins and ends in ``text``; ``colons``: all of it, and its end."""

    text: Bytes
    begin: Ints
    end: Ints
    colons: Ints

    def part(self, number: int) -> tuple[Ints, Ints, Flags]:
        """Begin and end of a field of each, and whether it is there."""
        first = np.searchsorted(self.colons, self.begin)
        last = len(self.colons) - 1
        stop = np.minimum(self.colons[np.minimum(first + number, last)], self.end)
        if not number:
            return self.begin, stop, np.ones(len(stop), bool)
        before = self.colons[np.minimum(first + number - 1, last)]
        there = before < self.end
        return np.where(there, before + 1, 0), np.where(there, stop, 0), there


def _is_snv(found: Records, chosen: Ints) -> Flags:
    """Whether REF and ALT are one letter each, and not the same."""
    single = np.ones(len(chosen), bool)
    codes = []
    for column in (REF, ALT):
        at = found.begin(column)[chosen]
        codes.append(_CODES[found.text[at]])
        single &= (found.ends[chosen, column] - at == 1) & (codes[-1] > 0)
    single &= codes[0] != codes[1]
    return single


def _has_passed(found: Records, chosen: Ints) -> Flags:
    return _is_field(found, chosen, FILTER, b"PASS") | _is_field(found, chosen, FILTER, b".")


def _is_field(found: Records, chosen: Ints, column: int, wanted: bytes) -> Flags:
    """Whether a column of each of ``chosen`` is ``wanted``."""
    at = found.begin(column)[chosen]
    is_it: Flags = found.ends[chosen, column] - at == len(wanted)
    at = np.where(is_it, at, 0)
    for step, letter in enumerate(wanted):
        is_it &= found.text[np.minimum(at + step, len(found.text) - 1)] == letter
    return is_it


def _whole(text: Bytes, at: Ints, end: Ints) -> tuple[Ints, Ints]:
    """The number that digits make from ``at`` on, and where they end."""
    value, stop = np.zeros(len(at), np.int64), at.copy()
    going = np.arange(len(at))
    for _ in range(_MOST_DIGITS):
        going = going[stop[going] < end[going]]
        digit = text[stop[going]] - np.uint8(_ZERO)
        going, digit = going[digit <= 9], digit[digit <= 9]
        if not going.size:
            break
        value[going] = value[going] * 10 + digit
        stop[going] += 1
    return value, stop


def _is_below(text: Bytes, at: Ints, end: Ints, there: Flags, least: float) -> tuple[Flags, Flags]:
    """Whether a number, the first of several, is below ``least``; and whether the field holds something else than digits."""
    value, stop = _whole(text, at, end)
    is_none = ~there | (end == at) | ((end - at == 1) & (text[np.minimum(at, len(text) - 1)] == _DOT))
    is_number = (stop > at) & ((stop == end) | (text[np.minimum(stop, len(text) - 1)] == _COMMA))
    return is_number & ~is_none & (value < least), ~is_none & ~is_number


def _is_one_sided(text: Bytes, at: Ints, end: Ints, there: Flags) -> tuple[Flags, Flags]:
    """Whether of two numbers just one is 0; and whether the field is there and holds something else than two numbers."""
    one, comma = _whole(text, at, end)
    is_two = there & (comma > at) & (comma < end) & (text[np.minimum(comma, len(text) - 1)] == _COMMA)
    two, stop = _whole(text, np.where(is_two, comma + 1, at), end)
    is_two &= (stop == end) & (stop > comma + 1)
    return is_two & ((one == 0) != (two == 0)), there & ~is_two
