"""What others say of an allele, weighed: the best reviewed germline assertion decides, and conflicts stay conflicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nof1.model.classification import VariantClass
from nof1.model.variants import Assertion

CONFLICTING = "conflicting"
GERMLINE = "germline"
_DISEASE = (VariantClass.PATHOGENIC, VariantClass.LIKELY_PATHOGENIC)
_HARMLESS = (VariantClass.BENIGN, VariantClass.LIKELY_BENIGN)


@dataclass(frozen=True, slots=True)
class Asserted:
    """The assertion that decides, and everything beside it.

    ``classification``: its own, ``conflicting`` where the best reviewed ones disagree, empty where there is none.
    ``counts``: submissions by class over all germline assertions, never collapsed. ``apart``: somatic and oncogenicity.
    """

    classification: str
    stars: int
    decisive: tuple[Assertion, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    is_low_penetrance: bool = False
    conditions: tuple[str, ...] = ()
    apart: tuple[Assertion, ...] = ()

    @property
    def is_pathogenic(self) -> bool:
        """Whether the class is pathogenic or likely pathogenic."""
        return self.classification in _DISEASE

    @property
    def is_benign(self) -> bool:
        """Whether the class is benign or likely benign."""
        return self.classification in _HARMLESS

    @property
    def claims_disease(self) -> bool:
        """Whether anybody at all said pathogenic or likely pathogenic."""
        return self.is_pathogenic or any(self.counts.get(name, 0) > 0 for name in _DISEASE)


def weigh(assertions: Sequence[Assertion]) -> Asserted:
    """The weight of ``assertions`` of one allele.

    Who has more stars overrides everybody else, so that experts do [clinvar-review-status#aggregate-records]. Among equals,
    different classes are a conflict, unless they differ only in how sure they are: then the less sure one holds. Somatic
    clinical impact and oncogenicity say nothing of inherited disease [clinvar-classifications#types-of-classifications].
    """
    germline = [item for item in assertions if item.origin == GERMLINE]
    apart = tuple(item for item in assertions if item.origin != GERMLINE)
    if not germline:
        return Asserted("", 0, apart=apart)
    stars = max(item.stars for item in germline)
    best = tuple(item for item in germline if item.stars == stars)
    counts: dict[str, int] = {}
    for item in germline:
        for name, number in (item.counts or {item.classification: 1}).items():
            counts[name] = counts.get(name, 0) + number
    conditions = tuple(dict.fromkeys(name for item in best for name in item.conditions))
    low = any(item.is_low_penetrance for item in best)
    return Asserted(_agreed(best), stars, best, counts, low, conditions, apart)


def conflict_text(asserted: Asserted) -> str:
    """The counts by class, in words, most first."""
    rows = sorted(asserted.counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{number} {name}" for name, number in rows)


def _agreed(best: Sequence[Assertion]) -> str:
    classes = {item.classification for item in best}
    if len(classes) == 1:
        return classes.pop()
    if classes <= set(_DISEASE):
        return VariantClass.LIKELY_PATHOGENIC
    return VariantClass.LIKELY_BENIGN if classes <= set(_HARMLESS) else CONFLICTING
