"""Hours on one clock out of the dates and times of a record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from nof1.errors import RequestError

_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Clock:
    """``zero``: the moment of hour 0, in UTC where the record's times have zones, otherwise as they are written."""

    zero: datetime

    def hours(self, moment: datetime) -> float | None:
        """Hours from zero; ``None`` where only one of the two has a zone, so that they cannot stand beside each other."""
        if is_zoned(moment) != is_zoned(self.zero):
            return None
        return (moment - self.zero).total_seconds() / _HOUR

    def begin(self, day: date) -> float:
        """The hour at which ``day`` begins."""
        return (datetime.combine(day, time(), self.zero.tzinfo) - self.zero).total_seconds() / _HOUR

    def now(self, moment: datetime) -> float:
        """``hours`` of the present moment; raises ``RequestError`` where its zone cannot be told."""
        if is_zoned(self.zero) and not is_zoned(moment):
            raise RequestError(
                f"now is {moment.isoformat()} without a zone, and the record's times have one; write the zone"
            )
        return self.hours(moment if is_zoned(self.zero) else moment.replace(tzinfo=None)) or 0.0


def is_zoned(moment: datetime) -> bool:
    """Whether a moment has a time zone."""
    return moment.tzinfo is not None


def moment_of(text: str) -> datetime | None:
    """The moment of a text as ``Fact.at`` has it (UTC with a ``Z``, or without a zone); ``None`` for an empty one.

    >>> moment_of("2026-11-21T04:30:00Z").isoformat(), moment_of("")
    ('2026-11-21T04:30:00+00:00', None)
    """
    if not text:
        return None
    found = datetime.fromisoformat(text.removesuffix("Z"))
    return found.replace(tzinfo=UTC) if text.endswith("Z") else found
