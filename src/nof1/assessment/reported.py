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
    """The newest report of each known gene; alleles where it states them, otherwise the phenotype."""
    newest: dict[str, ReportedGene] = {}
    for item in record.genes if record else ():
        known = newest.get(item.gene)
        if item.gene in knowledge.genes and (known is None or _when(item) >= _when(known)):
            newest[item.gene] = item
    return {gene: [_call(item)] for gene, item in newest.items()}


def _when(item: ReportedGene) -> tuple[str, bool]:
    return (item.when.isoformat() if item.when else "", bool(item.diplotype))


def _call(item: ReportedGene) -> Reported:
    if item.diplotype:
        return Reported(item.gene, item.diplotype, "", "", item.place)
    return Reported(item.gene, "", item.phenotype, item.activity_score, item.place)
