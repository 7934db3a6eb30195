"""What changes where elimination saturates or an effect follows the level: the right-hand side between two events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.knowledge.formula import Formula, parse
from nof1.response.network import Network, matrix
from nof1.response.runge_kutta import Change

Values = NDArray[Any]
_DISPOSITION = frozenset({"V", "CL", "Q", "V2", "Q3", "V3", "CLm", "Vm", "fm"})


@dataclass(frozen=True, slots=True)
class Rates:
    """While ``values`` (rows or 1, lanes or 1, by name) hold: of ``size`` compartments, the states, the area if asked for.

    ``flows``: for each compartment, from which others what share an hour comes (its own: what leaves, negative).
    ``saturable``: the most that leaves the ``central`` one in an hour, and the amount with which it is half of that.
    """

    values: Mapping[str, Values]
    size: int
    central: int
    flows: tuple[tuple[tuple[int, Values], ...], ...]
    saturable: tuple[Values, Values] | None
    moments: tuple[tuple[str, Formula], ...]
    states: tuple[tuple[str, Formula], ...]

    def during(self, hours: Values, poured: Values) -> Change:
        """The change of all (width, rows, lanes) in ``hours``, the time from 0 to 1, while ``poured`` an hour comes in."""
        flows = [[(of, share * hours) for of, share in sources] for sources in self.flows]
        pours = [(place, poured[place] * hours) for place in range(self.size) if poured[place].any()]
        most, half = (self.saturable[0] * hours, self.saturable[1]) if self.saturable else (None, None)
        central, area, per_volume = self.central, self.size + len(self.states), hours / self.values["V"]

        def change(y: Values, out: Values, arriving: Any) -> None:
            for place, sources in enumerate(flows):
                target = out[place]
                if sources:
                    np.multiply(y[sources[0][0]], sources[0][1], out=target)
                else:
                    target[...] = 0
                for of, share in sources[1:]:
                    target += y[of] * share
            for place, amount in (*pours, *arriving):
                out[place] += amount
            amount = y[central]
            if most is not None:
                out[central] -= most * amount / (half + amount)
            if area < len(y):
                np.multiply(amount, per_volume, out=out[area])
            if self.states:
                self._effects(y, out, hours)

        return change

    def _effects(self, y: Values, out: Values, hours: Values) -> None:
        begin = self.size
        known = {**self.values, "c": y[self.central] / self.values["V"]}
        known |= {name: y[begin + number] for number, (name, _) in enumerate(self.states)}
        for name, formula in self.moments:
            known[name] = formula.evaluate(known)
        for number, (_, formula) in enumerate(self.states):
            out[begin + number] = hours * formula.evaluate(known)


def rates_of(net: Network, own: list[int], values: Mapping[str, Values]) -> Rates:
    """The rates of ``own``: places of compartments of ``net``, in order, then the states and the area."""
    names = _DISPOSITION | {name for entry in net.entries for name in (entry.input.ka, entry.input.ktr) if name}
    linear = {name: values[name] for name in names if name in values}
    if net.structure.elimination == "michaelis_menten":
        linear["CL"] = 0 * values["V"]
    every = matrix(net, linear)
    places = [place for place in own if place < net.size]
    flows = tuple(
        tuple((number, every[..., to, of]) for number, of in enumerate(places) if (every[..., to, of] != 0).any())
        for to in places
    )
    is_linear = net.structure.elimination == "linear"
    return Rates(
        values,
        len(places),
        places.index(net.central),
        flows,
        None if is_linear else (values["Vmax"], values["Km"] * values["V"]),
        tuple((moment.name, parse(moment.formula)) for moment in net.structure.moments),
        tuple((state.name, parse(state.rate)) for state in net.structure.states),
    )
