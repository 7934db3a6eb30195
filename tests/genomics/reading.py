"""Reads files the way the jobs do and hands back what the tests look at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nof1
from genomics import vcf_text
from nof1.genomics.blocks import block
from nof1.genomics.callable import read_bed
from nof1.genomics.genomes import GenomeSet, Reading
from nof1.genomics.vcf import Quality
from nof1.model.genome import GenotypeBlock, SiteNote


def read(
    paths: Path | Sequence[Path], gene: str, *, samples: Sequence[str] = (), bed: Path | None = None, **how: Any
) -> tuple[GenotypeBlock, list[SiteNote]]:
    """The genotype block of one gene and what the readers told."""
    files = [paths] if isinstance(paths, Path) else list(paths)
    thresholds = Quality(**how.pop("quality", {}))
    regions = read_bed(bed) if bed else None
    genomes = GenomeSet(
        files, vcf_text.PANEL.only({gene}), Reading(quality=thresholds, callable_regions=regions, **how), samples
    )
    found = block(genomes.names, genomes.sites(genomes.panel.genes[0]))
    genomes.check_builds()
    return found, genomes.notes


def table(paths: Path | Sequence[Path], **how: Any) -> list[tuple[object, ...]]:
    """The call table as rows, one a sample, gene and candidate, sorted by sample and gene."""
    files = [paths] if isinstance(paths, Path) else list(paths)
    columns = nof1.call(files, knowledge=vcf_text.KNOWN, **{"method": "named-allele"} | how)
    return sorted(zip(*columns.values(), strict=True), key=lambda row: (str(row[0]), str(row[1]), row[2]))


def genotypes(found: GenotypeBlock, row: int = 0) -> dict[str, str]:
    """What a block says at every locus; the order of unphased alleles is nothing."""
    shown = {}
    for place in found.loci:
        said = vcf_text.seen(found, place.id, row)
        shown[place.id] = "/".join(sorted(said.split("/"))) if "/" in said and not said.startswith("=") else said
    return shown
