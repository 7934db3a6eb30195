"""What a Tucuxi drug file asks about the patient: covariates, tied to our terms by a table, and conditions on them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from nof1.errors import RequestError, UnitError
from nof1.knowledge.foreign.expression import Choice, Expression, Number, Unset, as_condition, names, text_of
from nof1.knowledge.foreign.script import Assign, If, Return, Statement, parse
from nof1.knowledge.foreign.translate import Definition, Script, folded, free_name
from nof1.knowledge.foreign.tucuxi_file import Asking, TucuxiFile
from nof1.knowledge.kinetics import Boundary, Covariate
from nof1.units.convert import convert


@dataclass(frozen=True, slots=True)
class Limited:
    """A boundary; ``about``: our names of the covariates it asks, ``of_one``: it validates one covariate alone."""

    boundary: Boundary
    about: frozenset[str]
    of_one: bool


def covariates(file: TucuxiFile, taken: set[str], place: str) -> dict[str, str]:
    """Our name of each covariate."""
    found: dict[str, str] = {}
    for item in file.covariates:
        if item.id in found:
            raise RequestError(f"{place} line {item.line}: covariate {item.id!r} is given twice; remove one")
        found[item.id] = free_name(item.id, taken)
        taken.add(found[item.id])
    return found


def asked(item: Asking, name: str, source: str, place: str) -> Covariate:
    """A covariate of our model; its ``term`` only where the table has this name or kind in this unit."""
    try:
        convert(1.0, item.unit, item.unit)
    except UnitError as error:
        raise RequestError(f"{place} line {item.line}: covariate {item.id!r}: {error}; correct its unit") from None
    return Covariate(
        name=name,
        title=item.title,
        unit=item.unit,
        term=_term(item),
        assumed=item.assumed,
        assumed_source=source if item.assumed is not None else "",
    )


def _term(item: Asking) -> str:
    for row in _table():
        if row["kind"] == item.kind and row["name"] in ("", item.id) and row["unit"] == item.unit:
            return row["term"]
    return ""


@cache
def _table() -> tuple[dict[str, str], ...]:
    """Which covariates are which of our terms: program, kind, name (empty: any), unit, term."""
    text = resources.files("nof1.knowledge.foreign").joinpath("covariates.tsv").read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines(), delimiter="\t"))


def run(script: Script, code: str) -> Expression:
    """What ``code`` (JavaScript) returns, over what the script knows. Raises ``RequestError``."""
    statements = parse(code, "JavaScript", script.place)
    script.known.update({name: Unset(name) for name in _mentioned(statements) if name not in script.known})
    value = script.run(statements)
    if value is None:
        raise RequestError(f"{script.place}: the script returns nothing; add a return at its end")
    return value


def _mentioned(statements: Iterable[Statement]) -> set[str]:
    found: set[str] = set()
    for statement in statements:
        match statement:
            case Assign() | Return():
                found |= names(statement.value)
            case If():
                found |= names(statement.condition) | _mentioned((*statement.then, *statement.otherwise))
    return found


def boundaries(
    file: TucuxiFile, known: Mapping[str, Expression], taken: set[str], source: str, place: str
) -> Iterator[Limited]:
    """The conditions on covariates: of the model's domain, and those that validate one covariate (never hard)."""
    for number, limit in enumerate(file.limits, 1):
        if not limit.code:
            raise RequestError(f"{place}: constraint {number} has no code; write it as a softFormula")
        here = f"{place}: constraint {number}"
        holds = _holds(limit.code, known, taken, here)
        yield Limited(_boundary(holds, limit.says, source, here, hard=limit.hard), frozenset(names(holds)), of_one=False)
    for item in file.covariates:
        code, says = item.valid
        if code:
            here = f"{place} line {item.line}: {item.id}"
            holds = _holds(code, known, taken, here)
            yield Limited(_boundary(holds, says, source, here, hard=False), frozenset(names(holds)), of_one=True)


def _holds(code: str, known: Mapping[str, Expression], taken: set[str], place: str) -> Expression:
    definitions: list[Definition] = []
    value = run(Script(place, dict(known), set(taken), definitions), code)
    inner = {item.name: item.value for item in definitions}
    made = folded(value, inner, set(inner))
    if isinstance(made, Choice) and made.yes == Number("1", whole=True) and made.no == Number("0", whole=True):
        return made.condition
    return as_condition(made)


def _boundary(holds: Expression, says: str, source: str, place: str, *, hard: bool) -> Boundary:
    return Boundary(holds=text_of(holds, place), says=says, source=source, hard=hard)
