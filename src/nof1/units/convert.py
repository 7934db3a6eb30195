"""Converts values between units exactly, or refuses."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, overload

from nof1.errors import UnitError
from nof1.units.compare import kind, measure_the_same
from nof1.units.grammar import parse
from nof1.units.spoken import suggest
from nof1.units.unit import Unit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_EXACT = 2**53  # whole numbers up to here are doubles
PI = Fraction(math.pi)
MASS, AMOUNT, EQUIVALENTS = "g", "mol", "eq"


@dataclass(frozen=True, slots=True)
class _Step:
    """value -> ``value * times / by``, or ``through(value)`` where one of the units is on a non-ratio scale."""

    times: float
    by: float
    through: Callable[[Any], Any] | None = None


@overload
def convert(value: float, source: str, target: str, molar_mass: float | None = None, charge: int | None = None) -> float: ...


@overload
def convert(
    value: NDArray[Any], source: str, target: str, molar_mass: float | None = None, charge: int | None = None
) -> NDArray[np.float64]: ...


def convert(
    value: float | NDArray[Any], source: str, target: str, molar_mass: float | None = None, charge: int | None = None
) -> float | NDArray[np.float64]:
    """The value in unit ``target`` of a value in unit ``source``, both in case-sensitive UCUM.

    ``value`` is a number or a NumPy array of any shape; NaN stays NaN. ``molar_mass`` in g/mol makes mass and amount of
    substance convertible, ``charge`` (of one particle, either sign) amount and equivalents. Raises ``UnitError`` when a
    text is not UCUM, when the units do not measure the same, when a mass, amount or number of equivalents would be needed
    that is not given, and when a value has no place on the target's scale.

    >>> convert(1.2, "mg/dL", "umol/L", molar_mass=113.12)
    106.08203677510608
    >>> convert(98.6, "[degF]", "Cel")
    37.0
    """
    step = _step(source, target, molar_mass, charge)
    if step.through is None:
        return value * step.times / step.by
    converted: float | NDArray[np.float64] = step.through(value)
    return converted


@lru_cache(maxsize=4096)
def _step(source: str, target: str, molar_mass: float | None, charge: int | None) -> _Step:
    a, b = parse(source), parse(target)
    ratio = a.factor / b.factor * PI ** (a.pi_power - b.pi_power)
    if not measure_the_same(a, b):
        ratio *= _of_substance(a, b, molar_mass, charge)
    if a.scale or b.scale:
        from nof1.units.special import through  # brings NumPy, which most commands can do without

        return _Step(1.0, 1.0, through(a, b, _as_float(ratio, a, b)))
    if ratio.numerator <= _EXACT and ratio.denominator <= _EXACT:
        return _Step(float(ratio.numerator), float(ratio.denominator))
    return _Step(_as_float(ratio, a, b), 1.0)


def _of_substance(a: Unit, b: Unit, molar_mass: float | None, charge: int | None) -> Fraction:
    """What the number changes by when mass, amount and equivalents of one substance replace each other."""
    before, after = dict(a.dimension), dict(b.dimension)
    lost = {base: before.get(base, 0) - after.get(base, 0) for base in {*before, *after}}
    mass, amount, equivalents = (lost.pop(base, 0) for base in (MASS, AMOUNT, EQUIVALENTS))
    if any(lost.values()) or not mass == -amount - equivalents or not (mass or amount) or a.scale or b.scale:
        raise _refused(a, b, _way_out(a, b))
    if mass and molar_mass is None:
        raise _refused(a, b, "give the substance's molar mass in g/mol, or use a value measured in this unit")
    if equivalents and charge is None:
        raise _refused(a, b, "give the charge of the ion")
    return _per(molar_mass, "molar mass") ** -mass * _per(charge, "charge") ** -equivalents


def _per(number: float | None, name: str) -> Fraction:
    """The number as written in decimals; 1 when it is not given."""
    if number is None:
        return Fraction(1)
    size = abs(number) if name == "charge" else number
    if not (math.isfinite(number) and size > 0):
        raise UnitError(f"{name} {number}: not a number above zero; give it, or leave it out")
    return Fraction(str(float(size)))


def _as_float(ratio: Fraction, a: Unit, b: Unit) -> float:
    try:
        number = float(ratio)
    except OverflowError:
        number = 0.0
    if number == 0.0:
        raise _refused(a, b, "they are too far apart in size")
    return number


def _way_out(a: Unit, b: Unit) -> str:
    if a.dimension == b.dimension:
        return "a ratio of two amounts is no plain number; use the equation of the test"
    near = suggest(a.text, b.text)
    return f"did you mean '{near}'?" if near else f"give the value in a unit such as '{b.text}'"


def _refused(a: Unit, b: Unit, way_out: str) -> UnitError:
    return UnitError(f"unit '{a.text}' is {kind(a.text)} and cannot become '{b.text}', {kind(b.text)}; {way_out}")
