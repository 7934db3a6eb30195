"""Everything decisions look at for one person: genes, situation, drugs taken, modulators at work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from nof1.decision.activity import with_record
from nof1.decision.facts import Known
from nof1.decision.library import Library
from nof1.decision.situation import Situation, situation
from nof1.decision.standing import Standing
from nof1.decision.taking import Active, Taken, acting, holds_now, still_acting, taken
from nof1.knowledge.care import RecordPolicy
from nof1.model.record import Course, Record


@dataclass(frozen=True, slots=True)
class Chart:
    """One person as decisions see them. ``asked``: drugs somebody asked about, as if they were to be prescribed.

    ``genetic``: what genes alone say; ``standings``: the same with measured activity and states of the record; other drugs
    have not changed them yet. ``drugs``: everything the record has, whatever its course; ``at_work``: modulators that count
    today; ``not_counted``: those that do not, and why.
    """

    shelf: Library
    genetic: Mapping[str, Standing]
    standings: Mapping[str, Standing]
    record: Record | None
    situation: Situation
    drugs: tuple[Taken, ...]
    at_work: tuple[Active, ...]
    not_counted: tuple[str, ...]
    asked: tuple[str, ...] = ()
    courses: Mapping[str, Course] = field(init=False, repr=False, compare=False)
    near: tuple[Taken, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """``courses``: that of each drug, first listed; ``near``: the ``company`` of a drug that is nowhere else."""
        object.__setattr__(self, "courses", {item.drug: item.course for item in reversed(self.drugs)})
        near = [item for item in self.drugs if self.concerns(item.drug) or self.lasting(item)]
        known = {item.drug for item in near if item.is_systemic}
        near += [Taken(name, Course.PLANNED) for name in self.asked if name not in known]
        object.__setattr__(self, "near", tuple(near))

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
        return self.courses.get(drug)

    def concerns(self, drug: str) -> bool:
        """Whether the drug is taken, planned or asked about, so that what is unknown about it matters now."""
        return drug in self.asked or self.course(drug) in (Course.ACTIVE, Course.UNKNOWN, Course.PLANNED)

    def local_route(self, drug: str) -> str:
        """The route of a drug that is given locally only and not asked about; empty for every other drug."""
        mine = [item for item in self.drugs if item.drug == drug and self.concerns(drug)]
        if drug in self.asked or not mine or any(item.is_systemic for item in mine):
            return ""
        medication = mine[0].medication
        return (medication.route or "local") if medication else ""

    def is_new(self, drug: str) -> bool:
        """Whether the drug is planned or asked about, and not taken yet."""
        return self.concerns(drug) and self.course(drug) not in (Course.ACTIVE, Course.UNKNOWN)

    def company(self, drug: str = "") -> tuple[Taken, ...]:
        """Drugs that matter beside ``drug``: taken, planned, asked about, or stopped so lately that they may act."""
        return tuple(item for item in self.near if item.drug != drug)

    def lasting(self, item: Taken) -> str:
        """Why a stopped drug may still act on others, in words; empty where it does not count any more."""
        days = self.policy.stopped_days if self.policy else 0
        return still_acting(self.shelf, item, self.situation.today, days)


def chart(
    shelf: Library,
    genetic: Mapping[str, Standing],
    record: Record | None,
    today: date,
    asked: tuple[str, ...] = (),
    supposing: Mapping[str, Known] | None = None,
) -> Chart:
    """The chart of a person on ``today`` from what genes say; without a ``record`` nothing else is known.

    ``supposing``: states as they are supposed to be, whatever the record says.
    """
    care = shelf.known.care
    drugs = taken(record, today, care.policy.medication_recent_days if care.policy else 0)
    here = situation(record, care, today, supposing or {})
    at_work, silent = acting(shelf, (*drugs, *_habits(shelf, here)), today)
    standings = with_record(shelf.known, genetic, here)
    return Chart(shelf, genetic, standings, record, here, drugs, at_work, silent, asked)


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


def without(found: Chart, drugs: tuple[str, ...]) -> Chart:
    """The same person without ``drugs``, as if they were replaced."""
    kept = tuple(item for item in found.drugs if item.drug not in drugs)
    return replace(with_drugs(found, kept), asked=tuple(drug for drug in found.asked if drug not in drugs))
