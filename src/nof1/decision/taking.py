"""Which drugs a person takes today, and which of those change an enzyme's activity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from nof1.decision.library import Library
from nof1.knowledge.enzymes import Modulator
from nof1.model.record import Course, Medication, Record

_ON_HOLD = "on-hold"
_ONCE = ("MedicationAdministration/", "MedicationDispense/")  # one act, not a course of treatment


@dataclass(frozen=True, slots=True)
class Taken:
    """One drug a person takes, will take or took: ``course`` today, and the medication it was read from."""

    drug: str
    course: Course
    medication: Medication | None = None

    @property
    def is_systemic(self) -> bool:
        """Whether it reaches the blood; a route that is not stated is taken as systemic."""
        return self.medication is None or self.medication.is_systemic is not False

    @property
    def place(self) -> str:
        """Where the record has it."""
        return self.medication.place if self.medication else ""


@dataclass(frozen=True, slots=True)
class Active:
    """A modulator at work: its row, the drug as taken, and what must be said beside it."""

    row: Modulator
    taken: Taken
    note: str = ""

    @property
    def words(self) -> str:
        """The drug with its role and strength."""
        told = f", {self.note}" if self.note else ""
        return f"{self.row.drug} ({self.row.strength} {self.row.role}{told})"


def taken(record: Record | None, today: date, recent_days: int) -> tuple[Taken, ...]:
    """Every recognised drug of ``record`` with its course on ``today``; one that is both taken and stopped is taken.

    A drug that is given locally and systemically stands twice, systemically first. What was given or handed out once counts
    as taken while that is within ``recent_days``.
    """
    found: dict[tuple[str, bool], Taken] = {}
    for medication in record.medications if record else ():
        course = _course(medication, today, recent_days)
        for drug in medication.drugs:
            item = Taken(drug, course, medication)
            key = (drug, not item.is_systemic)
            if key not in found or _weight(item) > _weight(found[key]):
                found[key] = item
    return tuple(found[key] for key in sorted(found))


def _course(medication: Medication, today: date, recent_days: int) -> Course:
    if medication.course in (Course.ACTIVE, Course.UNKNOWN) and medication.end is not None and medication.end < today:
        return Course.STOPPED
    if medication.course is Course.ACTIVE and medication.start is not None and medication.start > today:
        return Course.PLANNED
    if medication.course is Course.UNKNOWN and medication.start is not None and medication.status != _ON_HOLD:
        is_recent = (today - medication.start).days <= recent_days
        is_once = any(kind in medication.place for kind in _ONCE)
        return Course.ACTIVE if is_recent else Course.STOPPED if is_once else Course.UNKNOWN
    return medication.course


def _weight(item: Taken) -> tuple[int, date, str]:
    order = (Course.STOPPED, Course.PLANNED, Course.UNKNOWN, Course.ACTIVE).index(item.course)
    last = (item.medication.end or item.medication.start) if item.medication else None
    return order, last or date.min, item.place


def still_acting(shelf: Library, item: Taken, today: date, stopped_days: int) -> str:
    """Why a stopped drug may still act on others, in words; empty where it is not stopped or that is long ago."""
    medication = item.medication
    if item.course is not Course.STOPPED or medication is None:
        return ""
    last = medication.end or medication.start
    if last is None or last > today:
        return ""
    days = (today - last).days
    longest = max(
        [stopped_days, *(int(row.washout_days) for row in shelf.modulators.get(item.drug, ()) if row.washout_days)]
    )
    if days > longest:
        return ""
    when = f"{days} days ago" if medication.end else f"at some time since {medication.start}"
    return f"{item.drug} was stopped {when} and may still act"


def holds_now(found: Iterable[Taken]) -> tuple[Taken, ...]:
    """Those that are taken, or may be (course not stated)."""
    return tuple(item for item in found if item.course in (Course.ACTIVE, Course.UNKNOWN))


def acting(shelf: Library, everything: Sequence[Taken], today: date) -> tuple[tuple[Active, ...], tuple[str, ...]]:
    """Modulators at work today, and what is taken but not counted, with the reason in words."""
    policy = shelf.known.care.policy
    at_work: list[Active] = []
    silent: list[str] = []
    for item in everything:
        for row in shelf.modulators.get(item.drug, ()):
            counted, note = _counts(row, item, today, policy.stopped_days if policy else 0)
            if counted:
                at_work.append(Active(row, item, note))
            elif note:
                silent.append(f"{row.drug} ({row.strength} {row.role} of {row.enzyme}): {note}")
    return tuple(at_work), tuple(silent)


def _counts(row: Modulator, item: Taken, today: date, short: int) -> tuple[bool, str]:
    """Whether a modulator counts today, and what must be said about it."""
    medication = item.medication
    if not item.is_systemic:
        route = medication.route if medication else ""
        return False, f"given locally ({route}), so it is not counted"
    if item.course is Course.STOPPED:
        return _washing_out(row, medication.end if medication else None, today, short)
    if item.course is Course.PLANNED:
        return False, ""
    if medication is not None and medication.is_systemic is None:
        return True, "route not stated, taken as systemic"
    return True, "" if item.course is Course.ACTIVE else "not stated whether it is still taken"


def _washing_out(row: Modulator, end: date | None, today: date, short: int) -> tuple[bool, str]:
    """``short``: days after the last dose in which the reader is told that an effect of unknown length may last."""
    if end is None:
        return False, "stopped, when is not recorded: it may still act, and is not counted"
    if end > today:
        return False, ""
    days = (today - end).days
    if row.washout_days and days <= int(row.washout_days):
        return True, f"stopped {days} days ago, the effect lasts about {row.washout_days} days"
    if not row.washout_days and days <= short:
        return False, f"stopped {days} days ago; how long its effect lasts is not known here, so it is not counted"
    return False, ""
