"""Genetic results that the record reports from earlier tests, in the form of calls made elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from nof1.knowledge.schema import Knowledge
from nof1.model.record import Record, ReportedGene


@dataclass(frozen=True, slots=True)
class Reported:
    """One earlier result as calls made elsewhere are read."""

    gene: str
    diplotype: str
    phenotype: str
    activity_score: str
    place: str
    tool: str = ""
    reason: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """The report gives no result."""
        return not (self.diplotype or self.phenotype or self.activity_score)


def reported_calls(knowledge: Knowledge, record: Record | None) -> dict[str, list[Reported]]:
    """Reports of each known gene, the newest first; alleles where one states them, otherwise the phenotype.

    Reports that say the same are one; those that differ are all kept, and are then weighed as calls that disagree.
    """
    found: dict[str, list[ReportedGene]] = {}
    for item in record.genes if record else ():
        if item.gene in knowledge.genes:
            found.setdefault(item.gene, []).append(item)
    return {gene: _different(sorted(items, key=_when, reverse=True)) for gene, items in found.items()}


def _different(items: list[ReportedGene]) -> list[Reported]:
    kept: dict[tuple[str, str], Reported] = {}
    for item in items:
        if item.diplotype or not any(other.diplotype for other in items):
            said = "" if item.diplotype else f"{item.phenotype} {item.activity_score}"
            kept.setdefault((item.diplotype, said), _call(item))
    return list(kept.values())


def _when(item: ReportedGene) -> tuple[str, bool]:
    return (item.when.isoformat() if item.when else "", bool(item.diplotype))


def _call(item: ReportedGene) -> Reported:
    if item.diplotype:
        return Reported(item.gene, item.diplotype, "", "", item.place)
    return Reported(item.gene, "", item.phenotype, item.activity_score, item.place)
