"""What the frequency of an allele in populations says: too common to cause a disorder, or not seen at all."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nof1.knowledge.criteria import AutomatedFile, CommonRule
from nof1.model.classification import Strength, VariantFacts
from nof1.model.evidence import SourceRef

Common = tuple[Strength, str, SourceRef]


def common_stand_alone(facts: VariantFacts, known: AutomatedFile) -> Common | None:
    """The allele is so common that it is benign whatever else is known [ghosh-2018#abstract]; exempt changes are not."""
    rule = rule_of(facts.gene, known.common, "stand_alone")
    if rule is None or rule.stand_alone is None or not _usable(facts, known) or is_exempt(facts, known):
        return None
    return _common(facts, rule, rule.stand_alone, Strength.STAND_ALONE)


def common_for_disorder(facts: VariantFacts, known: AutomatedFile) -> Common | None:
    """The allele is more common than the gene's disorder allows; known for genes whose limit is published only."""
    rule = rule_of(facts.gene, known.common, "strong")
    if rule is None or rule.strong is None or not _usable(facts, known) or common_stand_alone(facts, known) is not None:
        return None
    return _common(facts, rule, rule.strong, Strength.STRONG)


def absent(facts: VariantFacts, known: AutomatedFile) -> tuple[Strength, str] | None:
    """The populations were looked up, enough alleles were counted, and none of them carried the change."""
    if facts.frequency != 0 or facts.alleles < known.least_alleles:
        return None
    return Strength.SUPPORTING, f"none of {facts.alleles} alleles of {facts.population or 'the populations'} carries it"


def rule_of(gene: str, rules: Sequence[CommonRule], limit: str) -> CommonRule | None:
    """The rule that gives ``limit`` for ``gene``: its own before the one for all genes."""
    own = [row for row in rules if row.gene == gene] or [row for row in rules if not row.gene]
    return next((row for row in own if getattr(row, limit) is not None), None)


def is_exempt(facts: VariantFacts, known: AutomatedFile) -> bool:
    """Whether the change is, or may be, one of those that are common and may still cause disease.

    In their genes a change whose name is not known may be one of them.
    """
    written = facts.consequence.hgvs_c.rpartition(":")[2] if facts.consequence is not None else ""
    return any(row.gene == facts.gene and written in ("", row.change) for row in known.exempt)


def _usable(facts: VariantFacts, known: AutomatedFile) -> bool:
    return not math.isnan(facts.frequency) and not 0 <= facts.alleles < known.least_alleles


def _common(facts: VariantFacts, rule: CommonRule, limit: float, strength: Strength) -> Common | None:
    if not (facts.frequency > limit or (facts.frequency == limit and not rule.above)):
        return None
    where = f" in {facts.population}" if facts.population else ""
    counted = "" if facts.alleles >= 0 else "; alleles counted: not known"
    against = f"{limit:g} for {rule.disorder}" if rule.disorder else f"{limit:g} for any gene"
    return strength, f"frequency {facts.frequency:g}{where}, limit {against}{counted}", SourceRef.parse(rule.source)
