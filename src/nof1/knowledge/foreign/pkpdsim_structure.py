"""The parameters that a recognised structure reads: variables of a PKPDsim file or, failing that, formulas of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nof1.errors import RequestError
from nof1.knowledge.foreign.equations import STATE, Equations, at
from nof1.knowledge.foreign.expression import Binary, Expression, Name, Number, Unary, names
from nof1.knowledge.foreign.pkpdsim_file import PkpdsimFile
from nof1.knowledge.foreign.probe import Array, Probe
from nof1.knowledge.foreign.recognise import Found

_SCALES = {1.0: ("c", "mg/L"), 1000.0: ("c * 1000", "ug/L"), 0.001: ("c / 1000", "g/L")}


@dataclass(frozen=True, slots=True)
class Structural:
    """``values``: the value of each parameter that the structure reads; ``output``: formula and unit."""

    values: Mapping[str, Expression]
    output: tuple[str, str]
    notes: tuple[str, ...]


def structural(found: Equations, inside: list[int], shape: Found, draws: Probe, file: PkpdsimFile) -> Structural:
    """The parameters that the structure reads: variables of the file that have their value, or else formulas."""
    place, central = draws.place, inside[shape.central]
    used = _direct(found, inside)
    candidates = sorted((name for name in draws.values if name != "time"), key=lambda name: name not in used)
    volume, times = _volume(found, central, draws, candidates)
    litres = draws.evaluate(volume)
    values: dict[str, Expression] = {"V": volume}

    def find(name: str, wanted: Array, otherwise: Expression | None) -> None:
        same = draws.same(candidates, wanted)
        if not same and otherwise is None:
            raise RequestError(f"{place}: no variable of the file is {name}; give it a name in the code")
        values[name] = Name(same) if same or otherwise is None else otherwise

    if np.any(shape.k10):
        linear = None if len(shape.vmax) else Binary("*", _elimination(found, inside, shape), volume)
        find("CL", shape.k10 * litres, linear)
    if len(shape.vmax):
        find("Vmax", shape.vmax, None)
        find("Km", shape.km / litres, None)
    for number, index in enumerate(shape.peripheral):
        flow, other = (("Q", "V2"), ("Q3", "V3"))[number]
        out, back = (found.rates[inside[index]], central), (found.rates[central], inside[index])
        find(flow, shape.outward[number] * litres, Binary("*", at(out[0], {out[1]: 1.0}), volume))
        amount = draws.evaluate(values[flow])
        find(other, amount / shape.inward[number], Binary("/", values[flow], at(back[0], {back[1]: 1.0})))
    if shape.depot >= 0:
        depot = inside[shape.depot]
        find("ka", shape.absorption, at(found.rates[central], {depot: 1.0}))
    values |= _entering(found, file)
    watching = [str(index + 1) for index in range(len(found.rates)) if index not in inside]
    notes = [f"compartments that only watch are left out: {', '.join(watching)}"] if watching else []
    return Structural(values, _SCALES[times], tuple(notes))


def _direct(found: Equations, inside: list[int]) -> set[str]:
    """The variables that the equations themselves name."""
    return set().union(names(found.observed), *(names(found.rates[index]) for index in inside))


def _volume(found: Equations, central: int, draws: Probe, candidates: list[str]) -> tuple[Expression, float]:
    """The volume in litres, and how many times the concentration in it what is measured is."""
    one, two = (np.full(draws.draws, amount) for amount in (1.0, 2.0))
    state = STATE.format(central)
    level = draws.evaluate(found.observed, {state: one})
    if not np.allclose(draws.evaluate(found.observed, {state: two}), 2 * level, rtol=1e-9) or not np.all(level > 0):
        raise RequestError(f"{draws.place}: what obs names is no amount divided by a volume; correct obs")
    ratios = {name: draws.ratio(name, 1.0 / level) for name in candidates}
    for times in _SCALES:
        if same := next((name for name, ratio in ratios.items() if abs(ratio - times) <= 1e-9 * times), ""):
            return Name(same), times
    return Binary("/", Number("1"), at(found.observed, {central: 1.0})), 1.0


def _elimination(found: Equations, inside: list[int], shape: Found) -> Expression:
    """What leaves the central compartment, less what goes to the others; a share of the amount an hour."""
    central = inside[shape.central]
    leaving: Expression = Unary("-", at(found.rates[central], {central: 1.0}))
    for index in shape.peripheral:
        leaving = Binary("-", leaving, at(found.rates[inside[index]], {central: 1.0}))
    return leaving


def _entering(found: Equations, file: PkpdsimFile) -> dict[str, Expression]:
    """Bioavailability and lag of a dose, where they are not 1 and 0."""
    made = {}
    share = found.bioavailability[min(file.dosed, len(found.bioavailability) - 1)]
    if not (isinstance(share, Number) and float(share.text) == 1.0):
        made["F"] = share
    if found.lag is not None:
        made["lag"] = found.lag
    return made
