"""A score beside a reference panel: components of a person, the most similar population, and scores adjusted for both.

Definitions of Z_norm1 and Z_norm2 are those of the PGS Catalog (github.com/PGScatalog/pygscatalog);
its Gamma regression is penalised and refitted; this one is neither.
Adjusting moves and scales the distribution of a score. It does not make a score as accurate in one population as in another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nof1.model.scores import AdjustedScore, Floats, Placement, ReferencePeople
from nof1.risk.forest import Forest, grown

PLACING = 5  # components used to place a person
ADJUSTING = 4  # components used to adjust a score
_STEPS = 200
_TOLERANCE = 1e-12
METHOD = "random forest on {} components of the reference panel"


def projected(dosage: Floats, frequency: Floats, loadings: Floats) -> Floats:
    """Components of people from given loadings, (people, components).

    ``dosage`` (people, variants) copies of the allele that ``frequency`` (variants,) and ``loadings`` (variants,
    components) are of, NaN = missing, which counts as average. Genotypes are centred by 2f and divided by the square
    root of 2f(1 - f).
    """
    return standardised(dosage, frequency) @ loadings


def standardised(dosage: Floats, frequency: Floats) -> Floats:
    """Genotypes centred by 2f and divided by the square root of 2f(1 - f), (people, variants); missing ones are 0."""
    scale = np.sqrt(2 * frequency * (1 - frequency))
    with np.errstate(invalid="ignore", divide="ignore"):
        standard = (dosage - 2 * frequency) / scale
    return np.nan_to_num(standard, nan=0.0, posinf=0.0, neginf=0.0)


def unshrunk(components: Floats, norm: Floats, singular: Floats) -> Floats:
    """Components of people who were not in the reference, freed of the shrinkage of a plain projection.

    Each person is added to the decomposition of the reference, which is then turned back onto the reference's own components
    (online augmentation, decomposition, Procrustes). ``components`` (people, k) from ``projected``; ``norm`` (people,)
    squared length of the standardised genotypes; ``singular`` (k,) singular values of the reference.
    """
    return np.array([_unshrunk(one, float(length), singular) for one, length in zip(components, norm, strict=True)])


def _unshrunk(one: Floats, norm: float, singular: Floats) -> Floats:
    count = len(singular)
    rest = np.sqrt(max(norm - float(one @ one), 0.0))
    grown_matrix = np.zeros((count + 1, count + 1))
    grown_matrix[:count, :count] = np.diag(singular)
    grown_matrix[count, :count], grown_matrix[count, count] = one, rest
    left, values, _ = np.linalg.svd(grown_matrix)
    new = left[:, :count] * values[:count]
    fitted, scale, back = np.linalg.svd(new[:count].T @ np.diag(singular))
    size = float(scale.sum() / (new[:count] ** 2).sum())
    return np.asarray(size * new[count] @ (fitted @ back))


def placing_forest(reference: ReferencePeople, rng: np.random.Generator) -> Forest:
    """The forest that places people, grown on the first components of the reference."""
    return grown(reference.pcs[:, :PLACING], np.array(reference.population), rng)


def placements(forest: Forest, components: Floats, least: float = 0.5) -> tuple[Placement, ...]:
    """Each person's most similar population, of low confidence below the share ``least``.

    ``components`` (people, at least five).
    """
    used = components[:, :PLACING]
    made = []
    for row in forest.shares(used):
        top = int(np.argmax(row))
        shares = {name: float(share) for name, share in zip(forest.classes, row, strict=True)}
        made.append(
            Placement(forest.classes[top], float(row[top]), bool(row[top] < least), shares, METHOD.format(used.shape[1]))
        )
    return tuple(made)


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A score's regressions on components of a reference: ``mean`` and ``log_variance`` (1 + components,), intercept first.

    ``centre`` and ``scale`` (components,) standardise components; ``spread`` is the standard deviation of the residuals.
    """

    mean: Floats
    log_variance: Floats
    spread: float
    centre: Floats
    scale: Floats

    def z(self, score: Floats, components: Floats) -> tuple[Floats, Floats]:
        """Z_norm1 and Z_norm2 of people, (people,) each."""
        used = (components[:, : len(self.centre)] - self.centre) / self.scale
        design = _design(used)
        rest = score - design @ self.mean
        return rest / self.spread, rest / np.exp(0.5 * design @ self.log_variance)


def adjustment(score: Floats, components: Floats, count: int = ADJUSTING) -> Adjustment:
    """The regression of a reference's scores, (people,), on its first ``count`` components.

    Z_norm1 divides the residual by the standard deviation of all residuals; Z_norm2 by the square root of the variance
    that a Gamma regression with logarithmic link of the squared residuals gives for the person's components. Neither is
    penalised. Raises ``ValueError`` where a score or a component does not vary, or people are fewer than coefficients.
    """
    used = components[:, :count]
    centre, scale = used.mean(axis=0), used.std(axis=0)
    if len(score) <= count + 1 or not scale.all() or not score.std():
        raise ValueError("a score and every component must vary, among more people than there are coefficients")
    design = _design((used - centre) / scale)
    mean = np.linalg.lstsq(design, score, rcond=None)[0]
    rest = score - design @ mean
    spread = float(rest.std())
    if spread <= 1e-9 * float(score.std()):
        raise ValueError("a score and every component must vary, among more people than there are coefficients")
    return Adjustment(np.asarray(mean, np.float64), gamma_log(design, rest**2), spread, centre, scale)


def gamma_log(design: Floats, response: Floats) -> Floats:
    """Coefficients of a Gamma regression with logarithmic link, by Fisher scoring; ``design`` (people, coefficients).

    Raises ``ValueError`` where it does not settle.
    """
    response = np.maximum(response, np.finfo(float).tiny)
    beta = np.zeros(design.shape[1])
    beta[0] = np.log(response.mean())
    inverse = np.linalg.pinv(design.T @ design)
    for _ in range(_STEPS):
        step = inverse @ (design.T @ (response * np.exp(-(design @ beta)) - 1))
        before = _deviance(design, beta, response)
        while _deviance(design, beta + step, response) > before and np.abs(step).max() > _TOLERANCE:
            step = step / 2
        beta = beta + step
        if np.abs(step).max() < _TOLERANCE:
            return beta
    raise ValueError("the variance of the score does not settle on the components")


def _deviance(design: Floats, beta: Floats, response: Floats) -> float:
    linear = design @ beta
    with np.errstate(over="ignore"):
        return float((response * np.exp(-linear) + linear).sum())


def _design(components: Floats) -> Floats:
    return np.hstack([np.ones((len(components), 1)), components])


def adjusted(
    score: Floats, components: Floats, placed: Sequence[Placement], reference: ReferencePeople, name: str
) -> tuple[AdjustedScore, ...]:
    """People's scores, (people,), beside those of the reference's people for the score ``name``.

    Both must come from the same variants. A population of fewer than two people, or whose scores do not vary, gives no Z.
    Raises ``ValueError`` as ``adjustment`` does, and for components far outside those of the reference.
    """
    _require_among(components, reference.pcs)
    theirs = reference.scores[name]
    populations = np.array(reference.population)
    first, second = adjustment(theirs, reference.pcs).z(score, components)
    made = []
    for row, place in enumerate(placed):
        among = np.sort(theirs[populations == place.population])
        z, percentile = _beside(float(score[row]), among)
        made.append(AdjustedScore(place, z, percentile, float(first[row]), float(second[row])))
    return tuple(made)


def _require_among(components: Floats, reference: Floats) -> None:
    """``ValueError`` where a component used lies beyond the reference's range by more than that range: nothing was fitted
    there."""
    low, high = reference[:, :ADJUSTING].min(axis=0), reference[:, :ADJUSTING].max(axis=0)
    used = components[:, :ADJUSTING]
    if ((used < low - (high - low)) | (used > high + (high - low))).any():
        raise ValueError("the components lie far outside those of the reference people; are they on the same axes?")


def _beside(score: float, among: NDArray[np.float64]) -> tuple[float | None, float | None]:
    """Z and percentile (half of those equal count as lower) among a population's scores."""
    if len(among) < 2 or not among.std():
        return None, None
    lower = (np.searchsorted(among, score, "left") + np.searchsorted(among, score, "right")) / 2
    return float((score - among.mean()) / among.std()), float(100 * lower / len(among))
