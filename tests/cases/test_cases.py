"""Clinical cases as YAML: what is advised, and what alleles mean. Sources stand in the files."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from nof1.assessment.assess import Person, assess
from nof1.genomics.outside_calls import parse_outside_calls
from nof1.knowledge.compiled import knowledge
from nof1.model.findings import Assessment
from nof1.pgx.outside import outside_call

HERE = Path(__file__).parent
DRUGS = [
    pytest.param(file["drug"], case, id=f"{file['drug']}: {case['name']}")
    for path in sorted((HERE / "drugs").glob("*.yaml"))
    for file in [yaml.safe_load(path.read_text())]
    for case in file["cases"]
]
SCORES = yaml.safe_load((HERE / "genes" / "activity_scores.yaml").read_text())


def assessed(genes: dict[str, str], drug: str) -> Assessment:
    calls = parse_outside_calls("".join(f"{gene}\t{diplotype}\n" for gene, diplotype in genes.items()), "case")
    person = Person("case", 0, {}, {call.gene: [call] for call in calls}, (), ())
    return assess(knowledge(), person, today=date(2026, 11, 23).isoformat(), software="test", settings={}, drugs=[drug])


@pytest.mark.parametrize(("drug", "case"), DRUGS)
def test_drug_case(drug: str, case: dict[str, Any]) -> None:
    (advice,) = assessed(case["genes"], drug).drugs
    wanted = case.get("indication", "")
    mine = [item for item in advice.recommendations if item.body == case.get("body", "CPIC")]
    (found,) = [item for item in mine if item.setting.get("indication", "") == wanted]
    assert [action.value for action in found.actions] == case["actions"]
    assert found.strength == case["strength"]
    assert list(found.alternatives) == case["alternatives"]
    if "source" in case:
        assert case["source"] in found.rows
    if "dose" in case:
        assert found.dose is not None
        assert list(found.dose.factor or ()) == case["dose"]["factor"]
        assert found.dose.basis == case["dose"]["basis"]
        assert [list(item) for item in found.dose.absolute] == case["dose"]["absolute"]


@pytest.mark.parametrize("case", SCORES, ids=lambda case: f"{case['gene']} {case['diplotype']}")
def test_meaning_of_alleles(case: dict[str, str]) -> None:
    (call,) = parse_outside_calls(f"{case['gene']}\t{case['diplotype']}\n", "case")
    (phenotype,) = outside_call(knowledge().genes[case["gene"]], [call]).phenotypes
    assert (phenotype.activity_score, phenotype.term) == (case["score"], case["phenotype"])


def test_unknown_gene_gives_no_advice_but_says_so() -> None:
    (advice,) = assessed({}, "clopidogrel").drugs
    assert advice.recommendations == ()
    assert "not called" in advice.unknown[0].reason
    assert advice.unknown[0].needs


def test_partial_advice_is_marked() -> None:
    (advice,) = assessed({"CYP2D6": "*4/*4"}, "amitriptyline").drugs
    both = [item for item in advice.recommendations if item.body == "CPIC"]
    assert both
    assert all(item.is_partial for item in both)
    assert any("CYP2C19" in item.reason for item in advice.unknown)


def test_every_recommendation_names_rule_source_and_reason() -> None:
    for advice in assessed({"CYP2C19": "*2/*2", "CYP2D6": "*1/*4"}, "amitriptyline").drugs:
        for item in advice.recommendations:
            assert item.source.source in knowledge().sources
            assert item.rows
            assert {step.claim.split()[0] for step in item.because.rests_on} == set(item.because_of)
            assert item.kind.value == "gene"
