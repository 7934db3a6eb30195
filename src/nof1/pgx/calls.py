"""What a method found for one row of genotypes, before phenotypes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """One candidate: the alleles of each strand (a tuple a strand), or one listed haplotype.

    ``strands``  ((alleles of strand 1), (alleles of strand 2)); one entry for a haploid call or a listed haplotype
    ``copies``   for a listed haplotype: how often it was counted
    """

    strands: tuple[tuple[str, ...], ...]
    score: float
    copies: int = 0


@dataclass(frozen=True, slots=True)
class RowCall:
    """The candidates of one row, best first; none = no call, with ``why``.

    ``is_list``: the candidates are haplotypes of unknown phase rather than diplotypes. ``fallback``: alleles that stand
    in for recommendations only.
    """

    found: tuple[Found, ...]
    why: str = ""
    is_list: bool = False
    fallback: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    not_excluded: tuple[str, ...] = ()
    undocumented: tuple[str, ...] = ()
