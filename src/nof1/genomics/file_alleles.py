"""The alleles of records, one for each alternative, trimmed; those that name no sequence are counted by reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1 import kernel
from nof1.genomics.columns import ALT, REF, Contigs, Records, positions
from nof1.model.allele_arrays import AlleleArrays, Bytes, Ints, are_letters, spread, trimmed

Aligner = Callable[[AlleleArrays, tuple[str, ...]], AlleleArrays]  # alleles, names of contigs -> alleles, left-aligned
_COMMA, _STAR, _LESS, _DOT = b",*<."
_BREAKEND = b"[]"
_CATCH_ALL = (b"<NON_REF>", b"<*>", b"<X>")


class Reason(IntEnum):
    """Why an alternative is not looked up. ``USABLE``: it is."""

    USABLE = 0
    SPANNING_DELETION = 1
    ANY_OTHER = 2
    SYMBOLIC = 3
    BREAKEND = 4
    NO_ALTERNATIVE = 5
    OTHER_LETTERS = 6
    SAME_AS_REF = 7
    OTHER_MITOCHONDRION = 8


WORDS = {
    Reason.SPANNING_DELETION: "* (the base is deleted by another record)",
    Reason.ANY_OTHER: "<NON_REF> or <*> (stands for any other allele)",
    Reason.SYMBOLIC: "symbolic (<DEL>, <DUP>, ...: no sequence given)",
    Reason.BREAKEND: "a breakend",
    Reason.NO_ALTERNATIVE: "no alternative (a reference record)",
    Reason.OTHER_LETTERS: "letters other than A, C, G, T in REF or ALT",
    Reason.SAME_AS_REF: "the same as REF",
    Reason.OTHER_MITOCHONDRION: "on a mitochondrial sequence other than rCRS",
}


@dataclass(frozen=True, slots=True)
class FileAlleles:
    """Alternatives that name a sequence: ``alleles``, trimmed, with the ``record`` and the ``number`` (1, 2, ...) of each.

    ``excluded`` (reasons,): how many others there are. ``firsts`` (records,): the first letter of REF; ``places``
    (records,): POS; ``contigs`` (records,).
    """

    alleles: AlleleArrays
    record: Ints
    number: Ints
    excluded: Ints
    places: Ints
    contigs: NDArray[np.int32]


def alleles_of(
    found: Records, contigs: Contigs, align: Aligner | None = None, *, skip: frozenset[int] = frozenset()
) -> FileAlleles:
    """The alleles of ``found``; ``align`` moves them to the left where a reference sequence is at hand.

    ``skip``: numbers of contigs whose sequence is another one. Raises ``Malformed`` for a line that is no record.
    """
    contig = contigs.of(found)
    places, record, number, kept, reason = _by_kernel(found, contig) or _by_arrays(found, contig)
    for one in skip:
        reason[(kept.contig == one) & (reason == Reason.USABLE)] = Reason.OTHER_MITOCHONDRION
    excluded = np.bincount(reason, minlength=len(Reason)).astype(np.int64)
    if excluded[Reason.USABLE] != len(reason):
        usable = np.flatnonzero(reason == Reason.USABLE)
        record, number, kept = record[usable], number[usable], kept.take(usable)
    excluded[Reason.USABLE] = 0
    if align is not None:
        kept = align(kept, tuple(contigs.names))
    return FileAlleles(kept, record, number, excluded, places, contig)


_Parts = tuple[Ints, Ints, Ints, AlleleArrays, NDArray[Any]]  # POS by record; record, number, allele, reason by alternative


def _by_kernel(found: Records, contig: NDArray[np.int32]) -> _Parts | None:
    made = kernel.alleles(found.text, found.starts, found.ends, Reason.SAME_AS_REF, Reason.OTHER_LETTERS)
    if made is None:
        return None
    places, record, number, position, ref_at, ref_length, alt_at, alt_length, reason = made
    for one in np.flatnonzero(reason == Reason.OTHER_LETTERS).tolist():
        reason[one] = _odd(found.text, int(alt_at[one]), int(alt_length[one]))
    whole = AlleleArrays(found.text, contig[record], position, ref_at, ref_length, alt_at, alt_length)
    return places, record, number, whole, reason


def _by_arrays(found: Records, contig: NDArray[np.int32]) -> _Parts:
    places = positions(found)
    record, number, at, length = _split(found)
    ref_at = found.begin(REF)
    whole = AlleleArrays(
        found.text, contig[record], places[record], ref_at[record], (found.ends[:, REF] - ref_at)[record], at, length
    )
    reason = _reasons(whole)
    return places, record, number, trimmed(whole, reason == Reason.USABLE), reason


def _split(found: Records) -> tuple[Ints, Ints, Ints, Ints]:
    """Record, number, place and length of each alternative."""
    at, end = found.begin(ALT), found.ends[:, ALT]
    length = end - at
    record = np.arange(len(found))
    several = np.flatnonzero(length > 2)
    inside = spread(at[several], length[several])
    commas = inside[found.text[inside] == _COMMA]
    if not commas.size:
        return record, np.ones(len(found), np.int64), at, length
    owner = np.searchsorted(at, commas, "right") - 1
    record = np.concatenate([record, owner])
    begin = np.concatenate([at, commas + 1])
    order = np.argsort(begin, kind="stable")
    record, begin = record[order], begin[order]
    is_last = np.append(record[1:] != record[:-1], True)
    stop = np.where(is_last, end[record], np.append(begin[1:], 0) - 1)
    firsts = np.flatnonzero(np.append(True, record[1:] != record[:-1]))
    number = np.arange(len(record)) - np.repeat(firsts, np.diff(np.append(firsts, len(record)))) + 1
    return record, number, begin, stop - begin


def _reasons(whole: AlleleArrays) -> NDArray[np.int64]:
    """Why each allele cannot be looked up, 0 where it can."""
    text = whole.text
    reason = np.zeros(len(whole), np.int64)
    empty = whole.alt_length < 1
    at = np.where(empty, whole.alt_at - 1, whole.alt_at)
    good = are_letters(text, whole.ref_at, whole.ref_length)
    good &= are_letters(text, at, np.maximum(whole.alt_length, 1)) & ~empty
    odd = np.flatnonzero(~good)
    if odd.size:
        reason[odd] = [_odd(text, int(at[one]), int(whole.alt_length[one])) for one in odd]
    equal = np.flatnonzero(good & (whole.ref_length == whole.alt_length))
    reason[equal[_is_unchanged(whole.take(equal))]] = Reason.SAME_AS_REF
    return reason


def _odd(text: Bytes, at: int, length: int) -> Reason:
    alt = text[at : at + length].tobytes()
    if alt == b"*":
        return Reason.SPANNING_DELETION
    if alt == b".":
        return Reason.NO_ALTERNATIVE
    if alt.upper() in _CATCH_ALL:
        return Reason.ANY_OTHER
    if alt.startswith(b"<"):
        return Reason.SYMBOLIC
    if any(sign in alt for sign in _BREAKEND) or (len(alt) > 1 and (alt[:1] == b"." or alt[-1:] == b".")):
        return Reason.BREAKEND
    return Reason.OTHER_LETTERS


def _is_unchanged(pairs: AlleleArrays) -> NDArray[np.bool_]:
    """Whether REF and ALT, equally long, are the same letters."""
    swapped = AlleleArrays(
        pairs.text, pairs.contig, pairs.position, pairs.alt_at, pairs.alt_length, pairs.ref_at, pairs.ref_length
    )
    from nof1.model.allele_arrays import same

    return same(pairs, swapped)
