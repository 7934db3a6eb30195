"""The rows of a call table: one for each candidate of each gene."""

from __future__ import annotations

from collections.abc import Sequence

from nof1.model.findings import CallStatus
from nof1.model.genome import CallCode, GenotypeBlock
from nof1.pgx.table import Called

COLUMNS = (
    "sample",
    "gene",
    "rank",
    "diplotype",
    "label",
    "recommendation_diplotype",
    "probability",
    "phenotype",
    "activity_score",
    "status",
    "not_covered",
)
Row = tuple[str, int, str, str, str, str, str, str, str, str]


def rows_of(called: Called, not_covered: str) -> list[Row]:
    """The table rows of one answer, without the sample column; a no-call is one row with an empty diplotype."""
    if called.status is CallStatus.NO_CALL:
        stand_in = called.phenotypes[0] if called.phenotypes else None
        return [
            (
                called.gene,
                1,
                "",
                "",
                stand_in.recommendation_diplotype if stand_in else "",
                "",
                stand_in.term if stand_in else "",
                stand_in.activity_score if stand_in else "",
                called.status.value,
                not_covered,
            )
        ]
    return [
        (
            called.gene,
            rank,
            diplotype.name,
            diplotype.label,
            phenotype.recommendation_diplotype,
            "" if diplotype.probability is None else f"{diplotype.probability:.4g}",
            phenotype.term,
            phenotype.activity_score,
            called.status.value,
            not_covered,
        )
        for rank, (diplotype, phenotype) in enumerate(zip(called.diplotypes, called.phenotypes, strict=True), start=1)
    ]


def not_covered(block: GenotypeBlock, row: int, columns: Sequence[int]) -> str:
    """Ids of the positions that gave no genotype, separated by commas."""
    unseen = block.code[row] < CallCode.HOM_REF
    return ",".join(block.loci[column].id for column in columns if unseen[column])
