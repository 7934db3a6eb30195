"""Whether a variant takes a gene's function away, and how sure that is: the decision tree for null variants."""

from __future__ import annotations

import math

from nof1.knowledge.criteria import LossOfFunction, NullTree
from nof1.model.classification import Strength, VariantFacts
from nof1.model.variants import Consequence

Graded = tuple[Strength, str]

_STOPS = ("stop_gained", "frameshift_variant")
_SITES = ("splice_donor_variant", "splice_acceptor_variant")
_START = "start_lost"


def null_variant(facts: VariantFacts, mechanism: LossOfFunction | None, tree: NullTree) -> Graded | None:
    """The strength at which ``facts`` speak for a loss of function, with the reason [autopvs1-tree#pvs1.py].

    ``None`` where nothing is known of loss of function in the gene, the consequence was not assessed, or it takes nothing
    away. Which parts of a protein are critical is not known here: a lost part that is small counts as it would if none were.
    """
    consequence = facts.consequence
    if mechanism is None or consequence is None or not consequence.terms:
        return None
    graded = _graded(facts, consequence, tree)
    if graded is None:
        return None
    strength, why = graded
    return (
        strength,
        f"{why}; losing {'one copy' if mechanism.dosage == 'haploinsufficient' else 'both copies'} causes disease",
    )


def _graded(facts: VariantFacts, consequence: Consequence, tree: NullTree) -> Graded | None:
    if any(term in consequence.terms for term in _STOPS):
        if consequence.decay == "expected":
            return Strength.VERY_STRONG, "early stop, the transcript is expected to decay"
        if consequence.decay == "escaped":
            return _by_share(facts.share_lost, "early stop that escapes decay", tree)
        return Strength.MODERATE, "early stop; whether the transcript decays is not known"
    if any(term in consequence.terms for term in _SITES):
        return _splice_site(facts, consequence, tree)
    if _START in consequence.terms:
        return Strength.SUPPORTING, "first codon lost; another one further on is not excluded"
    return None


def _splice_site(facts: VariantFacts, consequence: Consequence, tree: NullTree) -> Graded:
    if facts.skips_in_frame is None:
        return Strength.MODERATE, "splice site lost; which exon would be skipped is not known"
    if facts.skips_in_frame:
        return _by_share(facts.share_lost, "splice site lost, the exon would be skipped in frame", tree)
    if consequence.decay == "expected":
        return (
            Strength.VERY_STRONG,
            "splice site lost, skipping the exon breaks the frame and the transcript is expected to decay",
        )
    return _by_share(facts.share_lost, "splice site lost, skipping the exon breaks the frame near the end", tree)


def _by_share(share: float, what: str, tree: NullTree) -> Graded:
    if math.isnan(share):
        return Strength.MODERATE, f"{what}; the share of the protein lost is not known"
    strength = Strength.STRONG if share > tree.large_share else Strength.MODERATE
    return strength, f"{what}; {share:.0%} of the protein is lost"
