"""Posterior means, spreads, quantiles and evidence against quadrature on dense grids."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest
from response_models import covariate, model
from scipy.stats import multivariate_normal, norm

from nof1.knowledge.kinetics import PkModel
from nof1.response.chains import chains
from nof1.response.course import course
from nof1.response.estimate import estimate
from nof1.response.history import Dose, History, Level
from nof1.response.pareto import effective, smoothed
from nof1.response.posterior import Posterior, posterior
from nof1.response.predict import predict
from nof1.response.prepared import Prepared, prepare

IV = {"compartments": 1, "inputs": [{"routes": ["x"], "kind": "bolus"}]}
TWO = {"compartments": 2, "inputs": [{"routes": ["x"], "kind": "bolus"}]}
ORAL = {"compartments": 1, "inputs": [{"routes": ["x"], "kind": "first_order", "ka": "ka"}]}
PLAIN = {"CL": "5*exp(a)", "V": "50*exp(b)"}
SIZES = {"a": 0.15, "b": 0.08}
DOSES = (Dose(0, 500, "x", 1.0), Dose(12, 500, "x", 1.0))
SHARES = np.array([0.05, 0.25, 0.5, 0.75, 0.95])


def error(kind: str, proportional: float = 0.2, additive: float = 0.5) -> dict[str, str]:
    return {"kind": kind, "proportional": repr(proportional), "additive": repr(additive)}


def case(
    known: PkModel, *levels: Level, doses: tuple[Dose, ...] = DOSES, **more: Any
) -> tuple[PkModel, History]:  # fmt: skip
    return known, History(doses, levels, **more)


CASES = {
    "proportional": case(model(IV, PLAIN, SIZES, error("proportional")), Level(11.5, 4.0)),
    "additive": case(model(IV, PLAIN, SIZES, error("additive")), Level(11.5, 2.0), Level(14, 9.0)),
    "combined1": case(model(IV, PLAIN, SIZES, error("combined1")), Level(11.5, 6.0), Level(20, 5.0)),
    "combined2": case(model(IV, PLAIN, SIZES, error("combined2")), Level(2, 12.0), Level(23, 2.0)),
    "lognormal": case(model(IV, PLAIN, SIZES, error("lognormal", 0.3)), Level(3, 5.0), Level(23, 6.0)),
    "below a limit": case(
        model(IV, PLAIN, SIZES, error("combined2")), Level(3, 7.0), Level(11.9, 1.5, limit="below")
    ),
    "above a limit": case(
        model(IV, PLAIN, SIZES, error("lognormal", 0.25)), Level(3, 15.0, limit="above"), Level(11.9, 5.0)
    ),
    "correlated": case(
        model(IV, PLAIN, SIZES, error("proportional"), covariances=[{"between": ["a", "b"], "covariance": "0.09"}]),
        Level(11.5, 4.0),
    ),
    "two compartments": case(
        model(
            TWO, {"CL": "4.5*exp(a)", "V": "58.4*exp(b)", "V2": "38.4*exp(d)", "Q": "6.5"},
            {"a": 0.1584, "b": 0.6659, "d": 0.326}, error("combined2", 0.227, 3.4),
        ), Level(11.5, 9.0), Level(14, 25.0), doses=(Dose(0, 1000, "x", 1.0), Dose(12, 1000, "x", 1.0)),
    ),
    "absorption": case(
        model(ORAL, {**PLAIN, "ka": "1.2*exp(d)"}, {**SIZES, "d": 0.4}, error("proportional")), Level(1, 3.0), Level(10, 4.0),
        doses=(Dose(0, 500, "x"),),
    ),
    "two occasions": case(
        model(IV, {"CL": "5*exp(a + k)", "V": "50"}, {"a": 0.1, "k@occasion": 0.1}, error("proportional", 0.1)),
        Level(11.5, 2.0), Level(23.5, 6.0), occasions=(0.0, 12.0),
    ),
    "a covariate that changes": case(
        model(IV, {"CL": "5*(w/70)**0.75*exp(a)", "V": "50*w/70*exp(b)"}, SIZES, error("combined1"), covariates=[covariate("w")]),
        Level(11.5, 4.0), Level(20, 7.0), covariates={"w": ((0.0, 60.0), (8.0, 90.0))},
    ),
    "a wide prior": case(model(IV, PLAIN, {"a": 1.0, "b": 1.0}, error("proportional")), Level(11.5, 4.0)),
    "a ridge": case(model(IV, PLAIN, {"a": 0.2, "b": 0.2}, error("proportional", 0.03)), Level(23.9, 0.4)),
    "two hills": case(
        model(ORAL, {"CL": "25*exp(a)", "V": "50", "ka": "0.5*exp(d)"}, {"a": 0.02, "d": 1.5}, error("proportional", 0.05)),
        Level(4, 1.7), doses=(Dose(0, 500, "x"),),
    ),
    "saturable": case(
        model(
            {**IV, "elimination": "michaelis_menten"}, {"Vmax": "20*exp(a)", "Km": "4", "V": "50*exp(b)"},
            {"a": 0.1, "b": 0.05}, error("proportional", 0.15),
        ), Level(11.5, 6.0),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Grid:
    """Points (points, size) and their posterior probabilities; ``log_evidence`` with every constant of the model."""

    points: np.ndarray
    share: np.ndarray
    log_evidence: float

    def below(self, effect: int, value: float) -> float:
        """The probability that an effect lies below a value, linear between points."""
        at, where = np.unique(self.points[:, effect], return_inverse=True)
        mass = np.bincount(where, self.share)
        return float(np.interp(value, at, np.cumsum(mass) - mass / 2))


def log_density(prepared: Prepared, one: History, points: np.ndarray) -> np.ndarray:
    """Of levels and random effects, by SciPy's distributions."""
    whole = course(prepared.model, [one])
    found = predict(prepared, whole, points[None], whole.level_time, whole.output)
    total = multivariate_normal(np.zeros(prepared.size), prepared.variance).logpdf(points)
    for number, level in enumerate(one.levels):
        value, sd = found.value[0, :, number], found.sd[0, :, number]
        seen = level.value
        sd = np.maximum(sd, 1e-10)
        if prepared.model.outputs[0].residual.kind == "lognormal":
            value, seen = np.log(value), np.log(seen)
        way = {"": norm.logpdf, "below": norm.logcdf, "above": norm.logsf}[level.limit]
        total = total + way(seen, value, sd)
    return total


def gridded(prepared: Prepared, one: History, low: np.ndarray, high: np.ndarray, count: int) -> Grid:
    axes = [np.linspace(a, b, count) for a, b in zip(low, high, strict=True)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, prepared.size)
    logs = log_density(prepared, one, points)
    share = np.exp(logs - logs.max())
    cell = np.prod([axis[1] - axis[0] for axis in axes])
    return Grid(points, share / share.sum(), float(logs.max() + np.log(share.sum() * cell)))


@cache
def truth(name: str) -> tuple[Prepared, History, Grid]:
    """A coarse grid shows where the mass lies, a fine one there gives the answer."""
    known, one = CASES[name]
    prepared = prepare(known, max(len(one.occasions), 1))
    flat = prepared.size == 2
    wide = 5 * np.sqrt(np.diag(prepared.variance))
    few = (61 if name == "saturable" else 251) if flat else 41
    coarse = gridded(prepared, one, -wide, wide, few)
    cell, kept = 2 * wide / (few - 1), coarse.points[coarse.share > 1e-9]
    fine = (81 if name == "saturable" else 401) if flat else 61
    return prepared, one, gridded(prepared, one, kept.min(axis=0) - cell, kept.max(axis=0) + cell, fine)


def agree(grid: Grid, etas: np.ndarray, weights: np.ndarray, count: float) -> None:
    """Within four errors of ``count`` draws."""
    mean = grid.share @ grid.points
    sd = np.sqrt(grid.share @ grid.points**2 - mean**2)
    assert np.abs(weights @ etas - mean).max() < (4 * sd / np.sqrt(count)).max()
    found = np.sqrt(weights @ etas**2 - (weights @ etas) ** 2)
    assert found == pytest.approx(sd, rel=4 / np.sqrt(count))
    drawn = Posterior(etas, weights, "importance", count, 0.0, 1.0, 0.0)
    for effect in range(etas.shape[1]):
        for share, value in zip(SHARES, drawn.quantiles(etas[:, effect], SHARES), strict=True):
            assert grid.below(effect, value) == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / count))


@pytest.mark.parametrize("name", CASES)
def test_quadrature(name: str) -> None:
    prepared, one, grid = truth(name)
    whole = course(prepared.model, [one])
    found = estimate(prepared, whole)
    best = grid.points[np.argmax(grid.share)]
    assert log_density(prepared, one, found.eta)[0] >= log_density(prepared, one, best[None])[0] - 1e-6, "the highest hill"
    drawn = posterior(prepared, whole, found, np.random.default_rng(1))
    assert drawn.method == "importance"
    assert drawn.effective >= 1000
    agree(grid, drawn.etas, drawn.weights, drawn.effective)
    measured = sum(level.limit == "" for level in one.levels)
    evidence = drawn.log_evidence - measured * 0.5 * np.log(2 * np.pi)  # the constants that it leaves out
    assert evidence == pytest.approx(grid.log_evidence, abs=4 / np.sqrt(drawn.effective))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["two hills", "a ridge", "two compartments"])
def test_chains(name: str) -> None:
    prepared, one, grid = truth(name)
    whole = course(prepared.model, [one])
    rng = np.random.default_rng(2)
    run = chains(prepared, whole, np.linalg.inv(prepared.variance), estimate(prepared, whole), rng, 4000)
    assert run.r_hat < 1.05
    assert run.effective > 800
    agree(grid, run.etas, np.full(len(run.etas), 1 / len(run.etas)), run.effective / 2)


def test_two_hills_are_two() -> None:
    _, _, grid = truth("two hills")
    assert 0.1 < grid.below(1, 0.0) < 0.9, "both count"
    assert grid.below(1, 0.5) - grid.below(1, -0.5) < 0.05, "with a gap between them"


def test_the_same_seed_gives_the_same_draws() -> None:
    prepared, one, _ = truth("combined2")
    whole = course(prepared.model, [one])
    found = estimate(prepared, whole)
    first, second = (posterior(prepared, whole, found, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(first.etas, second.etas)
    assert np.array_equal(first.weights, second.weights)


def test_no_level_leaves_the_population() -> None:
    prepared = truth("two compartments")[0]
    whole = course(prepared.model, [History(DOSES)])
    drawn = posterior(prepared, whole, estimate(prepared, whole), np.random.default_rng(1), 20_000)
    assert drawn.method == "prior"
    assert np.cov(drawn.etas.T) == pytest.approx(prepared.variance, abs=0.03)


def test_a_flattened_prior_lets_levels_speak() -> None:
    known, one = CASES["additive"]
    whole = course(known, [one])
    plain, flat = (estimate(prepare(known, flattened=share), whole) for share in (1.0, 0.1))
    assert np.abs(flat.eta).max() > np.abs(plain.eta).max()


@pytest.mark.parametrize("shape", [0.2, 0.5, 0.9, 1.3])
def test_pareto_k(shape: float) -> None:
    """Weights with a Pareto tail of known shape."""
    rng = np.random.default_rng(3)
    found = [smoothed(np.log1p(rng.pareto(1 / shape, 20_000)))[1] for _ in range(20)]
    assert np.mean(found) == pytest.approx(shape, abs=0.05)


def test_effective_number() -> None:
    assert effective(np.full(10, 0.1)) == pytest.approx(10)
    assert effective(np.array([1.0, 0.0])) == pytest.approx(1)
