"""DPWG on CYP2D6: every published row against the rules that must hold for it, one for each circumstance it names."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any

import pgx_source as source
import pytest

from nof1.knowledge.compiled import knowledge
from nof1.knowledge.lookup import accepts
from nof1.knowledge.schema import DrugFile, Rule

pytestmark = source.needs_data
GENE = "CYP2D6"
DRUGS = [
    "amitriptyline", "aripiprazole", "atomoxetine", "brexpiprazole", "clomipramine", "codeine", "doxepin", "eliglustat",
    "flecainide", "haloperidol", "imipramine", "metoprolol", "nortriptyline", "paroxetine", "pimozide", "propafenone",
    "risperidone", "tamoxifen", "tramadol", "venlafaxine", "zuclopenthixol",
]  # fmt: skip
SCORES = [
    "0.0", "0.25", "0.5", "0.75", "1.0", "1.25", "1.5", "2.0", "2.25", "2.5", "3.0", "4.0", "≥3.0", "≥3.25", "≥3.5",
    "≥4.0", "≥5.0", "≥6.0",
]  # fmt: skip
# how many circumstances (indication, age, further drug, course) a text tells apart: counted by eye; elsewhere one
CIRCUMSTANCES = {
    ("amitriptyline", "3.0"): 2,  # the dose is raised, or should not be
    ("atomoxetine", "0.0"): 2,  # at the start, with side effects
    ("clomipramine", "0.0"): 3,  # depression, anxiety or compulsion with side effects, a lower dose failed
    ("clomipramine", "3.0"): 2,
    ("codeine", "0.0"): 2,  # pain, cough
    ("codeine", "0.5"): 3,  # pain, pain not relieved, cough
    ("codeine", "3.0"): 4,  # contraindicated; what else for pain and for cough; the low dose without risks
    ("doxepin", "3.0"): 2,
    ("eliglustat", "0.0"): 5,  # three strengths of inhibitor, inducer, none
    ("eliglustat", "0.5"): 7,  # both inhibitors, two strengths of each, inducer, none
    ("flecainide", "0.5"): 2,  # the provocation test, everything else
    ("imipramine", "3.0"): 2,
    ("metoprolol", "0.0"): 2,  # heart rate to fall slowly, or not
    ("metoprolol", "0.5"): 2,
    ("metoprolol", "3.0"): 3,  # at first; then heart failure and everything else
    ("nortriptyline", "3.0"): 2,
    ("pimozide", "0.0"): 3,  # adults, children from 12, children below
    ("pimozide", "0.5"): 3,
    ("risperidone", "0.0"): 2,  # at first, with central side effects
    ("risperidone", "3.0"): 3,  # in general, children of two weights
    ("tramadol", "0.0"): 2,  # at first, pain not relieved
    ("tramadol", "0.5"): 2,
    ("venlafaxine", "0.0"): 2,  # avoid; not avoidable and side effects
    ("venlafaxine", "0.5"): 2,
    ("venlafaxine", "3.0"): 2,  # the dose is raised, or has failed
}
STRENGTHS = {"N/A": "not_applicable", "": "not_applicable", "No recommendation": "no_recommendation"}
UNGRADED = {"PA166302373", "PA166302501"}  # two rows carry no strength; their sister rows of equal text carry N/A
MISPRINTS = {"higher for IM than for EM": "higher for IM than for NM", "conserved The": "conserved. The"}
WRITTEN_OUT = {"half": 50.0, "Double": 2.0}
TURNS_AWAY = {"avoid", "alternative", "contraindicated", "test_first"}
CHANGES_DOSE = {"dose", "monitor", "avoid", "alternative", "contraindicated", "caution"}


@dataclass(frozen=True)
class Row:
    """A recommendation row as published."""

    id: str
    drug: str
    score: str
    strength: str
    is_dosing: bool
    is_alternative: bool
    implications: str
    text: str
    guideline: str

    @property
    def is_none(self) -> bool:
        """The row only says that there is no recommendation."""
        return "does not provide a recommendation" in self.text


@cache
def all_rows() -> tuple[Row, ...]:
    found = []
    for row in source.table(source.DATA / "pgx/recommendations_cpic_dpwg_2024-03.tsv"):
        if row["source"] != "DPWG" or GENE not in row["lookup"]:
            continue
        gene, _, score = row["lookup"].partition("=")
        assert gene == GENE, "the row is on this gene alone"
        text = " ".join(row["text"].split()).rstrip(".")
        for wrong, right in MISPRINTS.items():
            text = text.replace(wrong, right)
        flags = row["dosing_info"] == "1", row["alternate_drug"] == "1"
        found.append(
            Row(row["recommendation_id"], row["drug"], score, row["strength"], *flags, row["implications"], text,
                row["guideline_id"])
        )  # fmt: skip
    return tuple(found)


def rows_of(drug: str) -> list[Row]:
    return [row for row in all_rows() if row.drug == drug]


@cache
def loaded(drug: str) -> DrugFile:
    (file,) = (file for file in knowledge().guidelines[drug] if file.body == "DPWG" and file.genes == [GENE])
    return file


def holds(rule: Rule, row: Row) -> bool:
    return any(accepts(condition, row.score) for case in rule.when for condition in case[GENE])


def rules_for(row: Row) -> list[Rule]:
    return [rule for rule in loaded(row.drug).rules if holds(rule, row)]


def actions_for(row: Row) -> set[str]:
    return {action for rule in rules_for(row) for action in rule.actions}


def stated(text: str) -> set[float]:
    """The figures of a text, those in names of substances and genes aside."""
    found = {float(number) for number in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", text)}
    return found | {figure for word, figure in WRITTEN_OUT.items() if word in text}


def figures(value: float | list[float] | None) -> set[float]:
    if value is None:
        return set()
    return set(value) if isinstance(value, list) else {float(value)}


@cache
def annotation(drug: str) -> dict[str, Any]:
    path = source.GUIDELINES / f"DPWG_{drug}_and_{GENE}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_every_row_of_the_source_is_meant():
    assert len(all_rows()) == 378
    assert Counter(row.drug for row in all_rows()) == dict.fromkeys(DRUGS, 18)
    for drug in DRUGS:
        assert sorted(row.score for row in rows_of(drug)) == sorted(SCORES)
    instructions = [row.id for row in all_rows() if "xN" in row.score or "not a valid input" in row.text]
    assert instructions == [], "rows that only tell how to write copy numbers: this gene has none"
    assert {row.id for row in all_rows() if not row.strength} == UNGRADED


def test_no_other_drug_claims_this_body_and_gene():
    found = {
        drug
        for drug, files in knowledge().guidelines.items()
        for file in files
        if file.body == "DPWG" and file.genes == [GENE]
    }
    assert found == set(DRUGS)


@pytest.mark.parametrize("drug", DRUGS)
def test_a_rule_holds_for_exactly_the_rows_it_cites(drug):
    wrong = []
    for rule in loaded(drug).rules:
        holding = sorted(row.id for row in rows_of(drug) if holds(rule, row))
        if holding != sorted(rule.rows) or not holding:
            wrong.append((rule.id, holding, rule.rows))
        guideline, _, place = rule.source.partition("#")
        assert guideline == loaded(drug).guideline and place in rule.rows, rule.id
    assert wrong == []


@pytest.mark.parametrize("drug", DRUGS)
def test_one_rule_for_each_circumstance_of_a_row(drug):
    wrong = []
    bands = {score: "0.0" if score == "0.0" else "0.5" if float(score.strip("≥")) <= 1 else "3.0" for score in SCORES}
    for row in rows_of(drug):
        rules = rules_for(row)
        wanted = 1 if row.is_none else CIRCUMSTANCES.get((drug, bands[row.score]), 1)
        if len(rules) != wanted or len({(rule.setting, rule.applies_to) for rule in rules}) != len(rules):
            wrong.append((row.id, row.score, wanted, [rule.id for rule in rules]))
        if {rule.strength for rule in rules} != {STRENGTHS[row.strength]}:
            wrong.append((row.id, row.strength, [rule.strength for rule in rules]))
    assert wrong == []


@pytest.mark.parametrize("drug", DRUGS)
def test_a_rule_stands_for_one_text(drug):
    texts: dict[str, set[str]] = {}
    for row in rows_of(drug):
        for rule in rules_for(row):
            texts.setdefault(rule.id, set()).add(row.text)
    assert {rule: found for rule, found in texts.items() if len(found) > 1} == {}


@pytest.mark.parametrize("drug", DRUGS)
def test_flags_of_the_source(drug):
    wrong = []
    for row in rows_of(drug):
        actions = actions_for(row)
        if row.is_alternative != bool(TURNS_AWAY & actions):
            wrong.append((row.id, "alternate drug", row.is_alternative, actions))
        if row.is_dosing and not CHANGES_DOSE & actions:
            wrong.append((row.id, "dosing", actions))
        if row.is_none != (actions == {"no_recommendation"}):
            wrong.append((row.id, "no recommendation", actions))
    assert wrong == []


@pytest.mark.parametrize("drug", DRUGS)
def test_strong_words_of_the_source_and_only_they_become_strong_actions(drug):
    """As often as the source says so: one rule for each "avoid", "contra-indicated" and "no action"."""
    words = {
        "contraindicated": rf"(?i)\b{drug} is contra-indicated",
        "avoid": rf"(?i)(?<!to )\bavoid {drug}|\b{drug} should be avoided|\b{drug} is not recommended",
        "use": r"(?i)\bno action\b|Use the standard dose of|normal initial dose",
    }
    wrong = []
    for row in rows_of(drug):
        for action, pattern in words.items():
            rules = [rule.id for rule in rules_for(row) if action in rule.actions]
            if len(re.findall(pattern, row.text)) != len(rules):
                wrong.append((row.id, row.score, action, rules))
    assert wrong == []


@pytest.mark.parametrize("drug", DRUGS)
def test_figures_stand_in_the_text(drug):
    """Every figure of a dose and of the words around it is one of the source; a factor may be given in percent."""
    wrong = []
    for row in rows_of(drug):
        known = stated(row.text)
        for rule in rules_for(row):
            told = stated(f"{rule.advice} {rule.applies_to}") - known
            if told and not row.is_none:
                wrong.append((rule.id, "words", told))
            if rule.dose is None:
                continue
            for dose in rule.dose.absolute:
                if not figures(dose.value) <= known:
                    wrong.append((rule.id, "absolute", dose.value))
            for factor in figures(rule.dose.factor):
                if not {factor, round(100 * factor, 6)} & known:
                    wrong.append((rule.id, "factor", factor))
    assert wrong == []


@pytest.mark.parametrize("drug", DRUGS)
def test_every_share_of_a_dose_in_the_text_is_in_a_rule(drug):
    """No "50% of the standard dose" and no "1.5 times the normal dose" of the source is lost."""
    share = r"(?:(\d+)% of the (?:standard|normal) dose|(\d+(?:\.\d+)?) times the (?:standard|normal) dose)"
    wrong = []
    for row in rows_of(drug):
        wanted = {float(part) / 100 if part else float(times) for part, times in re.findall(share, row.text)}
        wanted |= {0.5 for _ in re.findall(r"half of the normal dose", row.text)}
        wanted |= {2.0 for _ in re.findall(r"Double the standard dose", row.text)}
        doses = [rule.dose for rule in rules_for(row) if rule.dose and rule.dose.basis == "normal dose"]
        given = {factor for dose in doses for factor in figures(dose.factor)}
        if wanted != given:
            wrong.append((row.id, row.score, wanted, given))
        for dose in [rule.dose for rule in rules_for(row) if rule.dose and rule.dose.factor]:
            if dose.direction != ("increase" if min(figures(dose.factor)) > 1 else "decrease"):
                wrong.append((row.id, dose))
    assert wrong == []


@pytest.mark.parametrize("drug", DRUGS)
def test_alternatives_are_named_by_the_source(drug):
    wrong = []
    for row in rows_of(drug):
        for rule in rules_for(row):
            for name in rule.alternatives:
                if not re.search(rf"(?i)\b{name}\b", row.text) or re.search(
                    rf"(?i)do not (?:select|choose) {name}", row.text
                ):
                    wrong.append((rule.id, name))
            if rule.alternatives and "alternative" not in rule.actions:
                wrong.append((rule.id, rule.actions))
    assert wrong == []


@pytest.mark.parametrize("drug", DRUGS)
def test_implications(drug):
    """A score has exactly one implication where the source describes one, and none where it says that it does not."""
    wrong = []
    for row in rows_of(drug):
        ours = [item for item in loaded(drug).implications if any(accepts(condition, row.score) for condition in item.when)]
        if len(ours) != (0 if "does not provide a description" in row.implications else 1):
            wrong.append((row.score, [item.text for item in ours]))
        wrong += [(row.score, item.text) for item in ours if not stated(item.text) <= stated(row.implications)]
    assert wrong == []


@pytest.mark.parametrize("drug", DRUGS)
def test_no_wording_is_carried_over(drug):
    """The texts are share-alike: no run of nine words of a text or an implication is ours."""

    def runs(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"[\w.%-]+", text.lower())
        return {tuple(words[start : start + 9]) for start in range(len(words) - 8)}

    theirs = {run for row in rows_of(drug) for run in runs(row.text) | runs(row.implications)}
    ours = [part for rule in loaded(drug).rules for part in (rule.advice, rule.applies_to, rule.patient)]
    ours += [item.text for item in loaded(drug).implications]
    assert [text for text in ours if runs(text) & theirs] == []


@pytest.mark.parametrize("drug", DRUGS)
def test_every_rule_speaks_to_the_patient(drug):
    for rule in loaded(drug).rules:
        assert 1 <= len(re.findall(r"[.!?](?:\s|$)", rule.patient)) <= 2, rule.id
        if "dose" in rule.actions:
            assert re.search(r"doctor or pharmacist|doctor", rule.patient), rule.id


@pytest.mark.parametrize("drug", DRUGS)
def test_the_source_is_the_annotation(drug):
    ours, published = knowledge().sources[loaded(drug).guideline], annotation(drug)
    assert {row.guideline for row in rows_of(drug)} == {published["guideline"]["id"]}
    assert (ours.title, ours.url) == (published["guideline"]["name"], published["guideline"]["url"])
    assert ours.version == published["version"]
    newest = max(published["citations"], key=lambda citation: citation["year"], default=None)
    assert ours.pmid == (str(newest["pmid"]) if newest else "")


@pytest.mark.parametrize("drug", DRUGS)
def test_codes_agree_in_two_tables(drug):
    folder = source.DATA / "terms/drug_terms"
    listed = {row["pharmgkbid"]: row for row in source.table(folder / "cpic_drugs_2020.tsv")}
    joined = {row["rxcui"]: row for row in source.table(folder / "rxcui_ingredient_union.tsv")}
    file = loaded(drug)
    for code, column in [(code, "rxnormid") for code in [file.rxnorm] if code] + [(code, "atcid") for code in file.atc]:
        identifier, _, place = code.source.partition("#")
        assert identifier == "rxnorm-cpic-2020" and listed[place]["name"] == drug
        assert code.value in listed[place][column].strip("{}").split(",")
    if file.rxnorm:
        assert joined[file.rxnorm.value]["name"] == drug
        assert set(joined[file.rxnorm.value]["sources"].split("|")) - {"cpic2020"}
        assert {code.value for code in file.atc} <= set(joined[file.rxnorm.value]["atc"].split("|"))
