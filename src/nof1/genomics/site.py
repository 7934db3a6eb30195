"""Everything several records and files say about one locus, brought to one genotype a person, or to an honest no-call."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nof1.genomics.agreement import UNSAID, agree
from nof1.genomics.normalize import DELETED, Statement
from nof1.genomics.vcf import SiteRecord
from nof1.model.genome import MISSING, NO_STRAND, CallCode, Locus, SiteNote


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
    source: int  # which file


@dataclass(slots=True)
class Site:
    """Collects what is said about ``locus`` until it is closed."""

    locus: Locus
    people: int
    names: tuple[str, ...]
    alleles: list[str] = field(default_factory=list)
    voices: list[_Voice] = field(default_factory=list)
    covered: dict[int, NDArray[np.bool_]] = field(default_factory=dict)
    cover_quality: NDArray[np.float32] | None = None
    cover_depth: NDArray[np.int32] | None = None
    cover_haploid: NDArray[np.bool_] | None = None
    refused: list[tuple[NDArray[np.intp], str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.alleles = [self.locus.ref, *self.locus.alts]

    def hear(self, record: SiteRecord, statement: Statement, rows: NDArray[np.intp] | None, place: str, source: int) -> None:
        """Take in a record written about the locus, or one whose alternatives change it."""
        table = np.array([self._index(text) for text in statement.texts] + [MISSING, NO_STRAND], np.int16)
        limit = len(statement.texts)
        first = table[_safe(record.first, limit)]
        second = table[_safe(record.second, limit)]
        known = frozenset(int(index) for index in table[1:limit] if index > 0)
        self.voices.append(_Voice(rows, known, first, second, record.usable, statement.is_direct, record, place, source))

    def refuse(self, record: SiteRecord, rows: NDArray[np.intp] | None, place: str) -> None:
        """Take in a record that cannot be used: whom it is about is not reference for want of another record."""
        about = (record.first != 0) | ((record.second != 0) & (record.second != NO_STRAND))
        if record.position == self.locus.position:
            about = np.ones(len(about), bool)
        self.refused.append((np.flatnonzero(about) if rows is None else rows[about], place, ""))

    def shut(self, rows: NDArray[np.intp] | None) -> None:
        """Make it a no-call for people of a file that cannot be read here, unless another file speaks."""
        self.refused.append((np.arange(self.people) if rows is None else rows, "", ""))

    def cover(self, record: SiteRecord, rows: NDArray[np.intp] | None, place: str, source: int) -> None:
        """Take in a record that says "reference, and nothing else" over some bases of the locus."""
        length = len(self.locus.ref)
        if not self.covered:
            self.cover_quality = np.full(self.people, np.nan, np.float32)
            self.cover_depth = np.full(self.people, -1, np.int32)
            self.cover_haploid = np.zeros(self.people, bool)
        says = record.usable & (record.first == 0) & ((record.second == 0) | (record.second == NO_STRAND))
        who = np.flatnonzero(says) if rows is None else rows[says]
        if record.is_block and not says.all():
            others = np.flatnonzero(~says) if rows is None else rows[~says]
            why = [reason for reason, who in record.reasons.items() if who.any()]
            self.refused.append((others, place, "; ".join(why) or "the block does not say reference"))
        low = max(record.position - self.locus.position, 0)
        high = min(record.end - self.locus.position + 1, length)
        self.covered.setdefault(source, np.zeros((self.people, length), bool))[who, low:high] = True
        assert self.cover_quality is not None and self.cover_depth is not None and self.cover_haploid is not None
        self.cover_haploid[who] = record.second[says] == NO_STRAND
        if record.quality is not None:
            self.cover_quality[who] = np.fmin(self.cover_quality[who], record.quality[says])
        if record.depth is not None:
            self.cover_depth[who] = record.depth[says]

    def _index(self, text: str | None) -> int:
        if text is None:
            return UNSAID
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
        if self.covered:
            self._against_blocks(cells, direct, notes)
            self._blocks(cells)
        self._refused(cells, notes)
        self._undocumented(cells, notes)
        return cells

    def _alone(self, cells: Cells, voice: _Voice, notes: list[SiteNote]) -> None:
        rows = np.arange(self.people) if voice.rows is None else voice.rows
        first, second = voice.first.copy(), voice.second.copy()
        unsaid = (first == UNSAID) | (second == UNSAID)
        deleted = _is_deleted(self.alleles, first) | _is_deleted(self.alleles, second)
        bad = ~voice.usable | unsaid | deleted | _is_half_reference(first, second)
        first[bad] = second[bad] = MISSING
        _write(cells, rows, first, second, voice, np.where(bad, CallCode.NO_CALL, CallCode.CALLED).astype(np.uint8))
        self._tell_rejected(voice, notes)
        self._tell(notes, "unknown_alternative", voice, unsaid & voice.usable, "an alternative that cannot be compared")
        self._tell(notes, "deleted", voice, deleted & voice.usable, "the locus lies inside a deletion")

    def _together(self, cells: Cells, voices: list[_Voice], notes: list[SiteNote]) -> None:
        memory: dict[tuple[object, ...], tuple[int, int, bool] | None] = {}
        star = self.alleles.index(DELETED) if DELETED in self.alleles else None
        clashes: list[tuple[int, str]] = []
        gone: list[int] = []
        for row, said in self._gathered(cells, voices, notes).items():
            key = tuple((id(v), int(v.first[p]), int(v.second[p]), bool(v.record.phased[p])) for v, p in said)
            if key not in memory:
                memory[key] = agree(
                    [(v.known, int(v.first[p]), int(v.second[p]), bool(v.record.phased[p])) for v, p in said], star
                )
            result = memory[key]
            cells.code[row] = CallCode.NO_CALL
            if result is None:
                clashes.append((row, " and ".join(v.place for v, _ in said)))
            elif star in result[:2]:
                gone.append(row)
            elif MISSING not in result[:2] or max(result[:2]) > 0:
                cells.first[row], cells.second[row], cells.phased[row] = result
                cells.code[row] = CallCode.CALLED
                _copy_quality(cells, row, *said[0])
        self._tell_clashes(clashes, notes)
        if gone:
            name = self.names[gone[0]] if len(gone) == 1 else ""
            text = "the locus lies inside a deletion" + _people(len(gone))
            notes.append(SiteNote("deleted", voices[0].place, self.locus.id, text, name))

    def _gathered(self, cells: Cells, voices: list[_Voice], notes: list[SiteNote]) -> dict[int, list[tuple[_Voice, int]]]:
        """For each person the records to be brought together; who has unusable ones only is a no-call."""
        speaking: dict[int, list[tuple[_Voice, int]]] = {}
        silent: dict[int, list[_Voice]] = {}
        for voice in voices:
            rows = range(self.people) if voice.rows is None else voice.rows.tolist()
            for place, row in enumerate(rows):
                if voice.usable[place]:
                    speaking.setdefault(row, []).append((voice, place))
                else:
                    silent.setdefault(row, []).append(voice)
            self._tell_rejected(voice, notes)
        for row, lost in silent.items():
            cells.code[row] = CallCode.NO_CALL
            speaking[row] = _whole(speaking.get(row, []), lost)
        return {row: said for row, said in speaking.items() if said}

    def _tell_clashes(self, clashes: list[tuple[int, str]], notes: list[SiteNote]) -> None:
        text = "records contradict each other: no call"
        for row, places in clashes[:_FEW]:
            notes.append(SiteNote("contradiction", places, self.locus.id, text, self.names[row]))
        if len(clashes) > _FEW:
            notes.append(SiteNote("contradiction", "", self.locus.id, f"{len(clashes)} people: {text}"))

    def _indirect(self, cells: Cells, notes: list[SiteNote]) -> None:
        """Records about something else whose alternative removes or changes the locus."""
        for voice in self.voices:
            if voice.is_direct:
                continue
            rows = np.arange(self.people) if voice.rows is None else voice.rows
            unsaid = (voice.first == UNSAID) | (voice.second == UNSAID)  # a symbolic deletion, for one
            changed = (voice.first > 0) | (voice.second > 0) | unsaid
            gone = _is_deleted(self.alleles, voice.first) | _is_deleted(self.alleles, voice.second) | unsaid
            changed &= (cells.code[rows] == CallCode.NOT_COVERED) | (voice.usable & gone)
            cells.code[rows[changed]] = CallCode.NO_CALL
            cells.first[rows[changed]] = cells.second[rows[changed]] = MISSING
            self._tell(notes, "deleted", voice, changed, "another change lies over the locus: no call")

    def _against_blocks(self, cells: Cells, direct: list[_Voice], notes: list[SiteNote]) -> None:
        """A record that shows an alternative where another file says reference, or the same file of the same base."""
        for voice in direct:
            rows = np.arange(self.people) if voice.rows is None else voice.rows
            varies = voice.usable & (self._varies(voice.first) | self._varies(voice.second))
            for source, covered in self.covered.items():
                if source != voice.source or self.locus.is_snv:
                    clash = varies & covered[rows].all(axis=1) & (cells.code[rows] == CallCode.CALLED)
                    cells.code[rows[clash]] = CallCode.NO_CALL
                    cells.first[rows[clash]] = cells.second[rows[clash]] = MISSING
                    self._tell(notes, "contradiction", voice, clash, "a reference block contradicts the record: no call")

    def _varies(self, indices: NDArray[np.int16]) -> NDArray[np.bool_]:
        """Whether an allele is one that a reference block excludes; at one base, an insertion behind it is not."""
        excluded = [text != DELETED and not (self.locus.is_snv and len(text) > 1) for text in self.alleles[1:]]
        table = np.array([False, *excluded, False, False, False], bool)
        return np.asarray(table[indices], bool)

    def _blocks(self, cells: Cells) -> None:
        assert self.cover_quality is not None and self.cover_depth is not None
        covered = np.logical_or.reduce(list(self.covered.values()))
        whole = covered.all(axis=1) & (cells.code == CallCode.NOT_COVERED)
        declare_reference(cells, whole)
        assert self.cover_haploid is not None
        cells.second[whole & self.cover_haploid] = NO_STRAND
        cells.quality = np.where(whole, self.cover_quality, cells.quality)
        cells.depth = np.where(whole, self.cover_depth, cells.depth)

    def _refused(self, cells: Cells, notes: list[SiteNote]) -> None:
        for who, place, reason in self.refused:
            open_ = who[cells.code[who] == CallCode.NOT_COVERED]
            cells.code[open_] = CallCode.NO_CALL
            if len(open_) and reason:
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
        missing = (voice.record.first < 0) | (voice.record.second == MISSING)
        for reason, who in voice.record.reasons.items():
            self._tell(notes, "rejected", voice, who & ~missing, reason)
        self._tell(notes, "no_genotype", voice, missing, "the record gives no full genotype")

    def _tell(self, notes: list[SiteNote], kind: str, voice: _Voice, who: NDArray[np.bool_], message: str) -> None:
        count = int(who.sum())
        if count:
            place = int(np.flatnonzero(who)[0])
            row = place if voice.rows is None else int(voice.rows[place])
            name = self.names[row] if count == 1 else ""
            notes.append(SiteNote(kind, voice.place, self.locus.id, message + _people(count), name))


_FEW = 20


def _whole(said: list[tuple[_Voice, int]], lost: list[_Voice]) -> list[tuple[_Voice, int]]:
    """What is left of ``said`` without files whose split site lacks a record: its alternative is then unknown."""

    def is_whole(source: int) -> bool:
        known = frozenset[int]().union(*(voice.known for voice, _ in said if voice.source == source))
        return all(voice.known <= known for voice in lost if voice.source == source)

    return [(voice, place) for voice, place in said if is_whole(voice.source)]


def own_fields(cells: Cells, record: SiteRecord) -> None:
    """Give the locus its own memory for what the record brings; fields nobody gave share one value for all people."""
    if record.phase_set is not None and not cells.phase_set.flags.writeable:
        cells.phase_set = cells.phase_set.copy()
    if record.quality is not None and not cells.quality.flags.writeable:
        cells.quality = cells.quality.copy()
    if record.depth is not None and not cells.depth.flags.writeable:
        cells.depth = cells.depth.copy()


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
        np.broadcast_to(np.int32(0), count),
        np.broadcast_to(np.float32(np.nan), count),
        np.broadcast_to(np.int32(-1), count),
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
    own_fields(cells, record)
    if record.phase_set is not None:
        cells.phase_set[rows] = record.phase_set
    if record.quality is not None:
        cells.quality[rows] = record.quality
    if record.depth is not None:
        cells.depth[rows] = record.depth


def _copy_quality(cells: Cells, row: int, voice: _Voice, place: int) -> None:
    record = voice.record
    own_fields(cells, record)
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
