"""Values out of decoded JSON that may be anything: what has another shape than FHIR gives it counts as absent."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from nof1.model.record import Code

Json = dict[str, Any]
LONGEST = 200
_BITS = 64
_ABSENT = ("/data-absent-reason", "/v3-nullflavor")


def obj(value: object) -> Json:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def objects(value: object) -> list[Json]:
    """The objects of a list; a single object stands for a list of one."""
    if isinstance(value, list):
        return [item for item in value if isinstance(item, dict)]
    return [value] if isinstance(value, dict) else []


def text(value: object) -> str:
    """The text without spaces around it, or an empty one."""
    return value.strip() if isinstance(value, str) else ""


def short(value: object) -> str:
    """The value as one line for a reader, cut where it is long."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if isinstance(value, int) and value.bit_length() > _BITS:
        return "a very large number"
    shown = value if isinstance(value, str) else str(value)
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"


def number(value: object) -> float | None:
    """The finite number, or ``None``."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def codings(concept: object) -> tuple[Code, ...]:
    """The codes of a CodeableConcept, in its order."""
    found = concept.get("coding") if isinstance(concept, dict) else None
    if not found:
        return ()
    return tuple([_code(text(one.get("system")), text(one.get("code")), text(one.get("display"))) for one in objects(found)])


_code = lru_cache(maxsize=16384)(Code)  # the same few codes come again and again


def words(concept: object, codes: tuple[Code, ...] | None = None) -> str:
    """What a CodeableConcept says to a reader: its text, or the first display, or the first code."""
    if said := text(obj(concept).get("text")):
        return short(said)
    found = codings(concept) if codes is None else codes
    return short(next((one.display for one in found if one.display), found[0].code if found else ""))


def is_absent(codes: tuple[Code, ...]) -> bool:
    """Whether a coded value says only that there is none (not asked, unknown, masked)."""
    return any(code.system.lower().rstrip("/").endswith(_ABSENT) for code in codes)


def states(concept: object) -> tuple[str, ...]:
    """Every code of a state in lower case; without codes what it says in words, as a code would be written.

    Older FHIR has a bare code in place of the CodeableConcept.

    >>> states({"text": "Entered in error"})
    ('entered-in-error',)
    """
    if isinstance(concept, str):
        return (concept.strip().lower(),)
    found = [(one, [code for code in codings(one) if code.code or code.display]) for one in objects(concept)]
    coded = [code.code or code.display for _, codes in found for code in codes]
    said = coded or [text(one.get("text")) for one, _ in found]
    return tuple(one.lower().replace(" ", "-") for one in said if one)


def first_code(concept: object) -> str:
    """The first code of a CodeableConcept (or of a list of them) in lower case; empty where there is none."""
    return next(iter(states(concept)), "")


def day(value: object, at_end: bool = False) -> date | None:
    """The day of a FHIR date or dateTime; of a month or year its first day, with ``at_end`` its last.

    ``None`` where it is no date.
    """
    return _day(value.strip(), at_end) if isinstance(value, str) else None


@lru_cache(maxsize=4096)
def _day(said: str, at_end: bool) -> date | None:
    if len(said) > 10 and said[10] not in "T ":
        return None
    try:
        if len(said) >= 10:
            return date.fromisoformat(said[:10]) if said[4] == said[7] == "-" else None
        return _partial(said, at_end)
    except ValueError:
        return None


def moment(value: object) -> str:
    """Date and time to the second: in UTC (with ``Z``) where an offset is given, otherwise as written.

    Empty without a time of day, and where it is no date.

    >>> moment("2026-11-20T23:30:00.5-05:00"), moment("2026-11-20")
    ('2026-11-21T04:30:00Z', '')
    """
    return _moment(value.strip()) if isinstance(value, str) else ""


@lru_cache(maxsize=4096)
def _moment(said: str) -> str:
    if day(said) is None or len(said) <= 10:
        return ""
    try:
        found = datetime.fromisoformat(said).replace(microsecond=0)
        if found.tzinfo is None:
            return found.isoformat()
        return f"{found.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"
    except (ValueError, OverflowError):
        return ""


def _partial(said: str, at_end: bool) -> date | None:
    if not said.replace("-", "").isdigit():
        return None
    if len(said) == 7 and said[4] == "-":
        month = date(int(said[:4]), int(said[5:]), 1)
        return _month_end(month) if at_end else month
    if len(said) == 4:
        return date(int(said), 12, 31) if at_end else date(int(said), 1, 1)
    return None


def _month_end(first: date) -> date:
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1) if first.year < date.max.year else None
    return date.fromordinal(following.toordinal() - 1) if following else first


def precision(value: str) -> str:
    """``day``, ``month`` or ``year``: how exactly a date is given."""
    return {4: "year", 7: "month"}.get(len(value.strip()), "day")


def reference(value: object) -> str:
    """What a Reference points to, as ``Type/id``, ``urn:...`` or ``#contained``; empty where it is not literal."""
    return reference_key(text(obj(value).get("reference")))


@lru_cache(maxsize=4096)
def reference_key(said: str) -> str:
    """A reference or URL without server and version.

    >>> reference_key("https://example.org/fhir/Patient/1/_history/2")
    'Patient/1'
    """
    if said.startswith(("urn:", "#")) or "/" not in said or "?" in said:
        return said
    if said.count("/") == 1:
        return said
    parts = said.partition("/_history/")[0].rstrip("/").split("/")
    return "/".join(parts[-2:])
