"""Secondary findings explained by points: facts of their alleles out of sequence, tables and the curators' file."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from nof1.genomics.fasta import Fasta
from nof1.jobs.allele_rows import Frequency, frequency_in
from nof1.jobs.consequences import reading_of, rules_of
from nof1.knowledge.criteria import Criteria
from nof1.knowledge.curation import CuratedVariant
from nof1.knowledge.schema import Knowledge
from nof1.knowledge.secondary import SitePolicy
from nof1.knowledge.variant_index import VariantIndex
from nof1.model.classification import ByPoints, VariantFacts
from nof1.model.secondary import SecondaryFinding, SecondaryReport
from nof1.model.transcripts import Transcript
from nof1.model.variants import Allele, Consequence, ObservedVariant
from nof1.variants.automated import not_automated
from nof1.variants.explained import explained
from nof1.variants.gene_rules import grade
from nof1.variants.nonsense import Loss, LossOfFunction, loss_of_function, with_loss
from nof1.variants.together import in_cis

_NO_TABLE = "frequencies: no table was brought (nof1 knowledge add gnomad FILE)"
_NO_ROW = "frequencies: {} has no row on it, which does not say that nobody carries it"
_FILTERED = "frequencies: not counted, since {} says {} of the place"
_NO_CONSEQUENCE = "what it does to the protein: no transcript of the gene is known here"


@dataclass(frozen=True, slots=True)
class Sources:
    """What facts are taken from. ``observed``: everything the person carries in these genes, for alleles of one strand."""

    known: Knowledge
    policy: SitePolicy | None
    observed: Sequence[ObservedVariant]
    transcripts: Sequence[Transcript]
    fasta: Fasta | None
    tables: Sequence[VariantIndex]
    curated: Mapping[str, CuratedVariant]


def with_points(report: SecondaryReport, sources: Sources) -> SecondaryReport:
    """``report`` with each variant of each finding explained. Status, class and order of the findings stay as they are."""
    findings = tuple(_explained(one, sources, sources.curated) for one in report.findings)
    told = [_looked_for(sources.known.criteria)] if any(one.by_points for one in findings) else []
    return replace(report, findings=findings, notes=(*report.notes, *told))


def _looked_for(known: Criteria) -> str:
    """Which criteria are found by machine, and which have a method that is switched off."""
    reasons = not_automated(known)
    methods = [row.code for row in known.automated.methods] if known.automated is not None else []
    on = ", ".join(code for code in methods if code not in reasons) or "none"
    off = ", ".join(code for code in methods if code in reasons)
    return f"criteria found by machine: {on}{f' (switched off: {off})' if off else ''}; curators give all others"


def _explained(finding: SecondaryFinding, sources: Sources, curated: Mapping[str, CuratedVariant]) -> SecondaryFinding:
    made = [_by_points(finding.gene, one, sources, curated) for one in finding.variants]
    return replace(finding, by_points=tuple(one for one in made if one is not None))


def _by_points(gene: str, one: ObservedVariant, sources: Sources, curated: Mapping[str, CuratedVariant]) -> ByPoints | None:
    known = sources.known
    rules, policy = known.secondary.rules, sources.policy or known.secondary.policy
    assert rules is not None and policy is not None
    asserted = grade(one, rules, known.criteria, policy).asserted.classification
    facts, not_told = _facts(gene, one, sources)
    return explained(facts, asserted, known.criteria, rules, curated.get(facts.allele), not_told)


def _facts(gene: str, one: ObservedVariant, sources: Sources) -> tuple[VariantFacts, list[str]]:
    """Everything known of an allele, and what is not."""
    allele = one.allele
    facts = VariantFacts(gene, f"{allele.chromosome}:{allele.position}:{allele.ref}:{allele.alt}")
    consequence = _consequence(gene, one, sources)
    not_told = []
    if consequence is None or not consequence.terms:
        not_told.append(consequence.reason if consequence is not None and consequence.reason else _NO_CONSEQUENCE)
    facts = replace(facts, consequence=consequence)
    if consequence is not None and consequence.terms:
        lost = _loss(consequence.transcript, one, sources)
        if lost is not None and lost.loss is not Loss.NONE:
            facts = with_loss(facts, lost)
            not_told += [f"loss of function: {text}" for text in lost.unknown]
    found, why = _frequency(allele, sources.tables)
    if found is None:
        return facts, [*not_told, why]
    return replace(facts, frequency=found.share, population=_population(found), alleles=found.alleles), not_told


def _consequence(gene: str, one: ObservedVariant, sources: Sources) -> Consequence | None:
    """That on the transcript which the list asks for by name, else on MANE Select, which stands first."""
    rules = sources.known.secondary.rules
    named = {row.transcript for row in (rules.filters if rules else ()) if gene in row.genes and row.transcript}
    mine = [item for item in one.consequences if item.gene == gene]
    return next((item for item in mine if item.transcript.partition(".")[0] in named), mine[0] if mine else None)


def _loss(transcript: str, one: ObservedVariant, sources: Sources) -> LossOfFunction | None:
    found = next((item for item in sources.transcripts if item.id == transcript), None)
    reading = reading_of(found, sources.fasta) if found is not None else ""
    if found is None or isinstance(reading, str):
        return None
    if not _is_inside(found, one.allele):
        return None
    others = [other for other in sources.observed if other.allele != one.allele and _is_inside(found, other.allele)]
    cis = [other.allele for other in in_cis(one, others)]
    return loss_of_function(reading, one.allele, rules_of(sources.known.gene_models), cis)


def _is_inside(transcript: Transcript, allele: Allele) -> bool:
    last = allele.position + len(allele.ref)
    return allele.chromosome == transcript.chromosome and transcript.is_near(allele.position, last)


def _frequency(allele: Allele, tables: Sequence[VariantIndex]) -> tuple[Frequency | None, str]:
    """The highest of the tables, or why there is none."""
    counting = [table for table in tables if "af" in table.columns]
    if not counting:
        return None, _NO_TABLE
    found = [one for table in counting if (one := frequency_in(table, allele)) and not math.isnan(one.share)]
    if not found:
        return None, _NO_ROW.format(", ".join(f"{table.header.kind} {table.header.edition}" for table in counting))
    passed = [one for one in found if not one.filters]
    if not passed:
        return None, _FILTERED.format(found[0].table, found[0].filters)
    return max(passed, key=lambda one: one.share), ""


def _population(one: Frequency) -> str:
    return f"group {one.population} of {one.table}" if one.population else one.table
