"""Values in other units as an equation of risk takes them."""

from __future__ import annotations

from nof1.errors import UnitError
from nof1.knowledge.formula import parse
from nof1.knowledge.risk_equations import RiskInput
from nof1.knowledge.schema import Knowledge
from nof1.units.convert import convert
from nof1.units.spoken import tolerant


def known_unit(known: Knowledge, term: str) -> str:
    """The unit in which the fact ``term`` is kept; empty where it has none (a condition, the sex)."""
    if term == "age":
        return "a"
    if term in known.care.measurements:
        return known.care.measurements[term].unit
    equations = known.care.policy.equations if known.care.policy else ()
    return next((equation.unit for equation in equations if equation.gives == term), "")


def molar_mass(known: Knowledge, item: RiskInput) -> float | None:
    """Of the substance that ``item`` is the amount of, where a term says it."""
    terms = [
        known.care.measurements[name] for found in item.found for name in found.terms if name in known.care.measurements
    ]
    return next((term.molar_mass for term in terms if term.molar_mass), None)


def to_input(value: float, unit: str, item: RiskInput, mass: float | None) -> float:
    """``value`` in the unit of ``item``; raises ``UnitError`` where that cannot be."""
    return convert(value, tolerant(unit)[0], item.unit, mass)


def from_hand(known: Knowledge, item: RiskInput, value: float, unit: str) -> float:
    """A value by hand in the unit of ``item``, directly or by a formula that turns another measurement into it."""
    mass = molar_mass(known, item)
    try:
        return to_input(value, unit, item, mass)
    except UnitError:
        for found in item.found:
            if found.formula and len(found.terms) == 1 and (kept := known_unit(known, found.terms[0])):
                try:
                    return float(parse(found.formula).evaluate({"value": convert(value, tolerant(unit)[0], kept, mass)}))
                except UnitError:
                    continue
        raise
