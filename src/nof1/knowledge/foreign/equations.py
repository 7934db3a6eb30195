"""The equations of a PKPDsim file as definitions and rates, with the names they carry in our model."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nof1.errors import RequestError
from nof1.knowledge.foreign.expression import Binary, Expression, Name, Number, Unset, names, substituted
from nof1.knowledge.foreign.pkpdsim_file import PkpdsimFile
from nof1.knowledge.foreign.script import Assign, If, Statement, parse, parse_expression
from nof1.knowledge.foreign.translate import RESERVED, Definition, Script, folded, free_name, reach

STATE = "_A{}"
_MOST_STATES = 40


@dataclass(frozen=True, slots=True)
class Names:
    """Our names by the file's. Each parameter has a number, one that is not fixed an effect and an ``individual`` value."""

    covariates: dict[str, str]
    numbers: dict[str, str]
    effects: dict[str, str]
    individual: dict[str, str]
    kappas: dict[str, str]


@dataclass(frozen=True, slots=True)
class Equations:
    """What a file computes, in our names.

    ``definitions`` in order; ``rates``: by compartment, over definitions and states; ``observed``: what is measured, over
    the state of ``central``; ``stateful``: definitions that depend on states, which no patient's parameter can be.
    """

    names: Names
    definitions: tuple[Definition, ...]
    stateful: dict[str, Expression]
    rates: tuple[Expression, ...]
    central: int
    observed: Expression
    bioavailability: tuple[Expression, ...]
    lag: Expression | None


def equations(file: PkpdsimFile, place: str) -> Equations:
    """The equations of ``file``. Raises ``RequestError``."""
    code = [*parse(file.pk_code, "C++", f"{place}: pk_code"), *parse(file.ode_code, "C++", f"{place}: ode_code")]
    script, given = _inputs(file, place)
    mentioned = set().union(*map(_mentioned, code)) if code else set()
    first = 0 if {"A[0]", "dAdt[0]"} & (mentioned | set(_targets(code))) else 1
    count = _count(_targets(code), first, place)
    states = {f"A[{index + first}]": Name(STATE.format(index)) for index in range(count)}
    fields = {"dose.bioav": file.bioavailability, "lagtime": (file.lag,), "obs.scale": (file.observed[2],)}
    extra = mentioned.union(*(_in(text, f"{place}: {key}") for key, texts in fields.items() for text in texts))
    script.known.update({name: Unset(name) for name in extra if name not in script.known})
    script.known.update(states)
    script.run(code)
    rates = tuple(script.known[f"dAdt[{index + first}]"] for index in range(count))
    every = {item.name: item.value for item in script.definitions}
    stateful = reach(script.definitions, [item.text for item in states.values()])
    inner = {name: every[name] for name in stateful & set(every)}
    rates = tuple(folded(rate, inner, set(inner)) for rate in rates)
    observed = folded(_observed(file, script, place), inner, set(inner))
    central = _central(observed, count, place)
    outside = [item for item in script.definitions if item.name not in inner]
    values = [script.resolved(parse_expression(text, "C++", f"{place}: dose.bioav")) for text in file.bioavailability]
    lag = script.resolved(parse_expression(file.lag, "C++", f"{place}: lagtime")) if file.lag else None
    return Equations(given, tuple(outside), inner, rates, central, observed, tuple(values), lag)


def _in(text: str, place: str) -> set[str]:
    return names(parse_expression(text, "C++", place)) if text else set()


def _mentioned(statement: Statement) -> set[str]:
    match statement:
        case Assign():
            return names(statement.value)
        case If():
            inner = (_mentioned(part) for part in (*statement.then, *statement.otherwise))
            return names(statement.condition).union(*inner)
        case _:
            return set()


def _targets(code: list[Statement]) -> list[str]:
    found = []
    for statement in code:
        if isinstance(statement, Assign):
            found.append(statement.target)
        elif isinstance(statement, If):
            found += _targets([*statement.then, *statement.otherwise])
    return found


def _count(targets: list[str], first: int, place: str) -> int:
    """How many compartments have a rate; they must follow on each other."""
    numbers = sorted({int(found[1]) for target in targets if (found := re.fullmatch(r"dAdt\[(\d+)\]", target))})
    if not numbers or numbers != list(range(first, first + len(numbers))) or len(numbers) > _MOST_STATES:
        raise RequestError(
            f"{place}: ode_code sets dAdt of {numbers or 'nothing'}; write dAdt[0], dAdt[1], ... without a gap"
        )
    if strange := [target for target in targets if "[" in target and not target.startswith("dAdt[")]:
        raise RequestError(f"{place}: ode_code sets {strange[0]!r}; a compartment changes by its dAdt alone")
    return len(numbers)


def _inputs(file: PkpdsimFile, place: str) -> tuple[Script, Names]:
    """A script that knows covariates, parameters, kappas and time; and our names of them."""
    taken: set[str] = set()

    def take(wanted: str, otherwise: str) -> str:
        name = free_name(wanted if wanted not in RESERVED else otherwise, taken)
        taken.add(name)
        return name

    if both := sorted(set(file.covariates) & set(file.parameters)):
        raise RequestError(f"{place}: {both[0]!r} is a parameter and a covariate; give one of them another name")
    covariates = {item: take(item, f"cov_{item}") for item in file.covariates}
    fixed = {item: take(item, f"pop_{item}") for item in file.parameters if item in file.fixed}
    unfixed = [item for item in file.parameters if item not in file.fixed]
    numbers = fixed | {item: take(f"pop_{item}", f"pop_{item}") for item in unfixed}
    effects = {item: take(f"eta_{item}", f"eta_{item}") for item in unfixed}
    individual = {item: take(item, f"ind_{item}") for item in unfixed}
    kappas = {item: take(f"kappa_{item}", f"kappa_{item}") for item in file.occasion}
    known: dict[str, Expression] = {item: Name(name) for item, name in (covariates | fixed | individual).items()}
    known |= {f"kappa_{item}": Name(name) for item, name in kappas.items()}
    known["t"] = Name("time")
    return Script(place, known, taken), Names(covariates, numbers, effects, individual, kappas)


def _observed(file: PkpdsimFile, script: Script, place: str) -> Expression:
    kind, compartment, text = file.observed
    if kind == "variable":
        return script.known.get(text, Unset(text))
    scale = script.resolved(parse_expression(text, "C++", f"{place}: obs.scale"))
    return Binary("/", Name(STATE.format(compartment)), scale)


def _central(observed: Expression, count: int, place: str) -> int:
    found = [index for index in range(count) if STATE.format(index) in names(observed)]
    if len(found) != 1:
        raise RequestError(f"{place}: what obs names follows from {len(found)} compartments; it must follow from one")
    return found[0]


def core(found: Equations, dosed: int, place: str) -> list[int]:
    """The compartments on which the measured level depends; the others only watch. Raises ``RequestError``."""
    states = {STATE.format(index): index for index in range(len(found.rates))}
    inside, waiting = set(), [found.central]
    while waiting:
        index = waiting.pop()
        if index not in inside:
            inside.add(index)
            waiting += [states[name] for name in names(found.rates[index]) if name in states]
    if dosed not in inside:
        raise RequestError(
            f"{place}: dose.cmt {dosed + 1} does not reach the compartment that is measured; correct dose or obs"
        )
    return sorted(inside)


def at(rate: Expression, states: dict[int, float]) -> Expression:
    """``rate`` with the states at these amounts and all others empty."""
    empty = {name: Number("0") for name in names(rate) if re.fullmatch(r"_A\d+", name)}
    return substituted(rate, {**empty, **{STATE.format(index): Number(repr(value)) for index, value in states.items()}})
