"""The shape of ``dosing/*.yaml``: doses of a drug that exist, ceilings that no search passes, and targets of exposure."""

from __future__ import annotations

from typing import Literal

from nof1.knowledge.shape import Spec, Status

MIC_UNIT = "mg/L"  # of every MIC; a target per MIC is in its own unit times this one


class Regimens(Spec, frozen=True):
    """What a search may propose on ``route``: multiples of ``step`` between ``least`` and ``most`` (``unit``), or ``doses``.

    ``per_kg``: they are per kg of body weight, rounded to multiples of ``round_to`` (``unit``), what can be measured out;
    ``round_source`` says why. ``intervals`` and ``infusions`` in hours (an empty list: no infusion).
    ``loading``: single first doses that may be proposed, [least, most] in ``unit``, with ``loading_per_kg`` per kg.
    ``when``: a condition on facts under which they hold.
    """

    route: str
    unit: str
    intervals: list[float]
    source: str
    status: Status
    checked: str
    doses: list[float] = []
    step: float | None = None
    least: float | None = None
    most: float | None = None
    per_kg: bool = False
    infusions: list[float] = []
    loading: list[float] = []
    loading_per_kg: bool = False
    round_to: float | None = None
    round_source: str = ""
    when: str = ""


class Ceiling(Spec, frozen=True):
    """What no proposal passes: a ``single`` dose, a ``daily`` dose or a ``rate`` (an hour), ``unit`` UCUM, of an amount.

    A rate forbids a dose at once. ``per_kg``: of body weight. ``route``: empty for all. ``when``: a condition on facts
    under which it holds.
    """

    kind: Literal["single", "daily", "rate"]
    value: float
    unit: str
    source: str
    status: Status
    checked: str
    per_kg: bool = False
    route: str = ""
    when: str = ""
    note: str = ""


class Target(Spec, frozen=True):
    """A range of exposure that is aimed at: ``measure`` between ``low`` and ``high`` (``unit`` UCUM), harm above ``toxic``.

    auc24: area over 24 hours; trough: before the next dose; peak: ``peak_after``
    hours after the end of the infusion (0: at its end); average: mean level; time_above: share of the interval above
    ``threshold`` (times MIC where ``per_mic``); output: a predicted effect. ``per_mic``: divided by the MIC, which has to be
    given (``assumed_mic`` where the source says so). ``free_fraction``: of the level that counts, cited in ``source``.
    ``when``: a condition under which it is meant; not known, it counts as met. ``only``: a condition that has to be known to
    hold before the target is used unasked, and ``beside`` drugs of which one has to be known to be taken: without them the
    target is offered and not used. ``first``: the one used where nobody chooses.
    """

    id: str
    title: str
    measure: Literal["auc24", "trough", "peak", "average", "time_above", "output"]
    unit: str
    source: str
    status: Status
    checked: str
    low: float | None = None
    high: float | None = None
    toxic: float | None = None
    threshold: float | None = None
    per_mic: bool = False
    assumed_mic: float | None = None
    free_fraction: float | None = None
    peak_after: float = 0.0
    output: str = ""
    when: str = ""
    only: str = ""
    beside: list[str] = []
    first: bool = False
    note: str = ""


class Fresh(Spec, frozen=True):
    """How recent a fact must be before a dose is drafted."""

    fact: str
    within_days: float
    source: str


class DosingFile(Spec, frozen=True):
    """``dosing/DRUG.yaml``."""

    schema: int
    drug: str
    regimens: list[Regimens]
    ceilings: list[Ceiling]
    targets: list[Target]
    fresh: list[Fresh] = []
    notes: list[str] = []
