"""Closed forms, propagation and integration against matrix exponentials and LSODA, and the laws they obey."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from response_cases import CLOSE, DOSES, INFUSED, KINDS, TIMES, curve, drawn, structure
from response_models import covariate, model
from response_reference import Engine, Reference

from nof1.errors import InputError
from nof1.response import integration, propagation, superposition
from nof1.response.course import course
from nof1.response.history import Dose, History, Level
from nof1.response.predict import predict
from nof1.response.prepared import prepare

EVERY = [(compartments, kind) for compartments in (1, 2, 3) for kind in KINDS]


def run(shape: dict[str, Any], values: dict[str, float], doses: tuple[Dose, ...], times: Any = TIMES) -> dict[str, Any]:
    """Ours, by every engine that can: name to concentrations (times), ``cm``, ``area``."""
    known = model(shape, {})
    whole = course(known, [History(doses)])
    flat = {name: np.full((1, 1), value) for name, value in values.items()}
    deep = {name: value[..., None] for name, value in flat.items()}
    asked = np.array([times], float)
    integrated = integration.integrate(known.structure, deep, whole, asked, has_area=True)
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
    with pytest.raises(InputError, match=r"half-life of 6\.93e\+05 h"):
        propagation.concentrations(model(shape, {}).structure, deep, whole, np.array([[1.0]]))


@pytest.mark.parametrize("elimination", ["michaelis_menten", "parallel"])
@pytest.mark.parametrize("compartments", [1, 2, 3])
def test_saturable_elimination(elimination: str, compartments: int) -> None:
    for seed in range(2):
        shape, values = structure(compartments, "first_order", elimination=elimination), drawn(seed + 20)
        known = model(shape, {})
        deep = {name: np.full((1, 1, 1), value) for name, value in values.items()}
        arrays = course(known, [History(INFUSED)])
        found = integration.integrate(known.structure, deep, arrays, np.array([TIMES]), has_area=True)
        assert found.area is not None
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
