"""The rows of a call table: one for each candidate of each gene."""

from __future__ import annotations

from collections.abc import Sequence

from nof1.model.findings import CallStatus, Diplotype, Phenotype
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
    "diplotype_status",
    "probability_lowest",
    "phenotype_probability",
    "phenotype_probability_lowest",
)
NUMBERS = ("probability", "probability_lowest", "phenotype_probability", "phenotype_probability_lowest")
Row = tuple[str, int, str, str, str, str, str, str, str, str, str, str, str, str]
REMAINDER = "(all other diplotypes)"
_LEAST = 5e-7  # a remainder below it is none


def rows_of(called: Called, not_covered: str) -> list[Row]:
    """The table rows of one answer, without the sample column, best first.

    A no-call is one row with an empty diplotype. Where candidates are weighed, a last row with an empty diplotype holds
    the probability of everything that no row names.
    """
    if called.status is CallStatus.NO_CALL:
        stand_in = called.phenotypes[0] if called.phenotypes else None
        words = (stand_in.recommendation_diplotype, stand_in.term, stand_in.activity_score) if stand_in else ("", "", "")
        status = called.status.value
        return [(called.gene, 1, "", "", words[0], "", words[1], words[2], status, not_covered, status, "", "", "")]
    rows = [
        _row(called, rank, diplotype, phenotype, not_covered)
        for rank, (diplotype, phenotype) in enumerate(zip(called.diplotypes, called.phenotypes, strict=True), start=1)
    ]
    remainder = called.weighed.remainder if called.weighed else None
    if remainder is not None and remainder.mean() >= _LEAST:
        undetermined = CallStatus.UNDETERMINED.value
        rows.append(
            (called.gene, len(rows) + 1, "", REMAINDER, "", f"{remainder.mean():.6g}", "", "", undetermined, "",
             undetermined, f"{remainder.min():.6g}", "", "")
        )  # fmt: skip
    return rows


def _row(called: Called, rank: int, diplotype: Diplotype, phenotype: Phenotype, not_covered: str) -> Row:
    start = (called.gene, rank, diplotype.name, diplotype.label, phenotype.recommendation_diplotype)
    if called.weighed is None:
        chance = "" if diplotype.probability is None else f"{diplotype.probability:.6g}"
        status = called.status.value
        return (*start, chance, phenotype.term, phenotype.activity_score, status, not_covered, status, "", "", "")
    not_covered = not_covered if rank == 1 else ""  # it can be long, and is the same for every candidate
    row = called.weighed.rows[rank - 1]
    means = (phenotype.term, phenotype.activity_score, row.status.value, not_covered, row.diplotype_status.value)
    if row.probability is None:
        return (*start, "", *means, "", "", "")
    of_term = [chance for chance in called.chances if chance.phenotype == phenotype.term]
    return (
        *start, f"{row.probability.mean():.6g}", *means, f"{row.probability.min():.6g}",
        f"{sum(chance.probability for chance in of_term):.6g}", f"{row.phenotype_lowest:.6g}",
    )  # fmt: skip


def not_covered(block: GenotypeBlock, row: int, columns: Sequence[int]) -> str:
    """Ids of the positions that gave no genotype, separated by commas."""
    unseen = block.code[row] < CallCode.HOM_REF
    return ",".join(block.loci[column].id for column in columns if unseen[column])
