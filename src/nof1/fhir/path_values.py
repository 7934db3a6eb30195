"""When two FHIRPath values are equal or one is less: numbers, times of differing precision, quantities, whole elements."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from nof1.errors import UnitError
from nof1.fhir.path_nodes import Node, is_kind
from nof1.fhir.path_parse import PathError
from nof1.units.convert import convert

Parts = tuple[Decimal | int, ...]  # year to second, or hour to second, as far as they are known
_TIMES = frozenset(("date", "dateTime", "instant", "time"))
_NUMBERS = (int, float, Decimal)
_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d(?:\.\d+)?))?)?(?:(Z)|([+-])(\d\d):(\d\d))?)?)?)?"
)
_CLOCK = re.compile(r"(\d\d)(?::(\d\d)(?::(\d\d(?:\.\d+)?))?)?")
_CALENDAR = {
    "years": "a", "year": "a", "months": "mo", "month": "mo", "weeks": "wk", "week": "wk", "days": "d", "day": "d",
    "hours": "h", "hour": "h", "minutes": "min", "minute": "min", "seconds": "s", "second": "s",
    "milliseconds": "ms", "millisecond": "ms",
}  # fmt: skip


class Time(NamedTuple):
    """A date, a date with time, or a time of day (``is_clock``): as written, and in UTC where it has a zone."""

    written: Parts
    utc: Parts
    has_zone: bool
    is_clock: bool


def is_number(value: object) -> bool:
    """Whether a value is a number; true and false are none."""
    return isinstance(value, _NUMBERS) and not isinstance(value, bool)


def exact(value: Any) -> Decimal | int:
    """A number as it is written in decimals."""
    return Decimal(repr(value)) if isinstance(value, float) else value


def equal(left: Sequence[Node], right: Sequence[Node]) -> bool | None:
    """``=`` of two collections: in order and of the same length; None if one is empty or precision leaves it open."""
    if not left or not right:
        return None
    if len(left) != len(right):
        return False
    answer: bool | None = True
    for a, b in zip(left, right, strict=True):
        same = same_value(a, b)
        if same is False:
            return False
        answer = None if same is None else answer
    return answer


def same_value(a: Node, b: Node) -> bool | None:
    """``=`` of two values."""
    x, y = a.value, b.value
    if isinstance(x, str) and isinstance(y, str):
        if x == y or not (a.kind in _TIMES or b.kind in _TIMES):
            return x == y
        return _same_time(a, b)
    if is_number(x) and is_number(y):
        return exact(x) == exact(y)
    if is_kind(a.kind, "Quantity") and is_kind(b.kind, "Quantity") and isinstance(x, dict) and isinstance(y, dict):
        return x == y or _same_quantity(x, y)
    if isinstance(x, bool) or isinstance(y, bool):
        return x is y
    return bool(x == y) if x is not None or y is not None else a.extra == b.extra


def _same_time(a: Node, b: Node) -> bool | None:
    x, y = time_of(a.value), time_of(b.value)
    if x is None or y is None or x.is_clock != y.is_clock:
        return False
    sign = _time_order(a, b)
    return None if sign is None else sign == 0


class Values:
    """Nodes of which it is asked whether one equals another, by hashing: many are looked through as quickly as few.

    Compared one by one are quantities, whose units decide, and texts beside times, of which two may equal a third alone.
    """

    __slots__ = ("_keys", "_nodes", "_sorts", "_unkeyed")

    def __init__(self, nodes: Iterable[Node] = ()) -> None:
        self._nodes: list[Node] = []
        self._unkeyed: list[Node] = []
        self._keys: set[tuple[str, Hashable]] = set()
        self._sorts: set[str] = set()
        for node in nodes:
            self.add(node)

    def __contains__(self, wanted: Node) -> bool:
        """Whether one of the nodes equals ``wanted``."""
        key = _key(wanted)
        if key is None or (key[0] in _TEXTS and self._sorts | {key[0]} >= _TEXTS):
            return any(same_value(node, wanted) is True for node in self._nodes)
        return key in self._keys or any(same_value(node, wanted) is True for node in self._unkeyed)

    def add(self, node: Node) -> None:
        """Takes a node in."""
        self._nodes.append(node)
        if (key := _key(node)) is None:
            self._unkeyed.append(node)
        else:
            self._keys.add(key)
            self._sorts.add(key[0])


_TEXTS = frozenset(("text", "time"))


def _key(node: Node) -> tuple[str, Hashable] | None:
    """What nodes have in common that are equal, and no others; None where there is no such thing."""
    value = node.value
    if isinstance(value, str):
        time = time_of(value) if node.kind in _TIMES else None
        if time is None:
            return "text", value
        has_hours = len(time.written) > 3 and not time.is_clock
        return "time", (time.is_clock, has_hours and time.has_zone, time.utc if has_hours else time.written, has_hours)
    if isinstance(value, bool):
        return "truth", value
    if is_number(value):
        return "number", exact(value)
    if isinstance(value, dict):
        return None if is_kind(node.kind, "Quantity") else ("object", _frozen(value))
    return "none", _frozen(node.extra)


def _frozen(value: Any) -> Hashable:
    """Decoded JSON as something that is equal and hashed alike where the JSON is equal."""
    if isinstance(value, dict):
        return frozenset((key, _frozen(below)) for key, below in value.items())
    if isinstance(value, list):
        return tuple(_frozen(below) for below in value)
    one: Hashable = value
    return one


def distinct(nodes: Sequence[Node]) -> list[Node]:
    """The nodes, each value once, in order."""
    if len(nodes) < 2:
        return list(nodes)
    if all(isinstance(node.value, str) and node.kind not in _TIMES for node in nodes):
        first: dict[str, Node] = {}
        for node in nodes:
            first.setdefault(node.value, node)
        return list(first.values())
    found: list[Node] = []
    known = Values()
    for node in nodes:
        if node not in known:
            known.add(node)
            found.append(node)
    return found


def equivalent(left: Sequence[Node], right: Sequence[Node]) -> bool:
    """``~``: in any order, texts without case and extra spaces, numbers to the fewer decimals; empty is like empty."""
    if len(left) != len(right):
        return False
    rest = list(right)
    for a in left:
        at = next((at for at, b in enumerate(rest) if _alike(a, b)), None)
        if at is None:
            return False
        del rest[at]
    return True


def _alike(a: Node, b: Node) -> bool:
    x, y = a.value, b.value
    if isinstance(x, str) and isinstance(y, str) and not (a.kind in _TIMES or b.kind in _TIMES):
        return " ".join(x.casefold().split()) == " ".join(y.casefold().split())
    if is_number(x) and is_number(y):
        places = min(_places(x), _places(y))
        return bool(round(Decimal(exact(x)), places) == round(Decimal(exact(y)), places))
    return same_value(a, b) is True


def _places(value: Any) -> int:
    exponent = Decimal(exact(value)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def order(left: Sequence[Node], right: Sequence[Node]) -> int | None:
    """-1, 0 or 1 as ``left`` is less, the same, greater; None if one is empty or it is left open.

    Raises ``PathError`` where there are several values or they have no order.
    """
    if not left or not right:
        return None
    if len(left) > 1 or len(right) > 1:
        raise PathError("path: one value is compared with one other; take the first")
    a, b = left[0], right[0]
    x, y = a.value, b.value
    if x is None or y is None:
        return None
    if is_number(x) and is_number(y):
        return _sign(exact(x), exact(y))
    if isinstance(x, str) and isinstance(y, str):
        return _time_order(a, b) if a.kind in _TIMES or b.kind in _TIMES else _sign(x, y)
    if isinstance(x, dict) and isinstance(y, dict) and is_kind(a.kind, "Quantity") and is_kind(b.kind, "Quantity"):
        numbers = _in_one_unit(x, y)
        return _sign(*numbers) if numbers else None
    raise PathError(f"path: a {a.kind} and a {b.kind} have no order")


def _sign(x: Any, y: Any) -> int:
    return int(x > y) - int(x < y)


def _same_quantity(x: dict[str, Any], y: dict[str, Any]) -> bool | None:
    numbers = _in_one_unit(x, y)
    return None if numbers is None else numbers[0] == numbers[1]


def _in_one_unit(x: dict[str, Any], y: dict[str, Any]) -> tuple[Decimal | int, Decimal | int] | None:
    """Two amounts in one unit, None where they have none."""
    a: Any = x.get("value")
    b: Any = y.get("value")
    if not is_number(a) or not is_number(b):
        return None
    left, right = _unit(x), _unit(y)
    if left == right:
        return exact(a), exact(b)
    try:
        converted = convert(float(a), left, right)
    except (UnitError, OverflowError):
        return None
    return Decimal(f"{converted:.12g}"), Decimal(f"{float(b):.12g}")


def _unit(quantity: dict[str, Any]) -> str:
    text = str(quantity.get("code") or quantity.get("unit") or "1")
    return _CALENDAR.get(text, text)


def _time_order(a: Node, b: Node) -> int | None:
    x, y = time_of(a.value), time_of(b.value)
    if x is None or y is None or x.is_clock != y.is_clock:
        return None
    # a day is compared as it is written: it has no zone
    has_hours = len(x.written) > 3 and len(y.written) > 3 and not x.is_clock
    if has_hours and x.has_zone != y.has_zone:
        return None
    left, right = (x.utc, y.utc) if has_hours else (x.written, y.written)
    for one, other in zip(left, right, strict=False):
        if one != other:
            return _sign(one, other)
    return 0 if len(left) == len(right) else None


@lru_cache(maxsize=4096)
def time_of(text: str) -> Time | None:
    """The parts of a date, a date with time or a time of day, as far as they are given.

    >>> time_of("2015-02-04T23:30+10:00")
    Time(written=(2015, 2, 4, 23, 30), utc=(2015, 2, 4, 13, 30), has_zone=True, is_clock=False)
    """
    if clock := _CLOCK.fullmatch(text):
        parts = _numbers(clock.groups())
        return Time(parts, parts, False, True)
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    parts = _numbers(found.groups()[:6])
    if not found[8] or len(parts) < 5:
        return Time(parts, parts, bool(found[7]), False)
    offset = (int(found[9]) * 60 + int(found[10])) * (-1 if found[8] == "-" else 1)
    return Time(parts, _shifted(parts, -offset), True, False)


def _numbers(groups: Sequence[str | None]) -> Parts:
    return tuple(Decimal(part) if "." in part else int(part) for part in groups if part is not None)


def _shifted(parts: Parts, minutes: int) -> Parts:
    """A time later by some minutes."""
    from datetime import datetime, timedelta

    year, month, day, hour, minute = (int(part) for part in parts[:5])
    try:
        moved = datetime(year, month, day, hour, minute) + timedelta(minutes=minutes)
    except (ValueError, OverflowError):
        return parts
    return (moved.year, moved.month, moved.day, moved.hour, moved.minute, *parts[5:])
