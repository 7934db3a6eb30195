"""What is compared in a search: texts without case and accents, moments as intervals, amounts in base units."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache

from nof1.errors import UnitError
from nof1.units.compare import canonical
from nof1.units.convert import convert

# no row of an index may be longer than a page of PostgreSQL's trees allows (about 2,700 bytes)
LONGEST_STRING = 1200
LONGEST_TOKEN = 1500
EVER = 2**62  # microseconds; an end that is open
UCUM = "http://unitsofmeasure.org"
_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_EPOCH = date(1970, 1, 1).toordinal()
_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,18}))?)?(?:Z|([+-])(\d\d):(\d\d))?)?)?)?", re.ASCII
)


@lru_cache(maxsize=16_384)
def normalised(text: str) -> str:
    """The text without case, accents and extra spaces, no longer than an index holds.

    >>> normalised("  Mu\u0308ller   LÜDENSCHEID "), normalised("Straße")
    ('muller ludenscheid', 'strasse')
    """
    if not text.isascii():
        # folding may bring new marks, and taking apart new cases
        for _ in range(2):
            apart = unicodedata.normalize("NFKD", text.casefold())
            text = "".join([sign for sign in apart if not unicodedata.combining(sign)])
    return cut(" ".join(text.casefold().split()), LONGEST_STRING)


def cut(text: str, longest: int) -> str:
    """The text, or the beginning of it that ``longest`` bytes hold."""
    if len(text) * 4 <= longest:
        return text
    return text.encode("utf-8", "replace")[:longest].decode("utf-8", "ignore")


@lru_cache(maxsize=16_384)
def interval(text: str) -> tuple[int, int]:
    """The moments that a date or date with time may mean: [low, high) in microseconds since 1970.

    Without a zone it is read as UTC. Raises ``ValueError`` for text that is no day of the calendar.

    >>> interval("1970-01-02"), interval("1970-01-01T00:00:01.5+00:00")
    ((86400000000, 172800000000), (1500000, 1600000))
    """
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError(f"'{text[:40]}' is no date")
    year, month, day, hour, minute, second, fraction, sign, zone_hour, zone_minute = found.groups()
    if month is None:
        return _start(int(year), 1), _start(int(year) + 1, 1)
    if day is None:
        return _start(int(year), int(month)), _start(int(year) + int(month) // 12, int(month) % 12 + 1)
    low = (date(int(year), int(month), int(day)).toordinal() - _EPOCH) * _DAY
    if hour is None:
        return low, low + _DAY
    hours, minutes, seconds = int(hour), int(minute), int(second or 0)
    if hours > 23 or minutes > 59 or seconds > 60:
        raise ValueError(f"'{text}' is no time of day")
    low += ((hours * 60 + minutes) * 60 + seconds) * _SECOND
    if sign:
        low -= int(f"{sign}1") * (int(zone_hour) * 60 + int(zone_minute)) * 60 * _SECOND
    if second is None:
        return low, low + 60 * _SECOND
    digits = len(fraction[:6]) if fraction else 0
    return (low := low + int((fraction or "0")[:6].ljust(6, "0"))), low + max(1, 10 ** (6 - digits))


def _start(year: int, month: int) -> int:
    """The first moment of a month."""
    if year == 10_000:
        return (date.max.toordinal() + 1 - _EPOCH) * _DAY
    return (date(year, month, 1).toordinal() - _EPOCH) * _DAY


@lru_cache(maxsize=4096)
def _base(code: str) -> str:
    """The base unit of a UCUM code, empty where it is none."""
    try:
        base = canonical(code)
        convert(1.0, code, base)
    except UnitError:
        return ""
    return base


def in_base_units(low: float, high: float, code: str) -> tuple[str, float, float] | None:
    """The base unit of a UCUM code and both amounts in it; None where the code is none or they have no place on its scale.

    >>> in_base_units(5.0, 5.0, "mmol/L"), in_base_units(5.0, 5.0, "drops")
    (('m-3.mol', 5.0, 5.0), None)
    """
    base = _base(code)
    if not base:
        return None
    try:
        first = convert(low, code, base)
        return base, first, first if low == high else convert(high, code, base)
    except (UnitError, OverflowError):
        return None
