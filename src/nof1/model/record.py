"""Facts of a health record that cross floors. Readers of records fill them; what is not recorded is unknown."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from nof1.model.evidence import Because
from nof1.model.pedigree import Member


class Course(StrEnum):
    """Whether a medication or condition holds: ``active``, ``stopped`` (resolved, refuted), ``planned`` or ``unknown``."""

    ACTIVE = "active"
    STOPPED = "stopped"
    PLANNED = "planned"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its UCUM unit."""

    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Code:
    """A code as the record has it."""

    system: str
    code: str
    display: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One dated statement about a person: what it is about (system and code), its value, and where it stands.

    ``term``: what the knowledge calls it; empty where it is not recognised. ``value`` is in the term's own unit, as
    ``given`` says what the record had. ``comparator``: ``<``, ``<=``, ``>=``, ``>`` of a value beyond the range of a test.
    ``at``: date and time in UTC, where a time is recorded. ``doubt``: why the value is not used (impossible, of the
    future, entered in error); empty where it is. ``interpretation``: what the record says of the value (``L``, ``HH``).
    """

    system: str
    code: str
    value: Quantity | str | bool | None
    when: date | None = None
    place: str = ""
    term: str = ""
    text: str = ""
    given: str = ""
    comparator: str = ""
    doubt: str = ""
    at: str = ""
    interpretation: str = ""


@dataclass(frozen=True, slots=True)
class Medication:
    """A drug as the record has it. ``drugs``: names in the knowledge (several for a combination; empty: not recognised).

    ``matched``: by what it was recognised ("RxNorm 32968", "brand name Plavix"). ``is_systemic`` is ``None`` where no
    route is given. ``dose`` is one dose, ``per_day`` doses a day where it says so. ``status``: as the record has it.
    """

    drugs: tuple[str, ...]
    text: str
    matched: str
    course: Course
    start: date | None = None
    end: date | None = None
    route: str = ""
    is_systemic: bool | None = None
    dose: Quantity | None = None
    per_day: float | None = None
    dose_text: str = ""
    codes: tuple[Code, ...] = ()
    place: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Administration:
    """One dose or infusion as it was given. ``drugs``: as in ``Medication``; ``day``: the first day.

    ``start`` and ``end``: date and time as ``Fact.at`` has them; empty where the record has no time of day. ``dose``: all
    that was given, ``rate``: how fast (``mg/h``, ``mL/h``), both in UCUM where the record's unit is one. ``route``: in the
    record's words. ``status``: as the record has it. ``doubt``: why it cannot be used (no date, a dose that is no number).
    """

    drugs: tuple[str, ...]
    text: str
    day: date | None = None
    start: str = ""
    end: str = ""
    dose: Quantity | None = None
    rate: Quantity | None = None
    route: str = ""
    status: str = ""
    place: str = ""
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """A diagnosis, procedure or status. ``terms``: what the knowledge calls it; empty where no rule asks for it."""

    terms: tuple[str, ...]
    text: str
    course: Course
    start: date | None = None
    end: date | None = None
    codes: tuple[Code, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Allergy:
    """An allergy or intolerance; ``drugs`` and ``classes`` as the knowledge names them. ``is_refuted``: taken back."""

    drugs: tuple[str, ...]
    classes: tuple[str, ...]
    text: str
    reaction: str = ""
    criticality: str = ""
    is_refuted: bool = False
    when: date | None = None
    codes: tuple[Code, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Relative:
    """A relative's condition, as recorded."""

    relation: str
    terms: tuple[str, ...]
    text: str
    age: str = ""
    codes: tuple[Code, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class OptIn:
    """What a person agreed to have analysed (``is_given``) or refused: ``secondary-findings``, ``carrier-states`` ..."""

    code: str
    is_given: bool
    when: date | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """An examination, test, vaccination or procedure: when it was done, or that it was not.

    ``codes`` and ``text``: as the record has it. ``state``: ``done``, ``planned``, ``declined`` (by the person) or
    ``not_done``, with ``reason`` in the record's words. ``kind``: the type of the resource.
    """

    codes: tuple[Code, ...]
    text: str
    state: str
    when: date | None = None
    reason: str = ""
    kind: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class ReportedGene:
    """A genetic result that somebody reported earlier; a statement of theirs, not a call of ours."""

    gene: str
    diplotype: str = ""
    phenotype: str = ""
    activity_score: str = ""
    when: date | None = None
    status: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something of the record that could not be used: what, where, why and the way out. ``kind`` is a stable code."""

    kind: str
    place: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Record:
    """The facts known about one person; empty is "nothing is known", never "nothing is wrong".

    ``lists``: kinds of statements the record holds at all (``conditions``, ``medications``, ``allergies`` ...): a list
    that is absent is unknown, not empty; ``said_none``: lists of which the record says that there are none. ``read``
    counts resources by type. ``administrations``: what was given, dose by dose, in order of time; the same drugs stand among
    ``medications`` too.
    """

    facts: tuple[Fact, ...] = ()
    because: tuple[Because, ...] = field(default_factory=tuple)
    person: str = ""
    birth_date: date | None = None
    birth_precision: str = ""
    sex: str = ""
    died: date | None = None
    medications: tuple[Medication, ...] = ()
    conditions: tuple[Condition, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    relatives: tuple[Relative, ...] = ()
    genes: tuple[ReportedGene, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    lists: tuple[str, ...] = ()
    said_none: tuple[str, ...] = ()
    read: dict[str, int] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)
    administrations: tuple[Administration, ...] = ()
    opt_ins: tuple[OptIn, ...] = ()
    family: tuple[Member, ...] = ()
    done: tuple[Done, ...] = ()
