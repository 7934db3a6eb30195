"""Secondary findings of one person by the rules of the list: who consented, which copies are taken, what was looked at."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from nof1.errors import RequestError
from nof1.knowledge.criteria import Criteria
from nof1.knowledge.secondary import Secondary, SecondaryCondition, SecondaryGene, SecondaryRules, SitePolicy
from nof1.model.secondary import (
    GeneLooked,
    GeneStatus,
    GenomeSource,
    SecondaryFinding,
    SecondaryPerson,
    SecondaryReport,
)
from nof1.model.variants import Allele, GeneCoverage, ObservedVariant
from nof1.variants.curated import without_curation
from nof1.variants.gene_findings import findings_of_gene
from nof1.variants.gene_rules import Graded, Weight, grade, is_signed_away, withheld_words
from nof1.variants.looked import looked_at
from nof1.variants.onset import Disclosure, despite_onset, disclosure

_NO_CONSENT = "secondary findings were not asked for: no recorded opt-in, so none of these genes was analysed"
_NO_RECORD = "the opt-in is not on record: no reference to the consent, so none of these genes was analysed"
_NO_SEQUENCE = "genotypes of this kind are not used for secondary findings; sequencing is needed"
_NO_CARRIERS = "carrier states were not asked for; none is listed"
_NOT_CLEAR = "no finding is no clearance: variants that are not classified, and places that were not read, remain"


def secondary_findings(
    variants: Sequence[ObservedVariant],
    coverage: Mapping[str, GeneCoverage],
    person: SecondaryPerson,
    source: GenomeSource,
    known: Secondary,
    criteria: Criteria,
    policy: SitePolicy | None = None,
) -> SecondaryReport:
    """The findings among ``variants`` in the genes of the list, and what is said of every gene.

    Without a recorded opt-in nothing is analysed and nothing of ``variants`` is looked at. ``coverage`` by gene; a gene that
    is not in it is not assessed. ``policy`` None: the shipped one. Raises ``RequestError`` without a list in the knowledge.
    """
    rules, policy = known.rules, policy or known.policy
    if rules is None or policy is None:
        raise RequestError("secondary findings: the knowledge has no list; use the shipped knowledge or a pack that has one")
    if not (person.opted_in and person.consent):
        notes = (_NO_RECORD if person.opted_in else _NO_CONSENT,)
        return SecondaryReport(rules.title, rules.edition, False, notes=notes, policy=policy.name)
    if source is not GenomeSource.SEQUENCE:
        genes = tuple(GeneLooked(name, GeneStatus.NOT_ASSESSED, math.nan, "", False, _NO_SEQUENCE) for name in known.genes)
        return SecondaryReport(rules.title, rules.edition, False, (), genes, (_NO_SEQUENCE,), policy.name)
    return _analysed(variants, coverage, person, known, criteria, rules, policy)


def _analysed(
    variants: Sequence[ObservedVariant],
    coverage: Mapping[str, GeneCoverage],
    person: SecondaryPerson,
    known: Secondary,
    criteria: Criteria,
    rules: SecondaryRules,
    policy: SitePolicy,
) -> SecondaryReport:
    by_gene = _by_gene(variants)
    findings: list[SecondaryFinding] = []
    looked: list[GeneLooked] = []
    kept_out: list[str] = []
    for name, gene in known.genes.items():
        told = disclosure(gene, person, policy)
        mine = by_gene.get(name, [])
        graded = [grade(variant, rules, criteria, policy) for variant in mine]
        found = _amount(gene, known.conditions[name], graded, person, told)
        findings.extend(found)
        lines = [] if told.is_withheld else _restricted(gene, graded)
        if not told.is_withheld and any(map(is_signed_away, graded)):
            unsigned = [
                grade(without_curation(item.variant), rules, criteria, policy) if is_signed_away(item) else item
                for item in graded
            ]
            lines += _signed_away(graded, unsigned, _amount(gene, known.conditions[name], unsigned, person, told))
        is_discreet = gene.needs != "any" and not person.carriers_opted_in
        looked.append(looked_at(gene, coverage.get(name), bool(found), told, policy, lines, is_discreet=is_discreet))
        kept_out += [f"{name}: {line}" for line in lines]
    notes = (_NOT_CLEAR, *(() if person.carriers_opted_in else (_NO_CARRIERS,)), *kept_out)
    return SecondaryReport(rules.title, rules.edition, True, tuple(findings), tuple(looked), notes, policy.name)


def _by_gene(variants: Sequence[ObservedVariant]) -> dict[str, list[ObservedVariant]]:
    """The variants of each gene, each allele once: one that was written twice must not look like two."""
    found: dict[str, list[ObservedVariant]] = {}
    seen = set[tuple[str, Allele]]()
    for variant in variants:
        key = (variant.gene, variant.allele)
        if variant.allele.position <= 0 or key not in seen:
            seen.add(key)
            found.setdefault(variant.gene, []).append(variant)
    return found


def _restricted(gene: SecondaryGene, graded: Sequence[Graded]) -> list[str]:
    """What the list itself keeps out, in words. Not where one copy is no finding: that would tell a carrier."""
    kept_out = [item for item in graded if item.weight is Weight.NOTHING and item.asserted.is_pathogenic]
    if not kept_out or gene.needs != "any":
        return []
    return [f"{len(kept_out)} pathogenic not counted: {kept_out[0].reasons[0]}"]


def _signed_away(graded: Sequence[Graded], unsigned: Sequence[Graded], found: Sequence[SecondaryFinding]) -> list[str]:
    """What curators took away that would be in a finding without their signatures: ``found``."""
    there = [variant for finding in found for variant in finding.variants]
    pairs = zip(graded, unsigned, strict=True)
    return [withheld_words(item, other) for item, other in pairs if item is not other and other.variant in there]


def _amount(
    gene: SecondaryGene, conditions: Sequence[SecondaryCondition], graded: Sequence[Graded], person: SecondaryPerson,
    told: Disclosure,
) -> tuple[SecondaryFinding, ...]:  # fmt: skip
    """The findings that ``graded`` come to, and that may be told."""
    found = findings_of_gene(gene, conditions, graded, person, told)
    return despite_onset(found, conditions) if told.is_withheld else found
