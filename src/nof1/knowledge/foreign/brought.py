"""What a foreign model file gives: a model in our shape, and what of the file is not in it. Shared checks of its numbers."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.errors import RequestError
from nof1.knowledge.check_kinetics import check_model
from nof1.knowledge.kinetics import Covariance, Effect, PkModel, Validation

MOST_NAME = 64


@dataclass(frozen=True, slots=True)
class Brought:
    """``model``, and ``notes``: one sentence for each thing left out, assumed or approximated (they stand in it as well)."""

    model: PkModel
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user says beside the file: its ``name``, the ``drug`` it is of, and ``today`` (ISO)."""

    name: str
    drug: str
    today: str


def finite(value: Any, place: str, least: float = -math.inf) -> float:
    """``value`` as a number of at least ``least``. Raises ``RequestError``."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= sys.float_info.max:
        raise RequestError(f"{place} is {_shown(value)}; write a number")
    if value < least:
        raise RequestError(f"{place} is {value}; write a number of {least:g} or more")
    return float(value)


def named(value: Any, place: str) -> str:
    """``value`` as a name of letters, digits and _. Raises ``RequestError``."""
    if not isinstance(value, str) or len(value) > MOST_NAME or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
        raise RequestError(f"{place} is {_shown(value)}; write a name of letters, digits and _, {MOST_NAME} at most")
    return value


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."


def plain(text: Any) -> str:
    """A text of the file on one line, at most 500 characters."""
    return " ".join(text.split())[:500] if isinstance(text, str) else ""


def identifier(text: str) -> str:
    """``text`` as the id of a model.

    >>> identifier("PK model_1")
    'pk-model-1'
    """
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.")[:100] or "model"


def effects_of(
    variability: Mapping[str, str], omega: NDArray[np.float64], place: str
) -> tuple[list[Effect], list[Covariance], list[str]]:
    """Effects and covariances of a matrix (parameters, parameters), its rows those of ``variability`` (parameter: effect).

    A variance of 0 is no effect; its parameters are returned last. Raises ``RequestError`` where no people could differ so.
    """
    parameters = list(variability)
    for index, parameter in enumerate(parameters):
        if omega[index, index] < 0:
            raise RequestError(f"{place}: the variance of {parameter} is {omega[index, index]:g}; it cannot be below 0")
    kept = [index for index in range(len(parameters)) if omega[index, index] > 0]
    none = [parameters[index] for index in range(len(parameters)) if index not in kept]
    if np.any(np.delete(omega, kept, axis=0)):
        raise RequestError(f"{place}: {', '.join(none)} vary by 0 and still have a covariance; correct the matrix")
    within = omega[np.ix_(kept, kept)]
    if kept and float(np.linalg.eigvalsh(within).min()) <= 1e-12 * float(np.abs(within).max()):
        raise RequestError(f"{place}: the matrix is not positive definite, no people could vary so; correct it")
    effects = [Effect(name=variability[parameters[index]], variance=repr(float(omega[index, index]))) for index in kept]
    covariances = [
        Covariance(between=[effects[column].name, effects[row].name], covariance=repr(float(within[row, column])))
        for row in range(len(kept))
        for column in range(row)
        if within[row, column]
    ]
    return effects, covariances, none


def validation(program: str) -> Validation:
    """What stands behind a converted model: nothing but the conversion."""
    return Validation(implementation=f"converted from a file of {program} by nof1", numerical="not checked by itself")


def checked(model: PkModel, notes: Sequence[str], asked: Asked) -> Brought:
    """``model`` if it is usable. Raises ``RequestError`` with its first problem."""
    problems: list[str] = []
    check_model(model, problems.append)
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise RequestError(f"{asked.name}: the converted model would not load: {problems[0]}{more}")
    return Brought(model, tuple(notes))
