"""The shapes of what drugs do to enzymes: modulators, phenoconversion, exposure."""

from __future__ import annotations

from typing import Literal

from nof1.knowledge.shape import Spec, Status


class Modulator(Spec, frozen=True):
    """One row of ``modulators.tsv``: a drug that inhibits or induces an enzyme, by the FDA's definition of strength.

    ``disagrees``: ``strength:source#place`` tokens of sources that say otherwise. ``washout_days``: how long the effect
    lasts after the last dose, where a source says.
    """

    enzyme: str
    role: Literal["inhibitor", "inducer"]
    strength: Literal["strong", "moderate", "weak"]
    drug: str
    washout_days: str
    disagrees: str
    source: str
    status: Status
    checked: str


class Conversion(Spec, frozen=True):
    """How modulators change the phenotype of a gene.

    ``score_factor``: the activity score is multiplied by ``factors``. ``phenotype_steps``: steps along ``order`` (lowest
    activity first); ``poorest`` goes to its end. ``evidence`` lower: shown as such, and never interrupts alone.
    """

    gene: str
    method: Literal["score_factor", "phenotype_steps"]
    evidence: Literal["guideline", "lower"]
    source: str
    status: Status
    checked: str
    factors: dict[str, float] = {}
    order: list[str] = []
    inhibitor: dict[str, int | str] = {}
    inducer: dict[str, int | str] = {}
    note: str = ""


class ConversionFile(Spec, frozen=True):
    """``phenoconversion.yaml``."""

    schema: int
    genes: list[Conversion]


class Substrate(Spec, frozen=True):
    """The fraction of a drug's clearance by one enzyme, [low, mid, high]; ``withheld``: why its ratio is not shown."""

    drug: str
    enzyme: str
    fm: list[float]
    source: str
    status: Status
    checked: str
    withheld: str = ""


class Residual(Spec, frozen=True):
    """What is left of an enzyme's activity under an inhibitor (a drug, or any of a strength), [low, mid, high]."""

    enzyme: str
    residual: list[float]
    source: str
    status: Status
    checked: str
    strength: str = ""
    drug: str = ""


class PublishedRatio(Spec, frozen=True):
    """An observed ratio of exposure with and without an inhibitor, to check predictions against."""

    substrate: str
    inhibitor: str
    enzyme: str
    observed: float
    source: str
    score: float | None = None
    phenotype: str = ""
    predicted_by_source: float | None = None


class ExposureFile(Spec, frozen=True):
    """``exposure.yaml``; ``spread``: the further geometric spread between studies that intervals carry."""

    schema: int
    substrates: list[Substrate]
    residual: list[Residual]
    published: list[PublishedRatio] = []
    reference_score: dict[str, float] = {}
    spread: float = 1.0
