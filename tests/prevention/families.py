"""A synthetic family as a FHIR bundle, and what tests of families and prevention share."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

from nof1.jobs.records import terms_of
from nof1.knowledge.compiled import knowledge
from nof1.model.pedigree import Illness, Member, Pedigree, Person
from nof1.model.record import Record
from nof1.record.facts import read_resources
from nof1.risk.asked import Asked
from nof1.risk.family_rules import RuleResult, judge_rules
from nof1.risk.family_tree import family_tree

TODAY = date(2026, 11, 26)
ROLE = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
SNOMED = "http://snomed.info/sct"
Obj = dict[str, Any]


def relative(code: str, sex: str = "", *conditions: tuple[str, float | None], status: str = "completed", **more: Any) -> Obj:
    """A FamilyMemberHistory; a condition is a SNOMED CT code and the age at which it began."""
    made: Obj = {
        "resourceType": "FamilyMemberHistory",
        "id": more.pop("id", code.lower()),
        "status": status,
        "patient": {"reference": "Patient/1"},
        "relationship": {"coding": [{"system": ROLE, "code": code}]},
        "condition": [
            {"code": {"coding": [{"system": SNOMED, "code": one, "display": f"code {one}"}]}}
            | (
                {}
                if age is None
                else {"onsetAge": {"value": age, "unit": "a", "system": "http://unitsofmeasure.org", "code": "a"}}
            )
            for one, age in conditions
        ],
    }
    if sex:
        made["sex"] = {"coding": [{"system": "http://hl7.org/fhir/administrative-gender", "code": sex}]}
    return made | more


BREAST, OVARY, BOWEL = "254837009", "363443007", "363406005"
DEMO: list[Obj] = [
    {"resourceType": "Patient", "id": "1", "gender": "female", "birthDate": "1983-05-14"},
    relative("MTH", "female", (BREAST, 44), ageAge={"value": 70, "code": "a", "unit": "a"}),
    relative("FTH", "male", ageAge={"value": 72, "code": "a", "unit": "a"}),
    relative("MGRMTH", "female", deceasedAge={"value": 81, "code": "a", "unit": "a"}),
    relative("MGRFTH", "male", (BOWEL, 68), deceasedAge={"value": 71, "code": "a", "unit": "a"}),
    relative("PGRMTH", "female", deceasedBoolean=True),
    relative("PGRFTH", "male", deceasedBoolean=True),
    relative("MAUNT", "female", (OVARY, 52), deceasedAge={"value": 55, "code": "a", "unit": "a"}),
    relative("BRO", "male"),
    relative("DAU", "female", ageAge={"value": 12, "code": "a", "unit": "a"}),
    {
        "resourceType": "Procedure",
        "id": "p1",
        "status": "completed",
        "code": {"coding": [{"system": SNOMED, "code": "71651007", "display": "Mammography"}]},
        "subject": {"reference": "Patient/1"},
        "performedDateTime": "2025-09-30",
    },
    {
        "resourceType": "Condition",
        "id": "c1",
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"text": "Migraine"},
        "subject": {"reference": "Patient/1"},
    },
]


def record_of(resources: list[Obj]) -> Record:
    return read_resources(resources, terms_of(knowledge()), today=TODAY)


def titles() -> dict[str, str]:
    care = knowledge().care
    return {one.id: one.title for one in (*care.conditions.values(), *care.measurements.values())}


def judged(
    members: list[Member],
    sex: str = "female",
    age: float = 45,
    illnesses: tuple[Illness, ...] = (),
    is_said_empty: bool = False,
    findings: frozenset[str] = frozenset(),
    codes: dict[str, str] | None = None,
    **values: float,
) -> dict[str, RuleResult]:
    """Every rule for a person with these relatives; states that are not named are known not to hold."""
    me = Person("this person", sex=sex, age=age, illnesses=illnesses)
    held = dict.fromkeys(knowledge().care.conditions, 0.0) | {
        "age": age,
        "female": float(sex == "female"),
        "male": float(sex == "male"),
        **{term: 1.0 for item in illnesses for term in item.terms},
        **values,
    }
    asked = Asked({name: value for name, value in held.items() if value >= 0}, titles(), findings, codes)
    pedigree = family_tree(members, me, is_said_empty)
    return {one.rule.id: one for one in judge_rules(knowledge().prevention.rules.values(), pedigree, asked)}


def ill(term: str, onset: float | None = None) -> Illness:
    return Illness((term,), term.replace("_", " "), None if onset is None else (onset, onset))


def member(code: str, *illnesses: Illness, sex: str = "", told: str = "whole", name: str = "") -> Member:
    from nof1.model.relations import RELATIONSHIPS

    row = RELATIONSHIPS[code]
    return Member(f"{code} {name}", row.words, code, name, sex or row.sex, None, None, illnesses, told)


def well(*without: str) -> list[Member]:
    """Parents and grandparents of whom everything is known, and who have nothing; without those named."""
    return [member(code) for code in ("MTH", "FTH", "MGRMTH", "MGRFTH", "PGRMTH", "PGRFTH") if code not in without]


def drawn_at_random(seed: int) -> Pedigree:
    """An ordinary family: two pairs of grandparents, aunts, uncles and cousins, brothers, sisters, children, grandchildren."""
    rng = random.Random(seed)
    persons: dict[str, Person] = {}

    def add(name: str, father: str = "", mother: str = "", sex: str = "") -> str:
        persons[name] = Person(name, sex=sex or rng.choice(["male", "female"]), father=father, mother=mother)
        return name

    def children(start: str, father: str, mother: str, count: int, deeper: int) -> None:
        for number in range(count):
            child = add(f"{start}{number}", father, mother)
            if deeper and rng.random() < 0.5:
                other = add(f"{child}x", sex="female" if persons[child].sex == "male" else "male")
                pair = (child, other) if persons[child].sex == "male" else (other, child)
                children(f"{child}-", *pair, rng.randint(1, 3), deeper - 1)

    ff, fm, mf, mm = add("ff", sex="male"), add("fm", sex="female"), add("mf", sex="male"), add("mm", sex="female")
    father, mother = add("f", ff, fm, "male"), add("m", mf, mm, "female")
    children("p", ff, fm, rng.randint(0, 3), 1)
    children("q", mf, mm, rng.randint(0, 3), 1)
    children("s", father, mother, rng.randint(0, 3), 1)
    me = add("me", father, mother)
    if rng.random() < 0.6:
        partner = add("partner", sex="female" if persons[me].sex == "male" else "male")
        pair = (me, partner) if persons[me].sex == "male" else (partner, me)
        children("c", *pair, rng.randint(1, 3), 1)
    if rng.random() < 0.3 and persons["me"].sex == "male":
        second = add("second", sex="female")
        children("d", me, second, rng.randint(1, 2), 0)
    return Pedigree("me", persons)
