"""How genome files are to be read, from what a user says, and in words."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from nof1.errors import RequestError
from nof1.genomics.array_letters import Strand
from nof1.genomics.assay import Assay
from nof1.genomics.callable import read_bed
from nof1.genomics.genomes import Reading
from nof1.genomics.vcf import Quality

Absent = Literal["unknown", "reference"]


def reading(
    absent: Absent = "unknown",
    callable_bed: Path | None = None,
    build: str = "",
    quality: Quality | None = None,
    assay: Assay | None = None,
    strand: Strand = "",
) -> Reading:
    """How files are to be read, from what a user says."""
    if strand not in ("", "forward", "reverse", "per-row"):
        raise RequestError(f"strand is {strand!r}; choose forward, reverse or per-row")
    if absent not in ("unknown", "reference"):
        raise RequestError(f"absent is {absent!r}; choose unknown or reference")
    regions = read_bed(callable_bed) if callable_bed else None
    return Reading(quality or Quality(), absent, regions, build, assay, strand)


def described(how: Reading) -> dict[str, str]:
    """The settings of a reading, as printed."""
    regions = "none"
    if how.callable_regions is not None:
        count = sum(len(starts) for starts, _ in how.callable_regions.intervals.values())
        regions = f"{count} intervals: absent is reference inside"
    return {
        "absent position": how.absent,
        "declared callable regions": regions,
        "declared build": how.build or "none",
        "assay declaration": f"{len(how.assay.interrogated)} positions: absent is reference" if how.assay else "none",
        "strand of arrays": how.strand or "by header or letters",
        **how.quality.described(),
    }
