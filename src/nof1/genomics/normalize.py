"""Compares a record's alleles with a locus by sequence, whatever way the record writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nof1.model.alignment import trim
from nof1.model.genome import Locus

DELETED = "*"  # the locus lies inside a deletion on this strand
_PLAIN = re.compile(r"[ACGT]+")


class ReferenceMismatch(ValueError):
    """A record's REF disagrees with the reference sequence of the locus."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one record can say about one locus.

    ``texts``: for each allele of the record the locus' allele text; ``None`` where the allele says nothing that could be
    compared. ``is_direct``: the record was written about this locus, so its reference allele is evidence too.
    """

    texts: tuple[str | None, ...]
    is_direct: bool


def is_plain(allele: str) -> bool:
    """Whether an allele is written in A, C, G and T alone."""
    return _PLAIN.fullmatch(allele) is not None


def state(locus: Locus, position: int, ref: str, alts: tuple[str, ...]) -> Statement | None:
    """What a record (``position``, ``ref``, ``alts``, upper case) says about ``locus``; ``None`` for nothing.

    Raises ``ReferenceMismatch`` when its REF contradicts the locus.
    """
    _check_reference(locus, position, ref)
    compare = _snv_text if locus.is_snv else _span_text
    written_here = position == locus.position and (len(ref) == 1 if locus.is_snv else ref == locus.ref)
    touches = False
    texts: list[str | None] = [locus.ref]
    for alt in alts:
        if alt == DELETED:
            texts.append(DELETED)
        elif not is_plain(alt):
            texts.append(None)
        else:
            text, is_about = compare(locus, position, ref, alt)
            texts.append(text)
            touches |= is_about
    if not (written_here or touches) and all(text == locus.ref for text in texts):
        return None
    return Statement(tuple(texts), written_here or touches)


def _check_reference(locus: Locus, position: int, ref: str) -> None:
    known = locus.span or locus.ref
    low = max(position, locus.position)
    high = min(position + len(ref), locus.position + len(known))
    if low >= high:
        return
    ours = known[low - locus.position : high - locus.position]
    theirs = ref[low - position : high - position]
    if ours != theirs:
        raise ReferenceMismatch(
            f"REF {ref} at {locus.chromosome}:{position}; {locus.id} expects {known} at {locus.position}"
        )


def _snv_text(locus: Locus, position: int, ref: str, alt: str) -> tuple[str | None, bool]:
    """The allele text at a one-base locus, and whether the change is about it."""
    start, short_ref, short_alt = trim(position, ref, alt)
    offset = locus.position - start
    if len(short_ref) == len(short_alt):
        if 0 <= offset < len(short_ref) and short_ref[offset] != short_alt[offset]:
            return short_alt[offset], True
        return locus.ref, False
    if 0 < offset < len(short_ref):
        return DELETED, False
    if offset == 0 and len(short_ref) > 1 and short_ref[0] != short_alt[0]:
        return None, False  # a deletion with an insertion: what stands at the base now cannot be told
    if offset == 0 and len(short_alt) > 1 and len(short_ref) == 1:
        return short_alt, False  # an insertion right after the base: another allele than the documented ones
    return locus.ref, False


def _is_part(locus: Locus, offset: int, ref: str, alt: str) -> bool:
    """Whether the bases ``alt`` at ``offset`` are some, but not all, of a documented substitution."""
    changed = locus.ref[:offset] + alt + locus.ref[offset + len(ref) :]
    return any(
        len(other) == len(locus.ref) and other != changed and other[offset : offset + len(alt)] == alt
        for other in locus.alts
    )


def _span_text(locus: Locus, position: int, ref: str, alt: str) -> tuple[str | None, bool]:
    """The allele text at an insertion, deletion or repeat, compared over the whole reference span."""
    start, short_ref, short_alt = trim(position, ref, alt)
    span = locus.span or locus.ref
    offset = start - locus.position
    if offset >= len(span) or offset + len(short_ref) <= 0:
        return locus.ref, False
    if offset < 0 or offset + len(short_ref) > len(span):
        return (DELETED, False) if len(short_ref) > len(short_alt) else (None, False)
    if len(short_ref) == len(short_alt) and _is_part(locus, offset, short_ref, short_alt):
        return None, True  # one half of a documented change of several bases: alone it decides nothing
    same_kind = (len(short_ref) != len(short_alt)) == any(len(alt) != len(locus.ref) for alt in locus.alts)
    if not same_kind:
        return (None, False) if len(short_ref) == len(short_alt) and not locus.span else (locus.ref, False)
    haplotype = span[:offset] + short_alt + span[offset + len(short_ref) :]
    rest = span[len(locus.ref) :]
    for allele in locus.alts:
        if haplotype == allele + rest:
            return allele, True
    if haplotype.endswith(rest) and len(haplotype) > len(rest):
        return haplotype[: len(haplotype) - len(rest)], True
    return haplotype, True
