"""Why something is believed: sources, steps of a "because" tree, and how far a fact has been checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class FactStatus(StrEnum):
    """How far a fact of the knowledge has been checked.

    ``provisional``: entered once. ``machine-read``: re-derived blind from the source by someone who did not enter it.
    ``clinically-reviewed``: confirmed by a named clinician.
    """

    PROVISIONAL = "provisional"
    MACHINE_READ = "machine-read"
    CLINICALLY_REVIEWED = "clinically-reviewed"


@dataclass(frozen=True, slots=True)
class SourceRef:
    """A place in a cited source: ``SourceRef("cpic-clopidogrel-2022", "PA166297566")``."""

    source: str
    place: str = ""

    def __str__(self) -> str:
        return f"{self.source}#{self.place}" if self.place else self.source

    @classmethod
    def parse(cls, text: str) -> SourceRef:
        """The reference written ``id#place``.

        >>> SourceRef.parse("cpic-clopidogrel-2022#table-2")
        SourceRef(source='cpic-clopidogrel-2022', place='table-2')
        """
        source, _, place = text.partition("#")
        return cls(source, place)


@dataclass(frozen=True, slots=True)
class Because:
    """One step of a reason: what was concluded, from which value, by which source, and what it rests on."""

    claim: str
    value: str = ""
    source: SourceRef | None = None
    status: FactStatus | None = None
    rests_on: tuple[Because, ...] = field(default_factory=tuple)
