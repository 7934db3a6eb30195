"""What a model predicts for given random effects: concentrations and effects at the times asked for, with their error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.knowledge.formula import parse
from nof1.knowledge.kinetics import Structure
from nof1.response import driven, integration, propagation, superposition
from nof1.response.course import Course
from nof1.response.prepared import Prepared, individual

Values = NDArray[Any]
_DRIVEN_AT_ONCE = 1000  # lanes whose effects are followed together
_MULTIPLES = 4000  # lanes times amounts that are followed together
_AT_ONCE = 2_000_000  # numbers in one array; more lanes are taken in turns


@dataclass(frozen=True, slots=True)
class Predicted:
    """``value`` and ``sd`` of the error, (rows, lanes, times); ``names``: everything formulas may ask, at those times."""

    value: Values
    sd: Values


def predict(prepared: Prepared, course: Course, etas: Values, times: Values, output: Values) -> Predicted:
    """Predictions of outputs ``output`` (rows, times; places in the model) at ``times`` (rows, times), hours.

    ``etas`` (rows, lanes, size of the random effects), real or complex.
    """
    rows, lanes = etas.shape[:2]
    if needs_integration(prepared) and (new := _is_new(etas)).sum() < lanes:
        found, place = _predict(prepared, course, etas[:, new], times, output), np.cumsum(new) - 1
        return Predicted(found.value[:, place], found.sd[:, place])
    cost = max(1, rows * times.shape[-1] * max(1, course.time.shape[-1]))
    step = max(1, (_DRIVEN_AT_ONCE // rows) if prepared.is_driven else _AT_ONCE // cost)
    if step < lanes and not needs_integration(prepared):
        parts = [_predict(prepared, course, etas[:, at : at + step], times, output) for at in range(0, lanes, step)]
        return Predicted(*(np.concatenate([getattr(part, name) for part in parts], axis=1) for name in ("value", "sd")))
    return _predict(prepared, course, etas, times, output)


def _is_new(etas: Values) -> Values:
    """Whether a lane differs from the one before it: draws that count more than once stand beside each other."""
    return np.append(True, (etas[:, 1:] != etas[:, :-1]).any(axis=(0, 2)))


def predict_multiples(
    prepared: Prepared, pair: Course, amounts: Values, etas: Values, times: Values, output: int, now: float
) -> Values:
    """Predictions of ``output`` at ``times`` (n) for doses from ``now`` on of each of ``amounts``: (amounts, lanes, n).

    For models whose effects are driven. ``pair``: two rows that differ in these doses alone, 0 in the first and 1 in the
    second. ``etas`` (lanes, size). The history up to ``now`` is followed once.
    """
    step = max(1, _MULTIPLES // len(amounts))
    parts = []
    for at in range(0, len(etas), step):
        values = parameters(prepared, pair.of(np.array([0])), etas[None, at : at + step])
        level, states = driven.follow_multiples(prepared.model.structure, values, pair, amounts, times, now)
        names, course = {"c": level, **states}, pair.of(np.ones(len(amounts), int))
        every, places = np.tile(times, (len(amounts), 1)), np.full((len(amounts), len(times)), output)
        names = _with_moments(prepared.model.structure, values, course, every, names)
        names = {**_at_times(course, values, every), **names}
        parts.append(_outputs(prepared, names, places, level.shape).value)
    return np.concatenate(parts, axis=1)


def needs_integration(prepared: Prepared) -> bool:
    """Whether levels and effects have to be integrated by small steps of their own choice."""
    structure = prepared.model.structure
    return structure.elimination != "linear" or bool(structure.states and not prepared.is_driven)


def is_linear(prepared: Prepared) -> bool:
    """Whether everything predicted is in proportion to the doses."""
    structure = prepared.model.structure
    return structure.elimination == "linear" and not structure.states


def _predict(prepared: Prepared, course: Course, etas: Values, times: Values, output: Values) -> Predicted:
    values = parameters(prepared, course, etas)
    names = _at_times(course, values, times)
    names.update(levels(prepared, values, course, times))
    return _outputs(prepared, names, output, (*etas.shape[:2], times.shape[-1]))


def parameters(prepared: Prepared, course: Course, etas: Values) -> dict[str, Any]:
    """Numbers, covariates and parameters by name, (rows, lanes, segments)."""
    covariates = {name: values[:, None, :] for name, values in course.covariates.items()}
    return individual(prepared, covariates, etas, course.occasion)


def levels(prepared: Prepared, values: Mapping[str, Any], course: Course, times: Values) -> dict[str, Values]:
    """``c``, ``cm`` and the states at ``times``, each (rows, lanes, times)."""
    structure = prepared.model.structure
    if prepared.is_driven:
        level, states = driven.follow(structure, values, course, times)
        return _with_moments(structure, values, course, times, {"c": level, **states})
    if needs_integration(prepared):
        found = integration.integrate(structure, values, course, times, is_searching=prepared.is_searching)
        known = {"c": found.parent, **({} if found.metabolite is None else {"cm": found.metabolite}), **found.states}
        return _with_moments(structure, values, course, times, known)
    own = {item.name: _three(values[item.name]) for item in prepared.model.parameters}
    if superposition.has_concentrations(structure, course):
        constant = {name: value[..., 0] for name, value in own.items()}
        parent, other = superposition.concentrations(structure, constant, course, times)
    else:
        parent, other = propagation.concentrations(structure, own, course, times)
    return {"c": parent, **({} if other is None else {"cm": other})}


def _with_moments(
    structure: Structure, values: Mapping[str, Any], course: Course, times: Values, known: dict[str, Values]
) -> dict[str, Values]:
    """``known`` and the quantities of each moment, which outputs may ask for."""
    if not structure.moments:
        return known
    names = {**_at_times(course, values, times), **known}
    for moment in structure.moments:
        names[moment.name] = known[moment.name] = np.asarray(parse(moment.formula).evaluate(names))
    return known


def _three(value: Any) -> Values:
    array = np.asarray(value)
    return array if array.ndim == 3 else array.reshape(1, 1, 1)


def _at_times(course: Course, values: Mapping[str, Any], times: Values) -> dict[str, Any]:
    """Everything by name, in the segment of each time."""
    if course.until.shape[1] == 1:
        return dict(values)
    held = propagation.segment(course, times[:, None, :])
    return {
        name: propagation.at(np.asarray(value), held) if np.ndim(value) == 3 else value for name, value in values.items()
    }


def _outputs(prepared: Prepared, names: dict[str, Any], output: Values, shape: tuple[int, ...]) -> Predicted:
    value, sd = np.zeros(shape), np.zeros(shape)
    for place, item in enumerate(prepared.model.outputs):
        chosen = (output == place)[:, None, :]
        if not chosen.any():
            continue
        own = np.asarray(prepared.outputs[item.name].evaluate(names))
        value = np.where(chosen, own, value)
        sd = np.where(chosen, _sd(item.residual, names, own), sd)
    return Predicted(np.broadcast_to(value, shape), np.broadcast_to(sd, shape))


def _sd(residual: Any, names: Mapping[str, Any], value: Values) -> Values:
    """Standard deviation of the error at ``value``; of a logarithm it is that of the logarithm."""
    additive = parse(residual.additive).evaluate(names) if residual.additive else 0.0
    proportional = parse(residual.proportional).evaluate(names) if residual.proportional else 0.0
    match residual.kind:
        case "additive":
            return np.asarray(additive + 0 * value)
        case "proportional":
            return np.asarray(proportional * value)
        case "combined1":
            return np.asarray(additive + proportional * value)
        case "combined2":
            return np.asarray(np.sqrt(additive**2 + (proportional * value) ** 2))
    return np.asarray(proportional + 0 * value)
