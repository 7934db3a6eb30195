"""Doses that exist for a drug and that no ceiling forbids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nof1.errors import InputError, RequestError
from nof1.knowledge.dosing import Ceiling, DosingFile, Regimens
from nof1.knowledge.formula import parse
from nof1.units.convert import convert

SLACK = 1 + 1e-9  # a dose at the ceiling is not above it, whatever the last bit says
MOST = 5000
_QUARTER = 0.25  # hours


@dataclass(frozen=True, slots=True)
class Regimen:
    """``amount`` in the model's dose unit every ``interval`` hours, over ``duration`` hours (0: at once)."""

    route: str
    amount: float
    interval: float
    duration: float

    @property
    def daily(self) -> float:
        """Dose units a day."""
        return self.amount * 24 / self.interval

    @property
    def is_continuous(self) -> bool:
        """Whether one infusion ends where the next begins."""
        return self.duration >= self.interval


@dataclass(frozen=True, slots=True)
class Offer:
    """Regimens that may be proposed, and ``above``: how many existing ones a ceiling forbids, by its text."""

    regimens: tuple[Regimen, ...]
    loading: tuple[Regimen, ...]
    above: Mapping[str, int]
    ceilings: tuple[Ceiling, ...]


def offer(
    file: DosingFile, routes: Sequence[str], dose_unit: str, facts: Mapping[str, float], intervals: Sequence[float] = ()
) -> Offer:
    """What ``file`` offers on ``routes``. ``facts``: names that conditions ask; ``weight`` (kg) where doses are per kg.

    ``intervals``: only these, where given. Raises ``InputError`` where a weight is needed and not known,
    ``RequestError`` for an interval that none of them has.
    """
    ceilings = [item for item in file.ceilings if holds(item.when, facts)]
    rows = [row for row in file.regimens if row.route in routes and holds(row.when, facts)]
    _check_intervals(intervals, rows, file.drug)
    kept: dict[Regimen, None] = {}
    above: dict[str, int] = {}
    for row in rows:
        for regimen in _written(row, ceilings, dose_unit, facts):
            if intervals and regimen.interval not in intervals:
                continue
            if broken := next((item for item in ceilings if _breaks(regimen, item, dose_unit, facts)), None):
                above[ceiling_text(broken)] = above.get(ceiling_text(broken), 0) + 1
            else:
                kept[regimen] = None
    if len(kept) > MOST:
        raise InputError(f"{len(kept)} regimens to look at; narrow them by intervals, at most {MOST} are priced")
    loading = [
        item for row in rows for item in _loading(row, dose_unit, facts) if not _forbidden(item, ceilings, dose_unit, facts)
    ]
    return Offer(tuple(kept), tuple(dict.fromkeys(loading)), above, tuple(ceilings))


def _check_intervals(asked: Sequence[float], rows: Sequence[Regimens], drug: str) -> None:
    """Raises ``RequestError`` for an interval that no dose on these routes has."""
    known = sorted({hours for row in rows for hours in row.intervals})
    strange = [hours for hours in asked if hours not in known]
    if strange and known:
        listed = ", ".join(f"{hours:g}" for hours in known)
        raise RequestError(f"no dose of {drug} is given every {strange[0]:g} h; known here is every {listed} h")


def _written(row: Regimens, ceilings: Sequence[Ceiling], dose_unit: str, facts: Mapping[str, float]) -> Iterator[Regimen]:
    for amount in _single(row, dose_unit, facts):
        for interval in row.intervals:
            for duration in row.infusions or [0.0]:
                found = _measured(Regimen(row.route, amount, interval, duration), row, ceilings, dose_unit, facts)
                if duration <= interval and found.amount:
                    yield found


def _measured(
    regimen: Regimen, row: Regimens, ceilings: Sequence[Ceiling], dose_unit: str, facts: Mapping[str, float]
) -> Regimen:
    """``regimen`` with the nearest amount that can be measured out; the one below, if that alone passes no ceiling.

    An amount of 0: it is too small to be measured.
    """
    part = convert(row.round_to, row.unit, dose_unit) if row.round_to else 0.0
    if not (part and row.per_kg):
        return regimen
    count = regimen.amount / part
    near, under = (replace(regimen, amount=round(number * part, 6)) for number in (round(count), int(count * SLACK)))
    return under if under.amount and breaks(near, ceilings, dose_unit, facts) else near


def _single(row: Regimens, dose_unit: str, facts: Mapping[str, float]) -> list[float]:
    """The single doses of ``row`` in ``dose_unit``, before they are rounded."""
    return [_in_dose_units(amount, row, dose_unit, facts) for amount in amounts(row)]


def amounts(row: Regimens) -> list[float]:
    """The single doses of ``row``, in its unit.

    >>> from types import SimpleNamespace as Row
    >>> amounts(Row(doses=[], step=250.0, least=500.0, most=1000.0))
    [500.0, 750.0, 1000.0]
    """
    if row.doses:
        return list(row.doses)
    assert row.step is not None and row.least is not None and row.most is not None
    count = int((row.most - row.least) / row.step * SLACK)
    return [row.least + number * row.step for number in range(count + 1)]


def existing(file: DosingFile, route: str, facts: Mapping[str, float], dose_unit: str) -> list[float]:
    """All single doses on ``route`` (empty: any), in ``dose_unit``; none where a weight is needed and not known."""
    rows = [row for row in file.regimens if route in ("", row.route) and holds(row.when, facts)]
    if not dose_unit or ("weight" not in facts and any(row.per_kg for row in rows)):
        return []
    return [_in_dose_units(amount, row, dose_unit, facts) for row in rows for amount in amounts(row)]


def _loading(row: Regimens, dose_unit: str, facts: Mapping[str, float]) -> Iterator[Regimen]:
    """Single first doses between the two figures, in steps of the maintenance dose."""
    if not row.loading:
        return
    low, high = (_in_dose_units(value, row, dose_unit, facts, row.loading_per_kg) for value in row.loading)
    part = row.step if row.step and not row.per_kg else row.round_to
    step = convert(part, row.unit, dose_unit) if part else (high - low) or high
    first, last = (max(round(end / step), 1) if low == high else end / step for end in (low, high))
    number = -(-first // 1)
    while number <= last * SLACK:
        for duration in row.infusions or [0.0]:
            yield Regimen(row.route, round(number * step, 6), max(row.intervals), duration)
        number += 1


def _in_dose_units(
    amount: float, row: Regimens, dose_unit: str, facts: Mapping[str, float], per_kg: bool | None = None
) -> float:
    scaled = convert(amount, row.unit, dose_unit)
    return round(scaled * _weight(facts), 6) if (row.per_kg if per_kg is None else per_kg) else scaled


def _weight(facts: Mapping[str, float]) -> float:
    if "weight" not in facts:
        raise InputError("the dose is per kg of body weight, which is not known; give the weight")
    return facts["weight"]


def _forbidden(regimen: Regimen, ceilings: Sequence[Ceiling], dose_unit: str, facts: Mapping[str, float]) -> bool:
    return any(_breaks(regimen, item, dose_unit, facts) for item in ceilings if item.kind != "daily")


def _breaks(regimen: Regimen, ceiling: Ceiling, dose_unit: str, facts: Mapping[str, float]) -> bool:
    if ceiling.route not in ("", regimen.route):
        return False
    most = convert(ceiling.value, ceiling.unit, dose_unit) * (_weight(facts) if ceiling.per_kg else 1.0)
    if ceiling.kind == "rate":
        return regimen.duration <= 0 or regimen.amount / regimen.duration > most * SLACK
    return (regimen.amount if ceiling.kind == "single" else regimen.daily) > most * SLACK


def breaks(regimen: Regimen, ceilings: Sequence[Ceiling], dose_unit: str, facts: Mapping[str, float]) -> tuple[Ceiling, ...]:
    """The ceilings that ``regimen`` is above."""
    return tuple(item for item in ceilings if _breaks(regimen, item, dose_unit, facts))


def ceiling_text(ceiling: Ceiling) -> str:
    """A ceiling in words: ``at most 4500 mg a day``."""
    per = {"single": "at once", "daily": "a day", "rate": "an hour"}[ceiling.kind]
    unit = ceiling.unit + ("/kg" if ceiling.per_kg else "")
    return f"at most {ceiling.value:g} {unit} {per}"


def holds(condition: str, facts: Mapping[str, float]) -> bool:
    """Whether ``condition`` holds as far as is known: where a missing fact decides it does, for ceilings as for offers."""
    return not condition or parse(condition).truth(facts) is not False


def is_known(condition: str, facts: Mapping[str, float]) -> bool:
    """Whether ``condition`` is known to hold; an empty one is."""
    return not condition or parse(condition).truth(facts) is True


def length(hours: float) -> str:
    """How long an infusion runs, in minutes where it is shorter than a quarter of an hour.

    >>> length(1.5), length(0.25), length(0.0334)
    ('1.5 h', '0.25 h', '2 min')
    """
    return f"{hours:.3g} h" if hours >= _QUARTER else f"{hours * 60:.2g} min"


def regimen_words(regimen: Regimen, unit: str) -> str:
    """A regimen in words.

    >>> regimen_words(Regimen("intravenous", 1250.0, 12.0, 1.5), "mg")
    '1250 mg intravenous over 1.5 h every 12 h'
    """
    over = f" over {length(regimen.duration)}" if regimen.duration else ""
    return f"{regimen.amount:.5g} {unit} {regimen.route}{over} every {regimen.interval:.3g} h"
