"""What a curator decided by hand, laid over what was found by machine; nothing that is replaced is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nof1.knowledge.criteria import Criteria
from nof1.knowledge.curation import CuratedVariant, Decision
from nof1.model.classification import Classification, Criterion, Origin, VariantFacts
from nof1.model.evidence import SourceRef
from nof1.model.variants import Assertion, ObservedVariant
from nof1.variants.automated import automated_criteria
from nof1.variants.points import classify, parse_code

CURATION = "curation"  # the source of an assertion that a curator signed


def classify_variant(facts: VariantFacts, known: Criteria, curated: CuratedVariant | None = None) -> Classification | None:
    """The class by points of ``facts``, with the decisions of ``curated`` over them; ``None`` where the knowledge has none.

    Of several decisions on one code the latest holds (the later written, on one day). A decision replaces what was found by
    machine under the same code. ``set_aside`` of the answer holds what was replaced or withdrawn, with who, when and why.
    """
    if known.points is None:
        return None
    found = {item.code: item for item in automated_criteria(facts, known)}
    aside: list[Criterion] = []
    for decision in sorted(curated.decisions, key=lambda row: row.decided) if curated is not None else ():
        made = _criterion(decision, known)
        if made.code in found:
            aside.append(found.pop(made.code))
        if decision.action == "add":
            found[made.code] = made
        else:
            aside.append(made)
    return classify(found.values(), known.points, aside)


def signed_assertions(curated: Sequence[CuratedVariant]) -> dict[str, Assertion]:
    """What curators signed, as assertions by allele (``chr:position:ref:alt``)."""
    return {row.allele.text: _assertion(row) for row in curated if row.signed is not None}


def without_curation(variant: ObservedVariant) -> ObservedVariant:
    """``variant`` as if no curator had signed it."""
    return replace(variant, assertions=tuple(item for item in variant.assertions if item.source != CURATION))


def _assertion(row: CuratedVariant) -> Assertion:
    assert row.signed is not None
    words = f"{row.signed.by}: {row.signed.why}"
    return Assertion(
        CURATION, row.signed.decided, words, row.signed.classification, 0, gene=row.gene, evaluated=row.signed.decided
    )


def _criterion(decision: Decision, known: Criteria) -> Criterion:
    assert known.points is not None
    bare = parse_code(decision.code, known.points)
    source = SourceRef.parse(decision.source) if decision.source else None
    said = decision.why if decision.action == "add" else f"withdrawn: {decision.why}"
    return Criterion(bare.code, bare.strength, bare.is_benign, Origin.CURATOR, said, source, decision.by, decision.decided)
