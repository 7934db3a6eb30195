"""A closed expression language for knowledge files: arithmetic, comparisons and a handful of functions on arrays.

A formula is parsed by Python's grammar and every node outside the list below is refused, so a data file can name no
attribute, call no other function and reach nothing. Values may be numbers or NumPy arrays of one shape.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Value = float | NDArray[Any]

_LARGEST = 1e300  # of a number written in a formula
_BINARY: dict[type[ast.operator], Callable[..., Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
}
_COMPARE: dict[type[ast.cmpop], Callable[..., Any]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "where": np.where,
    "min": np.minimum,
    "max": np.maximum,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "floor": np.floor,
}
MAX_LENGTH = 2000


class FormulaError(ValueError):
    """A formula uses something the language does not have; the text names it."""


@dataclass(frozen=True)
class Formula:
    """A parsed formula: ``names`` it needs, and ``evaluate`` to compute it."""

    text: str
    names: frozenset[str]
    tree: ast.expr

    def evaluate(self, values: Mapping[str, Value]) -> Any:
        """The value for ``values``; a name it needs and does not get is a ``FormulaError``.

        >>> parse("1.25 <= score <= 2.25").evaluate({"score": 2.0})
        True
        """
        missing = sorted(self.names - set(values))
        if missing:
            raise FormulaError(f"needs {', '.join(missing)}")
        try:
            result = _evaluate(self.tree, values)
        except ArithmeticError as error:
            raise FormulaError(f"cannot be computed ({error})") from error
        return result.item() if isinstance(result, np.generic) else result

    def truth(self, values: Mapping[str, Value]) -> bool | None:
        """Whether it holds for ``values``; ``None`` where a name that is missing decides.

        >>> known = {"age": 70.0}
        >>> [parse(text).truth(known) for text in ("age > 60 or smoker", "age < 18 and smoker", "age > 60 and smoker")]
        [True, False, None]
        """
        return _truth(self.tree, values)


@lru_cache(maxsize=4096)
def parse(text: str) -> Formula:
    """The formula written as ``text``.

    >>> sorted(parse("where(a > 1, log(b), 0)").names)
    ['a', 'b']
    """
    if len(text) > MAX_LENGTH:
        raise FormulaError(f"longer than {MAX_LENGTH} characters")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FormulaError(f"cannot be parsed: {text!r}") from error
    names: set[str] = set()
    _check(tree, names)
    return Formula(text, frozenset(names), tree)


def _check(node: ast.expr, names: set[str]) -> None:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            if not number < _LARGEST:
                raise FormulaError(f"holds a number beyond {_LARGEST:g}")
            return
        case ast.Name(id=name):
            names.add(name)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            _check(left, names)
            _check(right, names)
        case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=operand):
            _check(operand, names)
        case ast.BoolOp(values=values):
            for value in values:
                _check(value, names)
        case ast.Compare(left=left, ops=ops, comparators=comparators) if all(type(op) in _COMPARE for op in ops):
            for value in (left, *comparators):
                _check(value, names)
        case ast.Call(func=ast.Name(id=function), args=args, keywords=[]) if function in _FUNCTIONS:
            for value in args:
                _check(value, names)
        case _:
            raise FormulaError(f"{ast.unparse(node)!r} is not part of the formula language")


def _truth(node: ast.expr, values: Mapping[str, Value]) -> bool | None:
    """Kleene's logic: ``and`` is false where one part is, ``or`` true where one part is, whatever the others are."""
    match node:
        case ast.BoolOp(op=op, values=parts):
            found = {_truth(part, values) for part in parts}
            decides = isinstance(op, ast.Or)
            return decides if decides in found else None if None in found else not decides
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _truth(operand, values)
            return None if inner is None else not inner
        case _:
            is_known = all(
                name.id in values for name in ast.walk(node) if isinstance(name, ast.Name) and _is_value(name, node)
            )
            return bool(_evaluate(node, values)) if is_known else None


def _is_value(name: ast.Name, within: ast.expr) -> bool:
    """Whether ``name`` stands for a value, and not for a function that is called."""
    return not any(isinstance(call, ast.Call) and call.func is name for call in ast.walk(within))


def _evaluate(node: ast.expr, values: Mapping[str, Value]) -> Any:
    match node:
        case ast.Constant(value=value):
            assert isinstance(value, int | float)
            return float(value)  # whole numbers of arrays overflow in silence, and refuse negative powers
        case ast.Name(id=name):
            return values[name]
        case ast.BinOp(left=left, op=op, right=right):
            return _BINARY[type(op)](_evaluate(left, values), _evaluate(right, values))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return np.negative(_evaluate(operand, values))
        case ast.UnaryOp(operand=operand):
            return np.logical_not(_evaluate(operand, values))
        case ast.BoolOp(op=op, values=parts):
            combine = np.logical_and if isinstance(op, ast.And) else np.logical_or
            result = _evaluate(parts[0], values)
            for part in parts[1:]:
                result = combine(result, _evaluate(part, values))
            return result
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            sides = [_evaluate(side, values) for side in (left, *comparators)]
            result = np.bool_(True)
            for compare, low, high in zip(ops, sides, sides[1:], strict=False):
                result = np.logical_and(result, _COMPARE[type(compare)](low, high))
            return result
        case ast.Call(func=ast.Name(id=function), args=args):
            return _FUNCTIONS[function](*(_evaluate(arg, values) for arg in args))
        case _:  # _check has refused everything else
            raise FormulaError(ast.unparse(node))
