"""Inputs by hand, from JSON or the command line, as equations of risk take them: units converted or refused by name."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from nof1.errors import InputError, RequestError, UnitError
from nof1.jobs.risk_units import from_hand
from nof1.knowledge.check_rules import nearest
from nof1.knowledge.risk_equations import RiskEquation, RiskInput
from nof1.knowledge.schema import Knowledge
from nof1.model.risks import RiskInputUsed
from nof1.risk.columns import read_columns
from nof1.risk.finding import written

GIVEN = "given"
_WRITTEN = re.compile(r"\s*([-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)\s*(\S.*)?")
_PLAIN = frozenset({"1", "a"})  # units that a bare number may have: a count, years
_KEYS = frozenset({"value", "unit"})
_SHOWN = 60
_LARGEST = 1e300  # beyond it a whole number is no float


def check_names(equations: Sequence[RiskEquation], given: Mapping[str, Any]) -> None:
    """Refuse a name in ``given`` that none of ``equations`` asks for."""
    known = {item.name for equation in equations for item in equation.inputs}
    for name in given:
        if name not in known:
            raise RequestError(f"risk: {name!r} is no input; {nearest(name, known)}known are {', '.join(sorted(known))}")


def by_hand(
    known: Knowledge, equations: Sequence[RiskEquation], given: Mapping[str, Any]
) -> dict[str, tuple[dict[str, RiskInputUsed], tuple[str, ...]]]:
    """By equation, what ``given`` says of its inputs, and notes on what it could not use.

    A value that no equation can use is refused (``InputError``); one that some cannot (a choice they do not have) is left
    out there, with a note.
    """
    check_names(equations, given)
    found: dict[str, dict[str, RiskInputUsed]] = {equation.id: {} for equation in equations}
    notes: dict[str, list[str]] = {equation.id: [] for equation in equations}
    for name, value in given.items():
        errors: list[InputError] = []
        asking = [(one, item) for one in equations for item in one.inputs if item.name == name]
        for equation, item in asking:
            try:
                if (one := read_input(known, equation, item, value)) is not None:
                    found[equation.id][name] = one
            except InputError as error:
                errors.append(error)
                notes[equation.id].append(str(error))
        if len(errors) == len(asking):
            raise errors[0]
    return {name: (found[name], tuple(notes[name])) for name in found}


def read_input(known: Knowledge, equation: RiskEquation, item: RiskInput, value: Any) -> RiskInputUsed | None:
    """One input by hand; ``None`` for one that is said not to be known. Raises ``InputError`` for what cannot be."""
    place = f"risk: {equation.id}: {item.name} ({item.title})"
    if value is None:
        return None
    if not isinstance(value, str | int | float | Mapping):
        raise RequestError(f"{place} is {str(value)[:_SHOWN]}; give one value")
    if item.kind == "number":
        number = _number(known, item, value, place)
        read_columns(equation, {item.name: number})
        return RiskInputUsed(item.name, item.title, number, item.unit, written(item, number), GIVEN)
    if isinstance(value, Mapping):
        raise RequestError(f"{place} is {dict(value)!r}; give it without a unit")
    columns = read_columns(equation, {item.name: value})
    if item.kind == "flag":
        flag = float(columns.numbers[item.name][0])
        if math.isnan(flag):
            return None
        return RiskInputUsed(item.name, item.title, flag, "1", written(item, flag), GIVEN)
    code = int(columns.codes[item.name][0])
    if code < 0:
        return None
    choice = item.choices[code]
    return RiskInputUsed(item.name, item.title, choice.code, "1", choice.title, GIVEN)


def _number(known: Knowledge, item: RiskInput, value: Any, place: str) -> float:
    number, unit = _parts(item, value, place)
    if not math.isfinite(number):
        raise RequestError(f"{place} is {number}; give a number, or leave it out")
    if not unit and item.unit not in _PLAIN:
        raise RequestError(f'{place} is {number:g} without a unit; write it, as in "{number:g} {item.unit}"')
    if not unit:
        return number
    try:
        return from_hand(known, item, number, unit)
    except UnitError as error:
        raise RequestError(f"{place} is {number:g} {unit}: {error}") from error


def _parts(item: RiskInput, value: Any, place: str) -> tuple[float, str]:
    """Number and unit of 5.2, "5.2 mmol/L" or {"value": 5.2, "unit": "mmol/L"}."""
    example = f'"{item.plausible[0]:g} {item.unit}"' if item.unit not in _PLAIN else "a number"
    if isinstance(value, Mapping):
        if (
            set(map(str, value)) - _KEYS
            or not isinstance(value.get("value"), int | float)
            or isinstance(value.get("value"), bool)
        ):
            raise RequestError(f"{place} is {dict(value)!r}; write value (a number) and unit")
        return _float(value["value"]), str(value.get("unit", "")).strip()
    if isinstance(value, str) and (read := _WRITTEN.fullmatch(value)):
        return float(read[1]), (read[2] or "").strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _float(value), ""
    raise RequestError(f"{place} is {value!r}; write it as {example}")


def _float(value: float) -> float:
    return math.inf if isinstance(value, int) and abs(value) > _LARGEST else float(value)
