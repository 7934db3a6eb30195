"""What an outcome should do on a drug against what it did: response, partial response, none, too early, or not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from nof1.knowledge.outcomes import Expected, Outcome
from nof1.response.attributable import Change, Interval


class Verdict(StrEnum):
    """How an outcome answered to a drug. ``partial``: in the expected direction, less than is called a response."""

    RESPONSE = "response"
    PARTIAL = "partial"
    NON_RESPONSE = "non_response"
    TOO_EARLY = "too_early"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict, and why. ``is_sure``: the whole interval says the same; ``possible``: every verdict that it allows.

    ``observed``: the change in the expected direction (below 0: in the other one), as the row measures it; ``response_from``
    and ``partial_from``: from where it is called so. ``in_remission``: whether the latest value is below the cut-off of
    remission; ``None`` where there is none. ``apparent``: where there is no interval, what the last values without and with
    the drug would be called if they were exact.
    """

    row: str
    verdict: Verdict
    is_sure: bool
    possible: tuple[Verdict, ...]
    why: str
    observed: Interval | None
    response_from: float | None
    partial_from: float | None
    is_relative: bool
    in_remission: bool | None
    sources: tuple[str, ...]
    apparent: Verdict | None = None


def row_for(
    rows: Sequence[Expected],
    drug: str,
    outcome: str,
    members: Mapping[str, Sequence[str]],
    doses: Mapping[str, float | None],
) -> tuple[Expected | None, str]:
    """The row that holds for ``drug`` and ``outcome``, or why there is none.

    ``members``: drugs by class. ``doses``: the daily dose now taken, by unit. A row that names the drug goes before one that
    names its class; a row with a dose holds within it only.
    """
    about = [row for row in rows if row.outcome == outcome and _names(row, drug, members)]
    about.sort(key=lambda row: drug not in row.drugs)
    if not about:
        return None, f"nothing is stored on what {drug} should do to it"
    dosed = [row for row in about if row.daily_dose]
    for row in about:
        if not row.daily_dose:
            return row, ""
        dose = doses.get(row.dose_unit)
        if dose is not None and row.daily_dose[0] <= dose <= row.daily_dose[1]:
            return row, ""
    units = sorted({row.dose_unit for row in dosed})
    known = [(unit, doses[unit]) for unit in units if doses.get(unit) is not None]
    if not known:
        return None, f"what {drug} should do depends on the daily dose, which is not recorded"
    told = ", ".join(f"{row.daily_dose[0]:g} to {row.daily_dose[1]:g} {row.dose_unit}" for row in dosed)
    return None, f"nothing is stored for {known[0][1]:g} {known[0][0]} a day of {drug} (stored: {told})"


def _names(row: Expected, drug: str, members: Mapping[str, Sequence[str]]) -> bool:
    return drug in row.drugs or any(drug in members.get(name, ()) for name in row.classes)


def judge(
    row: Expected,
    outcome: Outcome,
    change: Change | None,
    why: str,
    days_taken: int | None,
    latest: float | None,
    pair: tuple[float, float] | None = None,
) -> Judged:
    """The verdict on ``change`` (``None`` where there is none, for the reason ``why``) against ``row``.

    ``days_taken``: from the start of the present dose to the last value (``None``: not known); ``latest``: the last value;
    ``pair``: the last values without and with the drug.
    """
    sources = tuple(dict.fromkeys(text for text in (row.source, row.when_source, row.response_source) if text))
    remission = None if outcome.remission is None or latest is None else latest < outcome.remission
    response_from, partial_from = _limits(row, outcome)
    plain = Judged(
        row.id, Verdict.UNKNOWN, False, (), why, None, response_from, partial_from, row.relative, remission, sources
    )
    if days_taken is not None and days_taken < row.from_days:
        early = f"the last value is of day {days_taken} of this dose; it is judged from day {row.from_days}"
        return replace(plain, verdict=Verdict.TOO_EARLY, is_sure=True, possible=(Verdict.TOO_EARLY,), why=early)
    observed = _observed(row, change) if change is not None else None
    if observed is None:
        told = why or "the change cannot be measured as the expectation is stated"
        return replace(plain, why=told, apparent=_apparent(row, pair, response_from, partial_from))
    named = _verdict(observed.value, response_from, partial_from)
    possible = _possible(observed, response_from, partial_from)
    is_open = Verdict.RESPONSE in possible and Verdict.NON_RESPONSE in possible
    verdict = Verdict.UNKNOWN if is_open else named
    told = _because(observed, response_from, row, named, possible, is_open)
    return replace(plain, verdict=verdict, is_sure=possible == (named,), possible=possible, why=told, observed=observed)


def _apparent(row: Expected, pair: tuple[float, float] | None, response: float, partial: float) -> Verdict | None:
    if pair is None or (row.relative and pair[0] == 0):
        return None
    moved = (pair[1] - pair[0]) * (1 if row.direction == "higher" else -1)
    return _verdict(moved / abs(pair[0]) if row.relative else moved, response, partial)


def _limits(row: Expected, outcome: Outcome) -> tuple[float, float]:
    """Sizes from which a change is a response and a partial one."""
    response = row.response if row.response is not None else row.least
    fits = row.relative == (outcome.scale == "log")
    if response is None and outcome.important is not None and fits:
        response = outcome.important
    return response or 0.0, row.partial or 0.0


def _observed(row: Expected, change: Change) -> Interval | None:
    found = change.relative if row.relative or change.difference is None else change.difference
    if found.low is None and found.high is None:
        return None
    if row.direction == "higher":
        return found
    turned = [None if end is None else -end for end in (found.high, found.low)]
    return Interval(-found.value, *turned)


def _verdict(value: float, response: float, partial: float) -> Verdict:
    if value > 0 and value >= response:
        return Verdict.RESPONSE
    return Verdict.PARTIAL if value > 0 and value >= partial else Verdict.NON_RESPONSE


def _possible(observed: Interval, response: float, partial: float) -> tuple[Verdict, ...]:
    """Every verdict between the ends of the interval; an end that is not known is open."""
    low = float("-inf") if observed.low is None else observed.low
    high = float("inf") if observed.high is None else observed.high
    ends = [_verdict(low, response, partial), _verdict(high, response, partial)]
    order = [Verdict.RESPONSE, Verdict.PARTIAL, Verdict.NON_RESPONSE]
    first, last = sorted((order.index(ends[0]), order.index(ends[1])))
    between = order[first : last + 1]
    return tuple(item for item in between if item is not Verdict.PARTIAL or partial < response)


def _because(
    observed: Interval, response: float, row: Expected, named: Verdict, possible: tuple[Verdict, ...], is_open: bool
) -> str:
    sign = "%" if row.relative else ""
    times = 100 if row.relative else 1
    ends = " to ".join("?" if end is None else f"{end * times:.3g}{sign}" for end in (observed.low, observed.high))
    wanted = f"at least {response * times:g}{sign}" if response else "any change"
    told = f"{observed.value * times:.3g}{sign} {row.direction} ({ends}) against {wanted} {row.direction}"
    words = {item: str(item).replace("_", "-") for item in Verdict}
    if is_open:
        return f"{told}: the interval holds both response and non-response (most likely {words[named]})"
    others = [words[item] for item in possible if item is not named]
    return told + (f"; {' or '.join(others)} cannot be excluded" if others else "")
