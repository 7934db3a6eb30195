"""Effects that follow a level on a grid against the same equations by the integrator."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from nof1.knowledge.kinetics import PkModel
from nof1.response import integration
from nof1.response.course import course
from nof1.response.driven import is_driven
from nof1.response.history import Dose, History
from nof1.response.predict import parameters, predict
from nof1.response.prepared import prepare


def model(states: list[dict[str, str]], moments: list[dict[str, str]], formula: str) -> PkModel:
    return msgspec.convert(
        {
            "schema": 1, "id": "x", "drug": "x", "title": "x", "population": "x", "people": 1, "source": "x#y",
            "status": "provisional", "checked": "2026-11-26", "dose_unit": "mg",
            "structure": {
                "compartments": 1, "inputs": [{"routes": ["oral"], "kind": "first_order", "ka": "ka"}],
                "states": states, "moments": moments,
            },
            "numbers": [],
            "covariates": [{"name": "w", "title": "w", "unit": "kg"}],
            "parameters": [
                {"name": "CL", "unit": "L/h", "formula": "0.3 * w / 70 * exp(e)"}, {"name": "V", "unit": "L", "formula": "14"},
                {"name": "ka", "unit": "/h", "formula": "2"}, {"name": "k", "unit": "/h", "formula": "0.1 * exp(f)"},
            ],
            "effects": [{"name": "e", "variance": "0.1"}, {"name": "f", "variance": "0.05"}],
            "outputs": [{"name": "r", "formula": formula, "unit": "1", "residual": {"kind": "additive", "additive": "1"}}],
            "validation": {"implementation": "", "numerical": ""},
        },
        PkModel,
    )  # fmt: skip


CHAIN = [{"name": "a", "start": "1", "rate": "k * (1 - drop - a)"}, {"name": "b", "start": "1", "rate": "k * (a - b)"}]
DROP = [{"name": "drop", "formula": "c / (c + 0.5)"}]
TURNOVER = [{"name": "r1", "start": "10", "rate": "k * 10 * (1 - c / (c + 0.5)) - k * r1"}]
LOSS = [{"name": "r1", "start": "10", "rate": "k * 10 - k * (1 - c / (c + 0.5)) * r1"}]
SQUARE = [{"name": "r1", "start": "10", "rate": "k * 10 - k * c * 0 - k * r1 * r1 / 10"}]


def test_which_effects_are_linear() -> None:
    assert is_driven(model(CHAIN, DROP, "b").structure)
    assert is_driven(model(TURNOVER, [], "r1").structure)
    assert not is_driven(model(LOSS, [], "r1").structure)  # the level changes how fast it is lost
    assert not is_driven(model(SQUARE, [], "r1").structure)
    assert not is_driven(model([], [], "c").structure)


@pytest.mark.parametrize(("states", "moments", "formula"), [(CHAIN, DROP, "1 + 9 * b + drop"), (TURNOVER, [], "r1")])
@pytest.mark.parametrize("changing", [False, True], ids=["constant", "changing covariate"])
def test_as_the_integrator(
    states: list[dict[str, str]], moments: list[dict[str, str]], formula: str, changing: bool
) -> None:
    found = model(states, moments, formula)
    prepared = prepare(found)
    weights = ((0.0, 70.0), (100.0, 90.0), (150.0, 60.0)) if changing else ((0.0, 70.0),)
    doses = tuple(Dose(24.0 * day + (3 if day == 4 else 0), 6.0 if day < 6 else 9.0, "oral") for day in range(12))
    arrays = course(found, [History(doses, (), {"w": weights})])
    etas = np.random.default_rng(3).standard_normal((1, 5, 2)) * 0.3
    times = np.array([[0.5, 10, 30.2, 77, 99.9, 100, 101, 160, 250, 300]])
    quick = predict(prepared, arrays, etas, times, np.zeros((1, 10), int)).value
    values = parameters(prepared, arrays, etas)
    slow = integration.integrate(found.structure, values, arrays, times)
    names = {**{name: value for name, value in values.items() if np.ndim(value) < 3 or value.shape[2] == 1}, **slow.states}
    names["drop"] = slow.parent / (slow.parent + 0.5)
    expected = prepared.outputs["r"].evaluate(names)
    np.testing.assert_allclose(quick, expected, rtol=1e-4)


def test_effects_that_vary_while_the_level_does_not() -> None:
    """Random effects on the response alone: one level for all draws, a response for each."""
    known = model(TURNOVER, [], "r1")
    known = msgspec.structs.replace(
        known, effects=[msgspec.structs.replace(known.effects[0], variance="0"), known.effects[1]]
    )
    prepared = prepare(known)
    assert prepared.is_driven
    whole = course(known, [History((Dose(0, 10, "oral"), Dose(24, 10, "oral")), (), {"w": ((0.0, 70.0),)})])
    times, output = np.array([[1.0, 12.0, 30.0]]), np.zeros((1, 3), int)
    etas = np.linspace(-0.5, 0.5, 6)[None, :, None]
    together = predict(prepared, whole, etas, times, output).value[0]
    for lane in range(6):
        alone = predict(prepared, whole, etas[:, lane : lane + 1], times, output).value[0, 0]
        assert together[lane] == pytest.approx(alone, rel=1e-12)
    assert np.ptp(together[:, 2]) > 0.1
