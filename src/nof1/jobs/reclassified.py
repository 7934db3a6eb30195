"""What changed between two editions of a table of assertions, and in whose genomes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nof1.errors import RequestError
from nof1.genomics.columns import FORMAT
from nof1.jobs.allele_scan import Piece, Scan, opened, threads
from nof1.jobs.annotated_table import genotypes
from nof1.knowledge.variant_index import VariantIndex
from nof1.model.allele_arrays import keys, seed
from nof1.model.variants import Allele

CLASSES = ("germline", "somatic", "oncogenicity")


@dataclass(frozen=True, slots=True)
class Change:
    """An allele whose classification or stars differ; an empty text: the edition says nothing. ``people``: FILE: SAMPLE."""

    allele: Allele
    gene: str
    origin: str
    before: str
    after: str
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """Two editions. ``added`` and ``removed``: alleles that only one knows; ``same``: that say the same in both."""

    old: str
    new: str
    changes: tuple[Change, ...]
    added: int
    removed: int
    same: int


def compare(old: VariantIndex, new: VariantIndex, files: Sequence[Path] = (), build: str = "") -> Compared:
    """Every reclassification from ``old`` to ``new``, with who in ``files`` carries the allele.

    Raises ``RequestError`` for tables of different builds, or without assertions.
    """
    if old.header.build != new.header.build:
        raise RequestError(f"{old.name} and {new.name} are on different builds; compare editions of one build")
    for table in (old, new):
        if "germline" not in table.columns:
            raise RequestError(f"{table.name} holds no classifications; compare tables of assertions")
        table.check()
    rows, partners = _matched(old, new)
    in_both = partners >= 0
    touched = _people(new, old, files, build)
    changes, same = [], np.ones(int(in_both.sum()), bool)
    for origin in CLASSES:
        before, after = _words(old, rows[in_both], origin), _words(new, partners[in_both], origin)
        for at, (one, other) in enumerate(zip(before, after, strict=True)):
            if one != other:
                same[at] = False
                changes.append(_change(old, int(rows[in_both][at]), origin, one, other, touched))
    firsts = _firsts(new)
    kept = set(partners[in_both].tolist())
    gained = [row for row in firsts.tolist() if row not in kept]
    lost = rows[~in_both].tolist()
    changes += [found for row in lost if (found := _only(old, row, touched, is_old=True)) is not None]
    changes += [found for row in gained if (found := _only(new, row, touched, is_old=False)) is not None]
    return Compared(old.name, new.name, tuple(changes), len(gained), len(lost), int(same.sum()))


def _firsts(table: VariantIndex) -> NDArray[np.int64]:
    return np.flatnonzero(table.repeats(np.arange(len(table))))


def _matched(old: VariantIndex, new: VariantIndex) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows of ``old`` and that of each in ``new``, -1 for none."""
    rows = _firsts(old)
    alleles = old.alleles(rows)
    seeds = np.array([seed(new.header.build, name) for name in old.header.contigs] or [0], np.uint64)
    return rows, new.find(alleles, keys(alleles, seeds), new.numbers(old.header.contigs))


def _words(table: VariantIndex, rows: NDArray[np.int64], origin: str) -> list[str]:
    """Classification and stars of rows, in words; every row of an allele counts."""
    classes, stars = table.columns[origin].texts(rows), table.columns[f"{origin}_stars"].texts(rows)
    return [
        f"{name.decode()} ({star.decode() or 'unknown'} stars)" if name else ""
        for name, star in zip(classes, stars, strict=True)
    ]


def _change(table: VariantIndex, row: int, origin: str, before: str, after: str, touched: dict[Allele, list[str]]) -> Change:
    allele = _allele(table, row)
    return Change(allele, table.columns["gene"].text(row), origin, before, after, tuple(touched.get(allele, ())))


def _only(table: VariantIndex, row: int, touched: dict[Allele, list[str]], *, is_old: bool) -> Change | None:
    """An allele that one edition alone knows, where somebody carries it."""
    if not touched.get(_allele(table, row)):
        return None
    origin = next((name for name in CLASSES if table.columns[name].text(row)), CLASSES[0])
    said = _words(table, np.array([row]), origin)[0]
    return _change(table, row, origin, said if is_old else "", "" if is_old else said, touched)


def _allele(table: VariantIndex, row: int) -> Allele:
    position, ref, alt = table.alleles(np.array([row])).written(0)
    return Allele(table.header.contigs[int(table.contig[row])], position, ref, alt)


def _people(new: VariantIndex, old: VariantIndex, files: Sequence[Path], build: str) -> dict[Allele, list[str]]:
    """Who in ``files`` carries, or may carry, an allele that either edition knows."""
    found: dict[Allele, list[str]] = {}
    for path in files:
        scan = opened(path, (old, new), build)
        with threads() as pool:
            for allele, person in (pair for pairs in scan.worked(pool, _carriers(scan)) for pair in pairs):
                found.setdefault(allele, []).append(person)
    return found


def _carriers(scan: Scan) -> Callable[[Piece], list[tuple[Allele, str]]]:
    def work(piece: Piece) -> list[tuple[Allele, str]]:
        hits, mine = piece.hits(), piece.found.alleles
        carried = []
        for number, sample in enumerate(scan.text.samples):
            for one, (_, zygosity) in zip(hits.tolist(), genotypes(piece, hits, FORMAT + 1 + number, scan), strict=True):
                if zygosity is not None:
                    allele = Allele(scan.contigs.names[mine.contig[one]], *mine.written(one))
                    carried.append((allele, f"{scan.text.path.name}: {sample} ({zygosity})"))
        return carried

    return work


def written(compared: Compared) -> Iterator[str]:
    """Lines that tell it."""
    for change in compared.changes:
        allele = change.allele
        origin = "" if change.origin == CLASSES[0] else f" ({change.origin})"
        yield (
            f"{allele.chromosome}:{allele.position} {allele.ref}>{allele.alt} {change.gene}{origin}: "
            f"{change.before or 'not known'} -> {change.after or 'no longer known'}"
        )
        yield from (f"    {person}" for person in change.people)
    people = {person.rpartition(" (")[0] for change in compared.changes for person in change.people}
    yield (
        f"{compared.old} -> {compared.new}: {len(compared.changes)} changes told, {compared.same} alleles the same, "
        f"{compared.added} added, {compared.removed} removed; {len(people)} people touched"
    )
