"""What every reader of one kind of resource shares: the terms, today, and the list of what is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple, TypeVar

from nof1.model.record import Code, LeftOut
from nof1.model.terms import Terms, phrase, system_name
from nof1.record.fields import Json, day, short

_T = TypeVar("_T")
TOMORROW = timedelta(days=1)  # a clock further east is a day ahead


class Resource(NamedTuple):
    """One resource of the person: where it stands ("bundle.json Observation/17") and its URL within its bundle."""

    place: str
    content: Json
    url: str = ""

    @property
    def kind(self) -> str:
        """The resource type."""
        return str(self.content["resourceType"])

    @property
    def key(self) -> str:
        """``Type/id``, by which others refer to it; empty without an id."""
        name = self.content.get("id")
        return f"{self.kind}/{name}" if isinstance(name, str) and name else ""


@dataclass(slots=True)
class _Left:
    """The first place of something left out, and at how many it is."""

    place: str
    value: str
    reason: str
    count: int = 0


@dataclass(slots=True)
class Reading:
    """A record being read on ``today``. ``known``: resources that others refer to, by ``Type/id`` and by URL.

    ``unknown``: what no term knows, by kind, each text once.
    """

    terms: Terms
    today: date
    born: date | None = None
    known: Mapping[str, Resource] = field(default_factory=dict)
    left: dict[tuple[str, str], _Left] = field(default_factory=dict)
    lists: set[str] = field(default_factory=set)
    said_none: set[str] = field(default_factory=set)
    unknown: dict[str, dict[str, str]] = field(default_factory=dict)

    def leave(self, kind: str, place: str, value: object, reason: str, alike: str = "") -> None:
        """Notes that something is not used. The same thing at several places is one line, that of the first.

        ``alike``: what makes it the same thing; value and reason where it is empty.
        """
        shown = short(value)
        found = self.left.setdefault((kind, alike or f"{shown}\n{reason}"), _Left(place, shown, reason))
        found.count += 1

    def not_recognised(self, kind: str, said: str) -> None:
        """Keeps a text that no term knows, so that a reader can be told how much was not looked at."""
        if key := phrase(said):
            self.unknown.setdefault(f"{kind}_not_recognised", {}).setdefault(key, said)

    def left_out(self) -> tuple[LeftOut, ...]:
        """Everything noted so far, in its order."""
        return tuple(
            LeftOut(kind, one.place + (f" and {one.count - 1} more" if one.count > 1 else ""), one.value, one.reason)
            for (kind, _), one in self.left.items()
        )

    def when(self, value: object, place: str, what: str, at_end: bool = False) -> date | None:
        """The day that ``value`` gives; a date that cannot be is noted, and then unknown."""
        if value is None:
            return None
        found = day(value, at_end)
        if found is None:
            self.leave("date_unreadable", place, value, f"{what} is no date; write YYYY-MM-DD")
        return found

    def past(self, value: object, place: str, what: str) -> date | None:
        """As ``when``, for what must have happened: a date of the future is noted, and then unknown."""
        found = self.when(value, place, what)
        if found is not None and found > self.today + TOMORROW:
            self.leave("date_future", place, value, f"{what} lies in the future (today is {self.today}); correct the date")
            return None
        return found


def by_code(codes: tuple[Code, ...], table: Mapping[tuple[str, str], _T]) -> tuple[Code, _T] | None:
    """The first code that the table has, with its entry."""
    for code in codes:
        found = table.get((system_name(code.system), code.code))
        if found is not None:
            return code, found
    return None
