"""What gives a reason to prevent something, and what is planned then: the nouns between findings, risks and the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from nof1.model.record import Done


class TriggerKind(StrEnum):
    """Where a reason comes from: a finding in a gene, a risk by an equation, criteria over the family."""

    FINDING = "finding"
    RISK = "risk"
    FAMILY_RULE = "family_rule"


@dataclass(frozen=True, slots=True)
class Trigger:
    """A reason. ``id``: the symbol of the gene, the id of the equation or of the rule.

    ``holds``: ``None`` where it cannot be judged, with ``needs``. ``low`` and ``high``: the risk, as a share of 1, or its
    limits. ``detail``: the zygosity of a finding, the band of a rule. ``words``: the reason for a reader; ``place``:
    where it stands. ``asks``: ``needs`` in the words of the person.
    """

    kind: TriggerKind
    id: str
    words: str
    holds: bool | None = True
    low: float | None = None
    high: float | None = None
    detail: str = ""
    needs: tuple[str, ...] = ()
    place: str = ""
    asks: tuple[str, ...] = ()


class PlanState(StrEnum):
    """Where an action stands today.

    ``OVERDUE``: done once, and too long ago. ``DUE``: due now, or nothing shows that it was done. ``PLANNED``: a date is
    set. ``NOT_DUE``: done, and due later or never again. ``LATER``: it begins at an age that is not reached.
    ``DECLINED``: the person does not want it. ``CONTRAINDICATED``: something in the record stands against it.
    ``UNKNOWN``: it cannot be judged.
    """

    OVERDUE = "overdue"
    DUE = "due"
    PLANNED = "planned"
    NOT_DUE = "not_due"
    LATER = "later"
    DECLINED = "declined"
    CONTRAINDICATED = "contraindicated"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """An action of a guideline for this person.

    ``services``: what is done, one of them; ``service_codes``: ``system|code`` of the first. ``due``: from when,
    ``latest``: until when; ``until``: the last day on which it applies. ``interval``: in words. ``relatives``: for whom,
    where it is for relatives. ``because``: the reasons. ``needs``: what has to be asked, ``asks`` the same in the words of
    the person. ``overrides``: actions of the same purpose that it is stricter than. ``year``: 0 where the source has none.
    """

    id: str
    title: str
    purpose: str
    kind: str
    state: PlanState
    services: tuple[str, ...]
    words: str
    patient: str
    interval: str
    strength: str
    grade: str
    body: str
    year: int
    place: str
    source: str
    status: str
    urgency: int
    service_codes: tuple[str, ...] = ()
    due: date | None = None
    latest: date | None = None
    until: date | None = None
    last_done: date | None = None
    last_service: str = ""
    relatives: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()

    @property
    def cited(self) -> str:
        """Who offers it, and of which year."""
        return f"{self.body} {self.year}" if self.year else f"{self.body}, no year given"


@dataclass(frozen=True, slots=True)
class Plan:
    """The actions for one person on ``today``, the most urgent first."""

    today: date
    actions: tuple[PlannedAction, ...] = ()

    def of(self, *states: PlanState) -> list[PlannedAction]:
        """The actions in one of ``states``."""
        return [one for one in self.actions if one.state in states]


@dataclass(frozen=True, slots=True)
class PlanCase:
    """What is known of the person a plan is made for.

    ``values``: facts by name, or their lowest and highest number; ``titles``: their names in words, ``plain`` in those of
    the person. ``done``: of the record;
    ``measured``: the last day of measurements. ``taking`` and ``allergic_to``: classes and names of drugs. ``relatives``: by
    degree, in words; ``onsets``: (degree, term, lowest age) of illnesses of relatives.
    """

    today: date
    born: date | None = None
    sex: str = ""
    values: Mapping[str, float | tuple[float, float]] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    done: tuple[Done, ...] = ()
    measured: Mapping[str, date] = field(default_factory=dict)
    taking: frozenset[str] = frozenset()
    allergic_to: frozenset[str] = frozenset()
    relatives: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    onsets: tuple[tuple[int, str, float], ...] = ()
    plain: Mapping[str, str] = field(default_factory=dict)
