"""Whether what a file writes is, holds, or may be a known change that is written in another way."""

from __future__ import annotations

from collections.abc import Sequence

from nof1.model.alignment import Bare, bare, moved
from nof1.model.variants import Allele, ObservedVariant, Zygosity
from nof1.variants.copies import are_apart

REPEAT = 50  # bases within which one insertion or deletion is taken to be perhaps another one's, moved along a repeat
_MAY = "a change of several bases at the place of {}; whether it includes that cannot be told"
_HOLDS = "a change of several bases that includes {}; what the whole of it does is not asserted"
_MOVED = (
    "may be {} written elsewhere in a repeat: without the reference sequence there the two cannot be left-aligned "
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
    """Whether bases are replaced by others, several on one side: neither a single base nor a mere insertion or deletion.

    >>> [is_several(Allele("chr1", 5, *pair)) for pair in (("AC", "GT"), ("AC", "T"), ("AC", "A"), ("A", "G"))]
    [True, True, False, False]
    """
    change = bare(allele.position, allele.ref, allele.alt)
    return bool(change.deleted and change.inserted) and len(change.deleted) + len(change.inserted) > 2


def other_writing(one: Allele, known: Allele) -> str:
    """How ``one`` holds, or may be, ``known``, in words with {} for the known change; empty where it is not.

    Both are trimmed, and need not be left-aligned. Equal alleles are none of this.

    >>> other_writing(Allele("chr1", 5, "ACG", "GCT"), Allele("chr1", 7, "G", "T"))[:40]
    'a change of several bases that includes '
    >>> other_writing(Allele("chr1", 5, "ACG", "GCT"), Allele("chr1", 7, "G", "A"))
    ''
    """
    if one == known or one.chromosome != known.chromosome:
        return ""
    (low, high), (first, last) = changed(one), changed(known)
    if is_several(one) and low <= last and first <= high:
        if len(one.ref) != len(one.alt) or len(known.ref) != len(known.alt):
            return _MAY
        return _HOLDS if _is_part(one, known) else ""
    if is_several(one):
        return _MAY if _may_reach(one, known) else ""
    return _MOVED if _is_turned(one, known) else ""


def _is_part(one: Allele, known: Allele) -> bool:
    at = known.position - one.position
    size = len(known.ref)
    if at < 0 or at + size > len(one.ref):
        return False
    return one.ref[at : at + size] == known.ref and one.alt[at : at + size] == known.alt


def _may_reach(one: Allele, known: Allele) -> bool:
    """Whether the insertion or deletion ``known`` can be moved right, along a repeat, into what ``one`` replaces.

    Between the two the reference is not known; inside ``one`` it is, and what is inserted has to stand in it.
    """
    change, low, after = bare(known.position, known.ref, known.alt), one.position, one.position + len(one.ref)
    bases = change.deleted or change.inserted
    if change.deleted and change.inserted:
        return False
    for start in range(max(low, change.start), min(after, change.start + REPEAT) + 1):
        end = start + len(change.deleted)
        passed = range(max(low, change.start), end)
        if end > after or any(one.ref[at - low] != bases[(at - change.start) % len(bases)] for at in passed):
            return False
        if change.deleted or moved(change, start - change.start).inserted in one.alt:
            return True
    return False


def _is_turned(one: Allele, known: Allele) -> bool:
    """Whether both insert, or both delete, the same bases but for where in a repeat they are counted from."""
    if is_several(known) or is_several(one) or len(one.ref) == len(one.alt):
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
    for change in sorted((bare(part.position, part.ref, part.alt) for part in parts), key=_begin, reverse=True):
        at = change.start - known.position
        if at < 0 or change.end >= before or known.ref[at : at + len(change.deleted)] != change.deleted:
            return False
        bases = bases[:at] + change.inserted + bases[at + len(change.deleted) :]
        before = change.start
    return bases == known.alt


def single_changes(allele: Allele) -> list[Allele]:
    """A change of several bases for as many as its single ones; any other as it is.

    >>> [(part.position, part.ref, part.alt) for part in single_changes(Allele("chr1", 5, "ACG", "GCT"))]
    [(5, 'A', 'G'), (7, 'G', 'T')]
    """
    if len(allele.ref) != len(allele.alt):
        return [allele]
    pairs = enumerate(zip(allele.ref, allele.alt, strict=True), start=allele.position)
    return [Allele(allele.chromosome, at, ref, alt) for at, (ref, alt) in pairs if ref != alt]


def is_within(one: Allele, known: Allele) -> bool:
    """Whether everything that ``one`` changes lies among the bases that ``known`` names."""
    change = bare(one.position, one.ref, one.alt)
    return known.position <= change.start and change.end <= known.position + len(known.ref) - 1


def _begin(change: Bare) -> tuple[int, int]:
    return change.start, len(change.deleted)


def together(parts: Sequence[ObservedVariant]) -> Zygosity | None:
    """How ``parts`` are carried as one change; ``None`` where two of them certainly lie on different strands."""
    if any(are_apart(one, other) for at, one in enumerate(parts) for other in parts[at + 1 :]):
        return None
    kinds = {part.zygosity for part in parts}
    if len(kinds) == 1:
        return kinds.pop()
    return Zygosity.UNKNOWN if Zygosity.UNKNOWN in kinds else Zygosity.HETEROZYGOUS
