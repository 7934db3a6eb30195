"""Polygenic scores as a section of an assessment: those that were asked for by name, or why none was worked out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from nof1.model.scores import PolygenicScore


class ScoreStanding(StrEnum):
    """What became of the request. ``WITHHELD``: no genome file was read for it, and ``reason`` says why."""

    CALCULATED = "calculated"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """The scores asked for: ``asked`` names as given, ``reason`` why they are withheld.

    ``adult``: how it is known that the person is an adult. ``meaning``: what a score is not, to be shown beside every one.
    ``panel``: what supplied frequencies, empty without; ``notes`` on the genome files.
    """

    standing: ScoreStanding
    asked: tuple[str, ...]
    meaning: str
    scores: tuple[PolygenicScore, ...] = ()
    reason: str = ""
    adult: str = ""
    panel: str = ""
    notes: tuple[str, ...] = ()
