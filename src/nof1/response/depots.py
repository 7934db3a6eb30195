"""Depots and transit compartments in closed form: nothing flows back into them, so that no step has to follow them.

Between two events ``n`` compartments that empty with the same rate hold a polynomial in time, of degree below ``n``, times
one exponential. What leaves the last one is given to the integrator of everything behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.response.network import Network

Values = NDArray[Any]


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

    ``start`` (compartments, rows, lanes): amounts at the beginning. ``poured``: what runs into the first compartment until the
    end, and ``decay``: rate constant times hours (both rows, lanes).
    """

    start: Values
    poured: Values
    decay: Values

    @property
    def is_empty(self) -> bool:
        """Whether nothing is there and nothing comes."""
        return not (self.start.any() or self.poured.any())

    def leaving(self, shares: Values) -> Values:
        """What leaves the last compartment at ``shares`` (n) of the time, over the whole time: (n, rows, lanes)."""
        passed = self.decay * shares[:, None, None]
        gone = np.exp(-passed)
        kept, powers = _polynomial(self.start, passed)
        flow = self.decay * kept * gone
        return flow + self.poured * (1 - powers * gone) if self.poured.any() else flow

    def left(self) -> Values:
        """Amounts at the end, (compartments, rows, lanes)."""
        gone = np.exp(-self.decay)
        found = np.empty((len(self.start), *gone.shape), np.result_type(self.start, self.poured, gone))
        for place in range(len(found)):
            kept, powers = _polynomial(self.start[: place + 1], self.decay)
            found[place] = kept * gone
            if self.poured.any():
                found[place] += self.poured * _share(self.decay, 1 - powers * gone, is_first=place == 0)
        return found


def _polynomial(start: Values, passed: Values) -> tuple[Values, Values]:
    """What ``start`` and one unit an hour leave in the last compartment, without the exponential, at ``passed`` lifetimes."""
    kept: Any = start[-1] + 0 * passed
    term: Any = np.ones_like(passed)
    powers: Any = term
    for number in range(1, len(start)):
        term = term * passed / number
        kept, powers = kept + start[-1 - number] * term, powers + term
    return kept, powers


def _share(decay: Values, filled: Values, is_first: bool) -> Values:
    """Of what was poured in, the share that a compartment holds in the end."""
    still = decay == 0
    return np.where(still, float(is_first), filled / np.where(still, 1.0, decay))
