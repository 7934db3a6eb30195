"""Variants and people as the tests of secondary findings write them."""

from __future__ import annotations

from typing import Any

from nof1.knowledge.compiled import knowledge
from nof1.model.secondary import GenomeSource, SecondaryPerson, SecondaryReport, Sex
from nof1.model.variants import Allele, Assertion, Consequence, GeneCoverage, ObservedVariant, Zygosity
from nof1.variants.secondary import secondary_findings

KNOWN = knowledge().secondary
CRITERIA = knowledge().criteria
NOWHERE = Allele("", 0, "", "")


def seen(
    gene: str,
    classification: str = "pathogenic",
    stars: int = 2,
    zygosity: str = "heterozygous",
    phase: str = "",
    allele: Allele = NOWHERE,
    **more: Any,
) -> ObservedVariant:
    """One variant with one germline assertion. ``phase``: "set/strand"; ``more``: of the assertion and the consequence."""
    of_assertion = {
        key: more.pop(key) for key in ("origin", "counts", "is_low_penetrance", "conditions", "source") if key in more
    }
    phase_set, strand = (int(part) for part in phase.split("/")) if phase else (0, -1)
    source = of_assertion.pop("source", "clinvar")
    asserted = (Assertion(source, "2026", "1", classification, stars, gene=gene, **of_assertion),) if classification else ()
    terms = more.pop("terms", ("missense_variant",))
    made = Consequence(gene, more.pop("transcript", ""), terms, **more)
    return ObservedVariant(allele, gene, Zygosity(zygosity), phase_set, strand, assertions=asserted, consequences=(made,))


ADULT = SecondaryPerson(Sex.FEMALE, 45.0, opted_in=True, consent="Consent/1")


def report(
    *variants: ObservedVariant,
    person: SecondaryPerson = ADULT,
    source: GenomeSource = GenomeSource.SEQUENCE,
    share: float = 1.0,
    **more: Any,
) -> SecondaryReport:
    coverage = {gene: GeneCoverage(gene, share, "gVCF blocks") for gene in KNOWN.genes}
    coverage = more.pop("coverage", coverage)
    return secondary_findings(variants, coverage, person, source, KNOWN, CRITERIA, **more)


def statuses(found: SecondaryReport) -> list[tuple[str, str]]:
    return [(item.gene, item.status.value) for item in found.findings]
