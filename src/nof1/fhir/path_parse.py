"""FHIRPath text -> syntax tree, by the grammar of FHIRPath 2.0."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from nof1.errors import RequestError

LONGEST = 20_000
_TOKEN = re.compile(
    r"""(?P<space>(?:\s|//[^\n]*|/\*.*?\*/)+)
    |(?P<time>@T\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?)
    |(?P<date>@\d{4}(?:-\d\d(?:-\d\d)?)?(?:T(?:\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:\d\d)?)?)?)
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<text>'(?:[^'\\]|\\.)*')
    |(?P<quoted>`(?:[^`\\]|\\.)*`|"(?:[^"\\]|\\.)*")
    |(?P<variable>%(?:\w+(?:-\w+)*|`[^`]*`|'[^']*'|"[^"]*"))
    |(?P<special>\$(?:this|index|total)\b)
    |(?P<name>[A-Za-z_]\w*)
    |(?P<sign><=|>=|!=|!~|[-+*/&|=~<>.,()\[\]{}])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}
# how strongly an operator binds; unary signs lie between products and steps
_BINDS = {
    **dict.fromkeys(("implies",), 1),
    **dict.fromkeys(("or", "xor"), 2),
    **dict.fromkeys(("and",), 3),
    **dict.fromkeys(("in", "contains"), 4),
    **dict.fromkeys(("=", "~", "!=", "!~"), 5),
    **dict.fromkeys(("<", ">", "<=", ">="), 6),
    **dict.fromkeys(("|",), 7),
    **dict.fromkeys(("is", "as"), 8),
    **dict.fromkeys(("+", "-", "&"), 9),
    **dict.fromkeys(("*", "/", "div", "mod"), 10),
    **dict.fromkeys((".", "["), 12),
}
_UNARY = 11
_CALENDAR = ("year", "month", "week", "day", "hour", "minute", "second", "millisecond")
CALENDAR_UNITS = {*_CALENDAR, *(f"{unit}s" for unit in _CALENDAR)}


class PathError(RequestError):
    """A FHIRPath expression that cannot be read, is not supported, or cannot be evaluated on what it was given."""


@dataclass(frozen=True, slots=True)
class Name:
    """A member of what stands before it, or a type's name at the start of a path."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments, not yet evaluated."""

    name: str
    arguments: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Literal:
    """A written value; ``kind``: boolean, string, integer, decimal, date, dateTime, time, Quantity, empty for ``{}``."""

    text: str
    kind: str
    value: Any = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Variable:
    """``%resource``, or ``$this`` with its sign."""

    name: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A step from ``base``: a member or a function."""

    base: Tree
    step: Name | Call | Variable


@dataclass(frozen=True, slots=True)
class Binary:
    """Two expressions joined by an operator; ``[`` is the indexer."""

    operator: str
    left: Tree
    right: Tree


@dataclass(frozen=True, slots=True)
class Signed:
    """A number with a sign before it."""

    operator: str
    operand: Tree


@dataclass(frozen=True, slots=True)
class Typed:
    """``is`` or ``as`` with the name of a type, its namespace taken away."""

    operator: str
    operand: Tree
    kind: str


Tree: TypeAlias = Name | Call | Literal | Variable | Dot | Binary | Signed | Typed


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


def parsed(expression: str) -> Tree:
    """The tree of an expression. Raises ``PathError`` with the place of what is wrong.

    >>> parsed("name.given")
    Dot(base=Name(text='name'), step=Name(text='given'))
    """
    if len(expression) > LONGEST:
        raise PathError(f"path: longer than {LONGEST} characters; shorten it")
    reader = _Reader(expression, _tokens(expression))
    try:
        tree = reader.expression(0)
    except RecursionError:
        raise PathError("path: nested too deeply; write it flat") from None
    if reader.next.kind != "end":
        raise reader.unexpected()
    return tree


def _tokens(text: str) -> list[_Token]:
    found = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise PathError(f"path: nothing that FHIRPath has stands at position {at + 1} of '{text[:200]}'")
        if match.lastgroup != "space":
            found.append(_Token(match.lastgroup or "", match[0], at))
        at = match.end()
    return [*found, _Token("end", "", at)]


@dataclass(slots=True)
class _Reader:
    """The tokens, and how far they are read."""

    text: str
    tokens: list[_Token]
    at: int = 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def expression(self, weakest: int) -> Tree:
        """All operators that bind more strongly than ``weakest``, from left to right."""
        left = self._signed_or_term()
        while (token := self.next).kind in ("sign", "name") and (binds := _BINDS.get(token.text, 0)) > weakest:
            self.at += 1
            if token.text == ".":
                left = Dot(left, self._step())
            elif token.text == "[":
                left = Binary("[", left, self.expression(0))
                self._expect("]")
            elif token.text in ("is", "as"):
                left = Typed(token.text, left, self._type())
            else:
                left = Binary(token.text, left, self.expression(binds))
        return left

    def unexpected(self) -> PathError:
        token = self.next
        what = f"'{token.text}' cannot stand" if token.text else "the text ends"
        return PathError(f"path: {what} at position {token.at + 1} of '{self.text[:200]}'")

    def _signed_or_term(self) -> Tree:
        token = self.next
        if token.kind == "sign" and token.text in ("+", "-"):
            self.at += 1
            return Signed(token.text, self.expression(_UNARY))
        if token.kind in ("name", "quoted") or token.kind == "special":
            return self._named()
        self.at += 1
        if token.text == "(":
            inner = self.expression(0)
            self._expect(")")
            return inner
        if token.text == "{":
            self._expect("}")
            return Literal("{}", "empty")
        return self._literal(token)

    def _literal(self, token: _Token) -> Tree:
        text = token.text
        match token.kind:
            case "text":
                return Literal(text, "string", _plain(text[1:-1]))
            case "number":
                return self._number(text)
            case "date":
                return Literal(text, "dateTime" if "T" in text else "date", text[1:].removesuffix("T"))
            case "time":
                return Literal(text, "time", text[2:])
            case "variable":
                return Variable(text[1:].strip("`'\""))
        self.at -= 1
        raise self.unexpected()

    def _number(self, text: str) -> Literal:
        """A number, or a quantity where a unit follows it."""
        unit = self.next
        number: int | Decimal = Decimal(text) if "." in text else int(text)
        if unit.kind == "text" or (unit.kind == "name" and unit.text in CALENDAR_UNITS):
            self.at += 1
            code = _plain(unit.text[1:-1]) if unit.kind == "text" else unit.text
            return Literal(f"{text} {unit.text}", "Quantity", {"value": number, "unit": code, "code": code})
        return Literal(text, "decimal" if "." in text else "integer", number)

    def _step(self) -> Name | Call | Variable:
        if self.next.kind not in ("name", "quoted", "special"):
            raise self.unexpected()
        named = self._named(is_step=True)
        if isinstance(named, Name | Call | Variable):
            return named
        raise self.unexpected()

    def _named(self, is_step: bool = False) -> Tree:
        token = self.next
        self.at += 1
        if token.kind == "special":
            return Variable(token.text)
        if token.kind == "quoted":
            return Name(_plain(token.text[1:-1]))
        if not is_step and token.text in ("true", "false"):
            return Literal(token.text, "boolean", token.text == "true")
        if self.next.text == "(" and self.next.kind == "sign":
            self.at += 1
            return Call(token.text, self._arguments())
        return Name(token.text)

    def _arguments(self) -> tuple[Tree, ...]:
        found: list[Tree] = []
        while self.next.text != ")":
            found.append(self.expression(0))
            if self.next.text != ",":
                break
            self.at += 1
        self._expect(")")
        return tuple(found)

    def _type(self) -> str:
        """The name of a type, with or without FHIR or System before it."""
        token = self.next
        if token.kind not in ("name", "quoted"):
            raise self.unexpected()
        self.at += 1
        name = token.text.strip('`"')
        if name in ("FHIR", "System") and self.next.text == ".":
            self.at += 1
            return self._type()
        return name

    def _expect(self, sign: str) -> None:
        if self.next.text != sign or self.next.kind != "sign":
            raise self.unexpected()
        self.at += 1


def type_of(tree: Tree) -> str:
    """The type that an argument of ``is``, ``as`` or ``ofType`` names. Raises ``PathError`` where it names none."""
    match tree:
        case Name(text) | Dot(Name("FHIR" | "System"), Name(text)):
            return text
    raise PathError("path: the name of a type is expected, such as Quantity")


def _plain(text: str) -> str:
    """The text without its escapes."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(
        lambda found: chr(int(found[1][1:], 16)) if len(found[1]) > 1 else _ESCAPED.get(found[1], found[1]), text
    )
