"""A number with its unit in the term's own unit, or why it is refused and what may have been meant."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from nof1.errors import UnitError
from nof1.model.terms import Measurable
from nof1.units.compare import canonical, kind
from nof1.units.convert import convert
from nof1.units.spoken import suggest, tolerant

_UNITS = (
    "mmol/L umol/L nmol/L pmol/L mg/dL g/L g/dL mg/L ug/L ug/dL ng/mL ng/dL pg/mL ng/L mmol/mol % 1 10*9/L 10*6/L kg g "
    "[lb_av] cm m [in_i] Cel [degF] mm[Hg] kPa U/L kat/L mL/min mL/s"
)
_USUAL = tuple(_UNITS.split())


@dataclass(frozen=True, slots=True)
class Measured:
    """The value in the term's unit; ``None`` with the stable ``kind`` of the problem and the reason."""

    value: float | None
    kind: str = ""
    why: str = ""


def measured(value: float, unit: str, comparator: str, term: Measurable) -> Measured:
    """``value`` in the unit of ``term``. Refused: no or a wrong unit, and what cannot be believed, each with a hint."""
    if not term.unit:
        return Measured(value)
    shown = f"{term.title} is {value:g} '{unit}'"
    if not unit:
        if not _is_plain(term.unit):
            return Measured(
                None, "unit_missing", f"{term.title} is {value:g} without a unit; write one, such as {term.unit}"
            )
        unit = term.unit
    try:
        ucum = tolerant(unit)[0]
        found = convert(value, ucum, term.unit, term.molar_mass, term.charge)
    except UnitError as error:
        return Measured(None, "unit_refused", f"{shown}: {_wrong_unit(unit, term, error)}")
    if _is_believable(found, comparator, term):
        return Measured(found)
    return Measured(None, "value_implausible", f"{shown}, {_range(term)}{_instead(value, ucum, term)}")


@lru_cache(maxsize=512)
def _is_plain(unit: str) -> bool:
    """Whether numbers in ``unit`` are usually written without one (ratios and scores, but not percents)."""
    return unit == "1" or unit.startswith("{") or (canonical(unit) == "1" and unit != "%")


def _wrong_unit(unit: str, term: Measurable, error: UnitError) -> str:
    if meant := suggest(unit, term.unit) or _by_volume(unit, term):
        return f"expected {kind(term.unit)}; did you mean {meant}?"
    return f"{error}; the expected unit is {term.unit}"


def _by_volume(unit: str, term: Measurable) -> str:
    """The unit with the volume that was left out, where that would fit; empty where it would not."""
    for volume in ("/L", "/dL", "/mL"):
        if _converted(1.0, f"{unit}{volume}", term) is not None:
            return f"{unit}{volume}"
    return ""


def _is_believable(value: float, comparator: str, term: Measurable) -> bool:
    is_low = term.low is not None and value < term.low and not comparator.startswith("<")
    is_high = term.high is not None and value > term.high and not comparator.startswith(">")
    return not is_low and not is_high


def _range(term: Measurable) -> str:
    return f"outside what can be ({term.low:g} to {term.high:g} {term.unit})"


def _instead(value: float, ucum: str, term: Measurable) -> str:
    """Units in which the number would be usual, as a hint."""
    fitting = []
    for unit in dict.fromkeys((term.unit, *_USUAL)):
        if unit == ucum or _as(1.0, unit, ucum, term) == 1.0:
            continue
        found = _converted(value, unit, term)
        if found is not None and _is_believable(found, "", term):
            fitting.append(unit)
    return f"; it could be a value in {' or '.join(fitting[:2])}" if fitting else "; correct the value"


def _converted(value: float, source: str, term: Measurable) -> float | None:
    return _as(value, source, term.unit, term)


def _as(value: float, source: str, target: str, term: Measurable) -> float | None:
    try:
        return convert(value, source, target, term.molar_mass, term.charge)
    except UnitError:
        return None
