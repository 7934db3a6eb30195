"""Everything several records and files say about one locus, brought to one genotype a person, or to an honest no-call."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nof1.genomics.normalize import DELETED, Statement
from nof1.genomics.vcf import SiteRecord
from nof1.model.genome import MISSING, NO_STRAND, CallCode, Locus, SiteNote

_UNSAID = -3  # an allele of a record that says nothing about the locus


@dataclass(slots=True)
class Cells:
    """One locus for every person: arrays (people,) and the locus' allele texts."""

    locus: Locus
    alleles: list[str]
    first: NDArray[np.int16]
    second: NDArray[np.int16]
    phased: NDArray[np.bool_]
    phase_set: NDArray[np.int32]
    quality: NDArray[np.float32]
    depth: NDArray[np.int32]
    code: NDArray[np.uint8]


@dataclass(slots=True)
class _Voice:
    """One record's genotypes in the locus' own alleles, for the people ``rows`` of its file."""

    rows: NDArray[np.intp] | None
    known: frozenset[int]
    first: NDArray[np.int16]
    second: NDArray[np.int16]
    usable: NDArray[np.bool_]
    is_direct: bool
    record: SiteRecord
    place: str


@dataclass(slots=True)
class Site:
    """Collects what is said about ``locus`` until it is closed."""

    locus: Locus
    people: int
    names: tuple[str, ...]
    alleles: list[str] = field(default_factory=list)
    voices: list[_Voice] = field(default_factory=list)
    covered: NDArray[np.bool_] | None = None
    cover_quality: NDArray[np.float32] | None = None
    cover_depth: NDArray[np.int32] | None = None
    cover_haploid: NDArray[np.bool_] | None = None
    refused: list[tuple[NDArray[np.intp], str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.alleles = [self.locus.ref, *self.locus.alts]

    def hear(self, record: SiteRecord, statement: Statement, rows: NDArray[np.intp] | None, place: str) -> None:
        """Take in a record written about the locus, or one whose alternatives change it."""
        table = np.array([self._index(text) for text in statement.texts] + [MISSING, NO_STRAND], np.int16)
        limit = len(statement.texts)
        first = table[_safe(record.first, limit)]
        second = table[_safe(record.second, limit)]
        known = frozenset(int(index) for index in table[1:limit] if index > 0)
        self.voices.append(_Voice(rows, known, first, second, record.usable, statement.is_direct, record, place))

    def cover(self, record: SiteRecord, rows: NDArray[np.intp] | None, place: str) -> None:
        """Take in a record that says "reference, and nothing else" over some bases of the locus."""
        length = len(self.locus.ref)
        if self.covered is None:
            self.covered = np.zeros((self.people, length), bool)
            self.cover_quality = np.full(self.people, np.nan, np.float32)
            self.cover_depth = np.full(self.people, -1, np.int32)
            self.cover_haploid = np.zeros(self.people, bool)
        says = record.usable & (record.first == 0) & ((record.second == 0) | (record.second == NO_STRAND))
        who = np.flatnonzero(says) if rows is None else rows[says]
        if record.is_block and not says.all():
            others = np.flatnonzero(~says) if rows is None else rows[~says]
            self.refused.append((others, place, "; ".join(record.reasons) or "the block does not say reference"))
        low = max(record.position - self.locus.position, 0)
        high = min(record.end - self.locus.position + 1, length)
        self.covered[who, low:high] = True
        assert self.cover_quality is not None and self.cover_depth is not None and self.cover_haploid is not None
        self.cover_haploid[who] = record.second[says] == NO_STRAND
        if record.quality is not None:
            self.cover_quality[who] = np.fmin(self.cover_quality[who], record.quality[says])
        if record.depth is not None:
            self.cover_depth[who] = record.depth[says]

    def _index(self, text: str | None) -> int:
        if text is None:
            return _UNSAID
        if text not in self.alleles:
            self.alleles.append(text)
        return self.alleles.index(text)

    def close(self, notes: list[SiteNote]) -> Cells:
        """One genotype a person; contradictions and rejections become no-calls and are told to ``notes``."""
        cells = _unknown(self)
        direct = [voice for voice in self.voices if voice.is_direct]
        if len(direct) == 1:
            self._alone(cells, direct[0], notes)
        elif direct:
            self._together(cells, direct, notes)
        self._indirect(cells, notes)
        if self.covered is not None:
            self._blocks(cells)
        self._refused(cells, notes)
        self._undocumented(cells, notes)
        return cells

    def _alone(self, cells: Cells, voice: _Voice, notes: list[SiteNote]) -> None:
        rows = np.arange(self.people) if voice.rows is None else voice.rows
        first, second = voice.first.copy(), voice.second.copy()
        unsaid = (first == _UNSAID) | (second == _UNSAID)
        deleted = _is_deleted(self.alleles, first) | _is_deleted(self.alleles, second)
        bad = ~voice.usable | unsaid | deleted | _is_half_reference(first, second)
        first[bad] = second[bad] = MISSING
        _write(cells, rows, first, second, voice, np.where(bad, CallCode.NO_CALL, CallCode.CALLED).astype(np.uint8))
        self._tell_rejected(voice, notes)
        self._tell(notes, "unknown_alternative", voice, unsaid & voice.usable, "an alternative that cannot be compared")
        self._tell(notes, "deleted", voice, deleted & voice.usable, "the locus lies inside a deletion")

    def _together(self, cells: Cells, voices: list[_Voice], notes: list[SiteNote]) -> None:
        speaking: dict[int, list[tuple[_Voice, int]]] = {}
        for voice in voices:
            rows = range(self.people) if voice.rows is None else voice.rows.tolist()
            for place, row in enumerate(rows):
                if voice.usable[place]:
                    speaking.setdefault(row, []).append((voice, place))
                else:
                    cells.code[row] = max(cells.code[row], CallCode.NO_CALL)
            self._tell_rejected(voice, notes)
        memory: dict[tuple[object, ...], tuple[int, int, bool] | None] = {}
        clash: Counter[str] = Counter()
        for row, said in speaking.items():
            key = tuple((id(v), int(v.first[p]), int(v.second[p]), bool(v.record.phased[p])) for v, p in said)
            if key not in memory:
                memory[key] = agree(
                    [(v.known, int(v.first[p]), int(v.second[p]), bool(v.record.phased[p])) for v, p in said],
                    self.alleles.index(DELETED) if DELETED in self.alleles else None,
                )
            result = memory[key]
            if result is None:
                cells.code[row] = CallCode.NO_CALL
                clash[", ".join(sorted({v.place for v, _ in said}))] += 1
                if clash.total() <= _FEW:
                    places = " and ".join(v.place for v, _ in said)
                    notes.append(
                        SiteNote(
                            "contradiction",
                            places,
                            self.locus.id,
                            "records contradict each other: no call",
                            self.names[row],
                        )
                    )
                continue
            voice, place = said[0]
            cells.first[row], cells.second[row], cells.phased[row] = result
            cells.code[row] = CallCode.CALLED
            _copy_quality(cells, row, voice, place)
        if clash.total() > _FEW:
            notes.append(
                SiteNote(
                    "contradiction",
                    "",
                    self.locus.id,
                    f"{clash.total()} people: records contradict each other: no call",
                )
            )

    def _indirect(self, cells: Cells, notes: list[SiteNote]) -> None:
        """Records about something else whose alternative removes or changes the locus."""
        for voice in self.voices:
            if voice.is_direct:
                continue
            rows = np.arange(self.people) if voice.rows is None else voice.rows
            changed = voice.usable & (
                (voice.first > 0) | (voice.second > 0) | (voice.first == _UNSAID) | (voice.second == _UNSAID)
            )
            changed &= cells.code[rows] == CallCode.NOT_COVERED
            cells.code[rows[changed]] = CallCode.NO_CALL
            self._tell(notes, "deleted", voice, changed, "another change lies over the locus: no call")

    def _blocks(self, cells: Cells) -> None:
        assert self.covered is not None and self.cover_quality is not None and self.cover_depth is not None
        whole = self.covered.all(axis=1) & (cells.code == CallCode.NOT_COVERED)
        declare_reference(cells, whole)
        assert self.cover_haploid is not None
        cells.second[whole & self.cover_haploid] = NO_STRAND
        cells.quality[whole] = self.cover_quality[whole]
        cells.depth[whole] = self.cover_depth[whole]

    def _refused(self, cells: Cells, notes: list[SiteNote]) -> None:
        for who, place, reason in self.refused:
            open_ = who[cells.code[who] == CallCode.NOT_COVERED]
            cells.code[open_] = CallCode.NO_CALL
            if len(open_):
                name = self.names[int(open_[0])] if len(open_) == 1 else ""
                notes.append(SiteNote("rejected", place, self.locus.id, reason + _people(len(open_)), name))

    def _undocumented(self, cells: Cells, notes: list[SiteNote]) -> None:
        documented = 1 + len(self.locus.alts)
        called = cells.code == CallCode.CALLED
        for index in range(documented, len(self.alleles)):
            who = called & ((cells.first == index) | (cells.second == index))
            count = int(who.sum())
            if count:
                message = (
                    f"alternative {self.alleles[index]} is not among the documented ones ({', '.join(self.locus.alts)})"
                )
                name = self.names[int(np.flatnonzero(who)[0])] if count == 1 else ""
                place = f"{self.locus.chromosome}:{self.locus.position}"
                notes.append(SiteNote("undocumented", place, self.locus.id, message + _people(count), name))

    def _tell_rejected(self, voice: _Voice, notes: list[SiteNote]) -> None:
        for reason, who in voice.record.reasons.items():
            self._tell(notes, "rejected", voice, who & (voice.record.first >= 0), reason)
        if not voice.record.reasons:
            missing = (voice.record.first < 0) | (voice.record.second == MISSING)
            self._tell(notes, "no_genotype", voice, missing, "the record gives no full genotype")

    def _tell(self, notes: list[SiteNote], kind: str, voice: _Voice, who: NDArray[np.bool_], message: str) -> None:
        count = int(who.sum())
        if count:
            place = int(np.flatnonzero(who)[0])
            row = place if voice.rows is None else int(voice.rows[place])
            name = self.names[row] if count == 1 else ""
            notes.append(SiteNote(kind, voice.place, self.locus.id, message + _people(count), name))


_FEW = 20


def agree(said: list[tuple[frozenset[int], int, int, bool]], deleted: int | None = None) -> tuple[int, int, bool] | None:
    """One genotype from several records about a locus; ``None`` where they contradict each other.

    Each entry holds the alternatives a record knows, its two alleles in the locus' own numbering (0 = none of the
    alternatives this record knows) and whether it is phased. A split multiallelic site is two records that know different
    alternatives; the same site in two files is two records that know the same ones.

    >>> agree([(frozenset({1}), 0, 1, False), (frozenset({2}), 0, 2, False)])
    (1, 2, False)
    >>> agree([(frozenset({1}), 0, 1, False), (frozenset({1}), 0, 0, False)]) is None
    True
    """
    haploid = all(second == NO_STRAND for _, _, second, _ in said)
    if any((second == NO_STRAND) != haploid for _, _, second, _ in said):
        return None
    if any(_UNSAID in (first, second) for _, first, second, _ in said):
        return None
    if deleted is not None and len({known for known, *_ in said}) > 1:
        # bcftools writes * for the alternative of a sister record; only a record's own alternatives count
        said = [(k, 0 if a == deleted else a, 0 if b == deleted else b, p) for k, a, b, p in said]
    if all(phased for *_, phased in said) or all(a == b or haploid for _, a, b, _ in said):
        one = _strand([(known, first) for known, first, _, _ in said])
        two = NO_STRAND if haploid else _strand([(known, second) for known, _, second, _ in said])
        return None if one is None or two is None else (one, two, all(phased for *_, phased in said))
    counts: dict[int, int] = {}
    for known, first, second, _ in said:
        for allele in known:
            count = (first == allele) + (second == allele)
            if counts.setdefault(allele, count) != count:
                return None
    alleles = sorted(allele for allele, count in counts.items() for _ in range(count))
    if len(alleles) > 2:
        return None
    missing = min(sum(MISSING in (first, second) for _, first, second, _ in said), 2 - len(alleles))
    fill = [MISSING] * missing if all(MISSING in (a, b) for _, a, b, _ in said) else []
    alleles = [0] * (2 - len(alleles) - len(fill)) + alleles + fill
    return alleles[0], alleles[1], False


def _strand(said: list[tuple[frozenset[int], int]]) -> int | None:
    alternatives = {allele for _, allele in said if allele > 0}
    if len(alternatives) > 1:
        return None
    if not alternatives:
        return MISSING if all(allele == MISSING for _, allele in said) else 0
    allele = alternatives.pop()
    if any(other == 0 and allele in known for known, other in said):
        return None
    return allele


def declare_reference(cells: Cells, who: NDArray[np.bool_]) -> None:
    """Make ``who`` reference at the locus without a record of their own."""
    cells.first[who] = 0
    cells.second[who] = 0
    cells.phased[who] = False
    cells.code[who] = CallCode.HOM_REF


def _unknown(site: Site) -> Cells:
    count = site.people
    return Cells(
        site.locus,
        site.alleles,
        np.full(count, MISSING, np.int16),
        np.full(count, MISSING, np.int16),
        np.zeros(count, bool),
        np.zeros(count, np.int32),
        np.full(count, np.nan, np.float32),
        np.full(count, -1, np.int32),
        np.zeros(count, np.uint8),
    )


def _write(
    cells: Cells,
    rows: NDArray[np.intp],
    first: NDArray[np.int16],
    second: NDArray[np.int16],
    voice: _Voice,
    code: NDArray[np.uint8],
) -> None:
    record = voice.record
    cells.first[rows] = first
    cells.second[rows] = second
    cells.phased[rows] = record.phased
    cells.code[rows] = code
    if record.phase_set is not None:
        cells.phase_set[rows] = record.phase_set
    if record.quality is not None:
        cells.quality[rows] = record.quality
    if record.depth is not None:
        cells.depth[rows] = record.depth


def _copy_quality(cells: Cells, row: int, voice: _Voice, place: int) -> None:
    record = voice.record
    if record.phase_set is not None:
        cells.phase_set[row] = record.phase_set[place]
    if record.quality is not None:
        cells.quality[row] = record.quality[place]
    if record.depth is not None:
        cells.depth[row] = record.depth[place]


def _safe(indices: NDArray[np.int16], limit: int) -> NDArray[np.int16]:
    """Indices for a table whose last two rows stand for "missing" and "no strand"; out of range reads as missing."""
    inside = np.where((indices >= limit) | (indices < NO_STRAND), MISSING, indices)
    return np.where(inside == MISSING, limit, np.where(inside == NO_STRAND, limit + 1, inside))


def _is_half_reference(first: NDArray[np.int16], second: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Nothing given, or one strand missing and the other reference: no evidence of a pair."""
    missing = (first == MISSING) | (second == MISSING)
    half: NDArray[np.bool_] = missing & (first <= 0) & (second <= 0)
    return half


def _is_deleted(alleles: list[str], indices: NDArray[np.int16]) -> NDArray[np.bool_]:
    if DELETED not in alleles:
        return np.zeros(len(indices), bool)
    return np.asarray(indices == alleles.index(DELETED), bool)


def _people(count: int) -> str:
    return "" if count == 1 else f" ({count} people)"
