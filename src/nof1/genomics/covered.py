"""How much of given stretches a genome speaks about: by its blocks and records, by a BED, or by a declaration."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nof1.genomics.callable import Callable
from nof1.genomics.text import Overlap, Window
from nof1.genomics.vcf import GenomeFile, Quality, SiteRecord, merge_windows

_NAMED = re.compile(r"[ACGT]+|\*")


@dataclass(frozen=True, slots=True)
class Seen:
    """``share`` of the bases that were looked at, 0-1, or NaN where nothing says what was; ``basis``: what says it."""

    share: float
    basis: str


def by_regions(wanted: Mapping[str, Sequence[Window]], regions: Callable, name: str) -> dict[str, Seen]:
    """By the declared intervals of a BED."""
    found = {}
    for key, windows in wanted.items():
        inside = 0
        for window in windows:
            starts, ends = regions.intervals.get(window.chromosome, ((), ()))
            inside += sum(
                max(0, min(end, window.end) - max(start, window.start) + 1) for start, end in zip(starts, ends, strict=True)
            )
        found[key] = Seen(inside / _bases(windows), name)
    return found


def by_records(wanted: Mapping[str, Sequence[Window]], path: Path, sample: str, quality: Quality) -> dict[str, Seen]:
    """By the usable records of a gVCF; NaN for a file without blocks, which does not say what was looked at."""
    file = GenomeFile(path)
    file.narrow([sample])
    if not file.may_have_blocks:
        return {key: Seen(math.nan, "") for key in wanted}
    everything = [window for windows in wanted.values() for window in windows]
    merged, touches = merge_windows(everything), Overlap(everything).touches
    seen: dict[str, dict[int, NDArray[np.bool_]]] = {}
    for window in everything:
        seen.setdefault(window.chromosome, {})[window.start] = np.zeros(window.end - window.start + 1, bool)
    starts = {chrom: np.array(sorted(places)) for chrom, places in seen.items()}
    has_blocks, unnamed = False, []
    records = file.near(merged, touches, quality) if file.indexed else file.stream(everything, quality)
    for record in records:
        has_blocks |= record.is_block and record.end > record.position
        if _is_unnamed(record):
            unnamed.append(record)
        elif bool(record.usable[0]):
            _mark(record, seen.get(record.chromosome, {}), starts.get(record.chromosome))
    for record in unnamed:
        _mark(record, seen.get(record.chromosome, {}), starts.get(record.chromosome), read=False)
    if not has_blocks:
        return {key: Seen(math.nan, "") for key in wanted}
    return {
        key: Seen(
            sum(int(seen[window.chromosome][window.start][: window.end - window.start + 1].sum()) for window in windows)
            / _bases(windows),
            path.name,
        )
        for key, windows in wanted.items()
    }


def _is_unnamed(record: SiteRecord) -> bool:
    """Whether the person carries an allele of which the record does not tell the bases: they were not read."""
    carried = [int(one) for one in (record.first[0], record.second[0]) if one > 0]
    return any(one > len(record.alts) or not _NAMED.fullmatch(record.alts[one - 1]) for one in carried)


def _mark(
    record: SiteRecord, places: dict[int, NDArray[np.bool_]], starts: NDArray[np.int64] | None, *, read: bool = True
) -> None:
    """Mark the bases of ``record`` in every stretch that it touches."""
    if starts is None:
        return
    after = int(np.searchsorted(starts, record.end, side="right"))
    for start in starts[:after][::-1].tolist():
        bases = places[start]
        if start + len(bases) <= record.position:
            break
        bases[max(0, record.position - start) : max(0, record.end - start + 1)] = read


def _bases(windows: Sequence[Window]) -> int:
    return sum(window.end - window.start + 1 for window in windows)


def best(found: Sequence[Mapping[str, Seen]]) -> dict[str, Seen]:
    """Of several files, for each stretch the one that says most."""
    keys = dict.fromkeys(key for one in found for key in one)
    return {key: max((one[key] for one in found if key in one), key=_told) for key in keys}


def _told(seen: Seen) -> float:
    """The share; below any where nothing says what was looked at."""
    return -1.0 if math.isnan(seen.share) else seen.share
