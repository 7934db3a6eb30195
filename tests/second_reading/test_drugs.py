"""Drugs: every published CPIC recommendation row against the one rule that must hold for it."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pgx_source as source
import pytest

from nof1.knowledge.compiled import knowledge
from nof1.knowledge.lookup import accepts
from nof1.knowledge.schema import DrugFile, Rule, Setting

pytestmark = source.needs_data
DRUGS = source.cpic_drugs()
SETTINGS = {
    "general": Setting(),
    "adults": Setting(age="adults"),
    "pediatrics": Setting(age="children"),
    "child >40kg_adult": Setting(age="adults_and_children_over_40_kg"),
    "CVI ACS PCI": Setting(indication="acute coronary syndrome or percutaneous coronary intervention"),
    "CVI non-ACS non-PCI": Setting(indication="other cardiovascular indication"),
    "NVI": Setting(indication="neurovascular indication"),
    "PHT naive": Setting(prior_exposure="never taken"),
    "CBZ naive": Setting(prior_exposure="never taken"),
    "OXC naive": Setting(prior_exposure="never taken"),
    "PHT use >3mos": Setting(prior_exposure="tolerated for more than 3 months"),
    "CBZ use >3mos": Setting(prior_exposure="tolerated for more than 3 months"),
    "OXC use >3 mos": Setting(prior_exposure="tolerated for more than 3 months"),
    "CBZ-no alternatives": Setting(prior_exposure="never taken", alternatives="none available"),
}
STRENGTHS = {
    "Strong": "strong",
    "Moderate": "moderate",
    "Optional": "optional",
    "No recommendation": "no_recommendation",
    "N/A": "not_applicable",
}
VALUES = {"No Result": "no_result", "n/a": "no_score"}
TURNS_AWAY = {"avoid", "alternative", "contraindicated", "test_first"}
CHANGES_DOSE = {"dose", "monitor", "avoid", "alternative", "contraindicated", "caution"}


@cache
def loaded(drug: str) -> DrugFile:
    return knowledge().drugs[drug]


@cache
def rows_of(drug: str) -> tuple[source.Row, ...]:
    return tuple(row for row in source.cpic_rows() if row.drug == drug and not row.is_instruction_for_use)


def holds(rule: Rule, row: source.Row) -> bool:
    """Whether the rule speaks about the row's person: same setting, every gene accepted."""
    return rule.setting == SETTINGS[row.population] and any(
        set(case) == set(row.lookup)
        and all(
            any(accepts(condition, VALUES.get(row.lookup[gene], row.lookup[gene])) for condition in conditions)
            for gene, conditions in case.items()
        )
        for case in rule.when
    )


def rules_for(row: source.Row) -> list[Rule]:
    return [rule for rule in loaded(row.drug).rules if holds(rule, row)]


def test_every_cpic_drug_is_here():
    assert len(DRUGS) == 82
    assert set(DRUGS) <= {name for name, drug in knowledge().drugs.items() if drug.body == "CPIC"}
    assert {row.drug for row in source.cpic_rows()} <= set(DRUGS)


@pytest.mark.parametrize("drug", DRUGS)
def test_exactly_one_rule_holds_for_each_row(drug):
    wrong = []
    for row in rows_of(drug):
        rules = rules_for(row)
        if len(rules) != 1:
            wrong.append((row.id, row.lookup, row.population, [rule.id for rule in rules]))
        elif rules[0].strength != STRENGTHS[row.strength] or row.id not in rules[0].rows:
            wrong.append((row.id, row.lookup, row.population, rules[0].id, rules[0].strength, row.strength))
    assert wrong == []
    assert bool(rows_of(drug)) != bool(loaded(drug).gap), "a drug without rows says what is missing, one with rows does not"


@pytest.mark.parametrize("drug", DRUGS)
def test_a_rule_stands_for_one_text(drug):
    texts: dict[str, set[str]] = {}
    for row in rows_of(drug):
        for rule in rules_for(row):
            texts.setdefault(rule.id, set()).add(" ".join(row.text.split()))
    assert {rule: found for rule, found in texts.items() if len(found) > 1} == {}


@pytest.mark.parametrize("drug", DRUGS)
def test_every_row_is_cited_once(drug):
    cited = Counter(identifier for rule in loaded(drug).rules for identifier in rule.rows)
    assert cited == Counter(row.id for row in rows_of(drug))
    for rule in loaded(drug).rules:
        guideline, _, place = rule.source.partition("#")
        assert guideline == loaded(drug).guideline and place in rule.rows, rule.id


@pytest.mark.parametrize("drug", DRUGS)
def test_genes(drug):
    genes = {gene for row in rows_of(drug) for gene in row.lookup}
    assert genes == set(loaded(drug).genes) or not genes


@pytest.mark.parametrize("drug", DRUGS)
def test_flags_of_the_source(drug):
    wrong = []
    for row in rows_of(drug):
        (rule,) = rules_for(row)
        if row.is_alternative and not TURNS_AWAY & set(rule.actions):
            wrong.append((rule.id, "alternate drug", rule.actions, row.id))
        if row.is_dosing and not CHANGES_DOSE & set(rule.actions):
            wrong.append((rule.id, "dosing", rule.actions, row.id))
        if not (row.is_alternative or row.is_dosing or row.is_other) and TURNS_AWAY & set(rule.actions):
            wrong.append((rule.id, "no flag", rule.actions, row.id))
    assert wrong == []
