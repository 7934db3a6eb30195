"""Whether a stored date, number or quantity meets a written one, by FHIR R4's page "Search": precision and prefixes.

Slow and plain on purpose: it is what a server is compared with, so nothing here knows of indexes or of any server.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6})\d*)?)?)?)?)?(Z|[+-]\d\d:\d\d)?")
EVER, NEVER = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)

Range = tuple[Any, Any]  # from the first up to, and without, the second


class UnanswerableError(Exception):
    """The specification leaves it to the server, or it is not told here; a comparison must not be made."""


class NotDefinedError(UnanswerableError):
    """FHIR defines no such parameter or modifier here; a strict server refuses it."""


def parts(written: str, sign: str) -> list[str]:
    """Cut at a sign that no backslash stands before; what was escaped stays so.

    >>> parts("a,b", ","), parts("a\\\\,b", ",")
    (['a', 'b'], ['a\\\\,b'])
    """
    return re.split(rf"(?<!\\){re.escape(sign)}", written.replace("\\\\", "\0"))


def plain(written: str) -> str:
    """Without the backslashes of escapes."""
    return re.sub(r"\\([,|$])", r"\1", written).replace("\0", "\\")


def meets(prefix: str, search: Range, target: Range) -> bool:
    """The table of prefixes: ``search`` is the range of what was written, ``target`` that of what is stored."""
    (low, high), (first, last) = search, target
    is_within = low <= first and last <= high
    tests: dict[str, Callable[[], bool]] = {
        "eq": lambda: is_within,
        "ne": lambda: not is_within,
        "gt": lambda: last > high,
        "lt": lambda: first < low,
        "ge": lambda: last > high or is_within,
        "le": lambda: first < low or is_within,
        "sa": lambda: first >= high,
        "eb": lambda: last <= low,
        "ap": lambda: first < high and low < last,
    }
    return bool(tests[prefix]())


def cut_prefix(written: str) -> tuple[str, str]:
    """``ge2020`` -> ``ge``, ``2020``; ``eq`` where there is none."""
    return (written[:2], written[2:]) if written[:2] in PREFIXES else ("eq", written)


def moments(text: str) -> Range:
    """The first moment of a date and the first after it; without a zone, of UTC.

    >>> [str(moment.date()) for moment in moments("2020-02")]
    ['2020-02-01', '2020-03-01']
    """
    found = DATE.fullmatch(text)
    if not found:
        raise NotDefinedError(f"{text} is no date")
    year, month, day, hour, _, second, fraction, zone = found.groups()
    offset = UTC if zone in (None, "Z") else datetime.fromisoformat(f"2000-01-01T00:00{zone}").tzinfo
    numbers = [int(part or least) for part, least in zip(found.groups()[:6], (1, 1, 1, 0, 0, 0), strict=True)]
    try:
        moment = datetime(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], tzinfo=offset)
        moment = moment.replace(microsecond=int((fraction or "0").ljust(6, "0")))
    except ValueError:
        raise NotDefinedError(f"{text} is no date") from None
    try:
        if month and not day:
            return moment, moment.replace(year=int(year) + int(month) // 12, month=int(month) % 12 + 1)
        if not month:
            return moment, moment.replace(year=int(year) + 1)
        length = timedelta(seconds=1) if second else timedelta(minutes=1) if hour else timedelta(days=1)
        return moment, moment + (timedelta(microseconds=10 ** (6 - len(fraction))) if fraction else length)
    except (ValueError, OverflowError):  # the end of the last day that can be written
        return moment, EVER


def spans(stored: Any) -> list[Range]:
    """The range of a date, of a Period (open where an end lacks), or of a Timing from its first to its last."""
    if isinstance(stored, str):
        return [moments(stored)]
    if not isinstance(stored, dict):
        return []
    if "event" in stored or "repeat" in stored:
        events = [moments(event) for event in stored.get("event", [])]
        bounds = stored.get("repeat", {}).get("boundsPeriod")
        inner = events + (spans(bounds) if bounds else [])
        return [(min(low for low, _ in inner), max(high for _, high in inner))] if inner else []
    start, end = stored.get("start"), stored.get("end")
    return [(moments(start)[0] if start else NEVER, moments(end)[1] if end else EVER)] if start or end else []


def date(stored: Any, written: str, now: datetime | None) -> bool:
    """A date of any precision, with a prefix."""
    prefix, text = cut_prefix(plain(written))
    low, high = moments(text)
    if prefix == "ap":
        if now is None:
            raise UnanswerableError("ap of a date depends on the time of asking")
        width = abs(now - low) / 10
        low, high = low - width, high + width
    return any(meets(prefix, (low, high), span) for span in spans(stored))


def number(stored: Any, written: str) -> bool:
    """A number: equality to the digits written, order exactly, ``ap`` within a tenth."""
    prefix, text = cut_prefix(plain(written))
    target = stored if isinstance(stored, tuple) else (Decimal(str(stored)), Decimal(str(stored)))
    return _meets_number(prefix, text, target)


def decimal(text: str) -> Decimal:
    """A written number."""
    if not re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", text):
        raise NotDefinedError(f"{text} is no number")
    return Decimal(text)


def _meets_number(prefix: str, text: str, target: Range) -> bool:
    """``target`` holds both its ends, unlike a range of time."""
    value = decimal(text)
    first, last = target
    if prefix in ("eq", "ne"):
        if "e" in text.lower():
            raise UnanswerableError("the precision of a number with an exponent is not settled")
        half = Decimal(1).scaleb(int(value.as_tuple().exponent)) / 2
        return bool(value - half <= first and last < value + half) == (prefix == "eq")
    if prefix == "ap":
        return bool(first <= value + abs(value) / 10 and value - abs(value) / 10 <= last)
    if first != last and value == {"ge": last, "le": first}.get(prefix):
        raise UnanswerableError("whether what reaches from a number on, and with it, is at most that number is not settled")
    order = {"gt": last > value, "lt": first < value, "sa": first > value, "eb": last < value}
    return bool(order[{"ge": "gt", "le": "lt"}.get(prefix, prefix)] or (prefix in ("ge", "le") and first == last == value))


def quantity(stored: Any, written: str) -> bool:
    """``number``, ``number|system|code``, ``number||unit``; units are compared, never converted."""
    wanted = [plain(part) for part in parts(written, "|")]
    if not isinstance(stored, dict) or len(wanted) not in (1, 3):
        return False
    if len(wanted) == 3 and not _is_unit(stored, *wanted[1:]):
        return False
    prefix, text = cut_prefix(wanted[0])
    return any(_meets_number(prefix, text, target) for target in _amounts(stored))


def _is_unit(stored: dict[str, Any], system: str, code: str) -> bool:
    if "low" in stored or "high" in stored:
        return all(_is_unit(stored[end], system, code) for end in ("low", "high") if end in stored)
    if "currency" in stored:
        return stored["currency"] == code and system in ("", "urn:iso:std:iso:4217")
    if not system:
        return code in (stored.get("code"), stored.get("unit"))
    return bool(stored.get("system") == system and stored.get("code") == code)


def _amounts(stored: dict[str, Any]) -> list[Range]:
    """The range of a Quantity (open to one side by its comparator) or of a Range; none of sampled data."""
    if "low" in stored or "high" in stored:
        low, high = stored.get("low", {}).get("value"), stored.get("high", {}).get("value")
        return [(Decimal("-Infinity" if low is None else str(low)), Decimal("Infinity" if high is None else str(high)))]
    if "value" not in stored:
        return []
    value, sign = Decimal(str(stored["value"])), stored.get("comparator", "")
    low, high = {"<": (value, value.next_minus()), ">": (value.next_plus(), value)}.get(sign, (value, value))
    return [(Decimal("-Infinity") if "<" in sign else low, Decimal("Infinity") if ">" in sign else high)]
