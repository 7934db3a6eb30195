"""Limits of whole classes, what states imply and which modulators rules ask for, against what their sources say."""

from __future__ import annotations

from collections import Counter

import pytest

from nof1.knowledge.care import Limit
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.schema import Rule

# FDA, boxed warnings of the renin-angiotensin system; statement on statins of 2021-07-20; warning on NSAIDs of 2020-10-15
ACTIONS = {
    "enalapril": ["avoid"],
    "candesartan": ["avoid"],
    "aliskiren": ["avoid"],
    "simvastatin": ["avoid"],  # most should stop; the contraindication was removed
    "ibuprofen": ["caution", "monitor"],  # avoid from 20 weeks on, which no fact tells
    "salsalate": ["caution", "monitor"],  # added by the FDA on 2022-09-01
}
STAGES = {  # KDIGO 2012, table 5: GFR in mL/min/1.73 m2
    "ckd_stage_3": [30, 60],
    "ckd_stage_4": [15, 30],
    "ckd_stage_5": [0, 15],
    "end_stage_renal_disease": [0, 15],
    "dialysis": [0, 15],
}


def of_drug(drug: str) -> list[Limit]:
    care = knowledge().care
    codes = care.drugs[drug].atc.split("|")
    mine = {
        group.id
        for group in care.classes.values()
        if drug not in group.without
        and (drug in group.members or any(code.startswith(start) for code in codes for start in group.atc))
    }
    return [row for file in care.limits if drug in file.drugs or mine & set(file.classes) for row in file.limits]


@pytest.mark.parametrize("drug", ACTIONS)
def test_the_class_has_its_limit_in_pregnancy(drug: str) -> None:
    (found,) = [row for row in of_drug(drug) if row.basis == "pregnancy"]
    assert (found.when, found.actions) == ("pregnancy", ACTIONS[drug])


def test_low_doses_of_aspirin_are_left_out() -> None:
    assert [row for row in of_drug("aspirin") if row.source.startswith("fda-nsaids-pregnancy")] == []


def test_no_drug_has_the_same_limit_from_two_files() -> None:
    for drug, term in knowledge().care.drugs.items():
        if not term.ingredients:
            asked = Counter((row.basis, row.when) for row in of_drug(drug) if row.basis in ("pregnancy", "lactation"))
            assert {key for key, count in asked.items() if count > 1} == set(), drug


def test_stages_imply_the_categories_of_gfr() -> None:
    terms = knowledge().care.conditions.values()
    assert {term.id: term.implies for term in terms if term.implies} == {name: {"egfr": gfr} for name, gfr in STAGES.items()}


def rules() -> list[Rule]:
    known = knowledge()
    files = [*known.drugs.values(), *(file for several in known.guidelines.values() for file in several)]
    return [rule for file in files for rule in file.rules if rule.taking or rule.not_taking]


def test_modulators_that_rules_ask_for_are_known() -> None:
    known = {f"{row.enzyme} {row.role} {row.strength}" for row in knowledge().care.modulators}
    asked = {token for rule in rules() for group in [*rule.taking, rule.not_taking] for token in group}
    assert len(rules()) == 14
    assert asked <= known


def test_each_rule_asks_for_the_strength_it_names() -> None:
    for rule in rules():
        words = rule.applies_to.lower()
        for token in {token for group in rule.taking for token in group}:
            strength, role = token.split()[2], token.split()[1]
            assert role in words
            assert strength in words or not {"strong", "moderate", "weak"} & set(words.replace(",", " ").split()), rule.id
