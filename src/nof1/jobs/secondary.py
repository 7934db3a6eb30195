"""Secondary findings of one person: alleles of the genome files, what tables say of them, what was looked at, consent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from nof1.decision.situation import situation
from nof1.errors import RequestError
from nof1.genomics.array_text import is_array
from nof1.genomics.callable import read_bed
from nof1.genomics.covered import Seen, best, by_records, by_regions
from nof1.genomics.fasta import Fasta
from nof1.genomics.text import Window
from nof1.genomics.vcf import Quality
from nof1.jobs.by_points import Sources, with_points
from nof1.jobs.chosen_models import KNOWLEDGE, chosen_models
from nof1.jobs.consequences import consequences_on
from nof1.jobs.gene_alleles import of_genes, read_alleles
from nof1.jobs.reference import fasta_for
from nof1.knowledge.curation import read_curation, read_policy
from nof1.knowledge.schema import Knowledge
from nof1.knowledge.variant_index import VariantIndex
from nof1.knowledge.variant_store import opened, paths
from nof1.model.record import Record
from nof1.model.secondary import CARRIERS, FINDINGS, GenomeSource, SecondaryPerson, SecondaryReport, Sex
from nof1.model.transcripts import Transcript
from nof1.model.variants import Assertion, GeneCoverage, ObservedVariant
from nof1.variants.curated import signed_assertions
from nof1.variants.secondary import secondary_findings

BUILD = "GRCh38"
_NO_TABLE = "no table of assertions was brought (nof1 knowledge add clinvar FILE)"


@dataclass(frozen=True, slots=True)
class Unasked:
    """What is said about secondary findings beyond the genome.

    ``consent``: reference to the recorded opt-in, ``carriers``: to that to carrier states; both are also read from the
    record. ``tables``: names of tables of assertions and frequencies, by default the newest of each kind that was brought.
    ``models``: whose gene models (``nof1.jobs.chosen_models``).
    """

    consent: str = ""
    carriers: str = ""
    tables: Sequence[str] = ()
    policy: Path | None = None
    curation: Path | None = None
    models: str = KNOWLEDGE


def secondary_report(
    known: Knowledge,
    genomes: Sequence[Path],
    sample: str,
    record: Record | None,
    today: date,
    asked: Unasked,
    *,
    quality: Quality | None = None,
    callable_bed: Path | None = None,
    absent_is_reference: bool = False,
    sex: str = "",
    build: str = "",
) -> SecondaryReport:
    """The report on the genes of the list. Without an opt-in no file is opened.

    Raises ``InputError`` for a file that cannot be read, on another build than GRCh38 too.
    """
    person = _person(known, record, today, asked, sex)
    policy = read_policy(asked.policy) if asked.policy else None
    source = GenomeSource.ARRAY if any(is_array(path) for path in genomes) else GenomeSource.SEQUENCE
    if not (person.opted_in and genomes) or source is not GenomeSource.SEQUENCE:
        return secondary_findings((), {}, person, source, known.secondary, known.criteria, policy)
    tables = _tables(asked.tables)
    if not any(table.header.kind == "clinvar" for table in tables):
        return not_analysed(known, _NO_TABLE)
    models = chosen_models(known.gene_models, known.secondary.genes, BUILD, asked.models)
    transcripts = models.transcripts
    quality = quality or Quality()
    fasta = fasta_for(BUILD)
    observed, left = read_alleles(genomes, sample, tables, transcripts, fasta, quality, build)
    observed = _told(known, observed, transcripts, fasta, asked, today)
    coverage = _coverage(genomes, sample, transcripts, quality, callable_bed, absent_is_reference)
    made = secondary_findings(observed, coverage, person, source, known.secondary, known.criteria, policy)
    made = with_points(made, Sources(known, policy, observed, transcripts, fasta, tables, asked.curation, today))
    made = replace(made, notes=(*made.notes, *models.notes))
    return replace(made, notes=(*made.notes, *left, *(f"looked up in {_named(table)}" for table in tables)))


def not_analysed(known: Knowledge, why: str) -> SecondaryReport:
    """A report that says why nothing was looked at."""
    nobody = secondary_findings((), {}, SecondaryPerson(), GenomeSource.SEQUENCE, known.secondary, known.criteria)
    return replace(nobody, notes=(f"none of these genes was analysed: {why}",))


def _named(table: VariantIndex) -> str:
    return f"{table.header.kind} {table.header.edition} ({table.header.rows:,} alleles)"


def _person(known: Knowledge, record: Record | None, today: date, asked: Unasked, sex: str) -> SecondaryPerson:
    """Whom it is about. A consent that the record takes back holds, whatever is said beside it."""
    said = {one.code: one for one in record.opt_ins} if record else {}
    for code, stated in ((FINDINGS, asked.consent), (CARRIERS, asked.carriers)):
        if stated and code in said and not said[code].is_given:
            raise RequestError(
                f"the record says that {code} were refused ({said[code].place}); {stated!r} does not undo that"
            )
    given = {
        code: stated or (said[code].place if code in said and said[code].is_given else "")
        for code, stated in ((FINDINGS, asked.consent), (CARRIERS, asked.carriers))
    }
    told = sex or (record.sex if record else "")
    return SecondaryPerson(
        Sex(told) if told in (Sex.FEMALE, Sex.MALE) else Sex.UNKNOWN,
        _youngest(known, record, today),
        bool(given[FINDINGS]),
        bool(given[FINDINGS] and given[CARRIERS]),
        given[FINDINGS],
    )


def _youngest(known: Knowledge, record: Record | None, today: date) -> float:
    """The age in completed years; of a birth known by month or year the lowest it can be. NaN where none is known."""
    fact = situation(record, known.care, today).facts.get("age") if record is not None else None
    return math.nan if fact is None else float(fact.value)


def _tables(names: Sequence[str]) -> list[VariantIndex]:
    wanted = names or [kind for kind in ("clinvar", "gnomad") if paths(kind)]
    return [opened(name, BUILD) for name in wanted]


def _told(
    known: Knowledge, found: Sequence[ObservedVariant], transcripts: Sequence[Transcript], fasta: Fasta | None,
    asked: Unasked, today: date,
) -> list[ObservedVariant]:  # fmt: skip
    """What of ``found`` lies in genes of the list, with what it does and what the curators signed."""
    observed = of_genes(found, known.secondary.genes)
    told = consequences_on(transcripts, observed, fasta, known.gene_models)
    signed = _signed(known, asked.curation, today)
    made = [replace(one, consequences=tuple(what)) for one, what in zip(observed, told, strict=True)]
    return [replace(one, assertions=(*one.assertions, signed[key])) if (key := _key(one)) in signed else one for one in made]


def _key(one: ObservedVariant) -> str:
    allele = one.allele
    return f"{allele.chromosome}:{allele.position}:{allele.ref}:{allele.alt}"


def _signed(known: Knowledge, curation: Path | None, today: date) -> dict[str, Assertion]:
    """What the site's curators signed, by allele."""
    if curation is None or known.criteria.points is None:
        return {}
    return signed_assertions(list(read_curation(curation, known.criteria.points, today).values()))


def _coverage(
    genomes: Sequence[Path], sample: str, transcripts: Sequence[Transcript], quality: Quality, bed: Path | None,
    absent_is_reference: bool,
) -> dict[str, GeneCoverage]:  # fmt: skip
    """How much of the coding bases of each gene, over its transcripts, was looked at."""
    wanted: dict[str, list[Window]] = {}
    for one in transcripts:
        there = wanted.setdefault(one.gene, [])
        there += [Window(one.chromosome, a, b) for a, b in one.coding_segments()]
    wanted = {gene: _apart(windows) for gene, windows in wanted.items()}
    if absent_is_reference:
        return {gene: GeneCoverage(gene, 1.0, "declared: what is absent is reference") for gene in wanted}
    found: list[dict[str, Seen]] = [by_records(wanted, path, sample, quality) for path in genomes]
    found += [by_regions(wanted, read_bed(bed), bed.name)] if bed else []
    return {gene: GeneCoverage(gene, seen.share, seen.basis) for gene, seen in best(found).items()}


def _apart(windows: list[Window]) -> list[Window]:
    """Windows of one chromosome with those that overlap joined."""
    joined: list[Window] = []
    for window in sorted(set(windows), key=lambda one: (one.chromosome, one.start, one.end)):
        last = joined[-1] if joined else None
        if last and last.chromosome == window.chromosome and window.start <= last.end + 1:
            joined[-1] = Window(last.chromosome, last.start, max(last.end, window.end))
        else:
            joined.append(window)
    return joined
