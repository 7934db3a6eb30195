"""Disposition as a sum of exponentials: what one unit of drug in the central compartment does to the concentration.

``concentration(t) = sum_i coefficient_i exp(-rate_i t)``. Closed forms of the mammillary models with one, two and three
compartments; they hold for complex parameters, so that an imaginary step gives exact derivatives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[Any]
NEAR = 1e-4  # rates closer than this, relatively, are drawn apart, and the results of DRAWN (by how much, weight) added up
DRAWN = ((4e-4, 2 / 3), (-4e-4, 2 / 3), (8e-4, -1 / 6), (-8e-4, -1 / 6))


@dataclass(frozen=True, slots=True)
class Exponentials:
    """``coefficient`` (1/L) and ``rate`` (1/h), each (terms, ...): the rest of the shape is that of the parameters."""

    coefficient: Values
    rate: Values


def central(parameters: Mapping[str, Values], compartments: int) -> Exponentials:
    """Concentration in the central compartment after one unit into it. ``CL Q Q3`` L/h, ``V V2 V3`` L.

    >>> one = central({"CL": np.array(5.0), "V": np.array(50.0)}, 1)
    >>> one.coefficient, one.rate
    (array([0.02]), array([0.1]))
    """
    volume = parameters["V"]
    leaving = parameters["CL"] / volume
    if compartments == 1:
        return Exponentials(np.stack([1 / volume]), np.stack([leaving]))
    out, back = parameters["Q"] / volume, parameters["Q"] / parameters["V2"]
    if compartments == 2:
        total = leaving + out + back
        fast = (total + np.sqrt(total**2 - 4 * leaving * back)) / 2
        slow = leaving * back / fast
        share = (fast - back) / (fast - slow)
        return Exponentials(np.stack([share / volume, (1 - share) / volume]), np.stack([fast, slow]))
    rates = _three_rates(leaving, out, back, parameters["Q3"] / volume, parameters["Q3"] / parameters["V3"])
    third = parameters["Q3"] / parameters["V3"]
    coefficient = [
        (back - rates[i]) * (third - rates[i]) / ((rates[j] - rates[i]) * (rates[k] - rates[i])) / volume
        for i, j, k in ((0, 1, 2), (1, 0, 2), (2, 0, 1))
    ]
    return Exponentials(np.stack(coefficient), rates)


def _three_rates(leaving: Values, out: Values, back: Values, out3: Values, back3: Values) -> Values:
    """Roots of the cubic of three compartments: the real ones by angles, then Newton steps that carry imaginary parts."""
    square = leaving + out + out3 + back + back3
    linear = leaving * back + leaving * back3 + out * back3 + back * back3 + out3 * back
    product = leaving * back * back3
    a, b, c = np.real(square), np.real(linear), np.real(product)
    half = np.maximum(a**2 / 9 - b / 3, np.finfo(float).tiny)
    turn = (2 * a**3 - 9 * a * b + 27 * c) / 54
    angle = np.arccos(np.clip(turn / half**1.5, -1, 1))
    roots = np.stack([a / 3 + 2 * np.sqrt(half) * np.cos((angle + 2 * np.pi * k) / 3) for k in range(3)])
    roots = roots + np.zeros_like(square)
    for _ in range(3):
        value = ((roots - square) * roots + linear) * roots - product
        slope = (3 * roots - 2 * square) * roots + linear
        roots = roots - value / slope
    return np.asarray(roots)


def metabolite(parent: Exponentials, parameters: Mapping[str, Values]) -> Exponentials:
    """Concentration of the metabolite after one unit of parent: ``fm`` of what leaves becomes it; ``CLm`` L/h, ``Vm`` L."""
    formed = parameters["fm"] * parameters["CL"]  # of a concentration of one: units an hour
    rate = parameters["CLm"] / parameters["Vm"]
    near = np.any(np.abs(np.real(parent.rate - rate)) < NEAR * np.abs(np.real(rate)), axis=0)
    coefficients, rates = [], []
    for gap, weight in DRAWN if near.any() else ((0.0, 1.0),):
        moved = rate * (1 + np.where(near, gap, 0.0))
        part = parent.coefficient * formed / (moved - parent.rate) / parameters["Vm"] * weight
        coefficients += [*part, -part.sum(axis=0)]
        rates += [*parent.rate, moved + np.zeros_like(parent.rate[0])]
    return Exponentials(np.stack(coefficients), np.stack(rates))
