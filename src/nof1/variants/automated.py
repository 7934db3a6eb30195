"""Evidence codes that are found by machine, each from given facts, and only those that agree with expert panels."""

from __future__ import annotations

import math
from collections.abc import Mapping

from nof1.knowledge.criteria import Automated, AutomatedFile, Criteria, LossOfFunction
from nof1.model.classification import Criterion, Origin, Strength, VariantFacts
from nof1.model.evidence import SourceRef
from nof1.variants.codons import same_change, same_residue
from nof1.variants.common import absent, common_for_disorder, common_stand_alone
from nof1.variants.null_variant import null_variant

Found = tuple[Strength, str] | tuple[Strength, str, SourceRef] | None
_SYNONYMOUS = "synonymous_variant"
_NEAR_SITE = ("splice_region_variant", "splice_donor_region_variant", "splice_polypyrimidine_tract_variant")


def automated_criteria(facts: VariantFacts, known: Criteria, every: bool = False) -> tuple[Criterion, ...]:
    """The codes that ``facts`` meet, among those that are enabled; ``every``: also those that are switched off.

    Empty where the knowledge has no methods. A code that is not found says nothing: the facts may be missing.
    """
    if known.automated is None or known.points is None:
        return ()
    benign = {row.code: row.benign for row in known.points.codes}
    found = []
    for row in known.automated.methods:
        if row.enabled or every:
            hit = _find(row.method, facts, known.automated, known.loss_of_function)
            if hit is not None:
                found.append(_criterion(row, hit, benign[row.code]))
    return tuple(found)


def not_automated(known: Criteria) -> dict[str, str]:
    """Codes that are not found by machine, with the reason where a method exists and is switched off."""
    if known.points is None:
        return {}
    methods = {row.code: row for row in known.automated.methods} if known.automated is not None else {}
    off = {row.code: row for row in known.points.codes if row.code not in methods or not methods[row.code].enabled}
    return {code: methods[code].reason if code in methods else "no method" for code in off}


def silent(facts: VariantFacts, known: AutomatedFile) -> tuple[Strength, str] | None:
    """A synonymous change away from splice sites, predicted not to change splicing, at a base that is not conserved."""
    terms = facts.consequence.terms if facts.consequence is not None else ()
    if _SYNONYMOUS not in terms or any(term in terms for term in _NEAR_SITE) or facts.is_conserved is not False:
        return None
    if math.isnan(facts.splice_score) or facts.splice_score > known.silent.splice_score:
        return None
    return Strength.SUPPORTING, f"synonymous, splice score {facts.splice_score:g}, base not conserved"


def _criterion(row: Automated, hit: tuple[Strength, str] | tuple[Strength, str, SourceRef], is_benign: bool) -> Criterion:
    source = hit[2] if len(hit) == 3 else SourceRef.parse(row.source)
    return Criterion(row.code, hit[0], is_benign, Origin.AUTOMATED, hit[1], source)


def _find(method: str, facts: VariantFacts, known: AutomatedFile, genes: Mapping[str, LossOfFunction]) -> Found:
    match method:
        case "null_variant":
            return null_variant(facts, genes.get(facts.gene), known.null_tree)
        case "same_change":
            return same_change(facts)
        case "same_residue":
            return same_residue(facts)
        case "absent":
            return absent(facts, known)
        case "common_stand_alone":
            return common_stand_alone(facts, known)
        case "common_for_disorder":
            return common_for_disorder(facts, known)
        case _:
            return silent(facts, known)
