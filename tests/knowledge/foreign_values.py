"""What a model of ours gives at values of its names, written apart from the rooms that use models."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nof1.knowledge.formula import parse
from nof1.knowledge.kinetics import PkModel


def values(model: PkModel, given: Mapping[str, float], time: float = 0.0) -> dict[str, float]:
    """Every quantity of ``model`` for covariates and effects ``given``; effects that are not given are 0."""
    found: dict[str, float] = {item.name: item.value for item in model.numbers}
    found |= {item.name: 0.0 for item in model.effects} | {"time": time} | dict(given)
    with np.errstate(all="ignore"):
        for item in (*model.computed, *model.parameters):
            found[item.name] = float(parse(item.formula).evaluate(found))
    return found


def rates(model: PkModel, found: Mapping[str, float], amounts: np.ndarray) -> np.ndarray:
    """What each compartment gains an hour: depot or transit chain (if any), central, peripheral ones."""
    entry = model.structure.inputs[0]
    chain = entry.transits + bool(entry.ka) if entry.kind in ("transit", "first_order") else 0
    made = np.zeros_like(amounts)
    speeds = [found[entry.ktr] for _ in range(entry.transits)] + ([found[entry.ka]] if entry.ka else [])
    for index, speed in enumerate(speeds):
        made[index] -= speed * amounts[index]
        made[index + 1] += speed * amounts[index]
    level = amounts[chain] / found["V"]
    if model.structure.elimination != "michaelis_menten":
        made[chain] -= found["CL"] * level
    if model.structure.elimination != "linear":
        made[chain] -= found["Vmax"] * level / (found["Km"] + level)
    for number, (flow, volume) in enumerate((("Q", "V2"), ("Q3", "V3"))[: model.structure.compartments - 1], 1):
        net = found[flow] * (level - amounts[chain + number] / found[volume])
        made[chain] -= net
        made[chain + number] += net
    return made
