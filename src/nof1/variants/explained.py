"""One allele explained by points beside what is asserted of it: the assertion decides, points say what is known why."""

from __future__ import annotations

from collections.abc import Sequence

from nof1.knowledge.criteria import Criteria, PointsFile
from nof1.knowledge.curation import CuratedVariant
from nof1.knowledge.secondary import SecondaryRules
from nof1.model.classification import Agreement, ByPoints, Classification, Counted, Criterion, VariantClass, VariantFacts
from nof1.variants.curated import classify_variant
from nof1.variants.points import code_text, points_of

_RANK = {
    VariantClass.BENIGN: -2,
    VariantClass.LIKELY_BENIGN: -1,
    VariantClass.UNCERTAIN: 0,
    VariantClass.LIKELY_PATHOGENIC: 1,
    VariantClass.PATHOGENIC: 2,
}
_WORDS = {
    Agreement.SAME: "points reach the class that is asserted",
    Agreement.LESS: "points reach less than is asserted: evidence from cases, families and laboratories is found by people "
    "only, so that fewer points do not speak against the assertion",
    Agreement.MORE: "points reach more than is asserted: they change nothing by themselves, and are a reason to look",
    Agreement.OPPOSED: "points and assertion disagree: somebody has to look at both",
    Agreement.NONE: "no single class is asserted: points alone never make a finding",
}
_NOTHING = "nothing is asserted: points alone never make a finding"


def explained(
    facts: VariantFacts,
    asserted: str,
    known: Criteria,
    rules: SecondaryRules | None = None,
    curated: CuratedVariant | None = None,
    not_told: Sequence[str] = (),
) -> ByPoints | None:
    """``facts`` by points beside the class ``asserted``; ``None`` where the knowledge has no points.

    Loss of function is not counted in a gene of which ``rules`` say that it causes the condition otherwise.
    ``not_told``: what could not be looked at, in words.
    """
    if known.points is None:
        return None
    doubt = _other_mechanism(facts.gene, rules)
    if doubt and facts.gene in known.loss_of_function:
        kept = {gene: row for gene, row in known.loss_of_function.items() if gene != facts.gene}
        known = Criteria(known.points, known.automated, kept)
        not_told = (*not_told, f"loss of function is not counted: {doubt}")
    found = classify_variant(facts, known, curated)
    assert found is not None and known.points is not None
    agreement = agreement_of(asserted, found)
    return ByPoints(
        facts.allele,
        asserted,
        found.variant_class,
        found.stricter,
        found.points,
        found.stand_alone,
        tuple(_counted(item, known.points) for item in found.criteria),
        tuple(_counted(item, known.points) for item in found.set_aside),
        agreement,
        _WORDS[agreement] if asserted else _NOTHING,
        tuple(dict.fromkeys(not_told)),
    )


def agreement_of(asserted: str, found: Classification) -> Agreement:
    """How the class of ``found`` stands to the one that is ``asserted``.

    >>> agreement_of("pathogenic", Classification(VariantClass.UNCERTAIN, VariantClass.UNCERTAIN, 0, False, ()))
    <Agreement.LESS: 'less'>
    """
    if asserted not in _RANK:
        return Agreement.NONE
    said, reached = _RANK[VariantClass(asserted)], _RANK[found.variant_class]
    if said == reached:
        return Agreement.SAME
    if said * reached < 0:
        return Agreement.OPPOSED
    return Agreement.LESS if abs(reached) < abs(said) else Agreement.MORE


def _other_mechanism(gene: str, rules: SecondaryRules | None) -> str:
    """Why loss of function does not cause the condition of ``gene``; empty where nothing says so."""
    filters = rules.filters if rules is not None else ()
    return next((row.words for row in filters if gene in row.genes and row.not_terms), "")


def _counted(item: Criterion, points: PointsFile) -> Counted:
    return Counted(code_text(item, points), points_of(item, points), item)
