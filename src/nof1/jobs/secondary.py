"""Secondary findings of one person: alleles of the genome files, what tables say of them, what was looked at, consent."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from nof1.decision.situation import situation
from nof1.errors import RequestError
from nof1.genomics.fasta import Fasta
from nof1.genomics.provenance import source_of
from nof1.genomics.text import Window
from nof1.genomics.vcf import Quality
from nof1.jobs.by_points import Sources, with_points
from nof1.jobs.carried import Place
from nof1.jobs.chosen_models import KNOWLEDGE, chosen_models
from nof1.jobs.consequences import consequences_on
from nof1.jobs.gene_alleles import of_genes, read_alleles
from nof1.jobs.gene_coverage import Covered, Reading, gene_coverage
from nof1.jobs.known_sites import GeneSites, Site, allele_text, genes_coding, known_sites
from nof1.jobs.other_writings import with_other_writings
from nof1.jobs.reference import fasta_for
from nof1.jobs.signed_alleles import curated_alleles, signed_alleles
from nof1.knowledge.curation import read_policy
from nof1.knowledge.schema import Knowledge
from nof1.knowledge.secondary import SitePolicy
from nof1.knowledge.variant_index import VariantIndex
from nof1.knowledge.variant_store import opened, paths
from nof1.model.classification import VariantClass
from nof1.model.record import Record
from nof1.model.secondary import CARRIERS, FINDINGS, GenomeSource, SecondaryPerson, SecondaryReport, Sex
from nof1.model.transcripts import Transcript
from nof1.model.variants import Allele, Assertion, GeneCoverage, ObservedVariant
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
    if not (person.opted_in and genomes):
        return secondary_findings((), {}, person, GenomeSource.SEQUENCE, known.secondary, known.criteria, policy)
    others = [told for path in genomes if (told := source_of(path))[0] is not GenomeSource.SEQUENCE]
    if others:
        return _not_sequenced(known, person, policy, others)
    tables = _tables(asked.tables)
    if not any(table.header.kind == "clinvar" for table in tables):
        return not_analysed(known, _NO_TABLE)
    models = chosen_models(known.gene_models, known.secondary.genes, BUILD, asked.models)
    transcripts = models.transcripts
    quality = quality or Quality()
    fasta = fasta_for(BUILD)
    curated = curated_alleles(known, asked.curation, fasta, today)
    signed = signed_alleles(curated)
    read = read_alleles(genomes, sample, tables, transcripts, fasta, quality, build, [place for place, _ in signed.values()])
    if read.imputed:
        return _not_sequenced(known, person, policy, [(GenomeSource.IMPUTED, read.imputed)])
    sites = _sites(known, tables, transcripts)
    observed = _told(known, read.observed, transcripts, fasta, {key: item for key, (_, item) in signed.items()})
    how = Reading(sample, quality, callable_bed, absent_is_reference, person.sex)
    structural = [(Window(place.chromosome, place.start, place.end), text) for place, text in read.structural]
    covered = gene_coverage(genomes, transcripts, sites, _signed_sites(signed), how, structural)
    coverage = _with_unassessed(known, covered.genes, observed, transcripts)
    observed = [_against(one, covered, read.files) for one in observed]
    held = with_other_writings(observed, sites, is_aligned=fasta is not None)
    made = secondary_findings(held, coverage, person, GenomeSource.SEQUENCE, known.secondary, known.criteria, policy)
    made = with_points(made, Sources(known, policy, observed, transcripts, fasta, tables, curated))
    made = replace(made, notes=(*made.notes, *models.notes))
    return replace(made, notes=(*made.notes, *read.notes, *(f"looked up in {_named(table)}" for table in tables)))


def _not_sequenced(
    known: Knowledge, person: SecondaryPerson, policy: SitePolicy | None, others: Sequence[tuple[GenomeSource, str]]
) -> SecondaryReport:
    """The report where genotypes come from something else than a sequence, with what says so."""
    made = secondary_findings((), {}, person, others[0][0], known.secondary, known.criteria, policy)
    return replace(made, notes=(*made.notes, *(words for _, words in others)))


def _against(one: ObservedVariant, covered: Covered, files: Mapping[Allele, frozenset[int]]) -> ObservedVariant:
    """``one``, in doubt where another file read its bases and does not have it."""
    other = "" if one.doubt else covered.against(one.allele, files.get(one.allele, frozenset()))
    return replace(one, doubt=f"{other} read these bases and does not have it") if other else one


def _sites(known: Knowledge, tables: Sequence[VariantIndex], transcripts: Sequence[Transcript]) -> dict[str, GeneSites]:
    """Alleles of each gene that would be a finding. Where one named change alone counts, that one."""
    found = dict(known_sites(tables, transcripts))
    for rule in known.secondary.rules.restrictions if known.secondary.rules else ():
        if rule.only_change is not None and rule.gene in found:
            chromosome, position, ref, alt = rule.only_change.allele.split(":")
            found[rule.gene] = found[rule.gene].only(Allele(chromosome, int(position), ref, alt))
    return found


def _signed_sites(signed: Mapping[str, tuple[Place, Assertion]]) -> dict[str, list[Site]]:
    """By gene, the alleles that curators signed as disease-causing."""
    found: dict[str, list[Site]] = {}
    for key, (place, item) in signed.items():
        if item.classification in (VariantClass.PATHOGENIC, VariantClass.LIKELY_PATHOGENIC):
            chromosome, position, ref, alt = key.split(":")
            allele = Allele(chromosome, int(position), ref, alt)
            found.setdefault(place.gene, []).append(Site(allele, item.classification, item.stars, (item,)))
    return found


def _with_unassessed(
    known: Knowledge, coverage: Mapping[str, GeneCoverage], observed: Sequence[ObservedVariant],
    transcripts: Sequence[Transcript],
) -> dict[str, GeneCoverage]:  # fmt: skip
    """``coverage`` with the alleles in coding bases of which nothing is asserted and no consequence could be told.

    Only of genes in which losing the protein is known to cause disease: there such an allele may be a finding.
    """
    by_gene: dict[str, list[Transcript]] = {}
    for each in transcripts:
        by_gene.setdefault(each.gene, []).append(each)
    found: dict[str, list[str]] = {}
    for one in observed:
        is_open = not any(item.origin == "germline" for item in one.assertions) and not any(
            item.terms for item in one.consequences
        )
        if is_open and one.gene in known.criteria.loss_of_function and genes_coding(by_gene[one.gene], one.allele):
            found.setdefault(one.gene, []).append(allele_text(one.allele))
    return {gene: replace(one, unassessed=tuple(found.get(gene, ()))) for gene, one in coverage.items()}


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
    signed: Mapping[str, Assertion],
) -> list[ObservedVariant]:  # fmt: skip
    """What of ``found`` lies in genes of the list, with what it does and what the curators ``signed``."""
    observed = of_genes(found, known.secondary.genes)
    told = consequences_on(transcripts, observed, fasta, known.gene_models)
    made = [replace(one, consequences=tuple(what)) for one, what in zip(observed, told, strict=True)]
    return [replace(one, assertions=(*one.assertions, signed[key])) if (key := _key(one)) in signed else one for one in made]


def _key(one: ObservedVariant) -> str:
    allele = one.allele
    return f"{allele.chromosome}:{allele.position}:{allele.ref}:{allele.alt}"
