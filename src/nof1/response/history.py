"""What happened to one patient: doses, levels, and how covariates went, on one clock in hours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal


@dataclass(frozen=True, slots=True)
class Dose:
    """A dose: ``amount`` in the model's dose unit, ``duration`` of an infusion in hours (or 0), ``route`` as models name it.

    ``additional`` more follow, ``interval`` hours apart. ``is_steady``: it has been given every ``interval`` for so long
    that levels repeat themselves.
    """

    time: float
    amount: float
    route: str = ""
    duration: float = 0.0
    interval: float = 0.0
    additional: int = 0
    is_steady: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """A measured value of ``output`` at ``time``. ``limit``: the true one lies ``below`` or ``above`` ``value``."""

    time: float
    value: float
    output: str = ""
    limit: Literal["", "below", "above"] = ""


@dataclass(frozen=True, slots=True)
class History:
    """Doses, levels, covariates (name to (time, value) pairs in order) and where occasions begin, all of one patient."""

    doses: tuple[Dose, ...]
    levels: tuple[Level, ...] = ()
    covariates: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    occasions: tuple[float, ...] = ()


def single_doses(doses: tuple[Dose, ...]) -> Iterator[Dose]:
    """Each dose by itself, in order of time; only the first of a steady train is still marked so.

    >>> [dose.time for dose in single_doses((Dose(0, 100, interval=12, additional=2),))]
    [0, 12, 24]
    """
    every = [
        replace(dose, time=dose.time + number * dose.interval, additional=0, is_steady=dose.is_steady and not number)
        for dose in doses
        for number in range(dose.additional + 1)
    ]
    yield from sorted(every, key=lambda dose: dose.time)
