"""Drugs: every published CPIC recommendation row against the one rule that must hold for it."""

from __future__ import annotations

import re
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
UNFLAGGED = {
    # advises to consider measuring TPMT activity, as its sister rows of azathioprine do, which carry the flag
    "PA166298224",
}


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


def figures(value: float | list[float] | None) -> set[float]:
    """The figures of a dose or factor."""
    if value is None:
        return set()
    return set(value) if isinstance(value, list) else {float(value)}


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
        rules = [rule for rule in rules_for(row) if not rule.situational]
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
    cited = Counter(identifier for rule in loaded(drug).rules if not rule.situational for identifier in rule.rows)
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
        actions = {action for rule in rules_for(row) for action in rule.actions}
        if row.is_alternative and not TURNS_AWAY & actions:
            wrong.append(("alternate drug", actions, row.id))
        if row.is_dosing and not CHANGES_DOSE & actions:
            wrong.append(("dosing", actions, row.id))
        flagged = row.is_alternative or row.is_dosing or row.is_other or row.id in UNFLAGGED
        if TURNS_AWAY & actions and not flagged:
            wrong.append(("no flag", actions, row.id))
        if row.text == "No recommendation" and actions != {"no_recommendation"}:
            wrong.append(("no recommendation", actions, row.id))
    assert wrong == []


@pytest.mark.parametrize("drug", DRUGS)
def test_dose_figures_stand_in_the_text(drug):
    """Every figure of a dose is a figure of the source, a fraction of it, or ten-fold for a tenth."""
    wrong = []
    for row in rows_of(drug):
        stated = {float(text) for text in re.findall(r"\d+(?:\.\d+)?", row.text)}
        doses = [rule.dose for rule in rules_for(row) if rule.dose is not None]
        wrong += [dose for one in doses for dose in one.absolute if not figures(dose.value) <= stated]
        for factor in {factor for one in doses for factor in figures(one.factor)} - {0.0}:
            share = {round(100 * factor), round(abs(100 - 100 * factor))} | ({10} if factor == 0.1 else set())
            if not (share | {factor}) & stated:
                wrong.append((row.id, factor))
    assert wrong == []


@pytest.mark.parametrize("drug", DRUGS)
def test_a_highest_dose_is_itself_allowed(drug):
    """A maximum reads as "at most"; where the source says "below", the figure itself is already too much."""
    wrong = []
    for row in rows_of(drug):
        text = row.text.replace("&lt;", "<")
        for dose in (dose for rule in rules_for(row) if rule.dose for dose in rule.dose.absolute):
            if dose.kind == "maximum" and any(re.search(rf"<\s*{value:g}\s*mg", text) for value in figures(dose.value)):
                wrong.append((dose, row.id))
    assert wrong == []


@pytest.mark.parametrize("drug", DRUGS)
def test_no_drug_stands_beside_the_wrong_evidence(drug):
    """Nobody with HLA-B*15:02 is told that carbamazepine, the best proven culprit, is among the less proven ones."""
    pattern = re.compile(r"other aromatic anticonvulsants[^.]*\bcarbamazepine\b[^.]*weaker evidence")
    assert [rule.id for rule in loaded(drug).rules if pattern.search(rule.advice)] == []


@pytest.mark.parametrize("drug", DRUGS)
def test_implications(drug):
    """A value of a gene has an implication exactly where the source states one."""
    stated: dict[tuple[str, str], set[str]] = {}
    for row in rows_of(drug):
        genes = "|".join(re.escape(gene) for gene in row.lookup)
        parts = re.split(rf"(?:^| \| |, |\. )({genes}): ", row.implications)
        for gene, text in zip(parts[1::2], parts[2::2], strict=True):
            stated.setdefault((gene, row.lookup[gene]), set()).add(text.strip())
    wrong = []
    for (gene, value), texts in stated.items():
        ours = [
            item.text
            for item in loaded(drug).implications
            if item.gene == gene and any(accepts(condition, VALUES.get(value, value)) for condition in item.when)
        ]
        if bool(ours) != bool(texts - {"n/a", "", "No recommendation"}):
            wrong.append((gene, value, texts, ours))
    assert wrong == []


@cache
def codes() -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    """CPIC's drug list by PharmGKB id; the joined table by RxCUI."""
    folder = source.DATA / "terms/drug_terms"
    by_id = {row["pharmgkbid"]: row for row in source.table(folder / "cpic_drugs_2020.tsv")}
    return by_id, {row["rxcui"]: row for row in source.table(folder / "rxcui_ingredient_union.tsv")}


@pytest.mark.parametrize("drug", DRUGS)
def test_codes_agree_in_two_tables(drug):
    listed, joined = codes()
    newer = source.table(source.DATA / "pgx/pypgx_tables/cpic-table.csv", ",")
    rows = [row for row in newer if row["Drug"].lower() == drug.lower()]

    def stated(code, column, other):
        identifier, place = code.source.split("#")
        if identifier == "rxnorm-cpic-2020":
            assert listed[place]["name"] == drug
            return listed[place][column].strip("{}").split(",")
        assert (identifier, place) == ("rxnorm-pypgx-0.27", drug)
        return [text.strip() for row in rows for text in row[other].split(",")]

    if (code := loaded(drug).rxnorm) is not None:
        assert code.value in stated(code, "rxnormid", "RxNorm")
        other = joined[code.value]
        assert drug in [name.lower() for name in (other["name"], *other["other_names"].split("|"))]
        assert set(other["sources"].split("|")) - {"cpic2020"}, "the joined table repeats CPIC here and confirms nothing"
    for atc in loaded(drug).atc:
        assert re.fullmatch(r"[A-Z]\d\d[A-Z]{2}\d\d", atc.value), f"{atc.value!r} is no code of a substance"
        assert atc.value in stated(atc, "atcid", "ATC")


@pytest.mark.parametrize("drug", DRUGS)
def test_the_guideline_is_the_newest_one_cited(drug):
    cited = source.guideline_citations()[drug]
    ours = knowledge().sources[loaded(drug).guideline]
    if not cited:
        assert not ours.pmid
        return
    newest = max(cited, key=lambda citation: citation["year"])
    assert (ours.pmid, ours.year) == (str(newest["pmid"]), newest["year"])
    assert ours.title.rstrip(".") == newest["title"].rstrip(".")
