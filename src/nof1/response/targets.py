"""How good an exposure is: inside the target range, short of it, or harmful."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.errors import InputError
from nof1.knowledge.dosing import MIC_UNIT, Target
from nof1.response.case import Case
from nof1.units.convert import convert

Values = NDArray[Any]
_WORTHLESS = np.log(1.5)


@dataclass(frozen=True, slots=True)
class Aim:
    """A target for one patient: ``low`` and ``high`` (either may be infinite), ``toxic``, ``threshold``, all in its unit.

    ``mic``: what it is divided by or multiplied with, where the target is per MIC; ``is_assumed``: nobody gave it.
    """

    target: Target
    low: float
    high: float
    toxic: float
    threshold: float
    mic: float | None
    is_assumed: bool


def aim(target: Target, case: Case, level_unit: str) -> Aim:
    """``target`` for ``case``, in ``level_unit`` (times hours for an area); shares of time stay shares.

    Raises ``InputError`` where it needs an MIC that nobody knows, ``UnitError`` where its unit measures something else.
    """
    mic, assumed = case.mic, False
    if target.per_mic and mic is None:
        if target.assumed_mic is None:
            raise InputError(f"target {target.id} is per MIC, which is not given; give the MIC in mg/L")
        mic, assumed = target.assumed_mic, True
    is_share = target.measure == "time_above"
    own = f"{target.unit}.{MIC_UNIT}" if target.per_mic and not is_share else target.unit
    unit = convert(1.0, own, {"auc24": f"{level_unit}.h", "time_above": "1"}.get(target.measure, level_unit))
    of_mic = float(mic) if target.per_mic and mic else 1.0
    times = unit * (1.0 if is_share else of_mic)
    scale = convert(of_mic, MIC_UNIT, level_unit) if is_share else 1.0
    return Aim(
        target,
        -np.inf if target.low is None else target.low * times,
        np.inf if target.high is None else target.high * times,
        np.inf if target.toxic is None else target.toxic * times,
        np.nan if target.threshold is None else target.threshold * scale,
        mic if target.per_mic else None,
        assumed,
    )


def is_inside(aim: Aim, exposure: Values) -> Values:
    """Whether each exposure lies in the range, both ends included."""
    return (exposure >= aim.low) & (exposure <= aim.high)


def utility(aim: Aim, exposure: Values) -> Values:
    """1 inside the range, 1 less where it is toxic.

    Outside it falls with the logarithm of the distance, to 0 at 1.5 times below the low and above the high end; shares of
    time fall evenly to 0. A choice of ours, so that of two doses that both miss, the one that misses by less is better.
    """
    if aim.target.measure == "time_above":
        short = np.clip(exposure / aim.low, 0, 1) if aim.low > 0 else np.ones_like(exposure)
        return np.asarray(np.where(is_inside(aim, exposure), 1.0, short))
    safe = np.maximum(exposure, 1e-12)
    under = np.log(aim.low / safe) / _WORTHLESS if aim.low > 0 else np.zeros_like(safe)
    over = np.log(safe / aim.high) / _WORTHLESS if np.isfinite(aim.high) else np.zeros_like(safe)
    away = np.maximum(np.maximum(under, over), 0)
    return np.asarray(np.clip(1 - away, 0, 1) - (exposure > aim.toxic))
