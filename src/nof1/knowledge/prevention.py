"""The shapes of ``family_rules/*.yaml`` and ``prevention/*.yaml``: criteria over a family, and what is done to prevent."""

from __future__ import annotations

from typing import Literal

from nof1.knowledge.shape import Spec, Status

Strength = Literal["strong", "moderate", "weak", "option"]
Kind = Literal["screening", "laboratory", "referral", "counselling", "medicine", "vaccination", "surgery", "relatives"]


class Relatives(Spec, frozen=True):
    """Who counts: relatives within ``degrees`` with one of ``conditions``, at least ``least`` of them.

    ``before``: begun before that age; by sex (``male``, ``female``) in ``before_by_sex``, where the sex of the relative
    decides. ``sex``: only these. ``younger_than``: the relative is (or was) younger than that. ``maybe``: conditions that
    may be one of those that are asked for, so that it has to be asked.
    """

    degrees: list[int]
    conditions: list[str]
    least: int = 1
    maybe: list[str] = []
    sex: Literal["", "female", "male"] = ""
    before: float | None = None
    before_by_sex: dict[str, float] = {}
    younger_than: float | None = None


class Criterion(Spec, frozen=True):
    """One criterion. It holds where everything of it holds; ``words``: in our words.

    ``relatives``: groups, each of other people. ``one_of_degree``: one of those counted is of that degree. ``same_side``:
    all are of one side of the family. ``with_self``: the person counts as one of the family. ``linked``: one of those
    counted is parent, child, brother or sister of the others. ``generations``: so many successive ones.
    ``youngest_before``: one began before that age (the person too, where ``self_has`` is asked). ``self_has`` and
    ``self_before``: the person has one of these, begun before that age (by sex in ``self_before_by_sex``);
    ``self_count``: so many of them. ``self_findings``: genes of a reported finding of the person. ``when``: a condition
    on facts of the person. ``confirm``: what the record cannot tell and a clinician has to. ``points`` and ``group``: in
    a rule that adds points, the highest of a group counts.
    """

    id: str
    words: str
    source: str
    relatives: list[Relatives] = []
    one_of_degree: int | None = None
    same_side: bool = False
    with_self: bool = False
    linked: bool = False
    generations: int = 1
    youngest_before: float | None = None
    self_has: list[str] = []
    self_before: float | None = None
    self_before_by_sex: dict[str, float] = {}
    self_findings: list[str] = []
    self_count: int = 1
    when: str = ""
    confirm: str = ""
    points: float = 0
    group: str = ""


class PointBand(Spec, frozen=True):
    """What ``least`` points or more are called; ``is_met``: the rule then holds."""

    title: str
    least: float
    is_met: bool = False


class FamilyRule(Spec, frozen=True):
    """A published set of criteria. ``combine``: ``any`` of them, or ``points`` with ``bands`` from the highest.

    ``only_for``: a condition on facts of the person (``when`` of a criterion has the same language). ``not_with``: states
    of the person for which it was not made. ``hints``: codes (``system|code``) of the person's own record that say that a
    relative has it, without saying who. ``means``: what the guideline then offers; ``patient``: the same for the person.
    """

    id: str
    title: str
    body: str
    year: int
    place: str
    combine: Literal["any", "points"]
    criteria: list[Criterion]
    means: str
    patient: str
    source: str
    status: Status
    checked: str
    only_for: str = ""
    not_with: list[str] = []
    hints: list[str] = []
    bands: list[PointBand] = []
    note: str = ""


class Service(Spec, frozen=True):
    """Something that is done, with the codes under which records have it (``system|code``).

    ``measurement``: of the terms, whose values count as done too. ``classes``: of drugs, for a medicine. ``patient``: what
    it is, for the person.
    """

    id: str
    title: str
    patient: str
    kind: Kind
    source: str
    status: Status
    checked: str
    codes: list[str] = []
    measurement: str = ""
    classes: list[str] = []


class Option(Spec, frozen=True):
    """A service and how often, in months: [soonest, latest]; ``once`` where it is not repeated.

    ``standing``: as long as there is a reason for it, whenever it was done last.
    """

    service: str
    months: list[float] = []
    once: bool = False
    standing: bool = False


class Wanted(Spec, frozen=True):
    """What has to be known for an action. All that is given has to hold.

    ``findings``: genes of a reported finding, with one of ``zygosities`` where these are given. ``risks``: an equation
    (by id) whose result is ``at_least`` (and ``below``), as a share of 1. ``family_rules``: one of these holds. ``when``:
    a condition on facts. ``other_findings``: a finding in a gene for which no other action applies to the person.
    """

    findings: list[str] = []
    zygosities: list[str] = []
    risks: list[str] = []
    at_least: float | None = None
    below: float | None = None
    family_rules: list[str] = []
    when: str = ""
    other_findings: bool = False


class Action(Spec, frozen=True):
    """What a guideline offers. ``purpose``: actions of one purpose compete, and the stricter one counts.

    ``from_age`` and ``to_age`` in years, both included; ``years_before_youngest``: so many years before the earliest
    onset of ``youngest_of`` among relatives of ``youngest_degrees``, where that is earlier. ``not_with``: states of the
    person for which it is not meant. ``for_degrees``: it is for relatives of these degrees. ``urgency``: 1 (first) to 5.
    ``also``: further sources of the same action (its grade, its ages). ``year``: 0 where the source bears no date.
    ``perhaps``: ``patient`` for those of whom it is not known whether what is wanted holds.
    """

    id: str
    title: str
    purpose: str
    options: list[Option]
    wanted: Wanted
    body: str
    year: int
    place: str
    strength: Strength
    grade: str
    words: str
    patient: str
    source: str
    status: Status
    checked: str
    sex: Literal["", "female", "male"] = ""
    from_age: float | None = None
    to_age: float | None = None
    years_before_youngest: float | None = None
    youngest_of: list[str] = []
    youngest_degrees: list[int] = []
    not_with: list[str] = []
    for_degrees: list[int] = []
    urgency: int = 3
    also: list[str] = []
    note: str = ""
    perhaps: str = ""


class FamilyRuleFile(Spec, frozen=True):
    """``family_rules/*.yaml``."""

    schema: int
    rules: list[FamilyRule]


class PreventionFile(Spec, frozen=True):
    """``prevention/*.yaml``: any of services and actions."""

    schema: int
    services: list[Service] = []
    actions: list[Action] = []


class Prevention(Spec, frozen=True):
    """All that is known of families and of prevention, by id."""

    rules: dict[str, FamilyRule] = {}
    services: dict[str, Service] = {}
    actions: dict[str, Action] = {}
