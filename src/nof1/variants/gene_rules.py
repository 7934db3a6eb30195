"""How far one variant counts for a secondary finding: what is asserted, what the list restricts, and our own doubts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from nof1.knowledge.criteria import Criteria
from nof1.knowledge.secondary import Filter, ListRule, NamedChange, SecondaryRules, SitePolicy
from nof1.model.evidence import SourceRef
from nof1.model.variants import Allele, ObservedVariant
from nof1.variants.asserted import Asserted, conflict_text, weigh
from nof1.variants.curated import CURATION

_NO_CONDITION = ("", "not provided", "not specified", "see cases")


class Weight(IntEnum):
    """Whether a variant counts by itself, waits for review, or is nothing."""

    NOTHING = 0
    REVIEW = 1
    COUNTS = 2


@dataclass(frozen=True, slots=True)
class Graded:
    """One variant with its weight, the assertion behind it, and the reasons."""

    variant: ObservedVariant
    weight: Weight
    asserted: Asserted
    reasons: tuple[str, ...]
    sources: tuple[SourceRef, ...] = ()


def grade(variant: ObservedVariant, rules: SecondaryRules, criteria: Criteria, policy: SitePolicy) -> Graded:
    """The weight of ``variant``: the curated assertion first, then the list's restrictions, then our filters.

    What is only predicted never counts by itself.
    """
    limit = next((row for row in rules.restrictions if row.gene == variant.gene), None)
    named = limit is not None and limit.only_change is not None and _is_named(variant, limit.only_change)
    graded = _asserted(variant, rules, criteria, policy, named)
    if graded.weight is Weight.NOTHING:
        return graded
    if limit is not None:
        graded = _restricted(graded, limit, named)
    for doubt in rules.filters:
        if graded.weight is not Weight.NOTHING and variant.gene in doubt.genes and is_caught(graded, doubt):
            graded = _to_review(graded, doubt.words, doubt.source)
    if variant.doubt and graded.weight is not Weight.NOTHING:
        graded = replace(graded, weight=Weight.REVIEW, reasons=(variant.doubt, *graded.reasons))
    return graded


def _asserted(
    variant: ObservedVariant, rules: SecondaryRules, criteria: Criteria, policy: SitePolicy, is_named: bool
) -> Graded:
    signed = [item for item in variant.assertions if item.source == CURATION]
    others = [item for item in variant.assertions if item.source != CURATION]
    if signed and policy.curated_counts:
        asserted = weigh(signed)
        weight = Weight.COUNTS if asserted.is_pathogenic else Weight.NOTHING
        return Graded(variant, weight, asserted, (f"signed by a curator: {asserted.classification}",))
    asserted = weigh(others)
    weight, reason = _weight(asserted, policy, is_named)
    if weight is Weight.NOTHING and _is_predicted_loss(variant, asserted, rules, criteria, policy):
        row = criteria.loss_of_function[variant.gene]
        words = "predicted loss of function, in a gene in which that causes disease; nothing asserted decides"
        return Graded(variant, Weight.REVIEW, asserted, (words,), (SourceRef.parse(row.source),))
    return Graded(variant, weight, asserted, (reason,))


def is_signed_away(item: Graded) -> bool:
    """Whether it is nothing because a curator signed so."""
    return item.weight is Weight.NOTHING and any(one.source == CURATION for one in item.asserted.decisive)


def withheld_words(signed: Graded, other: Graded) -> str:
    """Who took a variant away, when and why, and against what; ``other``: the same without the signature."""
    row = signed.asserted.decisive[0]
    by, _, why = row.id.partition(": ")
    allele = signed.variant.allele
    against = ", ".join(f"{one.source} {one.edition}" for one in other.asserted.decisive)
    said = f"{other.asserted.classification}, {other.asserted.stars} stars" if against else "what is predicted"
    return (
        f"{allele.chromosome}:{allele.position} {allele.ref}>{allele.alt} withheld by curation of {by} on {row.evaluated} "
        f"({row.classification}: {why}) against {against}{': ' * bool(against)}{said}"
    )


def _weight(asserted: Asserted, policy: SitePolicy, is_named: bool) -> tuple[Weight, str]:
    said = f"{asserted.classification}, {asserted.stars} stars"
    if not asserted.is_pathogenic:
        if asserted.claims_disease and not asserted.is_benign:
            return Weight.REVIEW, f"assertions disagree: {conflict_text(asserted)}"
        return Weight.NOTHING, said if asserted.classification else "nothing asserted"
    if asserted.stars < policy.least_stars:
        return Weight.REVIEW, f"{said}; {policy.least_stars} are asked for"
    if asserted.is_low_penetrance and not is_named:
        return Weight.REVIEW, f"{said}, with low penetrance"
    return Weight.COUNTS, said


def _is_predicted_loss(
    variant: ObservedVariant, asserted: Asserted, rules: SecondaryRules, criteria: Criteria, policy: SitePolicy
) -> bool:
    decided = asserted.classification != "" and asserted.stars >= policy.least_stars
    other_mechanism = any(variant.gene in row.genes and row.not_terms for row in rules.filters)
    if decided or asserted.is_benign or other_mechanism or variant.gene not in criteria.loss_of_function:
        return False
    return any(
        item.decay != "escaped" and any(term in item.terms for term in rules.loss_terms) for item in variant.consequences
    )


def _is_named(variant: ObservedVariant, change: NamedChange) -> bool:
    """Whether ``variant`` is the named change, or holds it, or may be it."""
    return is_change(variant, change) or any(_text(allele) == change.allele for allele in variant.includes)


def _text(allele: Allele) -> str:
    return f"{allele.chromosome}:{allele.position}:{allele.ref}:{allele.alt}"


def is_change(variant: ObservedVariant, change: NamedChange) -> bool:
    """Whether ``variant`` is the named change: by its allele on GRCh38, or as a consequence writes it."""
    if _text(variant.allele) == change.allele:
        return True
    written = {item.hgvs_p.rpartition(":")[2].replace("(", "").replace(")", "") for item in variant.consequences}
    return change.protein in written or change.coding in {item.hgvs_c.rpartition(":")[2] for item in variant.consequences}


def _restricted(graded: Graded, limit: ListRule, is_named: bool) -> Graded:
    source = SourceRef.parse(limit.source)
    if limit.only_change is not None:
        return graded if is_named else replace(graded, weight=Weight.NOTHING, reasons=(limit.words,), sources=(source,))
    terms = _terms(graded.variant)
    if any(term in terms for term in limit.only_terms):
        return graded
    if not terms:
        return _to_review(graded, f"{limit.words}; what this one does was not assessed", limit.source)
    if any(term in terms for term in limit.review_terms):
        return _to_review(graded, f"{limit.words}; this one may come to the same", limit.source)
    return replace(graded, weight=Weight.NOTHING, reasons=(limit.words,), sources=(source,))


def is_caught(graded: Graded, doubt: Filter) -> bool:
    """Whether ``doubt`` speaks against the variant. What is not known is not caught."""
    terms = _terms(graded.variant)
    if any(term in terms for term in doubt.not_terms):
        return True
    named = [name for name in graded.asserted.conditions if name.lower().replace("_", " ") not in _NO_CONDITION]
    if doubt.conditions and named and not _names_one(named, doubt.conditions):
        return True
    return bool(doubt.transcript) and not _is_on_transcript(graded.variant, doubt)


def _names_one(conditions: Sequence[str], words: Sequence[str]) -> bool:
    text = " ".join(conditions).lower().replace("_", " ")
    return any(word.lower() in text for word in words)


def _is_on_transcript(variant: ObservedVariant, doubt: Filter) -> bool:
    place, allele = doubt.place, variant.allele
    if place is not None and allele.position > 0:
        return allele.chromosome == place.chromosome and place.start <= allele.position <= place.end
    transcripts = {item.transcript.partition(".")[0] for item in variant.consequences if item.transcript}
    return not transcripts or doubt.transcript in transcripts


def _terms(variant: ObservedVariant) -> set[str]:
    return {term for item in variant.consequences for term in item.terms}


def _to_review(graded: Graded, words: str, source: str) -> Graded:
    return replace(
        graded,
        weight=Weight.REVIEW,
        reasons=(words, *graded.reasons),
        sources=(*graded.sources, SourceRef.parse(source)),
    )
