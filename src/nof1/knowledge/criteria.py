"""The shapes of ``criteria/``: what evidence codes count, which of them are found by machine, and with which thresholds."""

from __future__ import annotations

from typing import Literal

from nof1.knowledge.shape import Spec, Status

StrengthCode = Literal["supporting", "moderate", "strong", "very_strong", "stand_alone"]
Method = Literal[
    "null_variant",
    "same_change",
    "same_residue",
    "absent",
    "common_stand_alone",
    "common_for_disorder",
    "silent",
]


class Code(Spec, frozen=True):
    """One evidence code and the strength it has unless a curator says otherwise. ``withdrawn``: no longer to be used."""

    code: str
    strength: StrengthCode
    benign: bool = False
    withdrawn: bool = False


class ClassPoints(Spec, frozen=True):
    """From which sum of points on a class holds; benign ones hold at the number or below.

    ``likely_benign_stricter``: the other published opinion, which asks for more before it says likely benign.
    """

    pathogenic: int
    likely_pathogenic: int
    likely_benign: int
    likely_benign_stricter: int
    benign: int
    source: str


class PointsFile(Spec, frozen=True):
    """``criteria/points.yaml``: ``points`` of each strength, the ``codes``, the ``classes``."""

    schema: int
    points: dict[str, int]
    points_source: str
    codes: list[Code]
    codes_source: str
    classes: ClassPoints
    status: Status
    checked: str


class Measured(Spec, frozen=True):
    """How a method did against expert panels: ``met`` of the ``looked`` cases in which it and the panel looked."""

    against: str
    looked: int
    met: int


class Automated(Spec, frozen=True):
    """A code that is found by machine. ``enabled`` false: the method exists and is not used, and ``reason`` says why."""

    code: str
    method: Method
    enabled: bool
    source: str
    status: Status
    checked: str
    measured: list[Measured] = []
    reason: str = ""


class NullTree(Spec, frozen=True):
    """Figures of the decision tree for null variants. ``large_share``: of the protein lost, above which more is certain."""

    large_share: float
    source: str


class SilentLimit(Spec, frozen=True):
    """Below which predicted effect on splicing (0-1) a synonymous change counts as silent."""

    splice_score: float
    source: str


class CommonRule(Spec, frozen=True):
    """Allele frequencies from which a change is too common. Without ``gene``: the rule for all genes.

    ``stand_alone``: benign whatever else is known; ``strong``: too common for the disorder. ``above``: the frequency has
    to exceed them.
    """

    source: str
    status: Status
    checked: str
    gene: str = ""
    disorder: str = ""
    stand_alone: float | None = None
    strong: float | None = None
    above: bool = False


class CommonButNotBenign(Spec, frozen=True):
    """A change that is common and exempt from the stand-alone rule. ``change``: without its reference sequence."""

    gene: str
    change: str
    source: str


class AutomatedFile(Spec, frozen=True):
    """``criteria/automated.yaml``: methods, figures, thresholds. ``least_alleles``: counted, for a frequency to be used."""

    schema: int
    methods: list[Automated]
    null_tree: NullTree
    silent: SilentLimit
    common: list[CommonRule]
    exempt: list[CommonButNotBenign]
    least_alleles: int
    least_alleles_source: str


class LossOfFunction(Spec, frozen=True):
    """A gene in which losing function causes ``disease``: on one copy (``haploinsufficient``) or on both (``recessive``)."""

    gene: str
    dosage: Literal["haploinsufficient", "recessive"]
    source: str
    status: Status
    checked: str
    disease: str = ""


class Criteria(Spec, frozen=True):
    """Everything known of evidence codes; ``None`` where a knowledge has none. ``loss_of_function``: by gene."""

    points: PointsFile | None = None
    automated: AutomatedFile | None = None
    loss_of_function: dict[str, LossOfFunction] = {}
