"""Changes that are known at the same residue of a protein: the same change by another allele, or another change."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from nof1.model.classification import KnownChange, Strength, VariantClass, VariantFacts

_MISSENSE = re.compile(r"(?:.*:)?p\.\(?([A-Z][a-z]{2})(\d+)([A-Z][a-z]{2})\)?")
_STOP = "Ter"


@dataclass(frozen=True, slots=True)
class Residue:
    """A missense change: residue, its number, what it becomes."""

    before: str
    number: int
    after: str


def residue(hgvs_p: str) -> Residue | None:
    """The missense change written in ``hgvs_p`` with three letters; ``None`` where it is another kind of change.

    >>> residue("p.(Arg54Trp)")
    Residue(before='Arg', number=54, after='Trp')
    """
    found = _MISSENSE.fullmatch(hgvs_p.strip())
    if found is None or _STOP in (found[1], found[3]) or found[1] == found[3] or found[2] == "1":
        return None
    return Residue(found[1], int(found[2]), found[3])


@dataclass(frozen=True, slots=True)
class CodonIndex:
    """Known changes by gene and residue."""

    by_residue: dict[tuple[str, int], tuple[KnownChange, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, changes: Iterable[KnownChange]) -> CodonIndex:
        """The index of ``changes``; those that are no missense change are left out."""
        found: dict[tuple[str, int], list[KnownChange]] = {}
        for change in changes:
            if (at := residue(change.hgvs_p)) is not None:
                found.setdefault((change.gene, at.number), []).append(change)
        return cls({key: tuple(rows) for key, rows in found.items()})

    def near(self, gene: str, hgvs_p: str) -> tuple[KnownChange, ...]:
        """Everything known at the residue that ``hgvs_p`` changes."""
        at = residue(hgvs_p)
        return self.by_residue.get((gene, at.number), ()) if at is not None else ()


def same_change(facts: VariantFacts) -> tuple[Strength, str] | None:
    """The same change of the protein by another allele is known to be pathogenic."""
    here, known = _pathogenic(facts)
    same = [item for item in known if residue(item.hgvs_p) == here]
    return (Strength.STRONG, f"{same[0].hgvs_p} by {same[0].allele} is pathogenic ({same[0].stars} stars)") if same else None


def same_residue(facts: VariantFacts) -> tuple[Strength, str] | None:
    """Another change of the same residue is known to be pathogenic, and the same change by another allele is not."""
    here, known = _pathogenic(facts)
    if here is None or same_change(facts) is not None:
        return None
    other = [item for item in known if _elsewhere(here, residue(item.hgvs_p))]
    return (Strength.MODERATE, f"{other[0].hgvs_p} is pathogenic ({other[0].stars} stars)") if other else None


def _elsewhere(here: Residue, there: Residue | None) -> bool:
    return there is not None and (there.before, there.number) == (here.before, here.number) and there.after != here.after


def _pathogenic(facts: VariantFacts) -> tuple[Residue | None, list[KnownChange]]:
    here = residue(facts.consequence.hgvs_p) if facts.consequence is not None else None
    if here is None:
        return None, []
    kept = [item for item in facts.known_changes if item.gene == facts.gene and item.allele != facts.allele]
    kept.sort(key=lambda item: -item.stars)
    return here, [item for item in kept if item.classification == VariantClass.PATHOGENIC]
