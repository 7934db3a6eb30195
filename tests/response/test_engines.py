"""Closed forms, propagation and integration against matrix exponentials and LSODA, and the laws they obey."""

from __future__ import annotations

import csv
import itertools
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from response_models import covariate, model
from response_reference import Engine, Reference

from nof1.errors import InputError
from nof1.response import integration, propagation, superposition
from nof1.response.course import course
from nof1.response.estimate import objective
from nof1.response.exponentials import central
from nof1.response.history import Dose, History, Level
from nof1.response.objective import slope
from nof1.response.predict import predict
from nof1.response.prepared import prepare

TIMES = (0.0, 0.3, 1.0, 2.5, 7.0, 11.9, 12.0, 13.0, 24.0, 30.5, 47.0)
CLOSE = 1e-8
SPREAD = {
    "CL": (0.5, 20), "V": (5, 100), "Q": (0.5, 20), "V2": (5, 200), "Q3": (0.1, 5), "V3": (20, 400), "ka": (0.1, 3),
    "ktr": (0.3, 6), "duration": (0.5, 6), "lag": (0.05, 2.5), "F": (0.2, 1), "F1": (0.1, 0.9), "CLm": (0.5, 20),
    "Vm": (2, 50), "fm": (0.1, 1), "Vmax": (5, 60), "Km": (0.2, 8), "ka2": (0.05, 0.8), "lag2": (0.5, 4),
    "start": (40, 120), "kout": (0.02, 0.3), "C50": (0.2, 5),
}  # fmt: skip
KINDS: dict[str, dict[str, Any]] = {
    "bolus": {"kind": "bolus"},
    "bolus with lag": {"kind": "bolus", "lag": "lag", "bioavailability": "F"},
    "zero_order": {"kind": "zero_order", "duration": "duration"},
    "zero_order with lag": {"kind": "zero_order", "duration": "duration", "lag": "lag"},
    "first_order": {"kind": "first_order", "ka": "ka"},
    "first_order with lag": {"kind": "first_order", "ka": "ka", "lag": "lag", "bioavailability": "F"},
    "zero_first": {"kind": "zero_first", "ka": "ka", "duration": "duration"},
    "transit": {"kind": "transit", "ktr": "ktr", "transits": 4},
    "transit into a depot": {"kind": "transit", "ktr": "ktr", "transits": 3, "ka": "ka"},
}
DOSES = (Dose(0, 100, "x"), Dose(12, 200, "x"), Dose(24, 150, "x"))
INFUSED = (Dose(0, 100, "x", 1.5), Dose(12, 200, "x"), Dose(24, 150, "x", 0.5))
EVERY = [(compartments, kind) for compartments in (1, 2, 3) for kind in KINDS]


def drawn(seed: int) -> dict[str, float]:
    rng = np.random.default_rng(seed)
    return {name: float(np.exp(rng.uniform(np.log(low), np.log(high)))) for name, (low, high) in SPREAD.items()}


def structure(compartments: int, kind: str, **more: Any) -> dict[str, Any]:
    return {"compartments": compartments, "inputs": [{"routes": ["x"], **KINDS[kind]}], **more}


def run(shape: dict[str, Any], values: dict[str, float], doses: tuple[Dose, ...], times: Any = TIMES) -> dict[str, Any]:
    """Ours, by every engine that can: name to concentrations (times), ``cm``, ``area``."""
    known = model(shape, {})
    whole = course(known, [History(doses)])
    flat = {name: np.full((1, 1), value) for name, value in values.items()}
    deep = {name: value[..., None] for name, value in flat.items()}
    asked = np.array([times], float)
    integrated = integration.integrate(known.structure, deep, whole, asked)
    found: dict[str, Any] = {
        "integrated": (integrated.parent, integrated.metabolite, integrated.area),
        "propagated": (*propagation.concentrations(known.structure, deep, whole, asked), None),
    }
    if superposition.has_concentrations(known.structure, whole):
        area = superposition.areas(known.structure, flat, whole, asked) if superposition.has_area(
            known.structure, whole) else None  # fmt: skip
        found["closed"] = (*superposition.concentrations(known.structure, flat, whole, asked), area)
    return {name: [None if part is None else part[0, 0] for part in parts] for name, parts in found.items()}


def same(ours: dict[str, Any], reference: dict[str, np.ndarray]) -> None:
    for name, (parent, metabolite, area) in ours.items():
        for what, value, other in (("c", parent, "c"), ("cm", metabolite, "cm"), ("area", area, "area")):
            if value is not None:
                wanted = reference[other]
                assert np.abs(value - wanted).max() <= CLOSE * np.abs(wanted).max(), (name, what, value - wanted)


@pytest.mark.parametrize("doses", [DOSES, INFUSED], ids=["doses", "infusions"])
@pytest.mark.parametrize(("compartments", "kind"), EVERY)
def test_matrix_exponentials(compartments: int, kind: str, doses: tuple[Dose, ...]) -> None:
    for seed in range(4):
        shape = structure(compartments, kind, metabolite=seed % 2 == 1)
        values = drawn(seed)
        reference = Reference(model(shape, {}).structure).levels([(np.inf, values)], doses, TIMES, "expm")
        same(run(shape, values, doses), reference)


@pytest.mark.parametrize(("compartments", "kind"), [(1, "zero_first"), (2, "first_order with lag"), (3, "transit")])
def test_lsoda(compartments: int, kind: str) -> None:
    shape, values = structure(compartments, kind, metabolite=True), drawn(11)
    same(
        run(shape, values, INFUSED),
        Reference(model(shape, {}).structure).levels([(np.inf, values)], INFUSED, TIMES, "lsoda"),
    )


@pytest.mark.parametrize("compartments", [1, 2, 3])
@pytest.mark.parametrize("first", ["zero_order", "first_order"])
def test_parallel_absorption(compartments: int, first: str) -> None:
    second = {"routes": ["x"], "kind": "first_order", "ka": "ka2", "fraction": "F2", "lag": "lag2"}
    shape = {"compartments": compartments, "inputs": [{"routes": ["x"], **KINDS[first], "fraction": "F1"}, second]}
    values = drawn(compartments)
    values["F2"] = 1 - values["F1"]
    same(run(shape, values, DOSES), Reference(model(shape, {}).structure).levels([(np.inf, values)], DOSES, TIMES, "expm"))


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("duration", [0.0, 2.0, 30.0])
def test_steady_state(kind: str, duration: float) -> None:
    """Against the train written out; before the dose, with a lag, and with infusions longer than the interval too."""
    shape, values = structure(2, kind, metabolite=True), drawn(3) | {"Q": 6.0, "V2": 40.0}
    steady = (Dose(0, 100, "x", duration, 12, 0, True), Dose(12, 200, "x", duration), Dose(24, 150, "x"))
    train = tuple(Dose(-12.0 * number, 100, "x", duration) for number in range(150, 0, -1))
    written = (*train, *(Dose(dose.time, dose.amount, "x", dose.duration) for dose in steady))
    times = (-5.0, -0.1, *TIMES)
    ours = run(shape, values, steady, times)
    reference = Reference(model(shape, {}).structure).levels([(np.inf, values)], written, times, "expm")
    for parts in ours.values():
        parts[2] = None  # the area of a train without beginning is without end
    same(ours, reference)


def test_a_train_that_never_settles_is_refused() -> None:
    shape, values = structure(1, "bolus"), {"CL": 1e-4, "V": 100.0}
    deep = {name: np.full((1, 1, 1), value) for name, value in values.items()}
    whole = course(model(shape, {}), [History((Dose(0, 1, "x", interval=12, is_steady=True),))])
    with pytest.raises(InputError, match="half-life of 6.93e\\+05 h"):
        propagation.concentrations(model(shape, {}).structure, deep, whole, np.array([[1.0]]))


@pytest.mark.parametrize("elimination", ["michaelis_menten", "parallel"])
@pytest.mark.parametrize("compartments", [1, 2, 3])
def test_saturable_elimination(elimination: str, compartments: int) -> None:
    for seed in range(2):
        shape, values = structure(compartments, "first_order", elimination=elimination), drawn(seed + 20)
        known = model(shape, {})
        deep = {name: np.full((1, 1, 1), value) for name, value in values.items()}
        found = integration.integrate(known.structure, deep, course(known, [History(INFUSED)]), np.array([TIMES]))
        reference = Reference(known.structure).levels([(np.inf, values)], INFUSED, TIMES, "lsoda")
        same({"integrated": [found.parent[0, 0], None, found.area[0, 0]]}, reference)


@pytest.mark.parametrize("more", [{}, {"metabolite": True}, {"elimination": "parallel"}, {"states": [
    {"name": "effect", "start": "1", "rate": "c - effect"}]}])  # fmt: skip
def test_whole_numbers_are_numbers(more: dict[str, Any]) -> None:
    values = {"CL": 5, "V": 50, "V2": 80, "Q": 4, "ka": 1, "CLm": 3, "Vm": 20, "fm": 1, "Vmax": 20, "Km": 2}
    shape = structure(2, "first_order", **more)
    whole = curve(shape, values, DOSES)
    assert whole == pytest.approx(curve(shape, {name: float(value) for name, value in values.items()}, DOSES), rel=1e-12)


def test_an_effect_driven_by_the_level() -> None:
    response = {"name": "inr", "start": "start", "rate": "kout*(start*(1 - c/(C50 + c)) - inr)"}
    shape, values = structure(2, "first_order", states=[response]), drawn(31)
    known = model(shape, {})
    deep = {name: np.full((1, 1, 1), value) for name, value in values.items()}
    found = integration.integrate(known.structure, deep, course(known, [History(DOSES)]), np.array([TIMES]))
    reference = Reference(known.structure).levels([(np.inf, values)], DOSES, TIMES, "lsoda")
    assert np.abs(found.states["inr"][0, 0] / reference["inr"] - 1).max() < CLOSE
    assert found.states["inr"][0, 0].min() < 0.9 * values["start"]


BORDERS = (0.0, 6.0, 12.0, 20.0)


@pytest.mark.parametrize("carried", ["forward", "backward"])
@pytest.mark.parametrize("kind", ["bolus", "first_order with lag", "transit", "zero_order"])
def test_covariates_that_change(carried: str, kind: str) -> None:
    """Weights at four times, one of them that of a dose: with the new value from then on, or up to then."""
    weights, values = (50.0, 80.0, 65.0, 110.0), drawn(5)
    shape = structure(2, kind, metabolite=True)
    formulas = {name: repr(value) for name, value in values.items()}
    formulas |= {
        "CL": f"{values['CL']}*(weight/70)**0.75",
        "V": f"{values['V']}*weight/70",
        "F": f"{values['F']}*weight/150",
    }
    outputs = [
        {"name": name, "formula": name, "unit": "mg/L", "residual": {"kind": "additive", "additive": "1"}}
        for name in ("c", "cm")
    ]
    known = model(shape, formulas, covariates=[covariate("weight", carried)], outputs=outputs)
    one = History(INFUSED, (), {"weight": tuple(zip(BORDERS, weights, strict=True))})
    found = predict(
        prepare(known), course(known, [one]), np.zeros((1, 1, 0)), np.array([TIMES * 2]), np.repeat([[0, 1]], len(TIMES), 1)
    ).value[0, 0].reshape(2, -1)  # fmt: skip
    ends = [*BORDERS[1:], np.inf] if carried == "forward" else [*BORDERS[:-1], np.inf]
    segments = [
        (end, {**values, "CL": values["CL"] * (one / 70) ** 0.75, "V": values["V"] * one / 70, "F": values["F"] * one / 150})
        for end, one in zip(ends, weights, strict=True)
    ]
    reference = Reference(known.structure).levels(segments, INFUSED, TIMES, "expm", carried == "backward")
    for row, name in zip(found, ("c", "cm"), strict=True):
        assert np.abs(row - reference[name]).max() <= CLOSE * reference[name].max(), name


@pytest.mark.parametrize("engine", ["expm", "lsoda"])
def test_occasions(engine: Engine) -> None:
    """Each occasion has its own clearance; saturable elimination likewise, by integration."""
    is_linear = engine == "expm"
    shape = structure(2, "first_order", elimination="linear" if is_linear else "parallel")
    values = drawn(7)
    formulas = {name: repr(value) for name, value in values.items()} | {"CL": f"{values['CL']}*exp(e + k)"}
    known = model(shape, formulas, {"e": 0.1, "k@occasion": 0.2})
    one = History(DOSES, (Level(1, 1),), occasions=(0.0, 12.0, 24.0))
    prepared, whole = prepare(known, 3), course(known, [one])
    etas = np.array([[[0.1, -0.3, 0.2, 0.6]]])
    found = predict(prepared, whole, etas, np.array([TIMES]), np.zeros((1, len(TIMES)), int)).value[0, 0]
    segments = [
        (end, {**values, "CL": values["CL"] * np.exp(0.1 + k)})
        for end, k in zip((12.0, 24.0, np.inf), (-0.3, 0.2, 0.6), strict=True)
    ]
    reference = Reference(known.structure).levels(segments, DOSES, TIMES, engine)["c"]
    assert np.abs(found - reference).max() <= CLOSE * reference.max()


def nonmem_cases() -> list[str]:
    return [*map(str, range(1, 20)), "102", "109", "110", "111", "210", "211", "310", "311"]


@pytest.mark.parametrize("number", nonmem_cases())
def test_nonmem_simulations(reference_data: Path, number: str) -> None:
    """Doses of every sort as NONMEM simulated them (nlmixr2data, nmtest): CL 1.1, V 20, ka 1.5; printed to five digits.

    An infusion's rate is given: bioavailability shortens it. Left out: resets, a second train on top of a first one, and lags
    of more than an interval (there NONMEM's own values are negative).
    """
    every = defaultdict(list)
    for row in csv.DictReader((reference_data / "response" / "pk" / "nlmixr2data" / "nmtest.csv").read_text().splitlines()):
        every[row["id"]].append(row)
    rows, doses = every[number], []
    first = rows[0]
    for row in rows:
        if row["evid"] == "1":
            rate, amount = float(row["rate"]), float(row["amt"]) * float(row["bioav"])
            duration = amount / rate if rate > 0 else float(row["dur2"]) if rate == -2 else 0.0
            lag = float(row["lagt"])
            doses.append(
                Dose(
                    float(row["time"]) + lag,
                    amount,
                    row["cmt"],
                    duration,
                    float(row["ii"]),
                    int(row["addl"]),
                    row["ss"] == "1",
                )
            )
    inputs = [{"routes": ["1"], "kind": "first_order", "ka": "ka"}, {"routes": ["2"], "kind": "bolus"}]
    known = model({"compartments": 1, "inputs": inputs}, {"CL": "1.1", "V": "20", "ka": "1.5"})
    seen = [row for row in rows if row["evid"] == "0" and float(row["time"]) > 0 and row["cmt"] == "2"]
    times = np.array([[float(row["time"]) for row in seen]])
    theirs = np.array([float(row["cp"]) for row in seen])
    found = predict(
        prepare(known), course(known, [History(tuple(doses))]), np.zeros((1, 1, 0)), times, np.zeros(times.shape, int)
    )
    starts = {dose.time + extra * dose.interval for dose in doses for extra in range(dose.additional + 1)}
    is_plain = np.array([not any(abs(time - start) < 1e-9 for start in starts) for time in times[0]])
    ours = 1000 * found.value[0, 0]
    assert is_plain.sum() > 30, first
    assert ours[is_plain] == pytest.approx(theirs[is_plain], rel=1e-4, abs=2e-4 * theirs.max())


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


def curve(shape: dict[str, Any], values: Mapping[str, float], doses: tuple[Dose, ...], times: Any = TIMES) -> np.ndarray:
    known = model(shape, {name: repr(value) for name, value in values.items()})
    asked = np.array([times], float)
    return predict(
        prepare(known), course(known, [History(doses)]), np.zeros((1, 1, 0)), asked, np.zeros(asked.shape, int)
    ).value[0, 0]


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
    area = integration.integrate(known.structure, deep, course(known, [History(DOSES)]), np.array([[5_000.0]])).area
    share = values["F"] if "bioavailability" in KINDS[chosen[1]] else 1.0
    assert area[0, 0, 0] == pytest.approx(450 * share / values["CL"], rel=2e-3)


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
