"""The synthetic family from its FHIR record to the plan: as page, patient's page and CarePlan."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from families import DEMO, TODAY, record_of, titles

from fhir_validator.check import Validator
from fhir_validator.profiles import Guide
from nof1.decision.situation import situation
from nof1.fhir.checked import problems
from nof1.knowledge.compiled import knowledge
from nof1.model.pedigree import Pedigree
from nof1.model.prevention import Plan, Trigger, TriggerKind
from nof1.report.fhir_plan import plan_resources
from nof1.report.plan import family_section, patient_section, plan_section
from nof1.risk.asked import Asked
from nof1.risk.family_rules import RuleResult, asked_conditions, judge_rules
from nof1.risk.family_tree import family_tree
from nof1.risk.own import own_codes, own_person
from nof1.risk.plan import plan
from nof1.risk.plan_case import family_triggers, plan_case

FINDING = Trigger(TriggerKind.FINDING, "MSH2", "a pathogenic variant in MSH2")


@pytest.fixture(scope="module")
def demo() -> tuple[Pedigree, list[RuleResult], Plan]:
    return planned(DEMO)


def planned(resources: list[dict[str, Any]], *findings: Trigger) -> tuple[Pedigree, list[RuleResult], Plan]:
    """The whole walk, as an assessment joins it."""
    known, record = knowledge(), record_of(resources)
    values = situation(record, known.care, TODAY).values
    pedigree = family_tree(record.family, own_person(record, TODAY), "relatives" in record.said_none)
    genes = frozenset(one.id for one in findings)
    results = judge_rules(known.prevention.rules.values(), pedigree, Asked(values, titles(), genes, own_codes(record)))
    case = plan_case(record, pedigree, values, titles(), TODAY)
    return pedigree, results, plan(known.prevention, case, [*findings, *family_triggers(results)])


def test_the_page(demo: tuple[Pedigree, list[RuleResult], Plan]) -> None:
    pedigree, results, made = demo
    page = family_section(
        pedigree, results, asked_conditions(knowledge().prevention.rules.values(), titles())
    ) + plan_section(made, {"nice-cg164": "https://example.org/cg164"})
    assert page.count("<svg") == 1
    assert "referral because of breast cancer in the family" in page and "not met by what is recorded" in page
    assert re.search(r"Dutch Lipid Clinic Network criteria</h4><p[^>]*><strong>cannot be judged: 0 to \d+ points", page)
    assert "not due from 2027-09-30; last done 2025-09-30 (mammography)" in page
    filled = re.findall(r"(?:left|right): ([a-z ]+)</li>", page)
    assert sorted(filled) == ["breast cancer", "colorectal cancer", "ovarian cancer"]
    assert page.count('<article class="plan-card') == len([one for one in results if one.verdict != "not_for"]) + len(
        made.actions
    )
    assert '<a href="https://example.org/cg164">NICE 2023, United Kingdom, offer (provisional)</a>' in page
    opened, closed = re.findall(r"<([a-z0-9]+)[ >]", page), re.findall(r"</([a-z0-9]+)>", page)
    assert {name: opened.count(name) for name in set(closed)} == {name: closed.count(name) for name in set(closed)} | {
        name: opened.count(name) for name in ("path", "rect") if name in set(closed)
    }


def test_the_patient_reads_plain_words(demo: tuple[Pedigree, list[RuleResult], Plan]) -> None:
    page = patient_section(demo[2], demo[1])
    assert (
        "Because of cancer in your family, a short questionnaire can show whether you should be offered genetic counselling."
        in page
    )
    assert "An X-ray" not in page
    assert (
        "From 40 to 74, an X-ray of the breasts every two years can find breast cancer early. It is not due before 30 September 2027."
        in page
    )
    assert not re.search(r"USPSTF|NICE|mammography|colonoscopy", re.sub(r"<[^>]+>", "", page))


def test_a_finding_takes_the_place_of_what_everybody_is_offered() -> None:
    made = planned(DEMO, FINDING)[2]
    screening = [one for one in made.actions if one.purpose == "colorectal-screening"]
    assert [(one.id, one.state.value) for one in screening] == [("lynch-colonoscopy-mlh1-msh2", "due")]
    cascade = next(one for one in made.actions if one.id == "lynch-cascade")
    assert cascade.relatives == ("first-degree relatives: mother, father, brother, daughter",)


def bundled(made: Plan) -> dict[str, Any]:
    """The plan's resources and a patient as a collection."""
    seed = uuid.UUID(int=7)
    patient = str(uuid.uuid5(seed, "patient"))
    parts = [{"resourceType": "Patient", "id": patient}]
    parts += plan_resources(made, {"reference": f"urn:uuid:{patient}"}, seed)
    entries = [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in parts]
    return {"resourceType": "Bundle", "id": str(seed), "type": "collection", "entry": entries}


def test_the_care_plan_is_r4(demo: tuple[Pedigree, list[RuleResult], Plan], tmp_path: Path) -> None:
    made = bundled(demo[2])
    assert Validator(Guide(tmp_path)).check(made).errors == []
    for entry in made["entry"]:
        assert [one for one in problems(entry["resource"]) if one.is_error] == []
    care = next(entry["resource"] for entry in made["entry"] if entry["resource"]["resourceType"] == "CarePlan")
    assert (care["status"], care["intent"]) == ("draft", "plan")
    details = [one["detail"] for one in care["activity"]]
    assert len(details) == len(demo[2].actions)
    breast = next(one for one in details if one["code"]["text"] == "screening for breast cancer")
    assert breast["code"]["coding"] == [{"system": "http://snomed.info/sct", "code": "71651007"}]
    assert breast["scheduledPeriod"] == {"start": "2027-09-30", "end": "2027-09-30"}
    assert breast["status"] == "not-started"
    assert bundled(demo[2]) == made


def test_a_broken_care_plan_is_not_r4(demo: tuple[Pedigree, list[RuleResult], Plan], tmp_path: Path) -> None:
    made = bundled(demo[2])
    made["entry"][-1]["resource"]["status"] = "sketched"
    assert Validator(Guide(tmp_path)).check(made).errors


def test_an_empty_plan() -> None:
    empty = Plan(TODAY)
    assert "No action of the guidelines" in plan_section(empty)
    assert "activity" not in bundled(empty)["entry"][-1]["resource"]
