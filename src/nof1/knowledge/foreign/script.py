"""Reads a closed part of C++ or JavaScript: assignments, ``if``, ``return`` and arithmetic; the rest is refused by name.

Nothing is run: the text becomes trees. A statement ends where the next one begins, with or without ``;``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from nof1.errors import RequestError
from nof1.knowledge.foreign.expression import (
    Binary,
    Call,
    Choice,
    Expression,
    Name,
    Number,
    Unary,
    as_condition,
    as_number,
    is_condition,
)
from nof1.knowledge.foreign.tokens import Token, tokens

Language = Literal["C++", "JavaScript"]
MOST_NESTED = 40
MOST_JOINED = 200
_FUNCTIONS = {
    "pow": ("**", 2),
    "exp": ("exp", 1),
    "log": ("log", 1),
    "log10": ("log10", 1),
    "sqrt": ("sqrt", 1),
    "abs": ("abs", 1),
    "fabs": ("abs", 1),
    "min": ("min", 2),
    "max": ("max", 2),
    "fmin": ("min", 2),
    "fmax": ("max", 2),
}
_DECLARING = {"C++": ("double",), "JavaScript": ("var", "let", "const")}
_REFUSED = ("for", "while", "do", "switch", "function", "int", "float", "goto", "new", "class", "auto", "long", "bool")
_LEVELS = (("||", "|"), ("&&", "&"), ("==", "!=", "===", "!=="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "/"))
_SPELLED = {"||": "or", "|": "or", "&&": "and", "&": "and", "===": "==", "!==": "!="}


@dataclass(frozen=True, slots=True)
class Assign:
    """``target`` (a variable, or ``dAdt[0]``) becomes ``value``."""

    target: str
    value: Expression
    line: int


@dataclass(frozen=True, slots=True)
class Return:
    """The script's result."""

    value: Expression


@dataclass(frozen=True, slots=True)
class If:
    """``then`` where ``condition`` holds, ``otherwise`` elsewhere."""

    condition: Expression
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]


Statement: TypeAlias = Assign | Return | If


def parse(text: str, language: Language, place: str) -> tuple[Statement, ...]:
    """The statements of ``text``. Raises ``RequestError``: place, line, what is not read, the way out."""
    reader = _Reader(tokens(text, place), language, place)
    found = reader.block("end")
    return tuple(found)


def parse_expression(text: str, language: Language, place: str) -> Expression:
    """The one expression that ``text`` is."""
    reader = _Reader(tokens(text, place), language, place)
    found = as_number(reader.expression())
    if reader.now.kind != "end":
        raise reader.refusal(f"{reader.now.text!r} stands after the expression; write one expression")
    return found


class _Reader:
    """Goes through the pieces once, by recursive descent; ``depth`` bounds the recursion."""

    def __init__(self, found: list[Token], language: Language, place: str) -> None:
        self.tokens, self.language, self.place = found, language, place
        self.position = self.depth = self.joins = 0

    @property
    def now(self) -> Token:
        return self.tokens[self.position]

    def refusal(self, text: str) -> RequestError:
        return RequestError(f"{self.place} line {self.now.line}: {text}")

    def take(self, *signs: str) -> str:
        """The sign or word that stands here if it is one of ``signs``, else the empty text."""
        if self.now.kind in ("sign", "name") and self.now.text in signs:
            self.position += 1
            return self.tokens[self.position - 1].text
        return ""

    def expect(self, sign: str) -> None:
        if not self.take(sign):
            raise self.refusal(f"{self.now.text or 'the end'!r} stands where {sign!r} belongs; is the code cut off?")

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MOST_NESTED:
            raise self.refusal(f"nested deeper than {MOST_NESTED}; write it in steps")

    def block(self, end: str) -> list[Statement]:
        self.deeper()
        found: list[Statement] = []
        while True:
            if self.take(";"):
                continue
            if self.now.kind == "end" or (end != "end" and self.now.text == end):
                break
            found.append(self.statement())
        if end != "end":
            self.expect(end)
        self.depth -= 1
        return found

    def statement(self) -> Statement:
        self.joins = 0
        if self.take("if"):
            return self.branch()
        if self.language == "JavaScript" and self.take("return"):
            return Return(self.expression())
        self.take(*_DECLARING[self.language])
        if self.now.kind != "name" or self.now.text in _REFUSED:
            raise self.refusal(f"{self.now.text!r}; only assignments and if are read here, rewrite it with these")
        return self.assignment()

    def assignment(self) -> Assign:
        line = self.now.line
        target = self.variable()
        sign = self.take("=", "+=", "-=", "*=", "/=")
        if not sign:
            raise self.refusal(f"{self.now.text or 'the end'!r} stands after {target!r} where '=' belongs")
        value = as_number(self.expression())
        if sign != "=":
            value = self.arithmetic(sign[0], Name(target), value)
        return Assign(target, self.real(value), line)

    def real(self, value: Expression) -> Expression:
        """``value`` as a variable keeps it: no longer a whole number."""
        return Number(value.text) if isinstance(value, Number) else value

    def branch(self) -> If:
        self.expect("(")
        condition = as_condition(self.expression())
        self.expect(")")
        then = self.body()
        otherwise = self.body() if self.take("else") else ()
        return If(condition, then, otherwise)

    def body(self) -> tuple[Statement, ...]:
        if self.take("{"):
            return tuple(self.block("}"))
        self.deeper()
        found = (self.statement(),)
        self.take(";")
        self.depth -= 1
        return found

    def variable(self) -> str:
        text = self.now.text
        self.position += 1
        if self.take("["):
            index = self.now
            self.position += 1
            if index.kind != "number" or not index.text.isdigit():
                raise self.refusal(f"{text}[{index.text}]; write the number of the compartment")
            self.expect("]")
            return f"{text}[{int(index.text)}]"
        return text

    def expression(self) -> Expression:
        self.deeper()
        found = self.level(0)
        if self.take("?"):
            yes = as_number(self.expression())
            self.expect(":")
            found = Choice(as_condition(found), yes, as_number(self.expression()))
        self.depth -= 1
        return found

    def level(self, number: int) -> Expression:
        if number == len(_LEVELS):
            return self.unary()
        found = self.level(number + 1)
        while sign := self.take(*_LEVELS[number]):
            found = self.joined(sign, found, self.level(number + 1))
        return found

    def joined(self, sign: str, left: Expression, right: Expression) -> Expression:
        if sign in ("&", "|") and not (is_condition(left) and is_condition(right)):
            raise self.refusal(f"{sign!r} between numbers is arithmetic of bits; write {sign * 2!r} between conditions")
        if sign in ("&&", "||", "&", "|"):
            self.joins += 1
            return Binary(_SPELLED[sign], as_condition(left), as_condition(right))
        return self.arithmetic(_SPELLED.get(sign, sign), as_number(left), as_number(right))

    def arithmetic(self, sign: str, left: Expression, right: Expression) -> Expression:
        if sign == "/" and self.language == "C++" and _is_whole(left) and _is_whole(right):
            raise self.refusal(
                "a whole number divided by a whole number drops the rest in C++; write 1.0/3.0 if that is meant"
            )
        self.joins += 1
        if self.joins > MOST_JOINED:
            raise self.refusal(f"more than {MOST_JOINED} operations in one statement; write it in steps")
        return Binary(sign, left, right)

    def unary(self) -> Expression:
        sign = self.take("-", "+", "!")
        if not sign:
            return self.primary()
        self.deeper()
        found = self.unary()
        self.depth -= 1
        if sign == "!":
            return Unary("not", as_condition(found))
        return Unary("-", as_number(found)) if sign == "-" else as_number(found)

    def primary(self) -> Expression:
        if self.take("("):
            found = self.expression()
            self.expect(")")
            return found
        if self.now.kind == "number":
            return self.number()
        if self.now.kind != "name" or self.now.text in _REFUSED:
            raise self.refusal(f"{self.now.text or 'the end'!r} stands where a value belongs")
        return self.named()

    def number(self) -> Number:
        text = self.now.text
        self.position += 1
        whole = text.isdigit()
        if whole and len(text) > 1 and text[0] == "0":
            raise self.refusal(f"{text!r} begins with 0 and would count in eights; write it without")
        if not math.isfinite(float(text)):
            raise self.refusal(f"{text!r} is too large for a number")
        return Number(text, whole)

    def named(self) -> Expression:
        text = self.variable()
        if text in ("std", "Math") and self.take(".", ":"):
            self.take(":")
            text = self.variable()
        if not self.take("("):
            return Name(text)
        if text not in _FUNCTIONS:
            raise self.refusal(f"function {text!r} is not read here; known are {', '.join(sorted(_FUNCTIONS))}")
        arguments = [as_number(self.expression())]
        while self.take(","):
            arguments.append(as_number(self.expression()))
        self.expect(")")
        return self.called(text, tuple(arguments))

    def called(self, function: str, arguments: tuple[Expression, ...]) -> Expression:
        spelled, count = _FUNCTIONS[function]
        if len(arguments) != count:
            raise self.refusal(f"{function} of {len(arguments)} values; it takes {count}")
        if spelled == "**":
            return Binary("**", *arguments)
        if spelled == "log10":
            return Binary("/", Call("log", arguments), Call("log", (Number("10"),)))
        return Call(spelled, arguments)


def _is_whole(item: Expression) -> bool:
    """Whether C++ would compute ``item`` in whole numbers: nothing in it is a variable, a function or has a point."""
    match item:
        case Number():
            return item.whole
        case Choice():
            return _is_whole(item.yes) and _is_whole(item.no)
        case Binary() if item.operator != "**":
            return all(_is_whole(part) for part in (item.left, item.right))
        case Unary():
            return _is_whole(item.operand)
        case _:
            return False
