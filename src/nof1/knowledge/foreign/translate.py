"""Runs a script's statements on trees: every value a variable takes becomes a definition, every ``if`` a choice."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nof1.errors import RequestError
from nof1.knowledge.foreign.expression import (
    Choice,
    Expression,
    Name,
    Number,
    Unset,
    as_number,
    chosen,
    names,
    substituted,
    text_of,
    walk,
)
from nof1.knowledge.foreign.script import Assign, If, Return, Statement

STRUCTURAL = frozenset({"CL", "V", "Q", "V2", "Q3", "V3", "Vmax", "Km", "CLm", "Vm", "fm", "ka", "ktr", "F", "lag"})
RESERVED = STRUCTURAL | {"c", "cm", "time", "where", "min", "max", "exp", "log", "sqrt", "abs"}
_INLINE = 12  # parts of a value inside an if that is not yet worth a name of its own
_MOST = 400


@dataclass(frozen=True, slots=True)
class Definition:
    """``name`` has ``value``, over inputs and earlier definitions."""

    name: str
    value: Expression


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """``wanted``, changed as little as it takes to be free and to be a name of the formula language."""
    used = set(taken) | RESERVED
    if wanted not in used and not keyword.iskeyword(wanted):
        return wanted
    number = 2
    while f"{wanted}_{number}" in used:
        number += 1
    return f"{wanted}_{number}"


@dataclass(slots=True)
class Script:
    """What statements have defined so far. ``known``: the value of each variable now; ``taken``: names given."""

    place: str
    known: dict[str, Expression]
    taken: set[str]
    definitions: list[Definition] = field(default_factory=list)

    def run(self, statements: Sequence[Statement]) -> Expression | None:
        """Take the statements in order; the value returned, or ``None``. Raises ``RequestError``."""
        for number, statement in enumerate(statements):
            match statement:
                case Return():
                    return self.resolved(as_number(statement.value))
                case Assign():
                    self.known[statement.target] = self.defined(statement.target, self.resolved(statement.value))
                case If() if _returns(statement):
                    return self.returned(statement, statements[number + 1 :])
                case If():
                    self.branch(statement)
        return None

    def resolved(self, value: Expression) -> Expression:
        """``value`` over inputs and definitions."""
        return self.bounded(substituted(value, self.known))

    def bounded(self, value: Expression) -> Expression:
        """``value`` if it is of a size that can be worked with. Raises ``RequestError``."""
        if sum(1 for _ in walk(value)) > _MOST:
            raise RequestError(f"{self.place}: an expression of more than {_MOST} parts; write it in steps")
        return value

    def defined(self, variable: str, value: Expression) -> Expression:
        """The variable as a new definition. One that may be unset stays a tree, for the next ``if`` may set it."""
        if "[" in variable or any(isinstance(part, Unset) for part in walk(value)):
            return value
        name = free_name(variable, self.taken)
        self.taken.add(name)
        self.definitions.append(Definition(name, value))
        return Name(name)

    def branch(self, statement: If) -> None:
        """Take both branches; what they leave different becomes a choice."""
        condition = self.resolved(statement.condition)
        before = dict(self.known)
        yes = self.within(statement.then)
        self.known = dict(before)
        no = self.within(statement.otherwise)
        self.known = before
        for variable in [*yes, *(name for name in no if name not in yes)]:
            old = before.get(variable, Unset(variable))
            one, other = yes.get(variable, old), no.get(variable, old)
            if one != old or other != old:
                self.known[variable] = self.defined(variable, self.bounded(chosen(condition, one, other)))

    def within(self, statements: Sequence[Statement]) -> dict[str, Expression]:
        """The variables after the statements of one branch; small values stay trees and get no name."""
        for statement in statements:
            if isinstance(statement, If):
                self.branch(statement)
            elif isinstance(statement, Assign):
                value = self.resolved(statement.value)
                small = sum(1 for _ in walk(value)) <= _INLINE
                self.known[statement.target] = value if small else self.defined(statement.target, value)
        return dict(self.known)

    def returned(self, statement: If, rest: Sequence[Statement]) -> Expression:
        """The value of an ``if`` of which a branch returns: a branch that does not goes on with the ``rest``."""
        condition = self.resolved(statement.condition)
        before, found = dict(self.known), []
        for part in (statement.then, statement.otherwise):
            self.known = dict(before)
            value = self.run([*part, *rest])
            if value is None:
                raise RequestError(f"{self.place}: a way through the script returns nothing; add a return at its end")
            found.append(value)
        self.known = before
        return Choice(condition, *found)


def _returns(statement: If) -> bool:
    inner = (*statement.then, *statement.otherwise)
    return any(isinstance(part, Return) or (isinstance(part, If) and _returns(part)) for part in inner)


def needed(definitions: Sequence[Definition], wanted: Iterable[str]) -> list[Definition]:
    """Those definitions that ``wanted`` names need, directly or through others, in their order."""
    asked, kept = set(wanted), []
    for item in reversed(definitions):
        if item.name in asked:
            kept.append(item)
            asked |= names(item.value)
    return kept[::-1]


def reach(definitions: Sequence[Definition], sources: Iterable[str]) -> set[str]:
    """The names that depend on one of ``sources``, these included."""
    found = set(sources)
    for item in definitions:
        if names(item.value) & found:
            found.add(item.name)
    return found


def folded(value: Expression, definitions: Mapping[str, Expression], which: set[str]) -> Expression:
    """``value`` with the definitions in ``which`` written out."""
    made = value
    while inner := names(made) & which:
        made = substituted(made, {name: definitions[name] for name in inner})
        if sum(1 for _ in walk(made)) > _MOST:
            raise RequestError("the equations are too long when written out; name their parts")
    return made


def number(value: float) -> Number:
    """A number as a part of an expression."""
    return Number(repr(float(value)))


def write(value: Expression, place: str) -> str:
    """The formula of ``value``."""
    return text_of(value, place)
