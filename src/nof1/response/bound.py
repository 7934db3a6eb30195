"""Whether what may be given ends before the target: then the end chose the dose, and it is no draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from nof1.knowledge.dosing import Ceiling
from nof1.response.regimens import Offer, breaks, ceiling_text
from nof1.response.search import Option
from nof1.response.targets import Aim

_A_STEP = 1.1  # a dose this much larger is looked at where the median already lies in the target
_TWICE = 2.0  # and this much where the measure is a share of time, which is in no proportion to the dose


def bound(
    best: Option, offered: Offer, aim: Aim, dose_unit: str, facts: Mapping[str, float], least: float
) -> tuple[str, ...]:
    """Why ``best`` is no draft: it is the last dose of its interval, and less likely than ``least`` in the target.

    Empty where it is likely enough, or where a larger (a smaller) dose of the interval is allowed and was found worse.
    """
    if best.in_target >= least or not _is_last(best, offered):
        return ()
    chances = f"in it {best.in_target:.0%}, below {best.below:.0%}, above {best.above:.0%}"
    if best.below <= best.above:
        return (f"no smaller dose exists every {best.regimen.interval:g} h, and the best misses the target: {chances}",)
    stopped = [ceiling_text(item) for item in _stopping(best, offered, aim, dose_unit, facts)]
    if not stopped:
        return (f"no larger dose exists every {best.regimen.interval:g} h, and the best misses the target: {chances}",)
    named = " and ".join(dict.fromkeys(stopped))
    return (f"a ceiling, {named}, stops the doses that would reach the target; the best that it leaves: {chances}",)


def _is_last(best: Option, offered: Offer) -> bool:
    """Whether no dose of the same route and interval goes on where the target lies."""
    of = best.regimen
    amounts = [item.amount for item in offered.regimens if (item.route, item.interval) == (of.route, of.interval)]
    return of.amount >= max(amounts, default=0.0) if best.below > best.above else of.amount <= min(amounts, default=np.inf)


def _stopping(best: Option, offered: Offer, aim: Aim, dose_unit: str, facts: Mapping[str, float]) -> list[Ceiling]:
    """Ceilings that the dose would pass whose median reaches the target."""
    larger = replace(best.regimen, amount=best.regimen.amount * _times(best, aim))
    amounts = [item for item in offered.ceilings if item.kind != "rate"]  # a longer infusion is slower
    return list(breaks(larger, amounts, dose_unit, facts))


def _times(best: Option, aim: Aim) -> float:
    if aim.target.measure == "time_above":
        return _TWICE
    return max(aim.low / max(best.exposure.middle, 1e-12), _A_STEP)
