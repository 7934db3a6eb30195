"""A fact under the name that rules ask for: known, known within limits, or unknown with what would tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from nof1.model.evidence import Because

RECORD = "record"


@dataclass(frozen=True, slots=True)
class Known:
    """A fact under the name rules use: its number (1 or 0 for yes or no), how it reads, and where it comes from.

    ``limits``: the lowest and highest number it can be, where no more is known.
    """

    value: float
    words: str
    because: Because
    is_stale: bool = False
    when: date | None = None
    limits: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why a fact is not known, and what would tell."""

    reason: str
    needs: tuple[str, ...]


Facts = dict[str, Known]
Unknowns = dict[str, Unknown]


def values_of(facts: Facts) -> dict[str, float | tuple[float, float]]:
    """The numbers alone, or their limits, as conditions are judged by."""
    return {name: fact.value if fact.limits is None else fact.limits for name, fact in facts.items()}
