"""The findings in one gene: how many of its copies are taken by what counts, and by what may count."""

from __future__ import annotations

from collections.abc import Sequence

from nof1.knowledge.secondary import SecondaryCondition, SecondaryGene
from nof1.model.classification import VariantClass
from nof1.model.secondary import SecondaryFinding, SecondaryPerson, SecondaryStatus
from nof1.model.variants import Zygosity
from nof1.variants.copies import Copies, copies_taken
from nof1.variants.gene_rules import Graded, Weight
from nof1.variants.onset import Disclosure

_PHASE = "two heterozygous variants, and whether they lie on different strands is not known"
_CONTRADICTORY = "heterozygous in a gene of which this person is expected to have one copy"
_UNCLEAR = "the genotypes do not say how many copies carry it"
_SECOND_WAITS = "one variant counts and another one waits for review"
_CARRIER = "one copy is taken where two are needed"
Said = tuple[SecondaryStatus, str]


def findings_of_gene(
    gene: SecondaryGene,
    conditions: Sequence[SecondaryCondition],
    graded: Sequence[Graded],
    person: SecondaryPerson,
    told: Disclosure,
) -> tuple[SecondaryFinding, ...]:
    """What the ``graded`` variants of ``gene`` amount to: at most one finding of each status."""
    x_linked = any(row.inheritance == "x_linked" for row in conditions)
    counting = [item for item in graded if item.weight is Weight.COUNTS]
    waiting = [item for item in graded if item.weight is Weight.REVIEW]
    copies = copies_taken([item.variant for item in counting], x_linked, person.sex)
    found = []
    said = _said(gene, copies, counting)
    if said is not None and (said[0] is not SecondaryStatus.CARRIER or person.carriers_opted_in):
        found.append(_finding(gene, _meant(conditions, copies), counting, said, told))
    if waiting and (said is None or said[0] is SecondaryStatus.CARRIER or gene.needs == "any"):
        both = copies_taken([item.variant for item in (*counting, *waiting)], x_linked, person.sex)
        review = _waits(gene, both, counting, waiting, person)
        if review is not None:
            rows = waiting if gene.needs == "any" else [*counting, *waiting]
            found.append(_finding(gene, _meant(conditions, both), rows, review, told))
    return tuple(found)


def _said(gene: SecondaryGene, copies: Copies, counting: Sequence[Graded]) -> Said | None:
    """The status of what counts; ``None`` where nothing does."""
    if copies is Copies.NONE:
        return None
    if copies is Copies.CONTRADICTORY:
        return SecondaryStatus.REVIEW, _CONTRADICTORY
    if gene.needs == "any":
        return SecondaryStatus.REPORTABLE, "one variant is enough"
    if gene.needs == "homozygous":
        return _homozygous(counting)
    return _two_needed(gene, copies)


def _two_needed(gene: SecondaryGene, copies: Copies) -> Said:
    if copies is Copies.BOTH:
        return SecondaryStatus.REPORTABLE, "both copies are taken"
    if copies is Copies.ONLY and gene.needs == "hemizygous_or_biallelic":
        return SecondaryStatus.REPORTABLE, "the only copy is taken"
    if copies is Copies.PERHAPS_BOTH:
        return SecondaryStatus.POSSIBLE_BIALLELIC, _PHASE
    if copies is Copies.ONE:
        return SecondaryStatus.CARRIER, _CARRIER
    return SecondaryStatus.REVIEW, _UNCLEAR


def _homozygous(counting: Sequence[Graded]) -> Said:
    kinds = {item.variant.zygosity for item in counting}
    if Zygosity.HOMOZYGOUS in kinds:
        return SecondaryStatus.REPORTABLE, "both copies carry the one change that counts"
    if kinds == {Zygosity.HETEROZYGOUS}:
        return SecondaryStatus.CARRIER, _CARRIER
    return SecondaryStatus.REVIEW, _UNCLEAR


def _waits(
    gene: SecondaryGene, both: Copies, counting: Sequence[Graded], waiting: Sequence[Graded], person: SecondaryPerson
) -> Said | None:
    """Whether what waits for review could make a finding; one copy where two are needed could make a carrier only."""
    if gene.needs == "any":
        return SecondaryStatus.REVIEW, waiting[0].reasons[0]
    if both is Copies.ONE or (gene.needs == "homozygous" and _homozygous(waiting)[0] is SecondaryStatus.CARRIER):
        return (SecondaryStatus.REVIEW, waiting[0].reasons[0]) if person.carriers_opted_in and not counting else None
    return SecondaryStatus.REVIEW, _SECOND_WAITS if counting else waiting[0].reasons[0]


def _meant(conditions: Sequence[SecondaryCondition], copies: Copies) -> tuple[str, ...]:
    """The conditions that can follow: recessive ones only where both copies are, or may be, taken."""
    both = copies in (Copies.BOTH, Copies.ONLY, Copies.PERHAPS_BOTH)
    alone = [row.name for row in conditions if row.inheritance != "recessive"]
    kept = [row.name for row in conditions if both or row.inheritance != "recessive" or not alone]
    return tuple(dict.fromkeys(kept))


def _finding(
    gene: SecondaryGene, conditions: tuple[str, ...], rows: Sequence[Graded], said: Said, told: Disclosure
) -> SecondaryFinding:
    status, reason = said
    reasons = [reason, *(text for item in rows for text in item.reasons)]
    if told.only_review and status is not SecondaryStatus.REVIEW:
        status = SecondaryStatus.REVIEW
        reasons.insert(0, told.reason)
    sources = tuple(dict.fromkeys(source for item in rows for source in item.sources))
    return SecondaryFinding(
        gene.gene,
        status,
        conditions,
        tuple(item.variant for item in rows),
        _least_sure(rows),
        min(item.asserted.stars for item in rows),
        tuple(dict.fromkeys(reasons)),
        sources,
    )


def _least_sure(rows: Sequence[Graded]) -> str:
    classes = [item.asserted.classification or "not classified" for item in rows]
    order = (VariantClass.PATHOGENIC, VariantClass.LIKELY_PATHOGENIC)
    return max(classes, key=lambda name: order.index(VariantClass(name)) if name in order else len(order))
