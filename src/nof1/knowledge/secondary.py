"""The shapes of ``secondary_findings/``: which genes are looked at unasked, what counts in them, and a site's policy."""

from __future__ import annotations

from typing import Literal

from nof1.knowledge.shape import Spec, Status

Inheritance = Literal["dominant", "semidominant", "recessive", "x_linked"]
Needs = Literal["any", "biallelic", "hemizygous_or_biallelic", "homozygous"]
Onset = Literal["not_stated", "childhood", "childhood_or_adult", "adult"]


class SecondaryCondition(Spec, frozen=True):
    """A condition for which a gene is on the list. ``validity``: how sure the link is, in the list's word."""

    gene: str
    name: str
    mondo: str
    inheritance: Inheritance
    validity: str
    source: str
    status: Status
    checked: str


class SecondaryGene(Spec, frozen=True):
    """A gene of the list. ``needs``: which copies must carry a variant. ``onset``: when its conditions begin."""

    gene: str
    hgnc: str
    needs: Needs
    source: str
    status: Status
    checked: str
    onset: Onset = "not_stated"
    onset_source: str = ""


class Place38(Spec, frozen=True):
    """A stretch of the forward strand of GRCh38, 1-based, both ends included."""

    chromosome: str
    start: int
    end: int


class NamedChange(Spec, frozen=True):
    """The one change that counts, as consequences write it and as an allele of GRCh38 (``chr:position:ref:alt``)."""

    protein: str
    coding: str
    allele: str


class ListRule(Spec, frozen=True):
    """A restriction of the list itself: what does not meet it is no finding.

    ``only_change``: one named change. ``only_terms``: consequences, one of which it must have; ``review_terms``: those that
    may come to the same, so that somebody has to look.
    """

    gene: str
    words: str
    source: str
    status: Status
    checked: str
    only_change: NamedChange | None = None
    only_terms: list[str] = []
    review_terms: list[str] = []


class Filter(Spec, frozen=True):
    """A doubt of ours: what it catches goes to review, never away.

    ``not_terms``: consequences that do not cause the condition. ``conditions``: words, one of which an assertion that
    names conditions must have. ``transcript`` (without version) and ``place``: where the condition's transcript lies.
    """

    id: str
    genes: list[str]
    words: str
    source: str
    status: Status
    checked: str
    not_terms: list[str] = []
    conditions: list[str] = []
    transcript: str = ""
    place: Place38 | None = None


class SitePolicy(Spec, frozen=True):
    """What a site decides. It may be given as a file; the shipped one is the default.

    ``adult_from_years``; ``adult_onset_in_minors`` and ``unstated_onset_in_minors``: ``withhold``, ``review`` or
    ``report``; ``least_stars``: of an assertion that counts by itself; ``curated_counts``: whether a classification signed
    in a curation file counts; ``assessed_share``: of the coding bases, from which a gene without finding is called assessed.
    """

    schema: int
    name: str
    adult_from_years: float
    adult_onset_in_minors: Literal["withhold", "review", "report"]
    unstated_onset_in_minors: Literal["withhold", "review", "report"]
    least_stars: int
    curated_counts: bool
    assessed_share: float
    note: str = ""


class SecondaryRules(Spec, frozen=True):
    """``secondary_findings/rules.yaml``: title and edition of the list, its restrictions, our filters.

    ``loss_terms``: consequences that are taken for loss of function. ``review_source``: what stars mean; ``origins_source``:
    that classifications of tumours are apart.
    """

    schema: int
    title: str
    edition: str
    source: str
    loss_terms: list[str]
    loss_terms_source: str
    review_source: str
    origins_source: str
    restrictions: list[ListRule]
    filters: list[Filter]


class Secondary(Spec, frozen=True):
    """Everything known of secondary findings; ``rules`` and ``policy`` are ``None`` where a knowledge has none."""

    rules: SecondaryRules | None = None
    policy: SitePolicy | None = None
    genes: dict[str, SecondaryGene] = {}
    conditions: dict[str, list[SecondaryCondition]] = {}
