"""Relatives of a FHIR record: who they are, their illnesses and ages, and how they are linked into a pedigree."""

from __future__ import annotations

from datetime import date

import pytest
from families import BREAST, DEMO, TODAY, member, record_of, relative

from nof1.model.pedigree import Member, Person
from nof1.risk.family_tree import family_tree
from nof1.risk.kinship import kin, relation
from nof1.risk.own import own_codes, own_person

PATIENT = DEMO[0]


def one(**more: object) -> Member:
    return record_of([PATIENT, relative("MTH", "", (BREAST, None)) | more]).family[0]


def test_the_demo_family_is_read() -> None:
    record = record_of(DEMO)
    assert [row.relation for row in record.family][:3] == ["mother", "father", "maternal grandmother"]
    mother = record.family[0]
    assert (mother.sex, mother.age, mother.told) == ("female", 70, "whole")
    assert (mother.illnesses[0].terms, mother.illnesses[0].onset) == (("breast_cancer",), (44, 44))
    assert (record.family[2].is_dead, record.family[2].age) == (True, 81)
    assert [(item.state, item.when, item.kind) for item in record.done] == [("done", date(2025, 9, 30), "Procedure")]


@pytest.mark.parametrize(
    ("onset", "years"),
    [
        ({"onsetAge": {"value": 18, "code": "mo"}}, (1.5, 1.5)),
        ({"onsetAge": {"value": 40, "unit": "years"}}, (40, 40)),
        ({"onsetRange": {"low": {"value": 40, "code": "a"}, "high": {"value": 49, "code": "a"}}}, (40, 49)),
        ({"onsetString": "in her 40s"}, (40, 49.99)),
        ({"onsetString": "age 45"}, (45, 45)),
        ({"onsetString": "young"}, None),
        ({"onsetPeriod": {"start": "1990-06-01"}}, (40, 40)),
        ({"onsetAge": {"value": -3, "code": "a"}}, None),
        ({}, None),
    ],
)
def test_ages_of_onset(onset: dict[str, object], years: tuple[float, float] | None) -> None:
    condition = [{"code": {"coding": [{"system": "http://snomed.info/sct", "code": BREAST}]}} | onset]
    assert one(condition=condition, bornDate="1950-01-01").illnesses[0].onset == years


def test_death_status_and_sex() -> None:
    assert one(deceasedBoolean=False).is_dead is False
    assert one(deceasedDate="2000-01-01", bornDate="1950-01-02").age == 49
    assert one(status="health-unknown").illnesses == ()
    assert one(status="health-unknown").told == "nothing"
    assert one(status="partial").told == "partly"
    assert one().sex == "female"
    assert record_of([PATIENT, relative("MTH", status="entered-in-error")]).family == ()


def test_a_relationship_without_blood_is_told_and_not_counted() -> None:
    record = record_of([PATIENT, relative("STPMTH", "female", (BREAST, 30))])
    assert any(item.kind == "relationship_unknown" for item in record.left_out)
    pedigree = family_tree(record.family, own_person(record, TODAY))
    assert not any(found.is_by_blood for found in kin(pedigree).values())


def test_relationship_in_words() -> None:
    made = relative("MTH") | {"relationship": {"text": "Paternal Aunt"}}
    assert record_of([PATIENT, made]).family[0].code == "PAUNT"


@pytest.mark.parametrize(
    ("code", "degrees", "sides"),
    [
        ("MTH", (1,), {"maternal"}),
        ("BRO", (1,), {"maternal", "paternal"}),
        ("DAU", (1,), {"maternal", "paternal"}),
        ("ITWINSIS", (1,), {"maternal", "paternal"}),
        ("PGRFTH", (2,), {"paternal"}),
        ("MAUNT", (2,), {"maternal"}),
        ("NIECE", (2,), {"maternal", "paternal"}),
        ("GRNDSON", (2,), {"maternal", "paternal"}),
        ("PCOUSN", (3,), {"paternal"}),
        ("GRMTH", (2,), None),
        ("HSIS", (2,), None),
        ("MGGRMTH", (3,), {"maternal"}),
        ("HUSB", (), set()),
    ],
)
def test_degree_and_side(code: str, degrees: tuple[int, ...], sides: set[str] | None) -> None:
    pedigree = family_tree([member(code)], Person("this person", sex="female"))
    name = next(name for name, row in pedigree.persons.items() if row.relation == member(code).relation)
    found = kin(pedigree)[name]
    assert found.degrees == degrees
    assert found.sides == (None if sides is None else frozenset(sides))


def test_entries_of_one_mother_are_brought_together() -> None:
    record = record_of([PATIENT, relative("MTH", "", (BREAST, 44), id="a"), relative("MTH", "", ("363443007", 50), id="b")])
    pedigree = family_tree(record.family, own_person(record, TODAY))
    mother = pedigree.persons[pedigree.persons[pedigree.proband].mother]
    assert [set(item.terms) - {"cancer"} for item in mother.illnesses] == [{"breast_cancer"}, {"ovarian_cancer"}]


def parent_link(role: str, of: str) -> dict[str, object]:
    url = "http://hl7.org/fhir/StructureDefinition/family-member-history-genetics-parent"
    kind = {"url": "type", "valueCodeableConcept": {"coding": [{"code": role}]}}
    there = {"url": "reference", "valueReference": {"reference": f"FamilyMemberHistory/{of}"}}
    return {"extension": [{"url": url, "extension": [kind, there]}]}


def test_links_between_relatives_are_followed() -> None:
    record = record_of([PATIENT, relative("MAUNT"), relative("MCOUSN") | parent_link("NMTH", "maunt")])
    pedigree = family_tree(record.family, own_person(record, TODAY))
    assert pedigree.persons["maternal cousin"].mother == "maternal aunt"
    assert not any(name.startswith("a brother or sister") for name in pedigree.persons)
    assert pedigree.notes == ()


def test_a_link_that_makes_a_circle_is_told_and_not_used() -> None:
    record = record_of(
        [
            PATIENT,
            relative("MTH", "female") | parent_link("NMTH", "dau"),
            relative("DAU", "female") | parent_link("NMTH", "mth"),
        ]
    )
    pedigree = family_tree(record.family, own_person(record, TODAY))
    assert any("own ancestor" in note for note in pedigree.notes)


def test_declined_and_planned() -> None:
    base = {
        "subject": {"reference": "Patient/1"},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "73761001"}]},
    }
    declined = {
        "resourceType": "Procedure",
        "id": "d",
        "status": "not-done",
        "statusReason": {"text": "Patient declined"},
        **base,
    }
    order = {
        "resourceType": "ServiceRequest",
        "id": "o",
        "status": "active",
        "intent": "order",
        "occurrenceDateTime": "2027-01-15",
        **base,
    }
    other = {
        "resourceType": "Procedure",
        "id": "x",
        "status": "completed",
        "subject": base["subject"],
        "code": {"text": "Suture"},
    }
    assert [(row.state, row.when) for row in record_of([PATIENT, declined, order, other]).done] == [
        ("declined", None),
        ("planned", date(2027, 1, 15)),
    ]


def test_own_illnesses_and_codes() -> None:
    own = {
        "resourceType": "Condition",
        "id": "c",
        "code": {
            "coding": [
                {
                    "system": "http://hl7.org/fhir/sid/icd-10-cm",
                    "code": "Z80.3",
                    "display": "Family history of breast cancer",
                }
            ]
        },
        "subject": {"reference": "Patient/1"},
    }
    record = record_of([PATIENT, own])
    assert "icd10|Z80.3" in own_codes(record)
    assert own_person(record, TODAY).age == 43


def test_words_of_relations_by_links() -> None:
    persons = {
        "me": Person("me", father="f", mother="m"),
        "f": Person("f", sex="male", father="pf", mother="pm"),
        "m": Person("m", sex="female"),
        "pf": Person("pf", sex="male"),
        "pm": Person("pm", sex="female"),
        "u": Person("u", sex="male", father="pf", mother="pm"),
        "c": Person("c", father="u"),
        "h": Person("h", sex="female", father="f"),
    }
    from nof1.model.pedigree import Pedigree

    words = {name: relation(Pedigree("me", persons), name) for name in persons}
    assert words == {
        "me": "",
        "f": "father",
        "m": "mother",
        "pf": "paternal grandfather",
        "pm": "paternal grandmother",
        "u": "paternal uncle",
        "c": "paternal cousin",
        "h": "half-sister",
    }


def notes_of(*resources: dict[str, object]) -> list[tuple[str, str]]:
    return [(left.kind, left.value) for left in record_of([PATIENT, *resources]).left_out]


@pytest.mark.parametrize(
    ("more", "is_kept"),
    [
        ({"ageAge": {"value": 45, "code": "a"}}, True),
        ({"ageAge": {"value": 40, "code": "a"}}, False),
        ({"deceasedAge": {"value": 40, "code": "a"}}, False),
        ({"deceasedRange": {"low": {"value": 40, "code": "a"}, "high": {"value": 50, "code": "a"}}}, True),
        ({"deceasedRange": {"low": {"value": 30, "code": "a"}, "high": {"value": 40, "code": "a"}}}, False),
        ({"ageString": "in her 40s"}, True),
        ({"bornDate": "1990-01-01"}, False),
    ],
)
def test_an_illness_after_death_or_after_today_has_no_age(more: dict[str, object], is_kept: bool) -> None:
    told = relative("MTH", "", (BREAST, 45.0)) | more
    (illness,) = record_of([PATIENT, told]).family[0].illnesses
    assert illness.onset == ((45.0, 45.0) if is_kept else None)
    assert [kind for kind, _ in notes_of(told)].count("age_contradiction") == (not is_kept)


def test_a_death_that_has_not_come_yet_has_no_age() -> None:
    told = relative("MTH", "") | {"bornDate": "1940-01-01", "deceasedDate": "2040-01-01"}
    mother = record_of([PATIENT, told]).family[0]
    assert (mother.is_dead, mother.age) == (True, None)
    assert "date_future" in [kind for kind, _ in notes_of(told)]


def test_a_mother_recorded_as_male_has_no_sex() -> None:
    told = relative("MTH", "male")
    assert record_of([PATIENT, told]).family[0].sex == ""
    assert ("sex_contradiction", "mother, male") in notes_of(told)


def test_parents_who_are_not_older_than_their_child_are_told() -> None:
    record = record_of([PATIENT, relative("MTH", "") | {"ageAge": {"value": 20, "code": "a"}}])
    me = own_person(record, TODAY)
    tree = family_tree(record.family, me)
    assert tree.notes == (
        f"mother and the person, parent and child, are 20 years and {me.age:g} years old; correct one of the ages",
    )


def test_a_line_of_very_many_generations_is_told_and_not_linked() -> None:
    url = "http://hl7.org/fhir/StructureDefinition/family-member-history-genetics-parent"
    lines = []
    for number in range(200):
        parts = [
            {"url": "type", "valueCodeableConcept": {"coding": [{"code": "MTH"}]}},
            {"url": "reference", "valueReference": {"reference": f"FamilyMemberHistory/x{number + 1}"}},
        ]
        link = [{"url": url, "extension": parts}] if number < 199 else []
        lines.append(relative("FAMMEMB", "female") | {"id": f"x{number}", "name": f"N{number}", "extension": link})
    record = record_of([PATIENT, *lines])
    tree = family_tree(record.family, own_person(record, TODAY))
    assert any("generations, more than 60 that are drawn" in note for note in tree.notes)
