"""Whether what a file writes is, holds, or may be a known change that is written in another way."""

from __future__ import annotations

from collections.abc import Sequence

from nof1.model.alignment import bare, moved
from nof1.model.variants import Allele, ObservedVariant, Zygosity
from nof1.variants.copies import are_apart

REPEAT = 50  # bases within which one insertion or deletion is taken to be perhaps another one's, moved along a repeat
_MAY = "a change of several bases at the place of {}; whether it includes that cannot be told"
_HOLDS = "a change of several bases that includes {}; what the whole of it does is not asserted"
_MOVED = (
    "may be {} written elsewhere in a repeat: without a reference sequence the file cannot be left-aligned "
    "(nof1 knowledge add fasta FILE)"
)


def changed(allele: Allele) -> tuple[int, int]:
    """The first and last base that an allele changes; of an insertion the base before it.

    >>> changed(Allele("chr1", 5, "CAG", "C")), changed(Allele("chr1", 5, "C", "CT"))
    ((6, 7), (5, 5))
    """
    is_anchored = allele.ref[0] == allele.alt[0] and len(allele.ref) > len(allele.alt)
    return allele.position + is_anchored, allele.position + len(allele.ref) - 1


def is_several(allele: Allele) -> bool:
    """Whether several bases, or one, are replaced by others: neither a single base nor a mere insertion or deletion."""
    return len(allele.ref) > 1 and len(allele.alt) > 1


def other_writing(one: Allele, known: Allele, *, is_aligned: bool) -> str:
    """How ``one`` holds, or may be, ``known``, in words with {} for the known change; empty where it is not.

    Both are trimmed; ``is_aligned``: both are left-aligned as well. Equal alleles are none of this.

    >>> other_writing(Allele("chr1", 5, "ACG", "GCT"), Allele("chr1", 7, "G", "T"), is_aligned=True)[:40]
    'a change of several bases that includes '
    >>> other_writing(Allele("chr1", 5, "ACG", "GCT"), Allele("chr1", 7, "G", "A"), is_aligned=True)
    ''
    """
    if one == known or one.chromosome != known.chromosome:
        return ""
    if is_several(one) and len(one.ref) == len(one.alt):
        return _HOLDS if _is_part(one, known) else ""
    (low, high), (first, last) = changed(one), changed(known)
    if is_several(one) and low <= last and first <= high:
        return _MAY
    return _MOVED if not is_aligned and _is_turned(one, known) else ""


def _is_part(one: Allele, known: Allele) -> bool:
    at = known.position - one.position
    size = len(known.ref)
    if at < 0 or at + size > len(one.ref) or len(known.alt) != size:
        return False
    return one.ref[at : at + size] == known.ref and one.alt[at : at + size] == known.alt


def _is_turned(one: Allele, known: Allele) -> bool:
    """Whether both insert, or both delete, the same bases but for where in a repeat they are counted from."""
    if is_several(known) or len(one.ref) == len(one.alt):
        return False
    ours, theirs = (bare(item.position, item.ref, item.alt) for item in (one, known))
    by = ours.start - theirs.start
    if abs(by) > REPEAT or (len(ours.deleted), len(ours.inserted)) != (len(theirs.deleted), len(theirs.inserted)):
        return False
    return moved(theirs, by) == ours


def makes(known: Allele, parts: Sequence[Allele]) -> bool:
    """Whether ``parts``, all on one strand, come to ``known``, a change of several bases.

    >>> one, other = Allele("chr1", 5, "A", "G"), Allele("chr1", 6, "C", "T")
    >>> makes(Allele("chr1", 5, "AC", "GT"), [one, other]), makes(Allele("chr1", 5, "AC", "GA"), [one, other])
    (True, False)
    """
    bases, before = known.ref, known.position + len(known.ref)
    for part in sorted(parts, reverse=True):
        at = part.position - known.position
        if at < 0 or part.position + len(part.ref) > before or known.ref[at : at + len(part.ref)] != part.ref:
            return False
        bases = bases[:at] + part.alt + bases[at + len(part.ref) :]
        before = part.position
    return bases == known.alt


def together(parts: Sequence[ObservedVariant]) -> Zygosity | None:
    """How ``parts`` are carried as one change; ``None`` where two of them certainly lie on different strands."""
    if any(are_apart(one, other) for at, one in enumerate(parts) for other in parts[at + 1 :]):
        return None
    kinds = {part.zygosity for part in parts}
    if len(kinds) == 1:
        return kinds.pop()
    return Zygosity.UNKNOWN if Zygosity.UNKNOWN in kinds else Zygosity.HETEROZYGOUS
