"""Rows of compiled tables as the rest of the house knows them: assertions, and the highest frequency of a population."""

from __future__ import annotations

import numpy as np

from nof1.knowledge.variant_index import VariantIndex
from nof1.model.variants import Assertion

_ORIGINS = ("germline", "somatic", "oncogenicity")


def assertions_of(table: VariantIndex, row: int) -> list[Assertion]:
    """What one row asserts, an item for each origin that has a classification; empty for a table of frequencies.

    ``counts`` come from the column of conflicts; stars that the source does not tell are 0.
    """
    return [found for origin in _ORIGINS if (found := _assertion(table, row, origin)) is not None]


def _assertion(table: VariantIndex, row: int, origin: str) -> Assertion | None:
    columns = table.columns
    if origin not in columns or not (classification := columns[origin].text(row)):
        return None
    stars = int(columns[f"{origin}_stars"].values(np.array([row]))[0])
    conditions = columns[f"{origin}_conditions"].text(row)
    return Assertion(
        table.header.kind, table.header.edition, columns["id"].text(row), classification, max(stars, 0), origin,
        _counts(columns[f"{origin}_counts"].text(row)),
        origin == "germline" and int(columns["low_penetrance"].values(np.array([row]))[0]) == 1,
        tuple(conditions.split("|")) if conditions else (), columns["gene"].text(row),
    )  # fmt: skip


def _counts(text: str) -> dict[str, int]:
    """Submissions by classification from ``pathogenic 2|benign 1``."""
    parts = (part.rpartition(" ") for part in text.split("|") if part)
    return {name: int(number) for name, _, number in parts}


def frequency_of(table: VariantIndex, row: int) -> tuple[float, str]:
    """The highest frequency of a population in one row, and which; that of all where no group is given; NaN for none."""
    best, population = float("nan"), ""
    for name, column in table.columns.items():
        if name.startswith("af_"):
            value = float(column.values(np.array([row]))[0])
            if value == value and not value <= best:  # noqa: PLR0124
                best, population = value, name.removeprefix("af_")
    if not population and "af" in table.columns:
        best = float(table.columns["af"].values(np.array([row]))[0])
    return best, population
