"""Every shipped model: the curve of its typical patient against LSODA on its own equations, and curves that papers print."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from response_reference import Reference

from nof1.knowledge.compiled import knowledge
from nof1.knowledge.formula import parse
from nof1.knowledge.kinetics import PkModel, Published
from nof1.response.course import Course, course
from nof1.response.history import Dose, History
from nof1.response.predict import parameters, predict
from nof1.response.prepared import prepare

MODELS = knowledge().kinetics.models
PRINTED = [(name, item) for name, model in MODELS.items() for item in model.published if item.output]


def covariates(model: PkModel, given: dict[str, float]) -> dict[str, tuple[tuple[float, float], ...]]:
    """Those of a published check; the rest as the model assumes, or the middle of its range."""
    known = {}
    for item in model.covariates:
        span = item.soft or item.hard or [0.0, 0.0]
        value = given.get(item.name, item.assumed if item.assumed is not None else (span[0] + span[1]) / 2)
        known[item.name] = ((0.0, float(value)),)
    return known


def typical(model: PkModel, doses: tuple[Dose, ...], given: dict[str, float], times: np.ndarray, output: int) -> Any:
    prepared = prepare(model)
    arrays = course(model, [History(doses, (), covariates(model, given))])
    etas = np.zeros((1, 1, prepared.size))
    found = predict(prepared, arrays, etas, times[None], np.full((1, len(times)), output)).value[0, 0]
    return found, prepared, arrays, parameters(prepared, arrays, etas)


def segments(arrays: Course, values: dict[str, Any]) -> list[tuple[float, dict[str, float]]]:
    """Until when which parameters hold."""

    def at(value: Any, place: int) -> float:
        flat = np.asarray(value, float).reshape(-1)
        return float(flat[min(place, len(flat) - 1)])

    return [
        (until, {name: at(value, place) for name, value in values.items()}) for place, until in enumerate(arrays.until[0])
    ]


@pytest.mark.parametrize("name", sorted(MODELS))
def test_the_typical_curve_is_what_its_equations_say(name: str) -> None:
    model = MODELS[name]
    entry = model.structure.inputs[0]
    duration = 1.0 if entry.kind == "bolus" and "oral" not in entry.routes else 0.0
    doses = tuple(Dose(12.0 * number, 300.0, entry.routes[0], duration) for number in range(3))
    times = np.array([0.7, 1.5, 4.0, 11.9, 13.2, 20.0, 24.0, 25.5, 31.0, 48.0])
    given = next((item.covariates for item in model.published if item.covariates), {})
    found, prepared, arrays, values = typical(model, doses, given, times, 0)
    parts = segments(arrays, values)
    seen = Reference(model.structure).levels(parts, doses, times.tolist(), "lsoda", arrays.is_backward)
    expected = []
    for number, time in enumerate(times):
        known = dict(next(part for until, part in parts if time <= until))
        known |= {key: float(column[number]) for key, column in seen.items()}
        for moment in model.structure.moments:
            known[moment.name] = float(parse(moment.formula).evaluate(known))
        expected.append(float(prepared.outputs[model.outputs[0].name].evaluate(known)))
    np.testing.assert_allclose(found, expected, rtol=1e-4 if prepared.is_driven else 1e-6)
    assert np.ptp(found) > 0.01 * np.abs(found).max()


@pytest.mark.parametrize(("name", "item"), PRINTED, ids=[f"{name} at {item.time:g} h" for name, item in PRINTED])
def test_a_curve_that_a_paper_prints(name: str, item: Published) -> None:
    model = MODELS[name]
    doses = tuple(Dose(time, amount, item.route, duration) for time, amount, duration in item.doses)
    place = [output.name for output in model.outputs].index(item.output)
    found, *_ = typical(model, doses, item.covariates, np.array([item.time]), place)
    assert found[0] == pytest.approx(item.value, rel=item.tolerance)
