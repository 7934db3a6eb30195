"""Conditions over facts of which some are unknown: true, false, or not known (Kleene's logic)."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

from nof1.knowledge.formula import FormulaError, parse

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


def judge(text: str, values: Mapping[str, float]) -> bool | None:
    """Whether the condition ``text`` holds; ``None`` where it depends on a name that ``values`` does not have.

    >>> judge("egfr < 30", {"egfr": 24}), judge("egfr < 30 or dialysis", {"egfr": 40}), judge("age < 18", {})
    (True, None, None)
    >>> judge("egfr < 30 and dialysis", {"egfr": 40})
    False
    """
    formula = parse(text)
    if formula.names <= values.keys():
        return bool(formula.evaluate(values))
    return _truth(formula.tree, values)


def _truth(node: ast.expr, values: Mapping[str, float]) -> bool | None:
    match node:
        case ast.BoolOp(op=ast.And(), values=parts):
            return _all([_truth(part, values) for part in parts])
        case ast.BoolOp(values=parts):
            found = _all([_not(_truth(part, values)) for part in parts])
            return _not(found)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _not(_truth(operand, values))
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            sides = [_number(side, values) for side in (left, *comparators)]
            pairs = zip(ops, sides, sides[1:], strict=False)
            return _all([None if a is None or b is None else _COMPARE[type(op)](a, b) for op, a, b in pairs])
        case _:
            number = _number(node, values)
            return None if number is None else bool(number)


def _number(node: ast.expr, values: Mapping[str, float]) -> float | None:
    try:
        return float(parse(ast.unparse(node)).evaluate(values))
    except FormulaError:
        return None


def _all(parts: list[bool | None]) -> bool | None:
    return False if False in parts else None if None in parts else True


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value
