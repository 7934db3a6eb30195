"""SPDI: a change as sequence, position, deletion and insertion, with every base over which it could be moved.

The contextual allele of SPDI is also the fully justified allele of the GA4GH Variation Representation Specification: a VRS
identifier is a digest over what ``justified`` gives and the digest of the whole sequence, which is not at hand here.
"""

from __future__ import annotations

import re

from nof1.errors import RequestError
from nof1.model.alignment import Bare, bare, room_left, room_right
from nof1.model.sequence import Window
from nof1.model.variants import Allele

_SPDI = re.compile(r"(?P<accession>[^:\s]+):(?P<position>\d+):(?P<deleted>[A-Za-z]*|\d+):(?P<inserted>[A-Za-z]*)")


def justified(allele: Allele, window: Window) -> Bare | None:
    """The change with all bases over which it could be moved, on both sides; ``None`` where the window ends before.

    >>> justified(Allele("chr1", 11, "CA", "C"), Window("chr1", 10, "GCAAAT"))
    Bare(start=12, deleted='AAA', inserted='AA')
    """
    change = bare(allele.position, allele.ref, allele.alt)
    (left, open_left), (right, open_right) = room_left(change, window), room_right(change, window)
    if open_left or open_right:
        return None
    if not left + right:
        return change
    before = window.of(change.start - left, change.start - 1) if left else ""
    after = window.of(change.end + 1, change.end + right) if right else ""
    return Bare(change.start - left, before + change.deleted + after, before + change.inserted + after)


def spdi(allele: Allele, accession: str, window: Window) -> str:
    """``accession:position:deleted:inserted``, the position counted from 0; empty where the window ends too early.

    >>> spdi(Allele("chr1", 11, "CA", "C"), "NC_000001.11", Window("chr1", 10, "GCAAAT"))
    'NC_000001.11:11:AAA:AA'
    """
    change = justified(allele, window)
    return f"{accession}:{change.start - 1}:{change.deleted}:{change.inserted}" if change else ""


def parse_spdi(text: str) -> tuple[str, Bare, int]:
    """Accession, change, and how many bases are deleted where ``text`` gives their number in place of the bases (else 0).

    Raises ``RequestError`` for a text that is no SPDI.

    >>> parse_spdi("NC_000001.11:11:AAA:AA")
    ('NC_000001.11', Bare(start=12, deleted='AAA', inserted='AA'), 0)
    """
    match = _SPDI.fullmatch(text.strip())
    if match is None:
        raise RequestError(f"{text!r} is no SPDI; write accession:position:deleted:inserted, as NC_000001.11:11:A:G")
    deleted, inserted = match["deleted"].upper(), match["inserted"].upper()
    count = int(deleted) if deleted.isdecimal() else 0
    deleted = "" if deleted.isdecimal() else deleted
    if (deleted + inserted).strip("ACGTN"):
        raise RequestError(f"{text!r} has letters that are no bases; write A, C, G and T")
    return match["accession"], Bare(int(match["position"]) + 1, deleted, inserted), count
