"""Whether the variants of one gene take both of its copies, one, or perhaps both."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from nof1.model.secondary import Sex
from nof1.model.variants import ObservedVariant, Zygosity


class Copies(StrEnum):
    """How many copies of a gene the variants take.

    ``ONLY``: the only copy there is. ``UNCLEAR``: the genotypes do not say. ``CONTRADICTORY``: heterozygous in an only copy.
    """

    BOTH = "both"
    ONLY = "only"
    PERHAPS_BOTH = "perhaps both"
    UNCLEAR = "unclear"
    CONTRADICTORY = "contradictory"
    ONE = "one"
    NONE = "none"


def copies_taken(variants: Sequence[ObservedVariant], is_x_linked: bool, sex: Sex) -> Copies:
    """What ``variants``, all of one gene, do to its copies.

    A homozygous variant takes both; in a man a gene on X has one copy, and a variant takes it. Two heterozygous ones take
    both where they are known to lie on different strands, one where they are known to lie on the same, and perhaps both
    where nobody knows. A heterozygous variant in a man's only copy is contradictory; one copy on X in a woman is unclear,
    and so is a heterozygous variant on X in somebody whose sex nobody says.
    """
    if not variants:
        return Copies.NONE
    one_copy = is_x_linked and sex is Sex.MALE
    kinds = [item.zygosity for item in variants]
    if Zygosity.HEMIZYGOUS in kinds:
        return Copies.UNCLEAR if is_x_linked and sex is Sex.FEMALE else Copies.ONLY
    if Zygosity.HOMOZYGOUS in kinds:
        return Copies.ONLY if one_copy else Copies.BOTH
    if one_copy:
        return Copies.CONTRADICTORY if Zygosity.HETEROZYGOUS in kinds else Copies.UNCLEAR
    hets = [item for item in variants if item.zygosity is Zygosity.HETEROZYGOUS]
    pairs = [are_apart(first, second) for place, first in enumerate(hets) for second in hets[place + 1 :]]
    if True in pairs:
        return Copies.BOTH
    if Zygosity.UNKNOWN in kinds or (is_x_linked and sex is Sex.UNKNOWN):
        return Copies.UNCLEAR
    return Copies.PERHAPS_BOTH if None in pairs else Copies.ONE


def are_apart(first: ObservedVariant, second: ObservedVariant) -> bool | None:
    """Whether two heterozygous variants lie on different strands; ``None`` where their phase is not known.

    Two different alleles of one place cannot lie on one strand.
    """
    if first.allele.position == second.allele.position and first.allele != second.allele and first.allele.position > 0:
        same_span = first.allele.ref == second.allele.ref and first.allele.chromosome == second.allele.chromosome
        if same_span:
            return True
    phased = first.phase_set != 0 and first.phase_set == second.phase_set
    if not phased or first.strand not in (0, 1) or second.strand not in (0, 1):
        return None
    return first.strand != second.strand
