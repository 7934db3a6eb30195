"""One genotype from several records about the same locus, or none where they contradict each other."""

from __future__ import annotations

from nof1.model.genome import MISSING, NO_STRAND

UNSAID = -3  # an allele of a record that says nothing about the locus
Entry = tuple[frozenset[int], int, int, bool]


def agree(said: list[Entry], deleted: int | None = None) -> tuple[int, int, bool] | None:
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
    if deleted is not None:
        said = [_without_sisters(entry, said, deleted) for entry in said]
    if all(phased for *_, phased in said) or all(a == b or haploid for _, a, b, _ in said):
        one = _strand([(known, first) for known, first, _, _ in said])
        two = NO_STRAND if haploid else _strand([(known, second) for known, _, second, _ in said])
        return None if one is None or two is None else (one, two, all(phased for *_, phased in said))
    counts = _counts(said)
    if counts is None:
        return None
    alleles = sorted(allele for allele, count in counts.items() for _ in range(count))
    if len(alleles) > 2:
        return None
    fill = [MISSING] * min(2 - len(alleles), _open_strands(said))
    alleles = fill + [0] * (2 - len(alleles) - len(fill)) + alleles
    return alleles[0], alleles[1], False


def _without_sisters(entry: Entry, said: list[Entry], deleted: int) -> Entry:
    """bcftools writes * for the alternative of a sister record; where a sister has one, this record need not know it."""
    known, first, second, phased = entry
    stars = (first == deleted) + (second == deleted)
    elsewhere = {other for _, a, b, _ in said for other in (a, b) if other > 0 and other != deleted and other not in known}
    if not stars or known == {deleted} or not elsewhere:
        return entry
    return known - {deleted}, 0 if first == deleted else first, 0 if second == deleted else second, phased


def _counts(said: list[Entry]) -> dict[int, int] | None:
    """How often each alternative is there: exactly where a record gives both strands, at least so often elsewhere."""
    least: dict[int, int] = {}
    most: dict[int, int] = {}
    for known, first, second, _ in said:
        missing = (first == MISSING) + (second == MISSING)
        for allele in known:
            count = (first == allele) + (second == allele)
            least[allele] = max(least.get(allele, 0), count)
            most[allele] = min(most.get(allele, 2), count + missing)
    return None if any(least[allele] > most[allele] for allele in least) else least


def _open_strands(said: list[Entry]) -> int:
    """Strands on which an alternative may lie that no record with both strands speaks about."""
    settled = [known for known, a, b, _ in said if MISSING not in (a, b)]
    whole = frozenset[int]().union(*settled)
    missing = [(a == MISSING) + (b == MISSING) for known, a, b, _ in said if not settled or not known <= whole]
    return max(missing, default=0)


def _strand(said: list[tuple[frozenset[int], int]]) -> int | None:
    alternatives = {allele for _, allele in said if allele > 0}
    if len(alternatives) > 1:
        return None
    if not alternatives:
        spoken = [known for known, allele in said if allele != MISSING]
        whole = frozenset[int]().union(*spoken)
        return 0 if spoken and all(known <= whole for known, _ in said) else MISSING
    allele = alternatives.pop()
    if any(other == 0 and allele in known for known, other in said):
        return None
    return allele
