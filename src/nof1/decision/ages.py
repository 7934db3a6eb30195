"""For whom a rule holds by age, and what is withheld from a child where no age is stated."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from nof1.decision.situation import Situation
from nof1.knowledge.care import RecordPolicy
from nof1.knowledge.schema import Setting
from nof1.model.findings import Action, Recommendation

NOT_STATED = "not stated"
_WEIGHT = re.compile(r"over_(\d+)_kg")
WITHHELD = "age not stated by the source: dose figures are withheld under {age} years"
SHOWN = "age not stated by the source"


def fits(setting: Setting, situation: Situation, policy: RecordPolicy | None) -> bool:
    """Whether a rule is for a person of this age; one of unknown age is given every rule with its setting."""
    age, stated = situation.facts.get("age"), setting.age
    if age is None or policy is None or stated == "not_stated":
        return True
    youngest, oldest = age.limits or (age.value, age.value)
    if heavy := _WEIGHT.search(stated):
        weight = situation.facts.get("weight")
        most = math.inf if weight is None else (weight.limits or (weight.value, weight.value))[1]
        return oldest >= policy.adult_age or most > float(heavy[1])
    return oldest >= policy.adult_age if stated == "adults" else youngest < policy.adult_age


def for_child(item: Recommendation, situation: Situation, policy: RecordPolicy | None) -> Recommendation:
    """The recommendation without dose figures where the person is a child and the source states no age."""
    age = situation.facts.get("age")
    is_child = age is not None and policy is not None and age.value < policy.adult_age
    if not is_child or policy is None or not item.setting.get("age", "").startswith(NOT_STATED):
        return item
    if item.dose is None:
        return replace(item, notes=(*item.notes, SHOWN))
    kept = tuple(action for action in item.actions if action is not Action.DOSE) or (Action.CAUTION,)
    note = WITHHELD.format(age=policy.adult_age)
    advice = "The source advises another dose without stating an age. Ask a paediatric pharmacologist."
    return replace(item, dose=None, actions=kept, advice=advice, notes=(*item.notes, note))
