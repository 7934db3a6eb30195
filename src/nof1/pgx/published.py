"""Published allele frequencies, and how a haplotype that the reference panel sees in part is split by them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nof1.knowledge.schema import Gene
from nof1.knowledge.weighing import Certainty

UNNAMED = 0.02  # kept for a haplotype without a name beside published alleles that look like it
MOST = 0.98  # published alleles never take the whole of a class whose own allele is not published


def class_shares(gene: Gene, certainty: Certainty) -> dict[str, NDArray[np.float64]]:
    """For each published allele a frequency a population (populations,), NaN where no group of it gives one."""
    published = gene.frequencies.published if gene.frequencies else None
    if published is None:
        return {}
    found = {}
    for name, values in published.alleles.items():
        given = dict(zip(published.groups, values, strict=True))
        row = []
        for population in certainty.populations:
            mine = [value for group in population.published_as if (value := given.get(group)) is not None]
            row.append(sum(mine) / len(mine) if mine else np.nan)
        found[name] = np.array(row)
    return found


def shares_within(
    others: NDArray[np.float64],
    own: NDArray[np.float64] | None,
    frequency: NDArray[np.float64],
    is_named: bool,
) -> NDArray[np.float64]:
    """Shares (1 + alleles, populations) of one class of haplotypes that look alike to the panel.

    ``others`` (alleles, populations) published frequencies of the alleles that hide in the class, NaN = not given, which
    is not zero. The first share is that of the allele the class looks like. Where that one has a published frequency,
    shares are relative, and the mean of the other populations stands in for a gap. Otherwise the others take their
    frequencies out of ``frequency`` (populations,), the class as the panel counts it, and a gap is left at 0: the caller
    gives such an allele its part of the mass that nobody counted.
    """
    if own is not None and not np.isnan(own).all():
        table = np.concatenate([own[None], others])
        relative = table / np.where(np.isnan(own), np.nan, np.nansum(table, axis=0))
        relative = _filled(relative)
        return np.asarray(relative / relative.sum(axis=0), np.float64)
    given = np.nan_to_num(others)
    relative = np.divide(given, frequency, out=np.zeros_like(given), where=frequency > 0)
    total = relative.sum(axis=0)
    limit = MOST if is_named else 1 - UNNAMED
    if not is_named:
        relative = np.where(total > 0, relative / np.where(total > 0, total, 1) * limit, relative)
    else:
        relative = relative * np.minimum(1, limit / np.maximum(total, 1e-12))
    return np.concatenate([1 - relative.sum(axis=0)[None], relative])


def _filled(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each row's gaps take the mean of what the row gives; a row that gives nothing is zero."""
    given = ~np.isnan(table)
    total = np.where(given, table, 0).sum(axis=1)
    mean = np.divide(total, given.sum(axis=1), out=np.zeros(len(table)), where=given.any(axis=1))
    return np.where(given, table, mean[:, None])
