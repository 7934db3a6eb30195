"""A PKPDsim model file as a model of ours: equations translated, the structure found by its numbers.

PKPDsim: between-person effects are exponential and lie in the lower triangle of ``omega_matrix`` over the parameters that
are not fixed, in their order; the residual standard deviation is the root of add^2 + prop^2 f^2, of log f where ``ltbs``.
The files carry no units: milligrams, litres and hours are assumed, and said.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from msgspec.structs import replace

from nof1.errors import RequestError
from nof1.knowledge.foreign.brought import Asked, Brought, checked, effects_of, identifier, plain, validation
from nof1.knowledge.foreign.equations import STATE, Equations, core, equations
from nof1.knowledge.foreign.expression import Binary, Call, Expression, Name, Number, names, substituted, text_of
from nof1.knowledge.foreign.pkpdsim_file import PkpdsimFile, decoded, read
from nof1.knowledge.foreign.pkpdsim_structure import Structural, structural
from nof1.knowledge.foreign.probe import Array, Probe, probe
from nof1.knowledge.foreign.recognise import Found, Rates, recognise
from nof1.knowledge.foreign.translate import Definition, needed, reach
from nof1.knowledge.kinetics import (
    Computed,
    Covariate,
    Effect,
    Input,
    Output,
    Parameter,
    PkModel,
    Residual,
    Structure,
)
from nof1.knowledge.kinetics import Number as ModelNumber

PROGRAM = "PKPDsim"
_UNITS = {
    "CL": "L/h", "V": "L", "Q": "L/h", "V2": "L", "Q3": "L/h", "V3": "L",
    "Vmax": "mg/h", "Km": "mg/L", "ka": "/h", "lag": "h",
}  # fmt: skip


def model_of(text: str, asked: Asked) -> Brought:
    """The model in the JSON5 ``text``. Raises ``RequestError``: what cannot be carried over, where, the way out."""
    name = asked.name
    file = read(decoded(text, name), name)
    found = equations(file, name)
    inside = core(found, file.dosed, name)
    every = [*_individual(found), *found.definitions]
    with np.errstate(all="ignore"):  # probes meet values that no patient has
        shape, made = _recognised(file, found, inside, every, name)
    return _assembled(file, found, every, shape, made, asked)


def _recognised(
    file: PkpdsimFile, found: Equations, inside: list[int], every: list[Definition], name: str
) -> tuple[Found, Structural]:
    """The structure, and what the file has for its parameters."""
    numbers = {found.names.numbers[item]: value for item, value in file.parameters.items()}
    free = [*found.names.covariates.values(), "time"]
    draws = probe(numbers, free, [*found.names.effects.values(), *found.names.kappas.values()], every, name)
    ends = (inside.index(found.central), inside.index(file.dosed))
    shape = recognise(_rates(found, inside, draws), len(inside), draws.draws, ends, name)
    return shape, structural(found, inside, shape, draws, file)


def _individual(found: Equations) -> list[Definition]:
    """The parameters of a person: the number times the exponential of the effect."""
    return [
        Definition(name, Binary("*", Name(found.names.numbers[item]), Call("exp", (Name(found.names.effects[item]),))))
        for item, name in found.names.individual.items()
    ]


def _rates(found: Equations, inside: list[int], draws: Probe) -> Rates:
    def rates(states: Array) -> Array:
        given = {STATE.format(index): states[:, place] for place, index in enumerate(inside)}
        return np.stack([draws.evaluate(found.rates[index], given) for index in inside], axis=-1)

    return rates


def _inputs(found: Equations, shape: Found, structural: Mapping[str, Expression]) -> list[Input]:
    """How doses enter. A list of bioavailabilities that has 1 for the central compartment lets them enter there as well."""
    share, lag = ("F" if "F" in structural else ""), ("lag" if "lag" in structural else "")
    vein = Input(routes=["intravenous"], kind="bolus")
    if shape.depot < 0:
        return [replace(vein, bioavailability=share, lag=lag)]
    through = Input(routes=["oral"], kind="first_order", ka="ka", bioavailability=share, lag=lag)
    given = found.bioavailability[found.central : found.central + 1]
    whole = any(isinstance(item, Number) and float(item.text) == 1.0 for item in given)
    return [through, vein] if whole else [through]


def _assembled(
    file: PkpdsimFile, found: Equations, every: list[Definition], shape: Found, made: Structural, asked: Asked
) -> Brought:
    place = asked.name
    wanted = set().union(*(names(value) for value in made.values.values()))
    kept = needed(every, wanted)
    used = wanted.union(*(names(item.value) for item in kept))
    effects, covariances, none = effects_of(found.names.effects, file.omega, f"{place}: omega_matrix")
    kept = _without([found.names.effects[item] for item in none], kept)
    unused = [item.name for item in effects if item.name not in used]
    kappas = [
        Effect(name=found.names.kappas[key], variance=repr(value), per_occasion=True)
        for key, value in file.occasion.items()
        if value
    ]
    silent = [item.name for item in kappas if item.name not in used]
    personal = reach(kept, [*found.names.effects.values(), *found.names.kappas.values()])
    notes = (
        *_standing_notes(file, found, used),
        *made.notes,
        *(f"{name} varies in no equation that is used; left out" for name in (*unused, *silent)),
    )
    structure = Structure(
        compartments=_compartments(shape),
        inputs=_inputs(found, shape, made.values),
        elimination="linear" if not len(shape.vmax) else "parallel" if np.any(shape.k10) else "michaelis_menten",
    )
    computed = [item for item in kept if item.name not in personal]
    parameters = [*((item.name, item.value) for item in kept if item.name in personal), *made.values.items()]
    model = PkModel(
        schema=1,
        id=identifier(file.id),
        drug=asked.drug,
        title=file.description or file.id,
        population=file.description or "not said in the file",
        people=file.people,
        source=f"own-file#{plain(asked.name)}",
        status="provisional",
        checked=asked.today,
        dose_unit="mg",
        structure=structure,
        numbers=[
            ModelNumber(name=name, value=file.parameters[item], unit="1")
            for item, name in found.names.numbers.items()
            if name in used
        ],
        covariates=[
            Covariate(name=name, title=item, unit="1") for item, name in found.names.covariates.items() if name in used
        ],
        computed=[Computed(name=item.name, formula=text_of(item.value, place), unit="1") for item in computed],
        parameters=[
            Parameter(name=name, unit=_UNITS.get(name, "1"), formula=text_of(value, place)) for name, value in parameters
        ],
        effects=[item for item in (*effects, *kappas) if item.name in used],
        covariances=[item for item in covariances if set(item.between) <= used],
        outputs=[Output(name="level", formula=made.output[0], unit=made.output[1], residual=_residual(file, place))],
        validation=validation(PROGRAM),
        notes=[f"Converted from a user's file of {PROGRAM}.", *(_sentence(note) for note in (*notes, *file.said))],
    )
    return checked(model, notes, asked)


def _without(effects: list[str], kept: list[Definition]) -> list[Definition]:
    """``kept`` with effects of variance 0 taken as 0."""
    zero: dict[str, Expression] = dict.fromkeys(effects, Number("0"))
    return [Definition(item.name, substituted(item.value, zero)) for item in kept]


def _compartments(shape: Found) -> Literal[1, 2, 3]:
    counts: tuple[Literal[1], Literal[2], Literal[3]] = (1, 2, 3)
    return counts[len(shape.peripheral)]


def _residual(file: PkpdsimFile, place: str) -> Residual:
    if file.logged:
        if file.prop:
            raise RequestError(
                f"{place}: ruv.prop {file.prop:g} with ltbs has no counterpart; set it to 0 and give add, on the logarithm"
            )
        return Residual(kind="lognormal", proportional=repr(file.add))
    add, prop = (repr(value) if value else "" for value in (file.add, file.prop))
    return Residual(
        kind="combined2" if add and prop else "additive" if add else "proportional", additive=add, proportional=prop
    )


def _standing_notes(file: PkpdsimFile, found: Equations, used: set[str]) -> list[str]:
    """What holds for every file of this program, and what this one does not use."""
    asked = [item for item, name in found.names.covariates.items() if name in used]
    notes = ["the file gives no units: doses in mg, volumes in L and hours are assumed; numbers and covariates have unit 1"]
    if asked:
        notes.append(f"covariates have to be tied to facts by hand (unit and term): {', '.join(asked)}")
    if idle := [
        item
        for item in (*file.parameters, *file.covariates)
        if {**found.names.numbers, **found.names.covariates}[item] not in used
    ]:
        notes.append(f"not used by any equation that counts, left out: {', '.join(idle)}")
    if "time" in used:
        notes.append(
            "a parameter depends on time: PKPDsim changes it at every moment, nof1 holds it between doses and levels"
        )
    return [*notes, *file.notes]


def _sentence(note: str) -> str:
    text = f"{note[0].upper()}{note[1:]}"
    return text if text.endswith((".", "!", "?")) else f"{text}."
