"""One genotype from several records about the same locus, or none where they contradict each other."""

from __future__ import annotations

from nof1.model.genome import MISSING, NO_STRAND

UNSAID = -3  # an allele of a record that says nothing about the locus


def agree(said: list[tuple[frozenset[int], int, int, bool]], deleted: int | None = None) -> tuple[int, int, bool] | None:
    """One genotype from several records about a locus; ``None`` where they contradict each other.

    Each entry holds the alternatives a record knows, its two alleles in the locus' own numbering (0 = none of the
    alternatives this record knows) and whether it is phased. A split multiallelic site is two records that know different
    alternatives; the same site in two files is two records that know the same ones.

    >>> agree([(frozenset({1}), 0, 1, False), (frozenset({2}), 0, 2, False)])
    (1, 2, False)
    >>> agree([(frozenset({1}), 0, 1, False), (frozenset({1}), 0, 0, False)]) is None
    True
    """
    haploid = all(second == NO_STRAND for _, _, second, _ in said)
    if any((second == NO_STRAND) != haploid for _, _, second, _ in said):
        return None
    if any(UNSAID in (first, second) for _, first, second, _ in said):
        return None
    if deleted is not None and len({known for known, *_ in said}) > 1:
        # bcftools writes * for the alternative of a sister record; only a record's own alternatives count
        said = [(k, 0 if a == deleted else a, 0 if b == deleted else b, p) for k, a, b, p in said]
    if all(phased for *_, phased in said) or all(a == b or haploid for _, a, b, _ in said):
        one = _strand([(known, first) for known, first, _, _ in said])
        two = NO_STRAND if haploid else _strand([(known, second) for known, _, second, _ in said])
        return None if one is None or two is None else (one, two, all(phased for *_, phased in said))
    counts: dict[int, int] = {}
    for known, first, second, _ in said:
        for allele in known:
            count = (first == allele) + (second == allele)
            if counts.setdefault(allele, count) != count:
                return None
    alleles = sorted(allele for allele, count in counts.items() for _ in range(count))
    if len(alleles) > 2:
        return None
    missing = min(sum(MISSING in (first, second) for _, first, second, _ in said), 2 - len(alleles))
    fill = [MISSING] * missing if all(MISSING in (a, b) for _, a, b, _ in said) else []
    alleles = [0] * (2 - len(alleles) - len(fill)) + alleles + fill
    return alleles[0], alleles[1], False


def _strand(said: list[tuple[frozenset[int], int]]) -> int | None:
    alternatives = {allele for _, allele in said if allele > 0}
    if len(alternatives) > 1:
        return None
    if not alternatives:
        return MISSING if all(allele == MISSING for _, allele in said) else 0
    allele = alternatives.pop()
    if any(other == 0 and allele in known for known, other in said):
        return None
    return allele
