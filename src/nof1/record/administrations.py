"""Doses as they were given: when, how much, how fast and by which route, each by itself."""

from __future__ import annotations

from dataclasses import replace

from nof1.errors import UnitError
from nof1.model.record import Administration, Quantity
from nof1.model.terms import system_name
from nof1.record.fields import Json, moment, number, obj, text
from nof1.record.products import drugs_of, product
from nof1.record.reading import Reading, Resource
from nof1.record.routes import route
from nof1.units.spoken import tolerant

KIND = "MedicationAdministration"
_NOT_GIVEN = ("not-done", "entered-in-error")


def administrations(resources: list[Resource], reading: Reading) -> list[Administration]:
    """Every dose that was given or is being given, in order of time; what was not done is told by the list of drugs."""
    quiet = replace(reading, left={}, lists=set(), said_none=set(), unknown={})  # the list of drugs has told it all
    given = [resource for resource in resources if text(resource.content.get("status")) not in _NOT_GIVEN]
    found = [_administration(resource, quiet) for resource in given]
    return sorted(found, key=lambda item: (item.start or (item.day.isoformat() if item.day else ""), item.place))


def _administration(resource: Resource, reading: Reading) -> Administration:
    content, place = resource.content, resource.place
    about, how = product(resource, reading), obj(content.get("dosage"))
    period = obj(content.get("effectivePeriod"))
    said = content.get("effectiveDateTime") or period.get("start")
    day = reading.past(said, place, "the start")
    end = reading.past(period.get("end"), place, "the end")
    dose, problem = _quantity(how.get("dose"), "the dose")
    rate, slip = _quantity(how.get("rateQuantity"), "the rate") if "rateQuantity" in how else _ratio(how.get("rateRatio"))
    doubts = [
        _dated(said, day is not None),
        "its end is no date" if period.get("end") and end is None else "",
        problem,
        slip,
    ]
    return Administration(
        drugs_of(about, reading.terms).drugs,
        about.said,
        day,
        moment(said) if day else "",
        moment(period.get("end")) if end else "",
        dose,
        rate,
        route([how] if how else [], about.described, place, reading)[0],
        text(content.get("status")),
        place,
        "; ".join(filter(None, doubts)),
    )


def _dated(said: object, is_usable: bool) -> str:
    if is_usable:
        return ""
    return "when it was given is not recorded" if said is None else "its date cannot be"


def _quantity(value: object, what: str) -> tuple[Quantity | None, str]:
    """The quantity, and what is wrong with it; neither where there is none."""
    given = obj(value)
    if not given:
        return None, ""
    amount = number(given.get("value"))
    if amount is None:
        return None, f"{what} is no number"
    if text(given.get("comparator")):
        return None, f"{what} is {text(given['comparator'])}{amount:g}, not one number"
    return Quantity(amount, _unit(given)), ""


def _unit(given: Json) -> str:
    """The unit as UCUM where its spelling means one, otherwise as it is written."""
    code, unit = text(given.get("code")), text(given.get("unit"))
    written = code if code and system_name(text(given.get("system"))) == "ucum" else unit or code
    try:
        return tolerant(written)[0] if written else ""
    except UnitError:
        return written


def _ratio(value: object) -> tuple[Quantity | None, str]:
    """A rate written as an amount in a time."""
    if not isinstance(value, dict):
        return None, ""
    above, problem = _quantity(value.get("numerator"), "the rate")
    below, slip = _quantity(value.get("denominator"), "the time of the rate")
    if problem or slip or above is None or below is None or not below.value > 0:
        return None, problem or slip or "the rate is no amount in a time"
    return Quantity(above.value / below.value, f"{above.unit}/{below.unit}"), ""
