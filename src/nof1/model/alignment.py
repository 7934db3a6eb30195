"""Where else the same change could be written: trimming, left-alignment, and how far a change can be moved either way.

One allele at a time in plain text, and many at once on arrays (``left_align_many``); both give the same. A change that has
bases on both sides after trimming (several bases for several others) has one place only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from nof1.model.sequence import Window

Letters = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_PLAIN = np.zeros(256, dtype=bool)
_PLAIN[list(b"ACGTN")] = True


class Placed(IntEnum):
    """What became of an allele. Only ``ALIGNED`` alleles are in their normal form; all others stand as they came."""

    ALIGNED = 0
    NOT_PLAIN = 1  # symbolic, a star, a breakend, no allele at all, or a letter other than A, C, G, T and N
    REF_DIFFERS = 2  # the bases of REF are not those of the reference
    NOT_AT_HAND = 3  # the sequence of the place is not in the window
    AT_THE_EDGE = 4  # could be moved further left than the window reaches


WHY_NOT = {
    Placed.NOT_PLAIN: "an allele that is no plain sequence",
    Placed.REF_DIFFERS: "REF differs from the reference sequence",
    Placed.NOT_AT_HAND: "the reference sequence has no such place",
    Placed.AT_THE_EDGE: "could be moved beyond the sequence at hand",
}


@dataclass(frozen=True, slots=True)
class Aligned:
    """Many alleles, each in its normal form where it has one.

    ``positions``: (alleles,) int64, 1-based. ``refs``, ``alts``: (alleles) texts. ``placed``: (alleles,) int8, ``Placed``.
    """

    positions: Numbers
    refs: list[str]
    alts: list[str]
    placed: npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Bare:
    """A change without anchor bases: ``deleted`` from ``start`` (1-based) on, ``inserted`` in their place.

    An insertion has no ``deleted`` and stands before the base at ``start``.
    """

    start: int
    deleted: str
    inserted: str

    @property
    def end(self) -> int:
        """The last deleted base; ``start - 1`` for an insertion."""
        return self.start + len(self.deleted) - 1


def trim(position: int, ref: str, alt: str) -> tuple[int, str, str]:
    """The shortest writing of a change; an insertion or deletion keeps its anchor base.

    >>> trim(100, "GAT", "GAC"), trim(100, "CAA", "CA")
    ((102, 'T', 'C'), (100, 'CA', 'C'))
    """
    while len(ref) > 1 and len(alt) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
        position, ref, alt = position + 1, ref[1:], alt[1:]
    return position, ref, alt


def bare(position: int, ref: str, alt: str) -> Bare:
    """The change without any base that both alleles share: an anchor in front, then at the end, then in front.

    >>> bare(100, "CAA", "CA"), bare(100, "C", "CGG")
    (Bare(start=101, deleted='A', inserted=''), Bare(start=101, deleted='', inserted='GG'))
    >>> bare(5, "A", "A")
    Bare(start=5, deleted='', inserted='')
    """
    shared = 0
    shorter = min(len(ref), len(alt))
    if ref[:1] == alt[:1] and len(ref) != len(alt):  # an anchor stays in front, as trimming leaves it
        position, ref, alt, shorter = position + 1, ref[1:], alt[1:], shorter - 1
    while shared < shorter and ref[-1 - shared] == alt[-1 - shared]:
        shared += 1
    ref, alt = ref[: len(ref) - shared], alt[: len(alt) - shared]
    shared = 0
    while shared < min(len(ref), len(alt)) and ref[shared] == alt[shared]:
        shared += 1
    return Bare(position + shared, ref[shared:], alt[shared:])


def room_left(change: Bare, window: Window) -> tuple[int, bool]:
    """By how many bases an insertion or deletion can be moved left, and whether only the window stopped it.

    >>> room_left(Bare(14, "A", ""), Window("chr1", 10, "GCAAAAT"))
    (2, False)
    """
    moved = change.deleted or change.inserted
    if not moved or (change.deleted and change.inserted):
        return 0, False
    size, start, bases, count = len(moved), change.start - window.start, window.bases, 0
    while start - 1 - count >= 0:
        wanted = moved[size - 1 - count] if count < size else bases[start - 1 - count + size]
        if bases[start - 1 - count] != wanted:
            return count, False
        count += 1
    return count, window.start > 1


def room_right(change: Bare, window: Window) -> tuple[int, bool]:
    """By how many bases an insertion or deletion can be moved right, and whether only the window stopped it.

    >>> room_right(Bare(12, "A", ""), Window("chr1", 10, "GCAAAAT"))
    (3, False)
    """
    moved = change.deleted or change.inserted
    if not moved or (change.deleted and change.inserted):
        return 0, False
    size, after, bases, count = len(moved), change.end + 1 - window.start, window.bases, 0
    while after + count < len(bases):
        wanted = moved[count] if count < size else bases[after + count - size]
        if bases[after + count] != wanted:
            return count, False
        count += 1
    return count, True


def moved(change: Bare, by: int) -> Bare:
    """The same change written ``by`` bases further right (left where negative), within its room.

    >>> moved(Bare(101, "", "ACG"), -1), moved(Bare(101, "", "ACG"), 1)
    (Bare(start=100, deleted='', inserted='GAC'), Bare(start=102, deleted='', inserted='CGA'))
    """
    return Bare(change.start + by, _turned(change.deleted, by), _turned(change.inserted, by))


def _turned(bases: str, by: int) -> str:
    if not bases:
        return bases
    at = by % len(bases)
    return bases[at:] + bases[:at]


def anchored(change: Bare, window: Window) -> tuple[int, str, str]:
    """The change as VCF writes it: with the base before it where one side is empty; with the one after it at position 1.

    Raises ``IndexError`` where that base is not in the window.
    """
    if change.deleted and change.inserted:
        return change.start, change.deleted, change.inserted
    if change.start == 1:
        after = window.of(change.end + 1, change.end + 1)
        return 1, change.deleted + after, change.inserted + after
    before = window.of(change.start - 1, change.start - 1)
    return change.start - 1, before + change.deleted, before + change.inserted


def left_align(position: int, ref: str, alt: str, window: Window) -> tuple[int, str, str, Placed]:
    """One allele in its normal form: trimmed and moved left as far as the sequence allows; as it came where it cannot be.

    >>> left_align(15, "AT", "T", Window("chr1", 10, "GCAAAAT"))
    (11, 'CA', 'C', <Placed.ALIGNED: 0>)
    """
    upper_ref, upper_alt = ref.upper(), alt.upper()
    if not (is_sequence(upper_ref) and is_sequence(upper_alt)) or upper_ref == upper_alt:
        return position, ref, alt, Placed.NOT_PLAIN
    if position < 1 or not window.holds(position, position + len(ref) - 1):
        return position, ref, alt, Placed.NOT_AT_HAND
    if window.of(position, position + len(ref) - 1) != upper_ref:
        return position, ref, alt, Placed.REF_DIFFERS
    change = bare(position, upper_ref, upper_alt)
    by, is_open = room_left(change, window)
    if is_open:
        return position, ref, alt, Placed.AT_THE_EDGE
    change = moved(change, -by)
    if not (change.deleted and change.inserted) and change.start > 1 and change.start - 1 < window.start:
        return position, ref, alt, Placed.AT_THE_EDGE
    return *anchored(change, window), Placed.ALIGNED


def is_sequence(allele: str) -> bool:
    """Whether an allele is written in A, C, G, T and N alone, upper case.

    >>> is_sequence("ACN"), is_sequence("<DEL>"), is_sequence("")
    (True, False, False)
    """
    return bool(allele) and not allele.strip("ACGTN")


def left_align_many(positions: Numbers, refs: Sequence[str], alts: Sequence[str], window: Window) -> Aligned:
    """Many alleles of one chromosome in their normal form, by arrays over one window.

    ``positions``: (alleles,) int64, 1-based; ``refs``, ``alts``: (alleles) texts in any case. The same as ``left_align`` of
    each. Nearly all alleles of a genome are in their normal form already and are only compared with the reference; the rest
    are moved together, one base of all of them at a time.
    """
    out_refs = [ref.upper() for ref in refs]
    out_alts = [alt.upper() for alt in alts]
    out_positions = np.array(positions, dtype=np.int64)
    placed = _compared(out_positions, out_refs, out_alts, window)
    to_move = np.flatnonzero((placed == Placed.ALIGNED) & ~_is_normal(out_refs, out_alts)).tolist()
    changes = [bare(int(out_positions[at]), out_refs[at], out_alts[at]) for at in to_move]
    room, is_open = _rooms_left(changes, window)
    for at, change, by, stays in zip(to_move, changes, room, is_open, strict=True):
        there = moved(change, -int(by))
        needs_anchor = not (there.deleted and there.inserted) and there.start > 1
        if stays or (needs_anchor and there.start - 1 < window.start):
            placed[at] = Placed.AT_THE_EDGE
        else:
            out_positions[at], out_refs[at], out_alts[at] = anchored(there, window)
    for at in np.flatnonzero(placed != Placed.ALIGNED).tolist():
        out_refs[at], out_alts[at] = refs[at], alts[at]
    return Aligned(out_positions, out_refs, out_alts, placed)


def _compared(positions: Numbers, refs: list[str], alts: list[str], window: Window) -> npt.NDArray[np.int8]:
    """(alleles,) ``Placed``: what is plain, at hand and agrees with the reference is ``ALIGNED``, to be moved yet."""
    placed = np.zeros(len(refs), dtype=np.int8)
    sizes = np.fromiter(map(len, refs), dtype=np.int64, count=len(refs))
    letters, starts = _joined(refs, sizes)
    offsets = positions - window.start
    outside = (offsets < 0) | (positions < 1) | (offsets + sizes > len(window.bases))
    reference = window.letters()
    if len(letters):
        flat = np.repeat(offsets - starts, sizes) + np.arange(len(letters))
        found = reference[np.clip(flat, 0, max(len(reference) - 1, 0))] if len(reference) else np.zeros_like(letters)
        wrong = np.concatenate(([0], np.cumsum(found != letters)))
        placed[wrong[starts + sizes] > wrong[starts]] = Placed.REF_DIFFERS
    placed[outside] = Placed.NOT_AT_HAND
    placed[_odd(refs, alts, sizes)] = Placed.NOT_PLAIN
    return placed


def _odd(refs: list[str], alts: list[str], sizes: Numbers) -> Flags:
    """(alleles,) whether one of the two is no plain sequence, or both are the same; letters are looked at all together."""
    alt_sizes = np.fromiter(map(len, alts), dtype=np.int64, count=len(alts))
    same = np.fromiter((ref == alt for ref, alt in zip(refs, alts, strict=True)), dtype=bool, count=len(refs))
    odd: Flags = same | (sizes == 0) | (alt_sizes == 0)
    for texts, lengths in ((refs, sizes), (alts, alt_sizes)):
        letters, starts = _joined(texts, lengths)
        wrong = np.concatenate(([0], np.cumsum(~_PLAIN[letters])))
        odd |= wrong[starts + lengths] > wrong[starts]
    return odd


def _joined(texts: Sequence[str], sizes: Numbers) -> tuple[Letters, Numbers]:
    """All letters one after the other, and where each text starts; a letter outside ASCII is one that matches nothing."""
    letters = np.frombuffer("".join(texts).encode("ascii", "replace"), dtype=np.uint8)
    return letters, np.concatenate(([0], np.cumsum(sizes)))[:-1].astype(np.int64)


def _is_normal(refs: list[str], alts: list[str]) -> Flags:
    """(alleles,) whether neither trimming nor moving can change the writing: different last bases, one shared in front
    at most and only where an anchor is needed."""
    return np.array(
        [
            ref[-1:] != alt[-1:] and ((len(ref) == 1 or len(alt) == 1) or ref[0] != alt[0])
            for ref, alt in zip(refs, alts, strict=True)
        ],
        dtype=bool,
    )


def _rooms_left(changes: list[Bare], window: Window) -> tuple[Numbers, Flags]:
    """(changes,) ``room_left`` of each, found for all of them together."""
    count = len(changes)
    room, is_open = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=bool)
    texts = [change.deleted or change.inserted for change in changes]
    sizes = np.fromiter(map(len, texts), dtype=np.int64, count=count)
    letters, first = _joined(texts, sizes)
    starts = np.array([change.start - window.start for change in changes], dtype=np.int64)
    reference = window.letters()
    active = np.array([bool(change.deleted) != bool(change.inserted) for change in changes], dtype=bool).nonzero()[0]
    step = 0
    while len(active):
        place = starts[active] - 1 - step
        at_edge = place < 0
        is_open[active[at_edge]] = window.start > 1
        active, place = active[~at_edge], place[~at_edge]
        size = sizes[active]
        own = step < size
        # beyond its own length a moved text repeats what it passed over
        wanted = reference[np.where(own, 0, place + size)]
        wanted = np.where(own, letters[np.where(own, first[active] + size - 1 - step, 0)], wanted)
        same = reference[place] == wanted
        active = active[same]
        room[active] += 1
        step += 1
    return room, is_open
