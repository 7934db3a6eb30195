"""A Tucuxi drug file as a model of ours: its structure is named, its scripts are translated, its units are compared.

Tucuxi computes in litres, hours and micrograms, and reads a dose in milligrams; it does not convert what a file says
in another unit. A file whose units say something else is refused, or read as Tucuxi reads it where that is asked for.
``erlangN`` are N compartments behind the one that takes the dose; ``mixed`` is the root of s0^2 + s1^2 f^2; ``propexp`` is
weighed as proportional; several standard deviations of a parameter belong to effects that are added.
"""

from __future__ import annotations

import re
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nof1.errors import RequestError, UnitError
from nof1.knowledge.foreign.brought import Asked, Brought, checked, effects_of, identifier, plain, validation
from nof1.knowledge.foreign.expression import Expression, Name, Number, names, substituted, text_of
from nof1.knowledge.foreign.translate import needed, reach
from nof1.knowledge.foreign.tucuxi_build import Building, Shape, disposition, inputs_of
from nof1.knowledge.foreign.tucuxi_facts import asked, boundaries, covariates
from nof1.knowledge.foreign.tucuxi_file import read
from nof1.knowledge.foreign.xml_tree import read as read_xml
from nof1.knowledge.kinetics import Computed, Input, Output, Parameter, PkModel, Residual, Structure
from nof1.units.convert import convert

PROGRAM = "Tucuxi"
_STRUCTURE = re.compile(
    r"(?P<how>linear|michaelismenten|michaelismentenlinear)\.(?P<count>[123])comp"
    r"(?:\.erlang(?P<erlang>\d{1,2}))?(?P<amount>\.vmaxamount)?(?P<form>\.macro|\.micro)?"
)
_UNITS = {"CL": "L/h", "V": "L", "Q": "L/h", "V2": "L", "Q3": "L/h", "V3": "L", "Vmax": "mg/h", "Km": "mg/L"}


def model_of(data: bytes, asked: Asked, *, as_computed: bool = False) -> Brought:
    """The model in the XML ``data``; ``as_computed``: numbers have Tucuxi's units whatever the file says.

    Raises ``RequestError``: what cannot be carried over, where, the way out.
    """
    file = read(read_xml(data, asked.name), asked.name)
    shape = _shape(file.structure, asked.name)
    made = Building(file, shape, asked.name, as_computed)
    made.covariates = covariates(file, made.taken, made.place)
    made.known = {item.id: Name(made.covariates[item.id]) for item in file.covariates}
    made.limits = tuple(boundaries(file, made.known, made.taken, f"own-file#{plain(asked.name)}", asked.name))
    disposition(made)
    inputs = inputs_of(made)
    return _assembled(made, inputs, asked)


def _shape(text: str, place: str) -> Shape:
    found = _STRUCTURE.fullmatch(text)
    if not found or (found["erlang"] and found["how"] != "linear") or (found["how"] != "linear" and found["count"] == "3"):
        raise RequestError(
            f"{place}: pkModelId is {text[:60]!r}; known are linear (1 to 3 compartments), michaelismenten and"
            " michaelismentenlinear (1 and 2), and linear with erlang absorption"
        )
    erlang = int(found["erlang"]) if found["erlang"] else -1
    return Shape(found["how"], int(found["count"]), erlang, bool(found["amount"]), found["form"] == ".micro")


def _omega(made: Building) -> NDArray[np.float64]:
    """The variances and covariances of the effects, in their order."""
    order = list(made.effects)
    matrix = np.diag([made.variances[item] for item in order]) if order else np.zeros((0, 0))
    for one, other, coefficient in made.file.correlations:
        if not {one, other} <= set(order):
            missing = one if one not in order else other
            raise RequestError(f"{made.place}: a correlation names {missing!r}, which does not vary; correct it")
        row, column = order.index(one), order.index(other)
        matrix[row, column] = matrix[column, row] = coefficient * np.sqrt(made.variances[one] * made.variances[other])
    return matrix


def _output(made: Building) -> Output:
    """The level in the file's unit, with its error."""
    kind, sigmas = made.file.error
    unit = "ug/L" if made.as_computed else made.file.unit
    try:
        times = convert(1.0, "mg/L", unit)
    except UnitError:
        raise RequestError(f"{made.place}: the analyte is in {made.file.unit!r}; a mass in a volume is read") from None
    if kind in ("additive", "mixed") and unit != "ug/L":
        raise RequestError(
            f"{made.place}: an {kind} error beside the unit {unit}: Tucuxi computes in ug/L, and the file does not say which"
            " is meant; correct the unit, or use --units-as-computed"
        )
    return Output(
        name="level", formula="c" if times == 1.0 else f"c * {times:.15g}", unit=unit, residual=_residual(made, kind, sigmas)
    )


def _residual(made: Building, kind: str, sigmas: tuple[float, ...]) -> Residual:
    if kind not in ("additive", "proportional", "exponential", "propexp", "mixed"):
        raise RequestError(
            f"{made.place}: errorModelType is {kind[:40]!r}; known are additive, proportional, exponential, propexp, mixed"
        )
    count = 2 if kind == "mixed" else 1
    if len(sigmas) != count or not any(sigmas):
        raise RequestError(f"{made.place}: an error of kind {kind} has {len(sigmas)} sigmas; write {count}, not all 0")
    texts = [repr(value) for value in sigmas]
    if kind == "mixed":
        if all(sigmas):
            return Residual(kind="combined2", additive=texts[0], proportional=texts[1])
        kind, texts = ("additive", texts[:1]) if sigmas[0] else ("proportional", texts[1:])
    if kind == "additive":
        return Residual(kind="additive", additive=texts[0])
    return Residual(kind="lognormal" if kind == "exponential" else "proportional", proportional=texts[0])


def _assembled(made: Building, inputs: list[Input], asked_for: Asked) -> Brought:
    place, file, shape = made.place, made.file, made.shape
    effects, covariances, none = effects_of(made.effects, _omega(made), f"{place}: the variability")
    zero: dict[str, Expression] = {made.effects[item]: Number("0") for item in none}
    structural = {key: substituted(value, zero) for key, value in made.structural.items()}
    wanted = set().union(*(names(value) for value in structural.values()))
    kept = needed(made.definitions, wanted)
    used = wanted.union(*(names(item.value) for item in kept))
    limits = [item for item in made.limits if item.about <= used or not item.of_one]
    used = used.union(*(item.about for item in limits))
    personal = reach(kept, made.effects.values())
    source = f"own-file#{plain(asked_for.name)}"
    notes = _notes(made, used)
    counts: tuple[Literal[1], Literal[2], Literal[3]] = (1, 2, 3)
    how: dict[str, Literal["linear", "michaelis_menten", "parallel"]] = {
        "linear": "linear",
        "michaelismenten": "michaelis_menten",
        "michaelismentenlinear": "parallel",
    }
    model = PkModel(
        schema=1,
        id=identifier(file.id),
        drug=asked_for.drug or file.drug,
        title=file.title,
        population=file.population or "not said in the file",
        people=0,
        source=source,
        status="provisional",
        checked=asked_for.today,
        dose_unit="mg",
        structure=Structure(compartments=counts[shape.count - 1], inputs=inputs, elimination=how[shape.how]),
        numbers=[item for item in made.numbers if item.name in used],
        covariates=[
            asked(item, made.covariates[item.id], source, place)
            for item in file.covariates
            if made.covariates[item.id] in used
        ],
        computed=[
            Computed(name=item.name, formula=text_of(item.value, place), unit=made.units.get(item.name, "1"))
            for item in kept
            if item.name not in personal
        ],
        parameters=[
            Parameter(name=key, unit=made.units.get(key) or _UNITS[key], formula=text_of(value, place))
            for key, value in structural.items()
        ],
        effects=effects,
        covariances=covariances,
        boundaries=[item.boundary for item in limits],
        outputs=[_output(made)],
        validation=validation(PROGRAM),
        notes=[f"Converted from a user's file of {PROGRAM}.", *(f"{note[0].upper()}{note[1:]}." for note in notes)],
    )
    return checked(model, notes, asked_for)


def _notes(made: Building, used: set[str]) -> list[str]:
    """What is not carried over, and what is only nearly the same."""
    file, notes = made.file, list(made.notes)
    asking = [item for item in file.covariates if made.covariates[item.id] in used]
    if idle := [item.id for item in file.covariates if item not in asking]:
        notes.append(f"covariates of no formula are left out: {', '.join(idle)}")
    if untied := [item.id for item in asking if not asked(item, item.id, "", made.place).term]:
        notes.append(f"covariates have to be tied to facts by hand (term): {', '.join(untied)}")
    if between := [item.id for item in asking if item.interpolation == "linear"]:
        notes.append(f"Tucuxi interpolates between two values, here the last one holds: {', '.join(between)}")
    if file.error[0] == "propexp":
        notes.append("the error propexp is weighed as proportional, as Tucuxi weighs it")
    if any(item.id == "F" for way in file.ways for item in way.parameters):
        notes.append("F is read as a fraction, whatever its unit says")
    return [*notes, "targets, doses that exist, times and checks of single parameters are not carried over"]
