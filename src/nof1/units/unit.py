"""The noun of this room: a unit as number, dimension and scale."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from nof1.units.tables import SEVEN, Atom, Dimension


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as read: one of it is ``factor * pi ** pi_power`` of its ``dimension`` in base units.

    ``scale`` and ``steps``: on a non-ratio scale (degrees Celsius, pH, decibel) a value is multiplied by ``steps`` and put
    through the function ``scale`` names; ``factor`` then belongs to what comes out. ``like_over_like`` names amounts that
    cancelled out (mmol/mol): such a ratio is no plain number. ``annotations`` are the texts in braces, which UCUM gives
    no meaning.
    """

    text: str
    factor: Fraction
    pi_power: int
    dimension: Dimension
    like_over_like: tuple[str, ...] = ()
    scale: str = ""
    steps: Fraction = Fraction(1)
    annotations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One factor of a unit: a prefixed atom to a power, or (without atom) a whole number to a power."""

    atom: Atom | None
    number: Fraction
    power: int
    at: int

    @property
    def is_number(self) -> bool:
        """Whether it is a rational number, without dimension or scale."""
        return self.atom is None or not (self.atom.dimension or self.atom.scale or self.atom.pi_power)


def product(text: str, parts: Iterable[Part], annotations: tuple[str, ...]) -> Unit:
    """The unit of all parts multiplied; at most one of them is on a non-ratio scale, then the others are numbers."""
    ratio, pi_power, scaled = Fraction(1), 0, None
    over, under = dict[str, int](), dict[str, int]()
    for part in parts:
        atom = part.atom
        if atom is None or atom.scale:
            ratio *= part.number**part.power
            scaled = atom or scaled
        else:
            ratio *= (part.number * atom.factor) ** part.power
            pi_power += part.power * atom.pi_power
        for base, exponent in atom.dimension if atom else ():
            side = over if exponent * part.power > 0 else under
            side[base] = side.get(base, 0) + abs(exponent * part.power)
    net = {base: over.get(base, 0) - under.get(base, 0) for base in sorted({*over, *under})}
    like = tuple(base for base, exponent in net.items() if exponent == 0 and base not in SEVEN and base in over)
    dimension = tuple((base, exponent) for base, exponent in net.items() if exponent)
    if scaled is None:
        return Unit(text, ratio, pi_power, dimension, like, annotations=annotations)
    return Unit(text, scaled.factor, pi_power, dimension, like, scaled.scale, ratio, annotations)
