"""Saturable elimination with depots in closed form: levels against LSODA of the whole system, derivatives, shared histories."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from response_cases import CLOSE, DOSES, INFUSED, KINDS, TIMES, drawn, structure
from response_models import model
from response_reference import Reference

from nof1.response import integration
from nof1.response.course import course
from nof1.response.depots import Emptying, closed
from nof1.response.estimate import estimate
from nof1.response.history import Dose, History, Level
from nof1.response.network import network
from nof1.response.objective import INTEGRATED_STEP, slope
from nof1.response.prepared import prepare

EVERY = [kind for kind in KINDS if kind not in ("bolus", "zero_order")]
TWICE = {"routes": ["x"], "kind": "first_order", "ka": "ka2", "fraction": "F2", "lag": "lag2"}
RNG = np.random.default_rng


def levels(shape: dict[str, Any], values: dict[str, Any], doses: tuple[Dose, ...], times: Any = TIMES) -> np.ndarray:
    known = model(shape, {})
    deep = {name: np.asarray(value).reshape(1, -1, 1) for name, value in values.items()}
    return integration.integrate(known.structure, deep, course(known, [History(doses)]), np.array([times])).parent[0]


def reference(shape: dict[str, Any], values: dict[str, float], doses: tuple[Dose, ...]) -> np.ndarray:
    return Reference(model(shape, {}).structure).levels([(np.inf, values)], doses, TIMES, "lsoda")["c"]


@pytest.mark.parametrize("doses", [DOSES, INFUSED], ids=["doses", "infusions"])
@pytest.mark.parametrize("kind", EVERY)
def test_every_input_against_the_whole_system(kind: str, doses: tuple[Dose, ...]) -> None:
    shape, values = structure(2, kind, elimination="parallel"), drawn(41)
    wanted = reference(shape, values, doses)
    assert np.abs(levels(shape, values, doses)[0] - wanted).max() <= CLOSE * wanted.max()


def test_a_fast_depot_and_a_slow_one() -> None:
    """A depot that is empty within minutes, as of voriconazole, beside a slow one; the clock of each has its own lag."""
    first = {"routes": ["x"], "kind": "first_order", "ka": "ka", "fraction": "F1", "lag": "lag"}
    shape = {"compartments": 2, "elimination": "michaelis_menten", "inputs": [first, TWICE]}
    values = drawn(42) | {"ka": 100.0, "F1": 0.7, "F2": 0.3}
    wanted = reference(shape, values, DOSES)
    assert np.abs(levels(shape, values, DOSES)[0] - wanted).max() <= CLOSE * wanted.max()


@pytest.mark.parametrize("name", ["ka", "lag", "F", "Km", "Vmax", "Q"])
def test_derivatives_against_differences(name: str) -> None:
    shape, values = structure(2, "first_order with lag", elimination="parallel"), drawn(43) | {"ka": 3.0, "lag": 0.4}
    width = 1e-4 * values[name]
    near = [levels(shape, values | {name: values[name] + much * width}, DOSES)[0] for much in (-2, -1, 1, 2)]
    wanted = (near[0] - 8 * near[1] + 8 * near[2] - near[3]) / (12 * width)
    found = levels(shape, values | {name: values[name] + 1j * INTEGRATED_STEP}, DOSES)[0].imag / INTEGRATED_STEP
    assert np.abs(wanted).max() > 0
    assert np.abs(found - wanted).max() <= 1e-5 * np.abs(wanted).max()


@pytest.mark.parametrize("kind", ["first_order with lag", "transit", "zero_first"])
def test_many_draws_are_as_close_as_they_claim(kind: str) -> None:
    """Draws are integrated with a wider tolerance; alone, each is integrated with the narrow one."""
    shape, values = structure(2, kind, elimination="parallel"), drawn(44)
    factors = np.exp(0.3 * RNG(1).standard_normal(200))
    many = {name: value * factors for name, value in values.items()}
    together = levels(shape, many, DOSES)
    for lane in range(0, 200, 40):
        alone = levels(shape, {name: value[lane] for name, value in many.items()}, DOSES)[0]
        assert np.abs(together[lane] - alone).max() <= 1e-4 * alone.max()


def test_rows_with_a_history_in_common() -> None:
    """Alternatives that begin alike are integrated once up to where they part; each is as if it were alone."""
    known = model(structure(2, "first_order with lag", elimination="parallel"), {})
    values = {name: np.full((1, 1, 1), value) for name, value in drawn(45).items()}
    ahead = [(Dose(30, 50, "x", 0, 12, 3),), (Dose(30, 250, "x", 0, 12, 3),), (Dose(40, 250, "x", 0, 6, 3),), ()]
    histories = [History((*DOSES, *more)) for more in ahead]
    times = np.array([[5.0, 29.0, 33.0, 47.0, 70.0]] * 4)
    times[2, 2] = 31.0
    whole = course(known, histories)
    together = integration.integrate(known.structure, values, whole, times).parent[:, 0]
    for row, history in enumerate(histories):
        alone = integration.integrate(known.structure, values, course(known, [history]), times[row : row + 1]).parent
        assert together[row] == pytest.approx(alone[0, 0], rel=1e-8), row
    assert np.array_equal(together[0, :2], together[1, :2])
    assert together[0, 3] < together[1, 3]


@pytest.mark.parametrize(("count", "poured"), [(1, 0.0), (1, 7.0), (4, 0.0), (4, 7.0)])
def test_a_chain_keeps_what_does_not_leave(count: int, poured: float) -> None:
    """What leaves, added up over the time, and what is left are what was there and what came."""
    start = np.arange(1.0, count + 1)[:, None, None]
    for decay in (0.0, 1e-9, 0.3, 5.0, 80.0):
        part = Emptying(start, np.full((1, 1), poured), np.full((1, 1), decay))
        nodes, weights = np.polynomial.legendre.leggauss(150)
        left = weights / 2 @ part.leaving((nodes + 1) / 2)[:, 0, 0]
        assert left + part.left().sum() == pytest.approx(start.sum() + poured, rel=1e-10), decay


def test_which_compartments_have_a_closed_form() -> None:
    found = {kind: closed(network(model(structure(1, kind), {}).structure)) for kind in KINDS}
    assert {kind: [chain.places for chain in some] for kind, some in found.items() if some} == {
        "first_order": [(0,)], "first_order with lag": [(0,)], "zero_first": [(0,)],
        "transit": [(0, 1, 2, 3)], "transit into a depot": [(0, 1, 2)],
    }  # fmt: skip
    assert found["transit into a depot"][0].into == 3


def test_the_search_ends_at_the_full_tolerance() -> None:
    """The way to an estimate is integrated with a wider tolerance; the gradient at its end vanishes at the narrow one."""
    shape = structure(2, "first_order", elimination="michaelis_menten")
    values = {name: f"{value}" for name, value in drawn(46).items()} | {
        "Vmax": "20*exp(a)",
        "V": "30*exp(b)",
        "Km": "2*exp(d)",
    }
    known = model(shape, values, {"a": 0.1, "b": 0.1, "d": 0.3})
    prepared, arrays = prepare(known), course(known, [History(DOSES, (Level(3, 2.0), Level(23, 1.5)))])
    found = estimate(prepared, arrays)
    precision = np.linalg.inv(prepared.variance)
    narrow = slope(prepared, arrays, precision, found.eta)
    assert found.is_converged.all()
    assert found.phi[0] == pytest.approx(narrow.phi[0], abs=1e-10)
    newton = np.linalg.solve(found.hessian[0], narrow.gradient[0])
    assert np.abs(newton / np.sqrt(np.diag(prepared.variance))).max() < 1e-4
    again = estimate(replace(prepared, is_searching=False), arrays, starts=found.eta)
    assert again.eta == pytest.approx(found.eta, abs=1e-5)
