"""What tables that were brought say of one allele, without a genome file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nof1.knowledge.variant_index import VariantIndex
from nof1.model.allele_arrays import AlleleArrays, keys, seed
from nof1.model.variants import Allele


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often an allele was seen: ``share`` 0-1 in ``population`` (empty: all that were looked at) of ``alleles`` counted.

    ``alleles`` -1: not known. ``filters``: those of the source which the place has not passed.
    """

    share: float
    population: str
    alleles: int
    table: str
    filters: str = ""


def rows_on(table: VariantIndex, allele: Allele) -> list[int]:
    """The rows of ``table`` on ``allele``, trimmed, and left-aligned as the table's alleles are."""
    text = np.frombuffer((allele.ref + allele.alt).encode("ascii"), np.uint8)
    one, ref = np.array, len(allele.ref)
    made = AlleleArrays(
        text, one([0], np.int32), one([allele.position]), one([0]), one([ref]), one([ref]), one([len(allele.alt)])
    )
    seeds = one([seed(table.header.build, allele.chromosome)], np.uint64)
    first = int(table.find(made, keys(made, seeds), table.numbers([allele.chromosome]))[0])
    return list(range(first, first + int(table.repeats(one([first]))[0]))) if first >= 0 else []


def frequency_in(table: VariantIndex, allele: Allele) -> Frequency | None:
    """The frequency of ``allele`` in the group where the source says that it is highest, else in all; ``None`` for no row.

    The group's is taken only where the table says how many alleles were counted in it.
    """
    rows = rows_on(table, allele)
    if not rows or "af" not in table.columns:
        return None
    row, name = rows[0], f"{table.header.kind} {table.header.edition}"
    filters = table.columns["filters"].text(row) if "filters" in table.columns else ""
    group = table.columns["highest_group"].text(row) if "highest_group" in table.columns else ""
    counted = _whole(table, "highest_an", row)
    if group and counted >= 0 and f"af_{group}" in table.columns:
        return Frequency(_share(table, f"af_{group}", row), group, counted, name, filters)
    return Frequency(_share(table, "af", row), "", _whole(table, "an", row), name, filters)


def _whole(table: VariantIndex, name: str, row: int) -> int:
    written = table.columns[name].text(row) if name in table.columns else ""
    return int(written) if written else -1


def _share(table: VariantIndex, name: str, row: int) -> float:
    return float(table.columns[name].values(np.array([row]))[0])
