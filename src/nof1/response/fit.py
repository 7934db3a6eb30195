"""One model fitted to one case: estimate, posterior, how well each level fits, and what the doses so far lead to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.knowledge.kinetics import PkModel
from nof1.response.course import LIMITS, Course, course
from nof1.response.covariates import Fitting
from nof1.response.estimate import Estimate, estimate
from nof1.response.history import Dose, History
from nof1.response.posterior import Posterior, posterior, prior
from nof1.response.predict import Predicted, is_linear, predict, predict_multiples
from nof1.response.prepared import Prepared, prepare

Values = NDArray[Any]
UNLIKELY = 0.01  # two-sided probability, among patients of the model, below which a level is told
_FEW = 1000  # draws behind that probability where following them takes long
IMPLAUSIBLE = 0.001  # and below which no dose is drafted from it


@dataclass(frozen=True, slots=True)
class Fit:
    """``history`` as ``course``; ``ahead``: the same model with one occasion more, whose random effects are 0.

    ``beforehand``: draws of the population, as ``posterior.etas``. ``unlikely``: for each level the probability, among
    patients like this one, of one at least as far from the middle.
    """

    model: PkModel
    fitting: Fitting
    prepared: Prepared
    ahead: Prepared
    course: Course
    estimate: Estimate
    posterior: Posterior
    beforehand: Values
    unlikely: Values

    @property
    def is_usable(self) -> bool:
        """Whether estimate and posterior can be trusted; if not, no dose comes of them."""
        agreed = self.posterior.method != "chains" or self.posterior.r_hat < 1.05
        return bool(self.estimate.is_converged[0]) and agreed and bool(np.isfinite(self.posterior.etas).all())


def fit(model: PkModel, fitting: Fitting, rng: np.random.Generator, draws: int = 2000, flattened: float = 1.0) -> Fit:
    """``model`` fitted to the history of ``fitting``, which must not be refused."""
    history = fitting.history
    assert history is not None
    arrays = course(model, [history])
    prepared = prepare(model, arrays.occasions, flattened)
    ahead = prepare(model, arrays.occasions + 1, flattened)
    found = estimate(prepared, arrays)
    draws_of = posterior(prepared, arrays, found, rng, draws)
    beforehand = prior(prepared, rng, max(draws, _FEW)) if prepared.size else np.zeros((1, 0))
    return Fit(
        model, fitting, prepared, ahead, arrays, found, draws_of, beforehand, _unlikely(prepared, arrays, beforehand, rng)
    )


def _unlikely(prepared: Prepared, arrays: Course, etas: Values, rng: np.random.Generator) -> Values:
    """By draws of patients and errors. Beyond a limit of measurement: twice how likely a level beyond it is, at most 1."""
    if not arrays.is_level.any():
        return np.zeros(0)
    etas = etas if is_linear(prepared) else etas[:_FEW]
    found = predict(prepared, arrays, etas[None], arrays.level_time, arrays.output)
    value, sd = found.value[0], found.sd[0]
    kinds = [output.residual.kind for output in prepared.model.outputs]
    noise = rng.standard_normal(value.shape)
    is_log = np.array([kinds[place] == "lognormal" for place in arrays.output[0]])
    drawn = np.where(is_log, value * np.exp(sd * noise), value + sd * noise)
    below = (drawn < arrays.level[0]).mean(axis=0)
    least = 1 / (2 * len(drawn))
    names = np.array(LIMITS)[arrays.limit[0]]
    tail = np.select([names == "below", names == "above"], [below, 1 - below], np.minimum(below, 1 - below))
    return np.asarray(np.clip(2 * tail, least, 1.0))


def followed(fit: Fit, etas: Values, times: Values, doses: tuple[Dose, ...] = (), output: int = 0) -> Predicted:
    """Predictions at ``times`` (n) for ``etas`` (draws, size) when ``doses`` are given after the history; (1, draws, n).

    From the first of ``doses`` on, what varies by occasion is at its middle: nothing is known of an occasion to come.
    """
    prepared, arrays, full = _ahead(fit, etas, [doses])
    return predict(prepared, arrays, full[None], times[None], np.full((1, len(times)), output))


def followed_each(fit: Fit, etas: Values, times: Values, doses: Sequence[tuple[Dose, ...]], output: int = 0) -> Values:
    """As ``followed``, for each of several ``doses`` at its ``times`` (alternatives, n): (alternatives, draws, n)."""
    prepared, arrays, full = _ahead(fit, etas, doses)
    every = np.broadcast_to(full, (len(doses), *full.shape))
    return predict(prepared, arrays, every, times, np.full(times.shape, output)).value


def followed_multiples(fit: Fit, etas: Values, times: Values, dose: Dose, amounts: Values, output: int = 0) -> Values:
    """As ``followed``, for ``dose`` in each of ``amounts``: (amounts, draws, n). For models whose effects are driven."""
    none, one = ((replace(dose, amount=amount),) for amount in (0.0, 1.0))
    prepared, pair, full = _ahead(fit, etas, [none, one])
    return predict_multiples(prepared, pair, amounts, full, times, output, dose.time)


def _ahead(fit: Fit, etas: Values, doses: Sequence[tuple[Dose, ...]]) -> tuple[Prepared, Course, Values]:
    """The history of ``fit`` with each of ``doses`` after it, and ``etas`` for the occasions of that."""
    history = fit.fitting.history
    assert history is not None
    again = bool(fit.prepared.size > fit.prepared.between and any(doses))
    begun = history.occasions or (-np.inf,)
    asked = [
        replace(
            history,
            doses=(*history.doses, *more),
            levels=(),
            occasions=(*begun, more[0].time) if again and more else history.occasions,
        )
        for more in doses
    ]
    prepared = fit.ahead if again else fit.prepared
    full = np.concatenate([etas, np.zeros((len(etas), prepared.size - etas.shape[1]))], axis=1)
    return prepared, course(fit.model, asked), full


def ahead_history(fit: Fit, doses: tuple[Dose, ...]) -> History:
    """Only ``doses``, with the covariates that hold last: for what repeats itself."""
    history = fit.fitting.history
    assert history is not None
    last = {name: (series[-1],) for name, series in history.covariates.items()}
    return History(doses, (), last)


def typical(fit: Fit, etas: Values) -> Values:
    """``etas`` without what varies by occasion, filled for a history of one occasion (draws, size)."""
    again = len(fit.prepared.effects) - fit.prepared.between
    return np.concatenate([etas[:, : fit.prepared.between], np.zeros((len(etas), again))], axis=1)
