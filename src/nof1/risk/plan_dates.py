"""When an action begins and ends, when it was done last, and when it is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from nof1.knowledge.prevention import Action, Option, Service
from nof1.model.prevention import PlanCase, PlanState
from nof1.model.terms import system_name

_LAST_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FIRST_DEGREE = [1]


@dataclass(frozen=True, slots=True)
class Window:
    """From which day and until which an action applies; ``early``: why it begins earlier than usual."""

    begins: date | None
    ends: date | None
    early: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """Where an action stands by what was done."""

    state: PlanState
    due: date | None = None
    latest: date | None = None
    last: date | None = None
    service: str = ""
    notes: tuple[str, ...] = ()


def months_later(day: date, months: float) -> date:
    """The same day so many months later, or the last of that month.

    >>> months_later(date(2024, 1, 31), 1), months_later(date(2024, 2, 29), 12)
    (datetime.date(2024, 2, 29), datetime.date(2025, 2, 28))
    """
    count = day.year * 12 + day.month - 1 + round(months)
    year, month = divmod(count, 12)
    last = _LAST_DAYS[month] if month != 1 or _is_leap(year) else 28
    return date(year, month + 1, min(day.day, last))


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def window(action: Action, case: PlanCase) -> Window:
    """The days between which an action applies to the person, by age."""
    if case.born is None:
        return Window(None, None)
    begins, early = action.from_age, ""
    if action.years_before_youngest is not None and begins is not None:
        degrees = action.youngest_degrees or _FIRST_DEGREE
        onsets = [age for degree, term, age in case.onsets if degree in degrees and term in action.youngest_of]
        youngest = min(onsets, default=None)
        if youngest is not None and youngest - action.years_before_youngest < begins:
            begins = max(youngest - action.years_before_youngest, 0.0)
            years = f"{action.years_before_youngest:g} years"
            early = f"it begins {years} before the youngest diagnosis in the family, at {youngest:.0f}"
    first = months_later(case.born, 12 * begins) if begins is not None else case.born
    ends = None if action.to_age is None else months_later(case.born, 12 * (action.to_age + 1)) - timedelta(days=1)
    return Window(first, ends, early)


def due(action: Action, services: Mapping[str, Service], case: PlanCase, begins: date) -> Due:
    """Where an action stands: by the option whose next day is last, as one of them is enough."""
    refused = [
        (one.when or date.min, one.text, one.reason)
        for one in case.done
        if one.state == "declined" and _is_of(action, services, one.codes)
    ]
    dated: list[tuple[date, date, date, Option]] = []
    undated = ""
    for option in action.options:
        service = services[option.service]
        last, seen = _last(service, case)
        undated = undated or (service.title if seen and last is None else "")
        if last is not None and not option.standing:
            soon, late = (
                (date.max, date.max)
                if option.once
                else (months_later(last, option.months[0]), months_later(last, option.months[1]))
            )
            dated.append((soon, late, last, option))
    best = max(dated, key=lambda row: (row[0], row[1]), default=None)
    if refused and (best is None or max(refused)[0] >= best[2]):
        when, text, why = max(refused)
        told = f"declined{f' on {when}' if when > date.min else ''}: {text}{f' ({why})' if why else ''}"
        return Due(PlanState.DECLINED, due=begins, notes=(told,))
    if best is None:
        return _never(action, services, case, begins, undated)
    soon, late, last, option = best
    title = services[option.service].title
    if soon == date.max:
        return Due(PlanState.NOT_DUE, None, None, last, title, ("done once; it is not repeated",))
    state = PlanState.OVERDUE if case.today > late else PlanState.DUE if case.today >= soon else PlanState.NOT_DUE
    ahead = _planned(action, services, case)
    if ahead is not None and state is not PlanState.NOT_DUE:
        return Due(PlanState.PLANNED, ahead, late, last, title)
    return Due(state, soon, late, last, title)


def _never(action: Action, services: Mapping[str, Service], case: PlanCase, begins: date, undated: str) -> Due:
    first = max(begins, case.today)
    if (ahead := _planned(action, services, case)) is not None:
        return Due(PlanState.PLANNED, ahead)
    notes: tuple[str, ...] = ()
    if undated:
        notes = (f"{undated} was done, the record does not say when; ask for the day",)
    elif not any(services[option.service].codes or services[option.service].measurement for option in action.options):
        if not any(option.standing for option in action.options):
            notes = ("whether it was done cannot be seen in a record",)
    elif not any(option.standing for option in action.options):
        notes = ("no earlier one is recorded",)
    return Due(PlanState.LATER if begins > case.today else PlanState.DUE, first, None, None, "", notes)


def _last(service: Service, case: PlanCase) -> tuple[date | None, bool]:
    """The last day a service was done, and whether it was done at all."""
    codes = {tuple(code.split("|", 1)) for code in service.codes}
    rows = [
        one.when
        for one in case.done
        if one.state == "done" and any((system_name(code.system), code.code) in codes for code in one.codes)
    ]
    if service.measurement in case.measured:
        rows.append(case.measured[service.measurement])
    return max((day for day in rows if day is not None), default=None), bool(rows)


def _planned(action: Action, services: Mapping[str, Service], case: PlanCase) -> date | None:
    days = [
        one.when
        for one in case.done
        if one.state == "planned" and one.when is not None and one.when >= case.today and _is_of(action, services, one.codes)
    ]
    return min(days, default=None)


def _is_of(action: Action, services: Mapping[str, Service], codes: tuple[object, ...]) -> bool:
    wanted = {code for option in action.options for code in services[option.service].codes}
    return any(f"{system_name(getattr(one, 'system', ''))}|{getattr(one, 'code', '')}" in wanted for one in codes)
