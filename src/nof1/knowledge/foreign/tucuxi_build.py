"""The parameters of a Tucuxi drug file as those of a structure of ours: numbers, scripts, effects, and units compared."""

from __future__ import annotations

from dataclasses import dataclass, field

from nof1.errors import RequestError, UnitError
from nof1.knowledge.foreign.brought import plain
from nof1.knowledge.foreign.expression import Binary, Call, Expression, Name, Number, Unary
from nof1.knowledge.foreign.translate import Definition, Script, free_name, number
from nof1.knowledge.foreign.tucuxi_facts import Limited, run
from nof1.knowledge.foreign.tucuxi_file import TucuxiFile, Varied, Way, ucum
from nof1.knowledge.kinetics import Input
from nof1.knowledge.kinetics import Number as ModelNumber
from nof1.units.convert import convert

_ROUTES = {"intravenousdrip": "intravenous", "intravenousbolus": "intravenous", "intravenous": "intravenous"}
_MICRO = 1000.0  # micrograms in a milligram


@dataclass(frozen=True, slots=True)
class Shape:
    """``count`` compartments; ``how`` the drug leaves; ``erlang``: -1 or compartments behind the first."""

    how: str
    count: int
    erlang: int
    amount: bool
    micro: bool


@dataclass(slots=True)
class Building:
    """What has been read of ``file`` so far. ``values``: the individual value of each parameter of the file."""

    file: TucuxiFile
    shape: Shape
    place: str
    as_computed: bool
    taken: set[str] = field(default_factory=set)
    covariates: dict[str, str] = field(default_factory=dict)
    known: dict[str, Expression] = field(default_factory=dict)
    limits: tuple[Limited, ...] = ()
    numbers: list[ModelNumber] = field(default_factory=list)
    effects: dict[str, str] = field(default_factory=dict)
    variances: dict[str, float] = field(default_factory=dict)
    definitions: list[Definition] = field(default_factory=list)
    structural: dict[str, Expression] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def name(self, wanted: str) -> str:
        """A name like ``wanted`` that nothing has yet."""
        found = free_name(wanted, self.taken)
        self.taken.add(found)
        return found


def disposition(made: Building) -> None:
    """The parameters of distribution and elimination, in terms of the structure's."""
    shape = made.shape
    values = _values(made, made.file.parameters, "")

    def take(*choices: str) -> Expression:
        return _taken(made, values, choices)

    made.structural["V"] = take("V", "V1")
    if shape.how != "michaelismenten":
        made.structural["CL"] = Binary("*", take("Ke"), Name("V")) if shape.micro else take("CL")
    for flow, other, ids in (("Q", "V2", ("Q", "Q2")), ("Q3", "V3", ("Q3",)))[: shape.count - 1]:
        if shape.micro:
            there, back = ("K12", "K21") if other == "V2" else ("K13", "K31")
            made.structural[flow] = Binary("*", take(there), Name("V"))
            made.structural[other] = Binary("/", Name(flow), take(back))
        else:
            made.structural[flow], made.structural[other] = take(*ids), take(other)
    if shape.how != "linear":
        most = take("Vmax") if shape.amount else Binary("*", take("Vmax"), Name("V"))
        made.structural["Vmax"] = Binary("/", most, number(_MICRO))
        made.structural["Km"] = Binary("/", take("Km"), number(_MICRO))
    _nothing_left(made, values)


def _taken(made: Building, values: dict[str, Expression], choices: tuple[str, ...]) -> Expression:
    found = next((item for item in choices if item in values), "")
    if not found:
        has = ", ".join(values) or "no other"
        raise RequestError(f"{made.place}: {made.file.structure} needs the parameter {' or '.join(choices)}; there is {has}")
    return values.pop(found)


def _nothing_left(made: Building, values: dict[str, Expression]) -> None:
    if values:
        raise RequestError(
            f"{made.place}: parameter {next(iter(values))!r} has no place in {made.file.structure}; remove it"
        )


def _values(made: Building, parameters: tuple[Varied, ...], suffix: str) -> dict[str, Expression]:
    """The individual value of each parameter: its number, its script, its effect."""
    found = {}
    populations: dict[str, Expression] = {}
    for item in parameters:
        if item.id in found or item.id in populations:
            raise RequestError(f"{made.place} line {item.line}: parameter {item.id!r} is given twice; remove one")
        _check_unit(made, item)
        name = made.name(f"pop_{item.id}{suffix}")
        made.numbers.append(ModelNumber(name=name, value=item.value, unit=_computed_unit(made.shape, item.id)))
        populations[item.id] = Name(name)
    made.known |= {f"{key}_population": value for key, value in populations.items()}
    for item in parameters:
        found[item.id] = _varied(made, item, _typical(made, item, populations[item.id], suffix), suffix)
    return found


def _typical(made: Building, item: Varied, population: Expression, suffix: str) -> Expression:
    if not item.code:
        return population
    script = Script(f"{made.place} line {item.line}: {item.id}", dict(made.known), made.taken, made.definitions)
    value = run(script, item.code)
    name = made.name(f"typical_{item.id}{suffix}")
    made.definitions.append(Definition(name, value))
    made.units[name] = _computed_unit(made.shape, item.id)
    return Name(name)


def _varied(made: Building, item: Varied, typical: Expression, suffix: str) -> Expression:
    """The typical value with the effect on it; several standard deviations are one effect with the sum of variances."""
    if not item.deviations:
        return typical
    key = f"{item.id}{suffix}"
    made.effects[key] = made.name(f"eta_{key}")
    made.variances[key] = sum(value * value for value in item.deviations)
    if len(item.deviations) > 1:
        made.notes.append(
            f"{item.id} has {len(item.deviations)} standard deviations; one effect has the sum of their variances"
        )
    effect = Name(made.effects[key])
    match item.kind:
        case "exponential" | "lognormal":
            return Binary("*", typical, Call("exp", (effect,)))
        case "proportional":
            return Binary("*", typical, Binary("+", Number("1"), effect))
        case "logit":
            odds = Call("log", (Binary("/", typical, Binary("-", Number("1"), typical)),))
            share = Call("exp", (Unary("-", Binary("+", odds, effect)),))
            return Binary("/", Number("1"), Binary("+", Number("1"), share))
        case _:
            return Binary("+", typical, effect)


def _computed_unit(shape: Shape, id_: str) -> str:
    """The unit in which Tucuxi computes with a parameter."""
    if id_ == "Vmax":
        return "ug/h" if shape.amount else "ug/L/h"
    if id_ in ("Km", "F"):
        return "ug/L" if id_ == "Km" else "1"
    if id_ == "CL" or id_.startswith("Q"):
        return "L/h"
    return {"V": "L", "K": "/h", "T": "h"}.get(id_[:1], "1")


def _check_unit(made: Building, item: Varied) -> None:
    expected = _computed_unit(made.shape, item.id)
    if item.id == "F":
        if not 0 < item.value <= 1:
            raise RequestError(
                f"{made.place} line {item.line}: F is {item.value:g}; Tucuxi reads a fraction above 0 and up to 1"
            )
        return
    try:
        same = abs(convert(1.0, ucum(item.unit), expected) - 1.0) < 1e-12
    except UnitError:
        same = False
    if same:
        return
    said = f"{item.id} is in {item.unit[:40]!r}, and Tucuxi computes with {expected} without converting"
    if not made.as_computed:
        raise RequestError(
            f"{made.place} line {item.line}: {said}; correct the unit in the file,"
            f" or use --units-as-computed to read {item.value:g} as {expected}"
        )
    made.notes.append(f"{said}: {item.value:g} is read as {expected}")


def inputs_of(made: Building) -> list[Input]:
    """The ways a dose enters; those that are the same are one."""
    found: list[Input] = []
    for order, way in enumerate(made.file.ways):
        suffix = f"_{order + 1}" if order and way.parameters else ""
        entry = _input(made, way, _values(made, way.parameters, suffix), suffix)
        if entry not in found:
            found.append(entry)
    return found


def _input(made: Building, way: Way, values: dict[str, Expression], suffix: str) -> Input:
    routes = [_ROUTES.get(way.route.lower(), plain(way.route).lower() or "not said")]

    def structural(name: str, unit: str, value: Expression) -> str:
        key = f"{name}{suffix}"
        made.structural[key], made.units[key] = value, unit
        return key

    share = values.pop("F", None)
    if way.factor != 1.0:
        share = number(way.factor) if share is None else Binary("*", share, number(way.factor))
    given = structural("F", "1", share) if share is not None else ""
    lag = ""
    if way.absorption == "extra.lag":
        lag = structural("lag", "h", _taken(made, values, ("Tlag",)))
    if way.absorption in ("bolus", "infusion"):
        entry = Input(routes=routes, kind="bolus", bioavailability=given)
    elif way.absorption not in ("extra", "extra.lag"):
        raise RequestError(
            f"{made.place}: absorption model {way.absorption[:40]!r}; known are bolus, infusion, extra, extra.lag"
        )
    elif made.shape.erlang >= 0:
        ktr = structural("ktr", "/h", _taken(made, values, ("Ktr",)))
        entry = Input(routes=routes, kind="transit", ktr=ktr, transits=made.shape.erlang + 1, bioavailability=given, lag=lag)
    else:
        ka = structural("ka", "/h", _taken(made, values, ("Ka",)))
        entry = Input(routes=routes, kind="first_order", ka=ka, bioavailability=given, lag=lag)
    _nothing_left(made, values)
    return entry
