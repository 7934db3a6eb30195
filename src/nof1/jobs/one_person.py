"""Reads one person's files and returns the assessment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Literal

from nof1 import __version__
from nof1.assessment.assess import Person
from nof1.assessment.assess import assess as assess_person
from nof1.errors import OutsideCallError, RequestError
from nof1.genomics.blocks import block
from nof1.genomics.callable import read_bed
from nof1.genomics.genomes import GenomeSet, Reading
from nof1.genomics.outside_calls import OutsideCall, read_outside_calls
from nof1.genomics.vcf import Quality
from nof1.knowledge.compiled import knowledge as shipped_knowledge
from nof1.knowledge.panel import panel
from nof1.knowledge.schema import Knowledge
from nof1.model.findings import Assessment
from nof1.model.genome import GenotypeBlock

Absent = Literal["unknown", "reference"]


def reading(
    absent: Absent = "unknown", callable_bed: Path | None = None, build: str = "", quality: Quality | None = None
) -> Reading:
    """How files are to be read, from what a user says."""
    if absent not in ("unknown", "reference"):
        raise RequestError(f"absent is {absent!r}; choose unknown or reference")
    regions = read_bed(callable_bed) if callable_bed else None
    return Reading(quality or Quality(), absent, regions, build)


def assess(
    genomes: Sequence[Path | str],
    *,
    sample: str = "",
    drugs: Sequence[str] = (),
    outside_calls: Path | str | None = None,
    absent: Absent = "unknown",
    callable_bed: Path | str | None = None,
    build: str = "",
    quality: Quality | None = None,
    today: date | None = None,
    knowledge: Knowledge | None = None,
    progress: Callable[[int], None] | None = None,
) -> Assessment:
    """The assessment of one person from genome files and, if given, calls made elsewhere.

    ``genomes`` VCF, gVCF or BCF files of that person; ``sample`` names the person where files hold several; ``drugs``
    narrows the advice; ``absent`` says whether a position without a record is unknown or reference; ``today`` defaults to
    the current date. Raises ``InputError`` for a file or request that is wrong, ``KnowledgeError`` for the knowledge.
    """
    known = knowledge or shipped_knowledge()
    how = reading(absent, Path(callable_bed) if callable_bed else None, build, quality)
    genome_set = GenomeSet([Path(path) for path in genomes], panel(known), how, [sample] if sample else [])
    name = one_person(genome_set)
    outside = outside_by_gene(known, read_outside_calls(Path(outside_calls)), name) if outside_calls else {}
    genome_set.stream(progress)
    blocks: dict[str, GenotypeBlock] = {}
    for gene in genome_set.panel.genes:
        blocks[gene.gene] = block(genome_set.names, genome_set.sites(gene))
    genome_set.check_builds()
    person = Person(name, 0, blocks, outside, tuple(genome_set.notes), genome_set.described())
    return assess_person(
        known,
        person,
        today=(today or date.today()).isoformat(),
        software=software(),
        settings=described(how),
        drugs=drugs,
    )


def one_person(genome_set: GenomeSet) -> str:
    """The only sample of the set; ``RequestError`` when there are several."""
    if genome_set.people > 1:
        shown = ", ".join(genome_set.names[:5]) + (", ..." if genome_set.people > 5 else "")
        raise RequestError(f"the files hold {genome_set.people} people ({shown}); name one with --sample")
    return genome_set.names[0]


def outside_by_gene(known: Knowledge, calls: Sequence[OutsideCall], name: str) -> dict[str, list[OutsideCall]]:
    """The outside calls of person ``name`` by gene; a gene nobody knows is an error."""
    found: dict[str, list[OutsideCall]] = {}
    mine = [call for call in calls if call.sample in ("", name)]
    if calls and not mine:
        others = ", ".join(sorted({call.sample for call in calls})[:3])
        raise OutsideCallError(f"{calls[0].place}: no line is for {name!r}; the table is about {others}")
    for call in mine:
        if call.gene not in known.genes:
            raise OutsideCallError(
                f"{call.place}: gene {call.gene!r} is not in the knowledge; see nof1 knowledge list genes"
            )
        found.setdefault(call.gene, []).append(call)
    return found


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
        "method": "named-allele",
        **how.quality.described(),
    }


def software() -> str:
    """Name and version of this software."""
    return f"nof1 {__version__}"
