"""Doses and levels that cannot be, or that must be asked about: told with what, where and the way out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from nof1.errors import InputError
from nof1.response.case import Case
from nof1.response.history import Dose, Level, single_doses

LONGEST = 24 * 366 * 20.0  # hours that a history may span
MOST_DOSES = 20_000
_SHORTEST = 0.01  # hours between repeated doses
_LONGEST_INFUSION = 24 * 31.0  # hours; more is a wrong unit


def screen(case: Case) -> list[str]:
    """Raises ``InputError`` for a case that no answer can be given to; returns what the reader must know of the rest."""
    _check_times([*(dose.time for dose in case.doses), *(level.time for level in case.levels), case.now])
    for dose in case.doses:
        _check_dose(dose)
    for level in case.levels:
        if not (math.isfinite(level.value) and level.value >= 0):
            raise InputError(f"level at {level.time:g} h is {level.value:g}; a level is 0 or more: correct or remove it")
    _check_facts(case)
    count = sum(dose.additional + 1 for dose in case.doses)
    if count > MOST_DOSES:
        raise InputError(f"{count} doses; at most {MOST_DOSES} are followed: leave out those that no longer matter")
    return [*_duplicates(case), *_overlapping(case), *_at_now(case), *_before(case), *_later(case)]


def _check_times(times: Iterable[float]) -> None:
    known = list(times)
    for time in known:
        if not math.isfinite(time):
            raise InputError(f"a time is {time}; write hours, or a date and time")
    if max(known) - min(known) > LONGEST:
        raise InputError(f"the history spans {(max(known) - min(known)) / 8766:.0f} years; look for a wrong date")


def _check_dose(dose: Dose) -> None:
    place = f"dose at {dose.time:g} h"
    if not (math.isfinite(dose.amount) and dose.amount > 0):
        raise InputError(f"{place} is {dose.amount:g}; a dose is more than 0: correct or remove it")
    if not (math.isfinite(dose.duration) and dose.duration >= 0):
        raise InputError(f"{place} runs over {dose.duration:g} h; write the length of the infusion, or 0")
    if dose.duration > _LONGEST_INFUSION:
        raise InputError(
            f"{place} runs over {dose.duration:g} h, more than a month; write the length in hours, or several doses"
        )
    if (dose.additional or dose.is_steady) and not dose.interval > 0:
        raise InputError(f"{place} is repeated every {dose.interval:g} h; write an interval above 0")
    if dose.additional and dose.interval < _SHORTEST:
        raise InputError(f"{place} is repeated every {dose.interval:g} h; write an infusion or a longer interval")
    if dose.additional < 0:
        raise InputError(f"{place} is repeated {dose.additional} times; write 0 or more")
    if dose.is_steady and dose.duration > dose.interval:
        raise InputError(
            f"{place} runs over {dose.duration:g} h and is repeated every {dose.interval:g} h; one must end before the next"
        )


def _check_facts(case: Case) -> None:
    for name, series in (*case.facts.items(), *case.given.items()):
        for time, value in series:
            if not (math.isfinite(time) and math.isfinite(value)):
                raise InputError(f"{name} at {time:g} h is {value:g}; write a number")
    for time, value in (*case.facts.get("weight", ()), *case.facts.get("height", ())):
        if not value > 0:
            raise InputError(f"weight or height at {time:g} h is {value:g}; write a value above 0")
    if case.mic is not None and not (math.isfinite(case.mic) and case.mic > 0):
        raise InputError(f"MIC is {case.mic:g}; write a value above 0 in mg/L")


def _duplicates(case: Case) -> list[str]:
    """The same dose or level written twice is told, and counted as often as it is written."""
    doses = Counter((dose.time, dose.amount, dose.route) for dose in single_doses(case.doses))
    levels = Counter((level.time, level.value, level.output) for level in case.levels)
    return [
        *(f"the dose of {amount:g} at {time:g} h stands {n} times" for (time, amount, _), n in doses.items() if n > 1),
        *(f"the level {value:g} at {time:g} h stands {n} times" for (time, value, _), n in levels.items() if n > 1),
    ]


def _overlapping(case: Case) -> list[str]:
    """The first infusion that still runs when the next one begins is told; both are counted."""
    runs = [dose for dose in single_doses(case.doses) if dose.duration > 0 and dose.time <= case.now]
    for one, other in pairwise(runs):
        if one.time + one.duration > other.time + 1e-6 and one.time < other.time:
            told = f"the infusion at {one.time:g} h runs over {one.duration:g} h, and the next begins at {other.time:g} h"
            return [f"{told}; both are counted: look at its length"]
    return []


def _at_now(case: Case) -> list[str]:
    """A dose at the very moment of the next one is told: it counts as given, and the next one comes on top of it."""
    if not any(abs(dose.time - case.now) < 1e-6 for dose in single_doses(case.doses)):
        return []
    return [
        f"a dose at {case.now:g} h, which is now, counts as given, and what is proposed comes on top of it: "
        "set now to the next dose"
    ]


def _before(case: Case) -> list[str]:
    first = min((dose.time for dose in case.doses if not dose.is_steady), default=None)
    steady = any(dose.is_steady for dose in case.doses)
    early = [level for level in case.levels if not steady and (first is None or level.time <= first)]
    if not early:
        return []
    shown = ", ".join(f"{level.value:g} at {level.time:g} h" for level in early)
    raise InputError(f"level {shown}: no dose was given before it; add the doses before, or remove the level")


def _later(case: Case) -> list[str]:
    """Doses to come are told; raises ``InputError`` for a level that cannot have been measured yet."""
    late = [level for level in case.levels if level.time > case.now]
    if late:
        shown = ", ".join(f"{level.value:g} at {level.time:g} h" for level in late)
        raise InputError(f"level {shown}: it lies after now ({case.now:g} h); correct its time, or now")
    planned = sum(dose.time > case.now for dose in single_doses(case.doses))
    told = f"{planned} doses after now ({case.now:g} h) are left out: what to give from now on is what is asked"
    return [told] if planned else []


def until(doses: tuple[Dose, ...], now: float) -> tuple[Dose, ...]:
    """Doses without those that would be given after ``now``.

    >>> [dose.additional for dose in until((Dose(0, 100, interval=12, additional=9), Dose(48, 100)), 30)]
    [2]
    """
    kept = []
    for dose in doses:
        if dose.time > now:
            continue
        fit = int((now - dose.time) / dose.interval + 1e-9) if dose.interval > 0 else dose.additional
        kept.append(replace(dose, additional=min(dose.additional, fit)))
    return tuple(kept)


def same_levels(levels: Iterable[Level]) -> tuple[Level, ...]:
    """Levels without exact repetitions: one blood sample entered twice says nothing twice."""
    return tuple(dict.fromkeys(levels))
