"""Laws of decisions: order changes nothing, unknown never becomes use, what is suspected is never silently dropped."""

from __future__ import annotations

import random
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "cases"))
from patient_case import LOINC, PATIENT, TODAY, resources

from nof1.assessment.assess import Person, assess
from nof1.genomics.outside_calls import parse_outside_calls
from nof1.jobs.questions import change, fact
from nof1.jobs.records import terms_of
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.judge import judge
from nof1.model.findings import Action, Assessment
from nof1.record.facts import read_resources

GENES = {"CYP2D6": "*1/*4", "CYP2C19": "*2/*2", "HLA-B": "*57:01/*07:02"}
CALLED = {"SLCO1B1": ("*1/*1", "*5/*5"), "CYP2C19": ("*1/*1", "*2/*2"), "CYP2C9": ("*1/*3",)}


def reported(gene: str, diplotype: str) -> dict[str, Any]:
    """A genotype that a laboratory reported on 2025-03-01 (LOINC 84413-4, gene studied 48018-6)."""
    studied = {"code": {"coding": [{"system": LOINC, "code": "48018-6"}]}, "valueCodeableConcept": {"text": gene}}
    return {
        "resourceType": "Observation",
        "id": f"{gene}-{diplotype}".replace("*", "s").replace("/", "-"),
        "status": "final",
        "subject": PATIENT,
        "effectiveDateTime": "2025-03-01",
        "code": {"coding": [{"system": LOINC, "code": "84413-4"}]},
        "valueCodeableConcept": {"text": diplotype},
        "component": [studied],
    }


RECORD: dict[str, Any] = {
    "born": 1950,
    "sex": "female",
    "medications": [
        {"text": "Paroxetine 20 MG Oral Tablet", "since": "2026-01-10"},
        {"text": "Simvastatin 40 MG Oral Tablet", "since": "2020-01-10"},
        {"text": "Clarithromycin 500 MG Oral Tablet", "since": "2026-11-20"},
        {"text": "Metformin 500 MG Oral Tablet", "since": "2020-01-10"},
    ],
    "conditions": [{"text": "Hypertension", "icd10": "I10"}],
    "measured": [
        {"loinc": "2160-0", "value": 2.9, "unit": "mg/dL", "on": "2026-11-01"},
        {"loinc": "2823-3", "value": 4.2, "unit": "mmol/L", "on": "2026-11-01"},
        {"loinc": "2823-3", "value": 6.4, "unit": "mmol/L", "on": "2026-11-01"},
    ],
    "resources": [reported(gene, diplotype) for gene, all_of_one in CALLED.items() for diplotype in all_of_one],
}


def made(genes: dict[str, str], content: list[dict[str, Any]] | None, ask: list[str] | None = None) -> Assessment:
    known = knowledge()
    calls = parse_outside_calls("".join(f"{gene}\t{text}\n" for gene, text in genes.items()), "t") if genes else []
    record = read_resources(content, terms_of(known), today=TODAY) if content is not None else None
    person = Person("t", 0, {}, {call.gene: [call] for call in calls}, (), (), record)
    return assess(known, person, today=TODAY.isoformat(), software="t", settings={}, drugs=ask or [])


def headlines(found: Assessment) -> dict[str, Action]:
    return {item.drug: item.headline for item in found.drugs}


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_resources_changes_nothing(seed: int) -> None:
    content = resources(RECORD)
    shuffled = list(content)
    random.Random(seed).shuffle(shuffled)
    one, other = made(GENES, content), made(GENES, shuffled)
    assert headlines(one) == headlines(other)
    one, other = made({}, content, ["clopidogrel"]), made({}, shuffled, ["clopidogrel"])
    assert headlines(one) == headlines(other)
    assert one.genes == other.genes
    assert {item.id for item in one.interactions} == {item.id for item in other.interactions}
    assert one.record["facts"] == other.record["facts"]


def test_of_two_reports_of_one_day_none_is_chosen() -> None:
    pair = [reported("CYP2C19", diplotype) for diplotype in CALLED["CYP2C19"]]
    for both in (pair, pair[::-1]):
        found = made({}, [*resources({"born": 1950, "sex": "female"}), *both], ["clopidogrel"])
        assert headlines(found)["clopidogrel"] is Action.AVOID


@pytest.mark.parametrize("gene", sorted(GENES))
def test_an_untested_gene_never_turns_a_warning_into_use(gene: str) -> None:
    drugs = [drug for drug, files in knowledge().guidelines.items() if any(gene in file.genes for file in files)]
    known = made(GENES, None, drugs)
    blind = made({name: text for name, text in GENES.items() if name != gene}, None, drugs)
    grave = [drug for drug, action in headlines(known).items() if action in (Action.CONTRAINDICATED, Action.AVOID)]
    assert grave
    assert [drug for drug in grave if headlines(blind)[drug] is Action.USE] == []


def test_what_may_forbid_a_new_drug_is_tested_first() -> None:
    """A drug that is asked about and whose gene nobody tested: wait, where some result would forbid it."""
    assert headlines(made({}, None, ["abacavir"])) == {"abacavir": Action.TEST_FIRST}


def test_two_values_of_one_day_are_neither_forgotten_nor_chosen_from() -> None:
    found = made(GENES, resources(RECORD))
    assert any("4.2 and 6.4" in note for note in found.record["notes"])
    assert "4.2 to 6.4" in found.record["facts"]["potassium"]["words"]


@pytest.mark.parametrize(
    ("text", "values", "answer"),
    [
        ("a < 30", {"a": (0, 15)}, True),
        ("a < 30", {"a": (0, 45)}, None),
        ("a >= 45", {"a": (0, 45)}, None),
        ("a > 45", {"a": (0, 45)}, False),
        ("15 <= a < 30", {"a": (16, 29)}, True),
        ("15 <= a < 30", {"a": (31, 99)}, False),
        ("a < 30 or b", {"a": (0, 45), "b": 1}, True),
        ("not b", {}, None),
        ("a == 3", {"a": (2, 4)}, None),
        ("2 * a < 30", {"a": (0, 1)}, None),  # only a bare name may have limits
        ("max(a, 2) < 30", {"a": 3}, True),
    ],
)
def test_conditions_over_what_is_known_within_limits(text: str, values: dict[str, Any], answer: bool | None) -> None:
    assert judge(text, values) is answer


def test_limits_agree_with_every_number_within_them() -> None:
    rng = random.Random(7)
    for _ in range(500):
        low, high = sorted(rng.sample(range(60), 2))
        bound = rng.randrange(60)
        text = f"a {rng.choice(['<', '<=', '>', '>=', '=='])} {bound}"
        each = {judge(text, {"a": float(number)}) for number in range(low, high + 1)}
        assert judge(text, {"a": (low, high)}) in (each if len(each) == 1 else {None}), text


@pytest.mark.parametrize("text", ["egfr=inf", "egfr=-5", "weight=-7", "creatinine=88", "pregnancy=2", "egfr=nan"])
def test_what_cannot_be_is_not_supposed(text: str) -> None:
    from nof1.decision.whatif import what_if
    from nof1.errors import RequestError
    from nof1.jobs.questions import person_chart

    chart = person_chart(outside_calls=None, record=None, drugs=["metformin"], specimen="tumour")
    with pytest.raises(RequestError):
        what_if(chart, change(chart, [], [], [], dict([fact(text)])))


def test_a_stopped_drug_that_may_still_act_is_not_forgotten() -> None:
    for days, is_told in ((5, True), (200, False)):
        end = (date(2026, 11, 25) - timedelta(days=days)).isoformat()
        stopped = {"text": "Fluoxetine 20 MG Oral Capsule", "status": "stopped", "since": "2025-01-01", "until": end}
        record = {"born": 1950, "sex": "female", "medications": [stopped], "conditions": RECORD["conditions"]}
        (advice,) = made({}, resources(record), ["phenelzine"]).drugs
        assert (advice.headline is Action.CONTRAINDICATED) is is_told, days


def test_a_combination_is_asked_about_by_what_it_holds() -> None:
    allergic = {**RECORD, "allergies": [{"text": "Penicillin", "criticality": "high"}], "medications": []}
    found = headlines(made({}, resources(allergic), ["Augmentin"]))
    assert found["amoxicillin"] in (Action.AVOID, Action.CONTRAINDICATED)


def test_a_state_supposed_is_the_only_thing_supposed() -> None:
    """Without a list of conditions every state is unknown, also after one of them is supposed not to hold."""
    from nof1.decision.whatif import supposed
    from nof1.jobs.questions import person_chart

    chart = person_chart(specimen="tumour", drugs=["isotretinoin"])
    then = supposed(chart, change(chart, [], [], [], {"pregnancy": 0.0}))
    assert then.situation.facts["pregnancy"].value == 0
    unknown = {name for name in chart.situation.unknown if name in knowledge().care.conditions}
    assert set(then.situation.unknown) >= unknown - {"pregnancy"}


def test_a_value_beyond_its_test_beside_another_of_the_day_leaves_both_open() -> None:
    measured = [
        {"loinc": "2823-3", "value": 4.5, "unit": "mmol/L", "on": "2026-11-01"},
        {"loinc": "2823-3", "value": 3.0, "comparator": "<", "unit": "mmol/L", "on": "2026-11-01"},
    ]
    content = resources({"born": 1950, "sex": "female", "measured": measured})
    for entry in content:
        if entry["id"] == "o1":
            entry["valueQuantity"]["comparator"] = "<"
    found = made({}, content)
    assert "<3 to 4.5" in found.record["facts"]["potassium"]["words"]


def test_a_year_of_birth_alone_hides_no_rule() -> None:
    """Seventeen or eighteen: what is for adults and what is for children are both shown."""
    content = resources({"sex": "female"})
    content[0]["birthDate"] = "2008"
    both = {item.setting["age"] for item in made({"CYP2C19": "*2/*2"}, content, ["voriconazole"]).drugs[0].recommendations}
    assert {"adults", "children"} <= both
