"""The history file of ``nof1 dose``: its form, and how it is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from nof1.errors import InputError
from nof1.jobs.dose_clock import Time

SCHEMA = 1
MAX_BYTES = 8 * 1024 * 1024


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of what a history holds: a field that is not known is refused."""


class GivenDose(Strict, frozen=True):
    """``count`` doses of ``amount`` (``unit`` UCUM), ``every_hours`` apart, the first at ``time``.

    ``infusion_hours``: how long each runs; 0 for at once or by mouth. ``steady_state``: the same dose had been given every
    ``every_hours`` for so long that levels repeated themselves.
    """

    time: Time
    amount: float
    unit: str
    route: str = ""
    infusion_hours: float = 0.0
    every_hours: float = 0.0
    count: int = 1
    steady_state: bool = False


class MeasuredLevel(Strict, frozen=True):
    """A level: ``value`` in ``unit``; with ``limit`` the true one lies below or above it. ``of``: the drug, or what a model
    names among what it predicts; empty: the drug asked about."""

    time: Time
    value: float
    unit: str
    limit: Literal["", "below", "above"] = ""
    of: str = ""


class Measured(Strict, frozen=True):
    """A value with its unit (UCUM, ``1`` for none), and when it was measured."""

    value: float
    unit: str
    time: Time | None = None


class GeneResult(Strict, frozen=True):
    """A result of a gene as a laboratory writes it."""

    diplotype: str = ""
    phenotype: str = ""
    activity_score: str = ""


class DoseHistory(Strict, frozen=True):
    """What was given and measured, and what is known of the person.

    ``now``: when the next dose may be given. ``patient``: ``sex`` and facts by name; ``states``: conditions that hold or do
    not; ``drugs``: everything else that is taken (an absent list is unknown, an empty one says none); ``covariates``: values
    for models by the models' own names; ``occasions``: where a new occasion of a model begins; ``starting``: what equations
    of a first dose ask and nothing else tells (ancestry, the target INR), by the equations' names of it.
    """

    drug: str
    now: Time
    schema: Literal[1] = 1
    person: str = ""
    doses: list[GivenDose] = []
    levels: list[MeasuredLevel] = []
    patient: dict[str, Measured | list[Measured] | str] = {}
    states: dict[str, bool] = {}
    drugs: list[str] | None = None
    genes: dict[str, GeneResult] = {}
    mic: Measured | None = None
    covariates: dict[str, Measured | list[Measured]] = {}
    occasions: list[Time] = []
    starting: dict[str, str | float | bool] = {}

    def times(self) -> Iterator[tuple[str, Time]]:
        """Every time with the place where it stands."""
        yield "now", self.now
        yield from ((f"the time of dose {n}", item.time) for n, item in enumerate(self.doses, 1))
        yield from ((f"the time of level {n}", item.time) for n, item in enumerate(self.levels, 1))
        yield from ((f"the time of occasion {n}", time) for n, time in enumerate(self.occasions, 1))
        for name, value in (*self.patient.items(), *self.covariates.items()):
            yield from ((f"the time of {name}", item.time) for item in series(value) if item.time is not None)


def series(value: Measured | list[Measured] | str) -> list[Measured]:
    """The values of a fact, one or several."""
    if isinstance(value, str):
        return []
    return [value] if isinstance(value, Measured) else value


def read_history(path: Path | str) -> DoseHistory:
    """The history in the file ``path``; raises ``InputError`` with the place of what is wrong."""
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"history {path.name}: cannot be read ({error.strerror}); give a JSON file") from error
    if len(data) > MAX_BYTES:
        raise InputError(f"history {path.name}: {len(data)} bytes; keep it below {MAX_BYTES}")
    try:
        raw = json.loads(data, object_pairs_hook=_once, parse_constant=_no_number)
    except InputError as error:
        raise InputError(f"history {path.name}: {error}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"history {path.name}: no JSON ({error}); mend it") from error
    return history(raw, path.name)


def history(raw: Any, name: str = "given") -> DoseHistory:
    """Decoded JSON as a history; raises ``InputError`` with the place of what is wrong."""
    try:
        return msgspec.convert(raw, DoseHistory)
    except msgspec.ValidationError as error:
        raise InputError(f"history {name}: {error}{_way_out(str(error))}") from error


def _way_out(told: str) -> str:
    if "missing required field `unit`" in told:
        return "; a value without a unit says nothing: write its unit, as mg, mg/L or kg"
    if "unknown field" in told:
        return "; remove it or correct its name"
    return ""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"{twice!r} is written twice in one object; keep one of them")
    return found


def _no_number(text: str) -> float:
    raise InputError(f"{text} is no number; write a number or leave the value out")
