"""Everything that records say at the places of a score, brought to one variant a place and reference."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.genomics.one_sample import OneRecord
from nof1.genomics.plain_records import Plain
from nof1.genomics.vcf import CATCH_ALL, SiteRecord
from nof1.model.allele_arrays import spread
from nof1.model.allele_codes import ANY_OTHER, AlleleCodes, Codes, chromosome_number, place
from nof1.model.genome import MISSING, NO_STRAND
from nof1.model.scores import TargetVariants

_LAST_AUTOSOME = 22
_MOST_LINES = 1 << 40  # of a file
UNSEEN = -1
Gathered = tuple[TargetVariants, NDArray[np.int8], NDArray[np.int8], NDArray[np.intp]]


@dataclass(slots=True)
class _Said:
    """One record at a place: its reference, its other alleles, their copies (alleles, people) and ploidy (people,)."""

    ref: int
    alleles: list[int]
    copies: NDArray[np.int8]
    ploidy: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class _PlainSaid:
    """(records,): number of the place, when it was heard, REF, ALT, copies of ALT or ``UNSEEN``."""

    index: NDArray[np.intp]
    when: NDArray[np.int64]
    ref: NDArray[np.int8]
    alt: NDArray[np.int8]
    copies: NDArray[np.int8]

    def parts(self) -> tuple[NDArray[Any], ...]:
        """All of it, in order."""
        return self.index, self.when, self.ref, self.alt, self.copies


_OneSaid = tuple[int, list[int], list[int], int]  # the same of one person, as plain numbers


class Heard:
    """What all records say, gathered as they come.

    ``covered`` (places, people) by reference blocks; ``altered``: a record that begins before changes the place.
    """

    def __init__(self, places: Codes, people: int) -> None:
        self.places = places
        self.at: dict[int, list[_Said | _OneSaid]] = {}
        self._sorted = array("q", places.tobytes())  # looked through one by one, in an eighth of a list's memory
        self.covered = np.zeros((len(places), people), bool)
        self.altered = np.zeros((len(places), people), bool)
        self.codes = AlleleCodes()
        self.low = 0
        self._order: dict[int, list[int]] = {}  # when each of ``at`` was heard
        self._plain: list[_PlainSaid] = []
        self._file = self._count = 0

    def begin(self) -> None:
        """A further file begins."""
        self._file, self._count = self._file + 1, 0

    def take(self, record: SiteRecord, rows: NDArray[np.intp]) -> None:
        """Take in a record of the people whose ``rows`` are given."""
        number = chromosome_number(record.chromosome)
        low, high = np.searchsorted(self.places, [place(number, record.position), place(number, record.end) + 1])
        if low == high:
            return
        own = self.places[low] == place(number, record.position)
        self.low += int((~record.usable & (record.first >= 0)).sum())
        is_reference = record.usable & (record.first == 0) & ((record.second == 0) | (record.second == NO_STRAND))
        if record.is_block:
            self.covered[low:high, rows] |= is_reference
        else:
            carries = (record.first > 0) | (record.second > 0) | ~record.usable
            self.altered[low + own : high, rows] |= carries
            if record.excludes_others and len(record.ref) > 1:
                self.covered[low + own : high, rows] |= is_reference
        if own and (not record.is_block or len(record.ref) == 1):
            self._count += 1
            self._hear(int(low), self._said(record, number, rows), self._count)

    def _hear(self, low: int, said: _Said | _OneSaid, line: int) -> None:
        self.at.setdefault(low, []).append(said)
        self._order.setdefault(low, []).append(self._file * _MOST_LINES + line)

    def _said(self, record: SiteRecord, number: int, rows: NDArray[np.intp]) -> _Said:
        people = self.covered.shape[1]
        alleles = [ANY_OTHER if alt in CATCH_ALL else self.codes[alt] for alt in record.alts]
        if record.is_block and ANY_OTHER not in alleles:
            alleles.append(ANY_OTHER)
        copies = np.full((len(alleles) + 1, people), UNSEEN, np.int8)
        ploidy = np.full(people, 2, np.int8)
        single = record.second == NO_STRAND
        known = record.usable & (record.first >= 0) & (record.second != MISSING)
        known &= ~(single & (1 <= number <= _LAST_AUTOSOME))  # half a genotype
        for allele in range(len(alleles) + 1):
            count = (record.first == allele).astype(np.int8) + (record.second == allele)
            copies[allele, rows] = np.where(known, count, UNSEEN)
        ploidy[rows] = np.where(single, 1, 2)
        return _Said(self.codes[record.ref], alleles, copies, ploidy)

    def take_plain(self, found: Plain, before: int) -> None:
        """Take in plain records of the only person there is; ``before``: lines of the file before theirs."""
        low = np.searchsorted(self.places, found.place)
        own = np.flatnonzero(self.places[np.minimum(low, len(self.places) - 1)] == found.place)
        self.low += int(np.count_nonzero(~found.usable[own]))
        when = found.line[own] + (self._file * _MOST_LINES + before + 1)
        copies = np.where(found.usable, found.copies, UNSEEN)[own].astype(np.int8)
        self._plain.append(_PlainSaid(low[own], when, found.ref[own], found.alt[own], copies))

    def take_one(self, record: OneRecord, line: int) -> None:
        """What a record at a ``line`` says of the only person there is."""
        begin = place(record.chromosome, record.position)
        low = bisect_left(self._sorted, begin)
        high = bisect_left(self._sorted, place(record.chromosome, record.end) + 1, low)
        if low == high or not begin:
            return
        first, second, is_block = record.first, record.second, record.is_block
        own = self._sorted[low] == begin
        self.low += not record.usable and first >= 0
        if record.usable and first == 0 and second in (0, NO_STRAND):
            if is_block:
                self.covered[low:high] = True
            elif record.excludes_others and len(record.ref) > 1:
                self.covered[low + own : high] = True
        elif not is_block and (first > 0 or second > 0 or not record.usable):
            self.altered[low + own : high] = True
        if own and (not is_block or len(record.ref) == 1):
            self._hear(low, self._one_said(record, is_block), line)

    def _one_said(self, record: OneRecord, is_block: bool) -> _OneSaid:
        alleles = [ANY_OTHER if alt in CATCH_ALL else self.codes[alt] for alt in record.alts]
        single = record.second == NO_STRAND
        known = record.usable and record.first >= 0 and record.second != MISSING
        if not known or (single and 1 <= record.chromosome <= _LAST_AUTOSOME):
            copies = [UNSEEN] * (len(alleles) + 1)
        else:
            copies = [(record.first == at) + (record.second == at) for at in range(len(alleles) + 1)]
        return self.codes[record.ref], alleles, copies, 1 if single else 2

    def gathered(self) -> Gathered:
        """All records as variants: those of one place and one reference become one, as a record with several alternatives.

        Also their copies (alleles, people) and ploidy (variants, people), and which places have a record of their own.
        """
        alone = self._plain_alone()
        made = self._by_place()
        return _woven(made, alone, self.places) if alone is not None else made

    def _plain_alone(self) -> _PlainSaid | None:
        """The plain records that are the only ones at their place; all others join those that were heard one by one."""
        if not self._plain:
            return None
        whole = _PlainSaid(*(np.concatenate(part) for part in zip(*(one.parts() for one in self._plain), strict=True)))
        self._plain = []
        order = np.lexsort((whole.when, whole.index))
        index = whole.index[order]
        first = np.append(True, index[1:] != index[:-1])
        is_alone = first & np.append(first[1:], True) & ~np.isin(index, np.fromiter(self.at, np.int64))
        for one in order[~is_alone].tolist():
            low, copies = int(whole.index[one]), int(whole.copies[one])
            told = [UNSEEN, UNSEEN] if copies == UNSEEN else [2 - copies, copies]
            self.at.setdefault(low, []).append((int(whole.ref[one]), [int(whole.alt[one])], told, 2))
            self._order.setdefault(low, []).append(int(whole.when[one]))
        for low in set(whole.index[order[~is_alone]].tolist()):
            ranked = sorted(range(len(self.at[low])), key=self._order[low].__getitem__)
            self.at[low] = [self.at[low][one] for one in ranked]
        return _PlainSaid(*(part[order[is_alone]] for part in whole.parts()))

    def _by_place(self) -> Gathered:
        people = self.covered.shape[1]
        at, start, allele = [], [0], []
        copies: list[NDArray[np.int8]] = []
        ploidy: list[NDArray[np.int8]] = []
        plain: list[int] = []
        strands: list[int] = []
        for index in sorted(self.at):
            for ref, parts in _by_reference(self.at[index]).items():
                alone = parts[0]
                if len(parts) == 1 and isinstance(alone, tuple):
                    alleles = alone[1]
                    plain.extend(alone[2])
                    strands.append(alone[3])
                else:
                    merged = _merged([_as_said(part) for part in parts]) if len(parts) > 1 else _as_said(alone)
                    alleles = merged.alleles
                    if people == 1:
                        plain.extend(merged.copies[:, 0].tolist())
                        strands.append(int(merged.ploidy[0]))
                    else:
                        copies.append(merged.copies)
                        ploidy.append(merged.ploidy)
                at.append(index)
                allele.extend([ref, *alleles])
                start.append(len(allele))
        variants = TargetVariants(self.places[np.array(at, np.intp)], np.array(start, np.int64), np.array(allele, np.int64))
        if people == 1:
            whole, two = np.array(plain, np.int8).reshape(-1, 1), np.array(strands, np.int8).reshape(-1, 1)
        else:
            empty = np.zeros((0, people), np.int8)
            whole, two = np.concatenate([empty, *copies]), np.stack(ploidy) if ploidy else empty
        return variants, whole, two, np.array(sorted(self.at), np.intp)


def _woven(made: Gathered, alone: _PlainSaid, places: Codes) -> Gathered:
    """The variants of one person with those of plain records among them, by place."""
    variants, copies, ploidy, own = made
    count = np.diff(variants.start)
    index = np.concatenate([np.searchsorted(places, variants.place), alone.index])
    size = np.concatenate([count, np.full(len(alone.index), 2)])
    begin = np.concatenate([variants.start[:-1], len(variants.allele) + 2 * np.arange(len(alone.index))])
    order = np.argsort(index, kind="stable")
    taken = spread(begin[order], size[order])
    seen = alone.copies != UNSEEN
    letters = np.stack([alone.ref, alone.alt], axis=1).ravel()
    told = np.stack([np.where(seen, 2 - alone.copies, UNSEEN), alone.copies], axis=1).ravel().astype(np.int8)
    start = np.concatenate([[0], np.cumsum(size[order])]).astype(np.int64)
    whole = TargetVariants(places[index[order]], start, np.concatenate([variants.allele, letters])[taken])
    strands = np.concatenate([ploidy[:, 0], np.full(len(alone.index), 2, np.int8)])[order]
    both = np.concatenate([copies[:, 0], told])[taken]
    return whole, both.reshape(-1, 1), strands.reshape(-1, 1), np.sort(np.concatenate([own, alone.index]))


def _by_reference(parts: Sequence[_Said | _OneSaid]) -> dict[int, list[_Said | _OneSaid]]:
    found: dict[int, list[_Said | _OneSaid]] = {}
    for part in parts:
        found.setdefault(part[0] if isinstance(part, tuple) else part.ref, []).append(part)
    return found


def _as_said(part: _Said | _OneSaid) -> _Said:
    if not isinstance(part, tuple):
        return part
    return _Said(part[0], part[1], np.array(part[2], np.int8).reshape(-1, 1), np.array([part[3]], np.int8))


def _merged(parts: Sequence[_Said]) -> _Said:
    """Several records of one place and reference as one; a person whose records contradict each other has no genotype.

    Each record counts the alternatives of the others as reference, so what all alternatives leave is reference.
    """
    alleles = list(dict.fromkeys(code for part in parts for code in part.alleles if code != ANY_OTHER))
    people = parts[0].copies.shape[1]
    counts = np.zeros((len(alleles), people), np.int64)
    heard = np.zeros(people, bool)
    wrong = np.zeros(people, bool)
    ploidy = np.max([part.ploidy for part in parts], axis=0)
    told: dict[int, NDArray[np.int8]] = {}
    for part in parts:
        known = part.copies[0] >= 0
        heard |= known
        for code, row in zip(part.alleles, part.copies[1:], strict=True):
            if code == ANY_OTHER:
                continue
            before = told.get(code)
            wrong |= known & (before >= 0) & (before != row) if before is not None else False
            told[code] = row if before is None else np.where(known, row, before)
            counts[alleles.index(code)] = np.maximum(counts[alleles.index(code)], np.where(known, row, 0))
    rest = ploidy - counts.sum(axis=0)
    missing = ~heard | wrong | (rest < 0)
    spare = [ANY_OTHER] if any(ANY_OTHER in part.alleles for part in parts) else []
    whole = np.concatenate([rest[None], counts, np.zeros((len(spare), people), np.int64)]).astype(np.int8)
    whole[:, missing] = UNSEEN
    return _Said(parts[0].ref, [*alleles, *spare], whole, ploidy.astype(np.int8))
