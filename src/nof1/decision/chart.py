"""Everything decisions look at for one person: genes, situation, drugs taken, modulators at work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from nof1.decision.library import Library
from nof1.decision.situation import Situation, situation
from nof1.decision.standing import Standing
from nof1.decision.taking import Active, Taken, acting, holds_now, taken
from nof1.knowledge.care import RecordPolicy
from nof1.model.record import Course, Record


@dataclass(frozen=True, slots=True)
class Chart:
    """One person as decisions see them. ``asked``: drugs somebody asked about, as if they were to be prescribed.

    ``standings`` are genetic: other drugs have not changed them yet. ``drugs``: everything the record has, whatever its
    course; ``at_work``: modulators that count today; ``not_counted``: those that do not, and why.
    """

    shelf: Library
    standings: Mapping[str, Standing]
    record: Record | None
    situation: Situation
    drugs: tuple[Taken, ...]
    at_work: tuple[Active, ...]
    not_counted: tuple[str, ...]
    asked: tuple[str, ...] = ()

    @property
    def policy(self) -> RecordPolicy | None:
        """How records are read and bodies ordered."""
        return self.shelf.known.care.policy

    @property
    def now(self) -> tuple[Taken, ...]:
        """Drugs that are taken, or may be."""
        return holds_now(self.drugs)

    def course(self, drug: str) -> Course | None:
        """Whether the record has ``drug``, and how; ``None`` where it has not."""
        return next((item.course for item in self.drugs if item.drug == drug), None)

    def concerns(self, drug: str) -> bool:
        """Whether the drug is taken, planned or asked about, so that what is unknown about it matters now."""
        return drug in self.asked or self.course(drug) in (Course.ACTIVE, Course.UNKNOWN, Course.PLANNED)


def chart(
    shelf: Library,
    standings: Mapping[str, Standing],
    record: Record | None,
    today: date,
    asked: tuple[str, ...] = (),
) -> Chart:
    """The chart of a person on ``today``; without a ``record`` only genes are known."""
    care = shelf.known.care
    recent = care.policy.medication_recent_days if care.policy else 0
    drugs = taken(record, today, recent)
    here = situation(record, care, today)
    at_work, silent = acting(shelf, (*drugs, *_habits(shelf, here)), today)
    return Chart(shelf, standings, record, here, drugs, at_work, silent, asked)


def _habits(shelf: Library, here: Situation) -> tuple[Taken, ...]:
    """States that act on enzymes as a drug does, such as a habit."""
    found = []
    for term in shelf.known.care.conditions.values():
        fact = here.facts.get(term.id)
        if term.acts_as and fact is not None and fact.value:
            found.append(Taken(term.acts_as, Course.ACTIVE))
    return tuple(found)


def with_drugs(found: Chart, drugs: tuple[Taken, ...]) -> Chart:
    """The same person taking ``drugs``."""
    everything = (*drugs, *_habits(found.shelf, found.situation))
    at_work, silent = acting(found.shelf, everything, found.situation.today)
    return replace(found, drugs=drugs, at_work=at_work, not_counted=silent)
