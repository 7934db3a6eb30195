"""Concentrations where nothing changes in time: each dose's share of each exponential, added up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.knowledge.kinetics import Input, Structure
from nof1.response import inputs
from nof1.response.course import Course
from nof1.response.exponentials import Exponentials, central, metabolite

Values = NDArray[Any]
_NEVER_BEFORE = 1e7  # hours: an interval so long that no earlier dose is left


@dataclass(frozen=True, slots=True)
class _Group:
    """Doses that enter alike: columns of the course, ``given`` (rows, doses) or 0; ``infused``: always, never, mixed."""

    entry: Input
    columns: Values
    given: Values
    is_steady: bool
    infused: str


def concentrations(
    structure: Structure, parameters: Mapping[str, Values], course: Course, times: Values
) -> tuple[Values, Values | None]:
    """Concentration in the central compartment and of the metabolite, (rows, lanes, times), dose unit per litre.

    ``parameters``: each (rows or 1, lanes or 1). ``times`` (rows or 1, times), hours. A level at the time of a dose is
    the one just before it.
    """
    parent = central(parameters, structure.compartments)
    found = _added(structure, parameters, course, times, parent)
    if not structure.metabolite:
        return found, None
    return found, _added(structure, parameters, course, times, metabolite(parent, parameters))


def areas(structure: Structure, parameters: Mapping[str, Values], course: Course, times: Values) -> Values:
    """Area under the central concentration from the first dose to each of ``times``; as ``concentrations``."""
    return _added(structure, parameters, course, times, central(parameters, structure.compartments), is_area=True)


def has_concentrations(structure: Structure, course: Course) -> bool:
    """Whether ``concentrations`` has a closed form for every dose of ``course``: none runs into a transit chain."""
    has_chain = any(entry.kind == "transit" for entry in structure.inputs)
    return course.until.shape[1] == 1 and not (has_chain and (course.duration > 0).any())


def enters(course: Course, entry: Input) -> Values:
    """Whether each dose is given on a route of ``entry``, (rows, doses)."""
    return np.asarray(sum(course.route == course.routes.index(route) for route in set(entry.routes)) > 0)


def has_area(structure: Structure, course: Course) -> bool:
    """Whether ``areas`` has a closed form for every dose of ``course``."""
    plain = all(entry.kind in ("bolus", "first_order", "zero_order") for entry in structure.inputs)
    slow = any(entry.kind == "first_order" for entry in structure.inputs)
    return plain and not (course.interval > 0).any() and not (slow and (course.duration > 0).any())


def _added(
    structure: Structure,
    parameters: Mapping[str, Values],
    course: Course,
    times: Values,
    terms: Exponentials,
    is_area: bool = False,
) -> Values:
    total: Any = 0.0
    for group in _groups(structure, course):
        entry = group.entry
        hours = _wide(times)[..., None] - course.time[:, None, None, group.columns]
        if entry.lag:
            hours = hours - _deep(parameters[entry.lag])
        weight = group.given[:, None, None, :] * _share(entry, parameters)
        for coefficient, rate in zip(terms.coefficient, terms.rate, strict=True):
            unit = _area(group, parameters, course, hours, _deep(rate)) if is_area else None
            unit = _unit(group, parameters, course, hours, _deep(rate)) if unit is None else unit
            total = total + _deep(coefficient)[..., 0] * (unit * weight).sum(axis=-1)
    if isinstance(total, float):
        total = np.zeros((len(course.time), 1, times.shape[-1]))
    return np.asarray(total)


def _groups(structure: Structure, course: Course) -> Iterator[_Group]:
    is_infusion = course.duration > 0
    is_train = (course.interval > 0).any(axis=0)
    kinds = np.asarray(3 * is_train + is_infusion.any(axis=0) + is_infusion.all(axis=0))
    for entry in structure.inputs:
        given = course.amount * enters(course, entry)
        used = (given != 0).any(axis=0)
        for kind in sorted(set(kinds[used].tolist())):
            columns = np.flatnonzero(used & (kinds == kind))
            yield _Group(entry, columns, given[:, columns], kind >= 3, ("never", "mixed", "always")[kind % 3])


def _unit(group: _Group, parameters: Mapping[str, Values], course: Course, hours: Values, rate: Values) -> Values:
    """What one unit of each dose leaves of one exponential, (rows, lanes, times, doses)."""
    interval = _interval(group, course)
    lasting = np.maximum(course.duration[:, None, None, group.columns], 1e-9)
    at_once = _at_once(group.entry, parameters, hours, rate, interval) if group.infused != "always" else None
    if group.infused == "never":
        assert at_once is not None
        return at_once
    entry = group.entry
    if entry.kind in ("bolus", "zero_order"):
        slow = inputs.infusion(rate, hours, lasting, interval)
    else:
        slow = inputs.zero_first(rate, hours, _deep(parameters[entry.ka]), lasting, interval)
    return slow if at_once is None else np.where(course.duration[:, None, None, group.columns] > 0, slow, at_once)


def _at_once(entry: Input, parameters: Mapping[str, Values], hours: Values, rate: Values, interval: Values | None) -> Values:
    def of(name: str) -> Values:
        return _deep(parameters[name])

    match entry.kind:
        case "bolus":
            return inputs.bolus(rate, hours, interval)
        case "zero_order":
            return inputs.infusion(rate, hours, of(entry.duration), interval)
        case "first_order":
            return inputs.first_order(rate, hours, of(entry.ka), interval)
        case "zero_first":
            return inputs.zero_first(rate, hours, of(entry.ka), of(entry.duration), interval)
        case "transit":
            return inputs.transit(rate, hours, of(entry.ktr), entry.transits, of(entry.ka) if entry.ka else None, interval)


def _area(group: _Group, parameters: Mapping[str, Values], course: Course, hours: Values, rate: Values) -> Values:
    entry = group.entry
    if entry.kind == "first_order":
        return inputs.first_order_area(rate, hours, _deep(parameters[entry.ka]))
    given = course.duration[:, None, None, group.columns]
    if entry.kind == "zero_order":
        return inputs.infusion_area(rate, hours, np.where(given > 0, given, _deep(parameters[entry.duration])))
    if group.infused == "never":
        return inputs.bolus_area(rate, hours)
    slow = inputs.infusion_area(rate, hours, np.maximum(given, 1e-9))
    return slow if group.infused == "always" else np.where(given > 0, slow, inputs.bolus_area(rate, hours))


def _interval(group: _Group, course: Course) -> Values | None:
    if not group.is_steady:
        return None
    interval = course.interval[:, None, None, group.columns]
    return np.where(interval > 0, interval, _NEVER_BEFORE)


def _share(entry: Input, parameters: Mapping[str, Values]) -> Any:
    share: Any = 1.0
    for name in (entry.bioavailability, entry.fraction):
        if name:
            share = share * _deep(parameters[name])
    return share


def _deep(values: Values) -> Values:
    """(rows, lanes) against (rows, lanes, times, doses)."""
    return values[:, :, None, None]


def _wide(times: Values) -> Values:
    return times[:, None, :]
