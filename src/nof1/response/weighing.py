"""All models of a drug asked about one case: which hold, what each makes of the levels, and how much each counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nof1.knowledge.care import Care
from nof1.knowledge.kinetics import PkModel
from nof1.response import averaging
from nof1.response.case import Case
from nof1.response.covariates import Concern, fitting
from nof1.response.fit import Fit, fit
from nof1.response.supposed import suppositions
from nof1.response.workable import workable


@dataclass(frozen=True, slots=True)
class Weighed:
    """``fits`` and their weights, which add up to 1. ``refused``: models that do not hold, by id, and why.

    ``supposed``: genotypes that are averaged over, in words; ``untrusted``: models whose estimate failed, in words.
    """

    fits: tuple[tuple[Fit, float], ...]
    refused: Mapping[str, tuple[Concern, ...]]
    supposed: tuple[str, ...]
    untrusted: tuple[str, ...]

    @property
    def usable(self) -> list[Fit]:
        """The fits alone."""
        return [item for item, _ in self.fits]

    @property
    def best(self) -> Fit | None:
        """The one that explains the levels best."""
        return max(self.fits, key=lambda pair: pair[1])[0] if self.fits else None


def weighed(
    case: Case, models: Sequence[PkModel], care: Care, rng: np.random.Generator, draws: int, flattened: float
) -> Weighed:
    """Every one of ``models`` fitted to ``case``, for each genotype it may have."""
    tried = [
        (model, workable(model, fitting(model, supposed, care)), chance / len(models), words)
        for model in models
        for supposed, chance, words in suppositions(model, case)
    ]
    kept = [(model, found, chance, words) for model, found, chance, words in tried if not found.is_refused]
    fits = [(fit(model, found, rng, draws, flattened), chance) for model, found, chance, _ in kept]
    usable = [(item, chance) for item, chance in fits if item.is_usable]
    weights = averaging.weights([item for item, _ in usable], [chance for _, chance in usable])
    held = {model.id for model, _, _, _ in kept}
    return Weighed(
        tuple(zip([item for item, _ in usable], weights, strict=True)),
        {model.id: found.concerns for model, found, _, _ in tried if model.id not in held},
        tuple(words for _, _, _, words in kept if words),
        tuple(
            f"{item.model.title}: its estimate cannot be trusted; it is left out" for item, _ in fits if not item.is_usable
        ),
    )
