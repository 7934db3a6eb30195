"""Facts of a health record that cross floors. The readers of records fill them; this edition only fixes their shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from nof1.model.evidence import Because


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its UCUM unit."""

    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One dated statement about a person: what it is about (system and code), its value, and where it stands."""

    system: str
    code: str
    value: Quantity | str | bool | None
    when: date | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """The facts known about one person; empty is "nothing is known", never "nothing is wrong"."""

    facts: tuple[Fact, ...] = ()
    because: tuple[Because, ...] = field(default_factory=tuple)
