"""Conditions over facts of which some are unknown or known within limits only: true, false, or not known.

Kleene's logic: what holds for every value that is possible is true, what holds for none is false.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

import numpy as np

from nof1.knowledge.formula import Formula, FormulaError, parse

Limits = tuple[float, float]
Values = Mapping[str, float | Limits]
_MOST = 200_000  # combinations that are tried


def judge(text: str, values: Values) -> bool | None:
    """Whether the condition ``text`` holds; ``None`` where it depends on what ``values`` do not tell.

    A value is a number, or (lowest, highest) where no more is known.

    >>> judge("egfr < 30", {"egfr": 24}), judge("egfr < 30 or dialysis", {"egfr": 40}), judge("age < 18", {})
    (True, None, None)
    >>> judge("egfr < 30 and dialysis", {"egfr": 40})
    False
    >>> judge("egfr < 30", {"egfr": (0, 15)}), judge("egfr < 10", {"egfr": (0, 15)})
    (True, None)
    """
    formula = parse(text)
    known = {name: values[name] for name in formula.names if name in values}
    if len(known) == len(formula.names) and not any(isinstance(value, tuple) for value in known.values()):
        return bool(formula.evaluate(known))  # type: ignore[arg-type]
    return _truth(formula.tree, known)


def open_names(text: str, values: Values) -> list[str]:
    """The names that are not known exactly and could still change whether ``text`` holds, in order.

    >>> open_names("packs >= 20 and (smoker or years <= 15)", {"smoker": 1.0}), open_names("a > 1 or b", {"b": 1.0})
    (['packs'], [])
    """
    formula = parse(text)
    unknown = sorted(name for name in formula.names if not isinstance(values.get(name), int | float))
    tried = _tried(formula.tree)
    if not unknown or len(tried) ** len(unknown) > _MOST:
        return unknown
    every = dict(zip(unknown, np.meshgrid(*[tried] * len(unknown), indexing="ij"), strict=True))
    kept = {name: value for name in formula.names if isinstance(value := values.get(name), int | float)}
    with np.errstate(all="ignore"):
        held = np.broadcast_to(np.asarray(formula.evaluate({**kept, **every}), bool), (len(tried),) * len(unknown))
    return [name for at, name in enumerate(unknown) if np.any(held != held.take([0], axis=at))]


def holding_names(text: str, values: Values) -> list[str]:
    """The names in the parts of a condition that hold, in order; what must not be is no reason.

    >>> holding_names("packs >= 20 and (smoker or years <= 15) and not pregnant", {"packs": 30, "smoker": 1, "years": 99})
    ['packs', 'smoker']
    """
    return list(dict.fromkeys(_holding(parse(text).tree, values)))


def _holding(node: ast.expr, values: Values) -> Iterator[str]:
    match node:
        case ast.BoolOp(values=parts):
            for part in parts:
                yield from _holding(part, values)
        case ast.UnaryOp(op=ast.Not()):
            return
        case _:
            if _truth(node, values):
                yield from sorted(_names(node))


def _tried(tree: ast.expr) -> list[float]:
    """Values on both sides of every number of a condition, and no and yes."""
    values = (part.value for part in ast.walk(tree) if isinstance(part, ast.Constant))
    numbers = {float(value) for value in values if isinstance(value, int | float)}
    return sorted({0.0, 1.0} | {number + step for number in numbers for step in (-0.5, 0.0, 0.5)})


def _truth(node: ast.expr, values: Values) -> bool | None:
    match node:
        case ast.BoolOp(op=ast.And(), values=parts):
            return _all([_truth(part, values) for part in parts])
        case ast.BoolOp(values=parts):
            return _not(_all([_not(_truth(part, values)) for part in parts]))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _not(_truth(operand, values))
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            sides = [_range(side, values) for side in (left, *comparators)]
            return _all([_compared(op, a, b) for op, a, b in zip(ops, sides, sides[1:], strict=False)])
        case _:
            found = _range(node, values)
            if found is None or (found[0] <= 0 <= found[1] and found[0] != found[1]):
                return None
            return found != (0, 0)


def _compared(op: ast.cmpop, one: Limits | None, other: Limits | None) -> bool | None:
    if one is None or other is None:
        return None
    match op:
        case ast.Lt():
            return _sure(one[1] < other[0], one[0] >= other[1])
        case ast.LtE():
            return _sure(one[1] <= other[0], one[0] > other[1])
        case ast.Gt():
            return _sure(one[0] > other[1], one[1] <= other[0])
        case ast.GtE():
            return _sure(one[0] >= other[1], one[1] < other[0])
        case _:
            apart = one[1] < other[0] or one[0] > other[1]
            same = one[0] == one[1] == other[0] == other[1]
            return _sure(same, apart) if isinstance(op, ast.Eq) else _sure(apart, same)


def _sure(is_true: bool, is_false: bool) -> bool | None:
    return True if is_true else False if is_false else None


def _range(node: ast.expr, values: Values) -> Limits | None:
    """The lowest and highest value of a term; only a bare name may have limits."""
    if isinstance(node, ast.Name) and isinstance(value := values.get(node.id), tuple):
        return value
    try:
        numbers = {name: value for name, value in values.items() if not isinstance(value, tuple)}
        found = float(Formula("", frozenset(_names(node)), node).evaluate(numbers))
    except FormulaError:
        return None
    return found, found


def _names(node: ast.expr) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and not _is_function(part, node)}


def _is_function(part: ast.Name, node: ast.expr) -> bool:
    return any(isinstance(call, ast.Call) and call.func is part for call in ast.walk(node))


def _all(parts: list[bool | None]) -> bool | None:
    return False if False in parts else None if None in parts else True


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value
