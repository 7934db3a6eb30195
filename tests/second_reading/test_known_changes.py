"""Changes since the guideline data of 2024-03: what the opened sources say, typed here a second time from them.

The rows are those of ClinPGx's guideline annotations as PharmCAT carries them; none of it is in the reference data.
"""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest

from nof1.knowledge.compiled import knowledge
from nof1.knowledge.lookup import accepts
from nof1.knowledge.schema import DrugFile, Rule

NORMAL, INTERMEDIATE, POOR = "Normal Metabolizer", "Intermediate Metabolizer", "Poor Metabolizer"
POSSIBLE, UNCERTAIN, UNTESTED = "Possible Intermediate Metabolizer", "Indeterminate", "no_result"
RESULTS = [NORMAL, INTERMEDIATE, POSSIBLE, POOR, UNCERTAIN, UNTESTED]
REDUCED = (INTERMEDIATE, POSSIBLE)
# what "one gene poor" means, by indication: a thiopurine is replaced, or cut to a tenth
POOR_MEANS = {
    "azathioprine": {"": (["alternative"], None)},
    "mercaptopurine": {"malignancy": (["dose"], 0.1), "non-malignant condition": (["alternative"], None)},
    "thioguanine": {"": (["dose"], 0.1)},
}
ROWS = {  # how many rows of each drug give each direction
    "azathioprine": {"use": 5, "one": 12, "both": 4, "poor": 11, "test": 3},
    "mercaptopurine": {"use": 5, "one": 12, "both": 4, "poor": 11, "test": 3},
    "thioguanine": {"use": 5, "one": 12, "both": 4, "poor": 11, "test": 3},
}


def file(drug: str, body: str) -> DrugFile:
    (found,) = [item for item in knowledge().guidelines[drug] if item.body == body]
    return found


def holding(drug: DrugFile, **values: str) -> list[Rule]:
    return [
        rule
        for rule in drug.rules
        if any(all(any(accepts(wanted, values[gene]) for wanted in case[gene]) for gene in drug.genes) for case in rule.when)
    ]


def direction(tpmt: str, nudt15: str) -> str:
    """What CPIC's thiopurine guideline of 2025 advises for a pair of results, in one word."""
    pair = (tpmt, nudt15)
    if POOR in pair:
        return "poor"
    if all(result in REDUCED for result in pair):
        return "both"
    if any(result in REDUCED for result in pair):
        return "one"
    return "use" if NORMAL in pair else "test"


@pytest.mark.parametrize("drug", sorted(ROWS))
def test_thiopurines_2025(drug):
    thiopurine = file(drug, "CPIC")
    counted: dict[str, set[str]] = {}
    for tpmt, nudt15 in product(RESULTS, repeat=2):
        rules = holding(thiopurine, TPMT=tpmt, NUDT15=nudt15)
        if tpmt == nudt15 == UNTESTED:
            assert rules == []
            continue
        word = direction(tpmt, nudt15)
        counted[word] = {row for rule in rules for row in rule.rows}
        found = {rule.setting.indication: (rule.actions, rule.dose.factor if rule.dose else None) for rule in rules}
        wanted = {
            "use": {"": (["use"], None)},
            "one": {"": (["dose"], [0.3, 0.8])},
            "both": {"": (["dose"], [0.2, 0.5])},
            "test": {"": (["test_first", "monitor"], None)},
            "poor": POOR_MEANS[drug],
        }[word]
        assert found == wanted and len(rules) == len(found), (tpmt, nudt15)
    assert {word: len(rows) for word, rows in counted.items()} == ROWS[drug]
    every = Counter(row for rule in thiopurine.rules for row in rule.rows)
    assert every == {row: len(POOR_MEANS[drug]) if row in counted["poor"] else 1 for row in every} and len(every) == 35


def test_the_tenth_of_mercaptopurine_is_told_as_the_example_of_the_source():
    (rule,) = [one for one in file("mercaptopurine", "CPIC").rules if one.setting.indication == "malignancy"]
    assert [(dose.value, dose.unit, dose.kind) for dose in rule.dose.absolute] == [(10, "mg/m2/day", "start")]


def test_metoprolol_2024():
    metoprolol = file("metoprolol", "CPIC")
    for quarter in range(25):
        (rule,) = holding(metoprolol, CYP2D6=str(quarter / 4))
        score = quarter / 4
        wanted = ["alternative", "dose", "monitor"] if not score else ["use"] if score <= 2.25 else ["no_recommendation"]
        assert rule.actions == wanted
    strengths = {
        score: holding(metoprolol, CYP2D6=score)[0].strength for score in ("0", "0.25", "1", "1.25", "2.25", "2.5", "≥3.0")
    }
    assert strengths == {
        "0": "moderate",
        "0.25": "moderate",
        "1": "moderate",
        "1.25": "strong",
        "2.25": "strong",
        "2.5": "no_recommendation",
        "≥3.0": "no_recommendation",
    }
    assert sum(len(rule.rows) for rule in metoprolol.rules) == 22


def test_hydralazine_2025():
    hydralazine = file("hydralazine", "CPIC")
    doses = {}
    for result in ("Rapid Metabolizer", INTERMEDIATE, POOR, UNCERTAIN):
        (rule,) = holding(hydralazine, NAT2=result)
        doses[result] = {dose.kind: dose.value for dose in rule.dose.absolute} if rule.dose else rule.actions
        assert rule.setting.indication == "resistant hypertension" and rule.setting.age == "adults"
    assert doses == {
        "Rapid Metabolizer": {"start": 75, "maximum": 300},
        INTERMEDIATE: {"start": 75, "maximum": 300},
        POOR: {"start": [40, 75]},
        UNCERTAIN: ["no_recommendation"],
    }


@pytest.mark.parametrize(
    ("drug", "body", "score", "actions"),
    [
        ("capecitabine", "FDA label", "0", ["avoid"]),
        ("capecitabine", "FDA label", "0.5", ["avoid"]),
        ("capecitabine", "FDA label", "1", ["dose", "monitor"]),
        ("capecitabine", "FDA label", "no_result", ["test_first"]),
        ("fluorouracil", "FDA label", "0", ["avoid"]),
        ("fluorouracil", "FDA label", "0.5", ["avoid"]),
        ("fluorouracil", "FDA label", "1.5", ["dose", "monitor"]),
        ("fluorouracil", "FDA label", "no_result", ["test_first"]),
        ("capecitabine", "EMA", "0", ["contraindicated"]),
        ("capecitabine", "EMA", "0.5", ["contraindicated"]),
        ("capecitabine", "EMA", "1", ["dose"]),
        ("tegafur", "EMA", "0.5", ["contraindicated"]),
        ("tegafur", "EMA", "no_result", ["test_first"]),
        ("fluorouracil", "EMA", "0.5", ["contraindicated"]),
        ("fluorouracil", "EMA", "1.5", ["dose"]),
        ("flucytosine", "EMA", "0", ["contraindicated"]),
        ("flucytosine", "EMA", "0.5", ["contraindicated"]),
        ("flucytosine", "EMA", "1", ["caution", "monitor"]),
    ],
)
def test_fluoropyrimidine_labels(drug, body, score, actions):
    (rule,) = holding(file(drug, body), DPYD=score)
    assert rule.actions == actions
    assert rule.dose is None or (rule.dose.factor is None and not rule.dose.absolute), "neither body gives a figure"


def test_flucytosine_needs_no_test_beforehand():
    assert holding(file("flucytosine", "EMA"), DPYD="no_result") == []


def test_mavacamten():
    mavacamten = file("mavacamten", "EMA")
    for result in (POOR, f"Likely {POOR}", UNTESTED, UNCERTAIN):
        (rule,) = holding(mavacamten, CYP2C19=result)
        assert {dose.kind: dose.value for dose in rule.dose.absolute} == {"start": 2.5, "maximum": 5}
        assert ("test_first" in rule.actions) == (result in (UNTESTED, UNCERTAIN))
    for result in (INTERMEDIATE, f"Likely {INTERMEDIATE}", NORMAL, "Rapid Metabolizer", "Ultrarapid Metabolizer"):
        (rule,) = holding(mavacamten, CYP2C19=result)
        assert "use" in rule.actions and "2.5" not in rule.advice
