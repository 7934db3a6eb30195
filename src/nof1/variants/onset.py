"""Whether a gene may be spoken of to this person: conditions that begin in adults, and people who are not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from nof1.knowledge.secondary import SecondaryCondition, SecondaryGene, SitePolicy
from nof1.model.secondary import SecondaryFinding, SecondaryPerson, SecondaryStatus

_OTHER_CONDITION = (
    "both copies are or may be taken: a condition other than the one that begins in adults, age of onset not stated"
)


@dataclass(frozen=True, slots=True)
class Disclosure:
    """``is_withheld``: nothing is said of the gene. ``only_review``: findings go to review, for ``reason``."""

    is_withheld: bool = False
    only_review: bool = False
    reason: str = ""


def disclosure(gene: SecondaryGene, person: SecondaryPerson, policy: SitePolicy) -> Disclosure:
    """What ``policy`` allows to say of ``gene`` to ``person``. An unknown age is no adult age: findings go to review."""
    if person.age_years >= policy.adult_from_years or gene.onset in ("childhood", "childhood_or_adult"):
        return Disclosure()
    adult = gene.onset == "adult"
    when = "begins in adults" if adult else "begins at an age the list does not state"
    if math.isnan(person.age_years):
        return Disclosure(only_review=True, reason=f"the age is not known, and the condition {when}")
    choice = policy.adult_onset_in_minors if adult else policy.unstated_onset_in_minors
    return _by(choice, f"below {policy.adult_from_years:g} years, and the condition {when}")


def despite_onset(
    found: Sequence[SecondaryFinding], conditions: Sequence[SecondaryCondition]
) -> tuple[SecondaryFinding, ...]:
    """What of ``found`` goes to review in a gene that is withheld: a recessive condition beside the one of adults.

    The age for which a gene is withheld is that of its dominant condition; it says nothing of two lost copies.
    """
    recessive = {row.name for row in conditions if row.inheritance == "recessive"}
    if len(recessive) == len({row.name for row in conditions}):
        return ()
    kept = [(item, tuple(name for name in item.conditions if name in recessive)) for item in found]
    return tuple(
        replace(item, status=SecondaryStatus.REVIEW, conditions=names, reasons=(_OTHER_CONDITION, *item.reasons))
        for item, names in kept
        if names and item.status is SecondaryStatus.REPORTABLE
    )


def _by(choice: Literal["withhold", "review", "report"], reason: str) -> Disclosure:
    return Disclosure(choice == "withhold", choice == "review", reason if choice != "report" else "")
