"""Depots and transit compartments in closed form: nothing flows back into them, so that no step has to follow them.

Between two events ``n`` compartments that empty with the same rate hold a polynomial in time, of degree below ``n``, times
one exponential. What leaves the last one is given to the integrator of everything behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.response.network import Network

Values = NDArray[Any]
_TERMS = 20  # of a series within one lifetime
_OVER, _OVER_EACH = 45.0, 5.0  # lifetimes, and for each compartment more, after which less than 1e-20 is left


@dataclass(frozen=True, slots=True)
class Chain:
    """``places`` of compartments that empty one into the next with the parameter ``rate``, the last one into ``into``."""

    places: tuple[int, ...]
    rate: str
    into: int


def closed(net: Network) -> tuple[Chain, ...]:
    """Every depot that a dose enters at once, and all transit compartments; a depot behind these is left to integrate."""
    found = []
    for entry, places in zip(net.entries, net.chains, strict=True):
        transits = len(places) - bool(entry.input.ka)
        if transits:
            into = places[transits] if entry.input.ka else net.central
            found.append(Chain(places[:transits], entry.input.ktr, into))
        elif places:
            found.append(Chain(places, entry.input.ka, net.central))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Emptying:
    """A chain between two events, whose time runs from 0 to 1.

    ``start`` (compartments, rows, lanes): amounts at the beginning. ``poured``: what runs into the first compartment until
    the end (rows, lanes), and ``decay``: rate constant times hours (rows or 1, lanes or 1).
    """

    start: Values
    poured: Values
    decay: Values

    @property
    def is_empty(self) -> bool:
        """Whether nothing is there and nothing comes."""
        return not (self.start.any() or self.poured.any())

    def is_over(self, share: float) -> bool:
        """Whether nothing that counts leaves after ``share`` of the time."""
        return not self.poured.any() and float(self.decay.real.min()) * share > _OVER + _OVER_EACH * len(self.start)

    def leaving(self, shares: Values) -> Values:
        """What leaves the last compartment at ``shares`` (n) of the time, over the whole time: (n, rows, lanes)."""
        passed = self.decay * shares[:, None, None]
        gone = np.exp(-passed)
        kept, powers = _polynomial(self.start, passed)
        flow = self.decay * kept * gone
        return np.asarray(flow + self.poured * (1 - powers * gone) if self.poured.any() else flow)

    def left(self) -> Values:
        """Amounts at the end, (compartments, rows, lanes)."""
        gone = np.exp(-self.decay)
        found = np.empty(self.start.shape, np.result_type(self.start, self.poured, gone))
        for place in range(len(found)):
            kept, powers = _polynomial(self.start[: place + 1], self.decay)
            found[place] = kept * gone
            if self.poured.any():
                found[place] += self.poured * _filled(self.decay, 1 - powers * gone, place)
        return found


def _polynomial(start: Values, passed: Values) -> tuple[Values, Values]:
    """What ``start`` leaves in the last compartment after ``passed`` lifetimes (no exponential), and the powers added up."""
    kept: Any = start[-1]
    term: Any = np.ones_like(passed)
    powers: Any = term
    for number in range(1, len(start)):
        term = term * passed / number
        kept, powers = kept + start[-1 - number] * term, powers + term
    return kept, powers


def _filled(decay: Values, gone: Values, place: int) -> Values:
    """Of what was poured in, the share that compartment ``place`` holds in the end; ``gone``: what has passed all up to it.

    Within one lifetime by the series, since there ``gone`` is a small difference of large numbers.
    """
    near = np.abs(decay) < 1
    few = np.where(near, decay, 0.0)
    term: Any = np.exp(-few) * few**place / factorial(place + 1)
    total: Any = term
    for number in range(place + 2, place + _TERMS):
        term = term * few / number
        total = total + term
    return np.where(near, total, gone / np.where(near, 1.0, decay))
