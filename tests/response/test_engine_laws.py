"""Laws that levels obey whatever the structure, and derivatives by an imaginary step."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from response_cases import CLOSE, DOSES, INFUSED, KINDS, TIMES, curve, drawn, structure
from response_models import covariate, model
from response_reference import Reference

from nof1.response import integration, superposition
from nof1.response.course import course
from nof1.response.estimate import objective
from nof1.response.exponentials import central
from nof1.response.history import Dose, History, Level
from nof1.response.objective import slope
from nof1.response.predict import predict
from nof1.response.prepared import prepare

GRADIENTS = [
    (structure(1, "first_order with lag"), "proportional"), (structure(2, "zero_first"), "combined1"),
    (structure(3, "bolus"), "combined2"), (structure(2, "transit into a depot", metabolite=True), "lognormal"),
    (structure(1, "first_order", elimination="parallel"), "additive"), (structure(2, "zero_order"), "proportional"),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "kind"), GRADIENTS)
@pytest.mark.parametrize("limit", ["", "below", "above"])
@pytest.mark.parametrize("changes", [False, True], ids=["constant", "changing"])
def test_gradients(shape: dict[str, Any], kind: str, limit: Any, changes: bool) -> None:
    """By an imaginary step against central differences of the objective."""
    values = drawn(2)
    names = [name for name in ("CL", "V", "V2", "ka", "lag", "duration", "ktr", "Vmax", "F") if name in values]
    formulas = {name: repr(value) for name, value in values.items()}
    formulas |= {name: f"{values[name]}*exp(e_{name})" + ("*(weight/70)**0.75" if name == "CL" else "") for name in names}
    residual = {"kind": kind, "proportional": "0.2", "additive": "0.1"}
    known = model(shape, formulas, {f"e_{name}": 0.2 for name in names}, residual, covariates=[covariate("weight")])
    weights = ((0.0, 60.0), (5.0, 90.0)) if changes else ((0.0, 60.0),)
    levels = (Level(3, 1.0), Level(9, 2.0, limit=limit), Level(20, 0.4), Level(30, 1.4, limit=limit))
    prepared = prepare(known)
    whole = course(known, [History(DOSES, levels, {"weight": weights})])
    eta = np.random.default_rng(1).normal(0, 0.2, (1, len(names)))
    found = slope(prepared, whole, np.linalg.inv(prepared.variance), eta)
    step = 1e-4 if shape.get("elimination") else 1e-5
    lanes = eta[:, None] + step * np.concatenate([np.eye(len(names)), -np.eye(len(names))])
    high, low = np.split(objective(prepared, whole, lanes)[0], 2)
    assert found.phi[0] == pytest.approx(objective(prepared, whole, eta[:, None])[0, 0], rel=1e-9)
    assert found.gradient[0] == pytest.approx((high - low) / (2 * step), rel=1e-6, abs=2e-6 * np.abs(found.gradient).max())


few = settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
ANY = st.tuples(st.sampled_from([1, 2, 3]), st.sampled_from(list(KINDS)), st.integers(0, 10_000))


@few
@given(ANY, st.floats(0.01, 50))
def test_twice_the_dose_is_twice_the_level(chosen: tuple[int, str, int], factor: float) -> None:
    shape, values = structure(*chosen[:2]), drawn(chosen[2])
    more = tuple(Dose(dose.time, factor * dose.amount, "x", dose.duration) for dose in DOSES)
    assert curve(shape, values, more) == pytest.approx(factor * curve(shape, values, DOSES), rel=1e-10)


@few
@given(ANY, st.floats(-1000, 1000))
def test_the_clock_has_no_zero(chosen: tuple[int, str, int], shift: float) -> None:
    shape, values = structure(*chosen[:2]), drawn(chosen[2])
    moved = tuple(Dose(dose.time + shift, dose.amount, "x", dose.duration) for dose in DOSES)
    found = curve(shape, values, moved, [time + 0.01 + shift for time in TIMES])
    wanted = curve(shape, values, DOSES, [time + 0.01 for time in TIMES])
    assert found == pytest.approx(wanted, rel=1e-7, abs=1e-7 * wanted.max())


@few
@given(ANY, st.permutations(range(3)))
def test_the_order_of_rows_does_not_matter(chosen: tuple[int, str, int], order: list[int]) -> None:
    shape, values = structure(*chosen[:2]), drawn(chosen[2])
    assert curve(shape, values, tuple(DOSES[place] for place in order)) == pytest.approx(
        curve(shape, values, DOSES), rel=1e-12
    )


@few
@given(ANY)
def test_doses_add_up(chosen: tuple[int, str, int]) -> None:
    shape, values = structure(*chosen[:2]), drawn(chosen[2])
    alone = sum(curve(shape, values, (dose,)) for dose in DOSES)
    whole = curve(shape, values, DOSES)
    assert whole == pytest.approx(alone, rel=1e-10, abs=1e-12 * whole.max())


@few
@given(ANY)
def test_what_comes_in_goes_out(chosen: tuple[int, str, int]) -> None:
    """The whole area is what was absorbed over the clearance."""
    shape, values = structure(*chosen[:2]), drawn(chosen[2])
    known = model(shape, {})
    deep = {name: np.full((1, 1, 1), value) for name, value in values.items()}
    arrays = course(known, [History(DOSES)])
    area = integration.integrate(known.structure, deep, arrays, np.array([[5_000.0]]), has_area=True).area
    assert area is not None
    share = values["F"] if "bioavailability" in KINDS[chosen[1]] else 1.0
    assert area[0, 0, 0] == pytest.approx(450 * share / values["CL"], rel=2e-3)


@pytest.mark.slow
@few
@given(st.integers(0, 10_000), st.floats(-1e-3, 1e-3))
def test_rates_that_coincide(seed: int, apart: float) -> None:
    """Absorption as fast as disposition: no digit is lost near the point where the closed form divides by zero."""
    for kind, compartments in itertools.product(("first_order", "zero_first", "transit into a depot"), (1, 2)):
        values = drawn(seed)
        known = model(structure(compartments, kind, metabolite=True), {}).structure
        rate = float(central({name: np.array(value) for name, value in values.items()}, compartments).rate[0])
        absorbed, formed = {"ka": rate * (1 + apart)}, {"CLm": values["Vm"] * rate * (1 - apart / 3)}
        for more in (absorbed, formed, absorbed | formed):
            flat = {name: np.full((1, 1), value) for name, value in (values | more).items()}
            whole = course(model(structure(compartments, kind, metabolite=True), {}), [History(DOSES)])
            ours = superposition.concentrations(known, flat, whole, np.array([TIMES]))
            wanted = Reference(known).levels([(np.inf, values | more)], DOSES, TIMES, "expm")
            for one, name in zip(ours, ("c", "cm"), strict=True):
                assert one is not None
                close = 1e-6 if len(more) == 2 and name == "cm" else CLOSE  # three rates that are one
                assert np.abs(one[0, 0] - wanted[name]).max() <= close * np.abs(wanted[name]).max()


def test_lanes_and_rows_are_independent() -> None:
    """Several patients with several draws, histories of unequal length: each as if it were alone."""
    known = model(structure(2, "first_order with lag"), {
        **{name: repr(value) for name, value in drawn(4).items()}, "CL": "5*exp(e)", "lag": "0.5*exp(f)",
    }, {"e": 0.2, "f": 0.1})  # fmt: skip
    prepared = prepare(known)
    histories = [History(DOSES), History(DOSES[:1]), History((*INFUSED, Dose(30, 500, "x")))]
    etas = np.random.default_rng(1).normal(0, 0.4, (3, 7, 2))
    asked = np.array([TIMES] * 3)
    together = predict(prepared, course(known, histories), etas, asked, np.zeros(asked.shape, int)).value
    for row, lane in itertools.product(range(3), range(7)):
        alone = predict(
            prepared,
            course(known, [histories[row]]),
            etas[row : row + 1, lane : lane + 1],
            asked[:1],
            np.zeros((1, len(TIMES)), int),
        ).value
        assert together[row, lane] == pytest.approx(alone[0, 0], rel=1e-12)
