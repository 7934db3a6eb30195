"""What is asked of a person is asked in plain words: no identifier, no code, of every fact that a plan or an equation can ask for."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from families import DEMO, TODAY, record_of

from nof1.decision.situation import situation
from nof1.jobs.prevention import prevented
from nof1.jobs.risks import risks_of
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.fact_words import plain_input, plain_words, titles_of
from nof1.knowledge.formula import parse
from nof1.model.prevention import Plan, PlannedAction, PlanState
from nof1.report.plan import patient_section, plan_section
from nof1.report.plan_words import for_patient

PATIENT = {"resourceType": "Patient", "id": "1", "gender": "female", "birthDate": "1970-04-02"}
LISTED = {
    "resourceType": "Condition",
    "id": "c",
    "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]},
    "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I10"}]},
    "subject": {"reference": "Patient/1"},
}
CODED = re.compile(r"[a-z0-9]_[a-z0-9]|#|\bpce\b|>=|<=")


def observation(loinc: str, value: float, unit: str, day: str = "2026-11-10") -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": f"o{loinc}",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": loinc}]},
        "subject": {"reference": "Patient/1"},
        "effectiveDateTime": day,
        "valueQuantity": {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit},
    }


def plan_for(*resources: dict[str, Any], today: date = TODAY) -> Plan:
    known, record = knowledge(), record_of(list(resources))
    return prevented(known, record, today, risks_of(known, record, today, is_brief=True)).plan


def by_id(made: Plan) -> dict[str, PlannedAction]:
    return {one.id: one for one in made.actions}


def asked_names() -> set[str]:
    """Every fact that actions, rules over the family and equations of the record can ask for."""
    known = knowledge()
    names = {name for one in known.prevention.actions.values() for name in one.not_with}
    texts = [one.wanted.when for one in known.prevention.actions.values()]
    for rule in known.prevention.rules.values():
        texts += [rule.only_for, *(one.when for one in rule.criteria)]
        names |= {name for one in rule.criteria for name in one.self_has}
    for equation in known.care.policy.equations if known.care.policy else ():
        texts.append(equation.domain)
        names |= {equation.gives, *equation.inputs}
    return names | {name for text in texts if text for name in parse(text).names}


def test_every_fact_that_is_asked_for_has_a_title_and_plain_words() -> None:
    care = knowledge().care
    titles, plain = titles_of(care), plain_words(care)
    names = asked_names()
    assert {"bmi", "pack_years", "egfr", "age", "female", "hiv"} <= names
    for name in names:
        assert not CODED.search(titles[name]), name
        assert plain.get(name) and not CODED.search(plain[name]), name


def test_every_input_of_every_equation_has_plain_words() -> None:
    plain = plain_words(knowledge().care)
    for equation in knowledge().risks.values():
        for item in equation.inputs:
            told = plain_input(item, plain)
            assert told and not CODED.search(told), f"{equation.id} {item.name}"


def test_what_is_wanted_is_never_told_as_a_fact_where_it_is_not_known() -> None:
    for one in knowledge().prevention.actions.values():
        wanted = one.wanted
        is_conditional = wanted.findings or wanted.other_findings or wanted.risks or wanted.family_rules or wanted.when
        assert bool(one.perhaps) == bool(is_conditional), one.id
        assert not re.match(r"(Because|Your|You|With)\b", one.perhaps), one.id


@pytest.mark.parametrize("resources", [(PATIENT,), ({"resourceType": "Patient", "id": "1"},), tuple(DEMO)])
def test_the_page_of_the_person_has_no_identifier(resources: tuple[dict[str, Any], ...]) -> None:
    made = plan_for(*resources)
    page = re.sub(r"<[^>]+>", " ", patient_section(made))
    assert not CODED.search(page)
    words = set(re.findall(r"[A-Za-z_]+", page))
    assert not words & {"bmi", "egfr", "crcl", "hba", "smoker", "race", "eGFR"}
    clinician = re.sub(r"<[^>]+>", " ", plan_section(made))
    assert not CODED.search(clinician) and not re.search(r"\bbmi\b|\bcrcl\b", clinician)


def test_nothing_known_is_not_told_as_known() -> None:
    told = for_patient(plan_for({"resourceType": "Patient", "id": "1"}).of(PlanState.UNKNOWN))
    assert told
    assert not [line for line in told if re.match(r"(Because|Your risk|With more)", line)]
    assert any("your date of birth" in line for line in told)


def test_a_reported_body_mass_index_is_one() -> None:
    known = knowledge()
    record = record_of([PATIENT, observation("39156-5", 29.4, "kg/m2")])
    assert situation(record, known.care, TODAY).values["bmi"] == 29.4
    screening = by_id(plan_for(PATIENT, LISTED, observation("39156-5", 29.4, "kg/m2")))["uspstf-2021-diabetes"]
    assert screening.state is PlanState.DUE
    assert screening.because == ("body mass index 29.4",)


def test_without_weight_and_height_these_are_asked_for() -> None:
    asked = by_id(plan_for(PATIENT, LISTED))["uspstf-2021-diabetes"]
    assert asked.state is PlanState.UNKNOWN
    assert (asked.needs, asked.asks) == (("body mass index",), ("your height and weight",))


def test_the_newer_of_a_computed_and_a_reported_body_mass_index_counts() -> None:
    record = record_of(
        [
            PATIENT,
            observation("29463-7", 80, "kg", "2026-01-10"),
            observation("8302-2", 160, "cm", "2026-01-10"),
            observation("39156-5", 29.4, "kg/m2"),
        ]
    )
    assert situation(record, knowledge().care, TODAY).values["bmi"] == 29.4


def test_when_somebody_stopped_smoking_is_one_fact() -> None:
    known = knowledge()
    assert not {"years_since_quit"} & {*known.care.measurements, *known.care.conditions}
    item = next(one for one in known.risks["plcom2012"].inputs if one.name == "years_since_quitting")
    assert [found.terms for found in item.found] == [["years_since_quitting"]]
    assert "years_since_quitting" in parse(known.prevention.actions["uspstf-2021-lung"].wanted.when).names


SMOKES = {
    "resourceType": "Observation",
    "id": "s",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "72166-2"}]},
    "subject": {"reference": "Patient/1"},
    "effectiveDateTime": "2026-11-10",
    "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": "449868002"}]},
}


def test_who_smokes_is_not_asked_when_it_ended() -> None:
    asked = by_id(plan_for(PATIENT, SMOKES))["uspstf-2021-lung"]
    assert asked.needs == ("pack-years of cigarettes",)
    assert "years since the last cigarette" in by_id(plan_for(PATIENT))["uspstf-2021-lung"].needs


def test_two_actions_of_the_same_words_are_told_once_with_everything_that_is_asked() -> None:
    told = for_patient(plan_for(PATIENT).of(PlanState.UNKNOWN))
    inherited = [line for line in told if "inherited, a specialist" in line]
    assert len(inherited) == 1
    assert "fat deposits in tendons" in inherited[0] and "a blood test of fats" in inherited[0]
