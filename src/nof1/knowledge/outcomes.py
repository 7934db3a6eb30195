"""The shape of ``response/*.yaml``: outcomes that are followed, what drugs should do to them, scales of reactions."""

from __future__ import annotations

from typing import Literal

from nof1.knowledge.shape import Spec, Status


class Outcome(Spec, frozen=True):
    """A measurement that is followed while drugs are taken. ``id``: the measurement of the terms.

    ``better``: which way is good (``neither`` where a range is). ``scale``: changes are differences (``linear``) or ratios
    (``log``). ``important``: the least change that matters, in the unit of the term (in the fraction of the value before,
    on ``log``), with ``important_source``. ``remission``: below it the illness is held to be gone, with
    ``remission_source``. ``level_of``: drugs whose level it is.
    """

    id: str
    better: Literal["lower", "higher", "neither"]
    scale: Literal["linear", "log"]
    source: str
    status: Status
    checked: str
    important: float | None = None
    important_source: str = ""
    remission: float | None = None
    remission_source: str = ""
    level_of: list[str] = []
    note: str = ""


class Expected(Spec, frozen=True):
    """What ``outcome`` should do on one of ``drugs`` or ``classes``.

    It holds at a ``daily_dose`` [low, high] in ``dose_unit``, where that is given. ``direction``: where it goes. ``mean`` of
    a population and its ``mean_interval``; ``least`` and ``most``: between which the change is expected; all are sizes
    without a sign, in the unit of the outcome, or fractions of the value before where ``relative``. ``response`` and
    ``partial``: sizes from which a change is called so, with ``response_source``; without a ``response`` ``least`` counts,
    then what is ``important``, then the direction. ``from_days``: earlier nothing is judged; ``when_source``: who waits.
    """

    id: str
    outcome: str
    direction: Literal["lower", "higher"]
    from_days: int
    when_source: str
    source: str
    status: Status
    checked: str
    drugs: list[str] = []
    classes: list[str] = []
    daily_dose: list[float] = []
    dose_unit: str = ""
    relative: bool = False
    mean: float | None = None
    mean_interval: list[float] = []
    least: float | None = None
    most: float | None = None
    response: float | None = None
    partial: float | None = None
    response_source: str = ""
    note: str = ""


class Question(Spec, frozen=True):
    """One question of a scale and what its answers count. ``derived``: what of the record may answer it."""

    id: str
    text: str
    if_yes: int
    if_no: int
    if_unknown: int
    derived: Literal[
        "reports",
        "temporal",
        "dechallenge",
        "rechallenge",
        "alternatives",
        "placebo",
        "level",
        "dose_response",
        "earlier",
        "objective",
    ]


class Band(Spec, frozen=True):
    """What a score of ``least`` or more is called; the lowest band has none."""

    title: str
    least: int | None = None


class ReactionScale(Spec, frozen=True):
    """A published scale of suspected reactions.

    ``recovered``: the share of a rise that has to be lost before a value counts as improved, and regained before it counts
    as having come back, with ``recovered_source``. ``level_days``: how near the onset a level has to be.
    """

    id: str
    title: str
    questions: list[Question]
    bands: list[Band]
    recovered: float
    level_days: int
    recovered_source: str
    source: str
    status: Status
    checked: str
    note: str = ""


class ResponseFile(Spec, frozen=True):
    """``response/*.yaml``: any of outcomes, expected courses and scales."""

    schema: int
    outcomes: list[Outcome] = []
    expected: list[Expected] = []
    scales: list[ReactionScale] = []


class Responses(Spec, frozen=True):
    """All that is known of the response of a person: ``outcomes`` and ``scales`` by id, ``expected`` courses."""

    outcomes: dict[str, Outcome] = {}
    expected: list[Expected] = []
    scales: dict[str, ReactionScale] = {}
