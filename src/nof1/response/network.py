"""A linear structure as a matrix: which compartment feeds which, at what rate, for parameters that change in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.knowledge.kinetics import Input, Structure

Values = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """Where an input arrives: ``place`` of the compartment, and the names of ``lag`` and of its share."""

    input: Input
    place: int


@dataclass(frozen=True, slots=True)
class Network:
    """``size`` compartments; ``central``, ``metabolite`` (or -1) their places; ``entries``: one for each input."""

    structure: Structure
    size: int
    central: int
    metabolite: int
    entries: tuple[Entry, ...]
    chains: tuple[tuple[int, ...], ...]


def network(structure: Structure) -> Network:
    """The compartments of ``structure``: depots and transit chains first, then the central one and those behind it."""
    size, entries, chains = 0, [], []
    for entry in structure.inputs:
        places = []
        length = entry.transits if entry.kind == "transit" else 0
        length += 1 if entry.ka else 0
        places = list(range(size, size + length))
        size += length
        chains.append(tuple(places))
        entries.append((entry, places[0] if places else -1))
    central = size
    size += structure.compartments
    metabolite = size if structure.metabolite else -1
    size += int(structure.metabolite)
    return Network(
        structure,
        size,
        central,
        metabolite,
        tuple(Entry(entry, central if place < 0 else place) for entry, place in entries),
        tuple(chains),
    )


def matrix(net: Network, parameters: Mapping[str, Values]) -> Values:
    """Rates between amounts, (..., size, size): ``d amounts / dt = matrix @ amounts``. Linear elimination only."""
    shape = np.broadcast_shapes(*(np.shape(value) for value in parameters.values()))
    rates = np.zeros((*shape, net.size, net.size), np.result_type(float, *parameters.values()))

    def flow(source: int, target: int, rate: Values) -> None:
        rates[..., source, source] -= rate
        if target >= 0:
            rates[..., target, source] += rate

    for entry, chain in zip(net.entries, net.chains, strict=True):
        for number, place in enumerate(chain):
            is_depot = bool(entry.input.ka) and number == len(chain) - 1
            following = chain[number + 1] if number + 1 < len(chain) else net.central
            flow(place, following, parameters[entry.input.ka if is_depot else entry.input.ktr])
    middle, volume = net.central, parameters["V"]
    flow(middle, -1, parameters["CL"] / volume)
    for number, (clearance, size) in enumerate((("Q", "V2"), ("Q3", "V3"))[: net.structure.compartments - 1], start=1):
        flow(middle, middle + number, parameters[clearance] / volume)
        flow(middle + number, middle, parameters[clearance] / parameters[size])
    if net.metabolite >= 0:
        rates[..., net.metabolite, middle] += parameters["fm"] * parameters["CL"] / volume
        flow(net.metabolite, -1, parameters["CLm"] / parameters["Vm"])
    return rates


def exponential(rates: Values) -> Values:
    """``exp(rates)`` of matrices (..., n, n) by scaling, a Taylor polynomial of degree 18, and squaring.

    Only sums and products, so that imaginary steps carry derivatives through it. A matrix that is not finite becomes NaN.
    """
    sums = np.abs(rates.real).sum(axis=-2)
    size = float(sums.max(initial=0.0, where=np.isfinite(sums)))
    halvings = max(0, int(np.ceil(np.log2(max(size, 1e-300)))) + 1)
    small = rates / 2.0**halvings
    result = np.eye(rates.shape[-1]) + np.zeros_like(small)
    for degree in range(18, 0, -1):
        result = np.eye(rates.shape[-1]) + small @ result / degree
    for _ in range(halvings):
        result = result @ result
    return result
