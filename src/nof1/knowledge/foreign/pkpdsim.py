"""A PKPDsim model file as a model of ours: equations translated, the structure found by its numbers.

PKPDsim: between-person effects are exponential and lie in the lower triangle of ``omega_matrix`` over the parameters that
are not fixed, in their order; the residual standard deviation is the root of add^2 + prop^2 f^2, of log f where ``ltbs``.
The files carry no units: milligrams, litres and hours are assumed, and said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from msgspec.structs import replace

from nof1.errors import RequestError
from nof1.knowledge.foreign.brought import Asked, Brought, checked, effects_of, identifier, plain, validation
from nof1.knowledge.foreign.equations import STATE, Equations, at, core, equations
from nof1.knowledge.foreign.expression import Binary, Call, Expression, Name, Number, Unary, names, substituted, text_of
from nof1.knowledge.foreign.pkpdsim_file import PkpdsimFile, decoded, read
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
_UNITS = {"CL": "L/h", "V": "L", "Q": "L/h", "V2": "L", "Q3": "L/h", "V3": "L", "Vmax": "mg/h", "Km": "mg/L", "ka": "/h", "lag": "h"}
_SCALES = {1.0: ("c", "mg/L"), 1000.0: ("c * 1000", "ug/L"), 0.001: ("c / 1000", "g/L")}


@dataclass(frozen=True, slots=True)
class _Made:
    """``structural``: the value of each parameter that the structure reads; ``output``: formula and unit."""

    structural: Mapping[str, Expression]
    output: tuple[str, str]
    notes: tuple[str, ...]


def model_of(text: str, asked: Asked) -> Brought:
    """The model in the JSON5 ``text``. Raises ``RequestError``: what cannot be carried over, where, the way out."""
    name = asked.name
    file = read(decoded(text, name), name)
    found = equations(file, name)
    inside = core(found, file.dosed, name)
    every = [*_individual(found), *found.definitions]
    numbers = {found.numbers[item]: value for item, value in file.parameters.items()}
    free = [*found.covariates.values(), "time"]
    draws = probe(numbers, free, [*found.effects.values(), *found.kappas.values()], every, name)
    shape = recognise(_rates(found, inside, draws), len(inside), draws.draws, *map(inside.index, (found.central, file.dosed)), name)
    made = _structural(found, inside, shape, draws, file)
    return _assembled(file, found, every, shape, made, asked)


def _individual(found: Equations) -> list[Definition]:
    """The parameters of a person: the number times the exponential of the effect."""
    return [
        Definition(name, Binary("*", Name(found.numbers[item]), Call("exp", (Name(found.effects[item]),))))
        for item, name in found.individual.items()
    ]


def _rates(found: Equations, inside: list[int], draws: Probe) -> Rates:
    def rates(states: Array) -> Array:
        given = {STATE.format(index): states[:, place] for place, index in enumerate(inside)}
        return np.stack([draws.evaluate(found.rates[index], given) for index in inside], axis=-1)

    return rates


def _structural(found: Equations, inside: list[int], shape: Found, draws: Probe, file: PkpdsimFile) -> _Made:
    """The parameters that the structure reads: variables of the file that have their value, or else formulas."""
    place, central = draws.place, inside[shape.central]
    used = _direct(found, inside)
    candidates = sorted((name for name in draws.values if name != "time"), key=lambda name: name not in used)
    volume, times = _volume(found, central, draws, candidates)
    litres = draws.evaluate(volume)
    structural: dict[str, Expression] = {"V": volume}

    def find(name: str, wanted: Array, otherwise: Expression | None) -> None:
        same = draws.same(candidates, wanted)
        if not same and otherwise is None:
            raise RequestError(f"{place}: no variable of the file is {name}; give it a name in the code")
        structural[name] = Name(same) if same or otherwise is None else otherwise

    if np.any(shape.k10):
        linear = None if len(shape.vmax) else Binary("*", _elimination(found, inside, shape), volume)
        find("CL", shape.k10 * litres, linear)
    if len(shape.vmax):
        find("Vmax", shape.vmax, None)
        find("Km", shape.km / litres, None)
    for number, index in enumerate(shape.peripheral):
        flow, other = (("Q", "V2"), ("Q3", "V3"))[number]
        out, back = (found.rates[inside[index]], central), (found.rates[central], inside[index])
        find(flow, shape.outward[number] * litres, Binary("*", at(out[0], {out[1]: 1.0}), volume))
        amount = draws.evaluate(structural[flow])
        find(other, amount / shape.inward[number], Binary("/", structural[flow], at(back[0], {back[1]: 1.0})))
    if shape.depot >= 0:
        depot = inside[shape.depot]
        find("ka", shape.absorption, at(found.rates[central], {depot: 1.0}))
    structural |= _entering(found, file)
    watching = [str(index + 1) for index in range(len(found.rates)) if index not in inside]
    notes = [f"compartments that only watch are left out: {', '.join(watching)}"] if watching else []
    return _Made(structural, _SCALES[times], tuple(notes))


def _direct(found: Equations, inside: list[int]) -> set[str]:
    """The variables that the equations themselves name."""
    return set().union(names(found.observed), *(names(found.rates[index]) for index in inside))


def _volume(found: Equations, central: int, draws: Probe, candidates: list[str]) -> tuple[Expression, float]:
    """The volume in litres, and how many times the concentration in it what is measured is."""
    one, two = (np.full(draws.draws, amount) for amount in (1.0, 2.0))
    state = STATE.format(central)
    level = draws.evaluate(found.observed, {state: one})
    if not np.allclose(draws.evaluate(found.observed, {state: two}), 2 * level, rtol=1e-9) or not np.all(level > 0):
        raise RequestError(f"{draws.place}: what obs names is no amount divided by a volume; correct obs")
    ratios = {name: draws.ratio(name, 1.0 / level) for name in candidates}
    for times in _SCALES:
        if same := next((name for name, ratio in ratios.items() if abs(ratio - times) <= 1e-9 * times), ""):
            return Name(same), times
    return Binary("/", Number("1"), at(found.observed, {central: 1.0})), 1.0


def _elimination(found: Equations, inside: list[int], shape: Found) -> Expression:
    """What leaves the central compartment, less what goes to the others; a share of the amount an hour."""
    central = inside[shape.central]
    leaving: Expression = Unary("-", at(found.rates[central], {central: 1.0}))
    for index in shape.peripheral:
        leaving = Binary("-", leaving, at(found.rates[inside[index]], {central: 1.0}))
    return leaving


def _entering(found: Equations, file: PkpdsimFile) -> dict[str, Expression]:
    """Bioavailability and lag of a dose, where they are not 1 and 0."""
    made = {}
    share = found.bioavailability[min(file.dosed, len(found.bioavailability) - 1)]
    if not (isinstance(share, Number) and float(share.text) == 1.0):
        made["F"] = share
    if found.lag is not None:
        made["lag"] = found.lag
    return made


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
    file: PkpdsimFile, found: Equations, every: list[Definition], shape: Found, made: _Made, asked: Asked
) -> Brought:
    place = asked.name
    wanted = set().union(*(names(value) for value in made.structural.values()))
    kept = needed(every, wanted)
    used = wanted.union(*(names(item.value) for item in kept))
    effects, covariances, none = effects_of(found.effects, file.omega, f"{place}: omega_matrix")
    kept = _without([found.effects[item] for item in none], kept)
    unused = [item.name for item in effects if item.name not in used]
    kappas = [Effect(name=found.kappas[key], variance=repr(value), per_occasion=True) for key, value in file.occasion.items() if value]
    silent = [item.name for item in kappas if item.name not in used]
    personal = reach(kept, [*found.effects.values(), *found.kappas.values()])
    notes = (*_standing_notes(file, found, used), *made.notes, *(f"{name} varies in no equation that is used; left out" for name in (*unused, *silent)))
    structure = Structure(
        compartments=_compartments(shape), inputs=_inputs(found, shape, made.structural),
        elimination="linear" if not len(shape.vmax) else "parallel" if np.any(shape.k10) else "michaelis_menten",
    )
    computed = [item for item in kept if item.name not in personal]
    parameters = [item for item in kept if item.name in personal]
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
            ModelNumber(name=name, value=file.parameters[item], unit="1") for item, name in found.numbers.items() if name in used
        ],
        covariates=[Covariate(name=name, title=item, unit="1") for item, name in found.covariates.items() if name in used],
        computed=[Computed(name=item.name, formula=text_of(item.value, place), unit="1") for item in computed],
        parameters=[
            *(Parameter(name=item.name, unit="1", formula=text_of(item.value, place)) for item in parameters),
            *(Parameter(name=key, unit=_UNITS.get(key, "1"), formula=text_of(value, place)) for key, value in made.structural.items()),
        ],
        effects=[item for item in (*effects, *kappas) if item.name in used],
        covariances=[item for item in covariances if set(item.between) <= used],
        outputs=[Output(name="level", formula=made.output[0], unit=made.output[1], residual=_residual(file))],
        validation=validation(PROGRAM),
        notes=[f"Converted from a user's file of {PROGRAM}.", *(_sentence(note) for note in notes)],
    )
    return checked(model, notes, asked)


def _without(effects: list[str], kept: list[Definition]) -> list[Definition]:
    """``kept`` with effects of variance 0 taken as 0."""
    zero: dict[str, Expression] = dict.fromkeys(effects, Number("0"))
    return [Definition(item.name, substituted(item.value, zero)) for item in kept]


def _compartments(shape: Found) -> Literal[1, 2, 3]:
    counts: tuple[Literal[1], Literal[2], Literal[3]] = (1, 2, 3)
    return counts[len(shape.peripheral)]


def _residual(file: PkpdsimFile) -> Residual:
    if file.logged:
        if file.prop:
            raise RequestError(f"ruv.prop {file.prop:g} with ltbs has no counterpart; set it to 0 and give add, on the logarithm")
        return Residual(kind="lognormal", proportional=repr(file.add))
    add, prop = (repr(value) if value else "" for value in (file.add, file.prop))
    return Residual(kind="combined2" if add and prop else "additive" if add else "proportional", additive=add, proportional=prop)


def _standing_notes(file: PkpdsimFile, found: Equations, used: set[str]) -> list[str]:
    """What holds for every file of this program, and what this one does not use."""
    asked = [item for item, name in found.covariates.items() if name in used]
    notes = ["the file gives no units: doses in mg, volumes in L and hours are assumed; numbers and covariates have unit 1"]
    if asked:
        notes.append(f"covariates have to be tied to facts by hand (unit and term): {', '.join(asked)}")
    if idle := [item for item in (*file.parameters, *file.covariates) if {**found.numbers, **found.covariates}[item] not in used]:
        notes.append(f"not used by any equation that counts, left out: {', '.join(idle)}")
    if "time" in used:
        notes.append("a parameter depends on the time since the first dose")
    return [*notes, *file.notes]


def _sentence(note: str) -> str:
    return f"{note[0].upper()}{note[1:]}."
