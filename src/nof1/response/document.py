"""The answer as a document: everything a reader sees, in plain numbers and words, however it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nof1.response.covariates import Concern
from nof1.response.described import Interval, LevelFit, ModelFit
from nof1.response.search import Option

SCHEMA_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class Band:
    """5 %, 50 % and 95 % at each point of time."""

    low: tuple[float, ...]
    middle: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """Levels at ``hours``, before (``beforehand``) and after the levels were known; after now with the best option.

    ``models``: those that are mixed, by id, with their shares; ``model``: the one that explains the levels best.
    """

    model: str
    hours: tuple[float, ...]
    beforehand: Band
    afterwards: Band
    models: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Given:
    """A dose that was given, ``amount`` in the dose unit. ``is_steady``: given every ``interval`` (else 0) before."""

    hours: float
    amount: float
    route: str
    duration: float
    is_steady: bool
    interval: float


@dataclass(frozen=True, slots=True)
class Aimed:
    """The target: ``low``, ``high``, ``toxic`` in ``unit``, absent where there is none.

    ``is_level``: it is a level, which has its place beside measured ones. ``mic`` in mg/L, where the target is per MIC.
    """

    id: str
    title: str
    measure: str
    unit: str
    low: float | None
    high: float | None
    toxic: float | None
    threshold: float | None
    free_fraction: float | None
    mic: float | None
    is_mic_assumed: bool
    is_level: bool
    source: str
    status: str
    note: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A target that may be meant and is not known to be; ``present``: the regimen given now under it."""

    target: Aimed
    present: Option | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A model that was not used, and why."""

    id: str
    title: str
    reasons: tuple[Concern, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """A ceiling that no option passes, and how many existing doses it forbids. ``why``: it counts for want of a fact."""

    text: str
    source: str
    note: str
    forbids: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Hours from now until the level is below ``below``, the upper end of ``target``, without another dose.

    ``low``, ``middle``, ``high``: 5 %, 50 % and 95 %; absent: longer than was looked ahead. ``level_now``: now.
    """

    target: str
    below: float
    low: float | None
    middle: float | None
    high: float | None
    level_now: Interval


@dataclass(frozen=True, slots=True)
class Unoffered:
    """Why an equation gives no dose; ``needs`` would lift it, ``offers`` are titles of equations that stand in."""

    text: str
    source: str
    needs: tuple[str, ...]
    offers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Off:
    """How far off an equation was in a group of ``people``: dose units a week and shares, each with its 95 % interval.

    ``error``: mean distance from the dose needed; ``within_20``: share of doses within 20 %; ``bias``: too much on average.
    """

    group: str
    people: int
    error: Interval
    within_20: Interval
    bias: Interval
    source: str


@dataclass(frozen=True, slots=True)
class Starting:
    """What a published equation gives to begin with: ``per_week`` (``unit``) with ``low`` and ``high``, or ``refused``.

    The share ``level`` of ``group`` (``people`` of them) needed a dose within the interval. ``is_first``: the first that
    gives a dose. ``unknown``: what is not known and has a coefficient of its own; ``to_know``: what stood in for what, and
    what lies outside what was studied. ``off``: how far off it was in groups this person belongs to.
    """

    id: str
    title: str
    population: str
    source: str
    status: str
    unit: str
    is_first: bool
    per_week: float | None
    low: float | None
    high: float | None
    level: float | None
    group: str
    people: int
    refused: tuple[Unoffered, ...]
    unknown: tuple[str, ...]
    to_know: tuple[str, ...]
    off: tuple[Off, ...]


@dataclass(frozen=True, slots=True)
class Dosing:
    """What ``nof1 dose`` answers. Hours count from ``start`` (ISO 8601; empty where the history counts its own hours).

    ``draft``: the option drafted as a dose, absent with the reasons in ``blocked``. ``options``: best first; they are no
    advice where there is no draft. ``exposure`` of an option is in the unit of the target, ``trough`` and ``peak`` in
    ``level_unit``, ``auc24`` in ``level_unit`` times hours. ``choices``: the targets of which one has to be chosen, where no
    fact tells which is meant; then there is no ``target``. ``special``: models that are used only when named.
    """

    drug: str
    person: str
    created: str
    software: str
    knowledge_edition: str
    knowledge_date: str
    disclaimer: str
    start: str
    now: float
    dose_unit: str
    level_unit: str
    doses: tuple[Given, ...]
    levels: tuple[LevelFit, ...]
    models: tuple[ModelFit, ...]
    refused: tuple[Refused, ...]
    special: Mapping[str, str]
    target: Aimed | None
    targets: Mapping[str, str]
    options: tuple[Option, ...]
    loading: tuple[Option, ...]
    present: Option | None
    present_above: tuple[str, ...]
    draft: Option | None
    blocked: tuple[str, ...]
    notes: tuple[str, ...]
    ceilings: tuple[Limit, ...]
    priced: int
    waits: tuple[Waiting, ...]
    curve: Course | None
    genes: Mapping[str, str]
    settings: Mapping[str, str]
    starting: tuple[Starting, ...] = ()
    choices: tuple[Choice, ...] = ()
    sources: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    schema_version: str = SCHEMA_VERSION
