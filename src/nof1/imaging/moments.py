"""DICOM dates and times -> FHIR dates and times."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone, tzinfo

_TIME = re.compile(r"(\d{2})(?::?(\d{2})(?::?(\d{2})(?:\.(\d{1,6}))?)?)?")
_OFFSET = re.compile(r"([+-])(\d{2})(\d{2})")


def day(text: str) -> str | None:
    """The day of a DICOM date (DA, also in the old form with dots); ``None`` where it is none.

    >>> day("20040119"), day("1997.04.30"), day("20041301"), day("2004")
    ('2004-01-19', '1997-04-30', None, None)
    """
    digits = text.replace(".", "") if re.fullmatch(r"\d{4}\.\d{2}\.\d{2}", text) else text
    if not re.fullmatch(r"[0-9]{8}", digits):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat()
    except ValueError:
        return None


def zone_of(text: str) -> tzinfo | None:
    """The time zone of an offset as DICOM writes it (``+0100``); ``None`` where it is none."""
    if (found := _OFFSET.fullmatch(text)) is None or int(found[2]) > 14 or int(found[3]) > 59:
        return None
    size = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(size if found[1] == "+" else -size)


def moment(date_text: str, time_text: str, zone: tzinfo | None) -> str | None:
    """The FHIR dateTime of a date and a time; the day alone without a time, and without a zone, which FHIR demands.

    ``None`` where the date is none; a time that is none counts as absent.

    >>> from datetime import timezone
    >>> moment("20040119", "072730.5", timezone.utc), moment("20040119", "072730", None)
    ('2004-01-19T07:27:30+00:00', '2004-01-19')
    """
    found = day(date_text)
    if found is None or zone is None or (clock := _TIME.fullmatch(time_text)) is None or clock[2] is None:
        return found
    seconds = min(int(clock[3] or 0), 59)  # DICOM allows 60 for a leap second, FHIR and Python do not
    try:
        at = datetime.fromisoformat(f"{found}T{clock[1]}:{clock[2]}:{seconds:02}").replace(tzinfo=zone)
        return at.isoformat()
    except (ValueError, OverflowError):
        return found


def is_time(text: str) -> bool:
    """Whether a text is a DICOM time of day (TM).

    >>> is_time("104702.826"), is_time("9:30"), is_time("256100")
    (True, False, False)
    """
    found = _TIME.fullmatch(text)
    return found is not None and int(found[1]) < 24 and int(found[2] or 0) < 60 and int(found[3] or 0) <= 60
