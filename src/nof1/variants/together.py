"""Which alleles of one person stand on one strand for certain, and what each does among them."""

from __future__ import annotations

from collections.abc import Sequence

from nof1.model.variants import Consequence, ObservedVariant, Zygosity
from nof1.variants.consequence import Rules, consequences
from nof1.variants.reading import Reading

_ON_EVERY_COPY = (Zygosity.HOMOZYGOUS, Zygosity.HEMIZYGOUS)


def in_cis(one: ObservedVariant, others: Sequence[ObservedVariant]) -> list[ObservedVariant]:
    """Those of ``others`` that certainly stand on every strand that carries ``one``.

    Alleles on every copy always do; others only if the file phases both. Unknown phase is never taken for cis.
    """
    return [other for other in others if other is not one and _is_with(one, other)]


def _is_with(one: ObservedVariant, other: ObservedVariant) -> bool:
    if other.zygosity in _ON_EVERY_COPY:
        return True
    is_phased = one.phase_set > 0 and one.phase_set == other.phase_set and one.strand >= 0
    return is_phased and one.zygosity not in _ON_EVERY_COPY and one.strand == other.strand


def observed_consequences(reading: Reading, observed: Sequence[ObservedVariant], rules: Rules) -> list[Consequence]:
    """The consequence of each variant on the transcript of ``reading``, with those known to be on its strand."""
    inside = [one for one in observed if _is_inside(reading, one)]
    found = []
    for one in observed:
        cis = in_cis(one, inside) if one in inside else []
        found.append(consequences(reading, [one.allele, *(other.allele for other in cis)], rules)[0])
    return found


def _is_inside(reading: Reading, one: ObservedVariant) -> bool:
    allele, transcript = one.allele, reading.transcript
    return allele.chromosome == transcript.chromosome and transcript.is_near(
        allele.position, allele.position + len(allele.ref)
    )
