"""Expressions of a foreign script as trees, and each as text of nof1's formula language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from nof1.errors import RequestError
from nof1.knowledge.formula import MAX_LENGTH


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is written; ``whole``: a whole number of the script's language, which divides without remainder."""

    text: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """A variable, or an element of an array written as ``A[1]``."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the formula language."""

    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Unary:
    """``-`` or ``not``."""

    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic, a comparison, ``and``, ``or``, or a power ``**``."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Choice:
    """``yes`` where ``condition`` holds, ``no`` elsewhere."""

    condition: Expression
    yes: Expression
    no: Expression


@dataclass(frozen=True, slots=True)
class Unset:
    """The value of a variable where nothing has set it."""

    name: str


Expression: TypeAlias = Number | Name | Call | Unary | Binary | Choice | Unset

COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_STRENGTH = {"or": 1, "and": 2, "+": 5, "-": 5, "*": 6, "/": 6, "**": 8} | dict.fromkeys(COMPARISONS, 4)


def parts(item: Expression) -> tuple[Expression, ...]:
    """What ``item`` is made of."""
    match item:
        case Call():
            return item.arguments
        case Unary():
            return (item.operand,)
        case Binary():
            return (item.left, item.right)
        case Choice():
            return (item.condition, item.yes, item.no)
        case _:
            return ()


def walk(item: Expression) -> Iterator[Expression]:
    """``item`` and everything below it."""
    waiting = [item]
    while waiting:
        yield (here := waiting.pop())
        waiting.extend(parts(here))


def names(item: Expression) -> set[str]:
    """The variables that ``item`` needs."""
    return {part.text for part in walk(item) if isinstance(part, Name)}


def changed(item: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """``item`` with ``change`` made to every part, from the leaves up."""
    match item:
        case Call():
            made: Expression = replace(item, arguments=tuple(changed(part, change) for part in item.arguments))
        case Unary():
            made = replace(item, operand=changed(item.operand, change))
        case Binary():
            made = replace(item, left=changed(item.left, change), right=changed(item.right, change))
        case Choice():
            made = Choice(changed(item.condition, change), changed(item.yes, change), changed(item.no, change))
        case _:
            made = item
    return change(made)


def substituted(item: Expression, values: Mapping[str, Expression]) -> Expression:
    """``item`` with variables replaced by ``values``; those without one stay."""
    return changed(item, lambda part: values.get(part.text, part) if isinstance(part, Name) else part)


def is_condition(item: Expression) -> bool:
    """Whether ``item`` is true or false rather than a number."""
    match item:
        case Binary():
            return item.operator in COMPARISONS or item.operator in ("and", "or")
        case Unary():
            return item.operator == "not"
        case _:
            return False


def as_condition(item: Expression) -> Expression:
    """``item`` where true or false is asked: a number is true unless it is 0."""
    return item if is_condition(item) else Binary("!=", item, Number("0"))


def as_number(item: Expression) -> Expression:
    """``item`` where a number is asked: true is 1, false 0."""
    return Choice(item, Number("1", whole=True), Number("0", whole=True)) if is_condition(item) else item


def opposite(item: Expression) -> Expression:
    """What holds where the condition ``item`` does not."""
    if isinstance(item, Binary) and item.operator in COMPARISONS:
        return replace(item, operator=_OPPOSITE[item.operator])
    return item.operand if isinstance(item, Unary) and item.operator == "not" else Unary("not", item)


def chosen(condition: Expression, yes: Expression, no: Expression) -> Expression:
    """``yes`` where ``condition`` holds, else ``no``; two ``if`` that exclude each other leave nothing unset."""
    if yes == no:
        return yes
    if isinstance(no, Choice) and isinstance(no.no, Unset) and no.condition == opposite(condition):
        return Choice(no.condition, no.yes, yes)
    return Choice(condition, yes, no)


def text_of(item: Expression, place: str) -> str:
    """``item`` in the formula language. Raises ``RequestError`` where a value is never set, or the text grows too long."""
    text = _text(item, place)
    if len(text) > MAX_LENGTH:
        raise RequestError(f"{place}: an expression of {len(text)} characters; write it in steps, {MAX_LENGTH} at most each")
    return text


def _text(item: Expression, place: str, strength: int = 0) -> str:
    match item:
        case Number():
            return item.text
        case Name():
            return item.text
        case Unset():
            raise RequestError(f"{place}: {item.name!r} has no value in every case; set it first, or give it")
        case Call():
            return f"{item.function}({', '.join(_text(part, place) for part in item.arguments)})"
        case Choice():
            inner = (_text(part, place) for part in (item.condition, item.yes, item.no))
            return f"where({', '.join(inner)})"
        case Unary():
            text = f"{'not ' if item.operator == 'not' else '-'}{_text(item.operand, place, 7)}"
            return f"({text})" if strength > 3 else text
        case Binary():
            own = _STRENGTH[item.operator]
            left = _text(item.left, place, own + (item.operator == "**" or item.operator in COMPARISONS))
            right = _text(item.right, place, own + 1)
            text = f"{left} {item.operator} {right}"
            return f"({text})" if own < strength else text
