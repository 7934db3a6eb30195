"""Dose and frequency out of FHIR dosage instructions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from nof1.model.record import Quantity
from nof1.model.terms import system_name
from nof1.record.fields import Json, codings, number, obj, objects, short, text, words
from nof1.record.reading import Reading
from nof1.record.routes import route

_DAYS = {"s": 1 / 86400, "min": 1 / 1440, "h": 1 / 24, "d": 1.0, "wk": 7.0, "mo": 30.0, "a": 365.0}
_EVERY = {"Q1H": 24.0, "Q2H": 12.0, "Q3H": 8.0, "Q4H": 6.0, "Q6H": 4.0, "Q8H": 3.0}
_TIMES = {"BID": 2.0, "TID": 3.0, "QID": 4.0, "QD": 1.0, "AM": 1.0, "PM": 1.0, "QOD": 0.5, "BED": 1.0, "WK": 1 / 7, **_EVERY}


@dataclass(frozen=True, slots=True)
class Dosage:
    """How a drug is taken; ``start`` and ``end``: bounds of the timing."""

    route: str = ""
    is_systemic: bool | None = None
    dose: Quantity | None = None
    per_day: float | None = None
    text: str = ""
    start: date | None = None
    end: date | None = None


def dosage(instructions: list[Json], described: str, place: str, reading: Reading) -> Dosage:
    """One dosage out of all instructions; ``described``: name and form, whose words may tell the route.

    What several instructions say differently (a titration) is kept as text only.
    """
    how, systemic = route(instructions, described, place, reading)
    doses = {_dose(one) for one in instructions}
    rates = [_per_day(one) for one in instructions]
    bounds = [obj(obj(obj(one.get("timing")).get("repeat")).get("boundsPeriod")) for one in instructions]
    starts = [found for bound in bounds if (found := reading.when(bound.get("start"), place, "the start of dosing"))]
    ends = [reading.when(bound.get("end"), place, "the end of dosing", at_end=True) for bound in bounds]
    end = max((found for found in ends if found), default=None) if all(ends) else None
    one_dose = doses.pop() if len(doses) == 1 else None
    known = [rate for rate in rates if rate is not None]
    per_day = sum(known) if known and len(known) == len(rates) and (one_dose or len(rates) == 1) else None
    return Dosage(how, systemic, one_dose, per_day, _text(instructions), min(starts, default=None), end)


def _dose(instruction: Json) -> Quantity | None:
    """One dose; ``None`` where it is a range or not stated."""
    rates = objects(instruction.get("doseAndRate")) or [{"doseQuantity": instruction.get("dose")}]
    quantity = obj(rates[0].get("doseQuantity"))
    value = number(quantity.get("value"))
    if value is None or value < 0 or quantity.get("comparator"):
        return None
    return Quantity(value, text(quantity.get("code")) or text(quantity.get("unit")))


def _per_day(instruction: Json) -> float | None:
    """Doses a day; ``None`` as needed, for a range, or where it is not stated."""
    timing = obj(instruction.get("timing"))
    repeat = obj(timing.get("repeat"))
    if instruction.get("asNeededBoolean") is True or "asNeededCodeableConcept" in instruction:
        return None
    if "frequencyMax" in repeat or "periodMax" in repeat:
        return None
    period, unit = number(repeat.get("period")), _DAYS.get(text(repeat.get("periodUnit")))
    often = number(repeat.get("frequency"))
    named = [part for part in repeat["when"] if isinstance(part, str)] if isinstance(repeat.get("when"), list) else []
    if period and period > 0 and unit:
        return (often or max(len(named), 1)) / (period * unit) if often is None or often > 0 else None
    for code in codings(timing.get("code")):
        if system_name(code.system) == "timing" or not code.system:
            return _TIMES.get(code.code.upper())
    return float(len(named)) if named and "dayOfWeek" not in repeat else None


def _text(instructions: list[Json]) -> str:
    parts = []
    for one in instructions:
        said = text(one.get("text")) or text(one.get("patientInstruction"))
        reason = words(one.get("asNeededCodeableConcept"))
        if one.get("asNeededBoolean") is True or reason:
            said = f"{said}; as needed {reason}".strip("; ").strip()
        parts.append(said)
    return short("; ".join(part for part in parts if part))
