"""Draws of several models as one mixture: so many of each that every draw counts alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.response.fit import Fit

Values = NDArray[Any]
_DRAWS = 500  # behind a band


@dataclass(frozen=True, slots=True)
class Part:
    """What a model adds to a mixture of ``_DRAWS`` draws: rows of its posterior, as many of them as it has weight."""

    fit: Fit
    rows: Values

    @property
    def beforehand(self) -> Values:
        """As many draws of the population."""
        return self.fit.beforehand[np.arange(len(self.rows)) % len(self.fit.beforehand)]


def mixed(weighted: Sequence[tuple[Fit, float]]) -> list[Part]:
    """The draws of all models, so many of each that every draw counts alike; a model below a five-hundredth has none."""
    counts = [(fit, round(_DRAWS * weight)) for fit, weight in weighted]
    return [Part(fit, fit.posterior.picked(count)) for fit, count in counts if count]


def even(values: Values) -> Values:
    """Weights of draws that count alike."""
    return np.full(len(values), 1 / len(values))


def shares(parts: Sequence[Part]) -> dict[str, float]:
    """How much of the mixture each model is, by id; one model may stand for several genotypes."""
    total, found = sum(len(part.rows) for part in parts), dict.fromkeys((part.fit.model.id for part in parts), 0.0)
    for part in parts:
        found[part.fit.model.id] += len(part.rows) / total
    return found
