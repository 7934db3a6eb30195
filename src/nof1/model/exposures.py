"""What a drug's doses amount to in one person: the exposure that models predict, how likely it is right, and what speaks
against relying on it."""

from __future__ import annotations

from dataclasses import dataclass, field

from nof1.model.evidence import Because, SourceRef


@dataclass(frozen=True, slots=True)
class ModelUsed:
    """A population model behind an exposure and its ``weight`` among those used, which add up to 1."""

    id: str
    title: str
    weight: float
    status: str
    source: SourceRef
    concerns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LevelUsed:
    """A measured level that the exposure rests on. ``at``: when, as the record has it; ``limit``: ``below`` or ``above``.

    ``expected``: 5th percentile, median and 95th percentile of what was predicted before the level was known, ``predicted``:
    after.
    """

    value: float
    unit: str
    at: str
    place: str
    limit: str
    expected: tuple[float, float, float]
    predicted: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Exposure:
    """The exposure to one drug under a regimen, and how likely it is in, below and above the target, and harmful.

    ``basis``: ``levels`` (this person's), ``population`` (models alone) or ``none`` (nothing could be said). ``regimen``:
    that of the record, in words; ``is_ordered``: it is what was ordered, not what was given. ``measure``: what of the levels
    counts (``auc24``, ``trough`` ...), in ``unit``; ``interval``: its 5th percentile, median and 95th percentile. ``low``,
    ``high``, ``toxic``: the target. ``refused``: models left out, with the reason. ``blocked``: why no dose is drafted.
    """

    drug: str
    basis: str
    regimen: str = ""
    is_ordered: bool = False
    measure: str = ""
    unit: str = ""
    target: str = ""
    low: float | None = None
    high: float | None = None
    toxic: float | None = None
    interval: tuple[float, float, float] | None = None
    in_target: float | None = None
    below: float | None = None
    above: float | None = None
    harmful: float | None = None
    models: tuple[ModelUsed, ...] = ()
    levels: tuple[LevelUsed, ...] = ()
    refused: dict[str, str] = field(default_factory=dict)
    blocked: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    source: SourceRef | None = None
    because: Because | None = None
