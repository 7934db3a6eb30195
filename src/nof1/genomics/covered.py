"""Which bases a genome speaks about: by its blocks and records, by a BED, or by a declaration."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from nof1.genomics.bases import Bases, Flags
from nof1.genomics.callable import Callable
from nof1.genomics.genomes import NEAR
from nof1.genomics.text import Overlap, Shares, Window
from nof1.genomics.vcf import CATCH_ALL, GenomeFile, Quality, SiteRecord, merge_windows
from nof1.model.allele_arrays import Bytes
from nof1.model.genome import Locus

_PLAIN = re.compile(r"[ACGT]+")
_UNEQUAL_COPIES = ("chrX", "chrY", "chrM")  # chromosomes of which a person may have one copy
_NO_BASE = 0
_LETTERS = "ACGT"


@dataclass(slots=True)
class Looked:
    """What one genome file says of ``Bases``, (bases,) each.

    ``read``: by a usable block or record. ``lost``: a record says that they were not read, or that REF is another base than
    known. ``carried``: alleles, other than changes of structure, of which the file does not tell the sequence, and where.
    ``has_blocks``: the file says what it read. ``near``: it has records within 1 Mb on both sides.
    """

    name: str
    read: Flags
    lost: Flags
    near: Flags
    on_chromosome: Flags
    has_blocks: bool = False
    carried: list[tuple[Window, str]] = field(default_factory=list)


def looked(
    bases: Bases,
    path: Path,
    sample: str,
    quality: Quality,
    known: Bytes,
    *,
    one_copy: Sequence[str] = _UNEQUAL_COPIES,
    shares: Shares | None = None,
) -> Looked:
    """What the file at ``path`` says of ``bases`` for ``sample``.

    ``known``: (bases,) the letter of the reference, 0 where it is not known. ``one_copy``: chromosomes of which a lone
    allele is a whole genotype. Raises ``GenomeError`` for a file that cannot be read.
    """
    file = GenomeFile(path, shares)
    file.narrow([sample])
    found = Looked(path.name, bases.none(), bases.none(), bases.none(), bases.none())
    stars, deleted = bases.none(), bases.none()
    windows = bases.windows
    records = (
        file.near(merge_windows(windows), Overlap(windows).touches, quality)
        if file.indexed
        else file.stream(windows, quality)
    )
    for record in records:
        found.has_blocks |= record.is_block and record.end > record.position
        _hear(found, record, bases, known, one_copy)
        _deletions(record, bases, stars, deleted)
    found.lost |= stars & ~deleted
    _place(found, file, bases)
    return found


def of_regions(bases: Bases, regions: Callable) -> Flags:
    """The bases inside the declared intervals of a BED."""
    found = bases.none()
    for chrom, (starts, ends) in regions.intervals.items():
        found |= bases.inside(chrom, np.array(starts), np.array(ends))
    return found


def _hear(found: Looked, record: SiteRecord, bases: Bases, known: Bytes, one_copy: Sequence[str]) -> None:
    """Mark the bases of ``record`` as read or lost, and keep what it carries and does not name."""
    carried = [int(one) for one in (record.first[0], record.second[0]) if one > 0]
    nameless = [one for one in carried if not _is_named(record, one)]
    symbols = set() if record.is_block else {number for number, alt in enumerate(record.alts, 1) if alt[:1] == "<"}
    symbols = {number for number in symbols if record.alts[number - 1] not in CATCH_ALL}
    if symbols and not set(carried) - symbols:
        return  # a change of structure says nothing of single bases; those that are carried are told by the whole text
    there = bases.of(record.chromosome, record.position, record.end if record.is_block else _last(record))
    if there.start == there.stop:
        return
    if not bool(record.usable[0]) or _is_half(record, one_copy):
        found.lost[there] = True
        return
    if nameless:
        _keep_nameless(found, record, nameless[0])
    found.read[there] = True
    _compare(found, record, bases, known)


def _compare(found: Looked, record: SiteRecord, bases: Bases, known: Bytes) -> None:
    """Where REF is another base than the known one, the record was made on another sequence: nothing was read there."""
    there = bases.of(record.chromosome, record.position, _last(record))
    for at in range(there.start, there.stop):
        given = record.ref[int(bases.position[at]) - record.position]
        if known[at] != _NO_BASE and given in _LETTERS and ord(given) != known[at]:
            found.lost[at] = True


def _keep_nameless(found: Looked, record: SiteRecord, number: int) -> None:
    alt = record.alts[number - 1] if number <= len(record.alts) else "."
    text = f"{record.chromosome}:{record.position} {alt[:40]} ({found.name})"
    last = record.end if record.is_block else _last(record)
    found.carried.append((Window(record.chromosome, record.position, last), text))


def _deletions(record: SiteRecord, bases: Bases, stars: Flags, deleted: Flags) -> None:
    """Mark bases that the person's other records delete, and those that a ``*`` says are deleted."""
    for one in {int(one) for one in (record.first[0], record.second[0]) if 0 < one <= len(record.alts)}:
        alt = record.alts[one - 1]
        if alt == "*":
            stars[bases.of(record.chromosome, record.position, _last(record))] = True
        elif _PLAIN.fullmatch(alt) and len(alt) < len(record.ref):
            deleted[bases.of(record.chromosome, record.position + 1, _last(record))] = True


def _is_half(record: SiteRecord, one_copy: Sequence[str]) -> bool:
    """Whether one of two alleles is not told."""
    first, second = int(record.first[0]), int(record.second[0])
    return -1 in (first, second) or (second == -2 and record.chromosome not in one_copy)


def _is_named(record: SiteRecord, number: int) -> bool:
    """Whether the record tells the bases of alternative ``number``."""
    if number > len(record.alts):
        return False
    alt = record.alts[number - 1]
    return alt == "*" or bool(_PLAIN.fullmatch(alt) and _PLAIN.fullmatch(record.ref))


def _last(record: SiteRecord) -> int:
    return record.position + len(record.ref) - 1


def _place(found: Looked, file: GenomeFile, bases: Bases) -> None:
    """Which bases lie on chromosomes that the file has, and which near its records."""
    merged = merge_windows(bases.windows)
    for chrom in dict.fromkeys(one.chromosome for one in merged):
        mine = [one for one in merged if one.chromosome == chrom]
        if not (file.may_have(chrom) if file.indexed else chrom in file.extents.found):
            continue
        loci = [Locus("", chrom, one.start, "N" * (one.end - one.start + 1), ()) for one in mine]
        for window, is_near in zip(mine, file.bracketed(loci, NEAR), strict=True):
            there = bases.of(chrom, window.start, window.end)
            found.on_chromosome[there] = True
            found.near[there] = is_near
