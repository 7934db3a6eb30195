"""The clock of a history: hours, or dates with times, all of one kind."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from nof1.errors import InputError

Time = float | str
_HOUR = timedelta(hours=1)
_AT = re.compile(r"\bat (-?[\d.]+(?:e[+-]?\d+)?) h\b")


@dataclass(frozen=True, slots=True)
class Clock:
    """Hours since ``start``; without it the history counts hours of its own."""

    start: datetime | None = None

    def hours(self, time: Time, place: str) -> float:
        """``time`` in hours; raises ``InputError`` for one that cannot be."""
        if self.start is None:
            if isinstance(time, str):
                raise InputError(f"{place} is {time!r}; other times are hours: write them all as hours or all as dates")
            return float(time)
        return (moment(time, place, self.start.tzinfo is not None) - self.start) / _HOUR

    def written(self, hours: float) -> str:
        """A time for a reader.

        >>> Clock().written(36.5), Clock(datetime(2026, 11, 20, 8)).written(36.5)
        ('36.5 h', '2026-11-21 20:30')
        """
        if self.start is None or not math.isfinite(hours):
            return f"{hours:g} h"
        return (self.start + timedelta(hours=hours)).isoformat(" ", "minutes")[:16]

    def dated(self, text: str) -> str:
        """``text`` with each "at N h" followed by its date.

        >>> Clock(datetime(2026, 11, 20, 8)).dated("level 12 at 4 h is early")
        'level 12 at 4 h (2026-11-20 12:00) is early'
        """
        if self.start is None:
            return text
        return _AT.sub(lambda found: f"{found[0]} ({self.written(float(found[1]))})", text)


def clock(times: Sequence[tuple[str, Time]], zero: Sequence[Time]) -> Clock:
    """The clock of ``times`` (place, time); its zero is the first of ``zero``.

    Raises ``InputError`` where hours and dates stand beside each other, or dates with and without a time zone.
    """
    dates = [item for item in times if isinstance(item[1], str)]
    hours = [item for item in times if not isinstance(item[1], str)]
    if not dates:
        return Clock()
    if hours:
        (one, date), (other, number) = dates[0], hours[0]
        raise InputError(
            f"{one} is {date!r} and {other} is {number:g}; write all times as hours, or all as dates with times"
        )
    first_place, first = dates[0]
    is_zoned = moment(first, first_place).tzinfo is not None
    found = [moment(time, place, is_zoned) for place, time in dates]
    starts = [moment(time, "a dose", is_zoned) for time in zero]
    return Clock(min(starts or found))


def moment(time: Time, place: str, is_zoned: bool | None = None) -> datetime:
    """The date and time that ``time`` writes; ``is_zoned``: whether it has to name a time zone."""
    text = str(time)
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise InputError(f"{place} is {text!r}, which is no date and time; write it as 2026-11-20T08:00") from error
    if len(text.strip()) <= len("2026-11-20"):
        raise InputError(f"{place} is {text!r}, a day without a time; write it as 2026-11-20T08:00")
    if is_zoned is not None and (found.tzinfo is not None) != is_zoned:
        raise InputError(f"{place} is {text!r}; write a time zone with every time, or with none")
    if not 1 < found.year < 9999:
        raise InputError(f"{place} is {text!r}, a year that cannot be; correct it")
    return found if found.tzinfo is None else found.astimezone(UTC)
