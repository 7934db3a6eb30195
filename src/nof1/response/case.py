"""One patient's question: what was given and measured, what is known of the person, what is aimed at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nof1.response.history import Dose, Level

Series = tuple[tuple[float, float], ...]  # (hours, value), in order of time


@dataclass(frozen=True, slots=True)
class Chance:
    """A possible result of a gene: two ``alleles``, ``phenotype``, and how likely it is (0 to 1)."""

    alleles: tuple[str, ...]
    phenotype: str
    probability: float


@dataclass(frozen=True, slots=True)
class GeneKnown:
    """What is known of a gene: the two ``alleles`` where they are called, and the ``phenotype``.

    Where neither is, ``chances``: what it may be; every model is then fitted for each and averaged. ``looked_for``: the
    alleles that the test would have shown; ``None`` where nobody says.
    """

    alleles: tuple[str, ...] = ()
    phenotype: str = ""
    chances: tuple[Chance, ...] = ()
    looked_for: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """The clock is in hours; where its zero is, is the caller's. ``now``: when the next dose may be given.

    ``facts``: what was measured, by the names of terms and in their units, and ``age`` (years), ``female``, ``male`` (1 or
    0). ``given``: covariates that no term names, by model and unit of the model. ``drugs``: taken, in the knowledge's
    names; ``classes``: theirs. ``states``: conditions by name, 1 or 0; what is not named is unknown. ``mic`` mg/L.
    ``undated``: facts of which nobody said when they were measured.
    ``doubts``: what in the way the history was read forbids a draft.
    ``told``: what equations of a first dose ask and no record holds, by their names of it (ancestry).
    """

    drug: str
    doses: tuple[Dose, ...]
    levels: tuple[Level, ...]
    now: float
    facts: Mapping[str, Series] = field(default_factory=dict)
    given: Mapping[str, Series] = field(default_factory=dict)
    drugs: frozenset[str] | None = None
    classes: frozenset[str] = frozenset()
    genes: Mapping[str, GeneKnown] = field(default_factory=dict)
    states: Mapping[str, float] = field(default_factory=dict)
    occasions: tuple[float, ...] = ()
    mic: float | None = None
    undated: frozenset[str] = frozenset()
    doubts: tuple[str, ...] = ()
    told: Mapping[str, str | float] = field(default_factory=dict)
