"""Many draws of a linear structure at once: its matrix taken apart into modes, each of which decays by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[Any]
_CONDITION = 1e7  # of the modes, beyond which rounding would show and the exponential is taken as a whole


@dataclass(frozen=True, slots=True)
class Modes:
    """``rates`` (rows, lanes, segments, modes), 1/h, negative; ``into`` and ``back`` (…, modes, size): amounts to modes."""

    rates: Values
    into: Values
    back: Values


def modes(matrix: Values) -> Modes | None:
    """The modes of real matrices (rows, lanes, segments, size, size); ``None`` where some have too few of their own."""
    if np.iscomplexobj(matrix):
        return None
    rates, back = np.linalg.eig(matrix)
    if np.iscomplexobj(rates):
        return None
    try:
        into = np.linalg.inv(back)
    except np.linalg.LinAlgError:
        return None
    size = np.abs(back).sum(axis=-1).max(axis=-1) * np.abs(into).sum(axis=-1).max(axis=-1)
    if not (np.isfinite(size).all() and size.max(initial=0.0) < _CONDITION):
        return None
    return Modes(rates, into, back)


def carried(found: Modes, held: Values, hours: Values, amounts: Values, poured: Values) -> Values:
    """``amounts`` (rows, lanes, size) after ``hours`` (rows, lanes) in segments ``held``, while ``poured`` runs in."""
    lanes = max(held.shape[1], found.rates.shape[1])
    row, lane = np.ogrid[: len(held), :lanes]
    few = np.minimum(np.broadcast_to(held, (len(held), lanes)), found.rates.shape[2] - 1)
    row, lane = np.minimum(row, found.rates.shape[0] - 1), np.minimum(lane, found.rates.shape[1] - 1)
    if few.min() == few.max():
        place = int(few.flat[0])
        rates, into, back = found.rates[:, :, place], found.into[:, :, place], found.back[:, :, place]
    else:
        rates, into, back = found.rates[row, lane, few], found.into[row, lane, few], found.back[row, lane, few]
    decay = rates * hours[..., None]
    left = np.exp(decay) * (into @ amounts[..., None])[..., 0]
    if poured.any():
        left = left + np.expm1(decay) / rates * (into @ poured[..., None])[..., 0]
    return np.asarray((back @ left[..., None])[..., 0])
