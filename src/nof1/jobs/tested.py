"""Adds to an assessment what was tested and what was not, and whether the genome can be the person's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace

from nof1.assessment.assay import CONFIRM_SOURCE, REGIONS_SOURCE, SEXES, AssayFacts, described, doubts
from nof1.errors import RequestError
from nof1.genomics.array import arrays
from nof1.genomics.genomes import GenomeSet
from nof1.genomics.identity import SexCounts, of_blocks, peek
from nof1.knowledge.schema import Knowledge
from nof1.model.findings import Assessment
from nof1.model.genome import GenotypeBlock


def check_sex(sex: str) -> str:
    """The declared sex; ``RequestError`` for a word that is none."""
    if sex and sex not in SEXES:
        raise RequestError(f"sex is {sex!r}; choose male or female, or leave it out")
    return sex


def with_assay(
    made: Assessment, known: Knowledge, genome_set: GenomeSet, blocks: Mapping[str, GenotypeBlock], sex: str
) -> Assessment:
    """``made`` with its ``assay`` section; a doubt about the sample's identity stands first among what is unknown."""
    assay = genome_set.reading.assay
    facts = AssayFacts(
        files=len(genome_set.files),
        arrays=len(arrays(genome_set.files)),
        laboratory=assay.header if assay else {},
        declared=genome_set.declared,
        sex=sex,
        counts=asdict(_sex_counts(genome_set, blocks, sex)),
    )
    source = known.sources.get(CONFIRM_SOURCE)
    section = described(facts, blocks.values(), 0, source.because if source else "results of arrays are often false")
    cited = ([CONFIRM_SOURCE] if facts.arrays else []) + ([REGIONS_SOURCE] if sex else [])
    added = {name: _shown(known, name) for name in cited if name in known.sources}
    return replace(made, assay=section, unknown=(*doubts(section), *made.unknown), sources={**made.sources, **added})


def _sex_counts(genome_set: GenomeSet, blocks: Mapping[str, GenotypeBlock], sex: str) -> SexCounts:
    """What the sex chromosomes show: an array's rows are at hand; a VCF is looked at again only when a sex is declared."""
    if arrays(genome_set.files):
        return peek(genome_set.files, genome_set.build)
    seen = of_blocks(blocks.values(), genome_set.panel.build, 0)
    if sex:
        found = peek(genome_set.files, genome_set.build)
        return found if found.x_called + found.y_called else seen
    return seen


def _shown(known: Knowledge, name: str) -> dict[str, str]:
    source = known.sources[name]
    shown = {key: getattr(source, key) for key in ("title", "body", "url", "licence", "because", "version", "pmid")}
    return {**shown, "year": str(source.year)}
